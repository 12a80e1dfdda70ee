//! How versions, their facts and acceptances are stored.

use nazorat_timeseries::Dataset;
use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Settings;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;

use crate::kernel::Day;
use crate::kernel::EmployeeId;
use crate::kernel::Role;
use crate::kernel::Timestamp;
use crate::notices::Acceptance;
use crate::notices::Facts;
use crate::notices::How;
use crate::notices::Kept;
use crate::notices::Version;
use crate::notices::Withdrawal;
use crate::store::Record;
use crate::store::Table;

/// The key sorts the versions of a person.
pub(super) const VERSIONS: Table<(EmployeeId, u32), VersionRecord> = Table::new("notices_v1");
/// By their checksum.
pub(super) const FACTS: Table<String, FactsRecord> = Table::new("notice_facts_v1");
pub(super) const ACCEPTANCES: Table<(EmployeeId, u32), AcceptancesRecord> = Table::new("notice_acceptances_v1");

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct VersionRecord {
    pub(super) since: Timestamp,
    pub(super) checksum: String,
    pub(super) organization: String,
    pub(super) contacts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FactsRecord {
    wording: u16,
    limits: Option<Settings>,
    keep: Vec<KeptRecord>,
    readers: Vec<Role>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    door_pictures: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptRecord {
    dataset: String,
    days: Option<u32>,
    archived: bool,
}

/// Each time that one version was accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AcceptancesRecord {
    pub(super) all: Vec<AcceptanceRecord>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AcceptanceRecord {
    how: String,
    on: Day,
    noted_at: Timestamp,
    noted_by: String,
    withdrawn: Option<WithdrawalRecord>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct WithdrawalRecord {
    at: Timestamp,
    by: String,
    reason: String,
}

impl Record for VersionRecord {}
impl Record for FactsRecord {}
impl Record for AcceptancesRecord {}

impl VersionRecord {
    pub(super) fn into_model(self, number: u32, acceptances: AcceptancesRecord) -> Version {
        let Self { since, checksum, organization, contacts } = self;
        let acceptances = acceptances.all.into_iter().map(Acceptance::from).collect();
        Version { number, since, checksum, organization, contacts, acceptances }
    }
}

impl FactsRecord {
    /// SHA-256 of the one text of these facts, in hexadecimal digits.
    pub(super) fn checksum(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        hex::encode(Sha256::digest(text))
    }

    pub(super) fn into_model(self) -> Facts {
        let limits = self.limits.map(|settings| Effective::of([(Layer::Organization, &settings)]).0);
        let kept = |kept: KeptRecord| {
            let dataset = Dataset::parse(&kept.dataset)?;
            Some(Kept { dataset, days: kept.days, archived: kept.archived })
        };
        let keep = self.keep.into_iter().filter_map(kept).collect();
        Facts { wording: self.wording, limits, keep, readers: self.readers, door_pictures: self.door_pictures }
    }
}

impl From<&Facts> for FactsRecord {
    fn from(facts: &Facts) -> Self {
        let kept = |kept: &Kept| KeptRecord {
            dataset: kept.dataset.name().to_owned(),
            days: kept.days,
            archived: kept.archived,
        };
        Self {
            wording: facts.wording,
            limits: facts.settings(),
            keep: facts.keep.iter().map(kept).collect(),
            readers: facts.readers.clone(),
            door_pictures: facts.door_pictures,
        }
    }
}

impl From<&Acceptance> for AcceptanceRecord {
    fn from(one: &Acceptance) -> Self {
        let withdrawn = one.withdrawn.clone();
        Self {
            how: one.how.name().to_owned(),
            on: one.on,
            noted_at: one.noted_at,
            noted_by: one.noted_by.clone(),
            withdrawn: withdrawn.map(|Withdrawal { at, by, reason }| WithdrawalRecord { at, by, reason }),
        }
    }
}

impl From<AcceptanceRecord> for Acceptance {
    fn from(record: AcceptanceRecord) -> Self {
        let withdrawn = record.withdrawn;
        Self {
            how: How::parse(&record.how).unwrap_or(How::Paper),
            on: record.on,
            noted_at: record.noted_at,
            noted_by: record.noted_by,
            withdrawn: withdrawn.map(|WithdrawalRecord { at, by, reason }| Withdrawal { at, by, reason }),
        }
    }
}

#[cfg(test)]
mod tests {
    use nazorat_timeseries::Dataset;
    use nazorat_wire::policy::WindowDetail;

    use super::ACCEPTANCES;
    use super::FACTS;
    use super::VERSIONS;
    use crate::kernel::Role;
    use crate::notices::How;

    #[test]
    fn version_1_is_still_readable() {
        let version = VERSIONS.fixture(1).into_model(2, ACCEPTANCES.fixture(1));
        assert_eq!((version.organization.as_str(), version.contacts.len()), ("Toshkent ofis", 1));
        let [first, second] = version.acceptances.as_slice() else { panic!("{version:?}") };
        assert_eq!(first.withdrawn.as_ref().unwrap().reason, "another person signed");
        assert_eq!((second.how, version.accepted()), (How::Letter, Some(second)));
        let facts = FACTS.fixture(1);
        // The checksum is over the bytes, so that they may not be written in another order.
        assert_eq!(facts.checksum(), "10054d24bbcf75cbd78867cff173b53621dd53f80fddfedb75caa4b0647bb515");
        let facts = facts.into_model();
        let limits = facts.limits.as_ref().unwrap();
        assert_eq!((limits.windows, limits.exclusions.len()), (WindowDetail::Title, 1));
        assert_eq!(facts.kept(Dataset::Screenshots).unwrap().days, Some(30));
        assert_eq!(facts.readers, [Role::Admin, Role::Hr]);
    }
}
