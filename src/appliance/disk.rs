//! Room on the disk of the data folder.

use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

use crate::intake::Intake;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::blocking;
use crate::runtime::disk::Room;
use crate::runtime::every;

/// How often the disk is asked.
const LOOK: Duration = Duration::from_secs(2);

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
            }
        })
        .await;
        Ok::<_, Infallible>(())
    });
}

/// As a dependency of the process: an error when the disk is full.
pub(super) fn check(path: &Path) -> Result<(), String> {
    match Room::of(path) {
        Ok(room) if room.is_full() => Err(format!("only {} MB are free", room.free >> 20)),
        Ok(_) => Ok(()),
        Err(problem) => Err(problem.to_string()),
    }
}
