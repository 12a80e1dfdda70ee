people-meta = { $people }, { $departments }
people-unlinked = { $count ->
    [one] { $count } учётная запись ещё не связана
    [few] { $count } учётные записи ещё не связаны
   *[other] { $count } учётных записей ещё не связаны
}
people-state = Состояние
people-tab-all = Все
people-tab-without-computer = Без компьютера
people-tab-inactive = Неактивные
people-tab-at-computer = За компьютером
people-tab-no-input = Нет ввода
people-tab-locked = Заблокировано
people-tab-seen = Сегодня на связи
people-tab-not-seen = Нет данных
people-add = Добавить сотрудника
people-search = Имя, номер или компьютер
people-name = Имя
people-department = Отдел
people-no-department = Без отдела
people-number = Табельный номер
people-number-hint = Не повторяется в организации. По нему также находится компьютер сотрудника.
people-now = Сейчас
people-today = Сегодня
people-first-input = Первый ввод
people-now-failed = Нынешнее состояние не прочитано. Сам список полон.
people-inactive = Неактивен
people-pick = Выбрать: { $name }
people-pick-all = Выбрать всех
people-picked = выбрано
people-move-to = В какой отдел
people-move = Перевести
people-activate = Сделать активным
people-deactivate = Сделать неактивным
people-delete = Удалить…
people-create = Добавить сотрудника
people-nobody = Здесь никого нет
people-nobody-text = Под эти фильтры никто не подходит.
people-nobody-elsewhere = { $count ->
    [one] В других отделах подходит { $count } сотрудник.
    [few] В других отделах подходят { $count } сотрудника.
   *[other] В других отделах подходят { $count } сотрудников.
}
people-show-all = Показать всех: { $count }
people-empty-title = Сотрудников пока нет
people-empty-text = Загрузите свой список или добавьте первого сотрудника. Компьютеры появятся сами, как только о ком-то сообщат.
people-new-title = Новый сотрудник
people-surname = Фамилия
people-given-name = Имя сотрудника
people-patronymic = Отчество
people-position = Должность
people-email = Эл. почта
people-email-hint = Часть до знака @ помогает найти компьютер сотрудника.
people-phone = Телефон
people-hired-on = Первый рабочий день
people-left-on = Последний рабочий день
people-language = Язык
people-language-uz = Узбекский
people-language-ru = Русский
people-language-en = Английский
people-deactivate-text = Уволенного сотрудника делают неактивным. История остаётся, в списках работающих его больше нет.
people-activate-text = Сотрудник неактивен. История сохранена; сделайте активным, чтобы вернуть в списки.
people-delete-title = Удалить: { $name }?
people-delete-links = { $count ->
    [0] С этим сотрудником не связан ни один компьютер.
    [one] Удалится { $count } связь с учётной записью вместе с датами.
    [few] Удалятся { $count } связи с учётными записями вместе с датами.
   *[other] Удалятся { $count } связей с учётными записями вместе с датами.
}
people-delete-events = Записанное компьютерами останется, но больше никому не принадлежит.
people-delete-credentials = Карты и лицо тоже удаляются и исчезают из терминалов.
people-delete-instead = Уволенного можно сделать неактивным: тогда история останется доступной.
people-delete-do = Удалить: { $name }
people-delete-keep = Оставить сотрудника

done-people-created = Добавлено: { $name }
done-people-saved = Сохранено: { $name }
done-people-deleted = Удалено: { $name }
done-people-moved = Переведено: { $name }
done-people-activated = Снова активно: { $name }
done-people-deactivated = Теперь неактивно: { $name }

error-field-required = Заполните это поле.
error-field-too-long = Слишком длинно. Сократите.
error-field-malformed = Неверный вид. Проверьте, нет ли опечатки.
error-field-unknown = Этого больше нет. Выберите снова.
error-field-before-begin = Конец раньше начала.
error-personnel-number-taken = Этот номер уже у другого сотрудника.
error-cursor-invalid = Список изменился. Откройте его с начала.
