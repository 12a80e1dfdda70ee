//! What was handed over already, and what of a log that is read as a whole is new.
//!
//! A device keeps its log in a ring, may lose or erase it, and tells no numbers. A record is known by its own key; the
//! place that is kept says up to which record the log was handed over, and what came ahead of the log.
//!
//! ## Design notes
//! Numbers in the log ("from the 4711th on") were not used: they move when the ring turns or somebody erases the log. With keys
//! the worst that can happen is that records are handed over again, and the same key is stored once.

use std::collections::HashSet;

use nazorat_terminals::zkteco::attendance::Punch;
use serde::Deserialize;
use serde::Serialize;

/// The most keys that are remembered until the log has them too.
const MOST_AHEAD: usize = 4_096;

/// The place that the host keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Place {
    /// So many records of the log were handed over.
    pub(super) count: u32,
    /// The last of them.
    pub(super) last: String,
    /// A sum over their keys, in whatever order.
    pub(super) sum: u64,
    /// What records looked like.
    pub(super) layout: String,
    /// Keys that came as events and were not in the log yet.
    pub(super) ahead: Vec<String>,
}

/// What is known of the log of one device.
#[derive(Debug, Default)]
pub(super) struct Book {
    place: Place,
    /// Keys of the log as it was read last; nothing after a start.
    seen: Option<HashSet<u64>>,
}

/// A log as it was read.
#[derive(Debug, Default)]
pub(super) struct Log {
    keys: Vec<String>,
    hashes: Vec<u64>,
    /// Of the first so many records.
    sums: Vec<u64>,
}

impl Log {
    pub(super) fn of(keys: Vec<String>) -> Self {
        let hashes: Vec<u64> = keys.iter().map(|key| hash(key)).collect();
        let sums = hashes.iter().scan(0_u64, |sum, hash| {
            *sum = sum.wrapping_add(*hash);
            Some(*sum)
        });
        Self { sums: sums.collect(), keys, hashes }
    }
}

/// What a log holds that was not handed over.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fresh {
    /// Which of its records, in their order.
    pub(super) records: Vec<usize>,
    /// Whether nothing of what was known is left in it.
    pub(super) was_replaced: bool,
}

impl Book {
    /// Goes on from a place.
    pub(super) fn of(place: Option<Place>) -> Self {
        Self { place: place.unwrap_or_default(), seen: None }
    }

    /// The place now.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// What is new in a log.
    pub(super) fn fresh(&self, log: &Log) -> Fresh {
        let ahead: HashSet<&str> = self.place.ahead.iter().map(String::as_str).collect();
        let (from, was_replaced) = match &self.seen {
            Some(seen) => (0, !seen.is_empty() && !log.hashes.iter().any(|hash| seen.contains(hash))),
            None => self.begin(log),
        };
        let known = |at: usize| {
            let seen =
                self.seen.as_ref().is_some_and(|seen| log.hashes.get(at).is_some_and(|hash| seen.contains(hash)));
            seen || log.keys.get(at).is_some_and(|key| ahead.contains(key.as_str()))
        };
        Fresh { records: (from..log.keys.len()).filter(|at| !known(*at)).collect(), was_replaced }
    }

    /// Where to begin after a start: behind the last record if all before it is what it was, or what is left of it.
    fn begin(&self, log: &Log) -> (usize, bool) {
        if self.place.last.is_empty() {
            return (0, false);
        }
        let Some(at) = log.keys.iter().rposition(|key| *key == self.place.last) else { return (0, true) };
        let before = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let same = before == self.place.count && log.sums.get(at) == Some(&self.place.sum);
        // Fewer: the ring turned. More, or others: something was put in between, so all is told again.
        if same || before < self.place.count { (at + 1, false) } else { (0, false) }
    }

    /// The place when the first so many records of a log are handed over.
    pub(super) fn place_at(&self, log: &Log, done: usize, layout: &str) -> Place {
        let last = done.min(log.keys.len()).checked_sub(1);
        Place {
            count: last.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(0),
            last: last.and_then(|at| log.keys.get(at)).cloned().unwrap_or_default(),
            sum: last.and_then(|at| log.sums.get(at)).copied().unwrap_or(0),
            layout: layout.to_owned(),
            ahead: self.place.ahead.clone(),
        }
    }

    /// All of a log was handed over. What came ahead and is in it need not be remembered any more.
    pub(super) fn take_over(&mut self, log: &Log, layout: &str) -> Place {
        let mut place = self.place_at(log, log.keys.len(), layout);
        let in_log: HashSet<&str> = log.keys.iter().map(String::as_str).collect();
        place.ahead.retain(|key| !in_log.contains(key.as_str()));
        self.seen = Some(log.hashes.iter().copied().collect());
        self.place = place.clone();
        place
    }

    /// Whether an event that came by itself is new.
    pub(super) fn is_new(&self, punch: &Punch) -> bool {
        let key = punch.key();
        let seen = self.seen.as_ref().is_some_and(|seen| seen.contains(&hash(&key)));
        !seen && self.place.last != key && !self.place.ahead.contains(&key)
    }

    /// The place when these events are handed over as well.
    pub(super) fn place_with(&self, events: &[Punch]) -> Place {
        let mut place = self.place.clone();
        place.ahead.extend(events.iter().map(Punch::key));
        let over = place.ahead.len().saturating_sub(MOST_AHEAD);
        place.ahead.drain(..over);
        place
    }

    /// They were.
    pub(super) fn keep(&mut self, place: Place) {
        self.place = place;
    }
}

/// FNV-1a. It is written down, so it must be the same for ever.
fn hash(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::Book;
    use super::Log;
    use super::Place;

    fn keys(numbers: std::ops::Range<u32>) -> Vec<String> {
        numbers.map(|number| format!("t{number}:1:0:0")).collect()
    }

    fn log(numbers: std::ops::Range<u32>) -> Log {
        Log::of(keys(numbers))
    }

    fn fresh(book: &Book, log: &Log) -> (usize, Option<usize>, bool) {
        let fresh = book.fresh(log);
        (fresh.records.len(), fresh.records.first().copied(), fresh.was_replaced)
    }

    /// A book of a log that was read, after a start.
    fn kept(log: &Log) -> Book {
        let place = Book::default().take_over(log, "40");
        let text = serde_json::to_string(&place).unwrap();
        Book::of(Some(serde_json::from_str::<Place>(&text).unwrap()))
    }

    #[test]
    fn after_a_start_only_what_is_behind_the_last_record_is_new() {
        assert_eq!(fresh(&Book::default(), &log(0..5)), (5, Some(0), false));
        let book = kept(&log(0..5));
        assert_eq!(fresh(&book, &log(0..5)), (0, None, false));
        assert_eq!(fresh(&book, &log(0..8)), (3, Some(5), false));
    }

    #[test]
    fn a_ring_that_turned_is_told_from_the_last_record_on_and_one_that_turned_over_as_a_whole() {
        let book = kept(&log(0..5));
        assert_eq!(fresh(&book, &log(3..8)), (3, Some(2), false));
        assert_eq!(fresh(&book, &log(7..12)), (5, Some(0), true));
        assert_eq!(fresh(&book, &Log::default()), (0, None, true));
    }

    #[test]
    fn a_log_into_which_something_was_put_is_told_as_a_whole() {
        let book = kept(&log(0..5));
        let mut put = keys(0..5);
        put.insert(2, "t9:9:9:9".to_owned());
        assert_eq!(fresh(&book, &Log::of(put.clone())), (6, Some(0), false));
        put.remove(0);
        assert_eq!(fresh(&book, &Log::of(put)), (5, Some(0), false));
    }

    #[test]
    fn while_it_runs_every_record_is_known_by_itself() {
        let mut book = Book::default();
        book.take_over(&log(0..5), "40");
        let mut put = keys(0..6);
        put.insert(2, "t9:9:9:9".to_owned());
        assert_eq!(book.fresh(&Log::of(put)).records, [2, 6]);
        assert_eq!(fresh(&book, &log(20..22)), (2, Some(0), true));
    }

    #[test]
    fn a_place_in_the_middle_goes_on_there() {
        let book = Book::default();
        let place = book.place_at(&log(0..9), 4, "40");
        assert_eq!(fresh(&Book::of(Some(place)), &log(0..9)), (5, Some(4), false));
    }
}
