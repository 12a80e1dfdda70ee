# How gateways are, the computers behind them, and what gateways are asked to do.
gateways-count-silent = { $count } silent
gateways-silent = silent for { $age }
gateways-not-heard = not heard yet
gateways-oldest = oldest
gateways-clock = clock
gateways-never = never
gateways-of = { $part } of { $all }
gateways-signs = How it is
gateways-day-ago = 24 hours ago

gateways-sign-contact = Last contact
gateways-contact-now = It is connected and says every { $secs } s how it is.
gateways-contact-between = Its connection has just ended. If it is not back within a minute, it counts as silent.
gateways-contact-silent = Silent for { $age }. Check power and network of the box. What keeps it from this appliance stands on its own page, port 4100 in the branch.
gateways-contact-never = It has joined and was not heard yet. Look whether Nazorat runs on the box.
gateways-contact-kept-out = It is not let in, so nothing is heard of it.
gateways-contact-gaps = In the past 24 hours it was silent for { $age }.

gateways-sign-buffer = Buffer
gateways-buffer-unknown = It has not told yet what waits on it.
gateways-buffer-empty = Nothing waits
gateways-buffer-waiting = { $count ->
    [one] { $count } batch waits
   *[other] { $count } batches wait
}
gateways-buffer-oldest = The oldest is { $age } old.
gateways-buffer-used = { $used } of { $room } used.
gateways-buffer-high = It is nearly full. Check the line of the branch, or give it more room.
gateways-buffer-refusing = It is full, so computers keep their events themselves. Check the line of the branch.
gateways-buffer-evicted = { $count ->
    [one] { $count } batch was given up because it was full.
   *[other] { $count } batches were given up because it was full.
}
gateways-buffer-then = So it was at { $time }.

gateways-sign-clock = Clock
gateways-clock-unknown = It has not told its time yet.
gateways-clock-right = Right
gateways-clock-ahead = { $age } ahead
gateways-clock-behind = { $age } behind
gateways-clock-fine = Differences up to 2 minutes do no harm.
gateways-clock-wrong = The times of its events are wrong by as much. Switch on automatic time on the box.

gateways-course = In the past
gateways-range = Period
gateways-range-day = Day
gateways-range-month = Month
gateways-chart-buffer-note-day = batches that waited to be sent, every 5 minutes
gateways-chart-buffer-note-month = batches that waited to be sent, every 2 hours
gateways-chart-agents-note-day = heard, every 5 minutes
gateways-chart-agents-note-month = heard, every 2 hours
gateways-chart-buffer-none = Nothing waited in this time.
gateways-chart-buffer-most = At most { $count } batches waited, on { $time }.
gateways-chart-agents-most = { $count ->
    [one] At most { $count } computer was heard at once.
   *[other] At most { $count } computers were heard at once.
}
gateways-chart-empty = Nothing to draw yet
gateways-chart-empty-text = A gateway says once a minute how it is. The first values appear here a minute after it was heard.
gateways-band = silent
gateways-band-since = Silent since { $from }
gateways-band-from-to = Silent from { $from } to { $to }
gateways-table = As a table
gateways-table-title = { $name } in the past
gateways-table-hour = From
gateways-table-waiting = Waited at most
gateways-table-agents = Computers heard
gateways-table-disk = Disk free
gateways-table-silent = Silent for
gateways-table-note = Each row shows the moment of its time in which the buffer was fullest.

gateways-now = Now
gateways-numbers-empty = Not known yet
gateways-numbers-empty-text = The numbers appear as soon as the box says how it is.
gateways-fact-waiting = Batches that wait
gateways-fact-oldest = Age of the oldest
gateways-fact-used = Buffer used
gateways-fact-evicted = Given up, no room
gateways-fact-given-up = Refused by the appliance
gateways-fact-version = Version
gateways-fact-running = Running for
gateways-fact-cpu = Processor
gateways-fact-memory = Memory
gateways-fact-disk = Disk free

gateways-agents = Computers
gateways-agents-title = Computers behind { $name }
gateways-agents-note = { $online } of { $all } heard now
gateways-agents-short = { $online } of { $all }
gateways-agents-empty = No computer sends to this gateway yet
gateways-agents-empty-text = Install the agent on the computers of the branch and give it the join code that the box prints. Each computer appears here by itself.
gateways-agent-computer = Computer
gateways-agent-now = Now
gateways-agent-event = Last event
gateways-agent-on = heard
gateways-agent-off = not heard

gateways-commands = Commands
gateways-commands-title = Commands to { $name }
gateways-commands-all = All commands
gateways-commands-older = Show older ones
gateways-commands-empty = Nothing was asked of this gateway yet
gateways-commands-empty-text = What it is asked to do stands here, with what came of it.
gateways-command-what = Command
gateways-command-sent = Asked
gateways-command-by = By
gateways-command-result = Result
gateways-command-cancel = Take back
gateways-command-again = Send again
gateways-command-meta = { $name } · asked by { $by }, { $time }
gateways-command-since = In this state since
gateways-command-until = Is dropped after
gateways-command-tries = Times sent
gateways-command-cells = The four parts: waiting, sent, received, done.
gateways-command-detail = The box says:
gateways-command-log = What it brought
gateways-command-log-note = the last lines of its log, without addresses
gateways-command-log-empty = The log has no lines.
gateways-command-raw = Everything, for support
gateways-result-others = What it brought is shown to administrators.

gateways-order-ping = Test the line
gateways-order-collect-diagnostics = Collect diagnostics
gateways-order-set-log-level = Change the log level
gateways-order-restart-agent = Restart the gateway
gateways-order-apply-config = Change the settings
gateways-order-apply-policies = Apply the policies
gateways-order-apply-devices = Serve the devices as they are set now
gateways-order-device = Ask a device
gateways-order-find-devices = Look for terminals
gateways-order-log-level = Log level: { $level }, for { $length }
gateways-order-of-agent = { $name }, computer { $number }
gateways-level-error = failures only
gateways-level-warn = failures and what is odd
gateways-level-info = the usual
gateways-level-debug = details
gateways-level-trace = everything
gateways-command-pending = waits for the gateway
gateways-state-sent = sent, not confirmed yet
gateways-command-acked = received, being done
gateways-command-succeeded = done, { $took }
gateways-command-succeeded-at-once = done at once
gateways-command-failed = failed: { $reason }
gateways-command-expired = too late, nothing was done
gateways-command-cancelled = taken back, nothing was done
gateways-why-not-acked = the gateway did not confirm it
gateways-why-no-result = the gateway confirmed it and never said how it ended
gateways-why-agent-not-reachable = a single computer cannot be asked through this gateway
gateways-why-interrupted = the gateway was started again meanwhile
gateways-why-unknown-command = its version does not know this command
gateways-why-bad-payload = its version does not take these values
gateways-why-not-kept = it could not write on its disk
gateways-why-not-set = the log level could not be set

gateways-log-level = How much it writes into its log
gateways-log-level-open = Log level…
gateways-log-level-title = Log level of { $name }
gateways-log-level-meta = For looking into a problem. More lines need more disk, so it goes back by itself.
gateways-log-level-for = For how long
gateways-log-level-hint = After that it is as before, also after a restart.
gateways-log-level-do = Change the log level
gateways-restart-open = Restart…
gateways-restart-title = Restart { $name }?
gateways-restart-text = Its program ends and is started again by its service, usually within a few seconds. Where it was started by hand it stays off.
gateways-restart-next = Nothing is lost: meanwhile the computers of the branch keep their events.
gateways-restart-do = Restart the gateway

done-command-sent = Asked: { $name }
done-command-cancelled = Taken back: { $name }
error-command-over = This command is on its way or over by now, so it cannot be taken back.
error-too-many-commands = Too many commands are on their way to this gateway. Wait until some are done.
