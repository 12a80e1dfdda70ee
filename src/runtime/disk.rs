//! Room on the disk of the data folder.

use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

use crate::intake::Intake;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::blocking;
use crate::runtime::every;

/// How often the disk is asked.
const LOOK: Duration = Duration::from_secs(2);

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
        if self.all == 0 { 0 } else { self.free.saturating_mul(100) / self.all }
    }

    /// True when there is hardly any left.
    pub const fn is_full(self) -> bool {
        self.free < LEAST
    }
}

/// Refuses new events while there is hardly any room, so that what is there can still be read, changed and removed.
pub(super) fn watch(folder: &Path, intake: &Intake, life: &Lifecycle) {
    let (folder, intake, stop) = (folder.to_owned(), intake.clone(), life.soft());
    life.spawn("disk watch", async move {
        every(LOOK, Nudge::default(), stop, || {
            let (folder, intake) = (folder.clone(), intake.clone());
            async move {
                let room = blocking(move || Room::of(&folder)).await;
                let full = room.as_ref().is_ok_and(|room| room.is_full());
                intake.set_no_room(full);
                if let Ok(room) = room {
                    metrics::gauge!("nazorat_disk_free_bytes").set(room.free as f64);
                }
                intake.report_metrics();
            }
        })
        .await;
        Ok::<_, Infallible>(())
    });
}

/// As a dependency of the process: an error when the disk is full.
pub fn check(path: &Path) -> Result<(), String> {
    match Room::of(path) {
        Ok(room) if room.is_full() => Err(format!("only {} MB are free", room.free >> 20)),
        Ok(_) => Ok(()),
        Err(problem) => Err(problem.to_string()),
    }
}
