//! Commands that wait until the device asks, and those that it has fetched.

use std::collections::VecDeque;

use nazorat_terminals::zkteco::adms::command;
use nazorat_terminals::zkteco::adms::command::Outcome;
use tokio::sync::oneshot;

use crate::kernel::Timestamp;

/// So many are given out at once, and so many may wait.
const MOST: usize = 50;

/// Commands of one device, by a number that is never given twice.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Order>,
    fetched: Vec<Order>,
    last: u64,
}

#[derive(Debug)]
struct Order {
    id: u64,
    text: String,
    done: oneshot::Sender<Outcome>,
}

/// How far a command that nobody answered has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// It was not fetched, and will not be.
    Unfetched,
    /// It was fetched, and may have been carried out.
    Fetched,
}

impl Queue {
    /// One more. Nothing if too many wait.
    pub(super) fn put(&mut self, text: String, now: Timestamp) -> Option<(u64, oneshot::Receiver<Outcome>)> {
        if self.waiting.len() >= MOST {
            return None;
        }
        // Microseconds have 16 digits until 2286, which is as long as a number may be; a restart does not begin again.
        let id = u64::try_from(now.as_microsecond()).unwrap_or(0).max(self.last + 1);
        self.last = id;
        let (done, outcome) = oneshot::channel();
        self.waiting.push_back(Order { id, text, done });
        Some((id, outcome))
    }

    /// The lines of all that wait. They are given out once.
    pub(super) fn fetch(&mut self) -> Option<String> {
        // Whoever does not wait any more does not want it any more either.
        self.waiting.retain(|order| !order.done.is_closed());
        self.fetched.retain(|order| !order.done.is_closed());
        if self.waiting.is_empty() {
            return None;
        }
        let lines: Vec<String> = self.waiting.iter().map(|order| command::line(order.id, &order.text)).collect();
        self.fetched.extend(self.waiting.drain(..));
        Some(lines.join("\n"))
    }

    /// What came of one.
    pub(super) fn finish(&mut self, outcome: Outcome) {
        if let Some(at) = self.fetched.iter().position(|order| order.id == outcome.id) {
            let order = self.fetched.swap_remove(at);
            // Whoever asked may have gone.
            drop(order.done.send(outcome));
        }
    }

    /// Nobody waits for one any more.
    pub(super) fn forget(&mut self, id: u64) -> Left {
        let before = self.waiting.len();
        self.waiting.retain(|order| order.id != id);
        self.fetched.retain(|order| order.id != id);
        if self.waiting.len() < before { Left::Unfetched } else { Left::Fetched }
    }
}

#[cfg(test)]
mod tests {
    use nazorat_terminals::zkteco::adms::command::Outcome;

    use super::Left;
    use super::Queue;
    use crate::kernel::Timestamp;

    #[test]
    fn a_command_is_given_out_once_under_a_number_of_its_own() {
        let now: Timestamp = "2026-11-23T03:30:15Z".parse().unwrap();
        let mut queue = Queue::default();
        let (first, mut told) = queue.put("AC_UNLOCK".to_owned(), now).unwrap();
        let (second, _second) = queue.put("REBOOT".to_owned(), now).unwrap();
        assert_eq!((first, second), (1_795_404_615_000_000, 1_795_404_615_000_001));
        let lines = queue.fetch().unwrap();
        assert_eq!(lines, "C:1795404615000000:AC_UNLOCK\nC:1795404615000001:REBOOT");
        assert_eq!(queue.fetch(), None);
        queue.finish(Outcome { id: first, code: 0, count: None });
        assert_eq!(told.try_recv().unwrap().code, 0);
        assert_eq!(queue.forget(second), Left::Fetched);
    }

    #[test]
    fn a_door_does_not_open_for_somebody_who_has_gone() {
        let mut queue = Queue::default();
        let (id, told) = queue.put("AC_UNLOCK".to_owned(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(queue.forget(id), Left::Unfetched);
        assert_eq!(queue.fetch(), None);
        drop(told);
        let (_, told) = queue.put("AC_UNLOCK".to_owned(), Timestamp::UNIX_EPOCH).unwrap();
        drop(told);
        assert_eq!(queue.fetch(), None);
    }
}
