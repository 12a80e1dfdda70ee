//! The verbs about groups.

use std::collections::BTreeSet;

use crate::audit::Entry;
use crate::devices::Devices;
use crate::devices::DevicesError;
use crate::devices::access::AccessGroup;
use crate::devices::access::AccessGroupInput;
use crate::devices::access::records::GROUPS;
use crate::devices::access::records::GroupRecord;
use crate::devices::access::rules;
use crate::devices::model::Gate;
use crate::devices::records::GATES;
use crate::identity::DisplayName;
use crate::kernel::AccessGroupId;
use crate::kernel::Actor;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Tenant;
use crate::kernel::fold;
use crate::store::Read;
use crate::store::StoreError;
use crate::store::WriteTx;

/// Groups that one organization may have.
const MOST: usize = 200;

impl Devices {
    /// The groups of an organization, in the order in which they were made.
    pub async fn access_groups(
        &self,
        actor: &Actor,
        organization: OrganizationId,
    ) -> Result<Vec<AccessGroup>, DevicesError> {
        let tenant = self.whole(actor, organization)?;
        Ok(self.0.store.tenant(tenant).read(|tx| groups(tx)).await?)
    }

    /// One of them.
    pub async fn access_group(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: AccessGroupId,
    ) -> Result<AccessGroup, DevicesError> {
        let tenant = self.whole(actor, organization)?;
        let found = self.0.store.tenant(tenant).read(move |tx| tx.find(&GROUPS, &id)).await?;
        Ok(found.ok_or(DevicesError::UnknownGroup(id))?.to_model(id))
    }

    /// Makes a group.
    pub async fn add_access_group(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        input: AccessGroupInput,
    ) -> Result<AccessGroup, DevicesError> {
        self.put_group((actor, organization), "access_group.add", None, input).await
    }

    /// Changes a group: the devices follow.
    pub async fn change_access_group(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: AccessGroupId,
        input: AccessGroupInput,
    ) -> Result<AccessGroup, DevicesError> {
        self.put_group((actor, organization), "access_group.change", Some(id), input).await
    }

    /// Removes a group. Gates to which no other one leads are left as they are.
    pub async fn remove_access_group(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: AccessGroupId,
    ) -> Result<(), DevicesError> {
        let tenant = self.whole(actor, organization)?;
        let group = self
            .write(tenant, move |tx| {
                let record = tx.find(&GROUPS, &id)?.ok_or(DevicesError::UnknownGroup(id))?;
                tx.remove(&GROUPS, &id)?;
                Ok(record.to_model(id))
            })
            .await?;
        self.note_group((actor, organization), "access_group.remove", &group).await;
        Ok(())
    }

    /// The gates that somebody may pass, in the order of all gates.
    pub async fn gates_of(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
    ) -> Result<Vec<Gate>, DevicesError> {
        let ways = self.ways_of(actor, organization, employee).await?;
        Ok(ways.into_iter().map(|way| way.gate).collect())
    }

    async fn put_group(
        &self,
        (actor, organization): (&Actor, OrganizationId),
        action: &'static str,
        known: Option<AccessGroupId>,
        input: AccessGroupInput,
    ) -> Result<AccessGroup, DevicesError> {
        let tenant = self.whole(actor, organization)?;
        let directory = self.0.people.directory(tenant).await?;
        let group = self
            .write(tenant, move |tx| {
                let all = tx.list(&GROUPS)?;
                let id = match known {
                    Some(id) if all.iter().any(|(other, _)| *other == id) => id,
                    Some(id) => return Err(DevicesError::UnknownGroup(id)),
                    None if all.len() >= MOST => return Err(DevicesError::TooMany(MOST)),
                    None => AccessGroupId::new(tx.next_number(&GROUPS)?),
                };
                let record = record(&all, id, input)?;
                let exists: BTreeSet<GateId> = tx.list(&GATES)?.into_iter().map(|(id, _)| id).collect();
                rules::check(&record.to_model(id), &exists, &directory)?;
                tx.put(&GROUPS, &id, &record)?;
                Ok(record.to_model(id))
            })
            .await?;
        self.note_group((actor, organization), action, &group).await;
        Ok(group)
    }

    /// Groups name people of the whole organization: they are for those who see all of it.
    pub(super) fn whole(&self, actor: &Actor, organization: OrganizationId) -> Result<Tenant, DevicesError> {
        self.tenant(actor, organization, Permission::EditCredentials)
    }

    async fn note_group(
        &self,
        (actor, organization): (&Actor, OrganizationId),
        action: &'static str,
        group: &AccessGroup,
    ) {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let gates = if group.gates.all { "all".to_owned() } else { group.gates.some.len().to_string() };
        let mut entry = Entry::new(action).of(organization).on("access_group", group.id);
        entry = entry.with("name", group.name.as_str()).with("gates", gates).with("everyone", group.members.everyone);
        entry = entry.with("departments", count(group.members.departments.len()));
        self.0.audit.record(actor, entry.with("employees", count(group.members.employees.len()))).await;
    }
}

fn record(
    all: &[(AccessGroupId, GroupRecord)],
    id: AccessGroupId,
    input: AccessGroupInput,
) -> Result<GroupRecord, DevicesError> {
    let name = DisplayName::parse(&input.name)?;
    if all.iter().any(|(other, group)| *other != id && fold(&group.name) == fold(name.as_str())) {
        return Err(DevicesError::NameTaken(name.to_string()));
    }
    Ok(GroupRecord { name: name.to_string(), members: input.members, gates: input.gates })
}

pub(in crate::devices) fn groups(tx: &impl Read) -> Result<Vec<AccessGroup>, StoreError> {
    Ok(tx.list(&GROUPS)?.into_iter().map(|(id, record)| record.to_model(id)).collect())
}

/// A gate that is removed leaves no group behind that names it.
pub(in crate::devices) fn forget_gate(tx: &WriteTx<'_>, gate: GateId) -> Result<(), StoreError> {
    for (id, mut record) in tx.list(&GROUPS)? {
        if record.gates.some.remove(&gate) {
            tx.put(&GROUPS, &id, &record)?;
        }
    }
    Ok(())
}
