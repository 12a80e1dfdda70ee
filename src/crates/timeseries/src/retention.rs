//! Removing what is too old or too much: first a plan that says what would go, then the removal of exactly that.
//!
//! Whole files are unlinked: tombstone in the catalog, wait for running queries, detach, move to the trash, unlink.
//! A start after a crash finishes what the tombstones say. The file at the boundary is rewritten without its old rows.

use std::fs;
use std::path::PathBuf;

use crate::catalog::Entry;
use crate::catalog::State;
use crate::catalog::TRASH;
use crate::dataset::Dataset;
use crate::dataset::PartitionId;
use crate::error::EngineError;
use crate::error::HubError;
use crate::files;
use crate::hub::Catalogs;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::hub::lock;
use crate::ledger::each;
use crate::rewrite::Rewrite;
use crate::rewrite::discard;
use crate::settings::quote_path;

/// What would go: a dry run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DropPlan {
    /// File by file.
    pub files: Vec<PlannedDrop>,
    /// Rows of all of them.
    pub rows: u64,
    /// Disk space of all of them, estimated for boundary files.
    pub bytes: u64,
    /// Time of the oldest row that goes.
    pub oldest_us: Option<i64>,
    /// Time of the newest row that goes.
    pub newest_us: Option<i64>,
}

/// What would go of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedDrop {
    /// Which.
    pub partition: PartitionId,
    /// Rows before this instant go; `None`: the whole file.
    pub before_us: Option<i64>,
    /// How many rows go.
    pub rows: u64,
    /// Disk space, estimated for a boundary file.
    pub bytes: u64,
    /// Time of the oldest of these rows.
    pub oldest_us: Option<i64>,
    /// Time of the newest of these rows.
    pub newest_us: Option<i64>,
}

/// What was removed.
#[derive(Debug, Default)]
pub struct Dropped {
    /// Files or parts of files.
    pub files: u64,
    /// Rows.
    pub rows: u64,
    /// What stayed, and why. It can be planned again.
    pub failed: Vec<(PartitionId, HubError)>,
}

impl DropPlan {
    fn add(&mut self, file: PlannedDrop) {
        self.rows += file.rows;
        self.bytes += file.bytes;
        self.oldest_us = self.oldest_us.into_iter().chain(file.oldest_us).min();
        self.newest_us = self.newest_us.into_iter().chain(file.newest_us).max();
        self.files.push(file);
    }
}

impl Hub {
    /// What would go if only rows from `older_than_us` on were kept.
    pub fn plan_drop(&self, organization: u32, dataset: Dataset, older_than_us: i64) -> Result<DropPlan, HubError> {
        let mut plan = DropPlan::default();
        let found = self.inner.entries(organization, dataset, |entry| {
            matches!(entry.state, State::Open | State::Sealed) && entry.month.start_us() < older_than_us
        });
        for (id, _) in found {
            let entry = self.inner.counted_entry(id)?;
            let newest = entry.max_us.unwrap_or(entry.month.end_us() - 1);
            if newest < older_than_us {
                plan.add(whole(id, &entry));
            } else if entry.min_us.is_some_and(|oldest| oldest < older_than_us) {
                plan.add(self.inner.boundary(id, &entry, older_than_us)?);
            }
        }
        Ok(plan)
    }

    /// What would go if the organization's events were to take no more than `max_bytes`: its oldest sealed files.
    pub fn plan_cap(&self, organization: u32, max_bytes: u64) -> DropPlan {
        let mut total = 0;
        let mut sealed = Vec::new();
        for dataset in Dataset::ALL {
            for (id, entry) in self.inner.entries(organization, dataset, |_| true) {
                total += files::size(&self.inner.file_ref(id, &entry).path);
                if entry.state == State::Sealed {
                    sealed.push((id, entry));
                }
            }
        }
        sealed.sort_by_key(|(id, _)| (id.key.month, id.key.dataset, id.generation));
        let mut plan = DropPlan::default();
        for (id, entry) in sealed {
            if total <= max_bytes {
                break;
            }
            total = total.saturating_sub(entry.bytes);
            plan.add(whole(id, &entry));
        }
        plan
    }

    /// Removes what the plan names, if it is still as planned.
    pub fn drop_planned(&self, plan: &DropPlan) -> Dropped {
        let _upkeep = lock(&self.inner.upkeep);
        let mut dropped = Dropped::default();
        self.inner.retry_drops(&mut dropped);
        for file in &plan.files {
            let done = match file.before_us {
                None => self.inner.drop_whole(file),
                Some(before_us) => self.inner.drop_before(file.partition, before_us),
            };
            match done {
                Ok(()) => {
                    dropped.files += 1;
                    dropped.rows += file.rows;
                }
                Err(error) => dropped.failed.push((file.partition, error)),
            }
        }
        dropped
    }

    /// Hands out the file store keys (picture, thumbnail) of the screenshots that a plan removes.
    pub fn planned_file_keys(&self, plan: &DropPlan, take: &mut dyn FnMut(&str, &str)) -> Result<(), HubError> {
        for file in plan.files.iter().filter(|file| file.partition.key.dataset == Dataset::Screenshots) {
            let condition = before(file.before_us);
            self.inner.read_partition(file.partition, |connection, alias| {
                each(
                    connection,
                    &format!("SELECT file_key, thumb_key FROM {alias}.events WHERE {condition}"),
                    |cells, row| {
                        take(cells.text(0, row)?, cells.text(1, row)?);
                        Ok(())
                    },
                )
            })?;
        }
        Ok(())
    }

    /// Writes the rows that are to go into a Parquet file in the temporary folder; the caller moves it where it shall stay.
    pub fn archive(&self, file: &PlannedDrop) -> Result<PathBuf, HubError> {
        let key = file.partition.key;
        let name = format!("{}-{}-{}-g{}.parquet", key.organization, key.dataset, key.month, file.partition.generation);
        let path = self.inner.config.temp_dir.join(name);
        files::remove(&path)?;
        let connection = self.inner.readers.take()?;
        let leased = self.inner.lease(file.partition, Some(connection.interrupt_handle()))?;
        let (alias, condition) = (&leased.alias, before(file.before_us));
        let sql = format!(
            "COPY (SELECT e.*, b.received_at, b.source, a.computer_uid, a.user_sid, a.user_name FROM {alias}.events e \
             LEFT JOIN {alias}._batches b ON b.id = e.batch LEFT JOIN {alias}._accounts a ON a.account = e.account \
             WHERE {condition} ORDER BY e.ts) TO {} (FORMAT parquet)",
            quote_path(&path)
        );
        connection.execute_batch(&sql).map_err(|error| {
            let error = EngineError::from(error);
            let missing = error.to_string().contains("Copy Function with name parquet")
                || error.to_string().contains("parquet extension");
            if missing { HubError::NoParquet } else { HubError::Engine(error) }
        })?;
        files::sync_file(&path)?;
        Ok(path)
    }
}

fn before(before_us: Option<i64>) -> String {
    before_us.map_or_else(|| "true".to_owned(), |us| format!("ts < make_timestamp({us})"))
}

pub(crate) fn whole(id: PartitionId, entry: &Entry) -> PlannedDrop {
    PlannedDrop {
        partition: id,
        before_us: None,
        rows: entry.rows,
        bytes: entry.bytes,
        oldest_us: entry.min_us,
        newest_us: entry.max_us,
    }
}

impl Inner {
    /// The entry with counts that are those of the file.
    pub(crate) fn counted_entry(&self, id: PartitionId) -> Result<Entry, HubError> {
        let entry = self.entry(id)?;
        if entry.counted || entry.state == State::Sealed {
            return Ok(entry);
        }
        let writer = lock(&self.writer);
        let leased = self.lease(id, None)?;
        self.count_file(id, &writer, &leased.alias)?;
        self.entry(id)
    }

    fn boundary(&self, id: PartitionId, entry: &Entry, before_us: i64) -> Result<PlannedDrop, HubError> {
        let (rows, oldest_us, newest_us) = self.read_partition(id, |connection, alias| {
            let sql = format!(
                "SELECT count(*), epoch_us(min(ts)), epoch_us(max(ts)) FROM {alias}.events WHERE {}",
                before(Some(before_us))
            );
            Ok(connection.query_row(&sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?)))?)
        })?;
        let rows = u64::try_from(rows).unwrap_or(0);
        let bytes =
            u64::try_from(u128::from(entry.bytes) * u128::from(rows) / u128::from(entry.rows.max(1))).unwrap_or(0);
        Ok(PlannedDrop { partition: id, before_us: Some(before_us), rows, bytes, oldest_us, newest_us })
    }

    pub(crate) fn drop_whole(&self, file: &PlannedDrop) -> Result<(), HubError> {
        let id = file.partition;
        let entry = {
            let _writer = lock(&self.writer);
            let entry = self.entry(id)?;
            if entry.max_us > file.newest_us {
                return Err(HubError::WrongState { partition: id, state: "newer than when it was planned" });
            }
            self.update_entry(id, |entry| entry.state = State::Dropping);
            let saved = self.save_catalog(id.key);
            if saved.is_err() {
                self.update_entry(id, |current| *current = entry.clone());
                saved?;
            }
            lock(&self.unsafe_files).remove(&id);
            lock(&self.ledgers).forget(id.key);
            entry
        };
        self.finish_drop(id, &entry)
    }

    /// Removes what an earlier call has marked and could not get hold of.
    fn retry_drops(&self, dropped: &mut Dropped) {
        let keys: Vec<_> = lock(&self.catalogs).keys().copied().collect();
        for (organization, dataset) in keys {
            for (id, entry) in self.entries(organization, dataset, |entry| entry.state == State::Dropping) {
                match self.finish_drop(id, &entry) {
                    Ok(()) => dropped.files += 1,
                    Err(error) => dropped.failed.push((id, error)),
                }
            }
        }
    }

    pub(crate) fn finish_drop(&self, id: PartitionId, entry: &Entry) -> Result<(), HubError> {
        self.clear_away(&self.file_ref(id, entry))?;
        self.with_catalog(id.key.organization, id.key.dataset, |catalog| {
            catalog.remove(id.key.month, id.generation);
            catalog.save()
        })
    }

    fn drop_before(&self, id: PartitionId, before_us: i64) -> Result<(), HubError> {
        let entry = self.entry(id)?;
        let rewrite = Rewrite { id, keep_from_us: Some(before_us), state: entry.state };
        match entry.state {
            State::Sealed => self.rewrite(rewrite),
            // No rows may come while an open file is rewritten.
            State::Open => {
                let writer = lock(&self.writer);
                self.make_safe(id, &writer)?;
                self.rewrite(rewrite)
            }
            State::Quarantined | State::Dropping => {
                Err(HubError::WrongState { partition: id, state: entry.state.name() })
            }
        }
    }
}

/// Finishes what tombstones say, before anything is attached.
pub(crate) fn finish_drops(catalogs: &mut Catalogs) {
    for catalog in catalogs.values_mut() {
        if let Err(error) = fs::remove_dir_all(catalog.dir.join(TRASH))
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "trash of {} could not be emptied", catalog.dataset);
        }
        let dropping: Vec<_> = catalog.entries().filter(|entry| entry.state == State::Dropping).cloned().collect();
        for entry in dropping {
            let done = discard(&catalog.dir.join(entry.file_name())).and_then(|()| {
                catalog.remove(entry.month, entry.generation);
                catalog.save()
            });
            if let Err(error) = done {
                tracing::warn!(%error, "removal of {} could not be finished", entry.file_name());
            }
        }
    }
}
