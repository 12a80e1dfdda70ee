//! Taking a file back that was set aside, after a person has put a sound copy of it in its place.

use crate::attach::Caution;
use crate::catalog::Entry;
use crate::catalog::State;
use crate::dataset::PartitionId;
use crate::error::HubError;
use crate::files;
use crate::files::Stamp;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::hub::lock;
use crate::ledger::each;
use crate::probe;
use crate::probe::Outcome;

impl Hub {
    /// Takes a quarantined partition back, when the file under its name is sound: for a sealed one, when it has the
    /// checksum it was sealed with. A file with batches that were meanwhile stored again in another generation stays out.
    pub fn readmit(&self, id: PartitionId) -> Result<(), HubError> {
        let _upkeep = lock(&self.inner.upkeep);
        let _writer = lock(&self.inner.writer);
        let entry = self.inner.entry(id)?;
        if entry.state != State::Quarantined {
            return Err(HubError::WrongState { partition: id, state: entry.state.name() });
        }
        self.inner.check_sound(id, &entry)?;
        self.inner.check_not_stored_again(id, &entry)?;
        let path = self.inner.file_ref(id, &entry).path;
        self.inner.update_entry(id, |entry| {
            entry.state = if entry.sha256.is_some() { State::Sealed } else { State::Open };
            entry.problem = None;
            entry.counted = false;
            entry.bytes = files::size(&path);
            entry.closed = Stamp::of_closed(&path);
        });
        lock(&self.inner.ledgers).forget(id.key);
        lock(&self.inner.dirty).forget(id.key.organization);
        self.inner.save_catalog(id.key)
    }
}

impl Inner {
    fn check_sound(&self, id: PartitionId, entry: &Entry) -> Result<(), HubError> {
        let path = self.file_ref(id, entry).path;
        let damaged = |problem: String| HubError::Damaged { partition: id, problem };
        if entry.sha256.is_some() && entry.sha256 != Some(files::sha256(&path)?) {
            return Err(damaged("checksum is not the one it was sealed with".to_owned()));
        }
        let report = probe::probe(&self.config, &path);
        if report.outcome == Outcome::Sound { Ok(()) } else { Err(damaged(report.problem)) }
    }

    fn check_not_stored_again(&self, id: PartitionId, entry: &Entry) -> Result<(), HubError> {
        self.load_ledger(id.key)?;
        let mut file = self.file_ref(id, entry);
        file.read_only = true;
        file.caution = Caution::Never;
        file.alias.push_str("_back");
        let lease = self.attachments.lease(&file, None).map_err(|error| error.into_hub(id))?;
        let reader = self.readers.take()?;
        let mut names = Vec::new();
        each(&reader, &format!("SELECT key_hi, key_lo FROM {}._batches", file.alias), |cells, row| {
            names.push((u128::from(cells.unsigned(0, row)?) << 64) | u128::from(cells.unsigned(1, row)?));
            Ok(())
        })?;
        drop(reader);
        drop(lease);
        let mut exclusive =
            self.attachments.exclusive(&file.alias, self.config.lease_wait, crate::attach::Impatience::Interrupt)?;
        exclusive.detach()?;
        for name in names {
            let key_hash = name.to_be_bytes();
            if self.maybe_known(id.key, &key_hash) && self.look_up(id.key, &key_hash)?.is_some() {
                return Err(HubError::WrongState { partition: id, state: "holding batches that were stored again" });
            }
        }
        Ok(())
    }
}
