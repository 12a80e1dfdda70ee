# Как работают шлюзы, компьютеры за ними и команды шлюзам.
gateways-count-silent = { $count ->
    [one] { $count } молчит
   *[other] { $count } молчат
}
gateways-silent = молчит { $age }
gateways-not-heard = ещё не на связи
gateways-oldest = самая старая:
gateways-clock = часы
gateways-never = никогда
gateways-of = { $part } из { $all }
gateways-signs = Состояние
gateways-day-ago = 24 часа назад

gateways-sign-contact = Последняя связь
gateways-contact-now = Соединение есть, состояние сообщается каждые { $secs } с.
gateways-contact-between = Соединение только что оборвалось. Если оно не вернётся за минуту, шлюз считается молчащим.
gateways-contact-silent = Молчит { $age }. Проверьте питание и сеть устройства. Что мешает связи с этим сервером, написано на его собственной странице, порт 4100 в филиале.
gateways-contact-never = Подключение было, но на связь устройство ещё не выходило. Проверьте, запущен ли на нём Nazorat.
gateways-contact-kept-out = Устройство не допускается, поэтому о нём ничего не слышно.
gateways-contact-gaps = За последние 24 часа молчание длилось { $age }.

gateways-sign-buffer = Буфер
gateways-buffer-unknown = Сколько на нём ждёт отправки, ещё не известно.
gateways-buffer-empty = Очередь пуста
gateways-buffer-waiting = { $count ->
    [one] Ждёт { $count } пакет
    [few] Ждут { $count } пакета
   *[many] Ждут { $count } пакетов
}
gateways-buffer-oldest = Самому старому { $age }.
gateways-buffer-used = Занято { $used } из { $room }.
gateways-buffer-high = Буфер почти полон. Проверьте связь филиала или увеличьте буфер.
gateways-buffer-refusing = Буфер полон, компьютеры пока хранят события у себя. Проверьте связь филиала.
gateways-buffer-evicted = { $count ->
    [one] Не хватило места: потерян { $count } пакет.
    [few] Не хватило места: потеряно { $count } пакета.
   *[many] Не хватило места: потеряно { $count } пакетов.
}
gateways-buffer-then = Так было в { $time }.

gateways-sign-clock = Часы
gateways-clock-unknown = Своё время шлюз ещё не сообщал.
gateways-clock-right = Верны
gateways-clock-ahead = Спешат на { $age }
gateways-clock-behind = Отстают на { $age }
gateways-clock-fine = Разница до 2 минут не мешает.
gateways-clock-wrong = На столько же неверно время его событий. Включите на устройстве автоматическую установку времени.

gateways-course = За прошедшее время
gateways-range = Период
gateways-range-day = Сутки
gateways-range-month = Месяц
gateways-chart-buffer-note-day = пакеты, ждавшие отправки, каждые 5 минут
gateways-chart-buffer-note-month = пакеты, ждавшие отправки, каждые 2 часа
gateways-chart-agents-note-day = на связи, каждые 5 минут
gateways-chart-agents-note-month = на связи, каждые 2 часа
gateways-chart-buffer-none = За это время ничего не ждало отправки.
gateways-chart-buffer-most = Больше всего ждало отправки: { $count }, { $time }.
gateways-chart-agents-most = Больше всего компьютеров на связи одновременно: { $count }.
gateways-chart-empty = Показывать пока нечего
gateways-chart-empty-text = Шлюз сообщает о себе раз в минуту. Первые значения появятся через минуту после первой связи.
gateways-band = молчание
gateways-band-since = Молчит с { $from }
gateways-band-from-to = Молчание с { $from } до { $to }
gateways-table = В виде таблицы
gateways-table-title = { $name } за прошедшее время
gateways-table-hour = С
gateways-table-waiting = Ждало не больше
gateways-table-agents = Компьютеров на связи
gateways-table-disk = Свободно на диске
gateways-table-silent = Молчание
gateways-table-note = Каждая строка показывает момент, когда буфер был полнее всего.

gateways-now = Сейчас
gateways-numbers-empty = Ещё не известно
gateways-numbers-empty-text = Цифры появятся, как только устройство сообщит о себе.
gateways-fact-waiting = Пакетов ждёт
gateways-fact-oldest = Самому старому
gateways-fact-used = Занято в буфере
gateways-fact-evicted = Потеряно, не было места
gateways-fact-given-up = Не приняты сервером
gateways-fact-version = Версия
gateways-fact-running = Работает
gateways-fact-cpu = Процессор
gateways-fact-memory = Память
gateways-fact-disk = Свободно на диске

gateways-agents = Компьютеры
gateways-agents-title = Компьютеры за шлюзом { $name }
gateways-agents-note = на связи { $online } из { $all }
gateways-agents-short = { $online } из { $all }
gateways-agents-empty = Этому шлюзу пока не отправляет ни один компьютер
gateways-agents-empty-text = Установите агент на компьютеры филиала и укажите ему код подключения, который печатает устройство. Компьютеры появятся здесь сами.
gateways-agent-computer = Компьютер
gateways-agent-now = Сейчас
gateways-agent-event = Последнее событие
gateways-agent-on = на связи
gateways-agent-off = не на связи

gateways-commands = Команды
gateways-commands-title = Команды шлюзу { $name }
gateways-commands-all = Все команды
gateways-commands-older = Показать более старые
gateways-commands-empty = Этот шлюз ещё ни о чём не просили
gateways-commands-empty-text = Здесь будут команды и то, чем они закончились.
gateways-command-what = Команда
gateways-command-sent = Время
gateways-command-by = Кто
gateways-command-result = Итог
gateways-command-cancel = Отменить
gateways-command-again = Отправить снова
gateways-command-meta = { $name } · { $by }, { $time }
gateways-command-since = В этом состоянии с
gateways-command-until = Отпадёт после
gateways-command-tries = Отправлена, раз
gateways-command-cells = Четыре деления: ждёт, отправлена, получена, выполнена.
gateways-command-detail = Ответ устройства:
gateways-command-log = Что прислано
gateways-command-log-note = последние строки журнала, без адресов
gateways-command-log-empty = В журнале нет строк.
gateways-command-raw = Всё целиком, для поддержки
gateways-result-others = Присланное видят администраторы.

gateways-order-ping = Проверить связь
gateways-order-collect-diagnostics = Собрать диагностику
gateways-order-set-log-level = Изменить подробность журнала
gateways-order-restart-agent = Перезапустить шлюз
gateways-order-apply-config = Изменить настройки
gateways-order-apply-policies = Применить политики
gateways-order-apply-devices = Обслуживать устройства по новым настройкам
gateways-order-device = Обратиться к устройству
gateways-order-find-devices = Искать терминалы
gateways-order-log-level = Журнал: { $level }, на { $length }
gateways-order-of-agent = { $name }, компьютер { $number }
gateways-level-error = только сбои
gateways-level-warn = сбои и необычное
gateways-level-info = как обычно
gateways-level-debug = подробно
gateways-level-trace = всё
gateways-command-pending = ждёт шлюз
gateways-state-sent = отправлена, не подтверждена
gateways-command-acked = получена, выполняется
gateways-command-succeeded = выполнена, { $took }
gateways-command-succeeded-at-once = выполнена сразу
gateways-command-failed = не выполнена: { $reason }
gateways-command-expired = слишком поздно, ничего не сделано
gateways-command-cancelled = отменена, ничего не сделано
gateways-why-not-acked = шлюз не подтвердил получение
gateways-why-no-result = шлюз подтвердил получение, но не сообщил итог
gateways-why-agent-not-reachable = отдельный компьютер через этот шлюз недоступен
gateways-why-interrupted = в это время шлюз перезапустился
gateways-why-unknown-command = его версия не знает такой команды
gateways-why-bad-payload = его версия не принимает такие значения
gateways-why-not-kept = не удалось записать на диск
gateways-why-not-set = не удалось изменить подробность журнала

gateways-log-level = Сколько писать в журнал
gateways-log-level-open = Подробность журнала…
gateways-log-level-title = Журнал шлюза { $name }
gateways-log-level-meta = Чтобы разобраться в проблеме. Подробный журнал занимает диск, поэтому потом всё вернётся само.
gateways-log-level-for = На сколько
gateways-log-level-hint = После этого, а также после перезапуска, будет как раньше.
gateways-log-level-do = Изменить
gateways-restart-open = Перезапустить…
gateways-restart-title = Перезапустить { $name }?
gateways-restart-text = Программа завершится, и служба запустит её снова, обычно за несколько секунд. Если её запускали вручную, она останется выключенной.
gateways-restart-next = Ничего не пропадёт: компьютеры филиала пока хранят события у себя.
gateways-restart-do = Перезапустить шлюз

done-command-sent = Отправлено: { $name }
done-command-cancelled = Отменено: { $name }
error-command-over = Команда уже в пути или закончилась, отменить её нельзя.
error-too-many-commands = Слишком много команд этому шлюзу ещё в пути. Подождите, пока часть из них закончится.
