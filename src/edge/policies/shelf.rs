//! The shelf: sheets as files, and a note that says which of them hold.
//!
//! ```text
//! policies/shelf.json            which list, which sheet for whom since when, and which the edge itself had before
//! policies/CHECKSUM.sheet        a signed sheet, as it came
//! ```
//! A sheet is durable before the note names it. If the note cannot be read, the sheets still say who they are.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use nazorat_wire::policy::MAX_SHEET;
use nazorat_wire::policy::SignedSheet;
use serde::Deserialize;
use serde::Serialize;
use tracing::warn;

use super::OWN;
use super::force::InForce;
use crate::intake::Holding;
use crate::kernel::Timestamp;
use crate::store::write_durably;

/// How many sheets of its own an edge remembers beside the one that holds.
const EARLIER: usize = 8;
/// More roots than an appliance ever had at once.
const MOST_KEYS: usize = 16;
const ENDING: &str = "sheet";

/// A sheet that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) checksum: String,
    pub(super) issued_at: Timestamp,
    pub(super) since: Timestamp,
}

/// What the note says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    list: Option<String>,
    held: BTreeMap<u32, Held>,
    /// Those of the edge itself before, the newest first.
    earlier: Vec<Held>,
    /// Who has signed them, in hexadecimal digits: the authorities may have been replaced since.
    #[serde(default)]
    keys: BTreeSet<String>,
}

/// The shelf.
pub(super) struct Shelf {
    folder: PathBuf,
    note: Note,
    /// There are sheets of which no note tells, or the note cannot be read.
    pub(super) lost: bool,
    /// The note was there and cannot be read.
    pub(super) damaged: bool,
}

impl Shelf {
    /// Reads the note. Blocks.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join("shelf.json");
        let read = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|problem| problem.to_string()),
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(Note::default()),
            Err(problem) => return Err(problem),
        };
        let mut shelf = Self { folder: folder.to_owned(), note: Note::default(), lost: false, damaged: false };
        let sheets = shelf.names()?;
        match read {
            Ok(note) if note != Note::default() || sheets.is_empty() => shelf.note = note,
            // Sheets that no note names: the first one was not noted yet, or the note is gone.
            Ok(_) => shelf.lost = true,
            Err(problem) => {
                warn!("{} is damaged, the sheets beside it are looked at: {problem}", path.display());
                (shelf.lost, shelf.damaged) = (true, true);
            }
        }
        Ok(shelf)
    }

    pub(super) fn list(&self) -> Option<String> {
        self.note.list.clone()
    }

    pub(super) fn held(&self, subject: u32) -> Option<&Held> {
        self.note.held.get(&subject)
    }

    pub(super) fn holds_only(&self, subjects: &BTreeSet<u32>) -> bool {
        self.note.held.keys().all(|subject| subjects.contains(subject))
    }

    /// A sheet by its checksum. Blocks.
    pub(super) fn read(&self, checksum: &str) -> Result<SignedSheet, String> {
        let path = self.path(checksum);
        let bytes = std::fs::read(&path).map_err(|problem| format!("{}: {problem}", path.display()))?;
        if bytes.len() > MAX_SHEET * 2 {
            return Err(format!("{} is too large", path.display()));
        }
        serde_json::from_slice(&bytes).map_err(|problem| format!("{} is damaged: {problem}", path.display()))
    }

    /// The checksums of all sheets that lie here. Blocks.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == ENDING)
                && let Some(name) = path.file_stem().and_then(|name| name.to_str())
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// Whom to believe what lies here.
    pub(super) fn keys(&self, now: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let before = self.note.keys.iter().filter_map(|key| hex::decode(key).ok());
        now.into_iter().chain(before).collect()
    }

    /// The sheets of the edge itself that held before and can be read. Blocks.
    pub(super) fn earlier(&self, keys: &[Vec<u8>], computer_uid: Option<&str>) -> Vec<Arc<dyn Holding>> {
        let read = |held: &Held| InForce::read(self, held, keys, computer_uid).ok();
        self.note.earlier.iter().filter_map(read).map(|sheet| Arc::new(sheet) as Arc<dyn Holding>).collect()
    }

    /// The places of what the edge itself holds or held, the newest first.
    pub(super) fn own(&self) -> Vec<Held> {
        self.note.held.get(&OWN).into_iter().chain(&self.note.earlier).cloned().collect()
    }

    /// This is what the sheets say where the note was lost. Durable with the next change.
    pub(super) fn found(&mut self, own: Vec<Held>) {
        let mut own = own.into_iter();
        self.note.held.extend(own.next().map(|newest| (OWN, newest)));
        self.note.earlier = own.take(EARLIER).collect();
    }

    /// The list has to be fetched again, whatever the appliance believes.
    pub(super) fn distrust(&mut self) {
        self.note.list = None;
    }

    /// A sheet that one of the keys has signed holds from now on. Durable on return; blocks.
    pub(super) fn keep(&mut self, subject: u32, held: Held, signed: &SignedSheet, keys: &[Vec<u8>]) -> io::Result<()> {
        write_durably(&self.path(&held.checksum), &serde_json::to_vec(signed)?)?;
        let mut note = self.note.clone();
        note.keys.extend(keys.iter().map(hex::encode));
        while note.keys.len() > MOST_KEYS {
            note.keys.pop_first();
        }
        let before = note.held.insert(subject, held.clone());
        if subject == OWN {
            note.earlier.retain(|earlier| earlier.checksum != held.checksum);
            if let Some(before) = before.filter(|before| before.checksum != held.checksum) {
                note.earlier.insert(0, before);
                note.earlier.truncate(EARLIER);
            }
        }
        // Until the whole list is kept, it is not the one that is held to.
        note.list = None;
        self.write(note)
    }

    /// A sheet cannot be read. Durable on return; blocks.
    pub(super) fn forget(&mut self, subject: u32) -> io::Result<()> {
        let mut note = self.note.clone();
        note.held.remove(&subject);
        note.list = None;
        self.write(note)
    }

    /// The sheets of a list are all here, and no others hold. Durable on return; blocks.
    pub(super) fn settle(&mut self, subjects: &BTreeSet<u32>, list: &str) -> io::Result<()> {
        let mut note = self.note.clone();
        if !subjects.contains(&OWN)
            && let Some(own) = note.held.remove(&OWN)
        {
            note.earlier.insert(0, own);
            note.earlier.truncate(EARLIER);
        }
        note.held.retain(|subject, _| subjects.contains(subject));
        note.list = Some(list.to_owned());
        self.write(note)?;
        (self.lost, self.damaged) = (false, false);
        self.tidy();
        Ok(())
    }

    fn write(&mut self, note: Note) -> io::Result<()> {
        write_durably(&self.folder.join("shelf.json"), &serde_json::to_vec(&note)?)?;
        self.note = note;
        Ok(())
    }

    /// Removes sheets that nobody needs. A leftover only takes room.
    fn tidy(&self) {
        let needed: BTreeSet<&str> =
            self.note.held.values().chain(&self.note.earlier).map(|held| held.checksum.as_str()).collect();
        for name in self.names().unwrap_or_default() {
            if !needed.contains(name.as_str()) {
                drop(std::fs::remove_file(self.path(&name)));
            }
        }
    }

    fn path(&self, checksum: &str) -> PathBuf {
        self.folder.join(format!("{checksum}.{ENDING}"))
    }
}
