//! The data folder: one process at a time, and a sentinel that tells a new folder from a damaged one.
//!
//! `DATA/install.json` says "initialised, id X" outside of redb. When redb opens without that id, or not at all, the
//! appliance refuses to start: a damaged store must never look like a fresh one, or the next visitor would become
//! its administrator.

use std::fs::File;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use rustix::fs::FlockOperation;
use rustix::fs::flock;

/// The identity of one installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct InstallId(uuid::Uuid);

impl InstallId {
    /// A new one.
    pub fn new() -> Self {
        Self(uuid::Uuid::now_v7())
    }
}

impl Default for InstallId {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Display for InstallId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder or a file in it cannot be made or read.
    #[error("data folder file {path} cannot be used")]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Somebody else has it.
    #[error("data folder {0} is already in use by another nazorat process; stop that one first")]
    InUse(PathBuf),
    /// The sentinel is not readable.
    #[error("{path} is damaged; put it back from a backup or delete it only if this folder was never in use")]
    Sentinel {
        /// Where it is.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}

/// An exclusively held data folder. Dropping it lets the next process in.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Creates the folder when it is missing and takes the lock.
    pub fn lock(path: &Path) -> Result<Self, FolderError> {
        let io = |source| FolderError::Io { path: path.to_owned(), source };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io)?;
        let path = path.canonicalize().map_err(io)?;
        let file = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&file)
            .map_err(|source| FolderError::Io { path: file.clone(), source })?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|_| FolderError::InUse(path.clone()))?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The installation that the sentinel names; `None` in a folder that was never initialised.
    pub fn sentinel(&self) -> Result<Option<InstallId>, FolderError> {
        let path = self.path.join("install.json");
        match std::fs::read(&path) {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(id) => Ok(Some(id)),
                Err(source) => Err(FolderError::Sentinel { path, source }),
            },
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(FolderError::Io { path, source }),
        }
    }

    /// Writes the sentinel durably.
    pub fn initialise(&self, id: InstallId) -> Result<(), FolderError> {
        let path = self.path.join("install.json");
        let text = serde_json::to_string(&id).unwrap_or_default();
        write_durably(&path, text.as_bytes()).map_err(|source| FolderError::Io { path, source })
    }
}

/// Writes a small private file so that after a power cut it is either the old one or the new one.
pub fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension("tmp");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
