//! What can go wrong, by who can act on it.

use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Why a spool could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process (or another handle in this one) has it open.
    #[error("spool {path} is in use by another process")]
    Locked {
        /// The spool's directory.
        path: PathBuf,
    },
    /// A later release wrote it; opening it would lose data.
    #[error("{path} has format version {version}, this release reads up to version 1")]
    Newer {
        /// The file with the unknown version.
        path: PathBuf,
        /// The version it names.
        version: u16,
    },
    /// No random epoch could be had from the system.
    #[error("no random bytes for a new spool: {0}")]
    Random(getrandom::Error),
    /// The disk refused.
    #[error("spool file {path} could not be used")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The writer thread could not be started.
    #[error("spool writer could not be started")]
    Thread(#[source] io::Error),
}

impl OpenError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_path_buf(), source }
    }
}

/// Why an append was not accepted. Nothing of it will be delivered, except that after `Failed` it may.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The payload is above [`crate::MAX_PAYLOAD`].
    #[error("record of {bytes} bytes is larger than a spool record may be")]
    TooLarge {
        /// Size of the payload.
        bytes: usize,
    },
    /// The spool's own bound is reached.
    #[error("spool is full")]
    Full {
        /// When to try again.
        retry_after: Duration,
    },
    /// The disk has no room (or no inode) left. Nothing was kept; appends resume by themselves.
    #[error("disk under the spool is full")]
    DiskFull {
        /// When to try again.
        retry_after: Duration,
    },
    /// The disk failed. The process must end and open the spool again.
    #[error("spool has failed and takes no more records: {reason}")]
    Failed {
        /// What failed, for the log.
        reason: Arc<str>,
    },
    /// The spool was closed.
    #[error("spool is closed")]
    Closed,
}

/// Why records could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The disk refused. Damage is not an error; it is skipped and counted.
    #[error("spool segment {path} could not be read")]
    Io {
        /// The segment.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a cursor or the freed floor could not be moved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Names are 1 to 31 bytes, and there may be 64 of them.
    #[error("cursor {name:?} cannot be stored")]
    Name {
        /// The refused name.
        name: String,
    },
    /// A cursor may not point behind the newest durable record.
    #[error("cursor {name:?} cannot move to {seq}, the newest record is {durable}")]
    Ahead {
        /// The cursor.
        name: String,
        /// Where it should have gone.
        seq: u64,
        /// The newest durable record.
        durable: u64,
    },
    /// An earlier sync of the state file failed; the process must end and open the spool again.
    #[error("spool state file has failed and takes no more changes")]
    Failed,
    /// The disk refused.
    #[error("spool file {path} could not be changed")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
