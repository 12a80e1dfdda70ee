//! How retention is stored.

use std::collections::BTreeMap;

use nazorat_timeseries::Dataset;
use serde::Deserialize;
use serde::Serialize;

use crate::kernel::Timestamp;
use crate::retention::Action;
use crate::retention::Keep;
use crate::retention::Settings;
use crate::store::Record;
use crate::store::Table;

pub(super) const SETTINGS: Table<(), SettingsRecord> = Table::new("retention_v1");
pub(super) const RUNS: Table<(), RunRecord> = Table::new("retention_runs_v1");

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SettingsRecord {
    #[serde(default)]
    keep: BTreeMap<String, KeepRecord>,
    #[serde(default)]
    cap_bytes: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeepRecord {
    days: Option<u32>,
    action: String,
}

impl Record for SettingsRecord {}

/// When the keeper last looked, and when it last removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RunRecord {
    #[serde(default)]
    pub(super) last_seen: Option<Timestamp>,
    #[serde(default)]
    pub(super) last_run: Option<Timestamp>,
}

impl Record for RunRecord {}

impl From<&Settings> for SettingsRecord {
    fn from(settings: &Settings) -> Self {
        let keep = Dataset::ALL.into_iter().map(|dataset| {
            let keep = settings.of(dataset);
            (dataset.name().to_owned(), KeepRecord { days: keep.days, action: keep.action.name().to_owned() })
        });
        Self { keep: keep.collect(), cap_bytes: settings.cap_bytes() }
    }
}

impl From<SettingsRecord> for Settings {
    fn from(record: SettingsRecord) -> Self {
        let mut settings = Settings::default().cap(record.cap_bytes).unwrap_or_default();
        for (name, keep) in record.keep {
            let Some(dataset) = Dataset::parse(&name) else { continue };
            let action = Action::parse(&keep.action).unwrap_or_default();
            // What was stored was valid when it was stored; a bound that became narrower keeps the data.
            settings = settings.clone().keep(dataset, Keep { days: keep.days, action }).unwrap_or(settings);
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use nazorat_timeseries::Dataset;

    use super::SettingsRecord;
    use crate::retention::Action;
    use crate::retention::Keep;
    use crate::retention::Settings;

    #[test]
    fn settings_come_back_from_the_store() {
        let keep = Keep { days: None, action: Action::Archive };
        let settings = Settings::default().keep(Dataset::UserSessions, keep).unwrap().cap(Some(1 << 40)).unwrap();
        let bytes = serde_json::to_vec(&SettingsRecord::from(&settings)).unwrap();
        let back: SettingsRecord = serde_json::from_slice(&bytes).unwrap();
        let back = Settings::from(back);
        assert_eq!(back.of(Dataset::UserSessions), keep);
        assert_eq!(back.of(Dataset::ActiveWindows).days, Some(90));
        assert_eq!(back.cap_bytes(), Some(1 << 40));
    }

    #[test]
    fn bytes_of_version_1_stay_readable() {
        let kept = br#"{"keep":{"active_windows":{"days":30,"action":"delete"}},"cap_bytes":null}"#;
        let settings = Settings::from(serde_json::from_slice::<SettingsRecord>(kept).unwrap());
        assert_eq!(settings.of(Dataset::ActiveWindows).days, Some(30));
    }
}
