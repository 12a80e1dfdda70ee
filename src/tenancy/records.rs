//! Organizations as they are stored.

use crate::kernel::Language;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::store::Record;
use crate::store::Table;
use crate::tenancy::model::Organization;
use crate::tenancy::model::OrganizationName;
use crate::tenancy::model::Settings;
use crate::tenancy::model::State;

pub(super) const ORGANIZATIONS: Table<OrganizationId, OrganizationRecord> = Table::new("organizations_v1");

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct OrganizationRecord {
    name: String,
    time_zone: String,
    language: Language,
    state: StoredState,
    created_at: Timestamp,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredState {
    Active,
    Inactive,
    Removing,
}

impl Record for OrganizationRecord {}

impl From<&Organization> for OrganizationRecord {
    fn from(organization: &Organization) -> Self {
        Self {
            name: organization.settings.name.to_string(),
            time_zone: organization.settings.zone.name().to_owned(),
            language: organization.settings.language,
            state: match organization.state {
                State::Active => StoredState::Active,
                State::Inactive => StoredState::Inactive,
                State::Removing => StoredState::Removing,
            },
            created_at: organization.created_at,
        }
    }
}

impl OrganizationRecord {
    pub(super) fn into_model(self, id: OrganizationId) -> Organization {
        let name = OrganizationName::parse(&self.name).or_else(|_| OrganizationName::parse(&format!("No. {id}")));
        Organization {
            id,
            settings: Settings {
                name: name.expect("a number after a word is a name"),
                // A zone that left the database must not make the organization unreadable.
                zone: Zone::parse(&self.time_zone).unwrap_or_default(),
                language: self.language,
            },
            state: match self.state {
                StoredState::Active => State::Active,
                StoredState::Inactive => State::Inactive,
                StoredState::Removing => State::Removing,
            },
            created_at: self.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ORGANIZATIONS;
    use crate::kernel::OrganizationId;

    #[test]
    fn version_1_is_still_readable() {
        let organization = ORGANIZATIONS.fixture(1).into_model(OrganizationId::new(1));
        assert_eq!(organization.name(), "Registon Savdo");
        assert_eq!(organization.settings.zone.name(), "Asia/Tashkent");
        assert!(organization.is_active());
    }
}
