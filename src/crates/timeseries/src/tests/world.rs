//! A folder with a hub, and batches to put into it.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use crate::AccountRow;
use crate::ActiveWindow;
use crate::Applied;
use crate::Batches;
use crate::Config;
use crate::Count;
use crate::Dataset;
use crate::EventQuery;
use crate::EventRow;
use crate::Filter;
use crate::Hub;
use crate::LedgerRow;
use crate::Month;
use crate::Order;
use crate::Page;
use crate::PartitionKey;
use crate::Row;
use crate::Rows;

pub(crate) const MINUTE: i64 = 60_000_000;

pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) hub: Hub,
}

pub(crate) fn config(dir: &Path) -> Config {
    let mut config = Config::new(dir.join("events"), dir.join("tmp"), Arc::new(|| 1_800_000_000_000_000));
    config.memory_limit = 256 << 20;
    config.min_free_bytes = 1 << 20;
    config
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = config(dir.path());
        change(&mut config);
        let hub = Hub::open(config).unwrap();
        Self { dir, hub }
    }

    /// The folder as a power cut would leave it now, opened again.
    pub(crate) fn crash(&self, damage: impl FnOnce(&Path)) -> Self {
        self.crash_with(damage, |_| {})
    }

    pub(crate) fn crash_with(&self, damage: impl FnOnce(&Path), change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy(&self.dir.path().join("events"), &dir.path().join("events"));
        damage(&dir.path().join("events"));
        let mut config = config(dir.path());
        change(&mut config);
        let hub = Hub::open(config).unwrap();
        Self { dir, hub }
    }

    /// Closes and opens.
    pub(crate) fn restart(self) -> Self {
        let Self { dir, hub } = self;
        drop(hub);
        let hub = Hub::open(config(dir.path())).unwrap();
        Self { dir, hub }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join("events/1/active_windows").join(name)
    }

    /// Stores one batch of `rows` windows, a minute apart.
    pub(crate) fn windows(&self, name: &str, account: i64, start_us: i64, rows: u32) -> Applied {
        apply_windows(&self.hub, name, account, start_us, rows)
    }

    pub(crate) fn knows(&self, name: &str) -> bool {
        self.hub.knows(&key(), &key_hash(name)).unwrap().is_some()
    }

    pub(crate) fn count(&self) -> Count {
        self.hub.count(&everything()).unwrap()
    }

    pub(crate) fn page(&self, order: Order, after: Option<crate::Position>, limit: usize) -> Page {
        self.hub.events(&EventQuery { filter: everything(), order, after, limit }).unwrap()
    }

    pub(crate) fn all(&self, order: Order) -> Vec<EventRow> {
        self.page(order, None, 1_000_000).rows
    }
}

pub(crate) fn apply_windows(hub: &Hub, name: &str, account: i64, start_us: i64, rows: u32) -> Applied {
    let titles: Vec<_> = (0..rows).map(|n| format!("{name} document {}", n % 7)).collect();
    let rows = titles
        .iter()
        .zip(0..)
        .map(|(title, n)| Row {
            ts_us: start_us + i64::from(n) * MINUTE,
            account,
            batch: 0,
            idx: n,
            event: ActiveWindow { duration_ms: 60_000, app: "writer.exe", title: title.as_str() },
        })
        .collect();
    let batches =
        Batches { rows: Rows::ActiveWindows(rows), ledger: vec![ledger(name)], accounts: vec![owner(account)] };
    hub.apply(&PartitionKey { month: Month::of_us(start_us), ..key() }, &batches).unwrap()
}

pub(crate) fn ledger(name: &str) -> LedgerRow<&str> {
    LedgerRow {
        key_hash: key_hash(name),
        digest: [7; 32],
        source: "key:3",
        spool_epoch: 9,
        spool_seq: name.parse().unwrap_or(0),
        received_at_us: november().start_us() + 5,
        answer: Some("{}"),
    }
}

pub(crate) fn owner(account: i64) -> AccountRow<&'static str> {
    AccountRow { account, computer_uid: "pc-1", user_sid: "S-1-5-21", user_name: "dilnoza" }
}

pub(crate) fn key_hash(name: &str) -> [u8; 16] {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(name.as_bytes());
    let mut key = [0; 16];
    key.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to = *from);
    key
}

pub(crate) fn november() -> Month {
    Month::parse("2026-11").unwrap()
}

pub(crate) fn key() -> PartitionKey {
    PartitionKey { organization: 1, dataset: Dataset::ActiveWindows, month: november() }
}

pub(crate) fn everything() -> Filter {
    Filter { organization: 1, dataset: Dataset::ActiveWindows, from_us: 0, to_us: i64::MAX, who: None, q: None }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).unwrap();
        }
    }
}

/// Turns over one bit.
pub(crate) fn flip(path: &Path, at: u64) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at as usize] ^= 0x10;
    fs::write(path, bytes).unwrap();
}
