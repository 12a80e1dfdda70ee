person-timeline = timeline
person-lane-computer = Computer
person-lane-applications = Applications
person-lane-sites = Sites
person-columns = computer, applications
person-computer = computer
person-zoom = How much of the day
person-zoom-day = Day
person-zoom-4h = 4 hours
person-zoom-1h = 1 hour
person-shown = Shown: { $from }–{ $to }
person-sentence = { $day }: computer in use { $active }, from { $first } to { $last }. Arrow keys move between segments.
person-sentence-empty = { $day }: no events.
person-app-unknown = Unknown application
person-gap-silent = The agent sent nothing for this time
person-gap-expected = Still on its way
person-first-input = First input
person-first-input-note = keyboard or mouse
person-last-input = Last input
person-last-input-note = keyboard or mouse
person-in-use = Computer in use
person-of-observed = of { $observed } observed
person-useful-note = { $duration } of the time in use
person-no-data-note = says nothing about work
person-week-nothing = no data
person-empty = Nothing arrived for this day
person-empty-text = Either no computer of this person was on, or its agent has not sent yet. It says nothing about work.
person-applications = Applications
person-sites = Sites
person-nothing-used = Nothing was recorded
person-shots = Screenshots
person-shots-taken = { $count ->
    [one] { $count } taken, shown blurred
   *[other] { $count } taken, shown blurred
}
person-shots-blurred = Blurred until it is opened with a reason
person-shots-reason = Opening a screenshot asks for a reason. { $name } can learn who opened what.
person-as-drawing = As a drawing
person-table-caption = What was in use, in order of time
person-column-from = From
person-column-to = To
person-column-duration = Duration
person-column-kind = Counts as
person-column-name = Application
person-column-detail = Title
screenshot-title = Screenshot of { $day }, { $time }
screenshot-question = Why do you open this screenshot?
screenshot-text = The reason, your name and the time go into the audit log. { $name } can learn of it.
screenshot-reason = Reason
screenshot-reason-hint = One sentence, such as “customer’s complaint 1042”.
screenshot-reason-needed = Write in a few words why you need to see it.
screenshot-show = Show the screenshot
screenshot-alternative = Screenshot of the computer of { $name }
incomplete-title = This day is incomplete.
incomplete-files = { $count ->
    [one] One data file of { $month } could not be read and was set aside.
   *[other] { $count } data files, the first of { $month }, could not be read and were set aside.
}
