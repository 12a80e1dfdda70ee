storage-events = Events
storage-events-note = of this organization
storage-size = Size
storage-size-note = on the disk
storage-growth = Growth
storage-growth-note = a day, on average
storage-free = Free
storage-disk = { $share } of the disk is in use, by everything on it: { $used } of { $total }
storage-kinds = What is stored
storage-kind = Kind
storage-oldest = Oldest
storage-newest = Newest
storage-files = Files
storage-files-count = { $count ->
    [one] { $count } file
   *[other] { $count } files
}
storage-set-aside-count = { $count } set aside
storage-set-aside = Some data files could not be read.
storage-retention = How long events are kept
storage-retention-note = Every night at 02:00
storage-run = Remove now…
storage-days = Keep for
storage-ever = for ever
storage-unit = days
storage-then = Then
storage-then-delete = Delete
storage-then-archive = Write to an archive, then delete
storage-cap = At most for all events
storage-cap-none = no limit
storage-cap-unit = GB
storage-cap-hint = When it is reached, the oldest whole months go first. Empty is no limit.
storage-save = Save
storage-wrong-days = Write a number of days from 1 to 3650, or nothing to keep them for ever.
storage-wrong-cap = Write at least 0.1 GB, or nothing for no limit.
storage-question = Keep events for a shorter time?
storage-question-days = { $kind }: keep { $new } instead of { $old }?
storage-question-ever = { $kind }: keep { $new } instead of for ever?
storage-consequence = { $kind }: { $number } { $count ->
    [one] record
   *[other] records
} from { $from } to { $to } ({ $size }) go tonight at 02:00.
storage-run-consequence = { $kind }: { $number } { $count ->
    [one] record
   *[other] records
} from { $from } to { $to } ({ $size }) go now.
storage-totals-stay = The daily totals of people and departments stay.
storage-keep = Change nothing
storage-keep-days = Keep { $days }
storage-keep-ever = Keep for ever
storage-delete = { $count ->
    [one] Delete { $number } record
   *[other] Delete { $number } records
}
storage-run-question = Remove now what is too old?
storage-run-nothing = Nothing is older than it should be.
storage-run-anyway = Look all the same
storage-run-wait = Wait for the night
done-retention-saved = The new times apply from tonight
done-retention-run = Removed: { $name }
storage-files-note = one for each month and kind
storage-files-none = No files yet
storage-files-more = { $count ->
    [one] and { $count } more
   *[other] and { $count } more
}
storage-month = Month
storage-state = State
storage-file-open = Takes events
storage-file-sealed = Sealed and checked
storage-file-removing = Being removed
storage-file-set-aside = Set aside
storage-file-next = Stop the appliance and run “nazorat doctor” on it: it names the file and the way to bring it back from a backup.
