letters-count = { $count ->
    [0] Нет
    [one] { $count } отклонённое событие
    [few] { $count } отклонённых события
   *[other] { $count } отклонённых событий
}
letters-codes = Причины
letters-text = Эти события пришли, но записать их не удалось. Остальные события пакета записаны. Они хранятся здесь до конца срока хранения.
letters-empty = Отклонённых событий нет
letters-empty-text = Все поступившие события записаны.
letters-time = Получено
letters-source = От кого
letters-why = Причина
letters-event = Событие
letters-select = Чтобы вернуть события в очередь, выберите их.
letters-user = Пользователь
letters-from-key = с ключом API № { $number }
letters-raw = Как было отправлено
letters-unreadable = текст
letters-pick = Выбрать событие { $time }
letters-pick-all = Выбрать все на экране
letters-picked = выбрано
letters-put-back = Вернуть в очередь
letters-stored = записано: { $count }
letters-known = записано раньше: { $count }
letters-refused = не читается: { $count }
letters-nothing-picked = ничего не выбрано
done-put-back = Возврат: { $name }
letter-short-gap = Буфер переполнен
letter-short-time-in-future = Часы спешат
letter-short-time-too-old = Слишком старое
letter-short-missing-field = Нет поля
letter-short-wrong-type = Неверный тип
letter-short-unknown-kind = Неизвестный вид
letter-short-unknown-word = Неизвестное слово
letter-short-bad-time = Неверное время
letter-short-bad-text = Повреждён текст
letter-short-too-long = Слишком длинное
letter-short-too-deep = Слишком вложенное
letter-short-out-of-range = Вне пределов
letter-time-in-future = Часы компьютера спешили. Исправьте их и верните событие, когда его время наступит.
letter-time-too-old = Событие старше, чем принимает сервер. Его можно вернуть, если оно нужно.
letter-missing-field = Не хватало поля, которое нужно каждому событию. Обновите отправляющую программу.
letter-wrong-type = Поле имело не тот тип. Обновите отправляющую программу.
letter-unknown-kind = Такой вид событий неизвестен. Возможно, отправитель новее: обновите сервер и верните событие.
letter-unknown-word = Слово в событии неизвестно. Возможно, отправитель новее: обновите сервер и верните событие.
letter-bad-time = Время не удалось прочитать.
letter-bad-text = Текст повреждён в пути.
letter-too-long = Название длиннее, чем принимает сервер.
letter-too-deep = Слишком глубокая вложенность.
letter-out-of-range = Число слишком большое или слишком малое.
letter-gap = На шлюзе или компьютере не осталось места, и самые старые пакеты удалены; в событии сказано, сколько и за какое время. Вернуть их нельзя. Увеличьте буфер или выясните, почему не было связи.
letter-other = Событие не удалось записать.
