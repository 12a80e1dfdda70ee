//! Setting a damaged file aside. It is renamed with its log and kept: the log may hold committed rows.

use crate::attach::Impatience;
use crate::catalog::State;
use crate::dataset::PartitionId;
use crate::error::Fault;
use crate::error::HubError;
use crate::files;
use crate::hub::Inner;
use crate::hub::lock;

impl Inner {
    /// Decides what an error that a file gave means for it. The caller must have given its lease back.
    pub(crate) fn judge_failure(&self, id: PartitionId, error: HubError) -> HubError {
        match error.fault() {
            Some(Fault::Damaged) => self.quarantine(id, error.problem()),
            Some(Fault::Invalidated) => {
                self.close_for_probe(id);
                error
            }
            _ => error,
        }
    }

    /// Detaches a file that the engine refuses to use further; the next lease probes it.
    pub(crate) fn close_for_probe(&self, id: PartitionId) {
        let Ok(entry) = self.entry(id) else { return };
        let alias = self.file_ref(id, &entry).alias;
        self.update_entry(id, |entry| {
            entry.closed = None;
            entry.counted = false;
        });
        lock(&self.ledgers).forget(id.key);
        let closed = self
            .attachments
            .exclusive(&alias, self.config.query_timeout, Impatience::Interrupt)
            .and_then(|mut exclusive| exclusive.detach());
        if let Err(error) = closed {
            tracing::error!(partition = %id, %error, "partition {id} could not be closed");
        }
    }

    /// Sets the partition's file aside and gives the error that says so. Later rows go to a new generation.
    pub(crate) fn quarantine(&self, id: PartitionId, problem: String) -> HubError {
        match self.set_aside(id, &problem) {
            Ok(()) => {
                tracing::error!(partition = %id, problem, "partition {id} was damaged and is set aside");
                HubError::Damaged { partition: id, problem }
            }
            Err(error) => error,
        }
    }

    fn set_aside(&self, id: PartitionId, problem: &str) -> Result<(), HubError> {
        let entry = self.entry(id)?;
        if entry.state == State::Quarantined {
            return Ok(());
        }
        let file = self.file_ref(id, &entry);
        let mut exclusive =
            self.attachments.exclusive(&file.alias, self.config.query_timeout, Impatience::Interrupt)?;
        exclusive.detach()?;
        let suffix = format!(".corrupt.{}", self.now_us());
        for path in [files::wal_of(&file.path), file.path.clone()] {
            if path.exists() {
                files::rename(&path, &files::with_suffix(&path, &suffix))?;
            }
        }
        self.update_entry(id, |entry| {
            entry.state = State::Quarantined;
            entry.problem = Some(problem.to_owned());
            entry.closed = None;
        });
        lock(&self.ledgers).forget(id.key);
        lock(&self.unsafe_files).remove(&id);
        self.save_catalog(id.key)
    }
}
