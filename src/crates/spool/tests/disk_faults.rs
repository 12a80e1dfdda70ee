//! A full disk passes, a broken one does not.

use std::path::Path;
use std::sync::Arc;

use nazorat_spool::AppendError;
use nazorat_spool::Grace;
use nazorat_spool::OpenReport;
use nazorat_spool::Spool;

use crate::crash_disk::CrashDisk;
use crate::crash_disk::Limits;
use crate::support::options;
use crate::support::put;
use crate::support::read_all;
use crate::support::record;
use crate::support::texts;

fn open_on(disk: &CrashDisk) -> (Spool, OpenReport) {
    let mut options = options();
    options.segment_bytes = 4096;
    Spool::open_on(Arc::new(disk.clone()), Path::new("spool"), options).unwrap()
}

fn full(limits: Limits) {
    let disk = CrashDisk::default();
    let (spool, _) = open_on(&disk);
    disk.set_limits(limits);
    let mut kept = Vec::new();
    let refused = (0..200).find_map(|place| {
        let text = format!("{place:0100}");
        match spool.append(record(1, text.as_str())).wait() {
            Ok(_) => kept.push(text),
            Err(error) => return Some(error),
        }
        None
    });
    assert!(matches!(refused, Some(AppendError::DiskFull { .. })), "{refused:?}");
    assert!(matches!(spool.append(record(1, vec![1; 200])).wait(), Err(AppendError::DiskFull { .. })));
    // A full disk can still be drained: moving the cursor and freeing need no room.
    spool.set_cursor("applied", kept.len() as u64).unwrap();

    disk.set_limits(Limits::default());
    put(&spool, ["after"]);
    kept.push("after".to_owned());
    assert_eq!(texts(&read_all(&spool)), kept);
    drop(spool);
    let (spool, report) = open_on(&disk);
    assert_eq!((report.torn_bytes, report.set_aside), (0, 0), "half a record was left");
    assert_eq!(texts(&read_all(&spool)), kept);
    assert_eq!(read_all(&spool).last().unwrap().seq, kept.len() as u64, "seq has a gap");
}

#[test]
fn a_full_disk_refuses_by_name_and_appends_resume_when_there_is_room() {
    for bytes in 12_000..12_150 {
        full(Limits { bytes: Some(bytes), ..Limits::default() });
    }
}

#[test]
fn copies_of_what_has_left_give_way_on_a_full_disk() {
    let disk = CrashDisk::default();
    let mut options = options();
    (options.segment_bytes, options.grace) = (4096, Grace::Keep);
    let (spool, _) = Spool::open_on(Arc::new(disk.clone()), Path::new("spool"), options).unwrap();
    disk.set_limits(Limits { bytes: Some(40_000), ..Limits::default() });
    let mut kept = Vec::new();
    let mut take = |spool: &Spool| {
        let text = format!("{:0100}", kept.len());
        let taken = spool.append(record(1, text.as_str())).wait().is_ok();
        if taken {
            kept.push(text);
        }
        (taken, kept.len())
    };
    let full = (0..1_000).map(|_| take(&spool)).find(|(taken, _)| !taken).unwrap().1;
    // All but the last ten have left, and lie there as copies until somebody needs the room.
    spool.free_through(full as u64 - 10).unwrap();
    let more = (0..100).filter(|_| take(&spool).0).count();
    assert_eq!(more, 100);
    let waiting = texts(&read_all(&spool));
    assert_eq!(waiting, kept[full - 10..]);
}

#[test]
fn a_disk_without_inodes_is_a_full_disk() {
    full(Limits { files: Some(3), ..Limits::default() });
}

#[test]
fn a_disk_that_is_full_only_at_the_sync_is_a_full_disk() {
    for seed in 1..100 {
        let disk = CrashDisk::default();
        let (spool, _) = open_on(&disk);
        put(&spool, ["a"]);
        for refused in ["x", "y"] {
            disk.set_limits(Limits { next_sync: Some(28), ..Limits::default() });
            let answer = spool.append(record(1, refused)).wait();
            assert!(matches!(answer, Err(AppendError::DiskFull { .. })), "{answer:?}");
        }
        put(&spool, ["b"]);
        assert_eq!(disk.syncs_after_failure(), 0);
        assert_eq!(texts(&read_all(&spool)), ["a", "b"]);
        drop(spool);
        // The cut was not synced, on purpose: the refused record may be back, with the seq that another one has now.
        disk.power_cut(seed);
        let (spool, _) = open_on(&disk);
        let read = read_all(&spool);
        assert_eq!((texts(&read), read[1].seq), (vec!["a".to_owned(), "b".to_owned()], 2), "{seed}");
    }
}

/// F06.
#[test]
fn gw_fsync_eio_never_retry() {
    let disk = CrashDisk::default();
    let (spool, _) = open_on(&disk);
    put(&spool, ["a", "b"]);
    disk.set_limits(Limits { next_sync: Some(5), ..Limits::default() });
    assert!(matches!(spool.append(record(1, "lost")).wait(), Err(AppendError::Failed { .. })));
    assert!(matches!(spool.append(record(1, "later")).wait(), Err(AppendError::Failed { .. })));
    assert!(spool.stats().failed && spool.failure().borrow().is_some());
    drop(spool);
    assert_eq!(disk.syncs_after_failure(), 0);

    let (spool, report) = open_on(&disk);
    assert!(report.suspect);
    assert_eq!(texts(&read_all(&spool)), ["a", "b"]);
    put(&spool, ["c"]);
    drop(spool);
    disk.power_cut(3);
    let (spool, report) = open_on(&disk);
    assert!(!report.suspect);
    assert_eq!(texts(&read_all(&spool)), ["a", "b", "c"]);
}

#[test]
fn a_state_file_that_cannot_be_synced_stops_the_spool() {
    let disk = CrashDisk::default();
    let (spool, _) = open_on(&disk);
    put(&spool, ["a"]);
    disk.set_fuse(Some(1));
    assert!(spool.set_cursor("applied", 1).is_err());
    assert!(matches!(spool.append(record(1, "b")).wait(), Err(AppendError::Failed { .. })));
    drop(spool);
    disk.power_cut(7);
    let (spool, _) = open_on(&disk);
    assert_eq!(texts(&read_all(&spool)), ["a"]);
}
