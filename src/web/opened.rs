//! Screenshots that somebody has opened with a reason: for some minutes their picture has an address of its own.
//! Kept in memory only; whoever looks again after a restart gives the reason again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use crate::kernel::Fingerprint;
use crate::kernel::OperatorId;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;

/// For how long the address works.
const LASTS: Duration = Duration::from_secs(10 * 60);

/// Who may see which picture until when.
#[derive(Clone, Default)]
pub struct Opened(Arc<Mutex<HashMap<Fingerprint, Pass>>>);

struct Pass {
    operator: OperatorId,
    place: String,
    until: Timestamp,
}

impl Opened {
    /// Lets an operator see a picture for a while; gives the secret part of its address.
    pub fn admit(&self, operator: OperatorId, place: &str, now: Timestamp) -> String {
        let secret = SecretText::random("");
        let until = now.saturating_add(LASTS).unwrap_or(now);
        let mut passes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        passes.retain(|_, pass| pass.until > now);
        passes.insert(secret.fingerprint(), Pass { operator, place: place.to_owned(), until });
        secret.expose().to_owned()
    }

    /// Whether the address is one that was given to this operator for this picture.
    pub fn admits(&self, operator: OperatorId, (place, secret): (&str, &str), now: Timestamp) -> bool {
        let passes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pass = passes.get(&Fingerprint::of(secret.as_bytes()));
        pass.is_some_and(|pass| pass.operator == operator && pass.place == place && pass.until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::Opened;
    use crate::kernel::OperatorId;
    use crate::kernel::Timestamp;

    #[test]
    fn a_picture_is_seen_by_whom_it_was_opened_and_not_for_ever() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (opened, malika) = (Opened::default(), OperatorId::new(2));
        let secret = opened.admit(malika, "a1", at(0));
        assert!(opened.admits(malika, ("a1", &secret), at(599)));
        assert!(!opened.admits(malika, ("a1", &secret), at(600)));
        assert!(!opened.admits(malika, ("a2", &secret), at(1)));
        assert!(!opened.admits(malika, ("a1", "guessed"), at(1)));
        assert!(!opened.admits(OperatorId::new(3), ("a1", &secret), at(1)));
    }
}
