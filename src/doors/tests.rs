//! Tests of what single passes mean.

use nazorat_wire::AccessKind;
use nazorat_wire::Direction;

use super::rules::direction;
use crate::devices::Passing;
use crate::devices::Side;

#[test]
fn the_gate_decides_which_way_and_not_the_terminal() {
    let direction = |passing, side, told| direction(AccessKind::Granted, passing, side, told);
    let (told_in, told_out) = (Direction::In, Direction::Out);
    assert_eq!(direction(Some(Passing::BySide), Side::Exit, told_in), Direction::Out);
    assert_eq!(direction(Some(Passing::BySide), Side::Entry, told_out), Direction::In);
    assert_eq!(direction(Some(Passing::BySide), Side::Both, told_out), Direction::Unknown);
    assert_eq!(direction(Some(Passing::ByDevice), Side::Entry, told_out), Direction::Out);
    assert_eq!(direction(Some(Passing::FirstLast), Side::Entry, told_in), Direction::Unknown);
    // A terminal at no gate is all there is.
    assert_eq!(direction(None, Side::Both, told_in), Direction::In);
}

#[test]
fn a_door_that_opens_goes_no_way() {
    for outcome in [AccessKind::Door, AccessKind::Alarm, AccessKind::Info] {
        assert_eq!(direction(outcome, Some(Passing::BySide), Side::Entry, Direction::In), Direction::Unknown);
    }
}
