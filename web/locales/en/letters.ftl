letters-count = { $count ->
    [0] None
    [one] { $count } refused event
   *[other] { $count } refused events
}
letters-codes = Reasons
letters-text = These events arrived but could not be stored as what they said they were. The rest of their batch was stored. They stay here until retention removes them.
letters-empty = No refused events
letters-empty-text = Every event that arrived could be stored.
letters-time = Arrived
letters-source = From
letters-why = Why
letters-event = The event
letters-unreadable = text
letters-pick = Select the event of { $time }
letters-pick-all = Select all that are shown
letters-picked = selected
letters-put-back = Put back into the line
letters-stored = { $count } stored
letters-known = { $count } stored before
letters-refused = { $count } still cannot be read
letters-nothing-picked = nothing was selected
done-put-back = Put back: { $name }
letter-short-time-in-future = Clock ahead
letter-short-time-too-old = Too old
letter-short-missing-field = Field missing
letter-short-wrong-type = Wrong type
letter-short-unknown-kind = Unknown kind
letter-short-unknown-word = Unknown word
letter-short-bad-time = Bad time
letter-short-bad-text = Bad text
letter-short-too-long = Too long
letter-short-too-deep = Too deep
letter-short-out-of-range = Out of range
letter-time-in-future = The computer’s clock was ahead. Set it, and put the event back when its time has come.
letter-time-too-old = The event was older than the appliance takes in. It can be put back if you want to keep it.
letter-missing-field = A field that every event needs was missing. Update the program that sends.
letter-wrong-type = A field had another type than expected. Update the program that sends.
letter-unknown-kind = This kind of event is not known. The sender may be newer than the appliance; update the appliance and put it back.
letter-unknown-word = A word in the event is not known. The sender may be newer than the appliance; update the appliance and put it back.
letter-bad-time = The time could not be read.
letter-bad-text = The text was damaged on its way.
letter-too-long = A name was longer than the appliance takes in.
letter-too-deep = The event was nested too deeply.
letter-out-of-range = A number was too large or too small.
letter-other = The event could not be stored.
