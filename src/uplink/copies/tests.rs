//! What is sent again, to a hop that lost some of it.

use std::path::Path;

use nazorat_spool::Epoch;

use super::Again;
use super::Copies;
use crate::kernel::Timestamp;
use crate::uplink::cuts::Cut;
use crate::uplink::rules::Point;

fn open(folder: &Path) -> Copies {
    Copies::open(folder, Epoch::from_bytes([3; 16])).unwrap()
}

fn left(copies: &mut Copies, numbers: std::ops::RangeInclusive<u64>, life: u64) {
    left_as(copies, numbers, life, false);
}

fn left_as(copies: &mut Copies, numbers: std::ops::RangeInclusive<u64>, life: u64, carried: bool) {
    for number in numbers {
        let (start, end) = (Point::behind(number), Point::behind(number + 1));
        let at_us = number as i64 * 1_000_000;
        let cut = Cut { epoch: [7; 16], number, carried, start, end, at_us, life, digest: [0; 32] };
        copies.left(&cut, || Ok(0)).unwrap();
    }
}

/// Sends again to a hop that has all but some, and gives what was sent.
fn drain(copies: &mut Copies, lost: &mut Vec<u64>) -> Vec<u64> {
    let mut sent = Vec::new();
    while let Some(cut) = copies.next().unwrap() {
        sent.push(cut.number);
        let outcome = if lost.contains(&cut.number) { Again::Restored } else { Again::Known };
        lost.retain(|number| *number != cut.number);
        copies.step(outcome, 0, 1_000_000_000).unwrap();
    }
    sent
}

#[test]
fn what_left_since_a_moment_goes_again_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut copies = open(folder.path());
    left(&mut copies, 1..=100, 1);
    let since = Timestamp::from_second(41).unwrap();
    assert_eq!(copies.ask(since).unwrap().waiting, 60);
    for _ in 0..40 {
        copies.next().unwrap().unwrap();
        copies.step(Again::Restored, 0, 1_000_000_000).unwrap();
    }
    // What leaves meanwhile is not meant.
    left(&mut copies, 101..=110, 1);
    let mut copies = open(folder.path());
    let sent = drain(&mut copies, &mut Vec::new());
    assert_eq!((sent.first(), sent.last()), (Some(&73), Some(&100)), "it goes on where it was noted last");
    let shown = copies.resend().unwrap();
    assert_eq!((shown.waiting, shown.restored, shown.known), (0, 32, 28));
    assert_eq!(open(folder.path()).next().unwrap(), None);
    // Asked twice is asked once; an earlier moment widens it.
    copies.ask(since).unwrap();
    assert_eq!(copies.ask(since).unwrap().waiting, 70);
    assert_eq!(copies.ask(Timestamp::from_second(31).unwrap()).unwrap().waiting, 80);
}

#[test]
fn a_hop_that_was_started_again_is_asked_for_the_last_batch_only() {
    let folder = tempfile::tempdir().unwrap();
    let mut copies = open(folder.path());
    left(&mut copies, 1..=50, 1);
    left(&mut copies, 51..=60, 1);
    assert_eq!(drain(&mut copies, &mut Vec::new()), [0; 0]);
    left(&mut copies, 61..=70, 2);
    assert_eq!(drain(&mut copies, &mut Vec::new()), [60]);
    left(&mut copies, 71..=80, 0);
    left(&mut copies, 81..=82, 3);
    assert_eq!(drain(&mut copies, &mut Vec::new()), [0; 0], "a hop that tells none is not looked at");
}

#[test]
fn a_hop_that_went_back_gets_everything_behind_what_it_still_has() {
    for kept in [0, 1, 17, 40, 58, 59] {
        let folder = tempfile::tempdir().unwrap();
        let mut copies = open(folder.path());
        left(&mut copies, 1..=60, 1);
        left(&mut copies, 61..=62, 2);
        let mut lost: Vec<u64> = (kept + 1..=60).collect();
        copies.next().unwrap();
        // A crash in the middle of the search does no harm.
        let mut copies = open(folder.path());
        drain(&mut copies, &mut lost);
        assert_eq!(lost, [0; 0], "{kept}");
        assert_eq!(copies.resend().unwrap().restored, 60 - kept);
    }
}

#[test]
fn what_somebody_has_carried_there_says_nothing_of_what_was_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut copies = open(folder.path());
    left(&mut copies, 1..=10, 1);
    left_as(&mut copies, 11..=14, 1, true);
    left(&mut copies, 15..=15, 2);
    let mut lost: Vec<u64> = (5..=10).collect();
    drain(&mut copies, &mut lost);
    assert_eq!(lost, [0; 0]);
}

#[test]
fn a_fall_back_into_the_middle_of_a_filling_is_noticed_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let mut copies = open(folder.path());
    left(&mut copies, 1..=10, 1);
    // The hop has lost everything; what it gets first is new, and then it is filled up.
    left(&mut copies, 11..=11, 2);
    let mut lost: Vec<u64> = (1..=10).collect();
    while let Some(cut) = copies.next().unwrap() {
        let outcome = if lost.contains(&cut.number) { Again::Restored } else { Again::Known };
        lost.retain(|number| *number != cut.number);
        copies.step(outcome, 2, 1_000_000_000).unwrap();
    }
    assert_eq!(lost, [0; 0]);
    // It goes back to when it had only the new one.
    lost = (1..=10).collect();
    left(&mut copies, 12..=12, 3);
    drain(&mut copies, &mut lost);
    assert_eq!(lost, [0; 0]);
}

#[test]
fn a_second_fall_back_during_the_first_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut copies = open(folder.path());
    left(&mut copies, 1..=60, 1);
    left(&mut copies, 61..=61, 2);
    let mut lost: Vec<u64> = (20..=60).collect();
    for _ in 0..12 {
        let number = copies.next().unwrap().unwrap().number;
        let outcome = if lost.contains(&number) { Again::Restored } else { Again::Known };
        copies.step(outcome, 2, 1_000_000_000).unwrap();
        lost.retain(|other| *other != number);
    }
    // What was restored and what came since is gone again.
    lost = (20..=61).collect();
    left(&mut copies, 62..=62, 3);
    drain(&mut copies, &mut lost);
    assert_eq!(lost, [0; 0]);
}
