overview-period = Период
overview-who = Кто за компьютером
overview-now = { $count ->
    [one] человек сейчас за компьютером
    [few] человека сейчас за компьютером
   *[other] человек сейчас за компьютером
}
overview-no-input = нет ввода
overview-locked = заблокировано
overview-seen-today = сегодня на связи, компьютер выключен
overview-not-seen = сегодня нет данных
overview-incomplete = Данные за сегодня неполны.
overview-hours = Сегодня по часам
overview-hours-unit = Люди, каждые 15 минут
overview-hours-legend = Компьютеры в работе:
overview-hours-sentence = До { $time } за четверть часа компьютером пользовались не более { $count } человек.
overview-useful = полезное
overview-neutral = нейтральное
overview-distracting = отвлекающее
overview-hours-bar = { $time }: полезное { $useful }, нейтральное { $neutral }, отвлекающее { $distracting }
overview-sums-soon = Суммы за сегодня ещё считаются
overview-sums-soon-text = Они появятся здесь через минуту-две. Кто сейчас за компьютером, уже показано выше.
overview-as-chart = Диаграмма
overview-quarter = С
overview-table-empty = Сегодня компьютерами ещё никто не пользовался
overview-look = Обратите внимание
overview-all-fine = Всё в порядке: события, хранилище и очередь.
overview-rest-fine = Остальное в порядке.
overview-all-departments = Все отделы
overview-departments-caption = Отделы сегодня
overview-department = Отдел
overview-share = Доля
overview-heat = Работа за компьютером, { $from }–{ $to }
overview-heat-most = Больше всего работы с { $from } до { $to }
overview-heat-none = Пока ничего
overview-first-input = Первый ввод
overview-arriving = Поступление данных
overview-arriving-unit = событий в минуту
overview-arriving-waiting = { $count ->
    [one] Данные полны до { $time }. В очереди { $count } пакет.
    [few] Данные полны до { $time }. В очереди { $count } пакета.
   *[other] Данные полны до { $time }. В очереди { $count } пакетов.
}
overview-room = Хранилище
overview-room-used = занято { $used } из { $total }
overview-room-lasts = При таком темпе диск не заполнится.
overview-room-years = При таком темпе места хватит больше чем на два года.
overview-room-months = { $count ->
    [one] При таком темпе заполнится через { $count } месяц.
    [few] При таком темпе заполнится через { $count } месяца.
   *[other] При таком темпе заполнится через { $count } месяцев.
}
overview-room-days = { $count ->
    [one] При таком темпе заполнится через { $count } день.
    [few] При таком темпе заполнится через { $count } дня.
   *[other] При таком темпе заполнится через { $count } дней.
}
overview-letters-today = { $count ->
    [0] сегодня нет
   *[other] сегодня { $count }
}
overview-letters-all = Все
overview-letters-none = Все события за сегодня сохранены.
overview-letters-some = Они хранятся вместе с причиной, их можно вернуть.
look-refusing = Новые события не принимаются
look-refusing-text = Диск или очередь заполнены. Агенты хранят события и отправят их снова.
look-refusing-link = Освободить место
look-set-aside = { $count ->
    [one] Не прочитан { $count } файл данных
    [few] Не прочитаны { $count } файла данных
   *[other] Не прочитаны { $count } файлов данных
}
look-set-aside-text = Он отложен, в отчётах стоит «не менее». Остальное работает.
look-set-aside-link = Какой именно
look-disk = { $count ->
    [0] Диск почти заполнен
    [one] Диск заполнится через { $count } день
    [few] Диск заполнится через { $count } дня
   *[other] Диск заполнится через { $count } дней
}
look-disk-text = Храните события меньше дней или поставьте диск побольше.
look-disk-link = Изменить срок хранения
look-late = События ждут в очереди { $age }
look-late-text = Они в сохранности и появятся после записи.
look-late-link = Открыть хранилище
look-unlinked = { $count ->
    [one] { $count } пользователь компьютера ни с кем не связан
    [few] { $count } пользователя компьютеров ни с кем не связаны
   *[other] { $count } пользователей компьютеров ни с кем не связаны
}
look-unlinked-text = Их часы учитываются после выбора сотрудника.
look-unlinked-link = Выбрать сотрудников
look-letters = { $count ->
    [one] Сегодня отклонено { $count } событие
    [few] Сегодня отклонено { $count } события
   *[other] Сегодня отклонено { $count } событий
}
look-letters-text = Они хранятся вместе с причиной.
look-letters-link = Узнать причину
first-title = Три шага до первых цифр
first-text = Nazorat готов. Эта страница покажет день, как только первый компьютер пришлёт данные.
first-done = Готово
first-open = Не сделано
first-key = Создайте ключ API
first-key-text = С ним агенты и другие программы отправляют события. Создать ключ может только администратор.
first-key-link = Создать ключ
first-computer = Подключите первый компьютер
first-computer-text = Установите агент, укажите ему адрес этого сервера и ключ. Компьютер появится сам.
first-computer-link = Открыть компьютеры
first-people = Добавьте сотрудников
first-people-text = Загрузите список из кадровой системы или добавьте по одному. Затем укажите, чей это компьютер.
first-people-link = Загрузить список
summary-week = { $from } – { $to }
summary-people = { $count ->
    [one] { $count } сотрудник
    [few] { $count } сотрудника
   *[other] { $count } сотрудников
}
summary-previous = Раньше
summary-next = Позже
summary-chart = Время в работе
summary-unit-day = Часы, по дням
summary-unit-week = Часы, по неделям
summary-unit-month = Часы, по месяцам
summary-sentence = Всего в работе { $active }, из них полезного { $share }.
summary-bar = { $name }: в работе { $active }, полезное { $share }
summary-in-use = Компьютеры в работе
summary-in-use-note = из { $observed } наблюдения
summary-per-person = На одного сотрудника
summary-per-person-note = за { $days }
summary-useful-note = { $duration }
summary-no-data-note = ничего не говорит о работе
summary-applications = Приложения
summary-sites = Сайты
summary-nothing = Ничего не записано
summary-empty = За это время событий нет
summary-empty-text = Выберите другой период или посмотрите сегодняшний день.
summary-incomplete = Эти суммы неполны.
summary-as-of = Суммы на { $time }
summary-column-from = С
summary-column-in-use = В работе
summary-back = К отделу
