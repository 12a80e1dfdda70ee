//! What can go wrong with a verb about gateways.

use crate::fleet::model::IssueError;
use crate::identity::NameError;
use crate::kernel::Classify;
use crate::kernel::CursorError;
use crate::kernel::Denied;
use crate::kernel::GatewayId;
use crate::kernel::Kind;
use crate::kernel::OrganizationId;
use crate::store::StoreError;

/// A verb failed.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// There is no such gateway.
    #[error("gateway {0} does not exist")]
    Unknown(GatewayId),
    /// There is no such organization.
    #[error("organization {0} does not exist")]
    NoOrganization(OrganizationId),
    /// Another one of the organization has the name.
    #[error("a gateway {0:?} exists already")]
    NameTaken(String),
    /// There is no room for another one.
    #[error("an organization has at most {0} gateways; remove some first")]
    TooMany(usize),
    /// What was asked does not fit the state of the gateway.
    #[error("gateway is {state}, so this cannot be done")]
    WrongState {
        /// The state it is in.
        state: &'static str,
    },
    /// The invitation is unknown, used or too old.
    #[error("this token is not known, was used already or is too old; make another one on the page Gateways")]
    NoInvitation,
    /// The name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The address under which a box is to reach the appliance is none.
    #[error("{0:?} is no address that a box could reach; write https://HOST:PORT")]
    Address(String),
    /// The request for a certificate is none.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The cursor is of another list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for FleetError {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown(_) | Self::NoOrganization(_) => Kind::NotFound,
            Self::NameTaken(_) | Self::TooMany(_) | Self::WrongState { .. } => Kind::Conflict,
            Self::NoInvitation => Kind::Forbidden,
            Self::Issue(IssueError::Request) | Self::Cursor(_) | Self::Name(_) | Self::Address(_) => Kind::Invalid,
            Self::Issue(IssueError::Failed(_)) => Kind::Internal,
            Self::Denied(denied) => denied.kind(),
            Self::Store(store) => store.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) | Self::NoOrganization(_) => "not_found",
            Self::NameTaken(_) => "gateway_name_taken",
            Self::TooMany(_) => "too_many_gateways",
            Self::WrongState { .. } => "gateway_wrong_state",
            Self::NoInvitation => "unknown_token",
            Self::Name(_) => "invalid_name",
            Self::Address(_) => "invalid_address",
            Self::Issue(IssueError::Request) => "bad_certificate_request",
            Self::Issue(IssueError::Failed(_)) => "certificate_failed",
            Self::Cursor(_) => "invalid_cursor",
            Self::Denied(denied) => denied.code(),
            Self::Store(store) => store.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NameTaken(_) | Self::Name(_) => Some("name"),
            Self::Address(_) => Some("server"),
            _ => None,
        }
    }
}
