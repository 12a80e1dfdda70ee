//! Sums of day totals over days, accounts and names.

use std::ffi::OsString;
use std::fs;

use crate::error::EngineError;
use crate::error::HubError;
use crate::hub::DAY_TOTALS;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::ledger::each;
use crate::month::Month;
use crate::totals::month_of;

/// An account, and the days for which it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountDays {
    /// The account.
    pub account: i64,
    /// First day.
    pub from_day: i32,
    /// First day after.
    pub to_day: i32,
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
    /// What stays apart; kinds always do.
    pub group: GroupBy,
}

/// What is not added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GroupBy {
    /// A sum for each day.
    pub day: bool,
    /// A sum for each account.
    pub account: bool,
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
    /// What is counted.
    pub kind: u8,
    /// Which of them, when names stay apart.
    pub name: Option<String>,
    /// For how long.
    pub ms: i64,
}

impl Hub {
    /// Sums in order of day, account, kind, and longest first.
    pub fn totals(&self, query: &TotalsQuery) -> Result<Vec<TotalSum>, HubError> {
        let reader = self.inner.readers.take()?;
        let (mut leases, mut parts) = (Vec::new(), Vec::new());
        for month in self.inner.totals_months(query) {
            if let Some(lease) = self.inner.lease_totals(query.organization, month, &reader)? {
                let alias = self.inner.totals_file(query.organization, month).alias;
                parts.push(format!(
                    "SELECT day, account, kind, name, ms FROM {alias}.totals WHERE {}",
                    query.condition()
                ));
                leases.push(lease);
            }
        }
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let alarm = self.inner.watchdog.alarm(reader.interrupt_handle(), self.inner.config.query_timeout);
        let mut sums = Vec::new();
        let read = each(&reader, &query.sql(&parts.join(" UNION ALL ")), |cells, row| {
            let group = query.group;
            sums.push(TotalSum {
                day: if group.day { Some(cells.signed(0, row)?) } else { None },
                account: if group.account { Some(cells.long(1, row)?) } else { None },
                kind: cells.tiny(2, row)?,
                name: if group.name { Some(cells.owned(3, row)?) } else { None },
                ms: cells.long(4, row)?,
            });
            Ok(())
        });
        if read.is_err() && alarm.rang() {
            return Err(HubError::TimedOut(self.inner.config.query_timeout));
        }
        read.map_err(|error: EngineError| HubError::Engine(error))?;
        Ok(sums)
    }
}

impl TotalsQuery {
    fn condition(&self) -> String {
        let mut parts = vec![format!("day >= {} AND day < {}", self.from_day, self.to_day)];
        if !self.kinds.is_empty() {
            parts.push(format!("kind IN ({})", self.kinds.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")));
        }
        if let Some(accounts) = &self.accounts {
            parts.push(self.accounts_condition(accounts));
        }
        parts.join(" AND ")
    }

    fn accounts_condition(&self, accounts: &[AccountDays]) -> String {
        let (mut whole, mut partial) = (Vec::new(), Vec::new());
        for span in accounts.iter().filter(|span| span.from_day < self.to_day && self.from_day < span.to_day) {
            if span.from_day <= self.from_day && self.to_day <= span.to_day {
                whole.push(span.account.to_string());
            } else {
                let (account, from, to) = (span.account, span.from_day, span.to_day);
                partial.push(format!("(account = {account} AND day >= {from} AND day < {to})"));
            }
        }
        if !whole.is_empty() {
            partial.push(format!("account IN ({})", whole.join(", ")));
        }
        if partial.is_empty() { "false".to_owned() } else { format!("({})", partial.join(" OR ")) }
    }

    fn sql(&self, source: &str) -> String {
        let column =
            |kept: bool, name: &str, none: &str| if kept { name.to_owned() } else { format!("{none} AS {name}") };
        let mut groups = vec!["kind"];
        groups.extend(
            [(self.group.day, "day"), (self.group.account, "account"), (self.group.name, "name")]
                .iter()
                .filter(|g| g.0)
                .map(|g| g.1),
        );
        format!(
            "SELECT {}, {}, kind, {}, sum(ms)::BIGINT AS ms FROM ({source}) \
             GROUP BY {} ORDER BY day, account, kind, ms DESC, name",
            column(self.group.day, "day", "0::INTEGER"),
            column(self.group.account, "account", "0::BIGINT"),
            column(self.group.name, "name", "''::VARCHAR"),
            groups.join(", ")
        )
    }
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
