//! The fault tests of a gateway's buffer and line that need no process of their own.

use std::path::Path;
use std::path::PathBuf;

use super::branch::Branch;
use super::branch::Closed;
use super::branch::event;
use super::branch::events;
use super::hop::Hop;
use super::hop::Said;
use super::hop::until;
use super::wire::Cut;
use super::wire::Proxy;

const MAGIC: [u8; 4] = [0xF5, 0x4E, 0x5A, 0x52];
const BATCHES: usize = 12;

/// A branch that took some batches and sent none, cut off.
async fn filled(hop: &Hop) -> Closed {
    hop.rule(|_| Said::No(503, Some("no_room"), None));
    let branch = Closed::new(hop.config()).open().await;
    for number in 0..BATCHES {
        branch.accept(&number.to_string(), &events(number * 2..number * 2 + 2)).await.unwrap();
    }
    let closed = branch.cut().await;
    // Nothing was under way: numbers and cuts are no matter of these tests.
    std::fs::remove_file(closed.path("plan")).unwrap();
    closed
}

fn segment(closed: &Closed) -> PathBuf {
    let files = std::fs::read_dir(closed.path("spool")).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "seg")).unwrap()
}

/// Where the records of a segment begin.
fn records(segment: &Path) -> Vec<usize> {
    let bytes = std::fs::read(segment).unwrap();
    (64..bytes.len() - 4).filter(|at| bytes[*at..*at + 4] == MAGIC).collect()
}

/// The same branch in another folder.
fn copy(closed: &Closed) -> Closed {
    let copy = Closed::new(closed.hop.clone());
    let from = format!("{}/.", closed.folder.path().display());
    let copied = std::process::Command::new("cp").args(["-a", &from]).arg(copy.folder.path()).status().unwrap();
    assert!(copied.success());
    copy
}

/// What reaches the hop from a damaged branch.
async fn drained(closed: Closed) -> (Vec<String>, Branch) {
    let hop = Hop::start().await;
    let branch = Closed { hop: hop.config(), ..closed }.open().await;
    until("everything is sent", || branch.is_empty()).await;
    (hop.taken(), branch)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_gw_torn_tail_every_byte() {
    let hop = Hop::start().await;
    let original = filled(&hop).await;
    let segment = segment(&original);
    let (starts, length) = (records(&segment), std::fs::metadata(&segment).unwrap().len() as usize);
    assert_eq!(starts.len(), BATCHES);
    for cut in starts[BATCHES - 2]..length {
        let torn = copy(&original);
        let file = std::fs::File::options().write(true).open(self::segment(&torn)).unwrap();
        file.set_len(cut as u64).unwrap();
        drop(file);
        let whole = starts.iter().zip(starts.iter().skip(1).chain([&length])).filter(|(_, end)| **end <= cut).count();
        let branch = torn.open().await;
        let stats = branch.outbox.stats();
        let is_torn = u64::from(!starts.contains(&cut));
        assert_eq!((stats.records, stats.torn_tails), (whole as u64, is_torn), "cut at {cut}");
        // The next batch goes behind what is whole.
        branch.accept("more", &[event(99)]).await.unwrap();
        let closed = branch.cut().await;
        if cut % 41 == 0 {
            let mut expected = events(0..whole * 2);
            expected.push(event(99));
            assert_eq!(drained(closed).await.0, expected, "cut at {cut}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f03_gw_bitflip_mid_segment() {
    let hop = Hop::start().await;
    let original = filled(&hop).await;
    let starts = records(&segment(&original));
    let middle = starts[5];
    for (what, at) in [("magic", 1), ("kind", 5), ("seq", 9), ("length", 25), ("checksum", 29), ("payload", 60)] {
        let damaged = copy(&original);
        let path = segment(&damaged);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[middle + at] ^= 0x10;
        std::fs::write(&path, bytes).unwrap();
        let quarantine = damaged.path("spool/quarantine");
        let (taken, branch) = drained(damaged).await;
        let expected: Vec<_> = events(0..BATCHES * 2).into_iter().filter(|one| !events(10..12).contains(one)).collect();
        assert_eq!(taken, expected, "{what}");
        assert_eq!(branch.outbox.stats().damaged, 1, "{what}");
        assert_eq!(std::fs::read_dir(quarantine).unwrap().count(), 1, "{what}");
        assert!(!branch.outbox.stats().full && !branch.outbox.stats().failed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_net_cut_at_every_phase() {
    let hop = Hop::start().await;
    let proxy = Proxy::start(hop.address).await;
    let mut config = hop.config();
    config.url = format!("http://{}", proxy.address);
    let branch = Closed::new(config).open().await;
    let mut numbers = 0;
    // Nothing packs these, so that the body is long on the wire.
    let mut noise = 0x9e37_79b9_7f4a_7c15_u64;
    let mut batch = || {
        let mut text = String::new();
        for _ in 0..9_000 {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            text.push_str(&format!("{noise:016x}"));
        }
        numbers += 1;
        format!("{{\"kind\":\"x\",\"n\":{numbers},\"t\":\"{text}\"}}")
    };
    let up = [0, 1, 40, 300, 64 << 10].map(Cut::Up);
    let down = [0, 1, 20, 120].map(Cut::Down);
    let mut sent = Vec::new();
    for cut in up.into_iter().chain(down) {
        proxy.cut_next(cut);
        let event = batch();
        branch.accept(&format!("batch {}", sent.len()), std::slice::from_ref(&event)).await.unwrap();
        sent.push(event);
        until("it leaves", || branch.is_empty()).await;
        assert!(proxy.has_cut(), "{cut:?} did not happen");
    }
    assert_eq!(hop.taken(), sent, "exactly one of each, in order");
    assert_eq!(branch.status.borrow().dead_letters.kept, 0);
}
