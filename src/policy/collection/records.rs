//! How policies and their versions are stored.

use nazorat_wire::policy::Settings;
use serde::Deserialize;
use serde::Serialize;

use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::PolicyId;
use crate::kernel::Timestamp;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::CollectionPolicy;
use crate::policy::collection::Draft;
use crate::policy::collection::Rollout;
use crate::policy::collection::Version;
use crate::policy::collection::changes::changes;
use crate::policy::collection::changes::requires_restart;
use crate::policy::collection::live::InForce;
use crate::store::Read;
use crate::store::Record;
use crate::store::StoreError;
use crate::store::Table;

pub(super) const POLICIES: Table<PolicyId, PolicyRecord> = Table::new("policies_v1");
/// The key sorts the versions of a policy.
pub(super) const VERSIONS: Table<(PolicyId, u32), VersionRecord> = Table::new("policy_versions_v1");
/// What makes fingerprints of one organization worth nothing to another.
pub(super) const SALTS: Table<(), SaltRecord> = Table::new("policy_salts_v1");

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PolicyRecord {
    pub(super) of: StoredTarget,
    pub(super) version: u32,
    pub(super) since: Option<Timestamp>,
    pub(super) draft: Option<DraftRecord>,
    #[serde(default)]
    pub(super) rollout: Option<Rollout>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::policy) enum StoredTarget {
    #[default]
    Organization,
    Department(u32),
    Employee(u32),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DraftRecord {
    pub(super) settings: Settings,
    pub(super) changed_at: Timestamp,
    pub(super) changed_by: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct VersionRecord {
    pub(super) settings: Settings,
    pub(super) checksum: String,
    pub(super) author: String,
    pub(super) reason: String,
    pub(super) released_at: Timestamp,
    pub(super) brought_back: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SaltRecord {
    pub(super) salt: String,
}

impl Record for PolicyRecord {}
impl Record for VersionRecord {}
impl Record for SaltRecord {}

impl From<AppliesTo> for StoredTarget {
    fn from(applies_to: AppliesTo) -> Self {
        match applies_to {
            AppliesTo::Organization => Self::Organization,
            AppliesTo::Department(id) => Self::Department(id.get()),
            AppliesTo::Employee(id) => Self::Employee(id.get()),
        }
    }
}

impl From<StoredTarget> for AppliesTo {
    fn from(stored: StoredTarget) -> Self {
        match stored {
            StoredTarget::Organization => Self::Organization,
            StoredTarget::Department(id) => Self::Department(DepartmentId::new(id)),
            StoredTarget::Employee(id) => Self::Employee(EmployeeId::new(id)),
        }
    }
}

impl PolicyRecord {
    pub(super) fn into_model(self, id: PolicyId) -> CollectionPolicy {
        let draft = self.draft.map(|draft| Draft {
            settings: draft.settings,
            changed_at: draft.changed_at,
            changed_by: draft.changed_by,
        });
        let Self { of, version, since, rollout, .. } = self;
        CollectionPolicy { id, applies_to: of.into(), version, since, draft, rollout }
    }
}

/// A version together with what is different from the one before.
pub(super) fn version(tx: &impl Read, id: PolicyId, number: u32) -> Result<Option<Version>, StoreError> {
    let Some(found) = tx.find(&VERSIONS, &(id, number))? else { return Ok(None) };
    let before = match number.checked_sub(1) {
        Some(before) => tx.find(&VERSIONS, &(id, before))?,
        None => None,
    };
    let before = before.map(|record| record.settings).unwrap_or_default();
    Ok(Some(Version {
        number,
        checksum: found.checksum,
        author: found.author,
        reason: found.reason,
        released_at: found.released_at,
        brought_back: found.brought_back,
        changes: changes(&before, &found.settings),
        requires_restart: requires_restart(&before, &found.settings),
        settings: found.settings,
    }))
}

/// What is in force of all policies of an organization.
pub(super) fn released(tx: &impl Read) -> Result<Vec<(AppliesTo, InForce)>, StoreError> {
    let mut all = Vec::new();
    for (id, policy) in tx.list(&POLICIES)? {
        let of = |number| Ok::<_, StoreError>(tx.find(&VERSIONS, &(id, number))?.map(|version| version.settings));
        let Some(newest) = of(policy.version)? else { continue };
        let in_force = match policy.rollout.filter(|rollout| !rollout.is_over()) {
            None => InForce { everybody: Some(newest), early: None },
            Some(rollout) => InForce { everybody: of(rollout.before)?, early: Some((newest, rollout.early)) },
        };
        all.push((policy.of.into(), in_force));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::POLICIES;
    use super::SALTS;
    use super::VERSIONS;
    use crate::kernel::DepartmentId;
    use crate::kernel::PolicyId;
    use crate::policy::collection::AppliesTo;

    #[test]
    fn version_1_is_still_readable() {
        let policy = POLICIES.fixture(1).into_model(PolicyId::new(4));
        assert_eq!((policy.applies_to, policy.version), (AppliesTo::Department(DepartmentId::new(3)), 2));
        assert_eq!(policy.draft.unwrap().settings.idle_minutes, Some(5));
        let version = VERSIONS.fixture(1);
        assert_eq!((version.author.as_str(), version.brought_back), ("malika", Some(1)));
        assert_eq!(version.settings.exclusions.len(), 1);
        assert_eq!(SALTS.fixture(1).salt.len(), 32);
    }
}
