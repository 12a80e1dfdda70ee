//! Reading all rows of several datasets in order of account and time: what day totals are computed from.
//!
//! Accounts are taken in groups, so that memory is bounded whatever the range holds.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use duckdb::Connection;

use crate::catalog::State;
use crate::dataset::Dataset;
use crate::dataset::PartitionId;
use crate::error::EngineError;
use crate::error::HubError;
use crate::event::Event;
use crate::event::Position;
use crate::filter::AccountSpan;
use crate::filter::Filter;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::ledger::each;
use crate::read::PartitionProblem;
use crate::read::complete;
use crate::read::problem_of;
use crate::read::read_row;
use crate::schema;
use crate::schema::Cells;

/// Rows that are in memory at once, unless one account has more.
const GROUP_ROWS: u64 = 100_000;

/// So few accounts are one group without counting their rows first: one person's, read while somebody waits.
const FEW_ACCOUNTS: usize = 8;

/// Which rows are wanted.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The organization.
    pub organization: u32,
    /// The kinds of events.
    pub datasets: Vec<Dataset>,
    /// First instant.
    pub from_us: i64,
    /// First instant after.
    pub to_us: i64,
    /// Whose; `None` for everyone's.
    pub accounts: Option<Vec<i64>>,
}

/// A row of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRow {
    /// The account as observed.
    pub account: i64,
    /// The source's clock.
    pub ts_us: i64,
    /// Where the row is.
    pub position: Position,
    /// What it says.
    pub event: Event,
}

impl Hub {
    /// Hands out rows in order of account, time and dataset until `take` breaks. Gives what could not be read.
    pub fn scan(
        &self,
        scan: &Scan,
        take: &mut dyn FnMut(ScanRow) -> ControlFlow<()>,
    ) -> Result<Vec<PartitionProblem>, HubError> {
        let mut problems = Vec::new();
        let files = self.inner.scanned_files(scan, &mut problems);
        let groups = match &scan.accounts {
            Some(few) if few.len() <= FEW_ACCOUNTS => vec![few.clone()],
            _ => self.inner.account_groups(scan, &files, &mut problems)?,
        };
        'groups: for group in groups {
            let part = Scan { accounts: Some(group), ..scan.clone() };
            let mut rows = Vec::new();
            for (id, rank) in &files {
                match self.inner.read_partition(*id, |connection, alias| scan_file(connection, alias, *id, &part)) {
                    Ok(found) => rows.extend(found.into_iter().map(|row| (*rank, row))),
                    Err(error) => problems.push(problem_of(*id, error)?),
                }
            }
            rows.sort_by_key(|(rank, row)| (row.account, row.ts_us, *rank, row.position));
            for (_, row) in rows {
                if take(row).is_break() {
                    break 'groups;
                }
            }
        }
        complete(&mut problems, Vec::new());
        Ok(problems)
    }
}

impl Scan {
    fn filter(&self, dataset: Dataset) -> Filter {
        let always = |account: &i64| AccountSpan { account: *account, from_us: i64::MIN, to_us: i64::MAX };
        Filter {
            organization: self.organization,
            dataset,
            from_us: self.from_us,
            to_us: self.to_us,
            who: self.accounts.as_ref().map(|accounts| accounts.iter().map(always).collect()),
            q: None,
        }
    }
}

impl Inner {
    /// The files with the rank of their dataset in the order asked for.
    fn scanned_files(&self, scan: &Scan, problems: &mut Vec<PartitionProblem>) -> Vec<(PartitionId, usize)> {
        let mut files = Vec::new();
        for (rank, dataset) in scan.datasets.iter().enumerate() {
            problems.extend(self.set_aside_in(&scan.filter(*dataset)));
            let found = self.entries(scan.organization, *dataset, |entry| {
                matches!(entry.state, State::Open | State::Sealed) && entry.overlaps(scan.from_us, scan.to_us)
            });
            files.extend(found.into_iter().map(|(id, _)| (id, rank)));
        }
        files
    }

    fn account_groups(
        &self,
        scan: &Scan,
        files: &[(PartitionId, usize)],
        problems: &mut Vec<PartitionProblem>,
    ) -> Result<Vec<Vec<i64>>, HubError> {
        let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
        for (id, _) in files {
            let condition = scan.filter(id.key.dataset).condition();
            let counted = self.read_partition(*id, |connection, alias| {
                let sql = format!("SELECT account, count(*) FROM {alias}.events WHERE {condition} GROUP BY account");
                let mut found = Vec::new();
                each(connection, &sql, |cells, row| {
                    found.push((cells.long(0, row)?, u64::try_from(cells.long(1, row)?).unwrap_or(0)));
                    Ok(())
                })?;
                Ok(found)
            });
            match counted {
                Ok(found) => found.into_iter().for_each(|(account, rows)| *counts.entry(account).or_default() += rows),
                Err(error) => problems.push(problem_of(*id, error)?),
            }
        }
        let (mut groups, mut rows) = (Vec::<Vec<i64>>::new(), GROUP_ROWS);
        for (account, count) in counts {
            match groups.last_mut().filter(|_| rows + count <= GROUP_ROWS) {
                Some(group) => group.push(account),
                None => {
                    groups.push(vec![account]);
                    rows = 0;
                }
            }
            rows += count;
        }
        Ok(groups)
    }

    /// The accounts that have rows in a range.
    pub(crate) fn accounts_in(&self, scan: &Scan) -> Result<BTreeSet<i64>, HubError> {
        let mut problems = Vec::new();
        let files = self.scanned_files(scan, &mut problems);
        Ok(self.account_groups(scan, &files, &mut problems)?.into_iter().flatten().collect())
    }
}

impl Hub {
    /// The accounts that have rows in the range, in order.
    pub fn accounts(&self, scan: &Scan) -> Result<BTreeSet<i64>, HubError> {
        self.inner.accounts_in(scan)
    }
}

fn scan_file(connection: &Connection, alias: &str, id: PartitionId, scan: &Scan) -> Result<Vec<ScanRow>, EngineError> {
    let (dataset, columns) = (id.key.dataset, schema::column_list(id.key.dataset));
    let sql = format!("SELECT {columns} FROM {alias}.events WHERE {}", scan.filter(dataset).condition());
    let mut rows = Vec::new();
    let mut statement = connection.prepare(&sql)?;
    for batch in statement.query_arrow([])? {
        let cells = Cells(&batch);
        for row in 0..cells.rows() {
            let read = read_row(&cells, row, id)?;
            rows.push(ScanRow { account: read.account, ts_us: read.ts_us, position: read.position, event: read.event });
        }
    }
    Ok(rows)
}
