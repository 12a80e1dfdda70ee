computers-tab-in-use = Используются
computers-tab-inactive = Выведены
computers-search = Название, номер или заметка
computers-name = Название
computers-name-hint = Как его называют. Пусто — идентификатор машины.
computers-users = Пользователи
computers-contact = Связь
computers-uid = Идентификатор машины
computers-note = Заметка
computers-first-seen = Первые данные
computers-last-seen = Последние данные
computers-inactive = Выведен
computers-never = данных ещё нет
computers-in-contact = на связи, { $time }
computers-quiet = тихо с { $time }
computers-silent = молчит с { $time }
computers-out-of-use = выведен, последние данные { $time }
computers-seen = данные { $from } – { $to }
computers-none = Компьютеров здесь нет
computers-none-text = Измените слова или уберите фильтр.
computers-empty-title = Компьютеров пока нет
computers-empty-text = Компьютер появится сам, как только его агент отправит первые данные.
computers-no-users = Учётных записей пока нет
computers-no-users-text = Учётная запись появляется с первым событием.
computers-nobody = Не человек
computers-not-person = Не человек
computers-is-person = Это человек
computers-activate = Использовать снова
computers-deactivate = Вывести из использования
computers-activate-text = Компьютер выведен из использования. История сохранена, новые данные всё равно принимаются.
computers-deactivate-text = Выведенный компьютер исчезает из списков. История остаётся, новые данные всё равно принимаются.
computers-delete = Удалить…
computers-delete-title = Удалить компьютер { $name }?
computers-delete-users = { $count ->
    [0] Учётных записей на нём нет.
    [one] Вместе с ним удалится { $count } учётная запись.
    [few] Вместе с ним удалятся { $count } учётные записи.
   *[other] Вместе с ним удалятся { $count } учётных записей.
}
computers-delete-links = { $count ->
    [0] Ни одна учётная запись не связана с сотрудником.
    [one] Удалится { $count } связь с сотрудником вместе с датами; записанное больше никому не принадлежит.
    [few] Удалятся { $count } связи с сотрудниками вместе с датами; записанное больше никому не принадлежит.
   *[other] Удалятся { $count } связей с сотрудниками вместе с датами; записанное больше никому не принадлежит.
}
computers-delete-events = Записанное остаётся до конца срока хранения.
computers-delete-again = Если он снова отправит данные, то появится снова, без сотрудника.
computers-delete-do = Удалить { $name }
computers-delete-keep = Оставить компьютер

links-title = Чья учётная запись { $name }?
links-caption = Сотрудники учётной записи
links-person = Сотрудник
links-from = С
links-to = По
links-from-hint = Пусто: с первых данных или с конца прошлой связи.
links-to-hint = Пусто: до отмены. Сам момент в связь уже не входит.
links-zone = Время: { $zone }
links-actions = Действия
links-search = Найти сотрудника
links-search-first = Найдите сотрудника по имени, номеру или отделу.
links-since-first-seen = с первых данных
links-since-first-seen-at = с первых данных ({ $time })
links-until-further-notice = до отмены
links-none = Эта учётная запись пока ничья.
links-add = Связать с сотрудником
links-create = Связать
links-change = Изменить
links-end-now = Завершить сейчас
links-remove = Убрать…
links-delete-title = Убрать связь { $user } – { $name }?
links-delete-events = Будет так, словно связи не было: записанное за её время больше никому не принадлежит.
links-delete-instead = Чтобы сохранить прошлое, завершите связь.
links-delete-do = Убрать связь
links-delete-keep = Оставить связь

unassigned-user = Учётная запись
unassigned-proposals = Чья она может быть
unassigned-search = Компьютер или имя пользователя
unassigned-no-proposal = по имени никто не подходит
unassigned-other = Другой сотрудник…
unassigned-accept-label = Связать { $user }: { $name }
unassigned-accept-sure = { $count ->
    [one] Принять { $count } надёжное предложение
    [few] Принять { $count } надёжных предложения
   *[other] Принять { $count } надёжных предложений
}
unassigned-empty-title = Всё связано
unassigned-empty-text = Каждая учётная запись принадлежит сотруднику или отмечена как «не человек».
unassigned-reason-personnel-number = имя пользователя — табельный номер «{ $matched }»
unassigned-reason-email = имя пользователя — начало адреса почты «{ $matched }»
unassigned-reason-full-name = совпадают фамилия и имя: «{ $matched }»
unassigned-reason-surname-and-initial = совпадают фамилия и первая буква имени: «{ $matched }»
unassigned-reason-computer-number = в названии компьютера табельный номер «{ $matched }»
unassigned-reason-surname = совпадает фамилия: «{ $matched }»
unassigned-reason-computer-surname = в названии компьютера фамилия «{ $matched }»
unassigned-reason-given-name = совпадает только имя: «{ $matched }»

import-title = Импорт списка
import-meta = Сначала видно, что изменится. Из-за списка никто не удаляется.
import-kind = Что в списке?
import-people-text = В каждой строке один сотрудник.
import-people-note = Нужны фамилия и имя; должность, отдел, табельный номер, почта и телефон читаются, если они есть.
import-departments-text = В каждой строке один отдел.
import-departments-note = Полный путь, например «Офис / Продажи», или название и вышестоящий отдел.
import-file = Файл
import-file-hint = CSV с заголовками в первой строке, не больше 5 МБ и 20 000 строк.
import-template-people = Пустой список сотрудников
import-template-departments = Пустой список отделов
import-show = Показать, что изменится
import-preview = Что изменит список
import-preview-meta = Пока ничего не изменено.
import-new = Новые
import-updated = Изменятся
import-moved = Перейдут
import-unchanged = Без изменений
import-refused = Пропущены
import-refused-note = в этих строках ошибки; остальные можно применить
import-changes = Изменения
import-new-departments = Новые отделы:
import-ignored = Столбцы, которые не читаются: { $columns }
import-nothing = Список ничего не меняет.
import-apply = { $count ->
    [one] Применить { $count } изменение
    [few] Применить { $count } изменения
   *[other] Применить { $count } изменений
}
import-other-file = Выбрать другой файл
import-line = Строка
import-who = Кто
import-action = Что произойдёт
import-details = Подробности
import-action-new = новое
import-action-update = изменение
import-action-move = перевод
import-action-refused = пропуск
import-more-rows = { $count ->
    [one] и ещё { $count } строка
    [few] и ещё { $count } строки
   *[other] и ещё { $count } строк
}
import-not-received = Файл не получен. Выберите его снова.
import-field-surname = Фамилия
import-field-given-name = Имя
import-field-full-name = Полное имя
import-field-patronymic = Отчество
import-field-position = Должность
import-field-department = Отдел
import-field-name = Название
import-field-parent = Вышестоящий отдел
import-field-personnel-number = Табельный номер
import-field-email = Эл. почта
import-field-phone = Телефон
import-field-hired-on = Первый рабочий день
import-field-left-on = Последний рабочий день
import-field-language = Язык

search-title = Поиск
search-hint = Поиск по имени, табельному номеру, должности, компьютеру или имени пользователя.
search-nothing-asked = Что найти?

done-computers-saved = Сохранено: { $name }
done-computers-deleted = Удалено: { $name }
done-computers-activated = Снова используется: { $name }
done-computers-deactivated = Выведен из использования: { $name }
done-links-accepted = Связано учётных записей: { $name }
done-links-created = Связано: { $name }
done-links-saved = Связь сохранена: { $name }
done-links-ended = Связь завершена: { $name }
done-links-deleted = Связь убрана: { $name }
done-users-activated = Снова ищется сотрудник: { $name }
done-users-deactivated = Не человек: { $name }
done-people-imported = Применено строк: { $name }

error-computer-uid-taken = Этот идентификатор машины уже у другого компьютера.
error-computer-user-taken = Такая учётная запись уже есть.
error-link-overlaps = Другая связь этой учётной записи покрывает часть того же времени. Сначала измените её даты.
error-import-too-large = Файл больше 5 МБ. Разделите его.
error-import-too-many-rows = В файле больше 20 000 строк. Разделите его.
error-import-not-text = Это не текстовый файл. Сохраните таблицу как CSV.
error-import-empty = Под заголовками нет строк.
error-import-column-missing = В первой строке не хватает заголовка. Для сотрудников нужны фамилия и имя или полное имя, для отделов — отдел.
error-import-column-repeated = У двух столбцов одинаковый заголовок.
error-import-changed = После просмотра что-то изменилось. Выберите файл снова и посмотрите ещё раз.
error-row-too-many-cells = В строке больше ячеек, чем заголовков.
error-row-repeated = Строка { $line } о том же.
error-row-ambiguous-employee = Такое имя не у одного сотрудника. Укажите табельный номер.
error-row-ambiguous-department = Такое название не у одного отдела. Укажите полный путь.
