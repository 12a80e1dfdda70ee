//! What the hub is told when it opens.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Gives the current time, microseconds since 1970 UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// When a month continues in a new file.
#[derive(Debug, Clone, Copy)]
pub struct RollLimits {
    /// Greatest size of a file.
    pub bytes: u64,
    /// Greatest number of rows of a file.
    pub rows: u64,
}

impl Default for RollLimits {
    fn default() -> Self {
        Self { bytes: 8 << 30, rows: 250_000_000 }
    }
}

/// How a file that was not closed cleanly is tried before it is opened.
#[derive(Debug, Clone)]
pub enum Probe {
    /// In this process. A file that makes the engine abort takes the process with it.
    InProcess,
    /// In a child process that may crash or hang.
    Command {
        /// The program.
        exe: PathBuf,
        /// Arguments before the file's path.
        args: Vec<String>,
    },
}

/// Settings of the hub.
#[derive(Clone)]
pub struct Config {
    /// `DATA/events`.
    pub events_dir: PathBuf,
    /// Where large sorts spill.
    pub temp_dir: PathBuf,
    /// The engine's memory limit.
    pub memory_limit: u64,
    /// The engine's threads.
    pub threads: usize,
    /// How many files are attached at most.
    pub max_attached: usize,
    /// When a month continues in a new file.
    pub roll: RollLimits,
    /// How untrusted files are tried.
    pub probe: Probe,
    /// How long a probe may take.
    pub probe_timeout: Duration,
    /// Space that must stay free for checkpoints and rewriting.
    pub min_free_bytes: u64,
    /// How long a query may take.
    pub query_timeout: Duration,
    /// How long removal waits for running queries before it stops them.
    pub lease_wait: Duration,
    /// How long a checkpoint waits for running queries before it is put off.
    pub checkpoint_wait: Duration,
    /// How many batch names the ledgers keep in memory.
    pub ledger_names: usize,
    /// The time.
    pub clock: Clock,
}

impl Config {
    /// Defaults for a data folder.
    pub fn new(events_dir: PathBuf, temp_dir: PathBuf, clock: Clock) -> Self {
        Self {
            events_dir,
            temp_dir,
            memory_limit: 1 << 30,
            threads: 2,
            max_attached: 32,
            roll: RollLimits::default(),
            probe: Probe::InProcess,
            probe_timeout: Duration::from_secs(60),
            min_free_bytes: 512 << 20,
            query_timeout: Duration::from_secs(30),
            lease_wait: Duration::from_secs(60),
            checkpoint_wait: Duration::from_secs(2),
            ledger_names: 4_000_000,
            clock,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("events_dir", &self.events_dir).finish_non_exhaustive()
    }
}
