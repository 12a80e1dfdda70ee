//! The verbs: record, list, verify.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tracing::error;

use crate::audit::journal;
use crate::audit::journal::Backwards;
use crate::audit::journal::Journal;
use crate::audit::model::Entry;
use crate::audit::model::Filter;
use crate::audit::model::Record;
use crate::audit::records;
use crate::audit::records::HEADS;
use crate::audit::records::Hash;
use crate::audit::records::Head;
use crate::audit::records::Pending;
use crate::audit::records::SYSTEM;
use crate::audit::rules;
use crate::audit::rules::Denials;
use crate::audit::rules::Follower;
use crate::kernel::Actor;
use crate::kernel::Classify;
use crate::kernel::Clock;
use crate::kernel::Cursor;
use crate::kernel::CursorError;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::kernel::Month;
use crate::kernel::OrganizationId;
use crate::kernel::Page;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Scope;
use crate::runtime::blocking;
use crate::store::Key;
use crate::store::Read as _;
use crate::store::Store;
use crate::store::StoreError;

/// Records that may wait in memory while the disk refuses them.
const WAITING: usize = 10_000;
/// Bytes that one page may read; a filter that matches little gets a short page and a cursor.
const SCAN_BYTES: u64 = 32 << 20;
/// Breaks that one verification lists.
const BREAKS: usize = 20;

/// The audit log of all organizations. Cheap to clone.
#[derive(Clone)]
pub struct Audit(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    store: Store,
    clock: Clock,
    waiting: Mutex<Waiting>,
    journals: Mutex<HashMap<OrganizationId, Journal>>,
    denials: Mutex<Denials>,
}

#[derive(Default)]
struct Waiting {
    entries: Vec<Pending>,
    lost: u64,
}

/// The log could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The actor may not read it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The cursor is of another list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// A file is at fault.
    #[error("audit log {path} cannot be used")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for AuditError {
    fn kind(&self) -> Kind {
        match self {
            AuditError::Denied(denied) => denied.kind(),
            AuditError::Cursor(_) => Kind::Invalid,
            AuditError::Io { .. } | AuditError::Store(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            AuditError::Denied(denied) => denied.code(),
            AuditError::Cursor(_) => "invalid_cursor",
            AuditError::Io { .. } => "audit_failed",
            AuditError::Store(store) => store.code(),
        }
    }
}

/// What a verification of one log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Whose log; none for the system's.
    pub organization: Option<OrganizationId>,
    /// How many records it has.
    pub records: u64,
    /// Where it is not what was written; empty when all is well.
    pub breaks: Vec<Break>,
}

/// A place where a log is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// File name, such as `2026-11.ndjson`.
    pub file: String,
    /// The line, from 1; 0 for the end of the log.
    pub line: u64,
    /// What is wrong, to be read after "line N".
    pub problem: &'static str,
}

impl Audit {
    /// The log below the data folder.
    pub fn new(data: &std::path::Path, store: Store, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            folder: data.join("audit"),
            store,
            clock,
            waiting: Mutex::default(),
            journals: Mutex::default(),
            denials: Mutex::default(),
        }))
    }

    /// Remembers what an actor did, durably before it returns. When the disk refuses, the record waits in memory for
    /// the next one, and the operation that caused it goes on.
    pub async fn record(&self, actor: &Actor, entry: Entry) {
        let pending = Pending::new(self.0.clock.now(), actor, entry);
        lock(&self.0.waiting).entries.push(pending);
        self.flush().await;
    }

    /// Writes what still waits, when the disk takes it again.
    pub async fn flush(&self) {
        let inner = Arc::clone(&self.0);
        blocking(move || inner.flush()).await;
    }

    /// Remembers that an actor was refused; `place` is the route or verb, never an address with somebody's data. A
    /// flood of refusals is cut.
    pub async fn denied(&self, actor: &Actor, denied: &Denied, place: &str) {
        let why = match denied {
            Denied::NotAllowed(permission) => format!("{permission:?}"),
            Denied::ReadOnly => "ReadOnly".to_owned(),
            Denied::OutsideScope => "OutsideScope".to_owned(),
        };
        let entry = Entry::new("access.denied").of(actor.organization()).with("why", why).with("place", place);
        self.record_rarely(actor, entry).await;
    }

    /// Remembers something that strangers can cause as often as they like; a flood of it is cut.
    pub async fn record_rarely(&self, actor: &Actor, entry: Entry) {
        let who = format!("{} {:?}", actor.name(), actor.address());
        let admitted = lock(&self.0.denials).admit(who, self.0.clock.now());
        if admitted {
            self.record(actor, entry).await;
        }
    }

    /// The records of an organization's log, or of the system's, newest first.
    pub async fn list(
        &self,
        actor: &Actor,
        organization: Option<OrganizationId>,
        filter: Filter,
        page: PageRequest,
    ) -> Result<Page<Record>, AuditError> {
        actor.require(Permission::ReadAudit)?;
        match organization {
            Some(organization) => drop(actor.tenant(organization)?),
            None if actor.scope() == Scope::All => {}
            None => return Err(Denied::OutsideScope.into()),
        }
        let inner = Arc::clone(&self.0);
        blocking(move || inner.list(organization.unwrap_or(SYSTEM), &filter, &page)).await
    }

    /// Removes an organization's log, as the last step of removing the organization.
    pub async fn remove(&self, organization: OrganizationId) -> Result<(), AuditError> {
        let inner = Arc::clone(&self.0);
        blocking(move || {
            let mut journals = lock(&inner.journals);
            journals.remove(&organization);
            let folder = inner.log(organization);
            match std::fs::remove_dir_all(&folder) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(AuditError::Io { path: folder, source });
                }
                _ => {}
            }
            inner.store.system().write_now(|tx| tx.remove(&HEADS, &organization))?;
            Ok(())
        })
        .await
    }

    /// Reads all logs and checks their chains. Blocks; for `doctor`.
    pub fn verify_now(&self) -> Result<Vec<Verification>, AuditError> {
        let mut found = Vec::new();
        for organization in self.0.logs()? {
            found.push(self.0.verify(organization)?);
        }
        Ok(found)
    }

    /// How many records wait for a disk that takes them.
    pub fn waiting(&self) -> usize {
        lock(&self.0.waiting).entries.len()
    }
}

impl Inner {
    fn log(&self, organization: OrganizationId) -> PathBuf {
        self.folder.join(organization.to_string())
    }

    /// Writes all that waits. Whoever comes second finds their record already written by the first.
    fn flush(&self) {
        let mut journals = lock(&self.journals);
        let mut waiting = std::mem::take(&mut *lock(&self.waiting));
        if waiting.entries.is_empty() {
            return;
        }
        if waiting.lost > 0 {
            let entry = Entry::new("audit.lost").with("records", waiting.lost);
            waiting.entries.push(Pending::new(self.clock.now(), &Actor::system(), entry));
        }
        let mut logs: BTreeMap<OrganizationId, Vec<Pending>> = BTreeMap::new();
        for entry in waiting.entries {
            logs.entry(entry.organization()).or_default().push(entry);
        }
        let mut heads = Vec::new();
        for (organization, entries) in logs {
            match self.append(&mut journals, organization, &entries) {
                Ok(head) => {
                    metrics::counter!("nazorat_audit_records_total").increment(entries.len() as u64);
                    heads.push((organization, head));
                }
                Err(problem) => {
                    error!("audit log {organization} cannot be written, {} records wait: {problem}", entries.len());
                    journals.remove(&organization);
                    self.keep(entries);
                }
            }
        }
        metrics::gauge!("nazorat_audit_waiting").set(lock(&self.waiting).entries.len() as f64);
        let noted: Result<(), StoreError> = self
            .store
            .system()
            .touch_now(|tx| heads.iter().try_for_each(|(organization, head)| tx.put(&HEADS, organization, head)));
        if let Err(problem) = noted {
            error!("position of the audit log could not be noted: {problem}");
        }
    }

    fn append(
        &self,
        journals: &mut HashMap<OrganizationId, Journal>,
        organization: OrganizationId,
        entries: &[Pending],
    ) -> io::Result<Head> {
        let journal = match journals.entry(organization) {
            std::collections::hash_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                let head = self.head(organization).map_err(io::Error::other)?;
                place.insert(Journal::open(self.log(organization), head)?)
            }
        };
        journal.append(entries)?;
        Ok(Head { number: journal.number, hash: hex::encode(journal.hash) })
    }

    fn keep(&self, mut entries: Vec<Pending>) {
        let mut waiting = lock(&self.waiting);
        entries.append(&mut waiting.entries);
        let over = entries.len().saturating_sub(WAITING);
        entries.truncate(WAITING);
        waiting.entries = entries;
        waiting.lost += over as u64;
    }

    fn head(&self, organization: OrganizationId) -> Result<Option<(u64, Hash)>, StoreError> {
        let head = self.store.system().read_now(|tx| tx.find(&HEADS, &organization))?;
        Ok(head.and_then(|head| Some((head.number, records::hash_from(&head.hash)?))))
    }

    fn list(
        &self,
        organization: OrganizationId,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<Record>, AuditError> {
        let folder = self.log(organization);
        let io = |source| AuditError::Io { path: folder.clone(), source };
        let start = page.after.as_ref().map(position).transpose()?;
        let mut items = Vec::new();
        let mut read = 0;
        for month in journal::months(&folder).map_err(io)?.into_iter().rev() {
            if start.is_some_and(|(from, _)| month > from) {
                continue;
            }
            if filter.from.is_some_and(|from| month < Month::of_utc(from)) {
                break;
            }
            let before = start.filter(|(from, _)| *from == month).map(|(_, offset)| offset);
            let mut lines = Backwards::open(&journal::path(&folder, month), before).map_err(io)?;
            while let Some((offset, line)) = lines.next().map_err(io)? {
                read += line.len() as u64;
                items.extend(
                    records::read(&line).map(|read| read.record).filter(|record| rules::matches(filter, record)),
                );
                if items.len() >= page.limit || read > SCAN_BYTES {
                    return Ok(Page { items, next: Some(cursor(month, offset)) });
                }
            }
        }
        Ok(Page { items, next: None })
    }

    fn logs(&self) -> Result<Vec<OrganizationId>, AuditError> {
        let io = |source| AuditError::Io { path: self.folder.clone(), source };
        let mut logs: Vec<OrganizationId> = self.store.system().read_now(|tx| {
            Ok::<_, StoreError>(tx.list(&HEADS)?.into_iter().map(|(organization, _)| organization).collect())
        })?;
        match std::fs::read_dir(&self.folder) {
            Ok(listed) => {
                for folder in listed {
                    let name = folder.map_err(io)?.file_name();
                    logs.extend(name.to_str().and_then(|name| name.parse::<OrganizationId>().ok()));
                }
            }
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {}
            Err(other) => return Err(io(other)),
        }
        logs.sort_unstable();
        logs.dedup();
        Ok(logs)
    }

    fn verify(&self, organization: OrganizationId) -> Result<Verification, AuditError> {
        let folder = self.log(organization);
        let io = |source| AuditError::Io { path: folder.clone(), source };
        let mut follower = Follower::new(self.head(organization)?);
        let mut breaks = Vec::new();
        let mut last = String::new();
        for month in journal::months(&folder).map_err(io)? {
            let path = journal::path(&folder, month);
            last = format!("{month}.ndjson");
            let visit = |line, bytes: &[u8]| {
                if let Some(problem) = follower.follow(bytes) {
                    breaks.push(Break { file: last.clone(), line, problem });
                }
            };
            journal::each_line(&path, visit).map_err(io)?;
        }
        if follower.has_lost_its_end() {
            breaks.push(Break { file: last, line: 0, problem: "lines are missing at the end" });
        }
        breaks.truncate(BREAKS);
        let organization = (organization != SYSTEM).then_some(organization);
        Ok(Verification { organization, records: follower.records(), breaks })
    }
}

fn cursor(month: Month, offset: u64) -> Cursor {
    let year = u32::try_from(month.year).unwrap_or_default();
    Cursor::new((year, month.month.unsigned_abs(), offset).bytes())
}

fn position(cursor: &Cursor) -> Result<(Month, u64), CursorError> {
    let (year, month, offset) = <(u32, u8, u64)>::decode(&mut cursor.as_bytes()).ok_or(CursorError)?;
    let year = i16::try_from(year).map_err(|_| CursorError)?;
    let month = i8::try_from(month).map_err(|_| CursorError)?;
    Ok((Month { year, month }, offset))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
