//! What can go wrong when somebody looks.

use nazorat_timeseries::HubError;

use crate::kernel::Classify;
use crate::kernel::CursorError;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::kernel::OrganizationId;
use crate::people::PeopleError;

/// A verb of this domain was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum MonitoringError {
    /// The actor may not, or the organization is not theirs.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such organization.
    #[error("organization {0} does not exist")]
    UnknownOrganization(OrganizationId),
    /// There is no such screenshot, or it belongs to somebody whom the actor may not see.
    #[error("screenshot does not exist")]
    UnknownScreenshot,
    /// The range ends before it begins.
    #[error("range ends before it begins")]
    EmptyRange,
    /// The range is too long.
    #[error("range covers {days} days and may cover {most}")]
    LongRange {
        /// What was asked for.
        days: i64,
        /// What is possible.
        most: i64,
    },
    /// Dead letters are not read with the events.
    #[error("dataset {0} is not read as events")]
    NotReadable(&'static str),
    /// The page of a list cannot be found again.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// People could not be asked, or do not know whom the actor asks for.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// A policy that was checked cannot judge.
    #[error("a policy cannot be applied: {0}")]
    Policy(String),
    /// The events could not be read.
    #[error("events could not be read")]
    Hub(#[from] HubError),
}

impl Classify for MonitoringError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::People(people) => people.kind(),
            Self::UnknownOrganization(_) | Self::UnknownScreenshot => Kind::NotFound,
            Self::EmptyRange | Self::LongRange { .. } | Self::NotReadable(_) | Self::Cursor(_) => Kind::Invalid,
            Self::Hub(HubError::TimedOut(_) | HubError::Busy(_)) => Kind::Unavailable,
            Self::Hub(_) | Self::Policy(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::People(people) => people.code(),
            Self::UnknownOrganization(_) | Self::UnknownScreenshot => "not_found",
            Self::EmptyRange => "range_empty",
            Self::LongRange { .. } => "range_too_long",
            Self::NotReadable(_) => "dataset_not_readable",
            Self::Cursor(_) => "cursor_invalid",
            Self::Hub(HubError::TimedOut(_)) => "query_timed_out",
            Self::Hub(HubError::Busy(_)) => "events_busy",
            Self::Hub(_) => "events_unreadable",
            Self::Policy(_) => "policy_unusable",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::EmptyRange | Self::LongRange { .. } => Some("to"),
            Self::NotReadable(_) => Some("dataset"),
            Self::Cursor(_) => Some("cursor"),
            Self::People(people) => people.field(),
            _ => None,
        }
    }
}
