overview-period = Period
overview-who = Who is at a computer
overview-now = { $count ->
    [one] person at a computer now
   *[other] people at a computer now
}
overview-no-input = no input
overview-locked = locked
overview-seen-today = seen today, computer off
overview-not-seen = not seen today
overview-incomplete = Today is incomplete.
overview-hours = Today by the hour
overview-hours-unit = People, every 15 minutes
overview-hours-legend = Computers in use:
overview-hours-sentence = At most { $count } people used a computer in a quarter of an hour until { $time }.
overview-useful = useful
overview-neutral = neutral
overview-distracting = distracting
overview-hours-bar = { $time }: { $useful } useful, { $neutral } neutral, { $distracting } distracting
overview-sums-soon = The sums of today are being put together
overview-sums-soon-text = They stand here in a minute or two. Who is at a computer now is shown above already.
overview-as-chart = As a chart
overview-quarter = From
overview-table-empty = Nobody has used a computer today
overview-look = Needs a look
overview-all-fine = Everything is fine: events, storage and the queue.
overview-rest-fine = Everything else is fine.
overview-all-departments = All departments
overview-departments-caption = Departments today
overview-department = Department
overview-share = Share
overview-heat = Computer activity, { $from }–{ $to }
overview-heat-most = Most activity from { $from } to { $to }
overview-heat-none = No activity yet
overview-first-input = First input
overview-arriving = Data arriving
overview-arriving-unit = events per minute
overview-arriving-waiting = { $count ->
    [one] Complete to { $time }. { $count } batch is waiting.
   *[other] Complete to { $time }. { $count } batches are waiting.
}
overview-room = Storage
overview-room-used = { $used } used of { $total }
overview-room-lasts = At this pace the disk does not fill up.
overview-room-years = At this pace there is room for more than two years.
overview-room-months = { $count ->
    [one] At this pace full in { $count } month.
   *[other] At this pace full in { $count } months.
}
overview-room-days = { $count ->
    [one] At this pace full in { $count } day.
   *[other] At this pace full in { $count } days.
}
overview-letters-today = { $count ->
    [0] none today
   *[other] { $count } today
}
overview-letters-all = All
overview-letters-none = Every event of today could be stored.
overview-letters-some = They are kept with the reason, and can be put back.
look-refusing = New events are refused
look-refusing-text = The disk or the queue is full. Agents keep their events and send them again.
look-refusing-link = Make room
look-set-aside = { $count ->
    [one] { $count } data file could not be read
   *[other] { $count } data files could not be read
}
look-set-aside-text = It was set aside, and reports say “at least”. The rest works.
look-set-aside-link = See which
look-disk = { $count ->
    [0] The disk is nearly full
    [one] The disk is full in { $count } day
   *[other] The disk is full in { $count } days
}
look-disk-text = Keep events for fewer days, or add a larger disk.
look-disk-link = Change what is kept
look-late = Events have been waiting for { $age }
look-late-text = They are safe, and appear as soon as they are stored.
look-late-link = See the storage
look-unlinked = { $count ->
    [one] { $count } computer user belongs to nobody yet
   *[other] { $count } computer users belong to nobody yet
}
look-unlinked-text = Their hours are counted once you choose the person.
look-unlinked-link = Choose people
look-letters = { $count ->
    [one] { $count } event was refused today
   *[other] { $count } events were refused today
}
look-letters-text = They are kept with the reason.
look-letters-link = See why
first-title = Three steps to the first numbers
first-text = Nazorat is ready. This page shows the day as soon as the first computer reports.
first-done = Done
first-open = Open
first-key = Create an API key
first-key-text = Agents and other programs send events with it. Only an administrator can create one.
first-key-link = Create a key
first-computer = Connect the first computer
first-computer-text = Install an agent and give it this appliance’s address and the key. The computer appears by itself.
first-computer-link = See the computers
first-people = Bring your people
first-people-text = Import a list from your HR system, or add them one by one. Then say whose computer is whose.
first-people-link = Import a list
summary-week = { $from } – { $to }
summary-people = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
summary-previous = Earlier
summary-next = Later
summary-chart = Time in use
summary-unit-day = Hours, every day
summary-unit-week = Hours, every week
summary-unit-month = Hours, every month
summary-sentence = { $active } in use in all, { $share } of it useful.
summary-bar = { $name }: { $active } in use, { $share } useful
summary-in-use = Computers in use
summary-in-use-note = of { $observed } observed
summary-per-person = For each person
summary-per-person-note = over { $days }
summary-useful-note = { $duration }
summary-no-data-note = says nothing about work
summary-applications = Applications
summary-sites = Sites
summary-nothing = Nothing was recorded
summary-empty = No events in this time
summary-empty-text = Choose another period, or look at today.
summary-incomplete = These sums are incomplete.
summary-as-of = Sums as of { $time }
summary-column-from = From
summary-column-in-use = In use
summary-back = To the department
