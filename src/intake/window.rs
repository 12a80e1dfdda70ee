//! Names of batches that are on their way, so that a repeat is answered at once and never stored twice.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use nazorat_wire::IngestAnswer;

/// How many answers of applied batches are kept for quick repeats. Older ones are found in the ledgers.
const KEEP_APPLIED: usize = 20_000;

/// The name of a batch in its organization.
pub(super) type KeyHash = [u8; 16];

/// What the window knows of a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known {
    /// Another request is taking it in.
    InFlight,
    /// It was taken in.
    Done(Taken),
}

/// A batch that was taken in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Taken {
    pub(super) digest: [u8; 32],
    pub(super) seq: u64,
    pub(super) answer: Arc<IngestAnswer>,
}

#[derive(Default)]
struct Inner {
    names: HashMap<KeyHash, Known>,
    /// Names in the order of their spool numbers, oldest first.
    order: VecDeque<(u64, KeyHash)>,
    applied: u64,
}

/// The window. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Window(Arc<Mutex<Inner>>);

impl Window {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims a name, or says what is known of it.
    pub(super) fn claim(&self, name: KeyHash) -> Result<Claim, Known> {
        let mut inner = self.inner();
        if let Some(known) = inner.names.get(&name) {
            return Err(known.clone());
        }
        inner.names.insert(name, Known::InFlight);
        Ok(Claim { window: self.clone(), name, kept: false })
    }

    /// Puts in what the spool held at start.
    pub(super) fn remember(&self, name: KeyHash, taken: Taken) {
        let mut inner = self.inner();
        inner.order.push_back((taken.seq, name));
        inner.names.insert(name, Known::Done(taken));
    }

    /// Everything up to this spool number is in the ledgers now.
    pub(super) fn applied(&self, seq: u64) {
        let mut inner = self.inner();
        inner.applied = inner.applied.max(seq);
        while inner.order.len() > KEEP_APPLIED {
            match inner.order.front() {
                Some(&(oldest, name)) if oldest <= inner.applied => {
                    inner.order.pop_front();
                    inner.names.remove(&name);
                }
                _ => break,
            }
        }
    }
}

/// The right to take in one name. Dropped without an outcome, the name is free again.
pub(super) struct Claim {
    window: Window,
    name: KeyHash,
    kept: bool,
}

impl Claim {
    /// The batch is durable.
    pub(super) fn taken(mut self, taken: Taken) {
        self.kept = true;
        let mut inner = self.window.inner();
        let at = inner.order.partition_point(|(seq, _)| *seq < taken.seq);
        inner.order.insert(at, (taken.seq, self.name));
        inner.names.insert(self.name, Known::Done(taken));
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.kept {
            self.window.inner().names.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nazorat_wire::IngestAnswer;

    use super::Known;
    use super::Taken;
    use super::Window;

    fn taken(seq: u64) -> Taken {
        let answer = IngestAnswer {
            batch_id: seq.to_string(),
            accepted: 1,
            duplicate: false,
            rejected: Vec::new(),
            withheld: 0,
            life: None,
        };
        Taken { digest: [0; 32], seq, answer: Arc::new(answer) }
    }

    #[test]
    fn a_name_is_claimed_once_and_free_again_when_the_claim_is_dropped() {
        let window = Window::default();
        let claim = window.claim([1; 16]).ok().unwrap();
        assert_eq!(window.claim([1; 16]).err(), Some(Known::InFlight));
        drop(claim);
        window.claim([1; 16]).ok().unwrap().taken(taken(1));
        assert_eq!(window.claim([1; 16]).err(), Some(Known::Done(taken(1))));
    }

    #[test]
    fn names_that_are_not_applied_are_never_forgotten() {
        let window = Window::default();
        let name = |seq: u64| (u128::from(seq)).to_be_bytes();
        for seq in 1..=30_000 {
            window.claim(name(seq)).ok().unwrap().taken(taken(seq));
        }
        window.applied(5_000);
        assert!(window.claim(name(5_000)).is_ok(), "applied and old: the ledger answers for it");
        assert!(window.claim(name(5_001)).is_err(), "not applied yet");
    }
}
