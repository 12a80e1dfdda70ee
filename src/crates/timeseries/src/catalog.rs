//! The list of a dataset's files: `catalog.json` in its folder.
//!
//! The list makes it possible to start without opening a single event file, and to notice a file that is missing, too
//! short or not ours. It is replaced in one step (write beside, sync, rename, sync the folder). The files carry all that
//! is needed to write it anew, so a damaged list is set aside and rebuilt from the names of the files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;

use crate::dataset::Dataset;
use crate::dataset::PartitionId;
use crate::dataset::PartitionKey;
use crate::dataset::file_name;
use crate::dataset::parse_file_name;
use crate::error::HubError;
use crate::files;
use crate::files::Stamp;
use crate::month::Month;

const LIST: &str = "catalog.json";
/// Ending of a file that is being built.
pub(crate) const UNFINISHED: &str = ".new";
/// Folder of files on their way out.
pub(crate) const TRASH: &str = "trash";

/// What may be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Written to.
    Open,
    /// Rewritten in order, checksummed, never written again.
    Sealed,
    /// Found damaged and set aside.
    Quarantined,
    /// On its way out.
    Dropping,
}

impl State {
    /// The word for people and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Sealed => "sealed",
            Self::Quarantined => "quarantined",
            Self::Dropping => "being removed",
        }
    }
}

/// One file in the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) month: Month,
    pub(crate) generation: u32,
    pub(crate) revision: u32,
    pub(crate) state: State,
    pub(crate) rows: u64,
    /// Greatest batch number, 0 when there is none.
    pub(crate) batches: u32,
    pub(crate) min_us: Option<i64>,
    pub(crate) max_us: Option<i64>,
    pub(crate) bytes: u64,
    pub(crate) sha256: Option<String>,
    pub(crate) created_us: i64,
    /// How the file looked when we closed it.
    pub(crate) closed: Option<Stamp>,
    /// Why it is quarantined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<String>,
    /// Whether the counts above are those of the file. Not stored: after a crash they are not.
    #[serde(skip)]
    pub(crate) counted: bool,
}

impl Entry {
    pub(crate) fn file_name(&self) -> String {
        file_name(self.month, self.generation, self.revision)
    }

    /// Whether events of `[from, to)` can be in the file.
    pub(crate) fn overlaps(&self, from_us: i64, to_us: i64) -> bool {
        let exact = self.counted || self.state == State::Sealed;
        let (low, high) = match (self.min_us, self.max_us) {
            (Some(low), Some(high)) if exact => (low, high + 1),
            _ => (self.month.start_us(), self.month.end_us()),
        };
        low < to_us && from_us < high
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    partitions: Vec<Entry>,
}

/// Something in a folder that the list does not explain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub path: PathBuf,
    /// What is the matter, as a word: `missing`, `shorter`, `foreign`, `list_rebuilt`, `adopted`.
    pub what: &'static str,
}

/// A dataset's list in memory.
#[derive(Debug)]
pub(crate) struct Catalog {
    pub(crate) dir: PathBuf,
    pub(crate) organization: u32,
    pub(crate) dataset: Dataset,
    entries: BTreeMap<(Month, u32), Entry>,
}

impl Catalog {
    /// A list without files, for a folder that may not exist yet.
    pub(crate) fn empty(events_dir: &Path, organization: u32, dataset: Dataset) -> Self {
        let dir = events_dir.join(organization.to_string()).join(dataset.name());
        Self { dir, organization, dataset, entries: BTreeMap::new() }
    }

    /// Reads the list and compares it with the folder. No event file is opened.
    pub(crate) fn load(&mut self, now_us: i64) -> Result<Vec<Finding>, HubError> {
        let mut findings = Vec::new();
        let path = self.dir.join(LIST);
        match fs::read(&path) {
            Ok(bytes) => match serde_json::from_slice::<Stored>(&bytes) {
                Ok(stored) => {
                    self.entries = stored.partitions.into_iter().map(|e| ((e.month, e.generation), e)).collect();
                }
                Err(_) => {
                    files::rename(&path, &files::with_suffix(&path, &format!(".corrupt.{now_us}")))?;
                    findings.push(Finding { path: path.clone(), what: "list_rebuilt" });
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(HubError::File { path, source }),
        }
        self.compare_with_folder(&mut findings, now_us)?;
        Ok(findings)
    }

    fn compare_with_folder(&mut self, findings: &mut Vec<Finding>, now_us: i64) -> Result<(), HubError> {
        let mut changed = false;
        let listing = fs::read_dir(&self.dir).map_err(HubError::file(&self.dir))?;
        for item in listing {
            let item = item.map_err(HubError::file(&self.dir))?;
            let Some(name) = item.file_name().to_str().map(str::to_owned) else {
                findings.push(Finding { path: item.path(), what: "foreign" });
                continue;
            };
            changed |= self.judge(&name, item.path(), findings, now_us)?;
        }
        for entry in self.entries.values_mut() {
            let path = self.dir.join(entry.file_name());
            entry.counted = entry.closed.is_some() && Stamp::of_closed(&path) == entry.closed;
            if matches!(entry.state, State::Quarantined | State::Dropping) {
                continue;
            }
            let what = if !path.exists() {
                "missing"
            } else if entry.state == State::Sealed && files::size(&path) != entry.bytes {
                "shorter"
            } else {
                continue;
            };
            // Named by every query of its time from now on, without one that stumbles over it first.
            entry.state = State::Quarantined;
            entry.problem = Some(format!("file is {what}"));
            if path.exists() {
                files::rename(&path, &files::with_suffix(&path, &format!(".corrupt.{now_us}")))?;
            }
            findings.push(Finding { path, what });
            changed = true;
        }
        if changed { self.save() } else { Ok(()) }
    }

    /// Decides about one name in the folder; tells whether the list changed.
    fn judge(&mut self, name: &str, path: PathBuf, findings: &mut Vec<Finding>, now_us: i64) -> Result<bool, HubError> {
        let ours = name == LIST || name == TRASH || name.starts_with("catalog.json.") || name.contains(".corrupt.");
        if ours {
            return Ok(false);
        }
        if name.ends_with(UNFINISHED) || name.ends_with(&format!("{UNFINISHED}.wal")) {
            files::remove(&path)?;
            return Ok(false);
        }
        let stem = name.strip_suffix(".wal").unwrap_or(name);
        let Some((month, generation, revision)) = parse_file_name(stem) else {
            findings.push(Finding { path, what: "foreign" });
            return Ok(false);
        };
        match self.entries.get_mut(&(month, generation)) {
            Some(entry) if entry.revision == revision => Ok(false),
            // The rewrite that made or replaced this revision was cut short; the listed one holds everything.
            Some(entry) if self.dir.join(entry.file_name()).exists() || entry.state == State::Dropping => {
                files::remove(&path)?;
                Ok(false)
            }
            Some(_) => {
                findings.push(Finding { path, what: "foreign" });
                Ok(false)
            }
            None if stem != name => Ok(false),
            None => {
                self.entries.insert((month, generation), adopted(month, generation, revision, now_us));
                findings.push(Finding { path, what: "adopted" });
                Ok(true)
            }
        }
    }

    /// Writes the list durably.
    pub(crate) fn save(&self) -> Result<(), HubError> {
        let stored = Stored { version: 1, partitions: self.entries.values().cloned().collect() };
        let bytes = serde_json::to_vec_pretty(&stored)
            .map_err(|error| HubError::File { path: self.dir.join(LIST), source: error.into() })?;
        files::create_dir(&self.dir)?;
        files::replace(&self.dir.join(LIST), &bytes)
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.values()
    }

    pub(crate) fn generations(&self, month: Month) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.range((month, 0)..=(month, u32::MAX)).map(|(_, entry)| entry)
    }

    pub(crate) fn get(&self, month: Month, generation: u32) -> Option<&Entry> {
        self.entries.get(&(month, generation))
    }

    pub(crate) fn get_mut(&mut self, month: Month, generation: u32) -> Option<&mut Entry> {
        self.entries.get_mut(&(month, generation))
    }

    pub(crate) fn insert(&mut self, entry: Entry) {
        self.entries.insert((entry.month, entry.generation), entry);
    }

    pub(crate) fn remove(&mut self, month: Month, generation: u32) {
        self.entries.remove(&(month, generation));
    }

    pub(crate) fn id(&self, entry: &Entry) -> PartitionId {
        let key = PartitionKey { organization: self.organization, dataset: self.dataset, month: entry.month };
        PartitionId { key, generation: entry.generation }
    }
}

fn adopted(month: Month, generation: u32, revision: u32, now_us: i64) -> Entry {
    Entry {
        month,
        generation,
        revision,
        // Later appends go to a new generation; sealing it again is harmless.
        state: State::Open,
        rows: 0,
        batches: 0,
        min_us: None,
        max_us: None,
        bytes: 0,
        sha256: None,
        created_us: now_us,
        closed: None,
        problem: None,
        counted: false,
    }
}
