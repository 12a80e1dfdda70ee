product-name = Nazorat

layout-skip = Перейти к содержимому
layout-side = Организация и меню
layout-main-menu = Меню
layout-short-menu = Краткое меню
layout-breadcrumb = Где вы находитесь
layout-search = Сотрудник или компьютер
layout-theme = Цвета
layout-language = Язык
layout-account = Ваша учётная запись
layout-sign-out = Выйти
layout-alerts = { $count ->
    [0] Оповещения, открытых нет
    [one] Оповещения, { $count } открытое
    [few] Оповещения, { $count } открытых
   *[other] Оповещения, { $count } открытых
}
theme-light = Светлые
theme-dark = Тёмные
theme-auto = Как на устройстве

nav-overview = Обзор
nav-people = Сотрудники
nav-departments = Отделы
nav-doors = Двери
nav-desk = Пост охраны
nav-devices = Устройства
nav-group-computers = Компьютеры
nav-activity = Активность
nav-computers = Компьютеры
nav-unassigned = Ещё не закреплены
nav-categories = Что считается полезным
nav-group-system = Система
nav-organizations = Организации
nav-operators = Операторы
nav-gateways = Шлюзы
nav-api-keys = Ключи API
nav-dead-letters = Отклонённые события
nav-storage = Хранение и сроки
nav-audit = Журнал аудита
nav-settings = Настройки
nav-about = О программе
nav-more = Ещё

role-admin = Администратор
role-hr = Кадры
role-department-lead = Руководитель отдела
role-guard = Охрана

complete-to = Данные полны до { $time }
complete-sentence = Данные полны до { $time }. Очередь пуста.
complete-waiting = { $count ->
    [one] Данные полны до { $time }. В очереди { $count } событие.
    [few] Данные полны до { $time }. В очереди { $count } события.
   *[other] Данные полны до { $time }. В очереди { $count } событий.
}
complete-missing = Часть данных не читается
complete-none = Данных пока нет

action-save = Сохранить
action-cancel = Отмена
action-delete = Удалить
action-edit = Изменить
action-add = Добавить
action-create = Создать
action-back = Назад
action-continue = Продолжить
action-close = Закрыть
action-open = Открыть
action-search = Найти
action-show = Показать
action-all = Все
action-all-count = Все { $count }
action-show-more = Показать ещё { $count }
action-export = Экспорт
action-import = Загрузить список
action-columns = Столбцы
action-copy = Скопировать
action-copied = Скопировано
action-try-again = Повторить
action-clear-filters = Сбросить фильтры
action-remove-filter = Убрать фильтр { $name }
action-choose-day = Выбрать день
action-as-table = Таблицей
action-link = Закрепить
action-unlink = Открепить
action-revoke = Отозвать
action-undo = Вернуть
action-retry-all = Повторить все
action-sign-in = Войти

today = Сегодня
yesterday = Вчера
week = Неделя
month = Месяц
year = Год
day = День
now = сейчас
now-at = сейчас { $time }
none = нет
unknown = неизвестно
optional = необязательно
yes = да
no = нет
at-least = не менее
since-time = с { $time }
as-of = на { $time }
live-as-of = в реальном времени, на { $time }
from-to = { $from }–{ $to }
of-total = из { $total }
range-of = { $from }–{ $to } из { $total }
picked = { $count ->
    [one] Выбрана { $count } строка
    [few] Выбраны { $count } строки
   *[other] Выбрано { $count } строк
}

people-count = { $count ->
    [one] { $count } человек
    [few] { $count } человека
   *[other] { $count } человек
}
computers-count = { $count ->
    [one] { $count } компьютер
    [few] { $count } компьютера
   *[other] { $count } компьютеров
}
events-count = { $count ->
    [one] { $count } событие
    [few] { $count } события
   *[other] { $count } событий
}
records-count = { $count ->
    [one] { $count } запись
    [few] { $count } записи
   *[other] { $count } записей
}
days-count = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[other] { $count } дней
}

state-useful = Полезное
state-neutral = Нейтральное
state-distracting = Отвлекающее
state-no-input = Нет ввода
state-locked = Заблокирован
state-no-data = Нет данных
state-active = Используется
state-off = Компьютер выключен
state-at-computer = за компьютером
state-at-computer-since = за компьютером с { $time }
state-no-input-since = нет ввода с { $time }
state-locked-since = компьютер заблокирован с { $time }
state-seen-today = есть сегодня, последний ввод в { $time }
state-not-seen = сегодня данных нет
light-ok = в порядке
light-way = в пути
light-look = стоит посмотреть
light-bad = не работает
light-off = выключено, не ожидается

loading = Загрузка
nothing-found = Ничего не найдено
nothing-found-for = По запросу «{ $query }» ничего не найдено
error-not-loaded = Эта часть не загрузилась
error-not-loaded-server = Сервер ответил ошибкой. Фильтры сохранены.
error-not-loaded-offline = Нет связи с сервером. Проверьте сеть, фильтры сохранены.
error-code-line = Код { "{" }code{ "}" } · запрос { "{" }request{ "}" }
error-summary = Проверьте эти поля
error-required = Заполните это поле.
error-incomplete = Часть данных не читается и отложена.
view-recorded = Просмотр записывается
shown-once = Скопируйте сейчас: второй раз это не показывается.

shortcuts-title = Клавиши
shortcut-search = Поиск
shortcut-list = Этот список
shortcut-previous-next = Предыдущий и следующий день или месяц
shortcut-segment = Предыдущий и следующий отрезок дня
shortcut-lane = Тот же момент в другой дорожке
shortcut-zoom = Ближе и дальше
shortcuts-switch = Одиночные клавиши включены

unit-hours = { $hours } ч
unit-minutes = { $minutes } мин
unit-seconds = { $seconds } с
unit-hours-minutes = { $hours } ч { $minutes } мин
unit-percent = { $value } %
unit-percent-less = <1 %
unit-bytes = { $value } Б
unit-kilobytes = { $value } КБ
unit-megabytes = { $value } МБ
unit-gigabytes = { $value } ГБ
unit-terabytes = { $value } ТБ
number-decimal = ,

# $weekday and $month are the words below; $month is the form that stands after a day.
date-day-long = { $weekday }, { $day } { $month }
date-day = { $day } { $month }
date-day-year = { $day } { $month } { $year }
date-day-short = { $weekday } { $day }
date-month = { $month } { $year }
date-time = { $date }, { $time }

weekday-1 = понедельник
weekday-2 = вторник
weekday-3 = среда
weekday-4 = четверг
weekday-5 = пятница
weekday-6 = суббота
weekday-7 = воскресенье
weekday-short-1 = Пн
weekday-short-2 = Вт
weekday-short-3 = Ср
weekday-short-4 = Чт
weekday-short-5 = Пт
weekday-short-6 = Сб
weekday-short-7 = Вс
month-1 = январь
month-2 = февраль
month-3 = март
month-4 = апрель
month-5 = май
month-6 = июнь
month-7 = июль
month-8 = август
month-9 = сентябрь
month-10 = октябрь
month-11 = ноябрь
month-12 = декабрь
month-of-1 = января
month-of-2 = февраля
month-of-3 = марта
month-of-4 = апреля
month-of-5 = мая
month-of-6 = июня
month-of-7 = июля
month-of-8 = августа
month-of-9 = сентября
month-of-10 = октября
month-of-11 = ноября
month-of-12 = декабря
month-short-1 = янв
month-short-2 = фев
month-short-3 = мар
month-short-4 = апр
month-short-5 = мая
month-short-6 = июн
month-short-7 = июл
month-short-8 = авг
month-short-9 = сен
month-short-10 = окт
month-short-11 = ноя
month-short-12 = дек
