# Карты и лица людей.
credentials-title = Карты и лицо
credentials-open = Карты и лицо
credentials-text = Что открывает двери этому человеку: карты и, для терминалов с распознаванием, лицо.
credentials-inactive = Этот сотрудник неактивен.
credentials-inactive-text = Карты и лицо сохраняются здесь, но терминалы не хранят их, пока сотрудник снова не станет активным.

cards-title = Карты
cards-count = { $count ->
    [one] { $count } карта
    [few] { $count } карты
   *[other] { $count } карт
}
cards-none = Карт пока нет
cards-none-text = Добавленная здесь карта открывает двери, через которые этому человеку можно проходить.
cards-number = Номер карты
cards-number-hint = Поднесите карту к USB-считывателю или введите номер: 8106606, 123,45678 или 04:A2:2F:B2.
cards-label = Пометка
cards-label-hint = Чтобы различать карты, например «запасная».
cards-state = Состояние
cards-usable = Действует
cards-blocked = Заблокирована
cards-since = Добавлена
cards-actions = Действия
cards-block = Заблокировать
cards-unblock = Разблокировать
cards-remove = Удалить…
cards-add = Добавить карту
cards-remove-title = Удалить карту { $number }?
cards-remove-doors = Она перестанет открывать двери ({ $name }), и её можно будет выдать другому.
cards-remove-log = Проходы по ней останутся в журнале.
cards-remove-instead = Потерянную карту лучше заблокировать: тогда её никому не выдадут по ошибке.
cards-remove-do = Удалить карту { $number }
cards-remove-keep = Оставить карту

face-title = Лицо
face-note = Для терминалов с распознаванием лиц
face-none = Лица пока нет
face-none-text = С фотографией терминалы с распознаванием лиц открывают двери без карты.
face-show = Показать лицо
face-recorded = Просмотр записывается.
face-alternative = Лицо: { $name }
face-since = Добавлено
face-by = Кем
face-size = Пикселей
face-bytes = Размер
face-file = Фотография
face-replace = Другая фотография
face-hint = JPEG или PNG до 5 МБ, не меньше 240 пикселей по ширине и высоте. Один человек, анфас, при ровном свете.
face-upload = Загрузить фотографию
face-replace-do = Заменить лицо
face-remove = Удалить…
face-remove-title = Удалить лицо: { $name }?
face-remove-doors = Терминалы перестанут узнавать это лицо ({ $name }). Карты продолжат открывать двери.
face-remove-for-good = Фотография будет удалена без возможности восстановления.
face-remove-do = Удалить лицо
face-remove-keep = Оставить лицо
face-not-received = Фотография пришла не целиком. Выберите её ещё раз.

done-card-added = Карта { $name } добавлена
done-card-blocked = Карта { $name } заблокирована
done-card-unblocked = Карта { $name } снова открывает двери
done-card-removed = Карта { $name } удалена
done-face-set = Лицо сохранено
done-face-removed = Лицо удалено

error-card-number-missing = Поднесите карту к считывателю или введите её номер.
error-card-number-letters = В номере карты бывают только цифры и латинские буквы. Проверьте, нет ли опечатки.
error-card-number-too-long = Терминалы принимают номера карт до 32 букв и цифр.
error-card-number-zero = Ноль означает, что карты нет. Введите номер, напечатанный на ней.
error-card-number-facility = До и после запятой стоят числа до 65535, например 123,45678.
error-card-label = Пометка — одна строка до 60 букв.
error-card-taken = Эта карта уже принадлежит другому.
error-card-taken-by = Эта карта уже принадлежит: { $name }.
error-too-many-cards = У человека не больше десяти карт. Сначала удалите одну.
error-face-too-large = Фотография больше 5 МБ. Сначала уменьшите её.
error-face-unsupported = Это не фотография JPEG или PNG. Выберите другой файл.
error-face-broken = Фотография повреждена. Сохраните её заново или выберите другую.
error-face-too-many-pixels = В фотографии больше 40 мегапикселей. Сначала уменьшите её.
error-face-too-small = Фотография слишком мала, чтобы узнать лицо: нужно не меньше 240 пикселей по ширине и высоте.
error-face-too-long = Фотография слишком вытянута. Обрежьте её до лица: одна сторона не больше чем втрое длиннее другой.
error-face-lost = Фотография потеряна. Загрузите её заново.
