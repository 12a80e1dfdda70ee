//! Pure decisions about organizations.

use crate::kernel::OrganizationId;
use crate::tenancy::model::Organization;
use crate::tenancy::model::OrganizationName;
use crate::tenancy::model::State;

/// True when another organization already has this name. One that is on its way out does not hold its name.
pub(super) fn is_taken(name: &OrganizationName, by_others_than: Option<OrganizationId>, all: &[Organization]) -> bool {
    let folded = name.folded();
    all.iter().any(|other| {
        Some(other.id) != by_others_than && other.state != State::Removing && other.settings.name.folded() == folded
    })
}
