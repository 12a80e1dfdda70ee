//! The nouns of retention.

use std::collections::BTreeMap;

use nazorat_timeseries::Dataset;

use crate::kernel::Timestamp;

/// What happens to events that are too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Action {
    /// They are deleted.
    #[default]
    Delete,
    /// They are written to an archive in the file store, then deleted.
    Archive,
}

impl Action {
    /// The word in the API and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Action::Delete => "delete",
            Action::Archive => "archive",
        }
    }

    /// Reads the word.
    pub fn parse(name: &str) -> Option<Self> {
        [Action::Delete, Action::Archive].into_iter().find(|action| action.name() == name)
    }
}

/// How long one dataset is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// In days; `None` for ever.
    pub days: Option<u32>,
    /// What then.
    pub action: Action,
}

/// The settings of one organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    keep: BTreeMap<Dataset, Keep>,
    cap_bytes: Option<u64>,
}

/// Settings that make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Too short or too long.
    #[error("days must be from 1 to 3650, or nothing for ever")]
    Days,
    /// A cap below which nothing works.
    #[error("a cap must be at least 100 MB")]
    Cap,
}

impl Settings {
    /// The least that a cap may be.
    pub const LEAST_CAP: u64 = 100_000_000;

    /// How long a dataset is kept.
    pub fn of(&self, dataset: Dataset) -> Keep {
        self.keep.get(&dataset).copied().unwrap_or(Keep { days: default_days(dataset), action: Action::Delete })
    }

    /// The most that the organization's events may take.
    pub const fn cap_bytes(&self) -> Option<u64> {
        self.cap_bytes
    }

    /// Changes how long a dataset is kept.
    pub fn keep(mut self, dataset: Dataset, keep: Keep) -> Result<Self, SettingsError> {
        if keep.days.is_some_and(|days| !(1..=3650).contains(&days)) {
            return Err(SettingsError::Days);
        }
        self.keep.insert(dataset, keep);
        Ok(self)
    }

    /// Changes the cap.
    pub fn cap(self, cap_bytes: Option<u64>) -> Result<Self, SettingsError> {
        if cap_bytes.is_some_and(|cap| cap < Self::LEAST_CAP) {
            return Err(SettingsError::Cap);
        }
        Ok(Self { cap_bytes, ..self })
    }
}

const fn default_days(dataset: Dataset) -> Option<u32> {
    match dataset {
        Dataset::ActiveWindows | Dataset::VisitedSites | Dataset::InputActivity => Some(90),
        Dataset::Screenshots | Dataset::GatewayStatus | Dataset::DeviceStatus | Dataset::RejectedEvents => Some(30),
        Dataset::UserSessions => Some(365),
        Dataset::AccessEvents => None,
    }
}

/// What a run would remove of one dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Of which.
    pub dataset: Dataset,
    /// How many events.
    pub rows: u64,
    /// How much space, about.
    pub bytes: u64,
    /// The oldest that goes.
    pub oldest: Option<Timestamp>,
    /// The newest that goes.
    pub newest: Option<Timestamp>,
}

/// What a run removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// Events.
    pub rows: u64,
    /// Files of screenshots.
    pub files: u64,
    /// What could not be removed and will be tried again.
    pub failed: u64,
}

/// What one dataset takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetUsage {
    /// Which.
    pub dataset: Dataset,
    /// Events.
    pub rows: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// The oldest event.
    pub oldest: Option<Timestamp>,
    /// The newest event.
    pub newest: Option<Timestamp>,
    /// Files, and how many of them were set aside.
    pub partitions: u64,
    /// Files that could not be read and were set aside.
    pub set_aside: u64,
}

/// What an organization takes on the disk, and for how long that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// By dataset.
    pub datasets: Vec<DatasetUsage>,
    /// Size of the disk under the data folder.
    pub disk_bytes: u64,
    /// What is free of it.
    pub free_bytes: u64,
    /// How much comes in a day.
    pub growth_per_day: u64,
    /// In how many days the disk is full at this pace; `None` when retention keeps it from filling or nothing grows.
    pub full_in_days: Option<u32>,
}
