//! Nonces that were used, for as long as a signature with one of them could be shown again.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::kernel::Fingerprint;

/// A signature counts from so long before our clock to so long behind it.
pub(super) const WINDOW_S: i64 = 300;
/// Remembered for at least this long; by then a signature is stale, however far ahead its clock was.
const REMEMBER_S: i64 = 2 * WINDOW_S;
/// What one period may hold; 800 requests in every second of it.
const MOST: usize = 500_000;

/// Two periods, so that forgetting is dropping the older one.
#[derive(Debug)]
pub(super) struct Nonces(Mutex<Periods>);

#[derive(Debug, Default)]
struct Periods {
    since: i64,
    now: HashSet<u128>,
    before: HashSet<u128>,
}

/// What became of a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    First,
    Again,
    NoRoom,
}

impl Nonces {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Notes that a key used a nonce at this second.
    pub(super) fn note(&self, key_id: &str, nonce: &str, now: i64) -> Seen {
        let mut periods = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now - periods.since;
        // A clock that was set back starts a period as well; what was seen before it is kept for one more.
        if !(0..REMEMBER_S).contains(&age) {
            let full = std::mem::take(&mut periods.now);
            periods.before = if (0..2 * REMEMBER_S).contains(&age) || age < 0 { full } else { HashSet::new() };
            periods.since = now;
        }
        let digest = Fingerprint::of(format!("{key_id}\n{nonce}").as_bytes());
        let mark = digest.as_bytes().first_chunk::<16>().map_or(0, |head| u128::from_be_bytes(*head));
        if periods.before.contains(&mark) || periods.now.contains(&mark) {
            return Seen::Again;
        }
        if periods.now.len() >= MOST {
            return Seen::NoRoom;
        }
        periods.now.insert(mark);
        Seen::First
    }
}

#[cfg(test)]
mod tests {
    use super::Nonces;
    use super::Seen;

    #[test]
    fn a_nonce_counts_once_while_its_signature_could_be_fresh() {
        let nonces = Nonces::new();
        assert_eq!(nonces.note("key", "a", 1_000), Seen::First);
        assert_eq!(nonces.note("key", "a", 1_000), Seen::Again);
        assert_eq!(nonces.note("other", "a", 1_000), Seen::First);
        for later in [1_300, 1_599, 1_600, 1_900, 2_190] {
            assert_eq!(nonces.note("key", "a", later), Seen::Again, "{later}");
        }
        // Long after it, it is forgotten: such a signature is stale.
        assert_eq!(nonces.note("key", "b", 2_300), Seen::First);
        assert_eq!(nonces.note("key", "a", 2_900), Seen::First);
        assert_eq!(nonces.note("key", "c", 10_000), Seen::First);
        assert_eq!(nonces.note("key", "b", 10_000), Seen::First);
    }

    #[test]
    fn a_clock_that_is_set_back_forgets_nothing_at_once() {
        let nonces = Nonces::new();
        assert_eq!(nonces.note("key", "a", 5_000), Seen::First);
        assert_eq!(nonces.note("key", "a", 4_000), Seen::Again);
    }
}
