//! Removing everything of an organization: its event files, its day totals and its place in the lists.

use std::fs;

use crate::attach::Impatience;
use crate::catalog::State;
use crate::dataset::Dataset;
use crate::error::HubError;
use crate::hub::DAY_TOTALS;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::hub::lock;
use crate::month::Month;
use crate::retention::whole;

impl Hub {
    /// Removes all that is kept of an organization, also files that were set aside. Nothing of it may be on its way
    /// any more. After a failure or a crash it can be called again, and repeating it is harmless.
    pub fn forget(&self, organization: u32) -> Result<(), HubError> {
        let _upkeep = lock(&self.inner.upkeep);
        for dataset in Dataset::ALL {
            for (id, entry) in self.inner.entries(organization, dataset, |_| true) {
                match entry.state {
                    State::Open | State::Sealed => self.inner.drop_whole(&whole(id, &entry))?,
                    State::Dropping => self.inner.finish_drop(id, &entry)?,
                    // Nobody has it open; it goes with the folder.
                    State::Quarantined => {}
                }
            }
        }
        self.inner.close_totals(organization)?;
        lock(&self.inner.dirty).drop_all(organization);
        lock(&self.inner.catalogs).retain(|(owner, _), _| *owner != organization);
        let folder = self.inner.config.events_dir.join(organization.to_string());
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(HubError::File { path: folder, source: error })
            }
            _ => Ok(()),
        }
    }
}

impl Inner {
    /// Waits for the last readers of the totals and lets go of the files.
    fn close_totals(&self, organization: u32) -> Result<(), HubError> {
        let _writer = lock(&self.writer);
        let folder = self.config.events_dir.join(organization.to_string()).join(DAY_TOTALS);
        let Ok(items) = fs::read_dir(&folder) else { return Ok(()) };
        for item in items.flatten() {
            let name = item.file_name();
            let month = name.to_str().and_then(|name| name.strip_suffix(".duckdb")).and_then(Month::parse);
            if let Some(month) = month {
                let alias = self.totals_file(organization, month).alias;
                self.attachments.exclusive(&alias, self.config.lease_wait, Impatience::Interrupt)?.detach()?;
            }
        }
        Ok(())
    }
}
