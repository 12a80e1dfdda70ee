//! Day totals: how long each account spent on what, day by day. Derived from the events and rebuildable from them.
//!
//! `DATA/events/<organization>/day_totals/<YYYY-MM>.duckdb`, one file for each month of the organization's own calendar.
//! These files are updated in place, unlike the partitions; one that is damaged is set aside and computed anew.

use duckdb::Connection;

use crate::attach::Caution;
use crate::attach::FileRef;
use crate::attach::Impatience;
use crate::attach::Lease;
use crate::attach::LeaseError;
use crate::error::EngineError;
use crate::error::HubError;
use crate::files;
use crate::hub::DAY_TOTALS;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::hub::lock;
use crate::month::DAY_US;
use crate::month::Month;
use crate::schema::Columns;

const TABLES: &str = "CREATE TABLE {}.totals (day INTEGER, account BIGINT, kind UTINYINT, name VARCHAR, ms BIGINT, \
     count INTEGER, first_us BIGINT, last_us BIGINT); \
     CREATE TABLE {}._through (dataset VARCHAR, generation INTEGER, batch INTEGER)";

/// One total of a day. What `kind` and `name` mean belongs to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalRow<S = String> {
    /// The account.
    pub account: i64,
    /// What is counted, such as programs or sites.
    pub kind: u8,
    /// Which of them.
    pub name: S,
    /// For how long, in milliseconds.
    pub ms: i64,
    /// How many events.
    pub count: u32,
    /// Time of the first.
    pub first_us: i64,
    /// End of the last.
    pub last_us: i64,
}

/// Totals of one day that replace what was stored for the same day and accounts.
#[derive(Debug, Clone)]
pub struct DayTotals<'a> {
    /// Days since 1970 in the organization's own calendar.
    pub day: i32,
    /// Whose totals are replaced; `None` for everyone's. An account without rows loses its totals of the day.
    pub accounts: Option<&'a [i64]>,
    /// The new totals.
    pub rows: &'a [TotalRow<&'a str>],
}

impl Hub {
    /// Replaces totals of some days, one transaction for each month.
    pub fn replace_totals(&self, organization: u32, days: &[DayTotals<'_>]) -> Result<(), HubError> {
        let mut months = std::collections::BTreeMap::<Month, Vec<&DayTotals<'_>>>::new();
        for day in days {
            months.entry(month_of(day.day)).or_default().push(day);
        }
        for (month, days) in months {
            self.inner.write_totals(organization, month, |writer, alias| replace(writer, alias, &days))?;
        }
        Ok(())
    }
}

/// The month of a day number.
pub(crate) fn month_of(day: i32) -> Month {
    Month::of_us(i64::from(day) * DAY_US)
}

fn replace(writer: &Connection, alias: &str, days: &[&DayTotals<'_>]) -> Result<(), EngineError> {
    for day in days {
        let whose = match day.accounts {
            None => String::new(),
            Some([]) => continue,
            Some(accounts) => {
                format!(" AND account IN ({})", accounts.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))
            }
        };
        writer.execute_batch(&format!("DELETE FROM {alias}.totals WHERE day = {}{whose}", day.day))?;
    }
    let rows: Vec<_> = days.iter().flat_map(|day| day.rows.iter().map(|row| (day.day, row))).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let mut columns = Columns::default();
    columns.days(rows.iter().map(|(day, _)| *day));
    columns.longs(rows.iter().map(|(_, row)| row.account));
    columns.tiny(rows.iter().map(|(_, row)| row.kind));
    columns.texts(rows.iter().map(|(_, row)| row.name));
    columns.longs(rows.iter().map(|(_, row)| row.ms));
    columns.ints(rows.iter().map(|(_, row)| row.count));
    columns.longs(rows.iter().map(|(_, row)| row.first_us));
    columns.longs(rows.iter().map(|(_, row)| row.last_us));
    let mut appender = writer.appender_to_catalog_and_db("totals", alias, "main")?;
    appender.append_record_batch(columns.finish()?)?;
    Ok(appender.flush()?)
}

impl Inner {
    pub(crate) fn totals_file(&self, organization: u32, month: Month) -> FileRef {
        let dir = self.config.events_dir.join(organization.to_string()).join(DAY_TOTALS);
        FileRef {
            alias: format!("t{organization}_{}", month.compact()),
            path: dir.join(format!("{month}.duckdb")),
            read_only: false,
            closed: None,
            caution: Caution::Logged,
        }
    }

    /// Attaches a month's totals, `None` when there are none.
    pub(crate) fn lease_totals(
        &self,
        organization: u32,
        month: Month,
        connection: &Connection,
    ) -> Result<Option<Lease>, HubError> {
        let file = self.totals_file(organization, month);
        if !file.path.exists() {
            return Ok(None);
        }
        match self.attachments.lease(&file, Some(connection.interrupt_handle())) {
            Ok(lease) => Ok(Some(lease)),
            Err(LeaseError::Hub(error)) => Err(error),
            Err(LeaseError::Damaged(problem)) => {
                self.lose_totals(organization, &file, &problem)?;
                Ok(None)
            }
        }
    }

    /// Sets a damaged file aside; its days count as not computed.
    fn lose_totals(&self, organization: u32, file: &FileRef, problem: &str) -> Result<(), HubError> {
        tracing::error!(organization, problem, "day totals {} were damaged and are computed anew", file.alias);
        let mut exclusive =
            self.attachments.exclusive(&file.alias, self.config.query_timeout, Impatience::Interrupt)?;
        exclusive.detach()?;
        let suffix = format!(".corrupt.{}", self.now_us());
        for path in [files::wal_of(&file.path), file.path.clone()] {
            if path.exists() {
                files::rename(&path, &files::with_suffix(&path, &suffix))?;
            }
        }
        lock(&self.dirty).forget(organization);
        Ok(())
    }

    /// Runs a change of a month's totals in one transaction; the file is made when there is none.
    pub(crate) fn write_totals(
        &self,
        organization: u32,
        month: Month,
        change: impl FnOnce(&Connection, &str) -> Result<(), EngineError>,
    ) -> Result<(), HubError> {
        let writer = lock(&self.writer);
        let file = self.totals_file(organization, month);
        let lease = match self.lease_totals(organization, month, &writer)? {
            Some(lease) => lease,
            None => {
                self.make_totals(&writer, &file)?;
                let lease = self.lease_totals(organization, month, &writer)?;
                lease.ok_or_else(|| HubError::Busy(file.alias.clone()))?
            }
        };
        writer.execute_batch("BEGIN TRANSACTION")?;
        let changed =
            change(&writer, &file.alias).and_then(|()| writer.execute_batch("COMMIT").map_err(EngineError::from));
        if changed.is_err() {
            // A failed commit has rolled back already, and then there is nothing to roll back.
            drop(writer.execute_batch("ROLLBACK"));
        }
        drop(lease);
        // Derived rows need no log that outlives a crash for long; a short log keeps the next start short.
        if files::size(&files::wal_of(&file.path)) > 16 << 20 {
            // Someone reading it may be in the way; then the next change tries again.
            drop(writer.execute_batch(&format!("CHECKPOINT {}", file.alias)));
        }
        Ok(changed?)
    }

    fn make_totals(&self, writer: &Connection, file: &FileRef) -> Result<(), HubError> {
        if let Some(dir) = file.path.parent() {
            files::create_dir(dir)?;
        }
        let unfinished = files::with_suffix(&file.path, ".new");
        self.build(writer, &unfinished, &file.alias, |connection, alias| {
            Ok(connection.execute_batch(&TABLES.replace("{}", alias))?)
        })?;
        files::rename(&unfinished, &file.path)
    }
}
