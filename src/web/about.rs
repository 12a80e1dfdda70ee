//! What the appliance knows of itself: version, certificate, place and time of its start.

use std::path::Path;
use std::sync::Arc;

use crate::kernel::Timestamp;
use crate::runtime::blocking;
use crate::runtime::disk::Room;

/// Facts of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct About(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    fingerprint: Option<String>,
    address: Option<String>,
    folder: Box<Path>,
    started_at: Timestamp,
}

impl About {
    /// Facts of a process that started just now. `fingerprint` is that of the built-in signing root, if it is used;
    /// `address` is the one under which other machines find this one.
    pub fn new(folder: &Path, started_at: Timestamp, fingerprint: Option<String>, address: Option<String>) -> Self {
        Self(Arc::new(Facts { fingerprint, address, folder: folder.into(), started_at }))
    }

    /// The version of the binary.
    pub const fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// SHA-256 of the signing root, as the console shows it.
    pub fn fingerprint(&self) -> Option<&str> {
        self.0.fingerprint.as_deref()
    }

    /// `https://HOST:PORT` as the console shows it.
    pub fn address(&self) -> Option<&str> {
        self.0.address.as_deref()
    }

    /// Since when the process runs.
    pub fn started_at(&self) -> Timestamp {
        self.0.started_at
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Free and all bytes of the disk with the data folder; none when the file system does not say.
    pub async fn room(&self) -> Option<Room> {
        let about = self.clone();
        blocking(move || Room::of(about.folder()).ok()).await
    }

    /// Bytes of all files in the data folder. Files that go away meanwhile are not counted.
    pub async fn used(&self) -> u64 {
        let about = self.clone();
        blocking(move || size_below(about.folder())).await
    }
}

fn size_below(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(facts) if facts.is_dir() => size_below(&entry.path()),
        Ok(facts) if facts.is_file() => facts.len(),
        Ok(_) | Err(_) => 0,
    });
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use super::About;

    #[tokio::test]
    async fn files_in_folders_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        std::fs::write(folder.path().join("a"), [0; 10]).unwrap();
        std::fs::write(folder.path().join("inner/b"), [0; 5]).unwrap();
        let about = About::new(folder.path(), crate::kernel::Timestamp::UNIX_EPOCH, None, None);
        assert_eq!(about.used().await, 15);
        assert!(about.room().await.is_some_and(|room| room.all > room.free));
    }
}
