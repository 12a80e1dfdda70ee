//! A verb of notices failed.

use crate::devices::DevicesError;
use crate::identity::IdentityError;
use crate::kernel::Classify;
use crate::kernel::Denied;
use crate::kernel::EmployeeId;
use crate::kernel::Kind;
use crate::people::PeopleError;
use crate::retention::RetentionError;
use crate::store::StoreError;

/// A verb of notices failed.
#[derive(Debug, thiserror::Error)]
pub enum NoticesError {
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such version.
    #[error("employee {0} has no notice {1}")]
    NoVersion(EmployeeId, u32),
    /// It is accepted already.
    #[error("notice {0} is accepted already; withdraw that first if it was noted wrongly")]
    Accepted(u32),
    /// There is nothing to withdraw.
    #[error("notice {0} is not accepted, so there is nothing to withdraw")]
    NotAccepted(u32),
    /// Noted and withdrawn too often.
    #[error("notice {0} was accepted and withdrawn too often")]
    TooMany(u32),
    /// A day on which nobody can have accepted it.
    #[error("the day must not be before the notice was made, nor in the future")]
    Day,
    /// Why is missing.
    #[error("write why, in 3 to 500 characters")]
    Reason,
    /// Facts that a version names are missing.
    #[error("facts {0} are missing")]
    NoFacts(String),
    /// The person cannot be seen.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// How long events are kept could not be read.
    #[error(transparent)]
    Retention(#[from] RetentionError),
    /// Which terminals there are could not be read.
    #[error(transparent)]
    Devices(#[from] DevicesError),
    /// Who may be asked could not be read.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for NoticesError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::NoVersion(..) => Kind::NotFound,
            Self::Accepted(_) | Self::NotAccepted(_) | Self::TooMany(_) => Kind::Conflict,
            Self::Day | Self::Reason => Kind::Invalid,
            Self::NoFacts(_) => Kind::Internal,
            Self::People(people) => people.kind(),
            Self::Retention(retention) => retention.kind(),
            Self::Devices(devices) => devices.kind(),
            Self::Identity(identity) => identity.kind(),
            Self::Store(store) => store.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::NoVersion(..) => "not_found",
            Self::Accepted(_) => "notice_accepted",
            Self::NotAccepted(_) => "notice_not_accepted",
            Self::TooMany(_) => "notice_too_often",
            Self::Day => "notice_day",
            Self::Reason => "notice_reason",
            Self::NoFacts(_) => "storage_failed",
            Self::People(people) => people.code(),
            Self::Retention(retention) => retention.code(),
            Self::Devices(devices) => devices.code(),
            Self::Identity(identity) => identity.code(),
            Self::Store(store) => store.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Day => Some("on"),
            Self::Reason => Some("reason"),
            Self::People(people) => people.field(),
            _ => None,
        }
    }
}
