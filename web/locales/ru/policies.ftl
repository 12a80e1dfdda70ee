nav-policies = Политики
policies-meta = Что и о ком можно собирать. Ближняя политика важнее общей: человек, отдел, организация.
policies-new = Новая политика
policies-new-other = Для отдела или человека
policies-make-organization = Создать политику организации
policies-make-organization-text = Она начинается с бережных настроек и не действует, пока её не опубликуют.
policies-empty-title = Политик пока нет
policies-empty-text = Политика говорит, что и о ком можно собирать: окна, сайты, снимки экрана, в какие часы и чего никогда. Первую лучше создать для всей организации.
policies-empty-how = Как это происходит
policies-empty-step-1 = Вы создаёте черновик. В нём бережные настройки, и он ни для кого не действует.
policies-empty-step-2 = Вы примеряете его к прошлой неделе и видите, что сохранилось бы, что сократилось бы и чего бы не было.
policies-empty-step-3 = Вы публикуете его с указанием причины. Каждая версия остаётся, прежнюю можно вернуть.
policies-after = После первой публикации
policies-after-text = Где никто не решил, хранится минимум: приложение, домен сайта, без снимков экрана.
policies-never = Что бы ни говорила политика
policies-never-text = Нажатия клавиш, камера и микрофон не записываются никогда.
policies-rest-everything = Пока ничего не опубликовано.
policies-rest-everything-text = Хранится всё, что приходит, пока не опубликована первая версия.
policies-rest-partly = Организация ещё ничего не опубликовала.
policies-rest-partly-text = О тех, для кого политики нет, хранится всё, что приходит.
policies-rest-minimal = Организация решила.
policies-rest-minimal-text = Где никто не решил, хранится минимум: приложение, домен сайта, без снимков экрана.
policies-for = Для кого
policies-in-force = Действует
policies-since = С какого дня
policies-draft = Черновик
policies-version = Версия { $version }
policies-unpublished = Не опубликована
policies-draft-waits = { $who }, { $at }
policies-of-organization = Вся организация
policies-kind-organization = Организация
policies-kind-department = Отдел
policies-kind-person = Человек
policies-layer-organization = организация
policies-gone-department = Удалённый отдел
policies-gone-person = Удалённый человек
policies-built-in = встроено

policies-meta-in-force = { $people } · версия { $version } действует с { $since }
policies-meta-unpublished = { $people } · ещё не опубликовано, политика ни для кого не действует
policies-tabs = Части политики
policies-tab-draft = Черновик версии { $version }
policies-tab-settings = Настройки
policies-tab-versions = Версии
policies-tab-people = Для кого
policies-open-draft = Открыть черновик
policies-discard = Отменить черновик
policies-try = Примерить к прошлой неделе
policies-publish = Опубликовать версию { $version }…

policies-new-meta = У каждого не больше одной политики. По каждому полю решает ближайшая.
policies-new-of = Для кого
policies-new-of-hint = Отдел со всеми отделами ниже. Политика человека важнее всех остальных.
policies-new-department-hint = Вместе со всеми отделами ниже
policies-new-person-hint = Для исключения: обычно лучше отдел
policies-choose = Выберите
policies-begin = С чего начать
policies-begin-privacy = Бережные настройки
policies-begin-privacy-text = Приложения и домены, без заголовков, адресов и снимков экрана, приватные окна — никогда.
policies-begin-privacy-note = Для организации рекомендуется это. До публикации всё можно изменить.
policies-begin-empty = Ничего не задано
policies-begin-empty-text = Всё решает политика выше, пока здесь ничего не задано.
policies-begin-empty-note = Рекомендуется для отделов и людей.
policies-make = Создать черновик
policies-make-hint = До публикации ничего не действует.
policies-wrong-department = Выберите отдел.
policies-wrong-person = Выберите человека.

policies-what = Что собирается
policies-what-note = Что здесь не задано, решает политика выше
policies-not-set = Не задано
policies-not-set-value = не задано ({ $value })
policies-set-here = задано здесь
policies-changed-here = изменено здесь
policies-from = { $value } · { $layer }
policies-on = Вкл.
policies-off = Выкл.
policies-field-windows = Окна
policies-field-sites = Сайты
policies-field-screenshots = Снимки экрана
policies-field-input = Клавиатура и мышь
policies-field-sessions = Сеансы
policies-field-hours = Часы
policies-field-private-windows = Приватные окна
policies-field-idle-minutes = «Нет ввода» через
policies-field-upload-seconds = Отправка каждые
policies-field-buffer-megabytes = Хранить на компьютере
policies-field-exclusions = Исключения
policies-hint-windows = Окно на переднем плане
policies-hint-sites = В браузерах
policies-hint-input = Есть ли ввод, но не какой
policies-hint-sessions = Вход, выход, блокировка
policies-hint-hours = Когда вообще что-либо собирается
policies-windows-application = Приложение
policies-windows-title = Полный заголовок
policies-sites-domain = Домен
policies-sites-path = Адрес без запроса
policies-sites-full = Полный адрес
policies-shots-regular = Регулярно
policies-shots-every = Каждые
policies-minutes = минут
policies-every = { $count ->
    [one] каждую { $count } мин
    [few] каждые { $count } мин
   *[other] каждые { $count } мин
}
policies-shots-blur = Размыто, чтобы текст нельзя было прочитать
policies-shots-blur-said = размыто
policies-shots-grayscale = Без цвета
policies-shots-grayscale-said = без цвета
policies-shots-all = Все мониторы
policies-shots-all-said = все мониторы
policies-shots-skip = Не снимать, пока ничего не меняется
policies-shots-unchanged-said = и без изменений на экране
policies-private-never = Никогда
policies-private-kept = Хранить
policies-hours-always = Всегда
policies-hours-week = Расписание недели
policies-hours-from = с
policies-hours-to = до
policies-hours-hint = Например, 09:00 и 18:00; вторая пара — для дней с перерывом. Пустой день свободен. Ночь может кончаться на другой день: 22:00 и 06:00.
policies-zone = Часовой пояс
policies-unit-idle = минут без клавиатуры и мыши
policies-unit-upload = секунд
policies-unit-buffer = МБ, не больше
policies-keystrokes = Нажатия клавиш
policies-keystrokes-never = не записываются никогда, такой настройки нет
policies-sending = Отправка и буфер
policies-sending-note = Для администратора
policies-exclusions = Исключения
policies-exclusions-note = Об этом хранится меньше или ничего
policies-exclusions-none = Исключений нет. Хорошие примеры: банки, врачи, личная почта.
policies-exclusion-add = Добавить исключение
policies-exclusion-remove = Удалить исключение
policies-exclusion-part = на что смотреть
policies-exclusion-kind = как узнавать
policies-exclusion-text = слова или шаблон
policies-exclusion-action = что сделать
policies-exclusion-example = Например, bank.uz
policies-kind-words = содержит
policies-kind-regex = выражение
policies-part-application = Приложение
policies-part-title = Заголовок
policies-part-address = Адрес
policies-part-site = Сайт
policies-action-drop = Не хранить
policies-action-redact = Без заголовка и адреса
policies-action-hash = Отпечаток вместо текста
policies-action-domain = Только домен
policies-no-exclusion = нет исключения
policies-save = Сохранить черновик
policies-unsaved = Ещё не сохранено
policies-draft-of = Черновик сохранён: { $who }, { $at }

policies-changes-first = Что задаёт эта политика
policies-changes-against = Что меняется после версии { $version }
policies-changes-count = { $count ->
    [one] { $count } изменение
    [few] { $count } изменения
   *[other] { $count } изменений
}
policies-changes-none = Пока ничего не меняется. Выберите что-нибудь в форме.
policies-sign-added = Добавлено:
policies-sign-changed = Изменено:
policies-sign-removed = Убрано:
policies-if-published = Если опубликовать
policies-more = Собирается больше, чем раньше: { $fields }.
policies-more-text = Сообщите людям до публикации.
policies-less = Собирается меньше, чем раньше: { $fields }.
policies-less-text = Уже сохранённое остаётся как есть.
policies-first = Это первое решение.
policies-first-text = До сих пор хранилось всё, что приходило. Дальше там, где никто не решил, хранится минимум.
policies-restart = { $count ->
    [one] Агенты { $count } человека перезапустятся
    [few] Агенты { $count } человек перезапустятся
   *[other] Агенты { $count } человек перезапустятся
}
policies-restart-text = потому что меняется: { $fields }. Ничего не потеряется.
policies-no-restart = Перезапускать агенты не нужно.
policies-way-back = Версию { $version } можно вернуть в любое время.
policies-way-back-first = Это можно изменить в любое время.
policies-way-back-first-text = Чего за это время не сохранили, вернуть нельзя.

policies-wrong-number = Напишите число от { $from } до { $to } или оставьте пустым.
policies-wrong-hours = { $day }: напишите два разных времени, например 09:00 и 18:00, или оставьте оба пустыми.
policies-wrong-no-hours = Напишите часы хотя бы одного дня или выберите «Всегда».
policies-wrong-zone = Такой часовой пояс неизвестен. Напишите, например, Asia/Tashkent.
policies-wrong-exclusion = Исключение { $number }: { $problem }
policies-wrong-empty = Напишите, что узнавать, или удалите его.
policies-wrong-long = Не больше { $count } байт.
policies-wrong-everything = Это было бы всё. Лучше выключите этот вид данных.
policies-wrong-pattern = Выражение нельзя использовать ({ $problem }).
policies-wrong-too-many = Исключений { $count }, возможно не больше 500. Один шаблон может называть несколько сайтов.
policies-stale-version = Тем временем опубликована версия { $version }: { $who }, { $at }.
policies-stale-draft = Тем временем черновик изменён: { $who }, { $at }.
policies-stale-kept = Ваши значения остались в форме. Сохраните ещё раз, чтобы поставить их вместо чужих.
policies-stale-look = Посмотреть, что изменилось
error-stale = Тем временем всё изменилось. Посмотрите и попробуйте ещё раз.
error-no-draft = Черновика нет. Сначала измените что-нибудь.
error-nothing-new = Черновик говорит то же, что действующая версия.
error-no-reason = Напишите причину, от 3 до 500 знаков.
error-bad-settings = Эти настройки нельзя использовать. Проверьте поля и попробуйте ещё раз.
error-policy-exists = Такая политика уже есть.

policies-publish-title = Опубликовать версию { $version }: { $name }?
policies-publish-meta = { $people } · действует сразу для всего, что приходит
policies-publish-do = Опубликовать версию { $version }
policies-publish-next = Опубликовать…
policies-publish-changed = Тем временем черновик изменён. Вот как он выглядит сейчас.
policies-back-to-draft = Назад к черновику
policies-reason = Причина
policies-reason-hint = Остаётся с версией, например «согласовано с профсоюзом». От 3 до 500 знаков.

policies-discard-title = Отменить черновик: { $name }?
policies-discard-text = { $count ->
    [one] Пропадёт { $count } изменение.
    [few] Пропадут { $count } изменения.
   *[other] Пропадут { $count } изменений.
}
policies-discard-stays = Версия { $version } продолжает действовать.
policies-discard-first = Ничего не действует, как и раньше.
policies-discard-do = Отменить черновик

policies-versions-none = Версий пока нет
policies-versions-none-text = Каждая публикация становится версией, которая не меняется: что в ней, кто её опубликовал, когда и почему.
policies-versions-note = Версии не меняются
policies-in-force-now = действует
policies-brought-back = настройки версии { $version }
policies-needed-restart = агенты перезапускались
policies-checksum = контрольная сумма
policies-bring-back = Вернуть…
policies-compare = Сравнить
policies-compare-from = Сравнить
policies-compare-to = с
policies-compare-title = «{ $from }» → «{ $to }»
policies-compare-same = Они говорят одно и то же
policies-before-first = До первой версии
policies-the-draft = Черновик
policies-all-versions = Все версии
policies-back-title = Вернуть версию { $version }?
policies-back-text = Её настройки станут версией { $next } и сразу действуют для всего, что приходит.
policies-back-people = Она касается: { $people }.
policies-back-draft = Черновик остаётся как есть.
policies-back-do = Вернуть версию { $version }

policies-people-organization = Все. Где решает кто-то ближе, важнее он, по каждому полю.
policies-people-department = Все в отделе и ниже. Где решает кто-то ближе, важнее он, по каждому полю.
policies-people-person = Один человек. Эта политика важнее всех остальных, по каждому полю.
policies-nearer = Ближние политики
policies-nearer-none = нет
policies-people-none = Здесь никого нет
policies-people-none-text = Политика действует, как только здесь появятся люди.
policies-link = Политика: { $name }
policies-link-none = Политики пока нет

policies-preview-title = Прошлая неделя по черновику: { $name }
policies-preview-meta = Ничего не меняется. Сохранённое за последние 7 дней сверяется с черновиком.
policies-preview-reading = Читаются последние 7 дней. Это займёт не больше 10 секунд.
policies-preview-read = Прочитать последние 7 дней
policies-preview-sentence = С { $from } по { $to }, о тех, для кого эта политика
policies-preview-kept = Осталось бы как есть
policies-preview-reduced = Сократилось бы
policies-preview-dropped = Не сохранилось бы
policies-preview-looked = Просмотрено
policies-preview-share = Доля
policies-preview-about = около
policies-everything = всё, что приходит
policies-preview-kinds = По видам
policies-preview-reasons = По причинам
policies-preview-reason = Причина
policies-preview-what = Что происходит
policies-preview-more-reasons = { $count ->
    [one] и ещё { $count } причина
    [few] и ещё { $count } причины
   *[other] и ещё { $count } причин
}
policies-preview-already = { $count } уже так
policies-preview-already-all = уже так
policies-preview-all-kept = Всё осталось бы как есть
policies-preview-examples = Показать примеры (просмотр записывается)
policies-preview-recorded = Просмотр записывается
policies-preview-nobody = Учётная запись без человека
policies-preview-gone = ничего
policies-preview-sample = Это выборка: просмотрено { $looked } из { $stored } событий, последние в каждой четверти суток. Числа за всю неделю получены из неё.
policies-preview-out-of-time = Это выборка: времени хватило на { $looked } из { $stored } событий, начиная с последних. Числа за всю неделю получены из неё.
policies-preview-cut-before = Эта неделя записана по прежней политике. Чего она не сохранила, того не сосчитать: числа — не меньше указанных, а то, что стало бы собираться впервые, показать нельзя.
policies-preview-more = О { $count } событиях сохранилось бы больше, чем по действующей версии.
policies-preview-not-tried = На старых данных не примерить: { $fields }.
policies-preview-nothing = За последние 7 дней ничего не записано
policies-preview-nothing-text = Черновик не с чем сверить.
policies-why-kind = Этот вид выключен
policies-why-hours = Вне часов
policies-why-private = Приватное окно
policies-why-detail = Меньше подробностей

done-policy-made = Черновик создан. До публикации ничего не действует.
done-policy-draft = Черновик сохранён: { $name }
done-policy-unchanged = Ничего не изменилось: { $name }
done-policy-nothing = Сначала измените что-нибудь: { $name }
done-policy-discarded = Черновик отменён
done-policy-published = Версия { $name } действует
done-policy-brought-back = Версия { $name } действует, с прежними настройками
