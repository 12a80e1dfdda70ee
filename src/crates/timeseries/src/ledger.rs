//! Which batches a month already holds.
//!
//! The truth is the `_batches` table of each generation, written in the same transaction as the rows. In memory there is
//! a set of 64 bits of each batch name, so that "not seen yet", the usual answer, needs no query.

use std::collections::HashMap;
use std::collections::HashSet;

use duckdb::Connection;

use crate::catalog::State;
use crate::dataset::PartitionId;
use crate::dataset::PartitionKey;
use crate::error::EngineError;
use crate::error::HubError;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::hub::lock;
use crate::schema::Cells;
use crate::schema::key_halves;

/// What the ledger knows about a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// SHA-256 of the unpacked body.
    pub digest: [u8; 32],
    /// How many of its rows are in this partition.
    pub rows: u32,
    /// The answer that was given.
    pub answer: Option<String>,
    /// When it was received.
    pub received_at_us: i64,
}

/// One month's names and accounts.
#[derive(Default)]
pub(crate) struct MonthLedger {
    names: HashSet<u64>,
    accounts: HashSet<(u32, i64)>,
    used: u64,
}

/// The months in memory, the least recently used of which go when there are too many names.
pub(crate) struct LedgerCache {
    months: HashMap<PartitionKey, MonthLedger>,
    /// Counts changes of a month, so that a load that overlapped one is not kept.
    versions: HashMap<PartitionKey, u64>,
    limit: usize,
    tick: u64,
}

impl LedgerCache {
    pub(crate) fn new(limit: usize) -> Self {
        Self { months: HashMap::new(), versions: HashMap::new(), limit, tick: 0 }
    }

    fn version(&self, key: PartitionKey) -> u64 {
        self.versions.get(&key).copied().unwrap_or(0)
    }

    fn month(&mut self, key: PartitionKey) -> Option<&mut MonthLedger> {
        self.tick += 1;
        let month = self.months.get_mut(&key)?;
        month.used = self.tick;
        Some(month)
    }

    /// Reads the month again when it is next asked for.
    pub(crate) fn forget(&mut self, key: PartitionKey) {
        self.months.remove(&key);
        *self.versions.entry(key).or_default() += 1;
    }

    fn keep(&mut self, key: PartitionKey, mut month: MonthLedger, version: u64) -> bool {
        if self.version(key) != version {
            return false;
        }
        self.tick += 1;
        month.used = self.tick;
        self.months.insert(key, month);
        while self.months.values().map(|month| month.names.len()).sum::<usize>() > self.limit && self.months.len() > 1 {
            let oldest = self.months.iter().filter(|(other, _)| **other != key).min_by_key(|(_, month)| month.used);
            let Some(oldest) = oldest.map(|(other, _)| *other) else { break };
            self.months.remove(&oldest);
        }
        true
    }

    /// Notes what was committed.
    pub(crate) fn committed(&mut self, id: PartitionId, keys: &[[u8; 16]], accounts: &[i64]) {
        *self.versions.entry(id.key).or_default() += 1;
        if let Some(month) = self.month(id.key) {
            month.names.extend(keys.iter().map(|key| key_halves(key).0));
            month.accounts.extend(accounts.iter().map(|account| (id.generation, *account)));
        }
    }
}

impl Hub {
    /// What the month's ledger knows about a batch, over all generations. `None`: it was never stored.
    pub fn knows(&self, key: &PartitionKey, key_hash: &[u8; 16]) -> Result<Option<LedgerEntry>, HubError> {
        self.inner.load_ledger(*key)?;
        let name = key_halves(key_hash).0;
        let surely_not = lock(&self.inner.ledgers).month(*key).is_some_and(|month| !month.names.contains(&name));
        if surely_not { Ok(None) } else { self.inner.look_up(*key, key_hash) }
    }
}

impl Inner {
    /// Which of the names may be in the month already; the caller looks those up.
    pub(crate) fn maybe_known(&self, key: PartitionKey, key_hash: &[u8; 16]) -> bool {
        let name = key_halves(key_hash).0;
        lock(&self.ledgers).month(key).is_none_or(|month| month.names.contains(&name))
    }

    /// Whether the generation's `_accounts` has the account.
    pub(crate) fn has_account(&self, id: PartitionId, account: i64) -> bool {
        let entry = (id.generation, account);
        lock(&self.ledgers).month(id.key).is_some_and(|month| month.accounts.contains(&entry))
    }

    /// Asks the tables.
    pub(crate) fn look_up(&self, key: PartitionKey, key_hash: &[u8; 16]) -> Result<Option<LedgerEntry>, HubError> {
        let (high, low) = key_halves(key_hash);
        for (id, _) in self.readable(key).into_iter().rev() {
            let reader = self.readers.take()?;
            let leased = match self.lease(id, Some(reader.interrupt_handle())) {
                Ok(leased) => leased,
                // What is damaged is gone with its ledger; the batch may be stored again.
                Err(HubError::Damaged { .. }) => continue,
                Err(error) => return Err(error),
            };
            if let Some(entry) = find(&reader, &leased.alias, high, low)? {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    fn readable(&self, key: PartitionKey) -> Vec<(PartitionId, crate::catalog::Entry)> {
        self.entries(key.organization, key.dataset, |entry| {
            entry.month == key.month && matches!(entry.state, State::Open | State::Sealed)
        })
    }

    /// Brings the month's names into memory.
    pub(crate) fn load_ledger(&self, key: PartitionKey) -> Result<(), HubError> {
        for _ in 0..3 {
            let version = {
                let mut ledgers = lock(&self.ledgers);
                if ledgers.month(key).is_some() {
                    return Ok(());
                }
                ledgers.version(key)
            };
            let mut month = MonthLedger::default();
            for (id, _) in self.readable(key) {
                match self.load_generation(id, &mut month) {
                    Ok(()) | Err(HubError::Damaged { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            if lock(&self.ledgers).keep(key, month, version) {
                return Ok(());
            }
        }
        // Someone keeps writing to it; the tables answer instead.
        Ok(())
    }

    fn load_generation(&self, id: PartitionId, month: &mut MonthLedger) -> Result<(), HubError> {
        let reader = self.readers.take()?;
        let leased = self.lease(id, Some(reader.interrupt_handle()))?;
        let alias = &leased.alias;
        let loaded = each(&reader, &format!("SELECT key_hi FROM {alias}._batches"), |cells, row| {
            month.names.insert(cells.unsigned(0, row)?);
            Ok(())
        })
        .and_then(|()| {
            each(&reader, &format!("SELECT account FROM {alias}._accounts"), |cells, row| {
                month.accounts.insert((id.generation, cells.long(0, row)?));
                Ok(())
            })
        })
        .map_err(HubError::from);
        let Err(error) = loaded else { return Ok(()) };
        drop(leased);
        drop(reader);
        Err(self.judge_failure(id, error))
    }

    /// Puts the file's own counts into the catalog. Only for who holds the writer: a count that overlaps a commit
    /// would give a batch number away twice.
    pub(crate) fn count_file(&self, id: PartitionId, connection: &Connection, alias: &str) -> Result<(), HubError> {
        let sql = format!(
            "SELECT (SELECT count(*) FROM {alias}.events), (SELECT coalesce(max(id), 0) FROM {alias}._batches), \
             (SELECT epoch_us(min(ts)) FROM {alias}.events), (SELECT epoch_us(max(ts)) FROM {alias}.events)"
        );
        let (rows, batches, min_us, max_us): (i64, i32, Option<i64>, Option<i64>) =
            connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        self.update_entry(id, |entry| {
            entry.rows = u64::try_from(rows).unwrap_or(0);
            entry.batches = u32::try_from(batches).unwrap_or(0);
            entry.min_us = min_us;
            entry.max_us = max_us;
            entry.counted = true;
        });
        Ok(())
    }
}

/// Runs a query of our own making and hands each row to `take`.
pub(crate) fn each(
    connection: &Connection,
    sql: &str,
    mut take: impl FnMut(&Cells<'_>, usize) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    let mut statement = connection.prepare(sql)?;
    for batch in statement.query_arrow([])? {
        let cells = Cells(&batch);
        for row in 0..cells.rows() {
            take(&cells, row)?;
        }
    }
    Ok(())
}

fn find(connection: &Connection, alias: &str, high: u64, low: u64) -> Result<Option<LedgerEntry>, EngineError> {
    let sql = format!(
        "SELECT digest, rows, answer, received_at FROM {alias}._batches WHERE key_hi = {high} AND key_lo = {low} LIMIT 1"
    );
    let mut found = None;
    each(connection, &sql, |cells, row| {
        let answer = if cells.is_null(2, row)? { None } else { Some(cells.owned(2, row)?) };
        found = Some(LedgerEntry {
            digest: cells.digest(0, row)?,
            rows: cells.int(1, row)?,
            answer,
            received_at_us: cells.timestamp(3, row)?,
        });
        Ok(())
    })?;
    Ok(found)
}
