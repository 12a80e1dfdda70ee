//! Which of two sheets holds. No clock, no I/O.

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

/// Weighs a sheet against the one that holds; each is its checksum and when it was given out.
pub(super) fn weigh(held: Option<(&str, Timestamp)>, came: (&str, Timestamp)) -> Weighed {
    match held {
        Some((checksum, _)) if checksum == came.0 => Weighed::Known,
        Some((_, at)) if came.1 < at => Weighed::Older { held: at },
        _ => Weighed::Newer,
    }
}
