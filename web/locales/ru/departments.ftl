departments-count = { $count ->
    [one] { $count } отдел
    [few] { $count } отдела
   *[other] { $count } отделов
}
departments-name = Название
departments-sums = Суммы
departments-add = Добавить отдел
departments-add-below = Добавить внутри
departments-create = Добавить отдел
departments-new-title = Новый отдел
departments-parent = Входит в
departments-parent-hint = Отдел переносится со всем содержимым.
departments-top = Никуда, это верхний уровень
departments-below = Отделы внутри
departments-all-people = Все сотрудники
departments-inactive = Не используется
departments-activate = Использовать снова
departments-deactivate = Не использовать
departments-activate-text = Отдел не используется: для новых сотрудников не предлагается, история сохранена.
departments-deactivate-text = Неиспользуемый отдел не предлагается для новых сотрудников. Сотрудники и история остаются.
departments-delete = Удалить…
departments-empty-title = Отделов пока нет
departments-empty-text = По отделам группируются списки и суммы, по ним же ограничен обзор руководителей отделов.
departments-nobody-title = Здесь пока никто не работает
departments-nobody-text = Добавьте сотрудника или выберите сотрудников в списке и переведите сюда.
departments-delete-title = Удалить отдел { $name }?
departments-delete-empty = Отдел пуст.
departments-delete-move = Всё, что находится прямо в нём ({ $people }, { $departments }, { $computers }), перейдёт в { $parent }.
departments-delete-loose = Прямо в нём: { $people }, { $computers } останутся без отдела, { $departments } внутри перейдут на верхний уровень.
departments-delete-events = Записанные данные не удаляются. Суммы за прошлое показываются по нынешнему отделу сотрудника.
departments-delete-do = Удалить { $name }
departments-delete-keep = Оставить отдел

done-departments-created = Добавлено: { $name }
done-departments-saved = Сохранено: { $name }
done-departments-deleted = Удалено: { $name }
done-departments-activated = Снова используется: { $name }
done-departments-deactivated = Больше не используется: { $name }

error-department-name-taken = Рядом уже есть отдел с таким названием.
error-department-cycle = Отдел не может входить сам в себя.
error-department-not-empty = Отдел больше не пуст. Посмотрите, что в нём, и повторите.
