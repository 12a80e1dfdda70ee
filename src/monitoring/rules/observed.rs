//! The raw rows of one account and day: what the rules are given.

use std::collections::BTreeMap;

use nazorat_wire::InputState;
use nazorat_wire::SessionAction;

use super::parts::Part;
use crate::monitoring::Shot;

/// Everything that one account's agents said of a day. Rows may be in any order and may overlap.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observed {
    pub(crate) account: i64,
    pub(crate) windows: Vec<Window>,
    pub(crate) sites: Vec<Site>,
    pub(crate) inputs: Vec<(Part, InputState)>,
    pub(crate) sessions: Vec<(i64, SessionAction)>,
    pub(crate) screenshots: Vec<Shot>,
}

#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) part: Part,
    pub(crate) app: String,
    pub(crate) title: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) part: Part,
    pub(crate) domain: String,
    pub(crate) title: String,
    pub(crate) browser: String,
}

impl Observed {
    pub(crate) fn is_empty(&self) -> bool {
        self.windows.is_empty()
            && self.sites.is_empty()
            && self.inputs.is_empty()
            && self.sessions.is_empty()
            && self.screenshots.is_empty()
    }

    /// When each row began and ended; moments have no length.
    pub(crate) fn extents(&self) -> impl Iterator<Item = Part> {
        let windows = self.windows.iter().map(|row| row.part);
        let sites = self.sites.iter().map(|row| row.part);
        let inputs = self.inputs.iter().map(|row| row.0);
        let sessions = self.sessions.iter().map(|(at, _)| Part::new(*at, *at));
        let shots = self.screenshots.iter().map(|shot| Part::new(shot.at.as_millisecond(), shot.at.as_millisecond()));
        windows.chain(sites).chain(inputs).chain(sessions).chain(shots)
    }

    /// The rows by the day in which they begin; rows of other days are dropped.
    pub(crate) fn by_day(self, day_at: impl Fn(i64) -> Option<i32>) -> BTreeMap<i32, Observed> {
        let mut days: BTreeMap<i32, Observed> = BTreeMap::new();
        let account = self.account;
        let mut put = |at: i64, add: &mut dyn FnMut(&mut Observed)| {
            if let Some(day) = day_at(at) {
                add(days.entry(day).or_insert_with(|| Observed { account, ..Observed::default() }));
            }
        };
        for row in self.windows {
            let (at, mut row) = (row.part.from, Some(row));
            put(at, &mut |day| day.windows.extend(row.take()));
        }
        for row in self.sites {
            let (at, mut row) = (row.part.from, Some(row));
            put(at, &mut |day| day.sites.extend(row.take()));
        }
        for row in self.inputs {
            put(row.0.from, &mut |day| day.inputs.push(row));
        }
        for row in self.sessions {
            put(row.0, &mut |day| day.sessions.push(row));
        }
        for shot in self.screenshots {
            let (at, mut shot) = (shot.at.as_millisecond(), Some(shot));
            put(at, &mut |day| day.screenshots.extend(shot.take()));
        }
        days
    }

    /// True when the last thing heard was that the account logged out or was disconnected.
    pub(crate) fn is_off(&self) -> bool {
        let last = self.sessions.iter().max_by_key(|(at, _)| *at);
        last.is_some_and(|(at, action)| {
            matches!(action, SessionAction::Logout | SessionAction::Disconnect)
                && self.extents().all(|extent| extent.from <= *at)
        })
    }

    /// Without windows, what the browser says of its sites stands for them.
    pub(crate) fn fill_windows(&mut self) {
        if self.windows.is_empty() {
            let window = |site: &Site| Window { part: site.part, app: site.browser.clone(), title: site.title.clone() };
            self.windows = self.sites.iter().map(window).collect();
        }
    }
}
