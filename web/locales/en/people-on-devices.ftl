# Who may pass where, and whom devices know.
access-groups-title = Who may pass
access-groups-count = { $count ->
    [one] { $count } access group
   *[other] { $count } access groups
}
access-groups-add = Add an access group
access-groups-make = Make the group
access-groups-empty-title = No access groups yet
access-groups-empty-text = An access group says which people may pass which gates. Terminals that are kept by Nazorat then know exactly these people, and gates to which no group leads are left as they are.
access-groups-everybody = Everybody may pass all gates
access-groups-everybody-name = Everybody
access-groups-who = Who
access-groups-people = People
access-groups-where = Where
access-groups-everyone = everyone
access-groups-everyone-text = All employees, those of tomorrow among them.
access-groups-nobody = nobody
access-groups-all-gates = all gates
access-groups-all-gates-text = Those that are added later among them.
access-groups-nowhere = nowhere
access-groups-note-nobody = nobody belongs to it
access-groups-note-nowhere = it leads nowhere
access-groups-note-unnumbered = { $count ->
    [one] { $count } without a personnel number
   *[other] { $count } without a personnel number
}
access-groups-name-hint = As people call it, such as Office or Warehouse.
access-groups-who-ask = Who belongs to it?
access-groups-some = departments and single people
access-groups-some-text = Those who are picked below.
access-groups-departments-hint = Everybody of a department and of those below it belongs to the group, also who joins it later.
access-groups-no-departments = There are no departments yet.
access-groups-employees = Single people
access-groups-find = Find people
access-groups-find-hint = Name, position or number
access-groups-found = { $count ->
    [one] { $count } person found. Tick who belongs to the group.
   *[other] { $count } people found. Tick who belongs to the group.
}
access-groups-found-some = The first { $shown } of { $all } are shown. Type more of the name to find the others.
access-groups-where-ask = Which gates may they pass?
access-groups-some-gates = these gates
access-groups-no-gates = There are no gates yet.
access-groups-no-device = no device stands there
access-groups-meaning = What this means
access-groups-look = Show what this means
access-groups-means = { $people ->
    [one] { $people } person
   *[other] { $people } people
} may pass { $gates ->
    [one] { $gates } gate
   *[other] { $gates } gates
}, { $devices ->
    [0] at which no device stands yet.
    [one] with { $devices } device.
   *[other] with { $devices } devices.
}
access-groups-means-nothing = Nobody may pass anywhere by this group.
access-groups-warn-nobody = Nobody belongs to it. Pick departments or people, or choose everyone.
access-groups-warn-nowhere = It leads to no gate. Pick some, or choose all gates.
access-groups-warn-unnumbered = { $count ->
    [one] { $count } of them has no personnel number, and devices know people by it: that person cannot be written on any.
   *[other] { $count } of them have no personnel number, and devices know people by it: they cannot be written on any.
}
access-groups-warn-left = { $count ->
    [one] { $count } of the devices is not kept by Nazorat: whoever it knows may go on passing, and nobody is written on it.
   *[other] { $count } of the devices are not kept by Nazorat: whoever they know may go on passing, and nobody is written on them.
}
access-groups-do-remove = Remove the group
access-groups-do-remove-text = Before that, you are told who could not pass any more.
access-groups-remove-open = Remove…
access-groups-remove-title = Remove the access group { $name }?
access-groups-remove-nobody = Nobody loses a gate by it: other groups lead the same people there, or nobody decides about the gate any more.
access-groups-remove-people = { $count ->
    [one] { $count } person may no longer pass some gates, and is taken off their devices where those are kept by Nazorat.
   *[other] { $count } people may no longer pass some gates, and are taken off their devices where those are kept by Nazorat.
}
access-groups-remove-left = No other group leads to these gates: { $gates }. Their devices are left as they are, and whoever they know may go on passing.
access-groups-remove-do = Remove the group

device-people-title = People on devices
device-people-crumb = People
device-people-link = People
device-people-title-of = People on { $name }
device-people-count-in-order = { $count ->
    [one] { $count } in order
   *[other] { $count } in order
}
device-people-count-held = { $count ->
    [one] { $count } waits for your word
   *[other] { $count } wait for your word
}
device-people-empty-title = No devices yet
device-people-empty-text = As soon as there are terminals, this page says whether each of them knows the people who may pass it.
device-people-device = Device
device-people-people = Its people
device-people-right = As they should be
device-people-problems = Problems
device-people-unknown = Unknown people
device-people-unnumbered = Without a number
device-people-compared = Compared
device-people-progress = { $right } of { $wanted }
device-people-how-disabled = switched off
device-people-how-only-tells = only tells
device-people-how-not-kept = kept at the device
device-people-how-no-group = no group leads there
device-people-how-cannot = cannot keep people
device-people-how-silent = gateway silent
device-people-how-no-contact = no contact
device-people-how-failed = could not be compared
device-people-how-held = waits for your word
device-people-how-asked = being compared
device-people-how-not-compared = not compared yet
device-people-how-problems = has problems
device-people-how-on-its-way = on its way
device-people-how-in-order = in order
device-people-text-disabled = The device is not served. Nothing is compared before it is switched on.
device-people-text-only-tells = It tells who passed and takes no orders. Its people are kept by whoever serves it.
device-people-text-not-kept = { $count ->
    [one] Its people are entered at the device itself. By the access groups, { $count } person may pass it.
   *[other] Its people are entered at the device itself. By the access groups, { $count } people may pass it.
}
device-people-text-no-group = Nobody has said yet who may pass its gates, so its people are left as they are.
device-people-text-cannot = The device keeps no people, or not in a way that this version knows. Enter them at the device itself.
device-people-text-silent = Its gateway tells nothing, so the numbers are those of the last comparison. What is decided now is done when the gateway is back.
device-people-text-no-contact = The device cannot be compared: { $state }. Its gateway goes on trying.
device-people-text-held = The comparison would take { $held } of { $there } people off the device. That is so many that nobody is taken off before somebody says so; everything else is in order or on its way.
device-people-text-asked = Somebody has asked for it, and the gateway is at it: one person after the other. This page follows by itself.
device-people-text-not-compared = Its gateway compares it as soon as the device answers.
device-people-text-problems = { $count ->
    [one] { $count } person is not on it as they should be. Its page says why.
   *[other] { $count } people are not on it as they should be. Its page says why.
}
device-people-text-on-its-way = Its gateway writes one person after the other. This page follows by itself.
device-people-text-in-order = It knows everybody who may pass it.
device-people-failed-device-unreachable = The device stopped answering. It is compared again in a minute.
device-people-failed-device-credentials = The device refuses the account or the key. Enter the right one at the device's page.
device-people-failed-device-busy = The device is busy with somebody else, such as the program of its maker. It is compared again in a minute.
device-people-failed-device-refused = The device refuses to tell its people. Check what the account may do at the terminal.
device-people-failed-device-nonsense = The device answered what nobody understands. It may be a model that this version does not know well.
device-people-failed-device-settings = The settings of the device are wrong. Change them.
device-people-failed-not-kept = The gateway could not write down what it does, so it does nothing. Its disk may be full.
device-people-failed-other = Its people could not be compared: { $detail }
device-people-why-device-unreachable = the device did not answer
device-people-why-device-credentials = the device refuses the account or the key
device-people-why-device-busy = the device was busy
device-people-why-device-cannot = the device cannot do this
device-people-why-device-refused = the device refused
device-people-why-device-nonsense = the device says that it is done, and it is not
device-people-why-device-settings = the settings of the device are wrong
device-people-why-not-kept = the gateway could not fetch or keep what it needs
device-people-why-administers = administers the device, and is changed only there
device-people-why-number = their personnel number is none for devices: 1 to 32 letters and digits without blanks
device-people-next-no-group = Make an access group
device-people-next-device = Open the device
device-people-next-gateway = Open the gateway
device-people-may-pass = May pass
device-people-may-pass-note = by the access groups
device-people-on-device = On the device
device-people-on-device-note = whoever they are
device-people-compared-note = by its gateway
device-people-compare = Compare now
device-people-person = Person
device-people-number = Number
device-people-cards = Cards
device-people-why = Why
device-people-tries = Tries
device-people-next-try = Next try
device-people-no-try = after a change
device-people-soon = in a moment
device-people-try = Try now
device-people-problems-none = No problems
device-people-problems-none-text = Whoever cannot be written stands here, with the reason and the next try.
device-people-unknown-none = No unknown people
device-people-unknown-none-text = Whoever was entered at the device and is no employee stands here.
device-people-unknown-text = The device knows them and lets them pass, and no employee has their number. They stay until you take them off.
device-people-nameless = without a name
device-people-foreign = Cards that only the device knows
device-people-foreign-text = These people are employees, and somebody gave them cards at the device itself. The cards stay, and open the door.
device-people-unnumbered-text = They may pass here, and cannot be written on the device, because devices know people by their personnel number.
device-people-give-number = Give a number
device-people-orders-empty-text = Comparisons and removals that somebody asked for stand here with their answers.
device-people-who-keeps = Who keeps its people
device-people-do-keep-title = Let Nazorat keep its people
device-people-do-keep-text = Who may pass follows from the access groups from then on: those who may are written on the device, employees who may not are taken off.
device-people-do-leave-title = Leave its people to the device
device-people-do-leave-text = Nothing is written on it or taken off any more. Whom it knows by then, it knows.
device-people-keep-open = Keep by Nazorat…
device-people-keep-title = Let Nazorat keep the people of { $name }?
device-people-keep-people = { $count ->
    [one] { $count } person may pass its gates by the access groups, and is written on it with cards and face.
   *[other] { $count } people may pass its gates by the access groups, and are written on it with cards and faces.
}
device-people-keep-no-group = No access group leads to its gates yet, so nothing is changed before one does.
device-people-keep-off = Employees who may not pass are taken off the device.
device-people-keep-stay = Whoever was entered at the device and is unknown here stays, and so do cards and faces that only the device knows, and those who administer it.
device-people-keep-many = If that would take off more than 10 people and more than a fifth of all, you are asked first.
device-people-keep-do = Keep its people
device-people-leave-open = Leave to the device…
device-people-leave-title = Leave the people of { $name } to the device?
device-people-leave-text = Nobody is written on it or taken off it any more. Whoever leaves the company still passes there until somebody takes them off at the device.
device-people-leave-next = Everybody whom it knows now stays, with cards and faces.
device-people-leave-do = Leave them to the device
device-people-allow-open = { $count ->
    [one] Take { $count } person off…
   *[other] Take { $count } people off…
}
device-people-allow-title = Take { $held } people off { $name }?
device-people-allow-text = They are employees who may not pass its gates, or were written by Nazorat and are unknown by now. Look at the access groups first if you expected something else.
device-people-allow-next = If it is more of them by then, you are asked again. People who were entered at the device stay.
device-people-allow-do = { $count ->
    [one] Take { $count } person off
   *[other] Take { $count } people off
}
device-people-take-off-open = Take off…
device-people-take-off-title = Take { $name } off { $device }?
device-people-take-off-text = The device forgets the person with number { $number }, with their cards and face. They cannot pass there any more.
device-people-take-off-next = Nazorat does not know their cards and face and cannot bring them back. Passes that were observed stay.
device-people-take-off-do = Take off the device
devices-answer-goes-on = there is much to do, and it goes on
devices-reply-right = as they should be
devices-reply-wanted = should be there
devices-reply-on-device = on the device
devices-reply-held = waiting for a word
devices-reply-problems = problems

person-gates = Doors
person-gates-through = Through
person-gates-none = No access group leads this person to a gate.
person-gates-inactive = Whoever is inactive may pass no gate.
person-gates-no-number = Without a personnel number, terminals cannot know this person.

done-device-people-kept = The people of { $name } are kept by Nazorat
done-device-people-left = The people of { $name } are left to the device
