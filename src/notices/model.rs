//! The nouns: facts, a version of them, whether it was accepted.

use nazorat_timeseries::Dataset;
use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Settings;

use crate::kernel::Day;
use crate::kernel::EmployeeId;
use crate::kernel::Role;
use crate::kernel::Timestamp;

/// What a person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Which sentences say it. A sentence whose meaning changes gets a new key, and this the next number.
    pub wording: u16,
    /// What may be collected; `None` while nobody has decided anything, and everything that comes in is kept. What is
    /// of no concern to the person stands at its built-in value.
    pub limits: Option<Effective>,
    /// How long it is kept, for each kind of event that is about people.
    pub keep: Vec<Kept>,
    /// Who may see it.
    pub readers: Vec<Role>,
    /// Whether any terminal keeps pictures of those who pass.
    pub door_pictures: bool,
}

impl Facts {
    /// The sentences of today.
    pub const WORDING: u16 = 1;

    /// How long events of a kind are kept; `None` where the facts do not speak of it.
    pub fn kept(&self, dataset: Dataset) -> Option<Kept> {
        self.keep.iter().copied().find(|kept| kept.dataset == dataset)
    }

    /// The limits as settings, of which each that concerns the person is decided.
    pub fn settings(&self) -> Option<Settings> {
        let limits = self.limits.as_ref()?;
        Some(Settings {
            windows: Some(limits.windows),
            sites: Some(limits.sites),
            screenshots: Some(limits.screenshots),
            input: Some(limits.input),
            sessions: Some(limits.sessions),
            hours: limits.hours.clone(),
            private_windows: Some(limits.private_windows),
            idle_minutes: Some(limits.idle_minutes),
            upload_seconds: None,
            buffer_megabytes: None,
            exclusions: limits.exclusions.clone(),
        })
    }
}

/// How long one kind of event is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub dataset: Dataset,
    /// In days; `None` for ever.
    pub days: Option<u32>,
    /// True when it goes into an archive then; otherwise it is deleted.
    pub archived: bool,
}

/// A notice as it was at a moment; never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// From 1, for each person.
    pub number: u32,
    /// Since when it holds.
    pub since: Timestamp,
    /// SHA-256 of the facts in their one form.
    pub checksum: String,
    /// What the organization was called then.
    pub organization: String,
    /// Who could be asked then.
    pub contacts: Vec<String>,
    /// Each time that it was accepted, the oldest first.
    pub acceptances: Vec<Acceptance>,
}

impl Version {
    /// The acceptance that stands, if one does.
    pub fn accepted(&self) -> Option<&Acceptance> {
        self.acceptances.iter().rfind(|one| one.withdrawn.is_none())
    }
}

/// A version with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whose.
    pub employee: EmployeeId,
    /// Which version.
    pub version: Version,
    /// True while it is the newest.
    pub current: bool,
    /// What it says.
    pub facts: Facts,
}

/// How somebody accepted a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Signed on paper.
    Paper,
    /// Read and said so in person.
    InPerson,
    /// Sent as a letter and confirmed.
    Letter,
}

impl How {
    /// All ways, in the order of the form.
    pub const ALL: [How; 3] = [How::Paper, How::InPerson, How::Letter];

    /// The word in forms, in the API and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            How::Paper => "paper",
            How::InPerson => "in_person",
            How::Letter => "letter",
        }
    }

    /// Reads the word.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.name() == name)
    }
}

/// An acceptance to be noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAcceptance {
    /// How.
    pub how: How,
    /// On which day of the organization; today, if it is not said.
    pub on: Option<Day>,
}

/// Somebody has read a notice and said or signed so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// How.
    pub how: How,
    /// On which day.
    pub on: Day,
    /// When it was noted.
    pub noted_at: Timestamp,
    /// Login of whoever noted it.
    pub noted_by: String,
    /// Set when it does not count any more.
    pub withdrawn: Option<Withdrawal>,
}

/// Why an acceptance does not count any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Since when.
    pub at: Timestamp,
    /// Login of whoever noted it.
    pub by: String,
    /// In their words.
    pub reason: String,
}

/// How it stands with one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub employee: EmployeeId,
    /// The newest version.
    pub number: u32,
    /// Since when that one holds.
    pub since: Timestamp,
    /// On which day it was accepted; `None` while it was not.
    pub accepted_on: Option<Day>,
    /// The newest version that was accepted, if any was.
    pub last_accepted: Option<u32>,
}
