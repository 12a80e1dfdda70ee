//! Making a new partition file: complete and durable before anything is written to it.

use duckdb::Connection;

use crate::attach::Caution;
use crate::attach::FileRef;
use crate::attach::Impatience;
use crate::catalog::Entry;
use crate::catalog::State;
use crate::catalog::UNFINISHED;
use crate::dataset::Dataset;
use crate::dataset::PartitionId;
use crate::dataset::PartitionKey;
use crate::dataset::file_name;
use crate::error::HubError;
use crate::files;
use crate::files::Stamp;
use crate::hub::Inner;
use crate::hub::alias_of;
use crate::hub::lock;
use crate::schema;
use crate::schema::Meta;

impl Inner {
    /// The generation that takes new rows of the month: the newest open one with room, or a new one.
    pub(crate) fn writable(&self, key: PartitionKey, writer: &Connection) -> Result<PartitionId, HubError> {
        let mut open =
            self.entries(key.organization, key.dataset, |entry| entry.month == key.month && entry.state == State::Open);
        open.retain(|(id, _)| !lock(&self.rewriting).contains(id));
        let newest = open.pop();
        match newest {
            Some((id, entry)) if !self.is_full(id, &entry) => Ok(id),
            _ => self.create(key, writer),
        }
    }

    /// The newest generation of the month.
    pub(crate) fn newest(&self, key: PartitionKey) -> PartitionId {
        let found = self.entries(key.organization, key.dataset, |entry| entry.month == key.month);
        found.last().map_or(PartitionId { key, generation: 1 }, |(id, _)| *id)
    }

    fn is_full(&self, id: PartitionId, entry: &Entry) -> bool {
        let path = self.file_ref(id, entry).path;
        let bytes = files::size(&path) + files::size(&files::wal_of(&path));
        entry.rows >= self.config.roll.rows || bytes >= self.config.roll.bytes
    }

    fn create(&self, key: PartitionKey, writer: &Connection) -> Result<PartitionId, HubError> {
        let generation = self.with_catalog(key.organization, key.dataset, |catalog| {
            1 + catalog.generations(key.month).map(|entry| entry.generation).max().unwrap_or(0)
        });
        let id = PartitionId { key, generation };
        let dir = self.folder(key);
        files::create_dir(&dir)?;
        files::require_free(&dir, self.config.min_free_bytes)?;
        let created_us = self.now_us();
        let path = dir.join(file_name(key.month, generation, 1));
        let meta = Meta { partition: id, created_us, removed_rows: 0 };
        let unfinished = files::with_suffix(&path, UNFINISHED);
        self.build(writer, &unfinished, &alias_of(id, 1), |connection, alias| create_tables(connection, alias, &meta))?;
        files::rename(&unfinished, &path)?;
        let entry = Entry {
            month: key.month,
            generation,
            revision: 1,
            state: State::Open,
            rows: 0,
            batches: 0,
            min_us: None,
            max_us: None,
            bytes: files::size(&path),
            sha256: None,
            created_us,
            closed: Stamp::of_closed(&path),
            problem: None,
            counted: true,
        };
        self.with_catalog(key.organization, key.dataset, |catalog| {
            catalog.insert(entry);
            catalog.save()
        })?;
        Ok(id)
    }

    /// Makes a file at `path`, lets `fill` write into it, and closes it durably without a log beside it.
    pub(crate) fn build(
        &self,
        connection: &Connection,
        path: &std::path::Path,
        alias: &str,
        fill: impl FnOnce(&Connection, &str) -> Result<(), HubError>,
    ) -> Result<(), HubError> {
        files::remove(path)?;
        files::remove(&files::wal_of(path))?;
        let file = FileRef {
            alias: alias.to_owned(),
            path: path.to_owned(),
            read_only: false,
            closed: None,
            caution: Caution::Never,
        };
        let mut exclusive = self.attachments.exclusive(alias, self.config.query_timeout, Impatience::GiveUp)?;
        exclusive.attach(&file)?;
        let filled =
            fill(connection, alias).and_then(|()| Ok(connection.execute_batch(&format!("CHECKPOINT {alias}"))?));
        let detached = exclusive.detach();
        if let Err(error) = filled.and(detached) {
            files::remove(path)?;
            files::remove(&files::wal_of(path))?;
            return Err(error);
        }
        files::sync_file(path)
    }
}

/// Creates all tables and writes what the file is.
pub(crate) fn create_tables(connection: &Connection, alias: &str, meta: &Meta) -> Result<(), HubError> {
    let dataset: Dataset = meta.partition.key.dataset;
    connection.execute_batch(&schema::create_events(alias, dataset))?;
    for table in schema::COMMON_TABLES {
        connection.execute_batch(&table.replace("{}", alias))?;
    }
    Ok(connection.execute_batch(&schema::meta_row(alias, meta))?)
}
