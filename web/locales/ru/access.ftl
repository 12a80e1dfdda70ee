# Вход и первый запуск.
plain-promise-1 = Знать, кто на месте.
plain-promise-2 = Ничего не терять.
plain-promise-3 = Быть справедливым.
plain-promise-text = Всё остаётся на этом сервере. Ему не нужны ни интернет, ни база данных, и он ничего никуда не отправляет, пока вы этого не включите.
plain-version = Версия
plain-fingerprint = Отпечаток сертификата
plain-compare = Сравните его со строкой в окне консоли.
plain-protected = Соединение защищено собственным сертификатом сервера

sign-in-title = Вход
sign-in-wait = Слишком много попыток. Повторите через { $time }. Для других людей вход не закрыт.

field-login = Логин
field-login-hint = От 2 до 64 знаков: a–z, цифры, точка, дефис, подчёркивание или @.
field-password = Пароль
field-password-hint = Не меньше 10 знаков. Несколько слов запомнить легче, чем символы.
field-password-again = Тот же пароль ещё раз
field-display-name = Имя
field-display-name-hint = Как вас знают коллеги. Оно стоит в журнале аудита.
field-language = Язык
field-zone = Часовой пояс
field-zone-hint = Дни начинаются и кончаются в этом поясе.
field-name = Название

error-login-refused = Неверный логин или пароль.
error-busy = Сейчас входит слишком много людей. Повторите через несколько секунд.
error-too-many-attempts = Слишком много попыток. Подождите несколько минут.
error-passwords-differ = Пароли не совпадают. Введите один и тот же дважды.
error-password-too-short = Нужно не меньше 10 знаков.
error-password-too-long = Нужен пароль короче.
error-password-is-login = Пароль содержит логин. Выберите другой.
error-password-common = Это один из самых частых паролей. Выберите другой.
error-wrong-password = Текущий пароль неверен.
error-invalid-login = От 2 до 64 знаков: a–z, цифры, точка, дефис, подчёркивание или @.
error-invalid-name = От 1 до 100 знаков в одной строке.
error-invalid-organization-name = От 2 до 100 знаков в одной строке.
error-invalid-time-zone = Такого пояса нет. Нужно имя вроде Asia/Tashkent.
error-invalid-form = Форму не удалось прочитать. Откройте страницу заново.
error-login-taken = Этот логин уже занят.
error-last-admin = Это последний активный администратор. Сначала создайте другого.
error-invalid-assignment = Роль, организация и отдел не подходят друг к другу.
error-key-revoked = Этот ключ отозван, изменить его нельзя.
error-too-many-objects = Их уже слишком много. Сначала отзовите один.
error-invalid-token-life = Нужно от 1 до 365 дней.
error-organization-name-taken = Такое название уже есть у другой организации.
error-read-only-token = Этот токен может только читать.
error-not-found = Адрес неверен, или это удалено, или принадлежит другим.
error-forbidden = Вашей роли это не разрешено.

setup-kind-step = Новый сервер
setup-kind-title = Чем будет этот сервер?
setup-kind-lead = Можно начать с первого, а шлюзы добавить позже.
setup-new = Новый сервер
setup-new-text = Для новой организации. Вы назовёте её, укажете размер и создадите свой логин.
setup-new-note = Около 4 минут · больше ничего не нужно
setup-restore = Восстановление
setup-restore-text = Из файла резервной копии, на этой или на новой машине. Люди, компьютеры и все события вернутся.
setup-restore-note = Нужны файл резервной копии и ключ восстановления
setup-restore-not-yet = Восстановление из копии появится в следующей версии. Сегодня этот сервер можно запустить как новый.
setup-gateway = Шлюз другого сервера
setup-gateway-text = Для филиала. Собирает данные его компьютеров и хранит всё, пока нет связи.
setup-gateway-note = Нужен токен со страницы «Шлюзы» другого сервера

setup-organization-step = Организация и язык
setup-organization-title = Для кого он?
setup-organization-lead = Другие организации можно добавить позже.
setup-name = Организация
setup-name-hint = Так она стоит в отчётах.
setup-language-hint = Для вас и для новых операторов.

setup-size-step = Размер и диск
setup-size-title = Сколько нужно места?
setup-size-lead = Укажите размер офиса и сколько хранить данные. Сразу видно, хватит ли диска.
setup-computers = Компьютеры
setup-computers-wrong = Введите число от 1 до 20 000.
setup-shots = Снимки экрана
setup-shots-never = нет
setup-shots-every = каждые { $minutes } минут
setup-table = Виды данных, срок хранения и место на диске
setup-column-kind = Вид данных
setup-column-term = Хранить
setup-column-takes = Занимает
setup-column-size = Через год
setup-kind-windows = Приложения и заголовки окон
setup-kind-sites = Сайты
setup-kind-sessions = Сеансы компьютеров
setup-kind-screenshots = Снимки экрана
setup-term-ever = всегда
setup-term-years = { $count ->
    [one] { $count } год
    [few] { $count } года
   *[many] { $count } лет
}
setup-fits = Места достаточно:
setup-fits-hardly = Хватит, но почти без запаса:
setup-fits-not = Места не хватит:
setup-needs = { $size } через год.
setup-needs-of = { $size } из { $free } свободных через год.
setup-estimate-how = День компьютера: 1 100 окон по 20 байт, 300 сайтов по 40, 60 отметок сеанса по 12 и снимки по 60 КБ в течение 8 часов.

setup-login-step = Ваш логин
setup-login-title = Кто будет администратором?
setup-login-lead = Вы получите роль администратора. Пароля по умолчанию нет, другого входа тоже.
setup-finish = Завершить и войти
setup-nothing-yet = До последнего шага ничего не записывается.
setup-locked-title = Этот сервер ещё не настроен
setup-locked-text = Откройте ссылку, напечатанную при запуске: строка «first run» в окне консоли или в системном журнале.
setup-locked-help = Ссылка действует один раз, пока по ней не настроят сервер.
setup-check-disk = На диске свободно { $free }
setup-check-port = Порт { $port } открыт
setup-check-clock = Часы показывают { $time } в { $zone }, сверьте

done-setup = Готово: { $name }
done-saved = Сохранено: { $name }

setup-gateway-step = Подключение шлюза
setup-gateway-title = Подключение к другому серверу
setup-gateway-lead = Добавьте шлюз на его странице «Шлюзы». Токен показывается там один раз; вставьте его сюда.
setup-join = Токен
setup-join-hint = Начинается с nzj_. Переносы строк не мешают.
setup-join-means = Это устройство будет собирать данные с компьютеров филиала и отправлять их дальше. Своих людей, отчётов и операторов у него нет, только страница состояния на порту 4100.
setup-join-stays = Оно останется шлюзом и после перезапуска. Чтобы позже сделать из него сервер, начните с пустой папкой данных.
setup-join-do = Подключить как шлюз
setup-join-wrong = Это не токен шлюза. Скопируйте его целиком, от nzj_ до конца.
setup-join-refused = Подключиться не удалось. Проверьте, виден ли отсюда другой сервер, не использован ли токен и не устарел ли он.
setup-join-reason = Причина, для поддержки:
setup-joined-title = Теперь это шлюз { $name }
setup-joined-text = Он принадлежит организации { $organization } и через несколько секунд продолжит работу как шлюз, в том числе после каждого перезапуска.
setup-joined-server = Отправляет на
setup-joined-page = Страница состояния
setup-joined-next = Компьютеры филиала подключаются к нему по коду из его папки данных. Окно можно закрыть.
