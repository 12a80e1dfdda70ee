//! Keeps a copy of bytes that do not check out, so that somebody can look at them.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;

use tracing::warn;

use crate::fs::File;
use crate::fs::Fs;
use crate::fs::read_full;
use crate::shared::lock;

const CHUNK: u64 = 1 << 20;

/// The folder `quarantine/`, bounded.
pub(crate) struct Quarantine {
    fs: Arc<dyn Fs>,
    dir: PathBuf,
    limit: u64,
    kept: Mutex<Kept>,
}

struct Kept {
    names: BTreeSet<String>,
    bytes: u64,
}

impl Quarantine {
    pub(crate) fn open(fs: Arc<dyn Fs>, dir: &Path, limit: u64) -> io::Result<Self> {
        let mut names = BTreeSet::new();
        let mut bytes = 0;
        for name in fs.list(dir)? {
            bytes += fs.open(&dir.join(&name))?.size()?;
            names.insert(name);
        }
        Ok(Self { fs, dir: dir.to_path_buf(), limit, kept: Mutex::new(Kept { names, bytes }) })
    }

    /// Copies `offset..offset + len` of a segment. Failing to copy must not stop delivery, so it is only logged.
    pub(crate) fn keep(&self, file: &dyn File, first_seq: u64, offset: u64, len: u64) {
        let name = format!("{first_seq:020}-{offset:010}.bin");
        let mut kept = lock(&self.kept);
        if kept.names.contains(&name) {
            return;
        }
        if kept.bytes + len > self.limit {
            warn!(file = name, bytes = len, "damaged bytes not copied, quarantine is full");
            return;
        }
        match self.copy(file, &self.dir.join(&name), (offset, len)) {
            Ok(()) => {
                warn!(file = name, bytes = len, "damaged bytes copied to quarantine as {name}");
                kept.bytes += len;
                kept.names.insert(name);
            }
            Err(error) => warn!(file = name, bytes = len, "damaged bytes not copied to quarantine: {error}"),
        }
    }

    fn copy(&self, from: &dyn File, path: &Path, (offset, len): (u64, u64)) -> io::Result<()> {
        let copy = self.fs.create(path)?;
        let mut done = 0;
        while done < len {
            let mut chunk = vec![0; usize::try_from(CHUNK.min(len - done)).unwrap_or(0)];
            let got = read_full(from, &mut chunk, offset + done)?;
            if got == 0 {
                break;
            }
            copy.write_all_at(&chunk[..got], done)?;
            done += got as u64;
        }
        copy.sync_all()?;
        self.fs.sync_dir(&self.dir)
    }
}
