//! Opening the tenant store: a new file only in a folder that was never initialised.

use std::path::PathBuf;
use std::sync::Arc;

use redb::Database;
use tracing::info;
use tracing::warn;

use crate::store::DataFolder;
use crate::store::FolderError;
use crate::store::InstallId;
use crate::store::Read as _;
use crate::store::Record;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::Table;

/// File name inside of the data folder.
const FILE: &str = "nazorat.redb";
/// Memory for pages; the whole store is a few megabytes.
const CACHE_BYTES: usize = 16 << 20;

const INSTALL: Table<(), InstallRecord> = Table::new("install_v1");

#[derive(serde::Serialize, serde::Deserialize)]
struct InstallRecord {
    id: InstallId,
}

impl Record for InstallRecord {}

/// The tenant store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder around it is at fault.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// redb refuses the file.
    #[error("tenant store {path} cannot be opened; restore it with `nazorat doctor --restore-export`")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// The sentinel says that this folder was initialised, the store says nothing or another thing.
    #[error(
        "data folder belongs to installation {expected}, but tenant store {path} is {}; \
         it was lost or exchanged. Restore it with `nazorat doctor --restore-export`",
        found.map_or_else(|| "missing or empty".to_owned(), |id| format!("of installation {id}"))
    )]
    NotOurs {
        /// Which file.
        path: PathBuf,
        /// What the sentinel says.
        expected: InstallId,
        /// What the store says.
        found: Option<InstallId>,
    },
}

impl Store {
    /// Opens the store of a folder, or makes a new one in a folder that was never initialised.
    pub fn open(folder: &DataFolder) -> Result<Store, OpenError> {
        let path = folder.path().join(FILE);
        let damaged = |source: StoreError| OpenError::Damaged { path: path.clone(), source };
        match (folder.sentinel()?, path.exists()) {
            (None, false) => Self::create(folder, InstallId::new()),
            (Some(expected), false) => Err(OpenError::NotOurs { path, expected, found: None }),
            (sentinel, true) => {
                let store = open_file(&path).map_err(damaged)?;
                let found = store.install_id().map_err(damaged)?;
                match (sentinel, found) {
                    (Some(expected), Some(id)) if expected == id => Ok(store),
                    (Some(expected), found) => Err(OpenError::NotOurs { path, expected, found }),
                    (None, Some(id)) => {
                        warn!("install sentinel was missing and is written again");
                        folder.initialise(id)?;
                        Ok(store)
                    }
                    // A start that was cut off before the sentinel was written: the file holds nothing yet.
                    (None, None) => store.name(InstallId::new()).map_err(damaged).and_then(|store| {
                        folder.initialise(store.install_id().map_err(damaged)?.unwrap_or_default())?;
                        Ok(store)
                    }),
                }
            }
        }
    }

    /// Makes a new store for an installation, beside of whatever stands there.
    pub(super) fn create(folder: &DataFolder, id: InstallId) -> Result<Store, OpenError> {
        let path = folder.path().join(FILE);
        let fresh = folder.path().join("nazorat.redb.new");
        let damaged = |source: StoreError| OpenError::Damaged { path: path.clone(), source };
        let io = |source| OpenError::Folder(FolderError::Io { path: path.clone(), source });
        drop(std::fs::remove_file(&fresh));
        open_file(&fresh).and_then(|store| store.name(id)).map_err(damaged)?;
        std::fs::rename(&fresh, &path).map_err(io)?;
        std::fs::File::open(folder.path()).and_then(|folder| folder.sync_all()).map_err(io)?;
        folder.initialise(id)?;
        info!("tenant store created");
        open_file(&path).map_err(damaged)
    }

    fn name(self, id: InstallId) -> Result<Store, StoreError> {
        self.system().write_now(|tx| tx.put(&INSTALL, &(), &InstallRecord { id }))?;
        Ok(self)
    }

    /// The installation that this store belongs to.
    pub fn install_id(&self) -> Result<Option<InstallId>, StoreError> {
        self.system().read_now(|tx| Ok(tx.find(&INSTALL, &())?.map(|record| record.id)))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one door to redb")]
fn open_file(path: &std::path::Path) -> Result<Store, StoreError> {
    // redb 4 may panic on some damaged files; a damaged file must end in a sentence.
    let opened = std::panic::catch_unwind(|| {
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE_BYTES);
        builder.create(path)
    });
    match opened {
        Ok(db) => Ok(Store { db: Arc::new(db?) }),
        Err(_) => Err(StoreError::from(redb::Error::Corrupted("opening the file panicked".to_owned()))),
    }
}
