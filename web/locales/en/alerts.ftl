# What a person should look at.
nav-alerts = Alerts
alerts-meta = What needs somebody, with the next step. Most end by themselves when their cause is gone.
alerts-open = Open
alerts-over = Past
alerts-empty = Everything is in order
alerts-empty-text = Silent gateways, full buffers, wrong clocks and commands that failed will stand here.
alerts-over-empty = No alert has ended yet
alerts-over-empty-text = Alerts that are over stand here, with the time they lasted.
alerts-older = Show older ones
alerts-dismiss = Done
alerts-open-gateway = Open the gateway
alerts-open-command = Open the command
alerts-gateway-gone = a deleted gateway
alerts-ahead = { $age } ahead
alerts-behind = { $age } behind
alerts-gateway-offline = { $name } is silent
alerts-gateway-offline-text = Last heard on { $time }. Meanwhile the events of the branch wait there.
alerts-gateway-offline-next = Check power and network of the box; what keeps it away stands on its own page, port 4100 in the branch.
alerts-command-failed = { $name } did not do what it was asked
alerts-command-failed-text = “{ $command }” failed: { $reason }.
alerts-command-failed-next = Look at the command and send it again.
alerts-buffer-high = The buffer of { $name } is { $percent } % full
alerts-buffer-high-text = When it is full the oldest events are given up.
alerts-buffer-high-next = Check the line of the branch, or give the buffer more room.
alerts-gap = { $name } had to give up events
alerts-gap-text = { $count ->
    [one] Its buffer was full: { $count } batch is missing, and reports of that time show less than there was.
   *[other] Its buffer was full: { $count } batches are missing, and reports of that time show less than there was.
}
alerts-gap-next = Give the buffer more room, so that it lasts through longer outages.
alerts-clock-skew = The clock of { $name } is { $clock }
alerts-clock-skew-text = The times of its events are wrong by as much.
alerts-clock-skew-next = Switch on automatic time on the box.
done-alert-ended = The alert is ended
alerts-kind-gateway-offline = a silent gateway
alerts-kind-command-failed = a command that failed
alerts-kind-buffer-high = a full buffer
alerts-kind-gap = lost events
alerts-kind-clock-skew = a wrong clock
alerts-policy-failed = { $computer } cannot follow its policy
alerts-policy-failed-text = It still collects by an older one: { $error }. What comes from it is judged again by its gateway and here.
alerts-policy-failed-next = Look at the computer: free disk space, the version of the agent, its clock.
alerts-kind-policy-failed = a policy that is not followed
