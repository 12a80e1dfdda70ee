//! The conditions of a query, as SQL.
//!
//! Numbers are written into the statement, so that the engine can skip row groups by them; text is only ever bound.

use crate::dataset::Dataset;
use crate::event::Position;
use crate::schema;

/// An account, and the time for which it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountSpan {
    /// The account.
    pub account: i64,
    /// First instant.
    pub from_us: i64,
    /// First instant after.
    pub to_us: i64,
}

/// Which rows are wanted.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The organization.
    pub organization: u32,
    /// The kind of events.
    pub dataset: Dataset,
    /// First instant.
    pub from_us: i64,
    /// First instant after.
    pub to_us: i64,
    /// Whose; `None` for everyone's.
    pub who: Option<Vec<AccountSpan>>,
    /// Text that one of the text columns must contain, in any case of letters.
    pub q: Option<String>,
}

impl Filter {
    /// The condition on `events`; its only parameter, if any, is the text.
    pub(crate) fn condition(&self) -> String {
        let mut parts = vec![time_range(self.from_us, self.to_us)];
        if let Some(who) = &self.who {
            parts.push(self.accounts(who));
        }
        if self.has_text() {
            let any: Vec<_> = self.searched().map(|column| format!("contains(lower({column}), lower($1))")).collect();
            // A dataset without text has nothing that could match.
            parts.push(if any.is_empty() { "false".to_owned() } else { format!("({})", any.join(" OR ")) });
        }
        parts.join(" AND ")
    }

    fn searched(&self) -> impl Iterator<Item = &'static str> {
        schema::columns(self.dataset).iter().filter(|column| column.searched).map(|column| column.name)
    }

    fn has_text(&self) -> bool {
        self.q.as_deref().is_some_and(|text| !text.trim().is_empty())
    }

    /// The text to bind, when the condition has a parameter for it.
    pub(crate) fn text(&self) -> Option<&str> {
        self.q.as_deref().map(str::trim).filter(|_| self.has_text() && self.searched().next().is_some())
    }

    fn accounts(&self, who: &[AccountSpan]) -> String {
        let (mut whole, mut partial) = (Vec::new(), Vec::new());
        for span in who.iter().filter(|span| span.from_us < self.to_us && self.from_us < span.to_us) {
            if span.from_us <= self.from_us && self.to_us <= span.to_us {
                whole.push(span.account.to_string());
            } else {
                partial.push(format!("(account = {} AND {})", span.account, time_range(span.from_us, span.to_us)));
            }
        }
        if !whole.is_empty() {
            partial.push(format!("account IN ({})", whole.join(", ")));
        }
        if partial.is_empty() { "false".to_owned() } else { format!("({})", partial.join(" OR ")) }
    }
}

fn time_range(from_us: i64, to_us: i64) -> String {
    let (from, to) = (clamp(from_us), clamp(to_us));
    format!("ts >= make_timestamp({from}) AND ts < make_timestamp({to})")
}

/// The engine's timestamps end before the numbers do.
fn clamp(us: i64) -> i64 {
    us.clamp(0, 253_402_300_800_000_000)
}

/// Which end of time comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The latest first.
    Newest,
    /// The earliest first.
    Oldest,
}

impl Order {
    /// The rows of a generation that come after a position.
    pub(crate) fn after(self, position: Position, generation: u32) -> String {
        use std::cmp::Ordering;
        let ts = format!("make_timestamp({})", clamp(position.ts_us));
        let beyond = if self == Self::Newest { '<' } else { '>' };
        let on_same_instant = match (generation.cmp(&position.generation), self) {
            (Ordering::Equal, _) => format!("(batch, idx) {beyond} ({}, {})", position.batch, position.idx),
            (Ordering::Less, Self::Newest) | (Ordering::Greater, Self::Oldest) => "true".to_owned(),
            _ => "false".to_owned(),
        };
        format!("(ts {beyond} {ts} OR (ts = {ts} AND {on_same_instant}))")
    }

    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Newest => "ORDER BY ts DESC, batch DESC, idx DESC",
            Self::Oldest => "ORDER BY ts, batch, idx",
        }
    }
}
