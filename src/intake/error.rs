//! Why a batch was not taken in.

use std::time::Duration;

use nazorat_spool::AppendError;

use crate::kernel::Classify;
use crate::kernel::Kind;

/// A batch was not taken in; nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The same name came before with another content.
    #[error("batch {0} was sent before with another content; give every batch its own name")]
    OtherContent(String),
    /// The same batch is being taken in right now.
    #[error("batch {0} is being taken in by another request")]
    InFlight(String),
    /// No room, for now.
    #[error("no room for new events; {why}")]
    NoRoom {
        /// What is full.
        why: &'static str,
        /// When to try again.
        retry_after: Duration,
    },
    /// What may be kept of it cannot be told, so nothing is.
    #[error("what may be kept cannot be told just now: {0}")]
    Unjudged(String),
    /// The disk or an engine failed.
    #[error("batch could not be stored")]
    Failed(#[source] IntakeError),
}

impl From<AppendError> for AcceptError {
    fn from(problem: AppendError) -> Self {
        match problem {
            AppendError::Full { retry_after } => Self::NoRoom { why: "the spool is full", retry_after },
            AppendError::DiskFull { retry_after } => Self::NoRoom { why: "the disk is full", retry_after },
            other => Self::Failed(IntakeError::Append(other)),
        }
    }
}

impl Classify for AcceptError {
    fn kind(&self) -> Kind {
        match self {
            AcceptError::OtherContent(_) => Kind::Invalid,
            AcceptError::InFlight(_) => Kind::Conflict,
            AcceptError::NoRoom { .. } | AcceptError::Unjudged(_) => Kind::Unavailable,
            AcceptError::Failed(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            AcceptError::OtherContent(_) => "key_reused",
            AcceptError::InFlight(_) => "in_flight",
            AcceptError::NoRoom { .. } => "no_room",
            AcceptError::Unjudged(_) => "unjudged",
            AcceptError::Failed(_) => "storage_failed",
        }
    }
}

/// The line itself is broken.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The spool cannot be opened.
    #[error("spool cannot be opened")]
    Open(#[from] nazorat_spool::OpenError),
    /// The spool takes nothing more.
    #[error("spool failed")]
    Append(#[source] nazorat_spool::AppendError),
    /// The spool cannot be read.
    #[error("spool cannot be read")]
    Read(#[from] nazorat_spool::ReadError),
    /// A cursor of the spool cannot be moved.
    #[error("spool state cannot be written")]
    State(#[from] nazorat_spool::StateError),
    /// A newer program wrote this batch; opening it here would lose it.
    #[error("batch {0} in the spool was written by a newer nazorat; start that version again")]
    Unknown(u64),
    /// A batch could not be turned into bytes.
    #[error("batch could not be encoded")]
    Encode(#[source] postcard::Error),
    /// Partitions failed.
    #[error("partitions failed")]
    Hub(#[from] nazorat_timeseries::HubError),
}
