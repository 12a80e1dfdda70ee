//! The file `state`: epoch, freed floor and cursors, in two slots written in turn.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::error::OpenError;
use crate::error::StateError;
use crate::format::Epoch;
use crate::format::VERSION;
use crate::format::array;
use crate::format::u32_at;
use crate::format::u64_at;
use crate::fs::File;
use crate::fs::Fs;
use crate::fs::read_full;

const MAGIC: [u8; 8] = *b"NZRSTATE";
const SLOT: usize = 4096;
const CURSORS_AT: usize = 64;
const CURSOR: usize = 40;
const NAME_MAX: usize = 31;
const CURSORS_MAX: usize = 64;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) epoch: Epoch,
    pub(crate) generation: u64,
    pub(crate) floor: u64,
    pub(crate) suspect: u64,
    pub(crate) created_us: i64,
    pub(crate) cursors: BTreeMap<String, u64>,
}

impl Snapshot {
    pub(crate) fn new(epoch: Epoch, created_us: i64) -> Self {
        Self { epoch, generation: 0, floor: 0, suspect: 0, created_us, cursors: BTreeMap::new() }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut raw = vec![0; SLOT];
        raw[0..8].copy_from_slice(&MAGIC);
        raw[8..10].copy_from_slice(&VERSION.to_le_bytes());
        raw[10..12].copy_from_slice(&(self.cursors.len() as u16).to_le_bytes());
        raw[16..32].copy_from_slice(self.epoch.as_bytes());
        raw[32..40].copy_from_slice(&self.generation.to_le_bytes());
        raw[40..48].copy_from_slice(&self.floor.to_le_bytes());
        raw[48..56].copy_from_slice(&self.suspect.to_le_bytes());
        raw[56..64].copy_from_slice(&self.created_us.to_le_bytes());
        for (place, (name, seq)) in self.cursors.iter().enumerate() {
            let at = CURSORS_AT + place * CURSOR;
            raw[at] = name.len() as u8;
            raw[at + 1..at + 1 + name.len()].copy_from_slice(name.as_bytes());
            raw[at + 32..at + 40].copy_from_slice(&seq.to_le_bytes());
        }
        let crc = crc32c::crc32c(&raw[..SLOT - 4]);
        raw[SLOT - 4..].copy_from_slice(&crc.to_le_bytes());
        raw
    }

    /// `Ok(None)` for a damaged or empty slot, `Err` with the version of a newer one.
    pub(crate) fn decode(raw: &[u8]) -> Result<Option<Self>, u16> {
        if raw.len() < SLOT || raw[0..8] != MAGIC || u32_at(raw, SLOT - 4) != crc32c::crc32c(&raw[..SLOT - 4]) {
            return Ok(None);
        }
        let version = u16::from_le_bytes(array(raw, 8));
        if version != VERSION {
            return Err(version);
        }
        let count = usize::from(u16::from_le_bytes(array(raw, 10))).min(CURSORS_MAX);
        let mut cursors = BTreeMap::new();
        for at in (0..count).map(|place| CURSORS_AT + place * CURSOR) {
            let name = &raw[at + 1..at + 1 + usize::from(raw[at]).min(NAME_MAX)];
            if let Ok(name) = std::str::from_utf8(name) {
                cursors.insert(name.to_owned(), u64_at(raw, at + 32));
            }
        }
        Ok(Some(Self {
            epoch: Epoch::from_bytes(array(raw, 16)),
            generation: u64_at(raw, 32),
            floor: u64_at(raw, 40),
            suspect: u64_at(raw, 48),
            created_us: i64::from_le_bytes(array(raw, 56)),
            cursors,
        }))
    }
}

/// The open file with what was last written to it.
pub(crate) struct StateFile {
    file: Box<dyn File>,
    path: PathBuf,
    snapshot: Snapshot,
    failed: bool,
}

impl StateFile {
    /// The valid slot with the higher generation, if the file exists and has one.
    pub(crate) fn load(fs: &dyn Fs, path: &Path) -> Result<Option<Self>, OpenError> {
        let file = match fs.open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(OpenError::io(path)(source)),
        };
        // A killed process may have left a floor in the page cache; segments below it must not go before it is durable.
        file.sync_data().map_err(OpenError::io(path))?;
        let mut raw = vec![0; 2 * SLOT];
        let got = read_full(&*file, &mut raw, 0).map_err(OpenError::io(path))?;
        raw.truncate(got);
        let mut best: Option<Snapshot> = None;
        for slot in raw.chunks(SLOT) {
            let slot =
                Snapshot::decode(slot).map_err(|version| OpenError::Newer { path: path.to_path_buf(), version })?;
            if let Some(slot) = slot
                && best.as_ref().is_none_or(|best| best.generation < slot.generation)
            {
                best = Some(slot);
            }
        }
        Ok(best.map(|snapshot| Self { file, path: path.to_path_buf(), snapshot, failed: false }))
    }

    /// A new file with both slots written and synced; the caller syncs the directory.
    pub(crate) fn create(fs: &dyn Fs, path: &Path, snapshot: Snapshot) -> io::Result<Self> {
        let file = fs.create(path)?;
        let slot = snapshot.encode();
        file.write_all_at(&slot, 0)?;
        file.write_all_at(&slot, SLOT as u64)?;
        file.sync_all()?;
        Ok(Self { file, path: path.to_path_buf(), snapshot, failed: false })
    }

    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    pub(crate) fn set_cursor(&mut self, name: &str, seq: u64) -> Result<(), StateError> {
        let known = self.snapshot.cursors.contains_key(name);
        if name.is_empty() || name.len() > NAME_MAX || (!known && self.snapshot.cursors.len() >= CURSORS_MAX) {
            return Err(StateError::Name { name: name.to_owned() });
        }
        let mut next = self.snapshot.clone();
        next.cursors.insert(name.to_owned(), seq);
        self.write(next)
    }

    /// Written to both slots: if the floor were lost together with the segments below it, seq would start over.
    pub(crate) fn set_floor(&mut self, floor: u64) -> Result<(), StateError> {
        let mut next = self.snapshot.clone();
        next.floor = floor;
        self.write(next.clone())?;
        next.generation = self.snapshot.generation;
        self.write(next)
    }

    pub(crate) fn set_suspect(&mut self, first_seq: u64) -> Result<(), StateError> {
        let mut next = self.snapshot.clone();
        next.suspect = first_seq;
        self.write(next)
    }

    /// Overwrites the slot that does not hold the current snapshot.
    fn write(&mut self, mut next: Snapshot) -> Result<(), StateError> {
        if self.failed {
            return Err(StateError::Failed);
        }
        next.generation += 1;
        let offset = (next.generation % 2) * SLOT as u64;
        let fail = |source| StateError::Io { path: self.path.clone(), source };
        self.file.write_all_at(&next.encode(), offset).map_err(fail)?;
        if let Err(source) = self.file.sync_data() {
            self.failed = true;
            return Err(fail(source));
        }
        self.snapshot = next;
        Ok(())
    }
}
