//! The shelf: sheets as files, and a note that says which of the edge's own hold.
//!
//! ```text
//! policies/shelf.json            which list is held to, and the edge's own sheets: the one that holds and those before
//! policies/CHECKSUM.sheet        one of its own, signed, as it came
//! policies/agent-NUMBER.sheet    what is passed on to an agent
//! ```
//! A sheet is durable before the note names it. If the note cannot be read, the sheets still say who they are. For agents
//! no note is written: there may be thousands.

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
const AGENT: &str = "agent-";

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
    own: Option<Held>,
    /// Those of the edge itself before, the newest first.
    earlier: Vec<Held>,
    /// Who has signed them, in hexadecimal digits: the authorities may have been replaced since.
    keys: BTreeSet<String>,
}

/// The shelf.
pub(super) struct Shelf {
    folder: PathBuf,
    note: Note,
    agents: BTreeMap<u32, Held>,
    /// There are sheets of which no note tells, or the note cannot be read.
    pub(super) lost: bool,
    /// The note was there and cannot be read.
    pub(super) damaged: bool,
}

impl Shelf {
    /// Reads the note and what is for agents. Blocks.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join("shelf.json");
        let read = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|problem| problem.to_string()),
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(Note::default()),
            Err(problem) => return Err(problem),
        };
        let note = Note::default();
        let mut shelf = Self { folder: folder.to_owned(), note, agents: BTreeMap::new(), lost: false, damaged: false };
        match read {
            Ok(note) if note != Note::default() || shelf.names()?.is_empty() => shelf.note = note,
            // Sheets that no note names: the first one was not noted yet, or the note is gone.
            Ok(_) => shelf.lost = true,
            Err(problem) => {
                warn!("{} is damaged, the sheets beside it are looked at: {problem}", path.display());
                (shelf.lost, shelf.damaged) = (true, true);
            }
        }
        shelf.read_agents()?;
        Ok(shelf)
    }

    fn read_agents(&mut self) -> io::Result<()> {
        for name in self.files()? {
            let Some(agent) = name.strip_prefix(AGENT).and_then(|number| number.parse::<u32>().ok()) else { continue };
            match self.read(&name) {
                Ok(signed) => {
                    let (checksum, issued_at) = (signed.checksum(), signed.issued_at);
                    self.agents.insert(agent, Held { checksum, issued_at, since: issued_at });
                }
                Err(problem) => {
                    warn!("the policy for agent {agent} is fetched again: {problem}");
                    self.note.list = None;
                }
            }
        }
        Ok(())
    }

    pub(super) fn list(&self) -> Option<String> {
        self.note.list.clone()
    }

    pub(super) fn held(&self, subject: u32) -> Option<&Held> {
        if subject == OWN { self.note.own.as_ref() } else { self.agents.get(&subject) }
    }

    /// The checksums of all sheets that hold, by whose they are.
    pub(super) fn all(&self) -> BTreeMap<u32, String> {
        let own = self.note.own.iter().map(|held| (OWN, held.checksum.clone()));
        own.chain(self.agents.iter().map(|(agent, held)| (*agent, held.checksum.clone()))).collect()
    }

    /// What is passed on to an agent. Blocks.
    pub(super) fn read_agent(&self, agent: u32) -> Result<SignedSheet, String> {
        self.read(&format!("{AGENT}{agent}"))
    }

    /// A sheet by the name of its file. Blocks.
    pub(super) fn read(&self, name: &str) -> Result<SignedSheet, String> {
        let path = self.path(name);
        let bytes = std::fs::read(&path).map_err(|problem| format!("{}: {problem}", path.display()))?;
        if bytes.len() > MAX_SHEET * 2 {
            return Err(format!("{} is too large", path.display()));
        }
        serde_json::from_slice(&bytes).map_err(|problem| format!("{} is damaged: {problem}", path.display()))
    }

    /// The checksums of all sheets of the edge itself that lie here. Blocks.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.files()?.into_iter().filter(|name| !name.starts_with(AGENT)).collect())
    }

    fn files(&self) -> io::Result<Vec<String>> {
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
        self.note.own.iter().chain(&self.note.earlier).cloned().collect()
    }

    /// This is what the sheets say where the note was lost. Durable with the next change.
    pub(super) fn found(&mut self, own: Vec<Held>) {
        let mut own = own.into_iter();
        self.note.own = own.next();
        self.note.earlier = own.take(EARLIER).collect();
    }

    /// The list has to be fetched again, whatever the appliance believes.
    pub(super) fn distrust(&mut self) {
        self.note.list = None;
    }

    /// A sheet that one of the keys has signed holds from now on. Durable on return; blocks.
    pub(super) fn keep(&mut self, subject: u32, held: Held, signed: &SignedSheet, keys: &[Vec<u8>]) -> io::Result<()> {
        let bytes = serde_json::to_vec(signed)?;
        if subject != OWN {
            self.doubt_list()?;
            write_durably(&self.path(&format!("{AGENT}{subject}")), &bytes)?;
            self.agents.insert(subject, held);
            return Ok(());
        }
        write_durably(&self.path(&held.checksum), &bytes)?;
        let mut note = self.note.clone();
        note.keys.extend(keys.iter().map(hex::encode));
        while note.keys.len() > MOST_KEYS {
            note.keys.pop_first();
        }
        note.earlier.retain(|earlier| earlier.checksum != held.checksum);
        note.earlier.splice(0..0, note.own.take().filter(|before| before.checksum != held.checksum));
        note.earlier.truncate(EARLIER);
        note.own = Some(held);
        note.list = None;
        self.write(note)?;
        (self.lost, self.damaged) = (false, false);
        Ok(())
    }

    /// Until the whole list is kept, it is not the one that is held to.
    fn doubt_list(&mut self) -> io::Result<()> {
        match self.note.list {
            Some(_) => self.write(Note { list: None, ..self.note.clone() }),
            None => Ok(()),
        }
    }

    /// The sheet for an agent cannot be read. Durable on return; blocks.
    pub(super) fn forget(&mut self, agent: u32) -> io::Result<()> {
        self.doubt_list()?;
        self.agents.remove(&agent);
        Ok(())
    }

    /// The sheets of a list are all here, and no others hold. Durable on return; blocks.
    pub(super) fn settle(&mut self, subjects: &BTreeSet<u32>, list: &str) -> io::Result<()> {
        let mut note = self.note.clone();
        if !subjects.contains(&OWN) {
            note.earlier.splice(0..0, note.own.take());
            note.earlier.truncate(EARLIER);
        }
        note.list = Some(list.to_owned());
        if note != self.note || self.lost {
            self.write(note)?;
        }
        (self.lost, self.damaged) = (false, false);
        self.agents.retain(|agent, _| subjects.contains(agent));
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
        let own = self.note.own.iter().chain(&self.note.earlier).map(|held| held.checksum.clone());
        let needed: BTreeSet<String> = own.chain(self.agents.keys().map(|agent| format!("{AGENT}{agent}"))).collect();
        for name in self.files().unwrap_or_default() {
            if !needed.contains(&name) {
                drop(std::fs::remove_file(self.path(&name)));
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ENDING}"))
    }
}
