//! On the real disk.

use nazorat_spool::AppendError;
use nazorat_spool::Grace;
use nazorat_spool::OpenError;
use nazorat_spool::Spool;

use crate::support::open;
use crate::support::options;
use crate::support::put;
use crate::support::read_all;
use crate::support::record;
use crate::support::segments;
use crate::support::texts;

#[test]
fn a_new_spool_is_created_once_and_keeps_its_epoch() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, first) = open(dir.path(), options());
    put(&spool, ["a", "b"]);
    drop(spool);
    let (spool, second) = open(dir.path(), options());
    assert!(first.created && !second.created);
    assert_eq!(first.epoch, second.epoch);
    assert_eq!((second.records, second.last_seq, second.torn_bytes), (2, 2, 0));
    assert_eq!(texts(&read_all(&spool)), ["a", "b"]);
    assert_eq!(spool.append(record(0, "c")).wait().unwrap(), 3);
}

#[test]
fn many_threads_share_the_disk_and_every_record_comes_back_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options();
    options.segment_bytes = 16 << 10;
    let (spool, _) = open(dir.path(), options);
    let mut answers: Vec<(u64, String)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let spool = spool.clone();
                scope.spawn(move || {
                    (0..200)
                        .map(|place| {
                            let text = format!("{thread}-{place}");
                            (spool.append(record(1, text.as_str())).wait().unwrap(), text)
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    answers.sort();
    let read: Vec<_> =
        read_all(&spool).iter().map(|record| (record.seq, texts(std::slice::from_ref(record)).remove(0))).collect();
    assert_eq!(read, answers);
    assert_eq!(read.last().unwrap().0, 1600);
    assert!(segments(dir.path()).len() > 3);
}

#[tokio::test]
async fn a_consumer_is_woken_when_a_record_is_durable() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), options());
    let (woken, appended) = tokio::join!(spool.wait_for(1), spool.append(record(1, "x")));
    assert_eq!((woken, appended.unwrap()), (1, 1));
}

#[test]
fn more_than_fits_in_flight_waits_for_room_and_arrives_in_full() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), options());
    let appends: Vec<_> = (0..12_u8).map(|place| spool.append(record(1, vec![place; 9 << 20]))).collect();
    for append in appends {
        append.wait().unwrap();
    }
    let firsts: Vec<u8> = (0..12).map(|seq| spool.read(seq + 1, 1, 1).unwrap().records[0].payload[0]).collect();
    let mut sorted = firsts.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..12).collect::<Vec<_>>());
}

#[test]
fn a_record_above_the_limit_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), options());
    let refused = spool.append(record(1, vec![0; nazorat_spool::MAX_PAYLOAD + 1])).wait();
    assert!(matches!(refused, Err(AppendError::TooLarge { .. })));
    assert_eq!(spool.append(record(1, vec![7; nazorat_spool::MAX_PAYLOAD])).wait().unwrap(), 1);
    assert_eq!(spool.read(1, 10, 10).unwrap().records[0].payload.len(), nazorat_spool::MAX_PAYLOAD);
}

#[test]
fn a_second_opening_is_refused_until_the_first_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), options());
    assert!(matches!(Spool::open(dir.path(), options()), Err(OpenError::Locked { .. })));
    spool.close();
    assert!(matches!(spool.append(record(1, "late")).wait(), Err(AppendError::Closed)));
    open(dir.path(), options());
}

#[test]
fn cursors_and_the_freed_floor_survive_and_seq_never_starts_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut small = options();
    small.segment_bytes = 4096;
    let (spool, _) = open(dir.path(), small.clone());
    for place in 0..100 {
        spool.append(record(1, vec![place; 400])).wait().unwrap();
    }
    spool.set_cursor("applied", 90).unwrap();
    assert!(spool.set_cursor("applied", 101).is_err());
    assert_eq!(spool.free_through(100).unwrap(), 100);
    assert!(segments(dir.path()).len() <= 1);
    drop(spool);
    let (spool, report) = open(dir.path(), small);
    assert_eq!((spool.cursor("applied"), spool.cursor("other")), (90, 0));
    assert_eq!((report.last_seq, report.records), (100, 0));
    assert!(read_all(&spool).is_empty());
    assert_eq!(spool.append(record(1, "next")).wait().unwrap(), 101);
    assert_eq!(texts(&read_all(&spool)), ["next"]);
}

#[test]
fn grace_copies_are_not_delivered_but_can_be_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut keep = options();
    keep.segment_bytes = 4096;
    keep.grace = Grace::Keep;
    let (spool, _) = open(dir.path(), keep);
    for place in 0..50 {
        spool.append(record(1, vec![place; 400])).wait().unwrap();
    }
    spool.free_through(40).unwrap();
    assert_eq!(read_all(&spool).first().unwrap().seq, 41);
    assert_eq!(spool.read_again(1, 100, 1 << 20).unwrap().records.len(), 50);
    let stats = spool.stats();
    assert_eq!((stats.records, stats.freed_seq), (10, 40));
    assert!(stats.grace_bytes > 10_000 && stats.grace_bytes < stats.bytes);
}
