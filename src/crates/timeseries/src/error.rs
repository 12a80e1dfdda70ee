//! What can go wrong, and what an engine error means for the file it came from.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::dataset::PartitionId;
use crate::schema::WrongColumn;

/// An error of the storage engine, opaque outside this crate.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct EngineError {
    message: String,
}

impl EngineError {
    /// What the error means for the file and the caller.
    pub(crate) fn fault(&self) -> Fault {
        Fault::of(&self.message)
    }
}

impl From<duckdb::Error> for EngineError {
    fn from(error: duckdb::Error) -> Self {
        Self { message: error.to_string() }
    }
}

impl From<arrow::error::ArrowError> for EngineError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self { message: error.to_string() }
    }
}

impl From<WrongColumn> for EngineError {
    fn from(error: WrongColumn) -> Self {
        Self { message: format!("Corrupt: {error}") }
    }
}

/// Kinds of engine errors. The engine has no codes for them, so its words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The query was interrupted by us.
    Interrupted,
    /// The disk is full.
    NoSpace,
    /// The memory limit was reached.
    NoMemory,
    /// The file does not hold what it should.
    Damaged,
    /// The attached file must be detached and attached again.
    Invalidated,
    /// Something else.
    Other,
}

impl Fault {
    pub(crate) fn of(message: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if has(&["INTERRUPT", "Interrupted!"]) {
            Self::Interrupted
        } else if has(&["No space left", "Disk quota", "max_temp_directory_size"]) {
            Self::NoSpace
        } else if has(&["Out of Memory", "could not allocate", "failed to allocate"]) {
            Self::NoMemory
        } else if has(&["database has been invalidated", "detach and reattach", "FATAL", "INTERNAL Error"]) {
            Self::Invalidated
        } else if has(&[
            "Corrupt",
            "corrupt",
            "checksum",
            "not a valid DuckDB database",
            "Serialization Error",
            "Could not read enough bytes",
            "Could not read all bytes",
            "Failure while replaying WAL",
            "file was truncated",
            "version number",
        ]) {
            Self::Damaged
        } else {
            Self::Other
        }
    }
}

/// Why the hub did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A folder cannot be used.
    #[error("folder {path} cannot be used")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The engine does not have a setting that safety depends on.
    #[error("storage engine setting {name} is `{found}` instead of `{wanted}`")]
    Setting {
        /// Which.
        name: &'static str,
        /// What it must be.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// The engine does not start.
    #[error("storage engine does not start")]
    Engine(#[from] EngineError),
}

/// Why a verb of the hub failed.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// Too little space to do it safely; nothing was changed.
    #[error("disk is too full: {free} bytes are free and {needed} are needed")]
    DiskFull {
        /// Free bytes.
        free: u64,
        /// Bytes that must be free.
        needed: u64,
    },
    /// The query took too long and was stopped.
    #[error("query was stopped after {0:?}")]
    TimedOut(Duration),
    /// The file is in use for longer than one may wait.
    #[error("partition {0} is in use")]
    Busy(String),
    /// The partition is not in the catalog.
    #[error("partition {0} does not exist")]
    Unknown(PartitionId),
    /// The partition is not in the state that the verb needs.
    #[error("partition {partition} is {state}")]
    WrongState {
        /// Which.
        partition: PartitionId,
        /// What it is.
        state: &'static str,
    },
    /// The file was found damaged and set aside; a new generation takes what comes.
    #[error("partition {partition} was damaged and is set aside: {problem}")]
    Damaged {
        /// Which.
        partition: PartitionId,
        /// What was found.
        problem: String,
    },
    /// A rewritten file does not hold what the old one held; the old one stays.
    #[error("rewriting partition {0} changed its content")]
    NotEqual(PartitionId),
    /// What was checkpointed does not read back as it was written.
    #[error("partition {0} does not read back what was written")]
    NotReadBack(PartitionId),
    /// This build of the engine cannot write Parquet.
    #[error("this build cannot write archives")]
    NoParquet,
    /// The handed-in rows are not of the partition's dataset or month.
    #[error("rows do not belong to partition {0}")]
    WrongPartition(String),
    /// A file operation failed.
    #[error("file {path} cannot be used")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The engine failed in another way.
    #[error("storage engine failed")]
    Engine(#[source] EngineError),
}

impl HubError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// What was found, for the catalog and the log.
    pub(crate) fn problem(&self) -> String {
        match self {
            Self::Engine(error) => error.to_string(),
            other => other.to_string(),
        }
    }

    /// What the error means for the file, when the engine raised it.
    pub(crate) fn fault(&self) -> Option<Fault> {
        match self {
            Self::Engine(error) => Some(error.fault()),
            _ => None,
        }
    }
}

impl<E: Into<EngineError>> From<E> for HubError {
    fn from(error: E) -> Self {
        Self::Engine(error.into())
    }
}
