//! Room on a disk.

use std::path::Path;

/// Below this nothing can be promised any more.
const LEAST: u64 = 256 << 20;

/// Free and all bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub free: u64,
    pub all: u64,
}

impl Room {
    /// Asks the file system.
    pub fn of(path: &Path) -> std::io::Result<Self> {
        let facts = rustix::fs::statvfs(path)?;
        Ok(Self {
            free: facts.f_bavail.saturating_mul(facts.f_frsize),
            all: facts.f_blocks.saturating_mul(facts.f_frsize),
        })
    }

    /// Free part in percent.
    pub const fn percent(self) -> u64 {
        match self.free.saturating_mul(100).checked_div(self.all) {
            Some(percent) => percent,
            None => 0,
        }
    }

    /// True when there is hardly any left.
    pub const fn is_full(self) -> bool {
        self.free < LEAST
    }
}
