//! The nouns: a policy, its draft, its versions.

use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Origins;
use nazorat_wire::policy::Settings;

use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::PolicyId;
use crate::kernel::Timestamp;
use crate::policy::collection::Change;
use crate::policy::collection::Rollout;

/// Of whom a policy is. There is one policy of each at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AppliesTo {
    /// Everybody, where nobody nearer decides.
    Organization,
    /// A department with everything below it.
    Department(DepartmentId),
    /// A person.
    Employee(EmployeeId),
}

/// What is being worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The settings as they would be.
    pub settings: Settings,
    /// When they were last changed.
    pub changed_at: Timestamp,
    /// Login of whoever changed them.
    pub changed_by: String,
}

/// What somebody has seen of a policy before they change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The version in force.
    pub version: u32,
    /// When the draft was last changed; `None` where there was none.
    pub draft: Option<Timestamp>,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionPolicy {
    /// Its number.
    pub id: PolicyId,
    /// Of whom it is.
    pub applies_to: AppliesTo,
    /// The version in force; 0 while none was released.
    pub version: u32,
    /// Since when.
    pub since: Option<Timestamp>,
    /// What is being worked on, if something is.
    pub draft: Option<Draft>,
    /// How the version gets to everybody, when it was released in stages.
    pub rollout: Option<Rollout>,
}

impl CollectionPolicy {
    /// The roll-out that has not reached everybody.
    pub fn rolling_out(&self) -> Option<&Rollout> {
        self.rollout.as_ref().filter(|rollout| !rollout.is_over())
    }
}

/// What was released once, and never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// From 1.
    pub number: u32,
    /// What it says.
    pub settings: Settings,
    /// SHA-256 of its settings in their one form.
    pub checksum: String,
    /// Login of whoever released it.
    pub author: String,
    /// Why, in the author's words.
    pub reason: String,
    /// When.
    pub released_at: Timestamp,
    /// The version whose settings were brought back.
    pub brought_back: Option<u32>,
    /// What is different from the version before, field by field.
    pub changes: Vec<Change>,
    /// Whether agents start again to follow it.
    pub requires_restart: bool,
}

/// What holds for a person, and who decided each field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The decided fields.
    pub effective: Effective,
    /// Which layer decided each.
    pub origins: Origins,
}
