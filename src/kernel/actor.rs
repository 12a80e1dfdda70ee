//! Who is asking, and how far their view reaches.
//!
//! An `Actor` is made where somebody proves who they are (`identity`, `ingest`) and travels as the first argument of
//! every verb. Tenant data is reachable only with a `Tenant`, and only an actor whose scope includes the
//! organization can make one: this is row-level security by construction.

use std::net::IpAddr;

use crate::kernel::Classify;
use crate::kernel::DepartmentId;
use crate::kernel::Kind;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;

/// What an operator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Everything, all organizations.
    Admin,
    /// Its own organization.
    Hr,
    /// Reads its own department subtree.
    DepartmentLead,
    /// Doors.
    Guard,
}

impl Role {
    /// All roles, most powerful first.
    pub const ALL: [Role; 4] = [Role::Admin, Role::Hr, Role::DepartmentLead, Role::Guard];

    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Admin => "ADMIN",
            Role::Hr => "HR",
            Role::DepartmentLead => "DEPARTMENT_LEAD",
            Role::Guard => "GUARD",
        }
    }

    /// Reads the word of the API.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// One thing that may be allowed or not; the table of DESIGN section 7 is `Role::may`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Create organizations, change their settings.
    EditOrganizations,
    /// See the organization and its settings.
    ReadOrganization,
    /// Create operators, reset passwords.
    EditOperators,
    /// See, create, rotate and revoke API keys.
    EditApiKeys,
    /// System: storage, about, doctor.
    ReadSystem,
    /// See departments and the basic fields of employees.
    ReadPeople,
    /// See computers, computer users and links.
    ReadComputers,
    /// Change departments, employees, computers, links.
    EditPeople,
    /// See cards and faces.
    ReadCredentials,
    /// Give and take cards and faces.
    EditCredentials,
    /// See windows, sites, screenshots, sessions.
    ReadMonitoring,
    /// Put dead letters back.
    EditMonitoring,
    /// See productivity rules and retention.
    ReadPolicies,
    /// Change productivity rules and retention.
    EditPolicies,
    /// See gateways, their agents and the commands to them.
    ReadGateways,
    /// Add, suspend, revoke and replace gateways, and send them commands.
    EditGateways,
    /// See devices and gates.
    ReadDevices,
    /// Add, change and remove devices and gates, and have them do anything.
    EditDevices,
    /// Open doors from afar, where the gate lets it happen.
    OpenDoors,
    /// See who passed which door.
    ReadAccess,
    /// Read the audit log.
    ReadAudit,
}

impl Permission {
    /// True when it lets somebody change something.
    pub const fn changes(self) -> bool {
        use Permission as P;
        match self {
            P::EditOrganizations
            | P::EditOperators
            | P::EditApiKeys
            | P::EditPeople
            | P::EditCredentials
            | P::EditMonitoring
            | P::EditPolicies
            | P::EditDevices
            | P::OpenDoors
            | P::EditGateways => true,
            P::ReadOrganization
            | P::ReadSystem
            | P::ReadPeople
            | P::ReadComputers
            | P::ReadCredentials
            | P::ReadMonitoring
            | P::ReadPolicies
            | P::ReadGateways
            | P::ReadDevices
            | P::ReadAccess
            | P::ReadAudit => false,
        }
    }
}

impl Role {
    /// The table of who may do what.
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Role::Admin => true,
            Role::Hr => !matches!(
                permission,
                P::EditOrganizations
                    | P::EditOperators
                    | P::EditApiKeys
                    | P::EditMonitoring
                    | P::EditGateways
                    | P::EditDevices
                    | P::OpenDoors
            ),
            Role::DepartmentLead => {
                matches!(
                    permission,
                    P::ReadOrganization
                        | P::ReadPeople
                        | P::ReadComputers
                        | P::ReadCredentials
                        | P::ReadMonitoring
                        | P::ReadGateways
                        | P::ReadAccess
                )
            }
            Role::Guard => {
                matches!(permission, P::ReadPeople | P::ReadDevices | P::OpenDoors | P::ReadAccess)
            }
        }
    }
}

/// How far a view reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All organizations.
    All,
    /// One organization.
    Organization(OrganizationId),
    /// A department and everything below it.
    Department(OrganizationId, DepartmentId),
}

/// Who proved to be asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A person who logged in.
    Operator {
        /// Which one.
        id: OperatorId,
        /// Their login, for the audit log.
        login: String,
        /// What they are.
        role: Role,
    },
    /// A program with an API key of an organization.
    Agent {
        /// The source of its batches.
        source: String,
    },
    /// Nazorat itself: tasks, the command line of the machine's owner.
    System,
}

/// Whether an actor came to look or to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Only permissions that change nothing.
    ReadOnly,
    /// Everything that the role may do.
    Full,
}

/// Who is asking, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    principal: Principal,
    scope: Scope,
    access: Access,
    address: Option<IpAddr>,
}

impl Actor {
    /// An operator with the view that their role and assignment give.
    pub fn operator(id: OperatorId, login: &str, role: Role, scope: Scope) -> Self {
        Self::new(Principal::Operator { id, login: login.to_owned(), role }, scope)
    }

    /// A program that may only send into one organization.
    pub fn agent(source: &str, organization: OrganizationId) -> Self {
        Self::new(Principal::Agent { source: source.to_owned() }, Scope::Organization(organization))
    }

    /// Nazorat itself.
    pub const fn system() -> Self {
        Self::new(Principal::System, Scope::All)
    }

    const fn new(principal: Principal, scope: Scope) -> Self {
        Self { principal, scope, access: Access::Full, address: None }
    }

    /// The same actor, limited to looking when the access says so.
    #[must_use]
    pub const fn with_access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// The same actor, asking from this address.
    #[must_use]
    pub const fn at(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    /// The address from which the actor asks, for the audit log.
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Whether the actor may change anything at all.
    pub const fn access(&self) -> Access {
        self.access
    }

    /// Who it is.
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// How far the view reaches.
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// The role, when it is an operator.
    pub const fn role(&self) -> Option<Role> {
        match &self.principal {
            Principal::Operator { role, .. } => Some(*role),
            Principal::Agent { .. } | Principal::System => None,
        }
    }

    /// The operator's identity, when it is one.
    pub const fn operator_id(&self) -> Option<OperatorId> {
        match &self.principal {
            Principal::Operator { id, .. } => Some(*id),
            Principal::Agent { .. } | Principal::System => None,
        }
    }

    /// The name under which the actor stands in the audit log.
    pub fn name(&self) -> &str {
        match &self.principal {
            Principal::Operator { login, .. } => login,
            Principal::Agent { source } => source,
            Principal::System => "system",
        }
    }

    /// True when the actor may do this somewhere.
    pub const fn may(&self, permission: Permission) -> bool {
        if permission.changes() && matches!(self.access, Access::ReadOnly) {
            return false;
        }
        match &self.principal {
            Principal::Operator { role, .. } => role.may(permission),
            Principal::Agent { .. } => false,
            Principal::System => true,
        }
    }

    /// Refuses what the actor may not do.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        if self.may(permission) { Ok(()) } else { Err(Denied::NotAllowed(permission)) }
    }

    /// Refuses changes, also those of one's own things, for which no permission is needed.
    pub fn require_change(&self) -> Result<(), Denied> {
        match self.access {
            Access::Full => Ok(()),
            Access::ReadOnly => Err(Denied::ReadOnly),
        }
    }

    /// The key to an organization's data; organizations outside of the scope do not exist for this actor.
    pub fn tenant(&self, organization: OrganizationId) -> Result<Tenant, Denied> {
        let inside = match self.scope {
            Scope::All => true,
            Scope::Organization(own) | Scope::Department(own, _) => own == organization,
        };
        if inside { Ok(Tenant(organization)) } else { Err(Denied::OutsideScope) }
    }

    /// The department subtree to which the view is limited, if it is.
    pub const fn department(&self) -> Option<DepartmentId> {
        match self.scope {
            Scope::Department(_, department) => Some(department),
            Scope::All | Scope::Organization(_) => None,
        }
    }

    /// The organization to which the view is limited, if it is.
    pub const fn organization(&self) -> Option<OrganizationId> {
        match self.scope {
            Scope::All => None,
            Scope::Organization(own) | Scope::Department(own, _) => Some(own),
        }
    }
}

/// Proof that an actor may reach an organization's data. Only [`Actor::tenant`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tenant(OrganizationId);

impl Tenant {
    /// Whose data.
    pub const fn organization(self) -> OrganizationId {
        self.0
    }
}

/// The actor may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The role lacks the permission.
    #[error("permission {0:?} is missing")]
    NotAllowed(Permission),
    /// The token may only look.
    #[error("token may only read")]
    ReadOnly,
    /// The object belongs to somebody else; it is answered as "not found".
    #[error("organization is outside of the actor's scope")]
    OutsideScope,
}

impl Classify for Denied {
    fn kind(&self) -> Kind {
        match self {
            Denied::NotAllowed(_) | Denied::ReadOnly => Kind::Forbidden,
            Denied::OutsideScope => Kind::NotFound,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Denied::NotAllowed(_) => "forbidden",
            Denied::ReadOnly => "read_only_token",
            Denied::OutsideScope => "not_found",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Access;
    use super::Actor;
    use super::Denied;
    use super::Permission;
    use super::Role;
    use super::Scope;
    use crate::kernel::OperatorId;
    use crate::kernel::OrganizationId;

    #[test]
    fn another_organization_does_not_exist_for_hr() {
        let own = OrganizationId::new(1);
        let actor = Actor::operator(OperatorId::new(1), "malika", Role::Hr, Scope::Organization(own));
        assert!(actor.tenant(own).is_ok());
        assert_eq!(actor.tenant(OrganizationId::new(2)), Err(Denied::OutsideScope));
    }

    #[test]
    fn a_guard_sees_no_monitoring() {
        assert!(!Role::Guard.may(Permission::ReadMonitoring));
        assert!(Role::Guard.may(Permission::ReadPeople));
        assert!(!Role::DepartmentLead.may(Permission::EditPeople));
        assert!(!Role::Hr.may(Permission::EditOperators));
    }

    #[test]
    fn hr_gives_cards_a_lead_sees_them_and_a_guard_does_not() {
        let may = |role: Role| (role.may(Permission::ReadCredentials), role.may(Permission::EditCredentials));
        assert_eq!(Role::ALL.map(may), [(true, true), (true, true), (true, false), (false, false)]);
    }

    #[test]
    fn a_reading_actor_changes_nothing() {
        let admin = Actor::operator(OperatorId::new(1), "aziz", Role::Admin, Scope::All).with_access(Access::ReadOnly);
        assert!(admin.may(Permission::ReadAudit));
        assert_eq!(admin.require(Permission::EditPeople), Err(Denied::NotAllowed(Permission::EditPeople)));
        assert_eq!(admin.require_change(), Err(Denied::ReadOnly));
    }
}
