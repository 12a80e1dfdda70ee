//! Faults that take long or need root: run by `cargo xtask test --slow`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use crate::Dataset;
use crate::Event;
use crate::EventQuery;
use crate::Hub;
use crate::Order;
use crate::PartitionId;
use crate::State;
use crate::tests::world::apply_windows;
use crate::tests::world::config;
use crate::tests::world::everything;
use crate::tests::world::key;
use crate::tests::world::key_hash;
use crate::tests::world::november;

const ROWS: u32 = 20;

/// Everything that the storage does in its life. May be begun again after it was cut short.
fn life(dir: &Path) {
    let hub = Hub::open(config(dir)).unwrap();
    let mut log = fs::OpenOptions::new().create(true).append(true).open(dir.join("log")).unwrap();
    let mut say = |line: &str| writeln!(log, "{line}").unwrap();
    let november = november();
    let apply = |name: &str, month: crate::Month| apply_windows(&hub, name, 1, month.start_us(), ROWS);
    apply("a", november);
    apply("b", november);
    assert!(hub.checkpoint().is_complete());
    say("safe a b");
    apply("c", november);
    apply("d", november.next());
    assert!(hub.checkpoint().is_complete());
    say("safe c d");
    let first = PartitionId { key: key(), generation: 1 };
    if hub.partitions(1).iter().any(|info| info.partition == first && info.state == State::Open) {
        hub.seal(first).unwrap();
    }
    say("sealed");
    apply("e", november);
    assert!(hub.checkpoint().is_complete());
    say("safe e");
    say("removing");
    // November goes whole, and of december the first half of its batch.
    let border = november.next().start_us() + i64::from(ROWS / 2) * 60_000_000;
    let plan = hub.plan_drop(1, Dataset::ActiveWindows, border).unwrap();
    let dropped = hub.drop_planned(&plan);
    assert!(dropped.failed.is_empty(), "{:?}", dropped.failed);
    say("removed");
}

/// Body of the child process: it lives in the current folder, when that is made for it.
#[test]
fn victim() {
    if Path::new("victim").exists() {
        life(Path::new("."));
    }
}

fn check_after_kill(dir: &Path, what: &str) {
    let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
    let hub = Hub::open(config(dir)).unwrap();
    assert!(hub.findings().iter().all(|finding| finding.what == "adopted"), "{what}: {:?}", hub.findings());
    if !log.contains("removing") {
        for name in log.lines().filter_map(|line| line.strip_prefix("safe ")).flat_map(|names| names.split(' ')) {
            let month = if name == "d" { november().next() } else { november() };
            let key = crate::PartitionKey { month, ..key() };
            assert!(hub.knows(&key, &key_hash(name)).unwrap().is_some(), "{what}: {name} was safe and is gone");
        }
    }
    let query = EventQuery { filter: everything(), order: Order::Oldest, after: None, limit: 10_000 };
    let page = hub.events(&query).unwrap();
    assert!(page.incomplete.is_empty(), "{what}: {:?}", page.incomplete);
    let mut rows: BTreeMap<String, u32> = BTreeMap::new();
    for row in page.rows {
        let Event::ActiveWindow(window) = row.event else { panic!("{what}: another event") };
        *rows.entry(window.title.chars().take(1).collect()).or_default() += 1;
    }
    for (name, count) in rows {
        let halved = name == "d" && count == ROWS / 2 && log.contains("removing");
        assert!(count == ROWS || halved, "{what}: {name} has {count} rows");
    }
    drop(hub);
    life(dir);
    let hub = Hub::open(config(dir)).unwrap();
    assert_eq!(hub.count(&everything()).unwrap().rows, u64::from(ROWS / 2), "{what}");
    assert_eq!(hub.findings(), [], "{what}");
}

#[test]
fn f16_a_kill_at_any_storage_operation_loses_nothing_that_was_safe() {
    let mut kills = 0;
    for call in ["fdatasync", "fsync", "rename", "unlink", "openat"] {
        for when in (1..).step_by(if call == "openat" { 7 } else { 1 }) {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join("victim"), "").unwrap();
            let status = Command::new("strace")
                .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")])
                .args(["-e", &format!("inject={call}:signal=KILL:when={when}")])
                .arg(std::env::current_exe().unwrap())
                .args(["--exact", "tests::slow::victim", "--test-threads", "1"])
                .current_dir(dir.path())
                .output()
                .unwrap()
                .status;
            if status.success() {
                break;
            }
            assert!(status.signal() == Some(9) || status.code() == Some(137), "{call} {when}: {status}");
            kills += 1;
            check_after_kill(dir.path(), &format!("{call} {when}"));
        }
    }
    assert!(kills > 60, "{kills} kills");
}

struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(dir.path())
            .status()
            .unwrap();
        assert!(mounted.success(), "this test mounts a small disk and needs root");
        Self(dir)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).status());
    }
}

#[test]
fn f21_a_full_disk_loses_no_committed_row_and_needs_no_restart() {
    let disk = SmallDisk::mount("48m");
    let ballast = disk.0.path().join("ballast");
    fs::write(&ballast, vec![1; 20 << 20]).unwrap();
    let mut settings = config(disk.0.path());
    // The check of free space would keep us from ever getting there.
    settings.min_free_bytes = 0;
    let hub = Hub::open(settings).unwrap();
    let (mut stored, mut failures) = (Vec::new(), 0);
    for n in 0..400 {
        let name = format!("batch {n}");
        match try_windows(&hub, &name, 20_000) {
            Ok(_) => stored.push(name),
            Err(_) => failures += 1,
        }
        if n % 3 == 0 {
            failures += hub.checkpoint().failed.len();
        }
        if failures > 12 {
            break;
        }
    }
    assert!(failures > 12 && stored.len() > 5, "{} stored, {failures} failures", stored.len());
    fs::remove_file(&ballast).unwrap();
    let report = hub.checkpoint();
    assert!(report.is_complete(), "{:?}", report.failed);
    for name in &stored {
        assert!(hub.knows(&key(), &key_hash(name)).unwrap().is_some(), "{name} was stored and is gone");
    }
    let count = hub.count(&everything()).unwrap();
    let failed_but_there = count.rows / 20_000 - stored.len() as u64;
    assert!(count.incomplete.is_empty() && count.rows.is_multiple_of(20_000), "{count:?}");
    // What failed is handed in again by the spool, and is then there once.
    let again = try_windows(&hub, "one more", 1000).unwrap();
    assert_eq!(again.rows, 1000);
    assert!(failed_but_there <= 1, "{failed_but_there}");
}

fn try_windows(hub: &Hub, name: &str, rows: u32) -> Result<crate::Applied, crate::HubError> {
    let titles: Vec<_> = (0..rows).map(|n| format!("{name} {}", n * 7919 % 10_007)).collect();
    let rows = titles.iter().zip(0..).map(|(title, n)| crate::Row {
        ts_us: november().start_us() + i64::from(n) * 1_000_000,
        account: i64::from(n % 50),
        batch: 0,
        idx: n,
        event: crate::ActiveWindow { duration_ms: n % 977, app: "writer.exe", title: title.as_str() },
    });
    let batches = crate::Batches {
        rows: crate::Rows::ActiveWindows(rows.collect()),
        ledger: vec![crate::tests::world::ledger(name)],
        accounts: vec![],
    };
    hub.apply(&key(), &batches)
}
