//! Which gates somebody may pass, and what a group may say.

use std::collections::BTreeSet;

use crate::devices::DevicesError;
use crate::devices::access::AccessGroup;
use crate::devices::access::Gates;
use crate::devices::access::Members;
use crate::kernel::DepartmentId;
use crate::kernel::GateId;
use crate::people::Directory;
use crate::people::Employee;
use crate::people::State;

/// All groups of an organization, with the departments of each counted out.
pub(in crate::devices) struct Reach<'a> {
    groups: Vec<(&'a AccessGroup, BTreeSet<DepartmentId>)>,
}

impl<'a> Reach<'a> {
    pub(in crate::devices) fn of(groups: &'a [AccessGroup], directory: &Directory) -> Self {
        let whole = |group: &'a AccessGroup| (group, below(&group.members, directory));
        Self { groups: groups.iter().map(whole).collect() }
    }

    /// The groups to which somebody belongs. Who does not work here any more belongs to none.
    pub(in crate::devices) fn groups_of(&self, employee: &Employee) -> impl Iterator<Item = &'a AccessGroup> {
        let own = self.groups.iter().filter(|(group, below)| belongs(&group.members, below, employee));
        own.map(|(group, _)| *group)
    }

    /// The gates that somebody may pass. Who does not work here any more passes none.
    pub(in crate::devices) fn gates_of(&self, employee: &Employee) -> Gates {
        let mut gates = Gates::default();
        for group in self.groups_of(employee) {
            gates.all |= group.gates.all;
            gates.some.extend(&group.gates.some);
        }
        gates
    }

    /// Whether any group leads to a gate, whoever belongs to it.
    pub(in crate::devices) fn leads_to(&self, gate: GateId) -> bool {
        self.groups.iter().any(|(group, _)| group.gates.contains(gate))
    }
}

/// The departments that members name, with all below them.
pub(super) fn below(members: &Members, directory: &Directory) -> BTreeSet<DepartmentId> {
    members.departments.iter().flat_map(|id| directory.departments().subtree(*id)).collect()
}

/// Whether somebody is among members whose departments are counted out.
pub(super) fn belongs(members: &Members, below: &BTreeSet<DepartmentId>, employee: &Employee) -> bool {
    let in_department = employee.department.is_some_and(|own| below.contains(&own));
    let is_named = members.everyone || in_department || members.employees.contains(&employee.id);
    is_named && employee.state == State::Active
}

/// Everything that a group names must be there.
pub(super) fn check(group: &AccessGroup, gates: &BTreeSet<GateId>, directory: &Directory) -> Result<(), DevicesError> {
    if let Some(gate) = group.gates.some.iter().find(|gate| !gates.contains(gate)) {
        return Err(DevicesError::UnknownGate(*gate));
    }
    let missing = group.members.departments.iter().find(|id| directory.departments().find(**id).is_none());
    if let Some(department) = missing {
        return Err(DevicesError::UnknownDepartment(*department));
    }
    match group.members.employees.iter().find(|id| directory.employee(**id).is_none()) {
        Some(employee) => Err(DevicesError::UnknownEmployee(*employee)),
        None => Ok(()),
    }
}
