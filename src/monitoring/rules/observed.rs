//! The raw rows of one account and day: what the rules are given.

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

    /// Without windows, what the browser says of its sites stands for them.
    pub(crate) fn fill_windows(&mut self) {
        if self.windows.is_empty() {
            let window = |site: &Site| Window { part: site.part, app: site.browser.clone(), title: site.title.clone() };
            self.windows = self.sites.iter().map(window).collect();
        }
    }
}
