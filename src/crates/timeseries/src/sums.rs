//! Sums of day totals over days, accounts and names.
//!
//! ## Design notes
//! A year of a thousand people is more than a million stored totals, so they are read once however many groupings are
//! asked for, and whose they are is joined to them as a table. Naming the accounts in the condition of each month cost
//! more than adding up: the engine plans every literal again for each file, and tries ranges one after the other on
//! each row. Keeping sums of whole months beside the days was left out: one more thing that can be stale, for a page
//! that is fast enough without.

use std::ffi::OsString;
use std::fs;

use crate::error::EngineError;
use crate::error::HubError;
use crate::hub::DAY_TOTALS;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::ledger::each;
use crate::month::Month;
use crate::schema::Cells;
use crate::totals::month_of;

/// An account, and the days for which it counts. The days of one account never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountDays {
    /// The account.
    pub account: i64,
    /// First day.
    pub from_day: i32,
    /// First day after.
    pub to_day: i32,
    /// For whom it counts; the caller's own number.
    pub owner: i64,
    /// Of which kind its owner is; the caller's own number.
    pub class: i64,
}

/// Which totals are wanted.
#[derive(Debug, Clone)]
pub struct TotalsQuery {
    /// The organization.
    pub organization: u32,
    /// First day, since 1970 in the organization's own calendar.
    pub from_day: i32,
    /// First day after.
    pub to_day: i32,
    /// Whose; `None` for everyone's.
    pub accounts: Option<Vec<AccountDays>>,
    /// Of which kinds; empty for all.
    pub kinds: Vec<u8>,
}

/// What is not added up. Kinds never are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GroupBy {
    /// A sum for each day.
    pub day: bool,
    /// A sum for each account.
    pub account: bool,
    /// A sum for each owner; zero owns everyone's.
    pub owner: bool,
    /// A sum for each class of owners; everyone's is zero.
    pub class: bool,
    /// A sum for each name.
    pub name: bool,
}

/// A sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalSum {
    /// The day, when days stay apart.
    pub day: Option<i32>,
    /// The account, when accounts stay apart.
    pub account: Option<i64>,
    /// The owner, when owners stay apart.
    pub owner: Option<i64>,
    /// The class of owners, when classes stay apart.
    pub class: Option<i64>,
    /// What is counted.
    pub kind: u8,
    /// Which of them, when names stay apart.
    pub name: Option<String>,
    /// For how long.
    pub ms: i64,
}

impl Hub {
    /// A list of sums for each grouping, no two of which are the same. In order of day, account, owner, kind, and
    /// longest first.
    pub fn totals<const N: usize>(
        &self,
        query: &TotalsQuery,
        groups: [GroupBy; N],
    ) -> Result<[Vec<TotalSum>; N], HubError> {
        let reader = self.inner.readers.take()?;
        let (mut leases, mut months) = (Vec::new(), Vec::new());
        for month in self.inner.totals_months(query) {
            if let Some(lease) = self.inner.lease_totals(query.organization, month, &reader)? {
                let alias = self.inner.totals_file(query.organization, month).alias;
                months.push(format!(
                    "SELECT day, account, kind, name, ms FROM {alias}.totals WHERE {}",
                    query.condition()
                ));
                leases.push(lease);
            }
        }
        let mut lists = groups.map(|_| Vec::new());
        if months.is_empty() {
            return Ok(lists);
        }
        let alarm = self.inner.watchdog.alarm(reader.interrupt_handle(), self.inner.config.query_timeout);
        let read = each(&reader, &query.sql(&months.join(" UNION ALL "), &groups), |cells, row| {
            let sum = TotalSum::read(cells, row)?;
            // What is not kept apart is null, so each row says which grouping it is of.
            if let Some((_, list)) = groups.iter().zip(&mut lists).find(|(group, _)| **group == sum.grouping()) {
                list.push(sum);
            }
            Ok(())
        });
        if read.is_err() && alarm.rang() {
            return Err(HubError::TimedOut(self.inner.config.query_timeout));
        }
        read.map_err(|error: EngineError| HubError::Engine(error))?;
        Ok(lists)
    }
}

impl TotalSum {
    fn read(cells: &Cells<'_>, row: usize) -> Result<Self, EngineError> {
        let is_kept = |column| cells.is_null(column, row).map(|is_null| !is_null);
        Ok(Self {
            day: if is_kept(0)? { Some(cells.signed(0, row)?) } else { None },
            account: if is_kept(1)? { Some(cells.long(1, row)?) } else { None },
            owner: if is_kept(2)? { Some(cells.long(2, row)?) } else { None },
            class: if is_kept(3)? { Some(cells.long(3, row)?) } else { None },
            kind: cells.tiny(4, row)?,
            name: if is_kept(5)? { Some(cells.owned(5, row)?) } else { None },
            ms: cells.long(6, row)?,
        })
    }

    fn grouping(&self) -> GroupBy {
        let (day, account) = (self.day.is_some(), self.account.is_some());
        let (owner, class) = (self.owner.is_some(), self.class.is_some());
        GroupBy { day, account, owner, class, name: self.name.is_some() }
    }
}

impl GroupBy {
    fn set(self) -> String {
        let columns = [
            (true, "kind"),
            (self.day, "day"),
            (self.account, "account"),
            (self.owner, "owner"),
            (self.class, "class"),
            (self.name, "name"),
        ];
        let kept = columns.into_iter().filter(|column| column.0).map(|column| column.1);
        format!("({})", kept.collect::<Vec<_>>().join(", "))
    }
}

impl TotalsQuery {
    fn condition(&self) -> String {
        let mut condition = format!("day >= {} AND day < {}", self.from_day, self.to_day);
        if !self.kinds.is_empty() {
            condition += &format!(" AND kind IN ({})", listed(&self.kinds, |kind| kind));
        }
        condition
    }

    fn sql(&self, months: &str, groups: &[GroupBy]) -> String {
        // A column that no grouping keeps apart cannot be asked for.
        let column = |keeps: fn(&GroupBy) -> bool, name: &str, none: &str| {
            if groups.iter().any(keeps) { name.to_owned() } else { format!("NULL::{none} AS {name}") }
        };
        let source = match &self.accounts {
            None => format!("(SELECT *, 0::BIGINT AS owner, 0::BIGINT AS class FROM ({months}))"),
            Some(spans) => {
                let spans = table(spans);
                format!("({months}) JOIN ({spans}) USING (account) WHERE day >= from_day AND day < to_day")
            }
        };
        format!(
            "SELECT {}, {}, {}, {}, kind, {}, sum(ms)::BIGINT AS ms FROM {source} GROUP BY GROUPING SETS ({}) \
             ORDER BY day, account, owner, class, kind, ms DESC, name",
            column(|group| group.day, "day", "INTEGER"),
            column(|group| group.account, "account", "BIGINT"),
            column(|group| group.owner, "owner", "BIGINT"),
            column(|group| group.class, "class", "BIGINT"),
            column(|group| group.name, "name", "VARCHAR"),
            groups.iter().map(|group| group.set()).collect::<Vec<_>>().join(", ")
        )
    }
}

/// The spans as a table. A list in a text is one literal to the engine, however long it is.
fn table(spans: &[AccountDays]) -> String {
    format!(
        "SELECT unnest('[{}]'::BIGINT[]) AS account, unnest('[{}]'::INTEGER[]) AS from_day, \
         unnest('[{}]'::INTEGER[]) AS to_day, unnest('[{}]'::BIGINT[]) AS owner, unnest('[{}]'::BIGINT[]) AS class",
        listed(spans, |span| span.account),
        listed(spans, |span| span.from_day),
        listed(spans, |span| span.to_day),
        listed(spans, |span| span.owner),
        listed(spans, |span| span.class),
    )
}

fn listed<'a, T, V: ToString>(all: &'a [T], value: impl Fn(&'a T) -> V) -> String {
    all.iter().map(|one| value(one).to_string()).collect::<Vec<_>>().join(", ")
}

impl Inner {
    /// The months of the range that have totals.
    fn totals_months(&self, query: &TotalsQuery) -> Vec<Month> {
        let (first, last) = (month_of(query.from_day), month_of(query.to_day.saturating_sub(1)));
        let dir = self.config.events_dir.join(query.organization.to_string()).join(DAY_TOTALS);
        // No folder: nothing has been computed yet.
        let names = fs::read_dir(dir).into_iter().flatten().flatten().map(|item| item.file_name());
        let month = |name: OsString| Month::parse(name.to_str()?.strip_suffix(".duckdb")?);
        let mut months: Vec<_> = names.filter_map(month).filter(|month| (first..=last).contains(month)).collect();
        months.sort();
        months
    }
}
