storage-events = События
storage-events-note = этой организации
storage-size = Размер
storage-size-note = на диске
storage-growth = Прирост
storage-growth-note = в день, в среднем
storage-free = Свободно
storage-disk = Диск занят на { $share }, вместе со всем, что на нём есть: { $used } из { $total }
storage-kinds = Что хранится
storage-kind = Вид
storage-oldest = Самое старое
storage-newest = Самое новое
storage-files = Файлы
storage-files-count = { $count ->
    [one] { $count } файл
    [few] { $count } файла
   *[other] { $count } файлов
}
storage-set-aside-count = отложено: { $count }
storage-set-aside = Некоторые файлы данных не удалось прочитать.
storage-retention = Сколько хранятся события
storage-retention-note = Каждую ночь в 02:00
storage-run = Удалить сейчас…
storage-days = Хранить
storage-ever = всегда
storage-unit = дн.
storage-then = Затем
storage-then-delete = Удалить
storage-then-archive = Записать в архив, затем удалить
storage-cap = Не больше для всех событий
storage-cap-none = без предела
storage-cap-unit = ГБ
storage-cap-hint = При достижении предела сначала удаляются самые старые месяцы целиком. Пусто — без предела.
storage-save = Сохранить
storage-wrong-days = Укажите от 1 до 3650 дней или оставьте пустым, чтобы хранить всегда.
storage-wrong-cap = Укажите не меньше 0,1 ГБ или оставьте пустым.
storage-question = Хранить события меньше времени?
storage-question-days = { $kind }: хранить { $new } вместо { $old }?
storage-question-ever = { $kind }: хранить { $new }, а не всегда?
storage-consequence = { $kind }: { $number } { $count ->
    [one] запись
    [few] записи
   *[other] записей
} с { $from } по { $to } ({ $size }) удалятся сегодня ночью в 02:00.
storage-run-consequence = { $kind }: { $number } { $count ->
    [one] запись
    [few] записи
   *[other] записей
} с { $from } по { $to } ({ $size }) удалятся сейчас.
storage-totals-stay = Суточные итоги людей и отделов останутся.
storage-keep = Ничего не менять
storage-keep-days = Оставить { $days }
storage-keep-ever = Хранить всегда
storage-delete = { $count ->
    [one] Удалить { $number } запись
    [few] Удалить { $number } записи
   *[other] Удалить { $number } записей
}
storage-run-question = Удалить сейчас всё, что старше срока?
storage-run-nothing = Нет ничего старше срока.
storage-run-anyway = Всё равно проверить
storage-run-wait = Подождать до ночи
done-retention-saved = Новые сроки действуют с этой ночи
done-retention-run = Удалено: { $name }
storage-files-note = по одному на месяц и вид
storage-files-none = Файлов пока нет
storage-files-more = и ещё { $count }
storage-month = Месяц
storage-state = Состояние
storage-file-open = Принимает события
storage-file-sealed = Закрыт и проверен
storage-file-removing = Удаляется
storage-file-set-aside = Отложен
storage-file-next = Остановите сервер и выполните «nazorat doctor»: команда назовёт файл и способ вернуть его из резервной копии.
