//! The verbs of resource groups: list, make, change, remove.

use crate::audit::Entry;
use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::ResourceGroupId;
use crate::kernel::fold;
use crate::policy::NewResourceGroup;
use crate::policy::Policy;
use crate::policy::PolicyError;
use crate::policy::ResourceGroup;
use crate::policy::records::GROUPS;
use crate::policy::records::GroupRecord;
use crate::policy::records::RULES;
use crate::store::Read;
use crate::store::StoreError;

/// The most groups that an organization can have.
const MOST: usize = 200;

impl Policy {
    /// All groups of an organization, in the order in which they were made.
    pub async fn groups(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<ResourceGroup>, PolicyError> {
        actor.require(Permission::ReadPolicies)?;
        self.store.tenant(actor.tenant(organization)?).read(|tx| Ok(list(tx)?)).await
    }

    /// The same at start. Blocks.
    pub fn groups_now(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<ResourceGroup>, PolicyError> {
        actor.require(Permission::ReadPolicies)?;
        self.store.tenant(actor.tenant(organization)?).read_now(|tx| Ok(list(tx)?))
    }

    /// Makes a group, or changes an old one. Rules that name it follow.
    pub async fn set_group(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        (id, new): (Option<ResourceGroupId>, NewResourceGroup),
    ) -> Result<ResourceGroup, PolicyError> {
        actor.require(Permission::EditPolicies)?;
        let store = self.store.tenant(actor.tenant(organization)?);
        let group = store.write(move |tx| {
            let all = list(tx)?;
            if all.iter().any(|one| Some(one.id) != id && fold(&one.name) == fold(&new.name)) {
                return Err(PolicyError::GroupNameTaken(new.name));
            }
            let id = match id {
                Some(id) if all.iter().any(|one| one.id == id) => id,
                Some(id) => return Err(PolicyError::UnknownGroup(id.to_string())),
                None if all.len() >= MOST => return Err(PolicyError::TooManyGroups),
                None => ResourceGroupId::new(tx.next_number(&GROUPS)?),
            };
            let record = GroupRecord::from(&new);
            tx.put(&GROUPS, &id, &record)?;
            Ok(record.into_model(id))
        });
        let group = group.await?;
        self.note_group(actor, (organization, &group), Entry::new("policy.set_group")).await;
        Ok(group)
    }

    /// Removes a group that no rule names, and tells which it was.
    pub async fn remove_group(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: ResourceGroupId,
    ) -> Result<ResourceGroup, PolicyError> {
        actor.require(Permission::EditPolicies)?;
        let store = self.store.tenant(actor.tenant(organization)?);
        let group = store.write(move |tx| {
            let found = tx.find(&GROUPS, &id)?.ok_or_else(|| PolicyError::UnknownGroup(id.to_string()))?;
            let rules = tx.list(&RULES)?.into_iter().filter(|(_, rule)| rule.group() == Some(id)).count();
            if rules > 0 {
                return Err(PolicyError::GroupInUse(rules));
            }
            tx.remove(&GROUPS, &id)?;
            Ok(found.into_model(id))
        });
        let group = group.await?;
        self.note_group(actor, (organization, &group), Entry::new("policy.remove_group")).await;
        Ok(group)
    }

    async fn note_group(&self, actor: &Actor, (organization, group): (OrganizationId, &ResourceGroup), entry: Entry) {
        let entry = entry.of(organization).on("resource_group", group.id).with("name", group.name.as_str());
        self.audit.record(actor, entry.with("members", group.members.len())).await;
    }
}

pub(super) fn list(tx: &impl Read) -> Result<Vec<ResourceGroup>, StoreError> {
    Ok(tx.list(&GROUPS)?.into_iter().map(|(id, record)| record.into_model(id)).collect())
}

/// The number of the group that is called so.
pub(super) fn named(tx: &impl Read, name: &str) -> Result<ResourceGroupId, PolicyError> {
    let found = list(tx)?.into_iter().find(|one| fold(&one.name) == fold(name));
    found.map(|one| one.id).ok_or_else(|| PolicyError::UnknownGroup(name.to_owned()))
}
