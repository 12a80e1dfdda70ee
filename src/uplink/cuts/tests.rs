//! Cuts are found again, whatever happened to their file.

use std::path::Path;

use nazorat_spool::Epoch;

use super::Cut;
use super::Cuts;
use super::LENGTH;
use crate::uplink::rules::Point;

fn open(path: &Path) -> Cuts {
    Cuts::open(path, Epoch::from_bytes([3; 16]), 4).unwrap()
}

fn cut(number: u64) -> Cut {
    Cut {
        epoch: [7; 16],
        number,
        carried: number % 2 == 1,
        start: Point { seq: number, event: 1 },
        end: Point { seq: number + 1, event: 2 },
        at_us: number as i64 * 10,
        life: 5,
        digest: [9; 32],
    }
}

#[test]
fn cuts_come_back_in_order_and_a_torn_end_was_never_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("left");
    let mut cuts = open(&path);
    assert_eq!((cuts.range(), cuts.last().unwrap()), (0..0, None));
    for number in 1..=3 {
        cuts.push(&cut(number), 0).unwrap();
    }
    let whole = std::fs::read(&path).unwrap();
    for torn in 0..=LENGTH {
        std::fs::write(&path, &whole[..whole.len() - torn]).unwrap();
        let mut cuts = open(&path);
        let kept = if torn == 0 { 3 } else { 2 };
        assert_eq!(cuts.all().unwrap(), (1..=kept).map(cut).collect::<Vec<_>>(), "{torn}");
        cuts.push(&cut(8), 0).unwrap();
        assert_eq!((open(&path).last().unwrap(), open(&path).range().end), (Some(cut(8)), kept + 1));
    }
}

#[test]
fn the_older_half_goes_when_there_is_no_room_and_ordinals_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("left");
    let mut cuts = open(&path);
    for number in 0..5 {
        cuts.push(&cut(number), 0).unwrap();
    }
    assert_eq!((cuts.range(), open(&path).range()), (2..5, 2..5));
    assert_eq!((cuts.get(1).unwrap(), cuts.get(4).unwrap()), (None, Some(cut(4))));
    cuts.push(&cut(5), 0).unwrap();
    // Of what lies in the spool no more, nothing has to stay.
    cuts.push(&cut(6), 6).unwrap();
    assert_eq!((cuts.range(), cuts.all().unwrap()), (6..7, vec![cut(6)]));
    cuts.clear().unwrap();
    assert_eq!(open(&path).range(), 6..6);
}

#[test]
fn what_left_since_a_moment_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut cuts = Cuts::open(&folder.path().join("left"), Epoch::from_bytes([3; 16]), 2_000).unwrap();
    for number in 0..1_200 {
        cuts.push(&cut(number), 0).unwrap();
    }
    assert_eq!([0, 5, 10, 11_990, 11_991].map(|at| cuts.since(at).unwrap()), [0, 1, 1, 1_199, 1_200]);
}

#[test]
fn another_spool_begins_anew_and_a_newer_file_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("left");
    open(&path).push(&cut(1), 0).unwrap();
    assert_eq!(Cuts::open(&path, Epoch::from_bytes([4; 16]), 4).unwrap().range(), 0..0);
    let mut newer = [0; LENGTH];
    newer[..LENGTH].copy_from_slice(&std::fs::read(&path).unwrap());
    newer[8] = 2;
    super::check(&mut newer);
    std::fs::write(&path, newer).unwrap();
    assert!(Cuts::open(&path, Epoch::from_bytes([4; 16]), 4).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), newer);
}
