# Шлюзы филиалов.
gateways-count-active = { $count ->
    [one] { $count } работает
   *[other] { $count } работают
}
gateways-count-invited = { $count ->
    [one] { $count } ждёт своё устройство
   *[other] { $count } ждут свои устройства
}
gateways-count-suspended = { $count ->
    [one] { $count } приостановлен
   *[other] { $count } приостановлено
}
gateways-add = Добавить шлюз
gateways-empty-title = Шлюзов пока нет
gateways-empty-text = Шлюз — небольшое устройство в филиале. Он собирает данные его компьютеров, хранит всё, пока нет связи с этим сервером, и сам отправляет дальше.
gateways-empty-read = Добавить его может администратор.
gateways-empty-step-1 = Добавьте шлюз здесь. Вы получите токен, он показывается один раз.
gateways-empty-step-2 = Запустите Nazorat на устройстве в филиале с этим токеном. Других настроек не нужно.
gateways-empty-step-3 = Шлюз появится здесь, как только подключится. С этого момента компьютеры филиала отправляют данные ему.
gateways-joined = Подключён
gateways-certificate-until = Сертификат до
gateways-left = осталось:
gateways-left-to = осталось, до
gateways-over = больше не действует
gateways-not-renewed = не обновлён
gateways-state-invited = ждёт устройство
gateways-state-missed = токен устарел
gateways-state-active = работает
gateways-state-over = сертификат истёк
gateways-state-suspended = приостановлен
gateways-state-revoked = отозван
gateways-text-invited = Токен действует до { $time }. Когда устройство подключится, эта страница покажет это сама.
gateways-text-missed = Токен действовал до { $time }, никто не подключился. Создайте новый.
gateways-text-active = Устройство допущено. Всё, что ему присылают компьютеры филиала, приходит сюда.
gateways-text-over = Сертификат действовал до { $time } и не был обновлён вовремя, поэтому устройство больше не допускается. Собранное ждёт на нём. Замените устройство им же самим: оно подключится заново с новым токеном.
gateways-text-suspended = Устройство не допускается. Всё, что присылают компьютеры филиала, ждёт на нём и придёт, когда шлюз вернётся в работу.
gateways-text-revoked = Его сертификат и ключ больше ничего не стоят. Отправленное остаётся здесь.
gateways-replacing = Токен для другого устройства действует до { $time }. Это устройство работает, пока не подключится новое.
gateways-meta-none = Устройство ещё не подключено
gateways-meta-on = Шлюз на { $host } · версия { $version }
gateways-added = Добавлен
gateways-host = Устройство
gateways-id = Идентификатор
gateways-token-until = Токен до
gateways-rename = Переименовать
gateways-rename-title = Переименовать { $name }
gateways-name-hint = Для вас, например место филиала: «Чиланзар».

gateways-certificate = Сертификат
gateways-certificate-none = Устройство получит сертификат при подключении и дальше обновляет его само.
gateways-renews = обновится
gateways-certificate-fine = Обновится сам, начиная с { $renews }. Если не получится, это будет видно здесь.
gateways-certificate-late = Обновление ожидалось { $renews }. Устройство выключено или не видит этот сервер: посмотрите его собственную страницу на порту 4100. После { $to } оно больше не допускается.
gateways-certificate-over = Действовал до { $to }. Обновить его уже нельзя; устройство подключается заново с новым токеном.
gateways-certificate-suspended = Пока шлюз приостановлен, сертификат не обновляется. Верните шлюз в работу до { $to }.

gateways-actions = Что можно сделать
gateways-do-again = Новый токен…
gateways-do-again-title = Создать новый токен
gateways-do-again-text = Если первый потерян или устарел. Прежний перестанет действовать.
gateways-do-withdraw = Отменить…
gateways-do-withdraw-title = Отменить приглашение
gateways-do-withdraw-text = Токен перестанет действовать, шлюз исчезнет из списка.
gateways-do-replace = Заменить…
gateways-do-replace-title = Поставить другое устройство
gateways-do-replace-text = Если устройство сломано, устарело или потеряло диск. Нынешнее работает, пока не подключится новое.
gateways-do-suspend = Приостановить…
gateways-do-suspend-title = Не допускать какое-то время
gateways-do-suspend-text = Ничего не пропадёт: события ждут на устройстве. Вернуть в работу можно одним нажатием.
gateways-do-resume = Вернуть в работу
gateways-do-resume-title = Снова допускать
gateways-do-resume-text = Накопленное придёт примерно за минуту.
gateways-do-revoke = Отозвать…
gateways-do-revoke-title = Не допускать больше никогда
gateways-do-revoke-text = Если устройство украдено или отдано. Что оно ещё не отправило, останется на нём.
gateways-do-after-revoke = Новый токен…
gateways-do-after-revoke-title = Снова подключить устройство
gateways-do-after-revoke-text = С новым токеном это место займёт другое устройство или то же самое. Прежний ключ не оживёт.
gateways-do-remove = Удалить…
gateways-do-remove-title = Удалить из списка
gateways-do-remove-text = Отправленное останется.

gateways-add-meta = Вы получите токен, с которым подключится устройство филиала. Одно устройство, один раз.
gateways-server = Адрес этого сервера
gateways-server-hint = Как его видит устройство в филиале, с https и портом. Адрес войдёт в токен.
gateways-server-short = Адрес
gateways-wait = Токен действует
gateways-wait-hint = Чем короче, тем лучше: кто получит токен, тот подключится как этот шлюз.
gateways-wait-hour = 1 час
gateways-wait-day = 1 день
gateways-wait-week = 7 дней
gateways-make-token = Создать токен
gateways-again-title = Новый токен: { $name }
gateways-again-text = Прежний токен сразу перестанет действовать.
gateways-again-text-next = Новый будет показан один раз, на следующей странице.
gateways-replace-title = Другое устройство: { $name }
gateways-replace-text = Нынешнее устройство работает, пока не подключится новое; после этого оно больше не допускается. Что к тому времени не отправлено, останется на нём, поэтому, если оно ещё работает, дайте ему всё отправить.
gateways-replace-text-next = Компьютеры филиала подключаются к новому устройству по его собственному коду.
gateways-after-revoke-title = Снова подключить устройство: { $name }
gateways-after-revoke-text = Кто получит новый токен, тот займёт место отозванного устройства.
gateways-after-revoke-text-next = Прежние сертификат и ключ не оживут, даже на том же устройстве.

gateways-token = Токен
gateways-token-meta = Для одного устройства, действует до { $time }
gateways-next = На устройстве в филиале
gateways-next-install = Установите Nazorat. Это та же программа; настраивать ничего не нужно.
gateways-next-run = Выполните эту команду от имени пользователя службы:
gateways-copy-command = Скопировать команду
gateways-next-joins = Устройство найдёт этот сервер, узнает его по отпечатку в токене, получит сертификат и продолжит работу как шлюз. Эта страница покажет это сама.
gateways-next-agents = Компьютеры филиала подключаются к устройству по коду, который оно печатает как «join code», и отправляют на порт 4100.
gateways-next-lost = Токен потерян? Создайте новый на странице шлюза.
gateways-carry = Через телефон
gateways-carry-text = Отсканируйте и вставьте текст на устройстве.
gateways-qr = QR-код токена
gateways-fingerprint = SHA-256, по которому устройство узнаёт этот сервер:
gateways-joining-waits = Ждём устройство.
gateways-joining-waits-text = Когда оно подключится, эта страница покажет это сама.
gateways-joining-done = Устройство подключено.
gateways-joining-done-text = { $host }, { $time }.
gateways-joining-missed = Токен устарел.
gateways-joining-missed-text = Он действовал до { $time }. Создайте новый на странице шлюза.
gateways-joining-other = Этот токен больше ничего не стоит.
gateways-joining-other-text = Есть более новый, или шлюз отозван.
gateways-joining-open = Открыть шлюз

gateways-suspend-title = Приостановить { $name }?
gateways-suspend-text = Устройство сразу перестанет допускаться. Всё, что присылают компьютеры филиала, ждёт на нём, пока хватает места.
gateways-suspend-next = Пока шлюз приостановлен, его сертификат не обновляется. Вернуть в работу можно в любой момент.
gateways-suspend-do = Приостановить шлюз
gateways-revoke-title = Отозвать { $name }?
gateways-revoke-text = Его сертификат и ключ сразу и навсегда перестанут действовать. Что он ещё не отправил, останется на устройстве и сюда не придёт.
gateways-revoke-next = Отправленное останется здесь. Чтобы на это место снова подключилось устройство, создайте новый токен.
gateways-revoke-token = Токен, который ждёт другое устройство, тоже перестанет действовать.
gateways-revoke-do = Отозвать шлюз
gateways-remove-title = Удалить { $name } из списка?
gateways-remove-text = Название освободится. Отправленное шлюзом останется.
gateways-remove-next = Вернуть нельзя.
gateways-remove-do = Удалить шлюз
gateways-withdraw-title = Отменить приглашение: { $name }?
gateways-withdraw-text = Токен сразу перестанет действовать, шлюз исчезнет из списка.
gateways-withdraw-next = Никто с ним не подключился, больше ничего не изменится.
gateways-withdraw-do = Отменить приглашение

gateways-certificates = Чем подтверждает себя устройство
gateways-without-off = Каждое устройство показывает сертификат
gateways-without-off-text = Кроме него проверяются ключ и подпись каждого запроса. Сертификаты не доходят, только если TLS завершается до этого сервера, например на обратном прокси.
gateways-without-ask = Разрешить без него…
gateways-without-on = Устройства допускаются без сертификата
gateways-without-on-text = Проверяются только ключ и подпись. Оставляйте так, только пока TLS завершается до этого сервера.
gateways-with-do = Требовать сертификат
gateways-without-title = Допускать шлюзы организации { $name } без сертификата?
gateways-without-text = Только для сетей, где TLS завершает обратный прокси или межсетевой экран, и сертификаты сюда не доходят.
gateways-without-danger = Кто проникнет в такой прокси, сможет по пути прочитать данные филиалов. Из трёх доказательств останутся два: ключ и подпись каждого запроса.
gateways-without-back = Действует сразу для всех шлюзов организации; отменить можно в любой момент.
gateways-without-do = Допускать без сертификата

done-gateway-suspended = Приостановлен: { $name }
done-gateway-resumed = Снова в работе: { $name }
done-gateways-without = Шлюзы допускаются без сертификата: { $name }
done-gateways-with = Шлюзы должны показывать сертификат: { $name }

error-gateway-name-taken = Такое название уже есть у другого шлюза.
error-too-many-gateways = Шлюзов слишком много. Сначала удалите отозванные.
error-gateway-wrong-state = Состояние шлюза уже другое, поэтому это невозможно. Откройте его страницу снова.
error-invalid-address = Нужны https, имя или адрес и порт: https://nazorat.example.com:8443

audit-group-gateway = Шлюзы
audit-gateway-invite = Добавление шлюза, создание токена
audit-gateway-enroll = Подключение устройства как шлюза
audit-gateway-renew = Обновление сертификата шлюза
audit-gateway-rename = Переименование шлюза
audit-gateway-replace = Токен для другого устройства шлюза
audit-gateway-suspend = Приостановка шлюза
audit-gateway-resume = Возврат шлюза в работу
audit-gateway-revoke = Отзыв шлюза
audit-gateway-remove = Удаление шлюза
audit-gateway-import = Принят накопленный буфер шлюза, доставленный вручную
audit-gateway-without-certificate = Решение о шлюзах без сертификата
audit-gateway-refused = Шлюз не допущен
audit-fact-gateway = шлюз
audit-fact-host = устройство
audit-fact-until = до
audit-fact-allowed = разрешено
audit-fact-code = почему
refusal-unknown-key = ключ неизвестен
refusal-old-key = ключ заменён более новым
refusal-gateway-revoked = шлюз отозван
refusal-gateway-suspended = шлюз приостановлен
refusal-certificate-required = сертификат не предъявлен
refusal-other-certificate = предъявлен сертификат другого устройства
refusal-signature-required = запрос не подписан
refusal-bad-signature = подпись не подходит к запросу
refusal-stale-signature = подпись слишком старая, или неверны часы
refusal-replayed-signature = подпись уже использована
refusal-foreign-certificate = сертификат выдан не этим сервером
refusal-unknown-token = токен неизвестен, уже использован или устарел
refusal-too-many-requests = слишком много запросов сразу
