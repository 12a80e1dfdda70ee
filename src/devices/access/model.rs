//! The nouns: a group, its members, and its gates.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::identity::DisplayName;
use crate::kernel::AccessGroupId;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;

/// People who may pass the same gates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessGroup {
    /// Its number in the organization.
    pub id: AccessGroupId,
    /// What people call it.
    pub name: DisplayName,
    /// Who belongs to it.
    pub members: Members,
    /// Where they may pass.
    pub gates: Gates,
}

/// Who belongs to a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Members {
    /// All employees, those of tomorrow among them.
    pub everyone: bool,
    /// Everybody of these departments and of those below them.
    pub departments: BTreeSet<DepartmentId>,
    /// And these.
    pub employees: BTreeSet<EmployeeId>,
}

/// Which gates are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gates {
    /// All of them, those of tomorrow among them.
    pub all: bool,
    /// These.
    pub some: BTreeSet<GateId>,
}

impl Gates {
    /// Whether a gate is among them.
    pub fn contains(&self, gate: GateId) -> bool {
        self.all || self.some.contains(&gate)
    }
}

/// What is asked for when a group is made or changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessGroupInput {
    /// What people call it.
    pub name: String,
    /// Who belongs to it.
    pub members: Members,
    /// Where they may pass.
    pub gates: Gates,
}

impl From<AccessGroup> for AccessGroupInput {
    fn from(group: AccessGroup) -> Self {
        Self { name: group.name.to_string(), members: group.members, gates: group.gates }
    }
}
