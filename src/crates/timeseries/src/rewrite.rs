//! Writing a partition anew, in order and possibly without its oldest rows, and putting the new file in place of the old.
//!
//! The new file is built beside the old one, read back from disk, and compared with it by count and by hashes of all rows.
//! Only then is it renamed, and only when the catalog names it does the old one go. A crash at any step leaves either
//! file complete and named; what is left of the other is cleared at the next start.

use std::path::Path;

use duckdb::Connection;

use crate::attach::Caution;
use crate::attach::FileRef;
use crate::attach::Impatience;
use crate::catalog::Entry;
use crate::catalog::State;
use crate::catalog::TRASH;
use crate::catalog::UNFINISHED;
use crate::dataset::PartitionId;
use crate::dataset::file_name;
use crate::error::EngineError;
use crate::error::HubError;
use crate::files;
use crate::files::Stamp;
use crate::hub::Inner;
use crate::hub::alias_of;
use crate::ledger::each;
use crate::partition::create_tables;
use crate::schema;
use crate::schema::Meta;

/// Rows that are sorted at once; more would spill to disk.
const SLICE_ROWS: i64 = 8_000_000;

/// What the new file is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rewrite {
    pub(crate) id: PartitionId,
    /// Rows before this go.
    pub(crate) keep_from_us: Option<i64>,
    pub(crate) state: State,
}

impl Rewrite {
    fn condition(&self) -> String {
        self.keep_from_us.map_or_else(|| "true".to_owned(), |us| format!("ts >= make_timestamp({us})"))
    }

    /// Sealed rows are found by account; open ones stay as they came.
    fn slice_by(&self) -> &'static str {
        if self.state == State::Sealed { "account" } else { "batch" }
    }

    fn order(&self) -> &'static str {
        if self.state == State::Sealed { "account, ts, batch, idx" } else { "batch, idx" }
    }
}

/// Two files that should hold the same.
struct Pair<'a> {
    old: &'a str,
    new: &'a str,
    new_path: &'a Path,
}

/// Rows, and the time of the first and the last.
type Facts = (u64, Option<i64>, Option<i64>);

/// A table's rows, whatever their order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sum {
    rows: i64,
    xor: u64,
    total: String,
}

impl Inner {
    /// Puts a rewritten file in the place of the partition's file. Nobody may write to it meanwhile.
    pub(crate) fn rewrite(&self, rewrite: Rewrite) -> Result<(), HubError> {
        let id = rewrite.id;
        let connection = self.readers.take()?;
        let old = self.lease(id, Some(connection.interrupt_handle()))?;
        let old_file = self.file_ref(id, &old.entry);
        let dir = self.folder(id.key);
        files::require_free(&dir, 2 * files::size(&old_file.path) + self.config.min_free_bytes)?;
        let revision = old.entry.revision + 1;
        let alias = alias_of(id, revision);
        let path = dir.join(file_name(id.key.month, id.generation, revision));
        let unfinished = files::with_suffix(&path, UNFINISHED);
        self.build(&connection, &unfinished, &alias, |connection, new| fill(connection, &old.alias, new, &rewrite))?;
        let pair = Pair { old: &old.alias, new: &alias, new_path: &unfinished };
        let facts = match self.check(&connection, &pair, &rewrite) {
            Ok(facts) => facts,
            Err(error) => {
                files::remove(&unfinished)?;
                return Err(error);
            }
        };
        let sha256 = if rewrite.state == State::Sealed { Some(files::sha256(&unfinished)?) } else { None };
        files::rename(&unfinished, &path)?;
        self.switch(id, &old.entry, |entry| {
            entry.revision = revision;
            entry.state = rewrite.state;
            entry.rows = facts.0;
            entry.min_us = facts.1;
            entry.max_us = facts.2;
            entry.bytes = files::size(&path);
            entry.closed = Stamp::of_closed(&path);
            entry.sha256 = sha256;
            entry.counted = true;
        })?;
        drop(old);
        drop(connection);
        self.clear_away(&old_file)
    }

    fn switch(&self, id: PartitionId, old: &Entry, change: impl FnOnce(&mut Entry)) -> Result<(), HubError> {
        self.update_entry(id, change);
        let saved = self.save_catalog(id.key);
        if saved.is_err() {
            // The list on disk still names the old file, so we do too.
            self.update_entry(id, |entry| *entry = old.clone());
        }
        saved
    }

    /// Compares the new file, as it is on disk, with the old one; gives its rows and their first and last time.
    fn check(&self, connection: &Connection, pair: &Pair<'_>, rewrite: &Rewrite) -> Result<Facts, HubError> {
        let (old, new) = (pair.old, pair.new);
        let file = FileRef {
            alias: new.to_owned(),
            path: pair.new_path.to_owned(),
            read_only: true,
            closed: None,
            caution: Caution::Never,
        };
        let mut exclusive = self.attachments.exclusive(new, self.config.query_timeout, Impatience::GiveUp)?;
        exclusive.attach(&file)?;
        let columns = schema::column_list(rewrite.id.key.dataset);
        let compared = (|| {
            let events = sum(connection, old, "events", &columns, &rewrite.condition())?;
            let ledger = sum(connection, old, "_batches", "_batches", "true")?;
            let same = events == sum(connection, new, "events", &columns, "true")?
                && ledger == sum(connection, new, "_batches", "_batches", "true")?;
            let sql = format!("SELECT epoch_us(min(ts)), epoch_us(max(ts)) FROM {new}.events");
            let span: (Option<i64>, Option<i64>) =
                connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok::<_, EngineError>((same, events.rows, span))
        })();
        exclusive.detach()?;
        let (same, rows, (min_us, max_us)) = compared?;
        if same { Ok((u64::try_from(rows).unwrap_or(0), min_us, max_us)) } else { Err(HubError::NotEqual(rewrite.id)) }
    }

    /// Waits for the last readers of a file that the catalog no longer names, and removes it.
    pub(crate) fn clear_away(&self, file: &FileRef) -> Result<(), HubError> {
        let mut exclusive = self.attachments.exclusive(&file.alias, self.config.lease_wait, Impatience::Interrupt)?;
        exclusive.detach()?;
        discard(&file.path)
    }
}

/// Moves a file out of sight in one step, then unlinks it.
pub(crate) fn discard(path: &Path) -> Result<(), HubError> {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let trash = dir.join(TRASH);
    files::create_dir(&trash)?;
    for (path, name) in [(files::wal_of(path), files::wal_of(Path::new(name))), (path.to_owned(), name.into())] {
        if path.exists() {
            let target = trash.join(name);
            files::rename(&path, &target)?;
            files::remove(&target)?;
        }
    }
    Ok(())
}

fn fill(connection: &Connection, old: &str, new: &str, rewrite: &Rewrite) -> Result<(), HubError> {
    let (columns, condition) = (schema::column_list(rewrite.id.key.dataset), rewrite.condition());
    let read = |sql: String| connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).map_err(EngineError::from);
    let removed = read(format!("SELECT coalesce(sum(removed_rows), 0)::BIGINT FROM {old}._meta"))?;
    let going = read(format!("SELECT count(*) FROM {old}.events WHERE NOT ({condition})"))?;
    let created_us = read(format!("SELECT epoch_us(max(created_at)) FROM {old}._meta"))?;
    create_tables(connection, new, &Meta { partition: rewrite.id, created_us, removed_rows: removed + going })?;
    for (first, last) in slices(connection, old, rewrite)? {
        connection.execute_batch(&format!(
            "INSERT INTO {new}.events SELECT {columns} FROM {old}.events WHERE {condition} AND {} BETWEEN {first} AND {last} \
             ORDER BY {}",
            rewrite.slice_by(),
            rewrite.order(),
        ))?;
    }
    connection.execute_batch(&format!("INSERT INTO {new}._batches SELECT * FROM {old}._batches ORDER BY id"))?;
    Ok(connection
        .execute_batch(&format!("INSERT INTO {new}._accounts SELECT * FROM {old}._accounts ORDER BY account"))?)
}

/// Ranges of the sort column with a bounded number of rows each.
fn slices(connection: &Connection, old: &str, rewrite: &Rewrite) -> Result<Vec<(i64, i64)>, EngineError> {
    let by = rewrite.slice_by();
    let sql = format!(
        "SELECT {by}::BIGINT AS part, count(*)::BIGINT FROM {old}.events WHERE {} GROUP BY part ORDER BY part",
        rewrite.condition()
    );
    let (mut found, mut rows) = (Vec::<(i64, i64)>::new(), SLICE_ROWS);
    each(connection, &sql, |cells, row| {
        let part = cells.long(0, row)?;
        match found.last_mut().filter(|_| rows < SLICE_ROWS) {
            Some(slice) => slice.1 = part,
            None => {
                found.push((part, part));
                rows = 0;
            }
        }
        rows += cells.long(1, row)?;
        Ok(())
    })?;
    Ok(found)
}

fn sum(connection: &Connection, alias: &str, table: &str, hashed: &str, condition: &str) -> Result<Sum, EngineError> {
    let sql = format!(
        "SELECT count(*)::BIGINT, coalesce(bit_xor(h), 0)::UBIGINT, coalesce(sum((h >> 16)::BIGINT), 0)::VARCHAR \
         FROM (SELECT hash({hashed}) AS h FROM {alias}.{table} WHERE {condition})"
    );
    let mut found = Sum { rows: 0, xor: 0, total: String::new() };
    each(connection, &sql, |cells, row| {
        found = Sum { rows: cells.long(0, row)?, xor: cells.unsigned(1, row)?, total: cells.owned(2, row)? };
        Ok(())
    })?;
    Ok(found)
}
