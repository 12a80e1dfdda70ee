//! Settings held against what is in force before they hold: what stands above a policy, and what they would change.

use std::sync::Arc;

use nazorat_wire::policy::Exclusion;
use nazorat_wire::policy::Filter;

use crate::kernel::Actor;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::PolicyId;
use crate::people::Directory;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::Chain;
use crate::policy::collection::Explained;
use crate::policy::collection::Policies;
use crate::policy::collection::PoliciesError;
use crate::policy::collection::chain;
use crate::policy::collection::live::Released;

/// The computer that stands for all of them, but those that have a version early.
const EVERYWHERE: &str = "";

/// What would hold if a draft were in force.
#[derive(Debug)]
pub struct Trial {
    policy: PolicyId,
    applies_to: AppliesTo,
    before: Option<Arc<Released>>,
    after: Released,
}

/// What judges events of a person: as it is, and as it would be.
#[derive(Debug, Clone)]
pub struct Judges {
    /// What is in force; `None` where nothing was decided yet, so that everything is kept.
    pub before: Option<Arc<Filter>>,
    /// What would be.
    pub after: Arc<Filter>,
    /// The exclusions that would hold, in the order in which a ruling counts them.
    pub exclusions: Vec<Exclusion>,
}

impl Trial {
    /// Settings for an organization in which nothing is in force.
    #[cfg(test)]
    pub(crate) fn of_organization(settings: nazorat_wire::policy::Settings) -> Self {
        let applies_to = AppliesTo::Organization;
        let after = Released::default().with(applies_to, Some(settings));
        Self { policy: PolicyId::new(1), applies_to, before: None, after }
    }

    /// Which policy is tried.
    pub const fn policy(&self) -> PolicyId {
        self.policy
    }

    /// Of whom it is.
    pub const fn applies_to(&self) -> AppliesTo {
        self.applies_to
    }

    /// Whether anything is in force already, so that events of the past may have been cut down by it.
    pub const fn follows_another(&self) -> bool {
        self.before.is_some()
    }

    /// Who would judge events of a person, or of an account that belongs to nobody; `None` where this policy has no say.
    pub fn judges(&self, directory: &Directory, employee: Option<EmployeeId>) -> Result<Option<Judges>, String> {
        let chain = chain(directory, employee);
        if !chain.contains(&self.applies_to) {
            return Ok(None);
        }
        let before = match &self.before {
            Some(released) => released.filter(&chain, EVERYWHERE)?,
            None => None,
        };
        let Some(after) = self.after.filter(&chain, EVERYWHERE)? else { return Ok(None) };
        let exclusions = self.after.effective(&chain, EVERYWHERE).map(|(effective, _)| effective.exclusions);
        Ok(Some(Judges { before, after, exclusions: exclusions.unwrap_or_default() }))
    }
}

impl Policies {
    /// What holds where a policy decides nothing: what those above it have decided, if anybody has.
    pub async fn inherited(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        applies_to: AppliesTo,
    ) -> Result<Option<Explained>, PoliciesError> {
        actor.require(Permission::ReadPolicies)?;
        let directory = self.people.directory(actor.tenant(organization)?).await?;
        let above = above(&directory, applies_to);
        let found = self.in_force(organization).and_then(|released| released.effective(&above, EVERYWHERE));
        Ok(found.map(|(effective, origins)| Explained { effective, origins }))
    }

    /// A draft, ready to be held against what has happened.
    pub async fn trial(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
    ) -> Result<Trial, PoliciesError> {
        let policy = self.find(actor, organization, id).await?;
        let settings = policy.draft.ok_or(PoliciesError::NoDraft)?.settings;
        settings.check()?;
        let before = self.in_force(organization);
        let nothing = Released::default();
        let after = before.as_deref().unwrap_or(&nothing).with(policy.applies_to, Some(settings));
        Ok(Trial { policy: id, applies_to: policy.applies_to, before, after })
    }
}

/// Who decides where a policy does not, the nearest first.
fn above(directory: &Directory, applies_to: AppliesTo) -> Chain {
    match applies_to {
        AppliesTo::Organization => Chain::new(),
        AppliesTo::Employee(employee) => chain(directory, Some(employee)).split_off(1),
        AppliesTo::Department(department) => {
            let path = directory.departments().path(department).into_iter().rev().map(|one| one.id);
            let path = path.filter(|id| *id != department).map(AppliesTo::Department);
            path.chain([AppliesTo::Organization]).collect()
        }
    }
}
