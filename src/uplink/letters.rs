//! Batches that the next hop will never take: kept as files for a person to look at, so that the queue goes on.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::SystemTime;

use serde_json::value::RawValue;
use tracing::error;

use crate::store::write_durably;

/// The most files, and the most bytes of them all.
const MOST_FILES: usize = 1_000;
const MOST_BYTES: u64 = 256 << 20;

/// A refused batch as it lies in its file.
#[derive(Debug, serde::Serialize)]
pub(super) struct Letter<'a> {
    pub(super) name: &'a str,
    /// Where it was refused.
    pub(super) hop: &'a str,
    pub(super) refused_at: String,
    pub(super) status: u16,
    pub(super) code: Option<&'a str>,
    pub(super) detail: &'a str,
    /// The body as it was sent.
    pub(super) batch: &'a RawValue,
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct LetterCount {
    /// Files in the folder.
    pub kept: usize,
    /// Files that had to go since the start, because there were too many.
    pub dropped: u64,
}

struct Inside {
    /// Oldest first.
    files: Vec<(PathBuf, u64)>,
    dropped: u64,
}

/// The folder `dead-letters`.
pub(super) struct Letters {
    folder: PathBuf,
    inside: Mutex<Inside>,
    limits: (usize, u64),
}

impl Letters {
    /// Blocks.
    pub(super) fn open(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut found: Vec<(SystemTime, PathBuf, u64)> = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let facts = entry.metadata()?;
            if facts.is_file() && entry.path().extension().is_some_and(|extension| extension == "json") {
                found.push((facts.modified()?, entry.path(), facts.len()));
            }
        }
        found.sort();
        let files = found.into_iter().map(|(_, path, bytes)| (path, bytes)).collect();
        let inside = Mutex::new(Inside { files, dropped: 0 });
        Ok(Self { folder: folder.to_owned(), inside, limits: (MOST_FILES, MOST_BYTES) })
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count(&self) -> LetterCount {
        let inside = self.inside();
        LetterCount { kept: inside.files.len(), dropped: inside.dropped }
    }

    /// Keeps a letter; durable on return. The same batch has the same file, so doing it twice does no harm. Blocks.
    pub(super) fn keep(&self, letter: &Letter<'_>) -> std::io::Result<()> {
        let path = self.folder.join(format!("{}.json", letter.name.replace([':', '/', '\\'], "-")));
        let bytes = serde_json::to_vec(letter)?;
        write_durably(&path, &bytes)?;
        let mut inside = self.inside();
        inside.files.retain(|(other, _)| *other != path);
        inside.files.push((path, bytes.len() as u64));
        let mut all: u64 = inside.files.iter().map(|(_, bytes)| bytes).sum();
        while inside.files.len() > 1 && (inside.files.len() > self.limits.0 || all > self.limits.1) {
            let (oldest, bytes) = inside.files.remove(0);
            all -= bytes;
            inside.dropped += 1;
            error!("there are too many refused batches, {} is removed", oldest.display());
            std::fs::remove_file(oldest)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::Letter;
    use super::Letters;

    fn keep(letters: &Letters, name: &str) {
        let batch = RawValue::from_string("{\"events\":[1]}".to_owned()).unwrap();
        let refused_at = "2026-11-23T09:00:00Z".to_owned();
        let letter =
            Letter { name, hop: "http://x", refused_at, status: 400, code: Some("c"), detail: "d", batch: &batch };
        letters.keep(&letter).unwrap();
    }

    #[test]
    fn letters_are_bounded_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut letters = Letters::open(folder.path()).unwrap();
        letters.limits = (2, 1 << 20);
        keep(&letters, "gw:0:1");
        keep(&letters, "gw:0:1");
        assert_eq!((letters.count().kept, letters.count().dropped), (1, 0));
        let text = std::fs::read_to_string(folder.path().join("gw-0-1.json")).unwrap();
        assert!(text.contains("\"status\":400") && text.contains("\"batch\":{\"events\":[1]}"), "{text}");
        keep(&letters, "gw:0:2");
        keep(&letters, "gw:0:3");
        assert_eq!((letters.count().kept, letters.count().dropped), (2, 1));
        assert!(!folder.path().join("gw-0-1.json").exists());
        assert_eq!(Letters::open(folder.path()).unwrap().count().kept, 2);
    }
}
