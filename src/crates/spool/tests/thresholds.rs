//! F05: what happens at 80 and at 95 percent.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use nazorat_spool::AppendError;
use nazorat_spool::Evict;
use nazorat_spool::Gap;
use nazorat_spool::Grace;
use nazorat_spool::Kind;
use nazorat_spool::Options;
use nazorat_spool::Spool;

use crate::support::open;
use crate::support::options;
use crate::support::read_all;
use crate::support::record;

const MAX: u64 = 1 << 20;

fn bounded(evict: Evict, grace: Grace) -> Options {
    let mut options = options();
    options.max_bytes = MAX;
    options.segment_bytes = 32 << 10;
    options.evict = evict;
    options.grace = grace;
    options
}

fn percent(spool: &Spool) -> u64 {
    spool.stats().bytes * 100 / MAX
}

/// Appends 1 KiB records until the level is at `percent` or an append is refused.
fn fill(spool: &Spool, class: u8, to: u64) -> Result<(), AppendError> {
    while percent(spool) < to {
        spool.append(record(class, vec![class; 1024])).wait()?;
    }
    Ok(())
}

/// The writer gives space back after it answered; the next answer comes behind that.
fn settle(spool: &Spool) {
    spool.append(record(0, "settled")).wait().unwrap();
}

#[test]
fn gw_thresholds_80_95() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), bounded(Evict::LeastImportant, Grace::Keep));

    fill(&spool, 3, 30).unwrap();
    let grace = *spool.durable().borrow();
    spool.free_through(grace).unwrap();
    fill(&spool, 0, 50).unwrap();
    fill(&spool, 2, 79).unwrap();
    let stats = spool.stats();
    assert!(stats.evicted == 0 && stats.grace_bytes > MAX / 5, "below 80 percent nothing goes");

    fill(&spool, 2, 80).unwrap();
    settle(&spool);
    let stats = spool.stats();
    assert!(percent(&spool) <= 76, "the level rests below the threshold");
    assert!(stats.evicted == 0 && stats.grace_bytes < MAX / 4, "grace copies go first");

    // More and more of class 1: first the rest of the grace copies, then class 2 goes, then class 1 itself.
    for _ in 0..2000 {
        spool.append(record(1, vec![1; 1024])).wait().unwrap();
        assert!(percent(&spool) < 90);
    }
    settle(&spool);
    let read = read_all(&spool);
    let gaps: Vec<Gap> = read.iter().filter_map(|record| record.gap()).collect();
    let count =
        |class: u8| read.iter().filter(|record| record.kind == Kind::Data && record.class == class).count() as u64;
    let lost = |class: u8| gaps.iter().filter(|gap| gap.class == class).map(|gap| gap.count).sum::<u64>();
    assert_eq!(lost(0), 0, "the most important class was touched");
    assert_eq!(count(2), 0, "class 2 goes before class 1");
    assert_eq!(count(1) + lost(1), 2000, "every record is delivered or in a gap");
    assert_eq!(lost(1) + lost(2), spool.stats().evicted);
    assert!(gaps.iter().all(|gap| gap.from_seq <= gap.to_seq && gap.from_us <= gap.to_us));
    let oldest = read.iter().find(|record| record.kind == Kind::Data && record.class == 1).unwrap().seq;
    assert!(gaps.iter().filter(|gap| gap.class == 1).all(|gap| gap.to_seq < oldest), "the oldest go first");

    // The same is seen after opening it again.
    drop(spool);
    let (spool, report) = open(dir.path(), bounded(Evict::LeastImportant, Grace::Keep));
    assert_eq!(report.set_aside, 0);
    assert_eq!(read_all(&spool), read);
}

#[test]
fn a_full_spool_refuses_until_it_is_clearly_below_and_evicts_nothing_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), bounded(Evict::Never, Grace::Delete));
    let refused = fill(&spool, 3, 100);
    assert!(matches!(refused, Err(AppendError::Full { .. })));
    assert_eq!(percent(&spool), 94);
    assert!(spool.stats().full && spool.stats().evicted == 0);

    // One segment of 3 percent is not enough, two are.
    let third = read_all(&spool).len() as u64 / 31 + 3;
    spool.free_through(third).unwrap();
    assert!((90..94).contains(&percent(&spool)));
    assert!(matches!(spool.append(record(0, "x")).wait(), Err(AppendError::Full { .. })));
    spool.free_through(third * 2).unwrap();
    assert!(percent(&spool) < 90);
    spool.append(record(0, "x")).wait().unwrap();
    assert!(!spool.stats().full);
}

#[test]
fn old_grace_copies_go_by_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = bounded(Evict::Never, Grace::Keep);
    options.max_age = Some(Duration::ZERO);
    let (spool, _) = open(dir.path(), options);
    fill(&spool, 1, 40).unwrap();
    let newest = *spool.durable().borrow();
    spool.free_through(newest).unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while percent(&spool) >= 5 {
        assert!(Instant::now() < deadline, "grace copies are still there");
        settle(&spool);
    }
}

#[test]
fn records_nobody_took_in_time_become_gaps() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), bounded(Evict::LeastImportant, Grace::Keep));
    fill(&spool, 1, 20).unwrap();
    let old = *spool.durable().borrow();
    drop(spool);

    let mut later = bounded(Evict::LeastImportant, Grace::Keep);
    let clock = later.clock;
    later.clock = Arc::new(move || clock() + 8 * 24 * 3600 * 1_000_000);
    let (spool, _) = open(dir.path(), later);
    let deadline = Instant::now() + Duration::from_secs(10);
    while spool.stats().evicted < old {
        assert!(Instant::now() < deadline, "old records are still there");
        settle(&spool);
    }
    let read = read_all(&spool);
    assert!(read.iter().all(|record| record.seq > old));
    assert_eq!(read.iter().filter_map(|record| record.gap()).map(|gap| gap.count).sum::<u64>(), old);
    assert!(percent(&spool) < 5);
}

#[test]
fn a_clock_that_jumps_makes_nothing_old() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = bounded(Evict::LeastImportant, Grace::Keep);
    let ahead = Arc::new(AtomicI64::new(0));
    let (clock, offset) = (Arc::clone(&options.clock), Arc::clone(&ahead));
    options.clock = Arc::new(move || clock() + offset.load(Ordering::Relaxed));
    let (spool, _) = open(dir.path(), options);
    fill(&spool, 1, 20).unwrap();
    ahead.store(365 * 24 * 3600 * 1_000_000, Ordering::Relaxed);
    spool.free_through(1).unwrap();
    (0..20).for_each(|_| settle(&spool));
    assert_eq!(spool.stats().evicted, 0);
}
