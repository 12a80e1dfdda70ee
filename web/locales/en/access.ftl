# Signing in, first run.
plain-promise-1 = Know who is in.
plain-promise-2 = Lose nothing.
plain-promise-3 = Stay fair.
plain-promise-text = Everything stays on this box. It needs no internet and no database, and sends nothing anywhere unless you switch it on.
plain-version = Version
plain-fingerprint = Certificate fingerprint
plain-compare = Compare it with the line in the console window.
plain-protected = Connection protected by this box’s own certificate

sign-in-title = Sign in
sign-in-wait = Too many attempts. Try again in { $time }. Nothing is locked for other people.

field-login = Login
field-login-hint = 2 to 64 of a–z, digits, dot, dash, underscore or @.
field-password = Password
field-password-hint = At least 10 characters. Several words are easier to remember than signs.
field-password-again = The same password again
field-display-name = Name
field-display-name-hint = As colleagues know you. It stands in the audit log.
field-language = Language
field-zone = Time zone
field-zone-hint = Days begin and end in this zone.
field-name = Name

error-login-refused = Login or password is wrong.
error-busy = Too many people sign in at this moment. Try again in a few seconds.
error-too-many-attempts = Too many attempts. Wait a few minutes.
error-passwords-differ = The two passwords differ. Type the same twice.
error-password-too-short = Use at least 10 characters.
error-password-too-long = Use a shorter password.
error-password-is-login = The password contains the login. Choose another one.
error-password-common = This is one of the most common passwords. Choose another one.
error-wrong-password = The current password is wrong.
error-invalid-login = Use 2 to 64 of a–z, digits, dot, dash, underscore or @.
error-invalid-name = Use 1 to 100 characters on one line.
error-invalid-organization-name = Use 2 to 100 characters on one line.
error-invalid-time-zone = This zone is not known. Use a name such as Asia/Tashkent.
error-invalid-form = The form could not be read. Open the page again.
error-login-taken = Somebody else has this login.
error-last-admin = This is the last active administrator. Make another one first.
error-invalid-assignment = Role, organization and department do not belong together.
error-key-revoked = This key is revoked and cannot be changed any more.
error-too-many-objects = There are too many of them already. Revoke one first.
error-invalid-token-life = Choose 1 to 365 days.
error-organization-name-taken = Another organization has this name.
error-read-only-token = This token may only read.
error-not-found = The address is wrong, or it was deleted, or it belongs to somebody else.
error-forbidden = Your role may not do this.

setup-kind-step = A new appliance
setup-kind-title = What should this box be?
setup-kind-lead = You can start with the first and add gateways later.
setup-new = A new appliance
setup-new-text = For a new organization. You name it, say how large it is and create your own login.
setup-new-note = About 4 minutes · you need nothing else
setup-restore = A restored appliance
setup-restore-text = From a backup file, on this or on a new machine. People, computers and all events come back.
setup-restore-note = You need the backup file and its recovery key
setup-restore-not-yet = Restoring from a backup comes with a later version. This box can start as a new appliance today.
setup-gateway = A gateway of another appliance
setup-gateway-text = For a branch. Collects from its computers and keeps everything while the link is down.
setup-gateway-note = You need a token from the page Gateways of the other appliance

setup-organization-step = Organization and language
setup-organization-title = Who is it for?
setup-organization-lead = More organizations can be added later.
setup-name = Organization
setup-name-hint = As it stands in reports.
setup-language-hint = For you and for new operators.

setup-size-step = Size and disk
setup-size-title = How much disk does it need?
setup-size-lead = Tell us the size of the office and how long you want to keep data. You see at once whether the disk is large enough.
setup-computers = Computers
setup-computers-wrong = Give a number from 1 to 20,000.
setup-shots = Screenshots
setup-shots-never = none
setup-shots-every = every { $minutes } minutes
setup-table = Kinds of data, how long they are kept and how much disk they take
setup-column-kind = Kind of data
setup-column-term = Kept for
setup-column-takes = Takes
setup-column-size = After a year
setup-kind-windows = Applications and window titles
setup-kind-sites = Sites
setup-kind-sessions = Computer sessions
setup-kind-screenshots = Screenshots
setup-term-ever = for ever
setup-term-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
setup-fits = Fits easily:
setup-fits-hardly = Fits, with little room left:
setup-fits-not = Does not fit:
setup-needs = { $size } after a year.
setup-needs-of = { $size } of { $free } free after a year.
setup-estimate-how = A computer’s day is taken as 1 100 windows of 20 bytes, 300 sites of 40, 60 session marks of 12, and screenshots of 60 KB during 8 hours.

setup-login-step = Your own login
setup-login-title = Who administrates it?
setup-login-lead = You get the role administrator. There is no default password and no other way in.
setup-finish = Finish and sign in
setup-nothing-yet = Nothing is recorded before the last step.
setup-locked-title = This box is not set up yet
setup-locked-text = Open the link that was printed when it started: the line “first run” in the console window or in the system log.
setup-locked-help = The link works once, until somebody has set up this box with it.
setup-check-disk = Disk { $free } free
setup-check-port = Port { $port } open
setup-check-clock = Clock shows { $time } in { $zone }, compare it

done-setup = { $name } is set up
done-saved = { $name } saved

setup-gateway-step = Join as a gateway
setup-gateway-title = Join the other appliance
setup-gateway-lead = Add a gateway on its page Gateways. It shows a token once; paste it here.
setup-join = Token
setup-join-hint = It begins with nzj_. Line breaks in it do no harm.
setup-join-means = This box then collects from the computers of its branch and sends everything on. It has no people, reports or operators of its own, only a status page at port 4100.
setup-join-stays = It stays a gateway, also after a restart. To make it an appliance later, start with an empty data folder.
setup-join-do = Join as a gateway
setup-join-wrong = This is no token of a gateway. Copy it whole, from nzj_ to its end.
setup-join-refused = The other appliance could not be joined. Check that this box reaches it, and that the token was not used and is not too old.
setup-join-reason = The reason, for support:
setup-joined-title = This box is the gateway { $name } now
setup-joined-text = It belongs to { $organization } and goes on as a gateway in a few seconds, also after every restart.
setup-joined-server = Sends to
setup-joined-page = Its status page
setup-joined-next = Computers of the branch join it with the join code in its data folder. You can close this window.
