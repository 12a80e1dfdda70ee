//! Requests that are kept as files and sent on as they came: screenshots, which no hop but the last looks into.
//!
//! One file is one parcel: the length of its head as four bytes (little-endian), the head as JSON, the body. Files are
//! named after the order in which they came. What is not finished ends in `.part` and is removed at the next start.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::io::Read as _;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use bytes::Bytes;
use serde::Deserialize;
use serde::Serialize;
use tokio::sync::Notify;
use tracing::warn;

use crate::runtime::blocking;

/// How many refused parcels are kept.
const KEEP_REFUSED: usize = 200;
/// More than any head has.
const MOST_HEAD: u32 = 64 << 10;

/// What stands on a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The path on the next hop.
    pub path: String,
    /// `Content-Type`, with its boundary.
    pub content_type: String,
    /// The name that its sender gave it. Repeats are told by the last hop, which looks inside.
    pub key: Option<String>,
    /// Who sent it, as far as this hop knows.
    pub source: String,
}

/// A parcel was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ParcelError {
    /// There are too many already.
    #[error("no room for more screenshots")]
    Full,
    /// The disk refused.
    #[error("screenshot could not be stored")]
    Io(#[from] io::Error),
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ParcelCount {
    /// Parcels that wait.
    pub waiting: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Parcels that were given up since the start, oldest first, because there was no room.
    pub evicted: u64,
    /// Parcels that the next hop has taken since the start.
    pub sent: u64,
    /// Parcels that it will never take; they lie in `refused`.
    pub refused: u64,
}

#[derive(Debug, Default)]
struct Inner {
    /// Their bytes by their numbers.
    waiting: BTreeMap<u64, u64>,
    next: u64,
    count: ParcelCount,
}

/// The parcels of an edge. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Parcels {
    folder: Arc<PathBuf>,
    inner: Arc<Mutex<Inner>>,
    max_bytes: u64,
    pub(super) came: Arc<Notify>,
}

/// A parcel that is being written.
#[derive(Debug)]
pub struct Wrapping {
    parcels: Parcels,
    number: u64,
    file: Option<File>,
    bytes: u64,
    finished: bool,
}

impl Parcels {
    /// Opens the folder. Blocks.
    pub fn open(folder: &Path, max_bytes: u64) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut inner = Inner { next: 1, ..Inner::default() };
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            if name.ends_with(".part") {
                std::fs::remove_file(&path)?;
            } else if let Some(number) = name.strip_suffix(".parcel").and_then(|number| number.parse::<u64>().ok()) {
                inner.put(number, File::open(&path)?.metadata()?.len());
                inner.next = inner.next.max(number + 1);
            }
        }
        let inner = Arc::new(Mutex::new(inner));
        Ok(Self { folder: Arc::new(folder.to_owned()), inner, max_bytes, came: Arc::default() })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many there are.
    pub fn count(&self) -> ParcelCount {
        let inner = self.inner();
        ParcelCount { waiting: inner.waiting.len(), ..inner.count }
    }

    /// Begins a parcel.
    pub async fn wrap(&self, head: Head) -> Result<Wrapping, ParcelError> {
        let number = {
            let mut inner = self.inner();
            inner.next += 1;
            inner.next - 1
        };
        let path = self.part(number);
        // Dropped without being finished, it removes its file.
        let mut wrapping = Wrapping { parcels: self.clone(), number, file: None, bytes: 0, finished: false };
        let file = blocking(move || -> io::Result<File> {
            let head = serde_json::to_vec(&head)?;
            let mut file = File::options().create_new(true).write(true).open(path)?;
            file.write_all(&u32::try_from(head.len()).unwrap_or(u32::MAX).to_le_bytes())?;
            file.write_all(&head)?;
            Ok(file)
        });
        wrapping.file = Some(file.await?);
        Ok(wrapping)
    }

    /// Those that wait, oldest first.
    pub(super) fn numbers(&self) -> Vec<u64> {
        self.inner().waiting.keys().copied().collect()
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.folder.to_path_buf()
    }

    /// One of them; nothing when it has left, or is damaged. Blocks.
    pub(super) fn get(&self, number: u64) -> io::Result<Option<(Head, Bytes)>> {
        match self.read(number) {
            Err(problem) if matches!(problem.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => Ok(None),
            read => read.map(Some),
        }
    }

    fn read(&self, number: u64) -> io::Result<(Head, Bytes)> {
        let mut file = File::open(self.path(number))?;
        let head = read_head(&mut file)?;
        let mut body = Vec::new();
        file.read_to_end(&mut body)?;
        Ok((head, body.into()))
    }

    /// The oldest parcel. Blocks.
    pub(super) fn oldest(&self) -> io::Result<Option<(u64, Head, Bytes)>> {
        loop {
            let number = self.inner().waiting.keys().next().copied();
            let Some(number) = number else { return Ok(None) };
            match self.read(number) {
                Ok((head, body)) => return Ok(Some((number, head, body))),
                Err(problem) if problem.kind() == io::ErrorKind::NotFound => self.inner().take(number),
                Err(problem) if problem.kind() == io::ErrorKind::InvalidData => {
                    warn!("screenshot {number} is damaged and set aside: {problem}");
                    self.set_aside(number)?;
                }
                Err(problem) => return Err(problem),
            }
        }
    }

    /// The next hop has it. Blocks.
    pub(super) fn left(&self, number: u64) -> io::Result<()> {
        std::fs::remove_file(self.path(number)).or_else(gone_is_gone)?;
        let mut inner = self.inner();
        inner.take(number);
        inner.count.sent += 1;
        Ok(())
    }

    /// It may not be passed on any more. Blocks.
    pub(super) fn withdraw(&self, number: u64) -> io::Result<()> {
        std::fs::remove_file(self.path(number)).or_else(gone_is_gone)?;
        self.inner().take(number);
        Ok(())
    }

    /// It will never be taken, and goes where a person can look at it. Blocks.
    pub(super) fn set_aside(&self, number: u64) -> io::Result<()> {
        let folder = self.folder.join("refused");
        std::fs::create_dir_all(&folder)?;
        std::fs::rename(self.path(number), folder.join(format!("{number:020}.parcel"))).or_else(gone_is_gone)?;
        {
            let mut inner = self.inner();
            inner.take(number);
            inner.count.refused += 1;
        }
        let entries = std::fs::read_dir(&folder)?;
        let mut kept: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        kept.sort();
        let too_many = kept.len().saturating_sub(KEEP_REFUSED);
        kept.into_iter().take(too_many).try_for_each(std::fs::remove_file)
    }

    fn part(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:020}.part"))
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:020}.parcel"))
    }

    /// Makes room below four fifths by giving up the oldest. Blocks.
    fn make_room(&self, bytes: u64) -> Result<(), ParcelError> {
        if bytes > self.max_bytes / 2 {
            return Err(ParcelError::Full);
        }
        loop {
            let oldest = {
                let inner = self.inner();
                if inner.count.bytes + bytes <= self.max_bytes / 5 * 4 {
                    return Ok(());
                }
                inner.waiting.keys().next().copied()
            };
            let Some(oldest) = oldest else { return Ok(()) };
            std::fs::remove_file(self.path(oldest)).or_else(gone_is_gone)?;
            let mut inner = self.inner();
            inner.take(oldest);
            inner.count.evicted += 1;
            metrics::counter!("nazorat_uplink_evicted_screenshots_total").increment(1);
        }
    }
}

impl Wrapping {
    /// Writes more of the body.
    pub async fn write(mut self, bytes: Bytes) -> Result<Self, ParcelError> {
        self.bytes += bytes.len() as u64;
        let Some(mut file) = self.file.take() else { return Ok(self) };
        let written = blocking(move || file.write_all(&bytes).map(|()| file)).await;
        self.file = Some(written?);
        Ok(self)
    }

    /// The body is complete; durable on return.
    pub async fn finish(mut self) -> Result<(), ParcelError> {
        let (parcels, number, bytes) = (self.parcels.clone(), self.number, self.bytes);
        let Some(file) = self.file.take() else { return Ok(()) };
        blocking(move || -> Result<(), ParcelError> {
            parcels.make_room(bytes)?;
            file.sync_all()?;
            std::fs::rename(parcels.part(number), parcels.path(number))?;
            File::open(&*parcels.folder)?.sync_all()?;
            // Here, and not where a sender that hangs up would cut it off.
            parcels.inner().put(number, bytes);
            parcels.came.notify_one();
            Ok(())
        })
        .await?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Wrapping {
    fn drop(&mut self) {
        if !self.finished {
            drop(std::fs::remove_file(self.parcels.part(self.number)));
        }
    }
}

impl Inner {
    fn put(&mut self, number: u64, bytes: u64) {
        self.count.bytes += bytes;
        self.waiting.insert(number, bytes);
    }

    fn take(&mut self, number: u64) {
        self.count.bytes -= self.waiting.remove(&number).unwrap_or(0);
    }
}

fn gone_is_gone(problem: io::Error) -> io::Result<()> {
    if problem.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(problem) }
}

fn read_head(file: &mut File) -> io::Result<Head> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut length = [0; 4];
    file.read_exact(&mut length).map_err(|_| invalid("it ends in its head"))?;
    let length = u32::from_le_bytes(length);
    if length > MOST_HEAD {
        return Err(invalid("its head is too long"));
    }
    let mut head = vec![0; length as usize];
    file.read_exact(&mut head).map_err(|_| invalid("it ends in its head"))?;
    serde_json::from_slice(&head).map_err(|_| invalid("its head cannot be read"))
}
