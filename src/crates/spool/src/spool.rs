//! The handle.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use crate::append::Append;
use crate::error::OpenError;
use crate::error::ReadError;
use crate::error::StateError;
use crate::format::Epoch;
use crate::fs::Disk;
use crate::fs::Fs;
use crate::options::Grace;
use crate::options::Options;
use crate::pressure;
use crate::reader;
use crate::reader::Batch;
use crate::reader::Freed;
use crate::reader::Limits;
use crate::recovery;
use crate::recovery::OpenReport;
use crate::shared::NewRecord;
use crate::shared::Shared;
use crate::shared::lock;
use crate::writer::Writer;

/// A durable queue in one directory. Clones are the same spool; it closes when the last one is dropped.
#[derive(Clone)]
pub struct Spool(Arc<Handle>);

struct Handle {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
    // Released last, when nothing writes any more.
    lock: Mutex<Option<Box<dyn Send + Sync>>>,
}

/// The spool at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// Bytes of all segments.
    pub bytes: u64,
    /// Bytes of segments that are freed and kept while there is room.
    pub grace_bytes: u64,
    /// The bound.
    pub max_bytes: u64,
    /// Number of segments.
    pub segments: u64,
    /// Records above the freed floor.
    pub records: u64,
    /// Age of the oldest of them.
    pub oldest_age: Option<Duration>,
    /// Newest durable record, zero if there never was one.
    pub durable_seq: u64,
    /// Everything up to here was freed.
    pub freed_seq: u64,
    /// Damaged places found since this opening, those found while opening included.
    pub damaged: u64,
    /// Incomplete ends cut when opening, 0 or 1.
    pub torn_tails: u64,
    /// Records evicted since this opening.
    pub evicted: u64,
    /// Appends are refused because the upper threshold was reached.
    pub full: bool,
    /// The disk failed; the process must end.
    pub failed: bool,
}

impl Spool {
    /// Opens or creates the spool in `dir`; blocks while it checks what is there.
    pub fn open(dir: &Path, options: Options) -> Result<(Self, OpenReport), OpenError> {
        Self::open_on(Arc::new(Disk), dir, options)
    }

    /// The same on another file system.
    pub fn open_on(fs: Arc<dyn Fs>, dir: &Path, options: Options) -> Result<(Self, OpenReport), OpenError> {
        let recovered = recovery::open(fs, dir, options)?;
        let shared = Arc::new(recovered.shared);
        let writer = Writer::new(Arc::clone(&shared), recovered.active, recovered.next_seq);
        let thread = std::thread::Builder::new()
            .name("spool-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(OpenError::Thread)?;
        let handle = Handle { shared, writer: Mutex::new(Some(thread)), lock: Mutex::new(Some(recovered.lock)) };
        Ok((Self(Arc::new(handle)), recovered.report))
    }

    /// The epoch its seqs belong to.
    pub fn epoch(&self) -> Epoch {
        self.0.shared.epoch
    }

    /// Appends a record; the answer comes when it is durable. Never blocks.
    pub fn append(&self, record: NewRecord) -> Append {
        Append::start(&self.0.shared, record)
    }

    /// Reads durable records with seq >= `from` that are not freed, at least one if there is one. Blocks on the disk.
    pub fn read(&self, from: u64, max_records: usize, max_bytes: usize) -> Result<Batch, ReadError> {
        reader::read(&self.0.shared, from, Limits { records: max_records, bytes: max_bytes }, Freed::Skip)
    }

    /// The same, with the freed records that are still there (grace copies).
    pub fn read_again(&self, from: u64, max_records: usize, max_bytes: usize) -> Result<Batch, ReadError> {
        reader::read(&self.0.shared, from, Limits { records: max_records, bytes: max_bytes }, Freed::Include)
    }

    /// The newest durable seq, and a way to wait for the next.
    pub fn durable(&self) -> watch::Receiver<u64> {
        self.0.shared.durable.subscribe()
    }

    /// Waits until `seq` is durable; returns the newest durable seq. Does not end by itself when the spool fails.
    pub async fn wait_for(&self, seq: u64) -> u64 {
        let mut durable = self.durable();
        durable.wait_for(|newest| *newest >= seq).await.map_or(0, |newest| *newest)
    }

    /// Becomes `Some` when the disk has failed; the process must end then.
    pub fn failure(&self) -> watch::Receiver<Option<Arc<str>>> {
        self.0.shared.failure.subscribe()
    }

    /// Where a consumer is; zero if it was never set. The consumer's next record is the one behind it.
    pub fn cursor(&self, name: &str) -> u64 {
        lock(&self.0.shared.state).snapshot().cursors.get(name).copied().unwrap_or(0)
    }

    /// Moves a consumer's cursor; durable when this returns. Blocks for one fdatasync.
    pub fn set_cursor(&self, name: &str, seq: u64) -> Result<(), StateError> {
        let durable = self.0.shared.durable_seq();
        if seq > durable {
            return Err(StateError::Ahead { name: name.to_owned(), seq, durable });
        }
        self.0.shared.change_state(|state| state.set_cursor(name, seq))
    }

    /// Nobody needs records up to `seq` any more; durable when this returns. Returns the floor. Blocks on the disk.
    pub fn free_through(&self, seq: u64) -> Result<u64, StateError> {
        let shared = &self.0.shared;
        let _maintenance = lock(&shared.maintenance);
        let seq = seq.min(shared.durable_seq());
        let floor = shared.change_state(|state| {
            if seq > state.snapshot().floor {
                state.set_floor(seq)?;
            }
            Ok(state.snapshot().floor)
        })?;
        shared.change_index(|index| index.set_floor(floor));
        if shared.options.grace == Grace::Delete {
            pressure::drop_freed(shared, |_, _| false)?;
        }
        shared.ask_maintenance();
        Ok(floor)
    }

    /// The spool at a glance; cheap.
    pub fn stats(&self) -> Stats {
        let shared = &self.0.shared;
        let full = shared.is_full();
        let now_us = shared.options.now_us();
        let index = shared.read_index();
        let age = |at_us: i64| Duration::from_micros(u64::try_from(now_us.saturating_sub(at_us)).unwrap_or(0));
        Stats {
            bytes: index.used(),
            grace_bytes: index.grace_bytes(),
            max_bytes: shared.options.max_bytes,
            segments: index.segments.len() as u64,
            records: index.waiting(),
            oldest_age: index.oldest_us().map(age),
            durable_seq: shared.durable_seq(),
            freed_seq: index.floor,
            damaged: index.damaged,
            torn_tails: index.torn_tails,
            evicted: index.evicted,
            full,
            failed: shared.failure.borrow().is_some(),
        }
    }

    /// Writes what was let in, stops the writer and lets go of the directory. Blocks; later appends are refused.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Handle {
    fn close(&self) {
        self.shared.close();
        let thread = lock(&self.writer).take();
        if let Some(thread) = thread {
            // A panic of the writer was already reported as a failure.
            thread.join().ok();
            lock(&self.lock).take();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
    }
}
