//! What the log takes, and how a chain is checked.

use std::collections::HashMap;

use crate::audit::model::Filter;
use crate::audit::model::Record;
use crate::audit::records;
use crate::audit::records::Hash;
use crate::kernel::Timestamp;
use crate::kernel::fold;

/// Refusals that one actor can put into the log in a minute.
const DENIALS_PER_MINUTE: u32 = 20;
/// Actors that are counted at the same time.
const ACTORS: usize = 10_000;

/// Keeps somebody who is refused a thousand times from filling the log.
#[derive(Debug, Default)]
pub(super) struct Denials {
    minute: i64,
    counts: HashMap<String, u32>,
}

impl Denials {
    /// True when this refusal should be recorded.
    pub(super) fn admit(&mut self, who: String, now: Timestamp) -> bool {
        let minute = now.as_second().div_euclid(60);
        if minute != self.minute {
            self.minute = minute;
            self.counts.clear();
        }
        if self.counts.len() >= ACTORS && !self.counts.contains_key(&who) {
            return false;
        }
        let count = self.counts.entry(who).or_insert(0);
        *count += 1;
        *count <= DENIALS_PER_MINUTE
    }
}

/// True when the reader asked for this record.
pub(super) fn matches(filter: &Filter, record: &Record) -> bool {
    filter.action.as_ref().is_none_or(|action| record.action.starts_with(action.as_str()))
        && filter.actor.as_ref().is_none_or(|actor| fold(&record.actor.name) == fold(actor))
        && filter.from.is_none_or(|from| from <= record.at)
        && filter.to.is_none_or(|to| record.at < to)
}

/// Follows a chain from its first line.
pub(super) struct Follower {
    number: u64,
    hash: Hash,
    head: Option<(u64, Hash)>,
    head_seen: bool,
}

impl Follower {
    pub(super) fn new(head: Option<(u64, Hash)>) -> Self {
        Self { number: 0, hash: [0; 32], head, head_seen: false }
    }

    pub(super) fn records(&self) -> u64 {
        self.number
    }

    /// Why this line does not belong after the one before, if it does not.
    pub(super) fn follow(&mut self, line: &[u8]) -> Option<&'static str> {
        let Some(read) = records::read(line) else { return Some("is not a record") };
        let problem = if !read.whole {
            Some("was changed")
        } else if read.previous != self.hash || read.record.number != self.number + 1 {
            Some("does not follow the line before it")
        } else {
            None
        };
        (self.number, self.hash) = (read.record.number, read.hash);
        self.head_seen |= self.head == Some((self.number, self.hash));
        problem
    }

    /// True when lines are missing at the end.
    pub(super) fn has_lost_its_end(&self) -> bool {
        self.head.is_some() && !self.head_seen
    }
}

#[cfg(test)]
mod tests {
    use super::Denials;
    use super::Follower;
    use crate::audit::model::Entry;
    use crate::audit::records::Hash;
    use crate::audit::records::Pending;
    use crate::kernel::Actor;
    use crate::kernel::Timestamp;

    fn lines() -> (Vec<Vec<u8>>, Hash) {
        let mut hash = [0; 32];
        let mut lines = Vec::new();
        for number in 1..=3 {
            let entry = Entry::new("employee.create").on("employee", number).with("number", number);
            let (line, next) =
                Pending::new(Timestamp::UNIX_EPOCH, &Actor::system(), entry).line(number, &hash).unwrap();
            lines.push(line.trim_ascii_end().to_vec());
            hash = next;
        }
        (lines, hash)
    }

    #[test]
    fn a_whole_chain_has_no_break() {
        let (lines, hash) = lines();
        let mut follower = Follower::new(Some((3, hash)));
        assert!(lines.iter().all(|line| follower.follow(line).is_none()));
        assert!(!follower.has_lost_its_end() && follower.records() == 3);
    }

    #[test]
    fn no_bit_of_a_line_changes_unseen() {
        let (lines, _) = lines();
        for at in 0..lines[1].len() {
            for bit in 0..8 {
                let mut changed = lines.clone();
                changed[1][at] ^= 1 << bit;
                let mut follower = Follower::new(None);
                let seen = changed.iter().filter_map(|line| follower.follow(line)).count();
                assert!(seen > 0, "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn a_flood_of_refusals_is_cut_each_minute() {
        let mut denials = Denials::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        let admitted = (0..100).filter(|_| denials.admit("guard".to_owned(), at(60))).count();
        assert_eq!(admitted, 20);
        assert!(denials.admit("malika".to_owned(), at(61)));
        assert!(denials.admit("guard".to_owned(), at(120)));
    }
}
