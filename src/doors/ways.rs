//! Which way the passes of one person went, and which of them only repeat another: the rule of the gate over a whole day.
//! Passes themselves are never changed; what is decided here is decided anew with every look.
//!
//! ## Design notes
//! - A pass repeats the last one that counted, not the last one at all: somebody who shows a card every four seconds for an
//!   hour has passed many times, not once.
//! - A day is one of the organization. Whoever works through midnight begins anew there: their first pass after it is "in"
//!   by these rules, although they go home. Gates for night shifts have a terminal on each side, or one that asks.

use nazorat_wire::Direction;

use crate::devices::Passing;
use crate::kernel::Timestamp;

/// A pass, as far as its day matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    /// The way that the pass by itself says.
    pub(super) alone: Direction,
}

/// What is decided of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) direction: Direction,
    /// The way cannot be known before the day is over.
    pub(super) pending: bool,
    /// It is the same pass as the one before.
    pub(super) repeated: bool,
}

/// A gate's rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) passing: Passing,
    pub(super) debounce_secs: u32,
}

impl Rule {
    /// Whether single passes need the others of their day.
    pub(super) const fn needs_the_day(self) -> bool {
        self.debounce_secs > 0 || matches!(self.passing, Passing::FirstLast | Passing::Alternating)
    }

    /// Decides the passes of one person at the gate on one day, in the order of time.
    pub(super) fn marks(self, steps: &[Step], day_is_over: bool) -> Vec<Mark> {
        let mut counted: Vec<Step> = Vec::new();
        // To which of those that count each belongs.
        let places: Vec<(usize, bool)> = steps
            .iter()
            .map(|step| {
                let repeats = counted.last().is_some_and(|last| self.repeats(*last, *step));
                if !repeats {
                    counted.push(*step);
                }
                (counted.len().saturating_sub(1), repeats)
            })
            .collect();
        let mark = |(place, repeated): (usize, bool)| {
            let alone = counted.get(place).map_or(Direction::Unknown, |step| step.alone);
            let (direction, pending) = self.way(place, counted.len(), alone, day_is_over);
            Mark { direction, pending, repeated }
        };
        places.into_iter().map(mark).collect()
    }

    fn repeats(self, last: Step, step: Step) -> bool {
        let micros = step.at.as_microsecond().saturating_sub(last.at.as_microsecond());
        let within = i64::from(self.debounce_secs).saturating_mul(1_000_000);
        // In and out within moments are two passes.
        self.debounce_secs > 0 && last.alone == step.alone && micros <= within
    }

    /// The way of one of those that count.
    const fn way(self, place: usize, count: usize, alone: Direction, day_is_over: bool) -> (Direction, bool) {
        let is_last = place + 1 == count;
        match self.passing {
            Passing::BySide | Passing::ByDevice => (alone, false),
            Passing::Alternating if place.is_multiple_of(2) => (Direction::In, false),
            Passing::Alternating => (Direction::Out, false),
            Passing::FirstLast if place == 0 => (Direction::In, false),
            Passing::FirstLast if is_last && day_is_over => (Direction::Out, false),
            Passing::FirstLast => (Direction::Unknown, is_last),
        }
    }
}

#[cfg(test)]
mod tests {
    use nazorat_wire::Direction;
    use proptest::prelude::*;

    use super::Mark;
    use super::Rule;
    use super::Step;
    use crate::devices::Passing;
    use crate::kernel::Timestamp;

    fn steps(seconds: &[i64]) -> Vec<Step> {
        let at = |second: &i64| Timestamp::from_second(1_795_334_400 + second).unwrap();
        seconds.iter().map(|second| Step { at: at(second), alone: Direction::Unknown }).collect()
    }

    fn told(passing: Passing, debounce_secs: u32, seconds: &[i64], day_is_over: bool) -> String {
        let marks = Rule { passing, debounce_secs }.marks(&steps(seconds), day_is_over);
        let letter = |mark: &Mark| match (mark.repeated, mark.pending, mark.direction) {
            (true, _, _) => 'r',
            (_, true, _) => '?',
            (_, _, Direction::In) => 'i',
            (_, _, Direction::Out) => 'o',
            (_, _, Direction::Unknown) => '-',
        };
        marks.iter().map(letter).collect()
    }

    #[test]
    fn the_first_is_in_and_the_last_is_out_once_the_day_is_over() {
        let told = |seconds: &[i64], over| told(Passing::FirstLast, 0, seconds, over);
        assert_eq!([told(&[], true), told(&[9], false), told(&[9], true)], ["", "i", "i"]);
        assert_eq!([told(&[9, 50, 90], false), told(&[9, 50, 90], true)], ["i-?", "i-o"]);
    }

    #[test]
    fn in_turns_repeats_do_not_count() {
        assert_eq!(told(Passing::Alternating, 0, &[0, 2, 4, 6], false), "ioio");
        assert_eq!(told(Passing::Alternating, 5, &[0, 2, 60, 65, 66, 200], false), "irorio");
        // Every four seconds: each second one is within five seconds of one that counted.
        assert_eq!(told(Passing::Alternating, 5, &[0, 4, 8, 12, 16], false), "irori");
    }

    #[test]
    fn in_and_out_within_moments_are_two_passes() {
        let mut both = steps(&[0, 1, 2]);
        both[0].alone = Direction::In;
        both[1].alone = Direction::Out;
        both[2].alone = Direction::Out;
        let marks = Rule { passing: Passing::BySide, debounce_secs: 30 }.marks(&both, false);
        assert_eq!(marks.iter().map(|mark| mark.repeated).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(
            marks.iter().map(|mark| mark.direction).collect::<Vec<_>>(),
            [Direction::In, Direction::Out, Direction::Out]
        );
    }

    fn days() -> impl Strategy<Value = (Passing, u32, Vec<Step>, bool)> {
        let direction = prop::sample::select(vec![Direction::In, Direction::Out, Direction::Unknown]);
        let step = (0..86_400_i64, direction);
        let passing = prop::sample::select(Passing::ALL.to_vec());
        (passing, 0..601_u32, prop::collection::vec(step, 0..40), any::<bool>()).prop_map(
            |(passing, secs, found, over)| {
                let mut found = found;
                found.sort_by_key(|(second, _)| *second);
                // Where one terminal serves both ways a pass by itself says nothing.
                let says = matches!(passing, Passing::BySide | Passing::ByDevice);
                let mut steps = steps(&found.iter().map(|(second, _)| *second).collect::<Vec<_>>());
                for (step, (_, direction)) in steps.iter_mut().zip(&found).filter(|_| says) {
                    step.alone = *direction;
                }
                (passing, secs, steps, over)
            },
        )
    }

    proptest! {
        #[test]
        fn every_pass_is_told_and_the_first_one_counts((passing, debounce_secs, steps, over) in days()) {
            let marks = Rule { passing, debounce_secs }.marks(&steps, over);
            prop_assert_eq!(marks.len(), steps.len());
            prop_assert!(marks.first().is_none_or(|mark| !mark.repeated));
        }

        #[test]
        fn those_that_count_are_far_apart_and_those_that_repeat_are_near((passing, debounce_secs, steps, over) in days()) {
            let marks = Rule { passing, debounce_secs }.marks(&steps, over);
            let mut last: Option<(Step, Mark)> = None;
            for (step, mark) in steps.iter().zip(marks) {
                if let Some((before, counted)) = last {
                    let secs = step.at.as_second() - before.at.as_second();
                    let near = debounce_secs > 0 && secs <= i64::from(debounce_secs) && step.alone == before.alone;
                    prop_assert_eq!(mark.repeated, near);
                    // It is the same pass, so it went the same way.
                    prop_assert!(!near || (mark.direction, mark.pending) == (counted.direction, counted.pending));
                }
                if !mark.repeated {
                    last = Some((*step, mark));
                }
            }
        }

        #[test]
        fn repeats_change_nothing_of_the_others((passing, debounce_secs, steps, over) in days()) {
            let rule = Rule { passing, debounce_secs };
            let marks = rule.marks(&steps, over);
            let counted: Vec<(Step, Mark)> = steps.into_iter().zip(marks).filter(|(_, mark)| !mark.repeated).collect();
            let (steps, marks): (Vec<Step>, Vec<Mark>) = counted.into_iter().unzip();
            prop_assert_eq!(rule.marks(&steps, over), marks);
        }

        #[test]
        fn ways_follow_the_rule_of_the_gate((passing, debounce_secs, steps, over) in days()) {
            let marks = Rule { passing, debounce_secs }.marks(&steps, over);
            let counted: Vec<&Mark> = marks.iter().filter(|mark| !mark.repeated).collect();
            let last = counted.len().saturating_sub(1);
            for (place, mark) in counted.iter().enumerate() {
                match passing {
                    Passing::Alternating => {
                        let way = if place % 2 == 0 { Direction::In } else { Direction::Out };
                        prop_assert_eq!((mark.direction, mark.pending), (way, false));
                    }
                    Passing::FirstLast if place == 0 => prop_assert_eq!(mark.direction, Direction::In),
                    Passing::FirstLast if place == last => {
                        let way = if over { Direction::Out } else { Direction::Unknown };
                        prop_assert_eq!((mark.direction, mark.pending), (way, !over));
                    }
                    Passing::FirstLast => prop_assert_eq!((mark.direction, mark.pending), (Direction::Unknown, false)),
                    Passing::BySide | Passing::ByDevice => prop_assert!(!mark.pending),
                }
            }
        }
    }
}
