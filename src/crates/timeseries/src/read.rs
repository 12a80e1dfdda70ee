//! Reading events in pages, and counting them.
//!
//! The total order is (time, generation, batch, index). Months do not overlap, so they are read one after another until
//! the page is full; only the generations of one month are merged. A file that cannot be read is listed, never passed over.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use duckdb::Connection;

use crate::catalog::Entry;
use crate::catalog::State;
use crate::dataset::Dataset;
use crate::dataset::PartitionId;
use crate::error::EngineError;
use crate::error::Fault;
use crate::error::HubError;
use crate::event::EventRow;
use crate::event::Position;
use crate::filter::Filter;
use crate::filter::Order;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::ledger::each;
use crate::schema;
use crate::schema::Cells;
use crate::schema::SHARED;

/// Rows that are read at once where all are wanted.
const EACH_PAGE: usize = 10_000;

/// A page of events.
#[derive(Debug, Clone)]
pub struct EventQuery {
    /// Which rows.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// The last row of the page before; it must come from the same filter and order.
    pub after: Option<Position>,
    /// How many rows at most.
    pub limit: usize,
}

/// Rows in order.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The rows.
    pub rows: Vec<EventRow>,
    /// Where the next page begins, when there is one.
    pub next: Option<Position>,
    /// What could not be read: the page may lack rows of these.
    pub incomplete: Vec<PartitionProblem>,
}

/// How far events were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Whether some could not be read.
    pub incomplete: bool,
    /// Whether there are more than were asked for.
    pub cut: bool,
}

/// A number of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub rows: u64,
    /// What could not be read and is not counted.
    pub incomplete: Vec<PartitionProblem>,
}

/// Why a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// It is damaged and set aside, and may come back from a backup.
    Quarantined,
    /// It is being removed by retention.
    Removing,
    /// The engine failed on it; it is tried again next time.
    Failed,
}

/// A file that should have been read and was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionProblem {
    /// Which.
    pub partition: PartitionId,
    /// Why.
    pub problem: Problem,
    /// What the engine said, for the log; it may name paths.
    pub detail: String,
}

/// Adds what is quarantined in the time asked for, and names each file once.
pub(crate) fn complete(problems: &mut Vec<PartitionProblem>, set_aside: Vec<PartitionProblem>) {
    problems.extend(set_aside);
    problems.sort_by_key(|problem| problem.partition);
    problems.dedup_by_key(|problem| problem.partition);
}

impl Hub {
    /// A page of events.
    pub fn events(&self, query: &EventQuery) -> Result<Page, HubError> {
        let mut page = Page::default();
        let mut rows = Vec::new();
        for (_, generations) in self.inner.months(&query.filter, query.order, query.after) {
            let wanted = (query.limit + 1).saturating_sub(rows.len());
            let mut month = Vec::new();
            for (id, _) in generations {
                match self.inner.read_partition(id, |connection, alias| fetch(connection, alias, id, query, wanted)) {
                    Ok(found) => month.extend(found),
                    Err(error) => page.incomplete.push(problem_of(id, error)?),
                }
            }
            month.sort_by(|a, b| compare(query.order, a, b));
            rows.extend(month.into_iter().take(wanted));
            if rows.len() > query.limit {
                rows.truncate(query.limit);
                page.next = rows.last().map(|row: &EventRow| row.position);
                break;
            }
        }
        page.rows = rows;
        complete(&mut page.incomplete, self.inner.set_aside_in(&query.filter));
        Ok(page)
    }

    /// Hands over all events of a filter, oldest first, but no further than the page in which there are `most`.
    pub fn each_event(&self, filter: Filter, most: usize, mut take: impl FnMut(EventRow)) -> Result<Extent, HubError> {
        let mut query = EventQuery { filter, order: Order::Oldest, after: None, limit: EACH_PAGE };
        let (mut count, mut extent) = (0, Extent::default());
        loop {
            let page = self.events(&query)?;
            count += page.rows.len();
            page.rows.into_iter().for_each(&mut take);
            extent.incomplete |= !page.incomplete.is_empty();
            if page.next.is_none() || count >= most {
                return Ok(Extent { cut: page.next.is_some(), ..extent });
            }
            query.after = page.next;
        }
    }

    /// How many events there are.
    pub fn count(&self, filter: &Filter) -> Result<Count, HubError> {
        let mut count = Count::default();
        for (id, _) in self.inner.months(filter, Order::Oldest, None).into_values().flatten() {
            match self.inner.read_partition(id, |connection, alias| count_rows(connection, alias, filter)) {
                Ok(rows) => count.rows += rows,
                Err(error) => count.incomplete.push(problem_of(id, error)?),
            }
        }
        complete(&mut count.incomplete, self.inner.set_aside_in(filter));
        Ok(count)
    }
}

impl Hub {
    /// The files of a time that are quarantined: reports made of day totals lack what they would have added.
    pub fn incomplete(&self, organization: u32, from_us: i64, to_us: i64) -> Vec<PartitionProblem> {
        let filter = |dataset| Filter { organization, dataset, from_us, to_us, who: None, q: None };
        Dataset::ALL.into_iter().flat_map(|dataset| self.inner.set_aside_in(&filter(dataset))).collect()
    }
}

/// Errors that belong to one file become a remark; all others end the query.
pub(crate) fn problem_of(id: PartitionId, error: HubError) -> Result<PartitionProblem, HubError> {
    let problem = match error {
        HubError::Damaged { .. } => Problem::Quarantined,
        HubError::WrongState { state, .. } if state == State::Quarantined.name() => Problem::Quarantined,
        HubError::WrongState { .. } | HubError::Unknown(_) => Problem::Removing,
        ref error if error.fault() == Some(Fault::Invalidated) => Problem::Failed,
        error => return Err(error),
    };
    Ok(PartitionProblem { partition: id, problem, detail: error.problem() })
}

/// Sorts months so that iteration gives them in the order asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MonthRank(i64);

impl Inner {
    /// The readable files that may hold wanted rows, month by month.
    pub(crate) fn months(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<Position>,
    ) -> BTreeMap<MonthRank, Vec<(PartitionId, Entry)>> {
        let (mut from, mut to) = (filter.from_us, filter.to_us);
        match (after, order) {
            (Some(after), Order::Newest) => to = to.min(after.ts_us.saturating_add(1)),
            (Some(after), Order::Oldest) => from = from.max(after.ts_us),
            (None, _) => {}
        }
        let found = self.entries(filter.organization, filter.dataset, |entry| {
            matches!(entry.state, State::Open | State::Sealed) && entry.overlaps(from, to)
        });
        let mut months: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (id, entry) in found {
            let start = id.key.month.start_us();
            let rank = MonthRank(if order == Order::Newest { -start } else { start });
            months.entry(rank).or_default().push((id, entry));
        }
        months
    }

    /// Files of the time asked for that are quarantined or on their way out.
    pub(crate) fn set_aside_in(&self, filter: &Filter) -> Vec<PartitionProblem> {
        let found = self.entries(filter.organization, filter.dataset, |entry| {
            entry.state == State::Quarantined && entry.overlaps(filter.from_us, filter.to_us)
        });
        found
            .into_iter()
            .map(|(partition, entry)| PartitionProblem {
                partition,
                problem: Problem::Quarantined,
                detail: entry.problem.unwrap_or_default(),
            })
            .collect()
    }

    /// Runs a query on one file, with a time limit.
    pub(crate) fn read_partition<T>(
        &self,
        id: PartitionId,
        query: impl FnOnce(&Connection, &str) -> Result<T, EngineError>,
    ) -> Result<T, HubError> {
        let reader = self.readers.take()?;
        let leased = self.lease(id, Some(reader.interrupt_handle()))?;
        let alarm = self.watchdog.alarm(reader.interrupt_handle(), self.config.query_timeout);
        let result = query(&reader, &leased.alias);
        let timed_out = alarm.rang();
        drop(alarm);
        drop(leased);
        drop(reader);
        result.map_err(|error| match error.fault() {
            Fault::Interrupted if timed_out => HubError::TimedOut(self.config.query_timeout),
            Fault::Interrupted => HubError::WrongState { partition: id, state: State::Dropping.name() },
            _ => self.judge_failure(id, HubError::Engine(error)),
        })
    }
}

fn compare(order: Order, a: &EventRow, b: &EventRow) -> Ordering {
    match order {
        Order::Newest => b.position.cmp(&a.position),
        Order::Oldest => a.position.cmp(&b.position),
    }
}

fn fetch(
    connection: &Connection,
    alias: &str,
    id: PartitionId,
    query: &EventQuery,
    limit: usize,
) -> Result<Vec<EventRow>, EngineError> {
    let filter = &query.filter;
    let mut condition = filter.condition();
    if let Some(after) = query.after {
        condition.push_str(&format!(" AND {}", query.order.after(after, id.generation)));
    }
    let columns = schema::column_list(filter.dataset);
    let order = query.order.sql();
    let sql = format!("SELECT {columns} FROM {alias}.events WHERE {condition} {order} LIMIT {limit}");
    let mut rows = Vec::new();
    let mut statement = connection.prepare(&sql)?;
    let batches = match filter.text() {
        Some(text) => statement.query_arrow([text])?,
        None => statement.query_arrow([])?,
    };
    for batch in batches {
        let cells = Cells(&batch);
        for row in 0..cells.rows() {
            rows.push(read_row(&cells, row, id)?);
        }
    }
    add_batch_facts(connection, alias, &mut rows)?;
    Ok(rows)
}

/// Reads a row whose columns are in stored order. What the ledger knows about it is still missing.
pub(crate) fn read_row(cells: &Cells<'_>, row: usize, id: PartitionId) -> Result<EventRow, EngineError> {
    let ts_us = cells.timestamp(0, row)?;
    let position = Position { ts_us, generation: id.generation, batch: cells.int(2, row)?, idx: cells.int(3, row)? };
    Ok(EventRow {
        ts_us,
        received_at_us: 0,
        source: String::new(),
        account: cells.long(1, row)?,
        position,
        event: schema::read_event(id.key.dataset, cells, SHARED.len(), row)?,
    })
}

/// Adds who sent each row and when it arrived.
fn add_batch_facts(connection: &Connection, alias: &str, rows: &mut [EventRow]) -> Result<(), EngineError> {
    let wanted: BTreeSet<u32> = rows.iter().map(|row| row.position.batch).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = wanted.iter().map(u32::to_string).collect();
    let sql = format!("SELECT id, received_at, source FROM {alias}._batches WHERE id IN ({})", ids.join(", "));
    let mut facts = BTreeMap::new();
    each(connection, &sql, |cells, row| {
        facts.insert(cells.int(0, row)?, (cells.timestamp(1, row)?, cells.owned(2, row)?));
        Ok(())
    })?;
    for row in rows {
        if let Some((received_at_us, source)) = facts.get(&row.position.batch) {
            row.received_at_us = *received_at_us;
            row.source.clone_from(source);
        }
    }
    Ok(())
}

fn count_rows(connection: &Connection, alias: &str, filter: &Filter) -> Result<u64, EngineError> {
    let sql = format!("SELECT count(*) FROM {alias}.events WHERE {}", filter.condition());
    let mut statement = connection.prepare(&sql)?;
    let rows: i64 = match filter.text() {
        Some(text) => statement.query_row([text], |row| row.get(0))?,
        None => statement.query_row([], |row| row.get(0))?,
    };
    Ok(u64::try_from(rows).unwrap_or(0))
}
