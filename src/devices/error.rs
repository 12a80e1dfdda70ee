//! What can go wrong with a verb about devices.

use nazorat_wire::OrderError;

use crate::adapters::AddressError;
use crate::adapters::SettingError;
use crate::credentials::CredentialsError;
use crate::fleet::FleetError;
use crate::fleet::commands::CommandError;
use crate::identity::NameError;
use crate::kernel::AccessGroupId;
use crate::kernel::Classify;
use crate::kernel::Denied;
use crate::kernel::DepartmentId;
use crate::kernel::DeviceId;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;
use crate::kernel::GatewayId;
use crate::kernel::Kind;
use crate::people::PeopleError;
use crate::store::StoreError;

/// A verb failed.
#[derive(Debug, thiserror::Error)]
pub enum DevicesError {
    /// There is no such device.
    #[error("device {0} does not exist")]
    Unknown(DeviceId),
    /// There is no such gate.
    #[error("gate {0} does not exist")]
    UnknownGate(GateId),
    /// There is no such gateway in the organization.
    #[error("gateway {0} does not exist")]
    UnknownGateway(GatewayId),
    /// The gateway may not connect.
    #[error("gateway {0} has not joined yet, or is suspended")]
    GatewayNotReady(GatewayId),
    /// There is no such kind.
    #[error("{0:?} is no kind of device")]
    UnknownKind(String),
    /// The name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Another one has the name.
    #[error("another one is called {0:?} already")]
    NameTaken(String),
    /// The address cannot be one, or is none of a device.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Terminals cannot be looked for there.
    #[error(transparent)]
    Search(#[from] OrderError),
    /// Terminals are not looked for there.
    #[error(transparent)]
    SearchPlace(AddressError),
    /// Settings are wrong.
    #[error("{}", told(.0))]
    Settings(Vec<SettingError>),
    /// Doors are wrong.
    #[error("doors must be numbered from 1 to 64, each once")]
    Doors,
    /// Passes cannot be held together for so long.
    #[error("debounce must be from 0 to 600 seconds")]
    Debounce,
    /// Terminals hang at the gate.
    #[error("{0} devices stand at this gate; give them another one first")]
    GateInUse(usize),
    /// There is no room for another one.
    #[error("an organization has at most {0} of them; remove some first")]
    TooMany(usize),
    /// A door is not opened without saying why.
    #[error("say why, in 3 to 200 letters")]
    Reason,
    /// The door is not to be opened from afar.
    #[error("gate {0:?} does not let guards open it from afar; an administrator can allow it")]
    NotFromAfar(String),
    /// The device has no such door.
    #[error("device has no door {0}")]
    NoDoor(u16),
    /// It is not served.
    #[error("device {0:?} is switched off; switch it on first")]
    Disabled(String),
    /// It is of a kind that cannot be asked.
    #[error("device {0:?} only tells what happens; it cannot be asked to do anything")]
    OnlyTells(String),
    /// The queue of the gateway.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// Gateways.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// A stored secret does not open.
    #[error("secrets of device {0} do not open with this master key; enter them anew")]
    Sealed(DeviceId),
    /// There is no such group.
    #[error("access group {0} does not exist")]
    UnknownGroup(AccessGroupId),
    /// There is no such department.
    #[error("department {0} does not exist")]
    UnknownDepartment(DepartmentId),
    /// There is no such employee, or none that the actor sees.
    #[error("employee {0} does not exist")]
    UnknownEmployee(EmployeeId),
    /// Who people are.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// What they pass doors with.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(wrong: &[SettingError]) -> String {
    wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Classify for DevicesError {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown(_) | Self::UnknownGate(_) | Self::UnknownGroup(_) => Kind::NotFound,
            Self::People(people) => people.kind(),
            Self::Credentials(credentials) => credentials.kind(),
            Self::UnknownGateway(_)
            | Self::UnknownKind(_)
            | Self::UnknownDepartment(_)
            | Self::UnknownEmployee(_)
            | Self::Name(_)
            | Self::Address(_)
            | Self::Search(_)
            | Self::SearchPlace(_)
            | Self::Settings(_)
            | Self::Doors
            | Self::Debounce
            | Self::NoDoor(_)
            | Self::Reason => Kind::Invalid,
            Self::GatewayNotReady(_)
            | Self::NameTaken(_)
            | Self::GateInUse(_)
            | Self::TooMany(_)
            | Self::Disabled(_)
            | Self::OnlyTells(_) => Kind::Conflict,
            Self::NotFromAfar(_) => Kind::Forbidden,
            Self::Command(command) => command.kind(),
            Self::Fleet(fleet) => fleet.kind(),
            Self::Sealed(_) => Kind::Internal,
            Self::Denied(denied) => denied.kind(),
            Self::Store(store) => store.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) | Self::UnknownGate(_) | Self::UnknownGroup(_) => "not_found",
            Self::UnknownDepartment(_) => "unknown_department",
            Self::UnknownEmployee(_) => "unknown_employee",
            Self::People(people) => people.code(),
            Self::Credentials(credentials) => credentials.code(),
            Self::UnknownGateway(_) => "unknown_gateway",
            Self::GatewayNotReady(_) => "gateway_not_ready",
            Self::UnknownKind(_) => "unknown_kind",
            Self::Name(_) => "invalid_name",
            Self::NameTaken(_) => "name_taken",
            Self::Address(_) => "device_address",
            Self::Search(_) => "find_networks",
            Self::SearchPlace(_) => "find_forbidden",
            Self::Settings(_) => "device_settings",
            Self::Doors => "device_doors",
            Self::Debounce => "gate_debounce",
            Self::GateInUse(_) => "gate_in_use",
            Self::TooMany(_) => "too_many",
            Self::Reason => "reason_needed",
            Self::NotFromAfar(_) => "not_from_afar",
            Self::NoDoor(_) => "no_door",
            Self::Disabled(_) => "device_disabled",
            Self::OnlyTells(_) => "device_only_tells",
            Self::Command(command) => command.code(),
            Self::Fleet(fleet) => fleet.code(),
            Self::Sealed(_) => "secrets_sealed",
            Self::Denied(denied) => denied.code(),
            Self::Store(store) => store.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::UnknownGateway(_) | Self::GatewayNotReady(_) => Some("gateway_id"),
            Self::UnknownKind(_) => Some("kind"),
            Self::UnknownDepartment(_) => Some("departments"),
            Self::UnknownEmployee(_) => Some("employees"),
            Self::Name(_) | Self::NameTaken(_) => Some("name"),
            Self::Search(_) | Self::SearchPlace(_) | Self::Address(AddressError::Network(_)) => Some("networks"),
            Self::Address(_) => Some("host"),
            Self::Settings(_) => Some("settings"),
            Self::Doors => Some("doors"),
            Self::Debounce => Some("debounce_secs"),
            Self::Reason => Some("reason"),
            Self::NoDoor(_) => Some("door"),
            Self::Command(command) => command.field(),
            _ => None,
        }
    }
}
