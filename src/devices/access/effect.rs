//! What groups come to: how many people at how many devices, what a removal would change, and by which groups somebody
//! passes.

use std::collections::BTreeSet;

use crate::devices::Devices;
use crate::devices::DevicesError;
use crate::devices::access::AccessGroup;
use crate::devices::access::AccessGroupInput;
use crate::devices::access::Gates;
use crate::devices::access::Reach;
use crate::devices::access::rules;
use crate::devices::access::service::groups;
use crate::devices::gates::gates;
use crate::devices::model::Device;
use crate::devices::model::Gate;
use crate::devices::service::devices;
use crate::devices::staff::passes;
use crate::kernel::AccessGroupId;
use crate::kernel::Actor;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::people::Directory;

/// What a group comes to by itself, whatever others say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effect {
    /// How many belong to it.
    pub people: usize,
    /// How many of them have no personnel number, so that no device can know them.
    pub unnumbered: usize,
    /// To how many gates it leads.
    pub gates: usize,
    /// How many devices stand there.
    pub devices: usize,
    /// How many of those keep their people themselves.
    pub left: usize,
}

/// What it would mean to remove a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// Which one.
    pub group: AccessGroup,
    /// How many may not pass somewhere any more.
    pub people: usize,
    /// Gates to which no other group leads: whoever their devices know may go on.
    pub left: Vec<Gate>,
}

/// A gate that somebody may pass, and by which groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The gate.
    pub gate: Gate,
    /// The groups that lead there.
    pub groups: Vec<AccessGroup>,
}

impl Devices {
    /// What groups come to, whether they are made already or not.
    pub async fn effects(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        inputs: &[AccessGroupInput],
    ) -> Result<Vec<Effect>, DevicesError> {
        let tenant = self.whole(actor, organization)?;
        let directory = self.0.people.directory(tenant).await?;
        let store = self.0.store.tenant(tenant);
        let (devices, gates) = store.read(|tx| Ok::<_, DevicesError>((devices(tx)?, gates(tx)?))).await?;
        Ok(inputs.iter().map(|input| effect(input, &directory, (&devices, &gates))).collect())
    }

    /// What it would mean to remove a group.
    pub async fn removal_of(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: AccessGroupId,
    ) -> Result<Removal, DevicesError> {
        let tenant = self.whole(actor, organization)?;
        let directory = self.0.people.directory(tenant).await?;
        let store = self.0.store.tenant(tenant);
        let (groups, gates) = store.read(|tx| Ok::<_, DevicesError>((groups(tx)?, gates(tx)?))).await?;
        let group = groups.iter().find(|group| group.id == id).cloned().ok_or(DevicesError::UnknownGroup(id))?;
        let others: Vec<AccessGroup> = groups.iter().filter(|other| other.id != id).cloned().collect();
        let (before, after) = (Reach::of(&groups, &directory), Reach::of(&others, &directory));
        let own = gates.into_iter().filter(|gate| group.gates.contains(gate.id));
        let (kept, left): (Vec<Gate>, Vec<Gate>) = own.partition(|gate| after.leads_to(gate.id));
        let loses = |(before, after): (Gates, Gates)| {
            kept.iter().any(|gate| before.contains(gate.id) && !after.contains(gate.id))
        };
        let employees = directory.employees().map(|employee| (before.gates_of(employee), after.gates_of(employee)));
        Ok(Removal { people: employees.filter(|gates| loses(gates.clone())).count(), group, left })
    }

    /// The gates that somebody may pass, in the order of all gates, and by which groups.
    pub async fn ways_of(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
    ) -> Result<Vec<Way>, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::ReadCredentials)?;
        let view = self.0.people.view(actor, organization).await.map_err(DevicesError::from)?;
        view.employee(employee).map_err(|_| DevicesError::UnknownEmployee(employee))?;
        let directory = self.0.people.directory(tenant).await?;
        let store = self.0.store.tenant(tenant);
        let (groups, gates) = store.read(|tx| Ok::<_, DevicesError>((groups(tx)?, gates(tx)?))).await?;
        let Some(employee) = directory.employee(employee) else { return Ok(Vec::new()) };
        let reach = Reach::of(&groups, &directory);
        let way = |gate: Gate| {
            let leading = reach.groups_of(employee).filter(|group| group.gates.contains(gate.id));
            let groups: Vec<AccessGroup> = leading.cloned().collect();
            (!groups.is_empty()).then_some(Way { gate, groups })
        };
        Ok(gates.into_iter().filter_map(way).collect())
    }
}

fn effect(input: &AccessGroupInput, directory: &Directory, (devices, gates): (&[Device], &[Gate])) -> Effect {
    let below = rules::below(&input.members, directory);
    let people = directory.employees().filter(|one| rules::belongs(&input.members, &below, one));
    let numbered: Vec<bool> = people.map(|one| one.personnel_number.is_some()).collect();
    let known: BTreeSet<GateId> = gates.iter().map(|gate| gate.id).collect();
    let at_them: Vec<&Device> = devices.iter().filter(|device| passes(device, &input.gates)).collect();
    Effect {
        people: numbered.len(),
        unnumbered: numbered.iter().filter(|has| !**has).count(),
        gates: known.iter().filter(|gate| input.gates.contains(**gate)).count(),
        devices: at_them.len(),
        left: at_them.iter().filter(|device| !device.manages_people).count(),
    }
}
