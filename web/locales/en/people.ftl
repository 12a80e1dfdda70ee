people-meta = { $people } in { $departments }
people-unlinked = { $count ->
    [one] { $count } computer user not linked yet
   *[other] { $count } computer users not linked yet
}
people-state = State
people-tab-all = All
people-tab-without-computer = Without a computer
people-tab-inactive = Inactive
people-tab-at-computer = At a computer
people-tab-no-input = No input
people-tab-locked = Locked
people-tab-seen = Seen today
people-tab-not-seen = Not seen today
people-add = Add a person
people-search = Name, number or computer
people-name = Name
people-department = Department
people-no-department = No department
people-number = Personnel number
people-number-hint = Unique in the organization. It also helps to find the person’s computer.
people-now = Now
people-today = Today
people-first-input = First input
people-now-failed = What people do now could not be read. The list itself is complete.
people-inactive = Inactive
people-pick = Select { $name }
people-pick-all = Select all
people-picked = selected
people-move-to = Department to move to
people-move = Move
people-activate = Activate
people-deactivate = Deactivate
people-delete = Delete…
people-create = Add the person
people-nobody = Nobody here
people-nobody-text = Nobody matches these filters.
people-nobody-elsewhere = { $count ->
    [one] { $count } person matches in other departments.
   *[other] { $count } people match in other departments.
}
people-show-all = Show all { $count }
people-empty-title = No people yet
people-empty-text = Bring your list, or add the first person. Computers appear by themselves as soon as they report somebody.
people-new-title = New person
people-surname = Surname
people-given-name = Given name
people-patronymic = Father’s name
people-position = Position
people-email = E-mail
people-email-hint = The part before the @ helps to find the person’s computer.
people-phone = Telephone
people-hired-on = First day at work
people-left-on = Last day at work
people-language = Language
people-language-uz = Uzbek
people-language-ru = Russian
people-language-en = English
people-deactivate-text = Someone who has left is made inactive. History stays, and the lists of people at work do not show them any more.
people-activate-text = This person is inactive. History stays; activate to show them in the lists again.
people-delete-title = Delete { $name }?
people-delete-links = { $count ->
    [0] No computer is linked to this person.
    [one] { $count } link to a computer user is deleted with its dates.
   *[other] { $count } links to computer users are deleted with their dates.
}
people-delete-events = What the computers recorded stays, but belongs to nobody any more.
people-delete-credentials = Cards and the face are deleted as well and leave the terminals.
people-delete-instead = Someone who has left can be made inactive instead; then the history stays readable.
people-delete-do = Delete { $name }
people-delete-keep = Keep the person

done-people-created = { $name } added
done-people-saved = { $name } saved
done-people-deleted = { $name } deleted
done-people-moved = Moved: { $name }
done-people-activated = Active again: { $name }
done-people-deactivated = Inactive now: { $name }

error-field-required = Fill in this field.
error-field-too-long = This is too long. Shorten it.
error-field-malformed = This is not of the right form. Check it for slips.
error-field-unknown = This does not exist any more. Choose again.
error-field-before-begin = The end lies before the begin.
error-personnel-number-taken = Somebody else already has this number.
error-cursor-invalid = The list has changed. Open it again from the start.
