//! Version 1 as it was first written. These files are never made again: old bytes stay readable for ever.
//!
//! `tests/fixtures/v1/new` is a spool with nothing in it, `tests/fixtures/v1/used` the same spool after [`use_it`].

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use nazorat_spool::Kind;
use nazorat_spool::Options;
use nazorat_spool::Spool;

use crate::support::open;
use crate::support::read_all;
use crate::support::record;

const NOW: i64 = 1_767_225_600_000_000;
const FILES: [&str; 3] = ["state", "00000000000000000001.seg", "00000000000000000006.seg"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1").join(name)
}

fn options() -> Options {
    let mut options = Options::new(Arc::new(|| NOW));
    options.segment_bytes = 4096;
    options
}

fn payloads() -> Vec<Vec<u8>> {
    vec![Vec::new(), b"one".to_vec(), vec![0xF5; 100], (0..=255).collect(), vec![3; 3000], vec![4; 2000]]
}

fn use_it(spool: &Spool) {
    for (class, payload) in (0..).zip(payloads()) {
        spool.append(record(class, payload)).wait().unwrap();
    }
    spool.set_cursor("applied", 4).unwrap();
    spool.set_cursor("sent", 6).unwrap();
    spool.free_through(2).unwrap();
}

#[test]
fn version_1_is_read() {
    let dir = tempfile::tempdir().unwrap();
    for name in FILES {
        fs::copy(fixture("used").join(name), dir.path().join(name)).unwrap();
    }
    let (spool, report) = open(dir.path(), options());
    assert_eq!(report.epoch, spool.epoch());
    assert_eq!((report.last_seq, report.records, report.set_aside, report.torn_bytes), (6, 4, 0, 0));
    assert_eq!((spool.cursor("applied"), spool.cursor("sent")), (4, 6));
    let records = spool.read_again(1, 100, 1 << 20).unwrap().records;
    assert_eq!(records.iter().map(|record| record.payload.to_vec()).collect::<Vec<_>>(), payloads());
    for (place, record) in (0..).zip(&records) {
        assert_eq!((record.seq, record.class, record.appended_at_us), (place + 1, place as u8, NOW));
        assert_eq!(record.kind, Kind::Data);
    }
    assert_eq!(read_all(&spool).len(), 4);
}

#[test]
fn version_1_is_written_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(fixture("new").join("state"), dir.path().join("state")).unwrap();
    let (spool, _) = open(dir.path(), options());
    use_it(&spool);
    drop(spool);
    for name in FILES {
        assert!(fs::read(dir.path().join(name)).unwrap() == fs::read(fixture("used").join(name)).unwrap(), "{name}");
    }
}
