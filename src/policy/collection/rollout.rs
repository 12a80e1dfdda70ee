//! A version that gets to a few computers first. Values in, values out.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::kernel::Timestamp;

/// The longest time that is watched after the first computers have a version: a week.
const MOST_WATCH: u32 = 7 * 24 * 60;

/// How a version is to get to everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stages {
    /// The share of computers that get it first.
    pub percent: u8,
    /// How long it is watched then before everybody gets it.
    pub watch_minutes: u32,
}

/// How far a version is that was released in stages.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rollout {
    /// The version that holds for everybody else until then; 0 is none.
    pub before: u32,
    /// The share that was asked for.
    pub percent: u8,
    /// The computers that got it first.
    pub early: BTreeSet<String>,
    /// How long it is watched.
    pub watch_minutes: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When all of the first had it that could be reached.
    pub first_done_at: Option<Timestamp>,
    /// When everybody else got it.
    pub everyone_at: Option<Timestamp>,
    /// Login of whoever has stopped it for a while.
    pub paused_by: Option<String>,
    /// Why it has stopped by itself.
    pub halted: Option<String>,
}

/// What happens next by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advance {
    /// The first ones have it.
    FirstDone,
    /// Everybody gets it.
    Everyone,
    /// It stops.
    Halt(String),
}

/// How the first computers are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EarlyState<'a> {
    /// How many hold to it.
    pub in_force: usize,
    /// How many are there and do not yet.
    pub on_their_way: usize,
    /// What one says that could not take it.
    pub failed: Option<&'a str>,
}

impl Stages {
    /// Whether it can be meant.
    pub fn is_possible(self) -> bool {
        (1..=99).contains(&self.percent) && self.watch_minutes <= MOST_WATCH
    }

    /// How many of so many computers are the first.
    pub fn first_of(self, all: usize) -> usize {
        (all * usize::from(self.percent)).div_ceil(100)
    }
}

impl Rollout {
    /// True when everybody has it, or gets it now.
    pub fn is_over(&self) -> bool {
        self.everyone_at.is_some()
    }

    /// When everybody gets it, if nothing happens until then.
    pub fn everyone_from(&self) -> Option<Timestamp> {
        let watch = Duration::from_secs(u64::from(self.watch_minutes) * 60);
        self.first_done_at?.checked_add(watch).ok()
    }

    /// What happens next by itself, if anything does.
    pub fn next(&self, early: EarlyState<'_>, now: Timestamp) -> Option<Advance> {
        if self.is_over() || self.paused_by.is_some() || self.halted.is_some() {
            return None;
        }
        if let Some(failed) = early.failed {
            return Some(Advance::Halt(failed.to_owned()));
        }
        match self.everyone_from() {
            None => (early.in_force > 0 && early.on_their_way == 0).then_some(Advance::FirstDone),
            Some(from) => (now >= from).then_some(Advance::Everyone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Advance;
    use super::EarlyState;
    use super::Rollout;
    use super::Stages;
    use crate::kernel::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_334_400 + second).unwrap()
    }

    fn rollout() -> Rollout {
        Rollout {
            before: 1,
            percent: 10,
            early: ["uid-1".to_owned()].into(),
            watch_minutes: 20,
            started_at: at(0),
            first_done_at: None,
            everyone_at: None,
            paused_by: None,
            halted: None,
        }
    }

    #[test]
    fn everybody_follows_when_the_first_have_had_it_for_a_while() {
        let first = rollout();
        let early = |in_force, on_their_way| EarlyState { in_force, on_their_way, failed: None };
        assert_eq!(first.next(early(0, 0), at(9_999)), None, "nobody was there to try it");
        assert_eq!(first.next(early(1, 1), at(5)), None);
        assert_eq!(first.next(early(1, 0), at(5)), Some(Advance::FirstDone));
        let watched = Rollout { first_done_at: Some(at(5)), ..first };
        assert_eq!(watched.next(early(1, 0), at(1_204)), None);
        assert_eq!(watched.next(early(1, 0), at(1_205)), Some(Advance::Everyone));
        let paused = Rollout { paused_by: Some("malika".to_owned()), ..watched.clone() };
        assert_eq!(paused.next(early(1, 0), at(9_999)), None);
        let over = Rollout { everyone_at: Some(at(1_205)), ..watched };
        assert_eq!(over.next(early(1, 0), at(9_999)), None);
    }

    #[test]
    fn one_that_cannot_take_it_stops_it() {
        let failed = EarlyState { in_force: 3, on_their_way: 0, failed: Some("disk full") };
        let watched = Rollout { first_done_at: Some(at(5)), ..rollout() };
        for rollout in [rollout(), watched] {
            assert_eq!(rollout.next(failed, at(9_999)), Some(Advance::Halt("disk full".to_owned())));
            let halted = Rollout { halted: Some("disk full".to_owned()), ..rollout };
            assert_eq!(halted.next(failed, at(9_999)), None);
        }
    }

    #[test]
    fn the_first_are_at_least_one() {
        let stages = Stages { percent: 10, watch_minutes: 20 };
        assert_eq!([0, 1, 14, 200].map(|all| stages.first_of(all)), [0, 1, 2, 20]);
        assert!(stages.is_possible() && !Stages { percent: 100, ..stages }.is_possible());
        assert!(!Stages { percent: 0, ..stages }.is_possible());
    }
}
