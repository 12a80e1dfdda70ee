departments-count = { $count ->
    [one] { $count } department
   *[other] { $count } departments
}
departments-name = Name
departments-sums = Sums
departments-add = Add a department
departments-add-below = Add one below
departments-create = Add the department
departments-new-title = New department
departments-parent = Stands below
departments-parent-hint = The department moves with everything in it.
departments-top = Nothing, it stands at the top
departments-below = Departments below
departments-all-people = All people
departments-inactive = Not in use
departments-activate = Use again
departments-deactivate = Take out of use
departments-activate-text = This department is not in use. It is not offered for new people; history stays.
departments-deactivate-text = A department that is not in use is not offered for new people any more. Its people and history stay.
departments-delete = Delete…
departments-empty-title = No departments yet
departments-empty-text = Departments group people for the lists, sums and the views of department leads.
departments-nobody-title = Nobody works here yet
departments-nobody-text = Add a person, or pick people in the list and move them here.
departments-delete-title = Delete the department { $name }?
departments-delete-empty = The department is empty.
departments-delete-move = { $people }, { $departments } and { $computers } directly in it move to { $parent }.
departments-delete-loose = { $people } and { $computers } directly in it stay without a department, { $departments } below it move to the top.
departments-delete-events = Nothing that was recorded is deleted. Sums of the past are shown for the department in which people are now.
departments-delete-do = Delete { $name }
departments-delete-keep = Keep the department

done-departments-created = { $name } added
done-departments-saved = { $name } saved
done-departments-deleted = { $name } deleted
done-departments-activated = In use again: { $name }
done-departments-deactivated = Not in use any more: { $name }

error-department-name-taken = A department beside it already has this name.
error-department-cycle = A department cannot stand below itself.
error-department-not-empty = The department is not empty any more. Look at what it holds and ask again.
