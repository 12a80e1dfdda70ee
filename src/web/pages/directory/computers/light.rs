//! How a computer stands, by its last contact.

use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::people;
use crate::people::ComputerView;
use crate::web::Texts;
use crate::web::pages::directory::shown::when;

/// A computer in use is heard at least this often.
const IN_CONTACT_SECS: i64 = 15 * 60;
/// Computers are off over weekends and holidays; longer silence is worth a look.
const QUIET_SECS: i64 = 7 * 86_400;

/// A light with its sentence.
pub(super) struct Light {
    pub(super) kind: &'static str,
    pub(super) word: String,
}

impl Light {
    /// The light of a computer at a moment.
    pub(super) fn of(texts: Texts, zone: &Zone, computer: &ComputerView, now: Timestamp) -> Self {
        let (kind, key) = state(computer.computer.state, computer.last_seen, now);
        let word = match computer.last_seen {
            Some(last) => texts.with(key, [("time", when(texts, zone, last, now).into())]),
            None => texts.t(key),
        };
        Self { kind, word }
    }
}

fn state(state: people::State, last_seen: Option<Timestamp>, now: Timestamp) -> (&'static str, &'static str) {
    let silent_secs = last_seen.map(|last| now.as_second() - last.as_second());
    match (state, silent_secs) {
        (_, None) => ("off", "computers-never"),
        (people::State::Inactive, Some(_)) => ("off", "computers-out-of-use"),
        (people::State::Active, Some(secs)) if secs <= IN_CONTACT_SECS => ("ok", "computers-in-contact"),
        (people::State::Active, Some(secs)) if secs <= QUIET_SECS => ("off", "computers-quiet"),
        (people::State::Active, Some(_)) => ("look", "computers-silent"),
    }
}

#[cfg(test)]
mod tests {
    use super::state;
    use crate::kernel::Timestamp;
    use crate::people::State;

    #[test]
    fn a_computer_that_is_off_for_the_night_is_no_alarm() {
        let now: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
        let kind = |last: &str| state(State::Active, Some(last.parse().unwrap()), now).0;
        assert_eq!(kind("2026-11-20T08:50:00Z"), "ok");
        assert_eq!(kind("2026-11-19T14:00:00Z"), "off");
        assert_eq!(kind("2026-11-10T14:00:00Z"), "look");
        assert_eq!(state(State::Active, None, now).0, "off");
        assert_eq!(state(State::Inactive, Some(now), now).0, "off");
    }
}
