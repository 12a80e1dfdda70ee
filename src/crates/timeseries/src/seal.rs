//! Sealing months that are over, and looking after sealed files.

use crate::catalog::State;
use crate::dataset::PartitionId;
use crate::error::HubError;
use crate::files;
use crate::hub::Hub;
use crate::hub::lock;
use crate::rewrite::Rewrite;

impl Hub {
    /// Rewrites a file in order of account and time, and never writes to it again. Events of the month that come
    /// later go to a new generation. The caller decides when a month has been over for long enough.
    pub fn seal(&self, id: PartitionId) -> Result<(), HubError> {
        let _upkeep = lock(&self.inner.upkeep);
        {
            let writer = lock(&self.inner.writer);
            let entry = self.inner.entry(id)?;
            if entry.state != State::Open {
                return Err(HubError::WrongState { partition: id, state: entry.state.name() });
            }
            self.inner.make_safe(id, &writer)?;
            lock(&self.inner.rewriting).insert(id);
        }
        let sealed = self.inner.rewrite(Rewrite { id, keep_from_us: None, state: State::Sealed });
        lock(&self.inner.rewriting).remove(&id);
        sealed
    }

    /// Reads a sealed file whole and compares it with the checksum taken when it was sealed. One that differs or is
    /// missing is set aside and from then on named by every query of its time.
    pub fn verify(&self, id: PartitionId) -> Result<(), HubError> {
        let _upkeep = lock(&self.inner.upkeep);
        let entry = self.inner.entry(id)?;
        if entry.state != State::Sealed {
            return Err(HubError::WrongState { partition: id, state: entry.state.name() });
        }
        let path = self.inner.file_ref(id, &entry).path;
        if !path.exists() {
            return Err(self.inner.quarantine(id, "file is missing".to_owned()));
        }
        let bytes = files::size(&path);
        if bytes != entry.bytes {
            let problem = format!("has {bytes} bytes where the catalog says {}", entry.bytes);
            return Err(self.inner.quarantine(id, problem));
        }
        if Some(files::sha256(&path)?) == entry.sha256 {
            return Ok(());
        }
        Err(self.inner.quarantine(id, "checksum is not the one it was sealed with".to_owned()))
    }
}
