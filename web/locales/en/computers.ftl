computers-tab-in-use = In use
computers-tab-inactive = Out of use
computers-search = Name, number or note
computers-name = Name
computers-name-hint = What people call it. Empty is the machine id.
computers-users = Users
computers-contact = Contact
computers-uid = Machine id
computers-note = Note
computers-first-seen = First seen
computers-last-seen = Last seen
computers-inactive = Out of use
computers-never = not seen yet
computers-in-contact = in contact, { $time }
computers-quiet = quiet since { $time }
computers-silent = silent since { $time }
computers-out-of-use = out of use, last seen { $time }
computers-seen = seen { $from } – { $to }
computers-none = No computers here
computers-none-text = Change the words or take a filter away.
computers-empty-title = No computers yet
computers-empty-text = A computer appears by itself as soon as its agent sends for the first time.
computers-no-users = No accounts yet
computers-no-users-text = An account appears with its first event.
computers-nobody = Not a person
computers-not-person = Not a person
computers-is-person = It is a person
computers-activate = Use again
computers-deactivate = Take out of use
computers-activate-text = This computer is out of use. Its history stays, and what it sends is still kept.
computers-deactivate-text = A computer that is out of use leaves the lists. Its history stays, and what it sends is still kept.
computers-delete = Delete…
computers-delete-title = Delete the computer { $name }?
computers-delete-users = { $count ->
    [0] It has no accounts.
    [one] { $count } account is deleted with it.
   *[other] { $count } accounts are deleted with it.
}
computers-delete-links = { $count ->
    [0] No account is linked to a person.
    [one] { $count } link to a person is deleted with its dates; what was recorded belongs to nobody any more.
   *[other] { $count } links to people are deleted with their dates; what was recorded belongs to nobody any more.
}
computers-delete-events = What it recorded stays until its time of keeping ends.
computers-delete-again = When it sends again, it appears again, without a person.
computers-delete-do = Delete { $name }
computers-delete-keep = Keep the computer

links-title = Whose account is { $name }?
links-caption = People of the account
links-person = Person
links-from = From
links-to = To
links-from-hint = Empty: since the account was first seen, or since the last link ended.
links-to-hint = Empty: until further notice. The moment itself does not belong to the link any more.
links-zone = Times of { $zone }
links-actions = Actions
links-search = Search for a person
links-search-first = Search for the person by name, number or department.
links-since-first-seen = since first seen
links-since-first-seen-at = since first seen ({ $time })
links-until-further-notice = until further notice
links-none = This account belongs to nobody yet.
links-add = Link to a person
links-create = Link
links-change = Change
links-end-now = End now
links-remove = Remove…
links-delete-title = Remove the link of { $user } to { $name }?
links-delete-events = It will be as if the link had never been: what was recorded in its time belongs to nobody any more.
links-delete-instead = To keep the past, end the link instead.
links-delete-do = Remove the link
links-delete-keep = Keep the link

unassigned-user = Account
unassigned-proposals = Whose it might be
unassigned-search = Computer or user name
unassigned-no-proposal = nobody fits by name
unassigned-other = Another person…
unassigned-accept-label = Link { $user } to { $name }
unassigned-accept-sure = { $count ->
    [one] Accept { $count } sure proposal
   *[other] Accept { $count } sure proposals
}
unassigned-empty-title = Everything is linked
unassigned-empty-text = Each account that was seen belongs to a person, or was said to be nobody.
unassigned-reason-personnel-number = the user name is the personnel number “{ $matched }”
unassigned-reason-email = the user name is the e-mail name “{ $matched }”
unassigned-reason-full-name = surname and given name match “{ $matched }”
unassigned-reason-surname-and-initial = surname and first letter match “{ $matched }”
unassigned-reason-computer-number = the computer’s name holds the personnel number “{ $matched }”
unassigned-reason-surname = the surname matches “{ $matched }”
unassigned-reason-computer-surname = the computer’s name holds the surname “{ $matched }”
unassigned-reason-given-name = only the given name matches “{ $matched }”

import-title = Import a list
import-meta = First you see what would change. Nobody is deleted because of a list.
import-kind = What is in the list?
import-people-text = One person in each row.
import-people-note = Surname and given name are needed; position, department, personnel number, e-mail and telephone are read when they are there.
import-departments-text = One department in each row.
import-departments-note = The whole path, as in “Office / Sales”, or name and parent.
import-file = File
import-file-hint = CSV with headings in the first row, at most 5 MB and 20 000 rows.
import-template-people = Empty list of people
import-template-departments = Empty list of departments
import-show = Show what would change
import-preview = What the list would change
import-preview-meta = Nothing is changed yet.
import-new = New
import-updated = Changed
import-moved = Moved
import-unchanged = As they are
import-refused = Left out
import-refused-note = these rows hold mistakes; all others can be applied
import-changes = Changes
import-new-departments = New departments:
import-ignored = Columns that are not read: { $columns }
import-nothing = The list changes nothing.
import-apply = { $count ->
    [one] Apply { $count } change
   *[other] Apply { $count } changes
}
import-other-file = Choose another file
import-line = Row
import-who = Who
import-action = What happens
import-details = Details
import-action-new = new
import-action-update = changed
import-action-move = moved
import-action-refused = left out
import-more-rows = { $count ->
    [one] and { $count } more row
   *[other] and { $count } more rows
}
import-not-received = The file did not arrive. Choose it again.
import-field-surname = Surname
import-field-given-name = Given name
import-field-full-name = Full name
import-field-patronymic = Father’s name
import-field-position = Position
import-field-department = Department
import-field-name = Name
import-field-parent = Parent
import-field-personnel-number = Personnel number
import-field-email = E-mail
import-field-phone = Telephone
import-field-hired-on = First day at work
import-field-left-on = Last day at work
import-field-language = Language

search-title = Search
search-hint = Search by name, personnel number, position, computer or user name.
search-nothing-asked = What are you looking for?

done-computers-saved = { $name } saved
done-computers-deleted = { $name } deleted
done-computers-activated = In use again: { $name }
done-computers-deactivated = Out of use: { $name }
done-links-accepted = Accounts linked: { $name }
done-links-created = { $name } linked
done-links-saved = Link of { $name } saved
done-links-ended = Link of { $name } ended
done-links-deleted = Link of { $name } removed
done-users-activated = Asked about again: { $name }
done-users-deactivated = Not a person: { $name }
done-people-imported = Rows applied: { $name }

error-computer-uid-taken = Another computer already has this machine id.
error-computer-user-taken = This account exists already.
error-link-overlaps = Another link of this account covers part of the same time. Change its dates first.
error-import-too-large = The file is larger than 5 MB. Divide it.
error-import-too-many-rows = The file has more than 20 000 rows. Divide it.
error-import-not-text = This is not a text file. Save the table as CSV.
error-import-empty = There are no rows below the headings.
error-import-column-missing = A heading is missing in the first row. People need surname and given name or the full name, departments need the department.
error-import-column-repeated = Two columns have the same heading.
error-import-changed = Something has changed since the preview. Choose the file again and look once more.
error-row-too-many-cells = The row has more cells than there are headings.
error-row-repeated = Row { $line } is about the same.
error-row-ambiguous-employee = More than one person has this name. Give the personnel number.
error-row-ambiguous-department = More than one department has this name. Give the whole path.
