//! Decisions on single passes.

use nazorat_wire::AccessKind;
use nazorat_wire::Direction;

use crate::devices::Passing;
use crate::devices::Side;

/// Which way a single pass went, by the rule of its gate. Rules that need the whole day say nothing here, and what doors do
/// by themselves goes no way.
pub(super) const fn direction(
    outcome: AccessKind,
    passing: Option<Passing>,
    side: Side,
    observed: Direction,
) -> Direction {
    if !matches!(outcome, AccessKind::Granted | AccessKind::Denied) {
        return Direction::Unknown;
    }
    match (passing, side) {
        (Some(Passing::ByDevice) | None, _) => observed,
        (Some(Passing::BySide), Side::Entry) => Direction::In,
        (Some(Passing::BySide), Side::Exit) => Direction::Out,
        (Some(Passing::BySide), Side::Both) | (Some(Passing::FirstLast | Passing::Alternating), _) => {
            Direction::Unknown
        }
    }
}
