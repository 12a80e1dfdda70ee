//! Writing batches: rows and their ledger rows in one transaction, each batch once.

use std::collections::HashSet;

use duckdb::Connection;

use crate::dataset::PartitionId;
use crate::dataset::PartitionKey;
use crate::error::EngineError;
use crate::error::Fault;
use crate::error::HubError;
use crate::event::AccountRow;
use crate::event::Batches;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::hub::lock;
use crate::schema;
use crate::schema::Kept;
use crate::schema::NumberedBatch;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Where to; the newest file of the month when nothing was written.
    pub partition: PartitionId,
    /// How many rows.
    pub rows: u64,
    /// How many batches.
    pub batches: u64,
    /// How many batches were there already.
    pub batches_skipped: u64,
}

impl Hub {
    /// Stores batches of one month. A batch whose key is in the ledger of any generation of the month is skipped, so
    /// the same batches may be handed in again after any error.
    pub fn apply(&self, key: &PartitionKey, batches: &Batches<'_>) -> Result<Applied, HubError> {
        self.inner.check_rows(*key, batches)?;
        let writer = lock(&self.inner.writer);
        self.inner.load_ledger(*key)?;
        let fresh = self.inner.fresh_batches(*key, batches)?;
        let skipped = fresh.iter().filter(|fresh| !**fresh).count() as u64;
        if skipped == fresh.len() as u64 {
            let partition = self.inner.newest(*key);
            return Ok(Applied { partition, rows: 0, batches: 0, batches_skipped: skipped });
        }
        let id = self.inner.writable(*key, &writer)?;
        let (rows, batches) = self.inner.append(id, &writer, batches, &fresh)?;
        Ok(Applied { partition: id, rows, batches, batches_skipped: skipped })
    }
}

impl Inner {
    fn check_rows(&self, key: PartitionKey, batches: &Batches<'_>) -> Result<(), HubError> {
        let (from, to) = (key.month.start_us(), key.month.end_us());
        let fits = batches.rows.dataset() == key.dataset
            && batches
                .rows
                .heads()
                .all(|row| (from..to).contains(&row.ts_us) && (row.batch as usize) < batches.ledger.len());
        if fits { Ok(()) } else { Err(HubError::WrongPartition(key.to_string())) }
    }

    /// For each batch whether it is to be written.
    fn fresh_batches(&self, key: PartitionKey, batches: &Batches<'_>) -> Result<Vec<bool>, HubError> {
        let mut seen = HashSet::new();
        let mut fresh = Vec::with_capacity(batches.ledger.len());
        for batch in &batches.ledger {
            let first = seen.insert(batch.key_hash);
            let known = self.maybe_known(key, &batch.key_hash) && self.look_up(key, &batch.key_hash)?.is_some();
            fresh.push(first && !known);
        }
        Ok(fresh)
    }

    fn append(
        &self,
        id: PartitionId,
        writer: &Connection,
        batches: &Batches<'_>,
        fresh: &[bool],
    ) -> Result<(u64, u64), HubError> {
        let leased = self.lease(id, None)?;
        if !self.entry(id)?.counted {
            self.count_file(id, writer, &leased.alias)?;
        }
        let before = self.entry(id)?.batches;
        let plan = Plan::new(batches, fresh, before);
        let accounts = self.new_accounts(id, batches, &plan);
        if let Err(error) = write(writer, &leased.alias, batches, &plan, &accounts) {
            drop(leased);
            return Err(self.after_failed_write(id, error.into()));
        }
        lock(&self.unsafe_files).entry(id).or_insert(before);
        let keys: Vec<_> = plan.numbered.iter().map(|batch| batch.batch.key_hash).collect();
        let numbers: Vec<_> = accounts.iter().map(|account| account.account).collect();
        lock(&self.ledgers).committed(id, &keys, &numbers);
        self.note_rows(id, batches, &plan);
        Ok((plan.rows, plan.numbered.len() as u64))
    }

    fn new_accounts<'b, 'a>(
        &self,
        id: PartitionId,
        batches: &'b Batches<'a>,
        plan: &Plan<'_, '_>,
    ) -> Vec<&'b AccountRow<&'a str>> {
        let mut seen = HashSet::new();
        let used: HashSet<i64> = plan.accounts.iter().copied().collect();
        batches
            .accounts
            .iter()
            .filter(|row| used.contains(&row.account) && seen.insert(row.account) && !self.has_account(id, row.account))
            .collect()
    }

    fn note_rows(&self, id: PartitionId, batches: &Batches<'_>, plan: &Plan<'_, '_>) {
        self.update_entry(id, |entry| {
            entry.rows += plan.rows;
            entry.batches = plan.last;
            if let Some((low, high)) = plan.span {
                entry.min_us = Some(entry.min_us.map_or(low, |us| us.min(low)));
                entry.max_us = Some(entry.max_us.map_or(high, |us| us.max(high)));
            }
        });
        let heads = batches.rows.heads().filter(|row| plan.kept.get(row.batch as usize).is_some_and(Option::is_some));
        lock(&self.dirty).touch(id, plan.last, heads);
    }

    fn after_failed_write(&self, id: PartitionId, error: HubError) -> HubError {
        // Whether the commit reached the disk is not known; the tables are asked again.
        self.update_entry(id, |entry| entry.counted = false);
        lock(&self.ledgers).forget(id.key);
        match error.fault() {
            Some(Fault::Interrupted | Fault::NoMemory) | None => error,
            Some(_) => {
                self.close_for_probe(id);
                error
            }
        }
    }
}

/// What is to be written, with the numbers that the batches get.
struct Plan<'b, 'a> {
    kept: Vec<Option<u32>>,
    numbered: Vec<NumberedBatch<'b, 'a>>,
    accounts: HashSet<i64>,
    rows: u64,
    last: u32,
    span: Option<(i64, i64)>,
}

impl<'b, 'a> Plan<'b, 'a> {
    fn new(batches: &'b Batches<'a>, fresh: &[bool], before: u32) -> Self {
        let mut last = before;
        let mut kept = Vec::with_capacity(fresh.len());
        for fresh in fresh {
            kept.push(fresh.then(|| {
                last += 1;
                last
            }));
        }
        let mut counts = vec![0u32; fresh.len()];
        let mut accounts = HashSet::new();
        let mut newest = None;
        let (mut rows, mut span) = (0, None);
        for head in batches.rows.heads() {
            let batch = head.batch as usize;
            if kept.get(batch).copied().flatten().is_none() {
                continue;
            }
            if let Some(count) = counts.get_mut(batch) {
                *count += 1;
            }
            rows += 1;
            let (low, high) = span.unwrap_or((head.ts_us, head.ts_us));
            span = Some((low.min(head.ts_us), high.max(head.ts_us)));
            // Rows of one account come in runs.
            if newest != Some(head.account) {
                newest = Some(head.account);
                accounts.insert(head.account);
            }
        }
        let numbered = batches
            .ledger
            .iter()
            .zip(&kept)
            .zip(&counts)
            .filter_map(|((batch, id), rows)| id.map(|id| NumberedBatch { id, rows: *rows, batch }))
            .collect();
        Self { kept, numbered, accounts, rows, last, span }
    }
}

fn write(
    writer: &Connection,
    alias: &str,
    batches: &Batches<'_>,
    plan: &Plan<'_, '_>,
    accounts: &[&AccountRow<&str>],
) -> Result<(), EngineError> {
    writer.execute_batch("BEGIN TRANSACTION")?;
    let written = append_all(writer, alias, batches, plan, accounts)
        .and_then(|()| writer.execute_batch("COMMIT").map_err(EngineError::from));
    if written.is_err() {
        // A failed commit has rolled back already, and then there is nothing to roll back.
        drop(writer.execute_batch("ROLLBACK"));
    }
    written
}

fn append_all(
    writer: &Connection,
    alias: &str,
    batches: &Batches<'_>,
    plan: &Plan<'_, '_>,
    accounts: &[&AccountRow<&str>],
) -> Result<(), EngineError> {
    let tables = [
        ("events", schema::events_batch(&batches.rows, &Kept(&plan.kept))?),
        ("_batches", schema::ledger_batch(&plan.numbered)?),
        ("_accounts", schema::accounts_batch(accounts)?),
    ];
    for (table, columns) in tables {
        if columns.num_rows() == 0 {
            continue;
        }
        let mut appender = writer.appender_to_catalog_and_db(table, alias, "main")?;
        appender.append_record_batch(columns)?;
        // Dropping an appender hides its errors, so it is flushed first.
        appender.flush()?;
    }
    Ok(())
}
