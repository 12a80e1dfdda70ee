//! What is kept in memory of the running day, so that the first page need not read it: filled by the roll-up.

use std::collections::HashMap;
use std::sync::Arc;

use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::monitoring::Catalogue;
use crate::monitoring::Ratings;
use crate::monitoring::StateSpan;
use crate::monitoring::Totals;
use crate::monitoring::rules::Resolved;

/// A quarter of an hour.
pub(super) const QUARTER_MS: i64 = 15 * 60_000;

/// The running day of an organization.
pub(super) struct Today {
    pub(super) day: i32,
    pub(super) span: Span,
    pub(super) as_of: Timestamp,
    /// By which rules it was rated.
    pub(super) ratings: Arc<Ratings>,
    pub(super) accounts: HashMap<i64, AccountToday>,
}

/// The running day of an account.
#[derive(Debug, Clone)]
pub(super) struct AccountToday {
    pub(super) states: Vec<StateSpan>,
    /// When the last event ended.
    pub(super) heard_ms: i64,
    /// The last thing heard was a logout.
    pub(super) off: bool,
    pub(super) totals: Totals,
    pub(super) first_input_ms: Option<i64>,
    /// Time in use for each quarter of an hour, by category.
    pub(super) quarters: Vec<Totals>,
}

impl Today {
    pub(super) fn new(day: i32, span: Span, (as_of, ratings): (Timestamp, Arc<Ratings>)) -> Self {
        Self { day, span, as_of, ratings, accounts: HashMap::new() }
    }

    /// How many quarters of an hour the day has.
    pub(super) fn quarters(&self) -> usize {
        usize::try_from(self.span.millis() / QUARTER_MS).unwrap_or(96).max(1)
    }

    pub(super) fn take(&mut self, resolved: &Resolved, catalogue: &Catalogue, as_of: Timestamp) {
        self.as_of = as_of;
        let (begin, count) = (self.span.from.as_millisecond(), self.quarters());
        let shares = resolved.shares();
        for (lane, observed) in resolved.lanes().into_iter().zip(&resolved.accounts) {
            let share = shares.iter().find(|share| share.account == lane.account);
            let account = AccountToday {
                states: lane.states,
                heard_ms: observed.extents().map(|extent| extent.to).max().unwrap_or(begin),
                off: observed.is_off(),
                totals: share.map(|share| share.totals(|app, site| catalogue.classify(app, site))).unwrap_or_default(),
                first_input_ms: share.and_then(|share| share.first_input_ms),
                quarters: vec![Totals::default(); count],
            };
            self.accounts.insert(lane.account, account);
        }
        for (account, part, category) in resolved.categories(catalogue) {
            let Some(account) = self.accounts.get_mut(&account) else { continue };
            for (index, ms) in part.steps(begin, QUARTER_MS) {
                account.quarters[index.min(count - 1)].add_active(category, ms);
            }
        }
    }
}
