//! What records of devices are to the appliance.

use jiff::civil::DateTime;
use nazorat_terminals::zkteco::adms::Moment;
use nazorat_terminals::zkteco::adms::records::Attendance;
use nazorat_terminals::zkteco::adms::records::Event;
use nazorat_terminals::zkteco::adms::records::Operation;
use nazorat_terminals::zkteco::attendance::Punch;
use nazorat_terminals::zkteco::attendance::Who;
use nazorat_terminals::zkteco::meaning;
use nazorat_terminals::zkteco::realtime::Alarm;
use nazorat_terminals::zkteco::time::Stamp;
use nazorat_wire::AccessEvent;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;

use crate::kernel::Timestamp;
use crate::kernel::Zone;

/// The reason of events whose time nobody can believe.
pub(super) const IMPLAUSIBLE: &str = "implausible_time";

/// Before this year such devices were not sold; a clock that lost its battery begins in 2000.
const FIRST_YEAR: i16 = 2010;

/// How far ahead a clock may be.
const AHEAD_SECS: i64 = 36 * 3_600;

/// What all events of a device have in common at one moment.
#[derive(Debug, Clone)]
pub(super) struct Frame<'a> {
    pub(super) device: u32,
    pub(super) zone: &'a Zone,
    pub(super) now: Timestamp,
    pub(super) drift_ms: Option<i64>,
    pub(super) replayed: bool,
}

/// When something happened, or why nobody knows.
fn when(frame: &Frame<'_>, stamp: Option<Stamp>) -> Option<Timestamp> {
    let civil: DateTime = stamp?.civil()?;
    let at = frame.zone.at(civil);
    let ahead = at.as_second() - frame.now.as_second();
    (civil.year() >= FIRST_YEAR && ahead <= AHEAD_SECS).then_some(at)
}

impl Frame<'_> {
    fn event(&self, serial: String, stamp: Option<Stamp>, told: &str) -> AccessEvent {
        let at = when(self, stamp);
        AccessEvent {
            device: self.device,
            serial,
            ts: at.unwrap_or(self.now),
            seen_at: self.now,
            door: 0,
            reader: 0,
            person: String::new(),
            person_name: String::new(),
            card: String::new(),
            credential: Credential::Unknown,
            direction: Direction::Unknown,
            outcome: AccessKind::Info,
            reason: if at.is_some() { String::new() } else { IMPLAUSIBLE.to_owned() },
            // What the device said stays to be seen.
            code: if at.is_some() { String::new() } else { told.to_owned() },
            replayed: self.replayed,
            drift_ms: self.drift_ms,
        }
    }

    /// The reason and the code of an event, unless its time is what is wrong with it.
    fn explained(mut event: AccessEvent, reason: &str, code: String) -> AccessEvent {
        if event.reason == IMPLAUSIBLE {
            event.code = format!("{code} {}", event.code);
        } else {
            event.reason = reason.to_owned();
            event.code = code;
        }
        event
    }

    /// A record of port 4370, with the number of the person where the record names an index.
    pub(super) fn punch(&self, punch: &Punch, number: impl Fn(u16) -> Option<String>) -> AccessEvent {
        let person = match &punch.who {
            Who::Number(number) => number.clone(),
            Who::Uid(uid) => number(*uid).unwrap_or_else(|| uid.to_string()),
        };
        let event = self.event(punch.key(), Some(punch.time), &punch.time.to_string());
        let event = AccessEvent {
            door: 1,
            person,
            credential: meaning::credential_of_record(punch.verify),
            direction: meaning::direction(u32::from(punch.state)),
            outcome: AccessKind::Granted,
            ..event
        };
        Self::explained(event, "", format!("{}/{}", punch.verify, punch.state))
    }

    /// Something that only the stream tells, and that has no time of its own.
    pub(super) fn sign(&self, serial: String, sign: Sign) -> AccessEvent {
        let (outcome, reason, code) = match sign {
            Sign::NotIdentified => (AccessKind::Denied, "unknown_person", "verify".to_owned()),
            Sign::Unlocked => (AccessKind::Door, "unlocked", "unlock".to_owned()),
            Sign::Alarm(alarm) => {
                let (outcome, reason) = alarmed(alarm);
                (outcome, reason, format!("{alarm:?}").to_ascii_lowercase())
            }
        };
        AccessEvent { ts: self.now, door: 1, outcome, reason: reason.to_owned(), code, ..self.event(serial, None, "") }
    }

    /// A pushed record of attendance.
    pub(super) fn attendance(&self, record: &Attendance) -> AccessEvent {
        let event = self.of_moment(record.key(), &record.time);
        let event = AccessEvent {
            door: 1,
            person: record.pin.clone(),
            credential: meaning::credential(record.verify),
            direction: meaning::direction(record.status),
            outcome: AccessKind::Granted,
            ..event
        };
        Self::explained(event, "", format!("{}/{}", record.verify, record.status))
    }

    /// A pushed event of an access terminal.
    pub(super) fn access(&self, record: &Event) -> AccessEvent {
        let (outcome, reason) = meaning::event(record.code);
        let event = AccessEvent {
            door: record.door,
            person: record.pin.clone(),
            card: record.card.clone(),
            credential: meaning::credential_of_text(&record.verify),
            direction: meaning::direction_of_reader(record.way),
            outcome,
            ..self.of_moment(record.key(), &record.time)
        };
        Self::explained(event, reason, record.code.to_string())
    }

    /// An entry of the operation log, if anybody should know of it.
    pub(super) fn operation(&self, record: &Operation) -> Option<AccessEvent> {
        let (outcome, reason) = meaning::operation(record.code, &record.values[1])?;
        let event = AccessEvent { outcome, ..self.of_moment(record.key(), &record.time) };
        Some(Self::explained(event, reason, format!("op/{}", record.code)))
    }

    fn of_moment(&self, serial: String, moment: &Moment) -> AccessEvent {
        self.event(serial, moment.stamp, &moment.text)
    }
}

/// What only the stream tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    NotIdentified,
    Unlocked,
    Alarm(Alarm),
}

fn alarmed(alarm: Alarm) -> (AccessKind, &'static str) {
    match alarm {
        Alarm::Misoperation => (AccessKind::Alarm, "misoperation"),
        Alarm::Tamper => (AccessKind::Alarm, "tamper"),
        Alarm::ExitButton => (AccessKind::Door, "exit_button"),
        Alarm::DoorClosed => (AccessKind::Door, "closed"),
        Alarm::Duress(_) => (AccessKind::Alarm, "duress"),
        Alarm::Passback(_) => (AccessKind::Alarm, "anti_passback"),
        Alarm::Unknown(_) => (AccessKind::Alarm, "other"),
    }
}

/// How far a device's clock is ahead. It tells whole seconds, so it is half a second further on average.
pub(super) fn drift(frame: &Frame<'_>, clock: Stamp) -> Option<i64> {
    let at = frame.zone.at(clock.civil()?);
    Some(at.as_millisecond() + 500 - frame.now.as_millisecond())
}

#[cfg(test)]
mod tests {
    use nazorat_terminals::zkteco::adms::records;
    use nazorat_terminals::zkteco::attendance::Punch;
    use nazorat_terminals::zkteco::attendance::Who;
    use nazorat_terminals::zkteco::time::Stamp;
    use nazorat_wire::AccessKind;
    use nazorat_wire::Credential;
    use nazorat_wire::Direction;

    use super::Frame;
    use super::drift;
    use crate::kernel::Zone;

    fn frame(zone: &Zone) -> Frame<'_> {
        let now = "2026-11-23T03:30:20Z".parse().unwrap();
        Frame { device: 7, zone, now, drift_ms: Some(3), replayed: false }
    }

    #[test]
    fn a_record_becomes_an_event_in_the_zone_of_the_device() {
        let zone = Zone::default();
        let time = Stamp::parse("2026-11-23 08:30:15").unwrap();
        let punch = Punch { who: Who::Number("1001".to_owned()), time, verify: 15, state: 1 };
        let event = frame(&zone).punch(&punch, |_| None);
        assert_eq!((event.ts.to_string().as_str(), event.person.as_str()), ("2026-11-23T03:30:15Z", "1001"));
        assert_eq!((event.credential, event.direction), (Credential::Face, Direction::Out));
        assert_eq!((event.serial.as_str(), event.code.as_str()), ("t864376215:1001:15:1", "15/1"));
        let old = Punch { who: Who::Uid(7), ..punch };
        assert_eq!(frame(&zone).punch(&old, |uid| Some(format!("n{uid}"))).person, "n7");
        assert_eq!(drift(&frame(&zone), time), Some(-4_500));
    }

    #[test]
    fn a_time_that_cannot_be_meant_is_the_time_of_receipt_and_said() {
        let zone = Zone::default();
        let said = ["2026-02-31 08:00:00", "2000-01-01 00:03:00", "2031-01-01 00:00:00", "soon"].map(|text| {
            let read = records::attendance(&format!("1001\t{text}\t0\t1"));
            let event = frame(&zone).attendance(&read.records[0]);
            assert_eq!((event.ts, event.reason.as_str()), (event.seen_at, "implausible_time"), "{text}");
            assert_eq!(event.outcome, AccessKind::Granted);
            event.code
        });
        assert_eq!(said, ["1/0 2026-02-31 08:00:00", "1/0 2000-01-01 00:03:00", "1/0 2031-01-01 00:00:00", "1/0 soon"]);
    }

    #[test]
    fn events_of_access_terminals_keep_their_code_and_say_why() {
        let zone = Zone::default();
        let line =
            "time=2026-11-23 08:30:15\tpin=0\tcardno=4711\teventaddr=2\tevent=27\tinoutstatus=0\tverifytype=4\tindex=9";
        let event = frame(&zone).access(&records::events(line).records[0]);
        assert_eq!(
            (event.outcome, event.reason.as_str(), event.code.as_str()),
            (AccessKind::Denied, "unknown_person", "27")
        );
        assert_eq!((event.door, event.card.as_str(), event.person.as_str()), (2, "4711", ""));
        assert_eq!(event.serial, "i9:t864376215::27");
    }
}
