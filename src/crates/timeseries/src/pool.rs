//! The connections that read, and the clock that stops reads which take too long.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use duckdb::Connection;
use duckdb::InterruptHandle;

use crate::error::HubError;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A few connections that take turns.
pub(crate) struct Readers {
    free: Mutex<Vec<Connection>>,
    returned: Condvar,
    patience: Duration,
}

impl Readers {
    pub(crate) fn new(connections: Vec<Connection>, patience: Duration) -> Self {
        Self { free: Mutex::new(connections), returned: Condvar::new(), patience }
    }

    /// Takes a connection, or fails when none becomes free in time.
    pub(crate) fn take(&self) -> Result<Reader<'_>, HubError> {
        let deadline = Instant::now() + self.patience;
        let mut free = lock(&self.free);
        loop {
            if let Some(connection) = free.pop() {
                return Ok(Reader { owner: self, connection: Some(connection) });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(HubError::Busy("readers".to_owned()));
            }
            free = self.returned.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A connection for a while; it goes back when dropped.
pub(crate) struct Reader<'a> {
    owner: &'a Readers,
    connection: Option<Connection>,
}

impl Deref for Reader<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("the connection is taken out only in drop")
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        lock(&self.owner.free).extend(self.connection.take());
        self.owner.returned.notify_one();
    }
}

#[derive(Default)]
struct Alarms {
    pending: BTreeMap<(Instant, u64), Arc<InterruptHandle>>,
    next: u64,
    stop: bool,
}

/// Interrupts queries at their deadline.
pub(crate) struct Watchdog {
    shared: Arc<(Mutex<Alarms>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    pub(crate) fn start() -> Self {
        let shared = Arc::new((Mutex::new(Alarms::default()), Condvar::new()));
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new().name("query-clock".to_owned()).spawn(move || watch(&theirs)).ok();
        Self { shared, thread }
    }

    /// Sets an alarm; dropping it calls it off.
    pub(crate) fn alarm(&self, handle: Arc<InterruptHandle>, after: Duration) -> Alarm<'_> {
        let (alarms, changed) = &*self.shared;
        let mut alarms = lock(alarms);
        alarms.next += 1;
        let at = (Instant::now() + after, alarms.next);
        alarms.pending.insert(at, handle);
        changed.notify_one();
        Alarm { owner: self, at }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        lock(&self.shared.0).stop = true;
        self.shared.1.notify_one();
        if let Some(thread) = self.thread.take() {
            // It panics only when an engine handle does; there is nothing left to do about it here.
            drop(thread.join());
        }
    }
}

fn watch(shared: &(Mutex<Alarms>, Condvar)) {
    let (alarms, changed) = shared;
    let mut alarms = lock(alarms);
    while !alarms.stop {
        let now = Instant::now();
        while let Some(first) = alarms.pending.first_entry().filter(|first| first.key().0 <= now) {
            // Under the lock: a query that ended has taken its alarm away and is not hit.
            first.remove().interrupt();
        }
        let next = alarms.pending.keys().next().map(|(at, _)| at.saturating_duration_since(now));
        let wait = next.unwrap_or(Duration::from_secs(3600));
        alarms = changed.wait_timeout(alarms, wait).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// A pending interruption.
pub(crate) struct Alarm<'a> {
    owner: &'a Watchdog,
    at: (Instant, u64),
}

impl Alarm<'_> {
    /// Whether the deadline has passed.
    pub(crate) fn rang(&self) -> bool {
        Instant::now() >= self.at.0
    }
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        lock(&self.owner.shared.0).pending.remove(&self.at);
    }
}
