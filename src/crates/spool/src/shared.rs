//! What producers, readers and the writer thread share.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::RwLockReadGuard;
use std::sync::RwLockWriteGuard;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::sync::oneshot;
use tokio::sync::watch;

use crate::error::AppendError;
use crate::error::StateError;
use crate::format::Epoch;
use crate::format::RECORD_HEADER;
use crate::fs::File;
use crate::fs::Fs;
use crate::index::Index;
use crate::options::Options;
use crate::quarantine::Quarantine;
use crate::state::StateFile;

/// What a producer hands in.
#[derive(Debug, Clone)]
pub struct NewRecord {
    /// Importance; 0 is the most important and the last to be evicted.
    pub class: u8,
    /// The bytes, at most [`crate::MAX_PAYLOAD`].
    pub payload: Bytes,
}

impl NewRecord {
    pub(crate) fn cost(&self) -> u64 {
        (RECORD_HEADER + self.payload.len()) as u64
    }
}

pub(crate) type Answer = Result<u64, AppendError>;

/// A record that waits for the disk, with the room it takes.
pub(crate) struct Pending {
    pub(crate) record: NewRecord,
    pub(crate) answer: oneshot::Sender<Answer>,
    pub(crate) room: OwnedSemaphorePermit,
}

/// Whether producers are let in.
enum Door {
    Open,
    Closed,
    Failed(Arc<str>),
}

struct Queue {
    pending: VecDeque<Pending>,
    /// Bytes that were let in and are not yet counted in `used`.
    bytes: u64,
    full: bool,
    door: Door,
    maintain: bool,
}

impl Queue {
    fn new() -> Self {
        Self { pending: VecDeque::new(), bytes: 0, full: false, door: Door::Open, maintain: false }
    }
}

/// What the writer does next.
pub(crate) enum Work {
    Group(Vec<Pending>),
    Maintain,
    End,
}

// Locks are taken in this order: maintenance, state, index. The queue is never held together with another.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) fs: Arc<dyn Fs>,
    pub(crate) dir: PathBuf,
    pub(crate) epoch: Epoch,
    pub(crate) room: Arc<Semaphore>,
    queue: Mutex<Queue>,
    work: Condvar,
    index: RwLock<Index>,
    used: AtomicU64,
    pub(crate) state: Mutex<StateFile>,
    pub(crate) quarantine: Quarantine,
    /// Held by whoever removes or rewrites segments.
    pub(crate) maintenance: Mutex<()>,
    pub(crate) durable: watch::Sender<u64>,
    pub(crate) failure: watch::Sender<Option<Arc<str>>>,
}

/// Where the spool is.
pub(crate) struct Place {
    pub(crate) fs: Arc<dyn Fs>,
    pub(crate) dir: PathBuf,
    pub(crate) quarantine: Quarantine,
}

impl Shared {
    pub(crate) fn new(place: Place, options: Options, index: Index, state: StateFile, last_seq: u64) -> Self {
        Self {
            room: Arc::new(Semaphore::new(options.in_flight_limit())),
            options,
            fs: place.fs,
            dir: place.dir,
            epoch: state.snapshot().epoch,
            queue: Mutex::new(Queue::new()),
            work: Condvar::new(),
            used: AtomicU64::new(index.used()),
            index: RwLock::new(index),
            state: Mutex::new(state),
            quarantine: place.quarantine,
            maintenance: Mutex::new(()),
            durable: watch::Sender::new(last_seq),
            failure: watch::Sender::new(None),
        }
    }

    pub(crate) fn read_index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the index and the level that follows from it.
    pub(crate) fn change_index<T>(&self, change: impl FnOnce(&mut Index) -> T) -> T {
        let mut index: RwLockWriteGuard<'_, Index> = self.index.write().unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut index);
        self.used.store(index.used(), Ordering::Release);
        result
    }

    /// Changes the state file. A failed sync of it is as bad as one of a segment.
    pub(crate) fn change_state<T>(
        &self,
        change: impl FnOnce(&mut StateFile) -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let mut state = lock(&self.state);
        let result = change(&mut state);
        let failed = state.has_failed();
        drop(state);
        if failed {
            self.fail("the state file could not be synced");
        }
        result
    }

    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Acquire)
    }

    pub(crate) fn durable_seq(&self) -> u64 {
        *self.durable.borrow()
    }

    /// Counts damage once and keeps a copy of it.
    pub(crate) fn note_damage(&self, file: &dyn File, first_seq: u64, offset: u64, len: u64) {
        let found = self.change_index(|index| {
            let segment = index.segments.get_mut(&first_seq);
            let found = segment.is_some_and(|segment| segment.damaged.insert(offset));
            index.damaged += u64::from(found);
            found
        });
        if found {
            self.quarantine.keep(file, first_seq, offset, len);
        }
    }

    /// Lets a record in, or says why not. The answer comes when it is durable.
    pub(crate) fn enqueue(
        &self,
        record: NewRecord,
        room: OwnedSemaphorePermit,
    ) -> Result<oneshot::Receiver<Answer>, AppendError> {
        let (answer, receiver) = oneshot::channel();
        let mut queue = lock(&self.queue);
        queue.door_error().map_or(Ok(()), Err)?;
        self.admit(&mut queue, record.cost())?;
        queue.bytes += record.cost();
        queue.pending.push_back(Pending { record, answer, room });
        if queue.pending.len() == 1 {
            self.work.notify_one();
        }
        Ok(receiver)
    }

    /// The upper threshold with its hysteresis.
    fn admit(&self, queue: &mut Queue, cost: u64) -> Result<(), AppendError> {
        let thresholds = self.options.thresholds;
        let level = self.used() + queue.bytes + cost;
        let bound = if queue.full { thresholds.full_resume } else { thresholds.full };
        queue.full = level > self.options.level(bound);
        if queue.full {
            return Err(AppendError::Full { retry_after: self.options.retry_after });
        }
        Ok(())
    }

    pub(crate) fn is_full(&self) -> bool {
        lock(&self.queue).full
    }

    /// Why an append is refused whatever the level is.
    pub(crate) fn door_error(&self) -> Option<AppendError> {
        lock(&self.queue).door_error()
    }

    /// Waits for records or something else to do. A group has at most `limit` bytes but at least one record.
    pub(crate) fn next_work(&self, limit: u64, idle: Duration) -> Work {
        let until = Instant::now() + idle;
        let mut queue = lock(&self.queue);
        loop {
            if !queue.pending.is_empty() {
                return Work::Group(queue.take(limit));
            }
            if !matches!(queue.door, Door::Open) {
                return Work::End;
            }
            let rest = until.saturating_duration_since(Instant::now());
            if std::mem::take(&mut queue.maintain) || rest.is_zero() {
                return Work::Maintain;
            }
            queue = self.work.wait_timeout(queue, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The group is counted in `used` now, or was refused.
    pub(crate) fn group_done(&self, bytes: u64) {
        let mut queue = lock(&self.queue);
        queue.bytes = queue.bytes.saturating_sub(bytes);
    }

    pub(crate) fn ask_maintenance(&self) {
        lock(&self.queue).maintain = true;
        self.work.notify_one();
    }

    /// No new records; what was let in is still written.
    pub(crate) fn close(&self) {
        let mut queue = lock(&self.queue);
        if matches!(queue.door, Door::Open) {
            queue.door = Door::Closed;
        }
        drop(queue);
        self.room.close();
        self.work.notify_all();
    }

    /// Refuses everything from now on.
    pub(crate) fn fail(&self, reason: &str) {
        let reason: Arc<str> = reason.into();
        let mut queue = lock(&self.queue);
        if !matches!(queue.door, Door::Failed(_)) {
            queue.door = Door::Failed(Arc::clone(&reason));
        }
        let refused = std::mem::take(&mut queue.pending);
        queue.bytes = 0;
        drop(queue);
        self.room.close();
        for pending in refused {
            pending.answer.send(Err(AppendError::Failed { reason: Arc::clone(&reason) })).ok();
        }
        self.failure.send_if_modified(|failure| {
            let first = failure.is_none();
            failure.get_or_insert(reason);
            first
        });
    }
}

impl Queue {
    fn door_error(&self) -> Option<AppendError> {
        match &self.door {
            Door::Open => None,
            Door::Closed => Some(AppendError::Closed),
            Door::Failed(reason) => Some(AppendError::Failed { reason: Arc::clone(reason) }),
        }
    }

    fn take(&mut self, limit: u64) -> Vec<Pending> {
        let mut group = Vec::new();
        let mut bytes = 0;
        while let Some(next) = self.pending.front() {
            bytes += next.record.cost();
            if bytes > limit && !group.is_empty() {
                break;
            }
            group.extend(self.pending.pop_front());
        }
        group
    }
}

/// A panic elsewhere does not make the data behind a lock wrong: each change is made in one step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
