//! The verbs that only look: list, compare, explain, judge.

use std::sync::Arc;

use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Filter;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Settings;

use crate::kernel::Actor;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::PolicyId;
use crate::people::Directory;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::Chain;
use crate::policy::collection::Change;
use crate::policy::collection::CollectionPolicy;
use crate::policy::collection::Explained;
use crate::policy::collection::Policies;
use crate::policy::collection::PoliciesError;
use crate::policy::collection::Version;
use crate::policy::collection::changes::changes;
use crate::policy::collection::live::Released;
use crate::policy::collection::records;
use crate::policy::collection::records::POLICIES;
use crate::policy::collection::records::VERSIONS;
use crate::policy::collection::service::find;
use crate::store::Read as _;

impl Policies {
    /// All policies of an organization, in the order in which they were made.
    pub async fn list(
        &self,
        actor: &Actor,
        organization: OrganizationId,
    ) -> Result<Vec<CollectionPolicy>, PoliciesError> {
        actor.require(Permission::ReadPolicies)?;
        let store = self.store.tenant(actor.tenant(organization)?);
        let all = store.read(|tx| tx.list(&POLICIES)).await?;
        Ok(all.into_iter().map(|(id, record)| record.into_model(id)).collect())
    }

    /// One policy.
    pub async fn find(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
    ) -> Result<CollectionPolicy, PoliciesError> {
        actor.require(Permission::ReadPolicies)?;
        self.store.tenant(actor.tenant(organization)?).read(move |tx| Ok(find(tx, id)?.into_model(id))).await
    }

    /// All versions, the newest first.
    pub async fn versions(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
    ) -> Result<Vec<Version>, PoliciesError> {
        actor.require(Permission::ReadPolicies)?;
        let store = self.store.tenant(actor.tenant(organization)?);
        store
            .read(move |tx| {
                let newest = find(tx, id)?.version;
                let all = (1..=newest).rev().map(|number| records::version(tx, id, number));
                Ok(all.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
            })
            .await
    }

    /// What is different between two versions; 0 is before the first, and `None` the draft.
    pub async fn compare(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
        (from, to): (u32, Option<u32>),
    ) -> Result<Vec<Change>, PoliciesError> {
        actor.require(Permission::ReadPolicies)?;
        let store = self.store.tenant(actor.tenant(organization)?);
        store
            .read(move |tx| {
                let policy = find(tx, id)?;
                let of = |number: u32| match number {
                    0 => Ok(Settings::default()),
                    _ => match tx.find(&VERSIONS, &(id, number))? {
                        Some(version) => Ok(version.settings),
                        None => Err(PoliciesError::NoVersion(id, number)),
                    },
                };
                let after = match to {
                    Some(to) => of(to)?,
                    None => policy.draft.ok_or(PoliciesError::NoDraft)?.settings,
                };
                Ok(changes(&of(from)?, &after))
            })
            .await
    }

    /// What holds for a person, and who decided it.
    pub async fn explain(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
    ) -> Result<Explained, PoliciesError> {
        actor.require(Permission::ReadPolicies)?;
        let tenant = actor.tenant(organization)?;
        self.people.view(actor, organization).await?.employee(employee)?;
        let directory = self.people.directory(tenant).await?;
        let released = self.in_force(organization);
        let found = released.and_then(|released| released.effective(&chain(&directory, Some(employee)), ""));
        let nobody = || Effective::of(std::iter::empty::<(Layer, &Settings)>());
        let (effective, origins) = found.unwrap_or_else(nobody);
        Ok(Explained { effective, origins })
    }

    /// What is in force in an organization just now; `None` while nothing was released.
    pub fn in_force(&self, organization: OrganizationId) -> Option<Arc<Released>> {
        self.live.get().get(&organization).filter(|released| !released.is_empty()).cloned()
    }
}

impl Released {
    /// What judges events of a person on a computer, or of an account that belongs to nobody yet. `None` where nothing was
    /// decided.
    pub fn filter_for(
        &self,
        directory: &Directory,
        employee: Option<EmployeeId>,
        computer_uid: &str,
    ) -> Result<Option<Arc<Filter>>, String> {
        self.filter(&chain(directory, employee), computer_uid)
    }

    /// Who on the way from a person up has decided something, the nearest first.
    pub fn deciders(&self, directory: &Directory, employee: EmployeeId) -> Chain {
        let mut chain = chain(directory, Some(employee));
        chain.retain(|one| self.has_decided(*one));
        chain
    }
}

/// Who decides about somebody: the person, the departments from the nearest up, the organization.
pub fn chain(directory: &Directory, employee: Option<EmployeeId>) -> Chain {
    let department = employee.and_then(|id| directory.employee(id)?.department);
    let path = |id: DepartmentId| directory.departments().path(id).into_iter().rev().map(|one| one.id);
    employee
        .map(AppliesTo::Employee)
        .into_iter()
        .chain(department.into_iter().flat_map(path).map(AppliesTo::Department))
        .chain([AppliesTo::Organization])
        .collect()
}
