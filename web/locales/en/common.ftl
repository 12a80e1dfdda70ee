product-name = Nazorat

layout-skip = Skip to the content
layout-side = Organization and menu
layout-main-menu = Menu
layout-short-menu = Short menu
layout-breadcrumb = Where you are
layout-search = Search people and computers
layout-theme = Colours
layout-language = Language
layout-account = Your account
layout-sign-out = Sign out
layout-alerts = { $count ->
    [0] Alerts, none open
    [one] Alerts, { $count } open
   *[other] Alerts, { $count } open
}
theme-light = Light
theme-dark = Dark
theme-auto = As the device

nav-overview = Overview
nav-people = People
nav-departments = Departments
nav-doors = Doors
nav-desk = Guard’s desk
nav-devices = Devices
nav-group-computers = Computers
nav-activity = Activity
nav-computers = Computers
nav-unassigned = Not linked yet
nav-categories = What counts as useful
nav-group-system = System
nav-organizations = Organizations
nav-operators = Operators
nav-gateways = Gateways
nav-api-keys = API keys
nav-dead-letters = Refused events
nav-storage = Storage and retention
nav-audit = Audit log
nav-settings = Settings
nav-about = About
nav-more = More

role-admin = Administrator
role-hr = HR
role-department-lead = Department lead
role-guard = Guard

complete-to = All data complete to { $time }
complete-sentence = Complete to { $time }. Nothing is waiting.
complete-waiting = { $count ->
    [one] Complete to { $time }. { $count } event is waiting.
   *[other] Complete to { $time }. { $count } events are waiting.
}
complete-missing = Some data could not be read
complete-none = No data yet

action-save = Save
action-cancel = Cancel
action-delete = Delete
action-edit = Edit
action-add = Add
action-create = Create
action-back = Back
action-continue = Continue
action-close = Close
action-open = Open
action-search = Search
action-show = Show
action-all = All
action-all-count = All { $count }
action-show-more = Show { $count } more
action-export = Export
action-import = Import a list
action-columns = Columns
action-copy = Copy
action-copied = Copied
action-try-again = Try again
action-clear-filters = Clear filters
action-remove-filter = Remove the filter { $name }
action-choose-day = Choose a day
action-as-table = As a table
action-link = Link
action-unlink = Unlink
action-revoke = Revoke
action-undo = Undo
action-retry-all = Try all again
action-sign-in = Sign in

today = Today
yesterday = Yesterday
week = Week
month = Month
year = Year
day = Day
now = now
now-at = now { $time }
none = none
unknown = not known
optional = optional
yes = yes
no = no
at-least = at least
since-time = since { $time }
as-of = as of { $time }
live-as-of = live, as of { $time }
from-to = { $from }–{ $to }
of-total = of { $total }
range-of = { $from }–{ $to } of { $total }
picked = { $count ->
    [one] { $count } selected
   *[other] { $count } selected
}

people-count = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
computers-count = { $count ->
    [one] { $count } computer
   *[other] { $count } computers
}
events-count = { $count ->
    [one] { $count } event
   *[other] { $count } events
}
records-count = { $count ->
    [one] { $count } record
   *[other] { $count } records
}
days-count = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

state-useful = Useful
state-neutral = Neutral
state-distracting = Distracting
state-no-input = No input
state-locked = Locked
state-no-data = No data
state-active = In use
state-off = Computer off
state-at-computer = at a computer
state-at-computer-since = at a computer since { $time }
state-no-input-since = no input since { $time }
state-locked-since = locked since { $time }
state-seen-today = seen today, last at { $time }
state-not-seen = not seen today
light-ok = in order
light-way = on its way
light-look = worth a look
light-bad = broken
light-off = off, not expected

loading = Loading
nothing-found = Nothing found
nothing-found-for = Nothing matches “{ $query }”
error-not-loaded = This part could not be loaded
error-not-loaded-server = The appliance answered with an error. Your filters are kept.
error-not-loaded-offline = The appliance cannot be reached. Check the network, your filters are kept.
error-code-line = Code { "{" }code{ "}" } · request { "{" }request{ "}" }
error-summary = Check these fields
error-required = Fill in this field.
error-incomplete = Some data could not be read and was set aside.
view-recorded = This view is recorded
shown-once = Copy it now. It is shown only once.

shortcuts-title = Keys
shortcut-search = Search
shortcut-list = This list
shortcut-previous-next = Previous and next day or month
shortcut-segment = Previous and next segment of a day
shortcut-lane = The same moment in another lane
shortcut-zoom = Closer and farther
shortcuts-switch = Single keys are on

unit-hours = { $hours } h
unit-minutes = { $minutes } min
unit-seconds = { $seconds } s
unit-hours-minutes = { $hours } h { $minutes } min
unit-percent = { $value } %
unit-percent-less = <1 %
unit-bytes = { $value } B
unit-kilobytes = { $value } KB
unit-megabytes = { $value } MB
unit-gigabytes = { $value } GB
unit-terabytes = { $value } TB
number-decimal = .

# $weekday and $month are the words below; $month is the form that stands after a day.
date-day-long = { $weekday }, { $day } { $month }
date-day = { $day } { $month }
date-day-year = { $day } { $month } { $year }
date-day-short = { $weekday } { $day }
date-month = { $month } { $year }
date-time = { $date }, { $time }

weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
weekday-short-1 = Mon
weekday-short-2 = Tue
weekday-short-3 = Wed
weekday-short-4 = Thu
weekday-short-5 = Fri
weekday-short-6 = Sat
weekday-short-7 = Sun
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
month-of-1 = January
month-of-2 = February
month-of-3 = March
month-of-4 = April
month-of-5 = May
month-of-6 = June
month-of-7 = July
month-of-8 = August
month-of-9 = September
month-of-10 = October
month-of-11 = November
month-of-12 = December
month-short-1 = Jan
month-short-2 = Feb
month-short-3 = Mar
month-short-4 = Apr
month-short-5 = May
month-short-6 = Jun
month-short-7 = Jul
month-short-8 = Aug
month-short-9 = Sep
month-short-10 = Oct
month-short-11 = Nov
month-short-12 = Dec
