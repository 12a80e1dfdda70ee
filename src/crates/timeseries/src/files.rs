//! File operations that are durable when they return: the engine syncs no folders, so this module does.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

use crate::error::HubError;

/// Makes changes of names in a folder durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), HubError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(HubError::file(dir))
}

/// Makes the content of a file durable.
pub(crate) fn sync_file(path: &Path) -> Result<(), HubError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(HubError::file(path))
}

/// Renames within one folder or into a sibling, and makes both folders durable.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), HubError> {
    fs::rename(from, to).map_err(HubError::file(from))?;
    for dir in [from.parent(), to.parent()].into_iter().flatten() {
        sync_dir(dir)?;
    }
    Ok(())
}

/// Removes a file that may be gone already.
pub(crate) fn remove(path: &Path) -> Result<(), HubError> {
    match fs::remove_file(path) {
        Ok(()) => path.parent().map_or(Ok(()), sync_dir),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(HubError::File { path: path.to_owned(), source }),
    }
}

/// Creates a folder and its parents, durable up to the first that existed.
pub(crate) fn create_dir(dir: &Path) -> Result<(), HubError> {
    if dir.is_dir() {
        return Ok(());
    }
    if let Some(parent) = dir.parent() {
        create_dir(parent)?;
    }
    match fs::create_dir(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(HubError::File { path: dir.to_owned(), source: error });
        }
        _ => {}
    }
    dir.parent().map_or(Ok(()), sync_dir)
}

/// Replaces a small file in one step.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), HubError> {
    let next = with_suffix(path, ".tmp");
    File::create(&next)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .map_err(HubError::file(&next))?;
    rename(&next, path)
}

/// `path` with more text at the end of its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The engine's write-ahead log of a file.
pub(crate) fn wal_of(path: &Path) -> PathBuf {
    with_suffix(path, ".wal")
}

/// Size of a file, 0 when there is none.
pub(crate) fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Size and time of change: tells whether a file is as we left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub(crate) bytes: u64,
    pub(crate) changed_ns: u64,
}

impl Stamp {
    /// The stamp of a file without a log beside it.
    pub(crate) fn of_closed(path: &Path) -> Option<Self> {
        if wal_of(path).exists() {
            return None;
        }
        let metadata = fs::metadata(path).ok()?;
        let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Self { bytes: metadata.len(), changed_ns: u64::try_from(changed.as_nanos()).ok()? })
    }
}

/// SHA-256 of a whole file, as hex.
pub(crate) fn sha256(path: &Path) -> Result<String, HubError> {
    let mut file = File::open(path).map_err(HubError::file(path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer).map_err(HubError::file(path))?;
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else { break };
        hash.update(read);
    }
    Ok(hex::encode(hash.finalize()))
}

/// Bytes that are free for us on the disk of a folder.
pub(crate) fn free_bytes(dir: &Path) -> Result<u64, HubError> {
    let stat =
        rustix::fs::statvfs(dir).map_err(|errno| HubError::File { path: dir.to_owned(), source: errno.into() })?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Fails when fewer than `needed` bytes are free.
pub(crate) fn require_free(dir: &Path, needed: u64) -> Result<(), HubError> {
    let free = free_bytes(dir)?;
    if free < needed { Err(HubError::DiskFull { free, needed }) } else { Ok(()) }
}
