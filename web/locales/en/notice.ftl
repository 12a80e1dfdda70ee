# What is collected about a person, told to that person. The sheet is read and signed by people who know nothing of the
# program: plain words, nothing left out. A sentence of the sheet whose meaning changes gets a new key; see `Facts::wording`.
notice-title = What is collected about you at the computer
notice-version-line = Version { $number } of { $day } · checksum { $checksum }
notice-intro = { $organization } uses the program Nazorat on workplace computers. This page tells you what it keeps about you. It is made from the settings that hold for you, not written by hand.
notice-open = No limits have been set yet. Everything that the program on your computer sends is kept as it comes.
notice-caption = What is kept, in how much detail, and for how long
notice-head-what = What
notice-head-detail = In how much detail
notice-head-kept = For how long
notice-not-collected = Not collected.
notice-kept-ever = Without a limit
notice-kept-deleted = At most { $days }, then deleted
notice-kept-archived = { $days }, then moved to an archive and kept there
notice-windows = Programs
notice-windows-open = The name of the program in front, the title of its window, and for how long. A title can hold the name of a document or the subject of a message.
notice-windows-application = The name of the program in front, and for how long. Not the titles of its windows.
notice-windows-title = The name of the program in front, the title of its window, and for how long. A title can hold the name of a document or the subject of a message.
notice-sites = Sites
notice-sites-open = The address of the page, its title, and for how long; also from private windows, if the browser reports them.
notice-sites-domain = Only the name of the site, such as example.com, and for how long. Not which page, and not its title.
notice-sites-path = The address of the page up to the question mark, its title, and for how long. Not what you searched for, if that stands behind the question mark.
notice-sites-full = The whole address of the page, its title, and for how long. What you searched for can be part of an address.
notice-private-never = Nothing from private windows of the browser.
notice-private-too = Also from private windows of the browser.
notice-input = Keyboard and mouse
notice-input-open = Only whether they were used, so that breaks can be told. Never which keys, never what was typed.
notice-input-on = { $count ->
    [one] Only whether they were used: after { $count } minute without input it counts as a break. Never which keys, never what was typed.
   *[other] Only whether they were used: after { $count } minutes without input it counts as a break. Never which keys, never what was typed.
}
notice-sessions = Signing in
notice-sessions-on = When you sign in to the computer and out of it, lock and unlock it, or connect to it from elsewhere.
notice-screenshots = Pictures of the screen
notice-screenshots-open = If the program on your computer takes them: everything that is on the screen at that moment.
notice-screenshots-one = { $count ->
    [one] Every minute, of the screen with the window in front. Everything on it can be seen.
   *[other] Every { $count } minutes, of the screen with the window in front. Everything on it can be seen.
}
notice-screenshots-all = { $count ->
    [one] Every minute, of all screens. Everything on them can be seen.
   *[other] Every { $count } minutes, of all screens. Everything on them can be seen.
}
notice-screenshots-blur = The program on the computer is told to blur them so that text cannot be read.
notice-screenshots-grayscale = It is told to take them without colours.
notice-screenshots-unchanged = None is asked for while nothing changes on the screen.
notice-sums = Daily sums stay longer than that: for how long which program and which site was used on a day, without titles.
notice-before = What was collected before this version was made stays until its own time is over.
notice-refused-days = What arrives damaged or far too late is set aside, counts for nothing, and is deleted after { $days }.
notice-refused-ever = What arrives damaged or far too late is set aside, counts for nothing, and is kept without a limit.
notice-when = When
notice-always = Whenever your computer is on and the program runs: at any hour, also outside of working hours and on days off.
notice-hours = Only in these hours: { $week } (time of { $zone }).
notice-outside = What happens outside of these hours is thrown away before it is stored.
notice-no-hours = on no day of the week
notice-left-out = What is left out
notice-left-out-open = Nothing is left out, because no limits have been set.
notice-left-out-nothing = No programs, sites or titles are left out beyond what is said above.
notice-action-drop = Not kept at all: { $list }.
notice-action-redact = Only that something was open and for how long, without title and address: { $list }.
notice-action-hash = Title and address are replaced by a code that nobody can read: { $list }.
notice-action-domain = Only the name of the site, or of the program: { $list }.
notice-part-application = the program “{ $text }”
notice-part-title = titles with “{ $text }”
notice-part-address = addresses with “{ $text }”
notice-part-site = the site { $text }
notice-part-more = { $count ->
    [one] and { $count } more, which HR shows you
   *[other] and { $count } more, which HR shows you
}
notice-never = What is never collected
notice-never-at-all = What you type, the camera and the microphone: this program has no part that could record them, so nobody can switch that on.
notice-contents = It does not open your documents, messages or passwords.
notice-contents-pictures = It does not open your documents, messages or passwords; but what is on the screen at that moment is in the picture.
notice-readers = Who may see it
notice-reader-admin = Administrators of the program: everything.
notice-reader-hr = HR: everything about the people of the organization.
notice-reader-department-lead = The lead of your department, and of those above it: everything about the people of that department.
notice-reader-guard = Guards: everything about the people of the organization.
notice-recorded = Whoever looks at your day leaves name and time in a log that cannot be changed. A picture of the screen opens only after a reason was written down.
notice-ask = Whom to ask
notice-ask-names = HR of { $organization }: { $names }. They can show you what is stored about you, and have mistakes corrected.
notice-ask-nobody = The management of { $organization }. They can show you what is stored about you, and have mistakes corrected.
notice-read = I have read this page.
notice-sign-day = Date
notice-sign-name = Name
notice-sign-signature = Signature

# Around the sheet.
notice-page-title = What is collected
notice-page-heading = What is collected about { $name }
notice-accepted-line = Notice { $number } was accepted on { $day }
notice-not-accepted-line = Notice { $number } is not accepted yet
notice-chip-accepted = Notice { $number } accepted { $day }
notice-chip-missing = Notice { $number } not accepted
notice-print = Print
notice-old = This is an older version, as it was shown then.
notice-show-newest = Show the newest
notice-accept-title = Note that it was accepted
notice-accept-note = After the person has read it
notice-how = How
notice-how-paper = signed on paper
notice-how-in-person = read and confirmed in person
notice-how-letter = sent as a letter and confirmed
notice-on = On
notice-accept = Note it
notice-versions = Versions
notice-versions-note = A new one is made when something changes of what the page says
notice-newest = newest
notice-noted = { $day }, { $how }, noted by { $who }
notice-withdrawn = Withdrawn { $day } by { $who }: { $reason }
notice-withdraw = Withdraw…
notice-withdraw-title = Does the acceptance of notice { $number } not count?
notice-withdraw-text = The record stays, marked as withdrawn with your reason. The person counts as not having accepted this notice.
notice-withdraw-reason = Why
notice-withdraw-hint = One sentence, such as “another person signed”.
notice-withdraw-do = Withdraw the acceptance
notice-withdraw-keep = Keep it
notice-list-title = Who has accepted their notice
notice-list-link = Notices
notice-list-meta = { $accepted } of { $count } have accepted the newest notice
notice-tab-missing = Not accepted
notice-tab-accepted = Accepted
notice-tab-all = All
notice-list-all-accepted = Everybody has accepted the newest notice.
notice-list-version = { $number }, since { $day }
notice-list-accepted = accepted { $day }
notice-list-older = only { $number } was accepted
notice-list-never = not accepted
notice-column-version = Notice
notice-column-since = Since
notice-column-accepted = Accepted
notice-column-last = Last accepted version
notice-column-checksum = Checksum
done-notice-accepted = Notice { $name } is noted as accepted
done-notice-withdrawn = The acceptance of notice { $name } is withdrawn
error-notice-accepted = This notice is accepted already. Withdraw that first if it was noted wrongly.
error-notice-not-accepted = This notice is not accepted, so there is nothing to withdraw.
error-notice-too-often = This notice was accepted and withdrawn too often. The audit log has all of it.
error-notice-day = Choose a day from the one on which the notice was made to today.
error-notice-reason = Write why, in 3 to 500 characters.
notice-doors = At the doors
notice-doors-passes = Each pass: your name and number, which door, when, which way, by what (such as a card or a face), and whether it opened. { $kept }.
notice-doors-terminals = The terminals of the doors that you may pass know your name, your number, your cards, and your face if one was given. All of it leaves them when you may not pass any more.
notice-doors-pictures = Some terminals take a small picture of whoever passes; it is kept for 30 days.
notice-doors-readers = Guards, the personnel department, administrators and the head of your department see passes. Each look at a face or a picture is recorded.
