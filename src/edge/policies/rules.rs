//! Which of two sheets holds. No clock, no I/O.

use jiff::SignedDuration;

use crate::kernel::Timestamp;

/// What a sheet that came is, beside the one that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weighed {
    /// It takes its place.
    Newer,
    /// It says the same.
    Known,
    /// It was given out before it and says something else.
    Older {
        /// When the one that holds was given out.
        held: Timestamp,
    },
}

/// What was given out so much later than now was given out by a clock that was wrong.
const WRONG_CLOCK: SignedDuration = SignedDuration::from_hours(24);

/// Weighs a sheet against the one that holds; each is its checksum and when it was given out. A clock that was ahead by
/// years must not keep everything away that comes when it is right again.
pub(super) fn weigh(held: Option<(&str, Timestamp)>, came: (&str, Timestamp), now: Timestamp) -> Weighed {
    match held {
        Some((checksum, _)) if checksum == came.0 => Weighed::Known,
        Some((_, at)) if came.1 < at && at.duration_since(now) <= WRONG_CLOCK => Weighed::Older { held: at },
        _ => Weighed::Newer,
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;
    use super::Weighed;
    use super::weigh;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_795_334_400 + hour * 3_600).unwrap()
    }

    #[test]
    fn the_newest_holds_unless_its_clock_was_wrong() {
        let weighed = |held: i64, came: i64, now: i64| weigh(Some(("a", at(held))), ("b", at(came)), at(now));
        assert_eq!(weigh(None, ("b", at(0)), at(0)), Weighed::Newer);
        assert_eq!(weigh(Some(("b", at(5))), ("b", at(0)), at(9)), Weighed::Known);
        assert_eq!((weighed(5, 6, 9), weighed(5, 5, 9)), (Weighed::Newer, Weighed::Newer));
        assert_eq!(weighed(5, 4, 9), Weighed::Older { held: at(5) });
        assert_eq!(weighed(5, 4, 0), Weighed::Older { held: at(5) }, "our own clock is a little behind");
        assert_eq!(weighed(9_000, 4, 5), Weighed::Newer, "it was given out next year");
    }
}
