//! Which kinds of events exist, and how a file of them is named.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::month::Month;

/// A kind of events; each has its own folder, files and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dataset {
    /// Which window had the focus, and for how long.
    ActiveWindows,
    /// Which site was open in a browser, and for how long.
    VisitedSites,
    /// Metadata of screenshots; the pictures are kept in the file store.
    Screenshots,
    /// Logins, logouts, locks and unlocks.
    UserSessions,
    /// Whether keyboard and mouse were in use.
    InputActivity,
    /// Who passed which door, and what else terminals saw. The account of a row is the number of the device.
    AccessEvents,
    /// How gateways were, and when they and their agents came and went.
    GatewayStatus,
    /// How door terminals were. The account of a row is the number of the device.
    DeviceStatus,
    /// Events that could not be stored as what they said they were.
    RejectedEvents,
}

impl Dataset {
    /// All datasets, in a fixed order.
    pub const ALL: [Self; 9] = [
        Self::ActiveWindows,
        Self::VisitedSites,
        Self::Screenshots,
        Self::UserSessions,
        Self::InputActivity,
        Self::AccessEvents,
        Self::GatewayStatus,
        Self::DeviceStatus,
        Self::RejectedEvents,
    ];

    /// The name in folders, API and configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::ActiveWindows => "active_windows",
            Self::VisitedSites => "visited_sites",
            Self::Screenshots => "screenshots",
            Self::UserSessions => "user_sessions",
            Self::InputActivity => "input_activity",
            Self::AccessEvents => "access_events",
            Self::GatewayStatus => "gateway_status",
            Self::DeviceStatus => "device_status",
            Self::RejectedEvents => "rejected_events",
        }
    }

    /// Reads a name written by [`Dataset::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dataset| dataset.name() == name)
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where events of one organization, dataset and month belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionKey {
    /// The organization's number.
    pub organization: u32,
    /// The kind of events.
    pub dataset: Dataset,
    /// The UTC month of the events' own time.
    pub month: Month,
}

impl fmt::Display for PartitionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.organization, self.dataset, self.month)
    }
}

/// One file: a month may have several generations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId {
    /// Organization, dataset and month.
    pub key: PartitionKey,
    /// Counts up from 1 within the month.
    pub generation: u32,
}

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-g{}", self.key, self.generation)
    }
}

/// The file name of a partition: month, generation, and how often it was rewritten.
pub(crate) fn file_name(month: Month, generation: u32, revision: u32) -> String {
    let mut name = month.to_string();
    if generation > 1 {
        name.push_str(&format!("-g{generation}"));
    }
    if revision > 1 {
        name.push_str(&format!("-r{revision}"));
    }
    name.push_str(".duckdb");
    name
}

/// Reads a name written by [`file_name`].
pub(crate) fn parse_file_name(name: &str) -> Option<(Month, u32, u32)> {
    let stem = name.strip_suffix(".duckdb")?;
    let month = Month::parse(stem.get(..7)?)?;
    let (mut generation, mut revision) = (1, 1);
    for part in stem.get(7..)?.split('-').skip(1) {
        match part.split_at_checked(1)? {
            ("g", number) => generation = number.parse().ok()?,
            ("r", number) => revision = number.parse().ok()?,
            _ => return None,
        }
    }
    (file_name(month, generation, revision) == name).then_some((month, generation, revision))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dataset_is_found_by_its_name() {
        for dataset in Dataset::ALL {
            assert_eq!(Dataset::parse(dataset.name()), Some(dataset));
        }
        assert_eq!(Dataset::parse("x"), None);
    }

    #[test]
    fn file_names_are_read_back_and_nothing_else_is() {
        let month = Month::parse("2026-11").unwrap();
        for (generation, revision) in [(1, 1), (2, 1), (1, 2), (12, 34)] {
            let name = file_name(month, generation, revision);
            assert_eq!(parse_file_name(&name), Some((month, generation, revision)), "{name}");
        }
        for name in [
            "2026-11-g1.duckdb",
            "2026-11-x2.duckdb",
            "2026-11.duckdb.wal",
            "x.duckdb",
            "2026-11g2.duckdb",
            "2026-11-.duckdb",
        ] {
            assert_eq!(parse_file_name(name), None, "{name}");
        }
    }
}
