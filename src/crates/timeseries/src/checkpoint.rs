//! Making what was applied safe: checkpoint, close, open again, and read back.
//!
//! Only after that may the caller free its spool. A checkpoint can fail for lack of space, and an encoder of the engine has
//! had faults, so the rows written since the last time are hashed before, and read from disk and hashed after.

use std::time::Instant;

use duckdb::Connection;

use crate::attach::FileRef;
use crate::attach::Impatience;
use crate::dataset::PartitionId;
use crate::error::EngineError;
use crate::error::Fault;
use crate::error::HubError;
use crate::files;
use crate::files::Stamp;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::hub::lock;
use crate::ledger::each;
use crate::schema;

/// A partition whose rows are all safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpointed {
    /// Which.
    pub partition: PartitionId,
    /// Rows of events in the file.
    pub rows: u64,
    /// Batches in the ledger.
    pub batches: u64,
    /// For each spool the greatest number that the file contains.
    pub through: Vec<SpoolMark>,
}

/// A place in a spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpoolMark {
    /// Which spool.
    pub epoch: u64,
    /// The number of a batch.
    pub seq: u64,
}

/// What a round of checkpoints did.
#[derive(Debug, Default)]
pub struct CheckpointReport {
    /// Files that are safe now.
    pub safe: Vec<Checkpointed>,
    /// Files that were in use by a long query; their turn comes with the next round.
    pub postponed: Vec<PartitionId>,
    /// Files that failed; their spool records must stay and be applied again.
    pub failed: Vec<(PartitionId, HubError)>,
}

impl CheckpointReport {
    /// Whether everything that was applied before the call is safe.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.postponed.is_empty()
    }
}

impl Hub {
    /// The files that have rows which are not safe yet.
    pub fn unsafe_partitions(&self) -> Vec<PartitionId> {
        lock(&self.inner.unsafe_files).keys().copied().collect()
    }

    /// Bytes in the write-ahead logs of those files: a reason to checkpoint.
    pub fn wal_bytes(&self) -> u64 {
        let wal =
            |id| self.inner.entry(id).map(|entry| files::size(&files::wal_of(&self.inner.file_ref(id, &entry).path)));
        self.unsafe_partitions().into_iter().filter_map(|id| wal(id).ok()).sum()
    }

    /// Makes safe all that was applied so far, file by file; one that fails does not stop the others.
    pub fn checkpoint(&self) -> CheckpointReport {
        let mut report = CheckpointReport::default();
        for id in self.unsafe_partitions() {
            match self.checkpoint_one(id) {
                Ok(safe) => report.safe.push(safe),
                Err(HubError::Busy(_)) => report.postponed.push(id),
                Err(error) => report.failed.push((id, error)),
            }
        }
        report
    }

    /// Makes one file safe.
    pub fn checkpoint_one(&self, id: PartitionId) -> Result<Checkpointed, HubError> {
        let writer = lock(&self.inner.writer);
        self.inner.make_safe(id, &writer)
    }
}

/// A log of this size is cut even if a query must be stopped for it.
const URGENT_WAL: u64 = 256 << 20;

/// Count and hash of the rows after a batch.
type Tail = (i64, u64);

impl Inner {
    pub(crate) fn make_safe(&self, id: PartitionId, writer: &Connection) -> Result<Checkpointed, HubError> {
        let began = Instant::now();
        let leased = self.lease(id, None)?;
        if !self.entry(id)?.counted {
            self.count_file(id, writer, &leased.alias)?;
        }
        let file = self.file_ref(id, &leased.entry);
        let wal = files::size(&files::wal_of(&file.path));
        files::require_free(&self.folder(id.key), 2 * wal + self.config.min_free_bytes)?;
        let after = lock(&self.unsafe_files).get(&id).copied().unwrap_or(0);
        let before = tail(writer, &leased.alias, id, after)?;
        // Readers go on meanwhile. The engine may refuse because of them; closing the file below writes the rest.
        if let Err(error) = writer.execute_batch(&format!("CHECKPOINT {}", file.alias)).map_err(HubError::from)
            && error.fault() != Some(Fault::Other)
        {
            drop(leased);
            return Err(self.failed_checkpoint(id, error));
        }
        drop(leased);
        let stamp = match self.reopen(&file, wal, writer) {
            Ok(stamp) => stamp,
            Err(HubError::Busy(alias)) => return Err(HubError::Busy(alias)),
            Err(error) => return Err(self.failed_checkpoint(id, error)),
        };
        let leased = self.lease(id, None)?;
        let read_back = read_back(writer, &file.alias, id, after);
        drop(leased);
        let (rows, batches, ledger_rows, tail, through) = match read_back {
            Ok(read_back) => read_back,
            Err(error) => return Err(self.failed_checkpoint(id, error.into())),
        };
        if rows != ledger_rows || tail != before {
            return Err(self.quarantine(id, "rows do not read back as they were written".to_owned()));
        }
        lock(&self.unsafe_files).remove(&id);
        self.update_entry(id, |entry| {
            entry.closed = stamp;
            entry.bytes = files::size(&file.path);
        });
        self.save_catalog(id.key)?;
        tracing::debug!(partition = %id, elapsed_ms = began.elapsed().as_millis() as u64, "checkpointed {id}");
        Ok(Checkpointed { partition: id, rows, batches, through })
    }

    /// Closes the file and opens it again, so that what is read next comes from disk.
    fn reopen(&self, file: &FileRef, wal: u64, writer: &Connection) -> Result<Option<Stamp>, HubError> {
        // A long query may finish first, unless it keeps the log from being cut for too long.
        let impatience = if wal > URGENT_WAL { Impatience::Interrupt } else { Impatience::GiveUp };
        let mut exclusive = self.attachments.exclusive(&file.alias, self.config.checkpoint_wait, impatience)?;
        exclusive.attach(file)?;
        writer.execute_batch(&format!("CHECKPOINT {}", file.alias))?;
        exclusive.detach()?;
        files::sync_file(&file.path)?;
        let stamp = Stamp::of_closed(&file.path);
        exclusive.attach(file)?;
        Ok(stamp)
    }

    fn failed_checkpoint(&self, id: PartitionId, error: HubError) -> HubError {
        tracing::error!(partition = %id, %error, "checkpoint of {id} failed");
        let error = self.judge_failure(id, error);
        if !matches!(error, HubError::Damaged { .. }) {
            self.close_for_probe(id);
        }
        error
    }
}

fn tail(connection: &Connection, alias: &str, id: PartitionId, after: u32) -> Result<Tail, EngineError> {
    let columns = schema::column_list(id.key.dataset);
    let sql = format!(
        "SELECT count(*)::BIGINT, coalesce(bit_xor(hash({columns})), 0)::UBIGINT FROM {alias}.events WHERE batch > {after}"
    );
    let mut found = (0, 0);
    each(connection, &sql, |cells, row| {
        found = (cells.long(0, row)?, cells.unsigned(1, row)?);
        Ok(())
    })?;
    Ok(found)
}

type ReadBack = (u64, u64, u64, Tail, Vec<SpoolMark>);

fn read_back(connection: &Connection, alias: &str, id: PartitionId, after: u32) -> Result<ReadBack, EngineError> {
    let sql = format!(
        "SELECT (SELECT count(*) FROM {alias}.events)::UBIGINT, (SELECT count(*) FROM {alias}._batches)::UBIGINT, \
         (SELECT coalesce(sum(rows), 0) FROM {alias}._batches)::UBIGINT - \
         (SELECT coalesce(sum(removed_rows), 0) FROM {alias}._meta)::UBIGINT"
    );
    let mut counts = (0, 0, 0);
    each(connection, &sql, |cells, row| {
        counts = (cells.unsigned(0, row)?, cells.unsigned(1, row)?, cells.unsigned(2, row)?);
        Ok(())
    })?;
    let mut through = Vec::new();
    let sql = format!("SELECT spool_epoch, max(spool_seq) FROM {alias}._batches GROUP BY spool_epoch ORDER BY 1");
    each(connection, &sql, |cells, row| {
        through.push(SpoolMark { epoch: cells.unsigned(0, row)?, seq: cells.unsigned(1, row)? });
        Ok(())
    })?;
    let tail = tail(connection, alias, id, after)?;
    Ok((counts.0, counts.1, counts.2, tail, through))
}
