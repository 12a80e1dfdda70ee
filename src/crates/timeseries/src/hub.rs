//! Opening, and what all verbs share: catalogs, leases and connections.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use duckdb::Connection;
use duckdb::InterruptHandle;

use crate::attach::Attachments;
use crate::attach::Caution;
use crate::attach::FileRef;
use crate::attach::Lease;
use crate::attach::LeaseError;
use crate::catalog::Catalog;
use crate::catalog::Entry;
use crate::catalog::Finding;
use crate::catalog::State;
use crate::config::Config;
use crate::dataset::Dataset;
use crate::dataset::PartitionId;
use crate::dataset::PartitionKey;
use crate::dirty::Dirty;
use crate::error::EngineError;
use crate::error::HubError;
use crate::error::OpenError;
use crate::files;
use crate::ledger::LedgerCache;
use crate::pool::Readers;
use crate::pool::Watchdog;
use crate::settings;

/// All event files of an appliance, behind one handle that is cheap to clone.
///
/// All methods block: call them where blocking is allowed.
#[derive(Clone)]
pub struct Hub {
    pub(crate) inner: Arc<Inner>,
}

/// Folder of the derived day totals, beside the datasets of an organization.
pub(crate) const DAY_TOTALS: &str = "day_totals";

pub(crate) type Catalogs = BTreeMap<(u32, Dataset), Catalog>;

pub(crate) struct Inner {
    pub(crate) config: Config,
    /// There is one writer; who holds it may change files.
    pub(crate) writer: Mutex<Connection>,
    pub(crate) readers: Readers,
    pub(crate) watchdog: Watchdog,
    pub(crate) attachments: Arc<Attachments>,
    pub(crate) catalogs: Mutex<Catalogs>,
    pub(crate) ledgers: Mutex<LedgerCache>,
    /// Files with rows that were not checkpointed, and up to which batch they were.
    pub(crate) unsafe_files: Mutex<BTreeMap<PartitionId, u32>>,
    pub(crate) dirty: Mutex<Dirty>,
    /// Files that are being rewritten and take no rows.
    pub(crate) rewriting: Mutex<BTreeSet<PartitionId>>,
    /// One seal, removal or scrub at a time.
    pub(crate) upkeep: Mutex<()>,
    findings: Vec<Finding>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A partition in use.
pub(crate) struct Leased {
    pub(crate) alias: String,
    pub(crate) entry: Entry,
    _lease: Lease,
}

impl Hub {
    /// Opens the hub. Event files are not touched, so the time does not depend on how many there are.
    pub fn open(mut config: Config) -> Result<Self, OpenError> {
        for dir in [&config.events_dir, &config.temp_dir] {
            fs::create_dir_all(dir).map_err(|source| OpenError::Folder { path: dir.clone(), source })?;
        }
        config.events_dir = canonical(&config.events_dir)?;
        config.temp_dir = canonical(&config.temp_dir)?;
        let writer = settings::open_instance(&config)?;
        let clone = || writer.try_clone().map_err(EngineError::from);
        // At most four connections: two that read, one that writes, one that attaches.
        let readers = Readers::new(vec![clone()?, clone()?], config.query_timeout);
        let attachments = Arc::new(Attachments::new(config.clone(), clone()?));
        let (mut catalogs, findings) = load_catalogs(&config)?;
        crate::retention::finish_drops(&mut catalogs);
        let unsafe_files = not_checkpointed(&catalogs);
        let inner = Inner {
            writer: Mutex::new(writer),
            readers,
            watchdog: Watchdog::start(),
            attachments,
            catalogs: Mutex::new(catalogs),
            ledgers: Mutex::new(LedgerCache::new(config.ledger_names)),
            unsafe_files: Mutex::new(unsafe_files),
            dirty: Mutex::default(),
            rewriting: Mutex::default(),
            upkeep: Mutex::default(),
            findings,
            config,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What the folders held at start that the lists do not explain. Nothing of it was deleted.
    pub fn findings(&self) -> &[Finding] {
        &self.inner.findings
    }

    /// The organizations that have events.
    pub fn organizations(&self) -> BTreeSet<u32> {
        lock(&self.inner.catalogs).keys().map(|(organization, _)| *organization).collect()
    }

    /// Closes the files that nobody used for so long, and with them goes what the engine keeps of them in memory.
    pub fn release_unused(&self, since: Duration) -> Result<(), HubError> {
        self.inner.attachments.release_unused(since)
    }
}

fn canonical(dir: &Path) -> Result<std::path::PathBuf, OpenError> {
    dir.canonicalize().map_err(|source| OpenError::Folder { path: dir.to_owned(), source })
}

fn load_catalogs(config: &Config) -> Result<(Catalogs, Vec<Finding>), OpenError> {
    let mut catalogs = Catalogs::new();
    let mut findings = Vec::new();
    for (organization, dir) in subfolders(&config.events_dir)? {
        let Ok(organization) = organization.parse::<u32>() else {
            findings.push(Finding { path: dir, what: "foreign" });
            continue;
        };
        for (name, dir) in subfolders(&dir)? {
            let Some(dataset) = Dataset::parse(&name) else {
                if name != DAY_TOTALS {
                    findings.push(Finding { path: dir, what: "foreign" });
                }
                continue;
            };
            let mut catalog = Catalog::empty(&config.events_dir, organization, dataset);
            let found = catalog
                .load((config.clock)())
                .map_err(|error| OpenError::Folder { path: dir, source: std::io::Error::other(error) })?;
            findings.extend(found);
            catalogs.insert((organization, dataset), catalog);
        }
    }
    Ok((catalogs, findings))
}

fn subfolders(dir: &Path) -> Result<Vec<(String, std::path::PathBuf)>, OpenError> {
    let failed = |source| OpenError::Folder { path: dir.to_owned(), source };
    let mut found = Vec::new();
    for item in fs::read_dir(dir).map_err(failed)? {
        let item = item.map_err(failed)?;
        if item.file_type().map_err(failed)?.is_dir() {
            found.push((item.file_name().to_string_lossy().into_owned(), item.path()));
        }
    }
    Ok(found)
}

/// Files with a log beside them: a crash left them, and a checkpoint must come before they count as safe.
fn not_checkpointed(catalogs: &Catalogs) -> BTreeMap<PartitionId, u32> {
    let mut found = BTreeMap::new();
    for catalog in catalogs.values() {
        for entry in catalog.entries().filter(|entry| entry.state == State::Open) {
            if files::wal_of(&catalog.dir.join(entry.file_name())).exists() {
                found.insert(catalog.id(entry), entry.batches);
            }
        }
    }
    found
}

/// The engine's name for a file: a function of tenant, partition and revision only.
pub(crate) fn alias_of(id: PartitionId, revision: u32) -> String {
    let key = id.key;
    format!("p{}_{}_{}_g{}_r{revision}", key.organization, key.dataset, key.month.compact(), id.generation)
}

impl Inner {
    pub(crate) fn now_us(&self) -> i64 {
        (self.config.clock)()
    }

    /// Runs `change` on the list of a dataset, which is made when there is none.
    pub(crate) fn with_catalog<T>(
        &self,
        organization: u32,
        dataset: Dataset,
        change: impl FnOnce(&mut Catalog) -> T,
    ) -> T {
        let mut catalogs = lock(&self.catalogs);
        let make = || Catalog::empty(&self.config.events_dir, organization, dataset);
        change(catalogs.entry((organization, dataset)).or_insert_with(make))
    }

    /// Copies of a dataset's entries that satisfy `wanted`, in order of month and generation.
    pub(crate) fn entries(
        &self,
        organization: u32,
        dataset: Dataset,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Vec<(PartitionId, Entry)> {
        let catalogs = lock(&self.catalogs);
        let Some(catalog) = catalogs.get(&(organization, dataset)) else { return Vec::new() };
        catalog.entries().filter(|entry| wanted(entry)).map(|entry| (catalog.id(entry), entry.clone())).collect()
    }

    pub(crate) fn entry(&self, id: PartitionId) -> Result<Entry, HubError> {
        let catalogs = lock(&self.catalogs);
        let catalog = catalogs.get(&(id.key.organization, id.key.dataset));
        catalog.and_then(|catalog| catalog.get(id.key.month, id.generation)).cloned().ok_or(HubError::Unknown(id))
    }

    pub(crate) fn update_entry(&self, id: PartitionId, change: impl FnOnce(&mut Entry)) {
        self.with_catalog(id.key.organization, id.key.dataset, |catalog| {
            if let Some(entry) = catalog.get_mut(id.key.month, id.generation) {
                change(entry);
            }
        });
    }

    pub(crate) fn save_catalog(&self, key: PartitionKey) -> Result<(), HubError> {
        self.with_catalog(key.organization, key.dataset, |catalog| catalog.save())
    }

    pub(crate) fn folder(&self, key: PartitionKey) -> std::path::PathBuf {
        self.config.events_dir.join(key.organization.to_string()).join(key.dataset.name())
    }

    pub(crate) fn file_ref(&self, id: PartitionId, entry: &Entry) -> FileRef {
        FileRef {
            alias: alias_of(id, entry.revision),
            path: self.folder(id.key).join(entry.file_name()),
            read_only: entry.state == State::Sealed,
            closed: entry.closed,
            caution: Caution::Unclean,
        }
    }

    /// Attaches a partition for use. A damaged one is set aside.
    pub(crate) fn lease(&self, id: PartitionId, interrupt: Option<Arc<InterruptHandle>>) -> Result<Leased, HubError> {
        // The file may be exchanged for a rewritten one while we wait for it.
        for _ in 0..3 {
            let entry = self.entry(id)?;
            if matches!(entry.state, State::Quarantined | State::Dropping) {
                return Err(HubError::WrongState { partition: id, state: entry.state.name() });
            }
            let file = self.file_ref(id, &entry);
            match self.attachments.lease(&file, interrupt.clone()) {
                Ok(lease) if self.entry(id)?.revision == entry.revision => {
                    return Ok(Leased { alias: file.alias, entry, _lease: lease });
                }
                Ok(_) => {}
                Err(LeaseError::Hub(error)) => return Err(error),
                Err(LeaseError::Damaged(problem)) => {
                    if self.entry(id)?.revision == entry.revision {
                        return Err(self.quarantine(id, problem));
                    }
                }
            }
        }
        Err(HubError::Busy(id.to_string()))
    }
}
