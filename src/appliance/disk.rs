//! Room on the disk of the data folder.

use std::path::Path;

/// Below this nothing can be promised any more.
const LEAST: u64 = 256 << 20;

/// Free and all bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) free: u64,
    pub(super) all: u64,
}

impl Room {
    /// Asks the file system.
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        let facts = rustix::fs::statvfs(path)?;
        Ok(Self {
            free: facts.f_bavail.saturating_mul(facts.f_frsize),
            all: facts.f_blocks.saturating_mul(facts.f_frsize),
        })
    }

    /// Free part in percent.
    pub(super) const fn percent(self) -> u64 {
        if self.all == 0 { 0 } else { self.free.saturating_mul(100) / self.all }
    }

    /// True when there is hardly any left.
    pub(super) const fn is_full(self) -> bool {
        self.free < LEAST
    }
}

/// As a dependency of the process: an error when the disk is full.
pub(super) fn check(path: &Path) -> Result<(), String> {
    match Room::of(path) {
        Ok(room) if room.is_full() => Err(format!("only {} MB are free", room.free >> 20)),
        Ok(_) => Ok(()),
        Err(problem) => Err(problem.to_string()),
    }
}
