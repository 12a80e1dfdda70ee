//! What can go wrong when passes are read.

use crate::devices::DevicesError;
use crate::kernel::Classify;
use crate::kernel::CursorError;
use crate::kernel::Denied;
use crate::kernel::EmployeeId;
use crate::kernel::Kind;
use crate::people::PeopleError;
use crate::store::FileError;

/// Reading failed.
#[derive(Debug, thiserror::Error)]
pub enum DoorsError {
    /// The range has no time in it.
    #[error("from must be before to")]
    EmptyRange,
    /// The range is too long for one question.
    #[error("at most 400 days can be asked for at once")]
    LongRange,
    /// There is no such person, or the actor may not see them.
    #[error("employee {0} does not exist")]
    UnknownEmployee(EmployeeId),
    /// No picture is kept of this pass.
    #[error("no picture is kept of this pass")]
    NoPicture,
    /// Pictures cannot be read.
    #[error("pictures cannot be read")]
    Files(#[from] FileError),
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The cursor is of another list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// Devices cannot be read.
    #[error(transparent)]
    Devices(#[from] DevicesError),
    /// People cannot be read.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Events cannot be read.
    #[error("events cannot be read")]
    Hub(#[from] nazorat_timeseries::HubError),
}

impl Classify for DoorsError {
    fn kind(&self) -> Kind {
        match self {
            Self::EmptyRange | Self::LongRange | Self::Cursor(_) => Kind::Invalid,
            Self::UnknownEmployee(_) | Self::NoPicture => Kind::NotFound,
            Self::Files(_) => Kind::Internal,
            Self::Denied(denied) => denied.kind(),
            Self::Devices(devices) => devices.kind(),
            Self::People(people) => people.kind(),
            Self::Hub(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::EmptyRange => "empty_range",
            Self::LongRange => "long_range",
            Self::UnknownEmployee(_) | Self::NoPicture => "not_found",
            Self::Files(_) => "storage_failed",
            Self::Denied(denied) => denied.code(),
            Self::Cursor(_) => "invalid_cursor",
            Self::Devices(devices) => devices.code(),
            Self::People(people) => people.code(),
            Self::Hub(_) => "events_unreadable",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::EmptyRange | Self::LongRange => Some("from"),
            Self::Cursor(_) => Some("cursor"),
            _ => None,
        }
    }
}
