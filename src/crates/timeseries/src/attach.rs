//! Which files are attached, who uses them, and which goes when there are too many.
//!
//! A file is used only under a lease. The least recently used file without leases is detached when the limit is reached.
//! Whoever changes a file as a whole (checkpoint, seal, removal) first takes it exclusively.
//!
//! ## Design notes
//! The lock is not held while a file is probed or attached: a slow file delays only those who want this file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use duckdb::Connection;
use duckdb::InterruptHandle;

use crate::config::Config;
use crate::dataset::PartitionId;
use crate::error::HubError;
use crate::files::Stamp;
use crate::files::wal_of;
use crate::probe;
use crate::probe::Outcome;
use crate::settings::STORAGE_VERSION;
use crate::settings::quote_path;

/// How a file is to be attached.
#[derive(Debug, Clone)]
pub(crate) struct FileRef {
    /// A function of tenant, partition and revision: the engine's log depends on it.
    pub(crate) alias: String,
    pub(crate) path: PathBuf,
    pub(crate) read_only: bool,
    /// How the file looked when we closed it; `None` when it must be probed.
    pub(crate) closed: Option<Stamp>,
    /// When it is tried first.
    pub(crate) caution: Caution,
}

/// When a file is tried by a probe before it is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caution {
    /// When we did not close it ourselves as it is now.
    Unclean,
    /// When a log is beside it. For derived files, which can be made anew.
    Logged,
    /// Never: it is being made.
    Never,
}

/// Why a file could not be leased.
#[derive(Debug)]
pub(crate) enum LeaseError {
    /// The file is damaged.
    Damaged(String),
    /// Anything else; the file is as it was.
    Hub(HubError),
}

impl LeaseError {
    pub(crate) fn into_hub(self, partition: PartitionId) -> HubError {
        match self {
            Self::Damaged(problem) => HubError::Damaged { partition, problem },
            Self::Hub(error) => error,
        }
    }
}

impl From<HubError> for LeaseError {
    fn from(error: HubError) -> Self {
        Self::Hub(error)
    }
}

struct Slot {
    busy: bool,
    leases: usize,
    used: Instant,
    holders: HashMap<u64, Arc<InterruptHandle>>,
}

impl Slot {
    /// A slot that only its maker may use for now.
    fn taken() -> Self {
        Self { busy: true, leases: 0, used: Instant::now(), holders: HashMap::new() }
    }

    fn is_unused(&self) -> bool {
        !self.busy && self.leases == 0
    }
}

#[derive(Default)]
struct Slots {
    by_alias: HashMap<String, Slot>,
    tick: u64,
}

/// The attached files of one instance.
pub(crate) struct Attachments {
    config: Config,
    /// Used for attaching and detaching only.
    admin: Mutex<Connection>,
    slots: Mutex<Slots>,
    changed: Condvar,
    /// Where each alias was last attached from, and how the file looked when we detached it.
    closed: Mutex<HashMap<String, (PathBuf, Option<Stamp>)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Attachments {
    pub(crate) fn new(config: Config, admin: Connection) -> Self {
        Self {
            config,
            admin: Mutex::new(admin),
            slots: Mutex::default(),
            changed: Condvar::new(),
            closed: Mutex::default(),
        }
    }

    /// How many files are attached.
    pub(crate) fn count(&self) -> usize {
        lock(&self.slots).by_alias.len()
    }

    /// Attaches the file when needed and keeps it attached until the lease is dropped.
    pub(crate) fn lease(
        self: &Arc<Self>,
        file: &FileRef,
        interrupt: Option<Arc<InterruptHandle>>,
    ) -> Result<Lease, LeaseError> {
        let deadline = Instant::now() + self.config.lease_wait + self.config.query_timeout;
        let mut slots = lock(&self.slots);
        loop {
            slots.tick += 1;
            let tick = slots.tick;
            match slots.by_alias.get_mut(&file.alias) {
                Some(slot) if !slot.busy => {
                    slot.leases += 1;
                    slot.used = Instant::now();
                    if let Some(interrupt) = interrupt {
                        slot.holders.insert(tick, interrupt);
                    }
                    return Ok(Lease { owner: Arc::clone(self), alias: file.alias.clone(), holder: tick });
                }
                Some(_) => slots = self.wait(slots, deadline, &file.alias)?,
                None => {
                    slots.by_alias.insert(file.alias.clone(), Slot::taken());
                    drop(slots);
                    let attached =
                        self.make_room(&file.alias).map_err(LeaseError::Hub).and_then(|()| self.attach(file));
                    slots = lock(&self.slots);
                    match attached {
                        Ok(()) => drop(slots.by_alias.get_mut(&file.alias).map(|slot| slot.busy = false)),
                        Err(error) => {
                            slots.by_alias.remove(&file.alias);
                            self.changed.notify_all();
                            return Err(error);
                        }
                    }
                    self.changed.notify_all();
                }
            }
        }
    }

    /// Waits until nobody uses the file and keeps others away until the guard is dropped.
    pub(crate) fn exclusive(
        self: &Arc<Self>,
        alias: &str,
        wait: Duration,
        impatience: Impatience,
    ) -> Result<Exclusive, HubError> {
        let mut deadline = Instant::now() + wait;
        let mut slots = lock(&self.slots);
        while slots.by_alias.get(alias).is_some_and(|slot| slot.busy) {
            slots = self.wait(slots, deadline, alias)?;
        }
        let attached = slots.by_alias.contains_key(alias);
        slots.by_alias.entry(alias.to_owned()).or_insert_with(Slot::taken).busy = true;
        let mut interrupted = false;
        while let Some(slot) = slots.by_alias.get_mut(alias).filter(|slot| slot.leases > 0) {
            if Instant::now() >= deadline {
                if interrupted || impatience == Impatience::GiveUp {
                    slot.busy = false;
                    self.changed.notify_all();
                    return Err(HubError::Busy(alias.to_owned()));
                }
                slot.holders.values().for_each(|holder| holder.interrupt());
                interrupted = true;
                deadline = Instant::now() + self.config.query_timeout;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            slots = self.changed.wait_timeout(slots, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(Exclusive { owner: Arc::clone(self), alias: alias.to_owned(), attached })
    }

    fn wait<'a>(
        &self,
        slots: MutexGuard<'a, Slots>,
        deadline: Instant,
        alias: &str,
    ) -> Result<MutexGuard<'a, Slots>, HubError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HubError::Busy(alias.to_owned()));
        }
        Ok(self.changed.wait_timeout(slots, left).unwrap_or_else(PoisonError::into_inner).0)
    }

    /// Detaches unused files until the newcomer fits. When all are in use it may exceed the limit: a query that
    /// holds several files must not wait for itself.
    fn make_room(&self, newcomer: &str) -> Result<(), HubError> {
        loop {
            let slots = lock(&self.slots);
            if slots.by_alias.len() <= self.config.max_attached {
                return Ok(());
            }
            let unused = slots.by_alias.iter().filter(|(alias, slot)| *alias != newcomer && slot.is_unused());
            // Closing a file with a log means a checkpoint, so these go last.
            let oldest = unused.min_by_key(|(alias, slot)| (self.has_log(alias), slot.used));
            let Some(oldest) = oldest.map(|(alias, _)| alias.clone()) else {
                return Ok(());
            };
            self.let_go(slots, &oldest)?;
        }
    }

    /// Detaches what nobody used for so long; the engine gives its memory back.
    pub(crate) fn release_unused(&self, since: Duration) -> Result<(), HubError> {
        loop {
            let slots = lock(&self.slots);
            let mut unused = slots.by_alias.iter().filter(|(_, slot)| slot.is_unused() && slot.used.elapsed() >= since);
            let Some(next) = unused.next().map(|(alias, _)| alias.clone()) else {
                return Ok(());
            };
            self.let_go(slots, &next)?;
        }
    }

    /// Detaches an unused file; others wait for that without holding the lock.
    fn let_go(&self, mut slots: MutexGuard<'_, Slots>, alias: &str) -> Result<(), HubError> {
        slots.by_alias.entry(alias.to_owned()).or_insert_with(Slot::taken).busy = true;
        drop(slots);
        let detached = self.detach(alias);
        let mut slots = lock(&self.slots);
        match detached {
            Ok(()) => drop(slots.by_alias.remove(alias)),
            Err(_) => drop(slots.by_alias.get_mut(alias).map(|slot| slot.busy = false)),
        }
        self.changed.notify_all();
        detached
    }

    fn has_log(&self, alias: &str) -> bool {
        lock(&self.closed).get(alias).is_some_and(|(path, _)| wal_of(path).exists())
    }

    fn attach(&self, file: &FileRef) -> Result<(), LeaseError> {
        if self.must_try(file) {
            let report = probe::probe(&self.config, &file.path);
            match report.outcome {
                Outcome::Sound => {}
                Outcome::Damaged => return Err(LeaseError::Damaged(report.problem)),
                Outcome::Unable => {
                    let source = std::io::Error::other(report.problem);
                    return Err(LeaseError::Hub(HubError::File { path: file.path.clone(), source }));
                }
            }
        }
        self.attach_now(file).map_err(|error| match error.fault() {
            Some(crate::error::Fault::Damaged) => LeaseError::Damaged(error.problem()),
            _ => LeaseError::Hub(error),
        })
    }

    fn must_try(&self, file: &FileRef) -> bool {
        let stamp = Stamp::of_closed(&file.path);
        let ours =
            lock(&self.closed).get(&file.alias).is_some_and(|(path, closed)| *path == file.path && *closed == stamp);
        match file.caution {
            Caution::Unclean => stamp.is_none() || !(stamp == file.closed || ours),
            Caution::Logged => wal_of(&file.path).exists(),
            Caution::Never => false,
        }
    }

    fn attach_now(&self, file: &FileRef) -> Result<(), HubError> {
        let mode = if file.read_only { "READ_ONLY".to_owned() } else { format!("STORAGE_VERSION '{STORAGE_VERSION}'") };
        let sql = format!("ATTACH {} AS {} ({mode})", quote_path(&file.path), file.alias);
        lock(&self.admin).execute_batch(&sql)?;
        lock(&self.closed).insert(file.alias.clone(), (file.path.clone(), None));
        Ok(())
    }

    fn detach(&self, alias: &str) -> Result<(), HubError> {
        let admin = lock(&self.admin);
        if let Err(error) = admin.execute_batch(&format!("DETACH {alias}")) {
            // It may say that a last checkpoint failed after it has let go of the file; the log has the rows then.
            let sql = "SELECT count(*) FROM duckdb_databases() WHERE database_name = $1";
            let attached: i64 = admin.query_row(sql, [alias], |row| row.get(0))?;
            if attached > 0 {
                return Err(error.into());
            }
            tracing::warn!(%error, "{alias} was detached with an error");
        }
        drop(admin);
        if let Some((path, stamp)) = lock(&self.closed).get_mut(alias) {
            *stamp = Stamp::of_closed(path);
        }
        Ok(())
    }
}

/// What to do with queries that do not end in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Impatience {
    /// Leave them alone and come back later.
    GiveUp,
    /// Stop them.
    Interrupt,
}

/// The right to use an attached file.
pub(crate) struct Lease {
    owner: Arc<Attachments>,
    alias: String,
    holder: u64,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut slots = lock(&self.owner.slots);
        if let Some(slot) = slots.by_alias.get_mut(&self.alias) {
            slot.leases = slot.leases.saturating_sub(1);
            slot.holders.remove(&self.holder);
        }
        self.owner.changed.notify_all();
    }
}

/// A file that nobody else uses.
pub(crate) struct Exclusive {
    owner: Arc<Attachments>,
    alias: String,
    attached: bool,
}

impl Exclusive {
    /// Detaches the file when it is attached.
    pub(crate) fn detach(&mut self) -> Result<(), HubError> {
        if self.attached {
            self.owner.detach(&self.alias)?;
            self.attached = false;
        }
        Ok(())
    }

    /// Attaches it again without a probe: we have just closed it.
    pub(crate) fn attach(&mut self, file: &FileRef) -> Result<(), HubError> {
        if !self.attached {
            self.owner.attach_now(file)?;
            self.attached = true;
        }
        Ok(())
    }
}

impl Drop for Exclusive {
    fn drop(&mut self) {
        let mut slots = lock(&self.owner.slots);
        if self.attached {
            if let Some(slot) = slots.by_alias.get_mut(&self.alias) {
                slot.busy = false;
            }
        } else {
            slots.by_alias.remove(&self.alias);
        }
        self.owner.changed.notify_all();
    }
}
