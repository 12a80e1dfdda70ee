//! What has not left yet: stretches of the spool. Values in, values out.
//!
//! Usually there is one, from a place on. When the line was dead for long there are more: the backlog, up to where it was
//! when the line came back, and what is fresh.

use crate::uplink::rules::Point;

/// So many outages one behind the other are told apart; what comes later waits its turn behind them.
pub(super) const MOST: usize = 8;
/// The end of the newest stretch.
const OPEN: u64 = u64::MAX;

/// From a place up to the first event of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: Point,
    /// The record before which it ends; the newest one goes on for ever.
    pub(super) before: u64,
}

impl Stretch {
    const fn from(start: Point) -> Self {
        Self { start, before: OPEN }
    }

    /// The place behind it, unless it has no end.
    pub(super) fn end(self) -> Option<Point> {
        (self.before != OPEN).then_some(Point { seq: self.before, event: 0 })
    }
}

/// All of them, oldest first; there is always one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsent {
    stretches: [Stretch; MOST],
    count: usize,
}

impl Unsent {
    /// Everything from a place on.
    pub(super) const fn from(start: Point) -> Self {
        Self { stretches: [Stretch::from(start); MOST], count: 1 }
    }

    /// These, if they can be: in order, apart from each other, and only the last one without an end.
    pub(super) fn of(stretches: &[Stretch]) -> Option<Self> {
        let apart = stretches.windows(2).all(|two| {
            let [one, next] = two else { return false };
            one.end().is_some_and(|end| one.start < end && end <= next.start)
        });
        let open = stretches.last()?.before == OPEN;
        let mut unsent = Self::from(Point::START);
        unsent.stretches.get_mut(..stretches.len())?.copy_from_slice(stretches);
        unsent.count = stretches.len();
        (apart && open).then_some(unsent)
    }

    pub(super) fn all(&self) -> &[Stretch] {
        &self.stretches[..self.count]
    }

    /// Everything before its start has left.
    pub(super) const fn oldest(&self) -> Stretch {
        self.stretches[0]
    }

    /// Where new records come.
    pub(super) const fn newest(&self) -> Stretch {
        self.stretches[self.count - 1]
    }

    /// There is a backlog beside what is fresh.
    pub(super) const fn has_backlog(&self) -> bool {
        self.count > 1
    }

    pub(super) const fn is_full(&self) -> bool {
        self.count == MOST
    }

    /// Records that have left although older ones have not.
    pub(super) fn ahead(&self) -> u64 {
        self.all().windows(2).map(|two| two[1].start.seq.saturating_sub(two[0].before)).sum()
    }

    /// The stretch that begins at a place begins further on now.
    #[must_use]
    pub(super) fn left(mut self, start: Point, end: Point) -> Self {
        let Some(at) = self.all().iter().position(|stretch| stretch.start == start) else { return self };
        let over = self.stretches[at].end().is_some_and(|last| end >= last);
        if over {
            self.stretches.copy_within(at + 1..self.count, at);
            self.count -= 1;
        } else {
            self.stretches[at].start = end;
        }
        self
    }

    /// What comes from a record on is fresh, everything before it is backlog; `None` when there is no room for that.
    pub(super) fn split(mut self, at: u64) -> Option<Self> {
        let newest = self.newest();
        let fresh = Point { seq: at, event: 0 };
        if self.is_full() || newest.start >= fresh {
            return None;
        }
        self.stretches[self.count - 1].before = at;
        self.stretches[self.count] = Stretch::from(fresh);
        self.count += 1;
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::any;
    use proptest::prop_oneof;
    use proptest::strategy::Strategy;

    use super::MOST;
    use super::Unsent;
    use crate::uplink::rules::Point;

    fn at(seq: u64) -> Point {
        Point { seq, event: 0 }
    }

    #[test]
    fn a_backlog_and_what_is_fresh_leave_each_by_itself() {
        let unsent = Unsent::from(at(1)).split(10).unwrap();
        assert!(unsent.has_backlog() && unsent.newest().start == at(10) && unsent.oldest().end() == Some(at(10)));
        let unsent = unsent.left(at(10), at(13)).left(at(1), Point { seq: 4, event: 2 });
        assert_eq!((unsent.oldest().start, unsent.newest().start), (Point { seq: 4, event: 2 }, at(13)));
        assert_eq!(unsent.ahead(), 3);
        let unsent = unsent.left(Point { seq: 4, event: 2 }, at(10));
        assert_eq!(unsent, Unsent { stretches: unsent.stretches, ..Unsent::from(at(13)) });
        assert_eq!((unsent.ahead(), unsent.split(13)), (0, None), "nothing is behind what is fresh");
    }

    #[test]
    fn stretches_that_cannot_be_are_none() {
        let two = Unsent::from(at(1)).split(10).unwrap();
        let [one, next] = [two.all()[0], two.all()[1]];
        assert_eq!(Unsent::of(&[one, next]), Some(Unsent::of(&[one, next]).unwrap()));
        for wrong in [&[][..], &[one], &[next, one], &[next, next], &[one; MOST + 1]] {
            assert_eq!(Unsent::of(wrong), None, "{wrong:?}");
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Came(u64),
        Split,
        /// So much of a stretch leaves.
        Left(usize, u64),
    }

    proptest::proptest! {
        /// Whole records only: what left and what is unsent are never the same and together everything.
        #[test]
        fn everything_leaves_once(steps in proptest::collection::vec(prop_oneof![
            (1_u64..5).prop_map(Step::Came),
            proptest::strategy::Just(Step::Split),
            (any::<usize>(), 1_u64..4).prop_map(|(which, count)| Step::Left(which, count)),
        ], 1..80)) {
            let (mut unsent, mut next, mut left) = (Unsent::from(at(1)), 1, BTreeSet::new());
            for step in steps {
                match step {
                    Step::Came(count) => next += count,
                    Step::Split => unsent = unsent.split(next).unwrap_or(unsent),
                    Step::Left(which, count) => {
                        let stretch = unsent.all()[which % unsent.all().len()];
                        let end = (stretch.start.seq + count).min(stretch.before).min(next);
                        for seq in stretch.start.seq..end {
                            proptest::prop_assert!(left.insert(seq), "{seq} left twice");
                        }
                        unsent = unsent.left(stretch.start, at(end));
                    }
                }
                let waits: BTreeSet<u64> = unsent.all().iter()
                    .flat_map(|stretch| stretch.start.seq..stretch.before.min(next)).collect();
                proptest::prop_assert!(waits.is_disjoint(&left));
                proptest::prop_assert_eq!((waits.len() + left.len()) as u64, next - 1);
                proptest::prop_assert!(left.range(unsent.oldest().start.seq..).count() as u64 == unsent.ahead());
                proptest::prop_assert_eq!(Unsent::of(unsent.all()).map(|of| of.all().to_vec()), Some(unsent.all().to_vec()));
            }
        }
    }
}
