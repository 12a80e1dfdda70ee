//! What the tests share.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use nazorat_spool::NewRecord;
use nazorat_spool::OpenReport;
use nazorat_spool::Options;
use nazorat_spool::Record;
use nazorat_spool::Spool;

/// 2026-01-01, and a microsecond more at each look.
pub(crate) fn options() -> Options {
    let now = AtomicI64::new(1_767_225_600_000_000);
    Options::new(Arc::new(move || now.fetch_add(1, Ordering::Relaxed)))
}

pub(crate) fn record(class: u8, payload: impl Into<Vec<u8>>) -> NewRecord {
    NewRecord { class, payload: Bytes::from(payload.into()) }
}

pub(crate) fn open(dir: &Path, options: Options) -> (Spool, OpenReport) {
    Spool::open(dir, options).unwrap()
}

/// Appends payloads one after the other.
pub(crate) fn put<'a>(spool: &Spool, payloads: impl IntoIterator<Item = &'a str>) {
    for payload in payloads {
        spool.append(record(1, payload)).wait().unwrap();
    }
}

/// Everything that can be read, a few records at a time.
pub(crate) fn read_all(spool: &Spool) -> Vec<Record> {
    let mut records = Vec::new();
    let mut next = 1;
    // Asked each time: a gap record may come while this reads, and what it covers is not delivered from then on.
    while next <= *spool.durable().borrow() {
        let batch = spool.read(next, 7, 1 << 20).unwrap();
        assert!(batch.next > next, "a read from {next} did not advance");
        next = batch.next;
        records.extend(batch.records);
    }
    assert!(records.windows(2).all(|pair| pair[0].seq < pair[1].seq), "records out of order");
    records
}

pub(crate) fn texts(records: &[Record]) -> Vec<String> {
    records.iter().map(|record| String::from_utf8(record.payload.to_vec()).unwrap()).collect()
}

/// Segment files, oldest first.
pub(crate) fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "seg"))
        .collect();
    paths.sort();
    paths
}
