//! A person's day out of the rows of all accounts that were theirs.
//!
//! At any moment a person does one thing: input at any computer counts before an unlocked screen, that before a locked
//! one, and of several computers in the same state the one that came into it last. So the parts of a day never overlap,
//! and what each account contributed can be kept by account and added up again.

use std::collections::BTreeMap;

use super::lane;
use super::lane::States;
use super::merge;
use super::observed::Observed;
use super::parts;
use super::parts::Part;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::monitoring::Catalogue;
use crate::monitoring::Category;
use crate::monitoring::Lane;
use crate::monitoring::Segment;
use crate::monitoring::SessionMark;
use crate::monitoring::State;
use crate::monitoring::StateSpan;
use crate::monitoring::Timeline;
use crate::monitoring::Totals;

/// What one account contributed to its person's day, by names as they were observed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Share {
    pub(crate) account: i64,
    /// Milliseconds by application and site; the site is empty outside of browsers.
    pub(crate) uses: BTreeMap<(String, String), i64>,
    pub(crate) no_input_ms: i64,
    pub(crate) locked_ms: i64,
    pub(crate) no_data_ms: i64,
    pub(crate) first_input_ms: Option<i64>,
    pub(crate) last_input_ms: Option<i64>,
}

/// Who did what, with overlaps resolved. Both the drawing and the sums are made of this.
pub(crate) struct Resolved {
    pub(crate) accounts: Vec<Observed>,
    lanes: Vec<States>,
    uses: Vec<Use>,
    /// States other than active, with the account.
    rest: Vec<(Part, usize, State)>,
}

/// A stretch of one window and at most one site.
struct Use {
    part: Part,
    account: usize,
    /// Index of the window; none when there was input but no window.
    window: Option<usize>,
    site: Option<usize>,
}

type PartsOf = fn(&States) -> &Vec<Part>;

/// Resolves the rows of one person and day.
pub(crate) fn resolve(mut accounts: Vec<Observed>, catalogue: &Catalogue) -> Resolved {
    accounts.retain(|account| !account.is_empty());
    accounts.iter_mut().for_each(Observed::fill_windows);
    accounts.sort_by_key(|account| account.extents().map(|extent| extent.from).min());
    let lanes: Vec<_> = accounts.iter().map(|account| lane::states(account, catalogue)).collect();
    let mut taken = Vec::new();
    let active = take(&lanes, &mut taken, |lane| &lane.active);
    let mut rest = Vec::new();
    let others: [(State, PartsOf); 3] = [
        (State::NoInput, |lane| &lane.no_input),
        (State::Locked, |lane| &lane.locked),
        (State::NoData, |lane| &lane.no_data),
    ];
    for (state, of) in others {
        let found = take(&lanes, &mut taken, of);
        rest.extend(found.into_iter().map(|(part, account)| (part, account, state)));
    }
    let mut uses = Vec::new();
    for (index, account) in accounts.iter().enumerate() {
        let own = active.iter().filter(|(_, owner)| *owner == index).map(|(part, _)| *part);
        uses.extend(uses_of(account, index, &own.collect::<Vec<_>>(), catalogue));
    }
    uses.sort_by_key(|one| one.part);
    rest.sort_by_key(|(part, ..)| *part);
    Resolved { accounts, lanes, uses, rest }
}

/// Gives each moment of a state, where no earlier state has taken it, to one account.
fn take(lanes: &[States], taken: &mut Vec<Part>, of: impl Fn(&States) -> &Vec<Part>) -> Vec<(Part, usize)> {
    let all = lanes.iter().enumerate().flat_map(|(index, lane)| of(lane).iter().map(move |part| (*part, index)));
    let free = parts::subtract(&[Part::new(i64::MIN, i64::MAX)], taken);
    let given = parts::cut(&parts::latest_wins(all.collect()), &free);
    let more = given.iter().map(|(part, _)| *part);
    *taken = parts::union(taken.iter().copied().chain(more).collect());
    given
}

/// The windows of an account within its own active time, split where the browser changed its site.
fn uses_of(account: &Observed, index: usize, own: &[Part], catalogue: &Catalogue) -> Vec<Use> {
    let windows = account.windows.iter().enumerate().filter(|(_, window)| !catalogue.is_lock_screen(&window.app));
    let windows = parts::latest_wins(windows.map(|(at, window)| (window.part, at)).collect());
    let windows = parts::cut(&windows, own);
    let sites = account.sites.iter().enumerate().map(|(at, site)| (site.part, at)).collect();
    let sites = parts::latest_wins(sites);
    let mut uses = Vec::with_capacity(windows.len() + 8);
    let mut browser = ("", false);
    let mut first = 0;
    for (part, window) in &windows {
        let app = account.windows[*window].app.as_str();
        if browser.0 != app {
            browser = (app, catalogue.is_browser(app));
        }
        let mut plain = |from, to, site| {
            if from < to {
                uses.push(Use { part: Part::new(from, to), account: index, window: Some(*window), site });
            }
        };
        let mut at = part.from;
        while first < sites.len() && sites[first].0.to <= at {
            first += 1;
        }
        if browser.1 {
            for (shown, site) in sites[first..].iter().take_while(|(shown, _)| shown.from < part.to) {
                plain(at, shown.from, None);
                plain(at.max(shown.from), shown.to.min(part.to), Some(*site));
                at = shown.to.min(part.to);
            }
        }
        plain(at, part.to, None);
    }
    let covered: Vec<_> = windows.iter().map(|(part, _)| *part).collect();
    let bare = parts::subtract(own, &parts::union(covered));
    uses.extend(bare.into_iter().map(|part| Use { part, account: index, window: None, site: None }));
    uses
}

impl Resolved {
    fn app(&self, one: &Use) -> &str {
        let window = one.window.and_then(|window| self.accounts[one.account].windows.get(window));
        window.map_or("", |window| window.app.as_str())
    }

    fn site(&self, one: &Use) -> &str {
        let site = one.site.and_then(|site| self.accounts[one.account].sites.get(site));
        site.map_or("", |site| site.domain.as_str())
    }

    fn title(&self, one: &Use) -> &str {
        let account = &self.accounts[one.account];
        let site = one.site.and_then(|site| account.sites.get(site)).map(|site| site.title.as_str());
        let window = one.window.and_then(|window| account.windows.get(window)).map(|window| window.title.as_str());
        site.filter(|title| !title.is_empty()).or(window).unwrap_or_default()
    }

    /// What each account contributed.
    pub(crate) fn shares(&self) -> Vec<Share> {
        let share = |account: &Observed| Share { account: account.account, ..Share::default() };
        let mut shares: Vec<Share> = self.accounts.iter().map(share).collect();
        for one in &self.uses {
            let key = (self.app(one).trim().to_owned(), self.site(one).to_owned());
            let share = &mut shares[one.account];
            *share.uses.entry(key).or_default() += one.part.ms();
            share.first_input_ms = Some(share.first_input_ms.map_or(one.part.from, |at| at.min(one.part.from)));
            share.last_input_ms = Some(share.last_input_ms.map_or(one.part.to, |at| at.max(one.part.to)));
        }
        for (part, account, state) in &self.rest {
            let share = &mut shares[*account];
            match state {
                State::Active => {}
                State::NoInput => share.no_input_ms += part.ms(),
                State::Locked => share.locked_ms += part.ms(),
                State::NoData => share.no_data_ms += part.ms(),
            }
        }
        shares
    }

    /// The time in use with its categories, account by account.
    pub(crate) fn categories(&self, catalogue: &Catalogue) -> Vec<(i64, Part, Category)> {
        let rated = self.uses.iter().map(|one| {
            let category = catalogue.classify(self.app(one), self.site(one));
            (self.accounts[one.account].account, one.part, category)
        });
        rated.collect()
    }

    /// Each account's own states.
    pub(crate) fn lanes(&self) -> Vec<Lane> {
        self.accounts.iter().zip(&self.lanes).map(|(account, states)| drawn(account, states)).collect()
    }

    /// The day as it is drawn.
    pub(crate) fn timeline(&self, catalogue: &Catalogue) -> Timeline {
        let pieces: Vec<Segment> = self.uses.iter().map(|one| self.segment(one, catalogue)).collect();
        let totals = self.totals(&pieces);
        let sites = pieces.iter().filter(|piece| piece.site.is_some()).cloned().collect();
        let extents = || self.accounts.iter().flat_map(Observed::extents);
        let seen = extents().map(|extent| extent.from).min().zip(extents().map(|extent| extent.to).max());
        let mut sessions: Vec<SessionMark> = self.accounts.iter().flat_map(marks).collect();
        sessions.sort_by_key(|mark| mark.at);
        let mut screenshots: Vec<_> =
            self.accounts.iter().flat_map(|account| account.screenshots.iter().cloned()).collect();
        screenshots.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Timeline {
            lanes: self.lanes(),
            states: self.states(),
            first_input: self.uses.first().map(|one| at(one.part.from)),
            last_input: self.uses.iter().map(|one| one.part.to).max().map(at),
            applications: merge::applications(pieces),
            sites: merge::sites(sites),
            sessions,
            screenshots,
            totals,
            seen: seen.map(|(from, to)| span(Part::new(from, to))),
        }
    }

    fn segment(&self, one: &Use, catalogue: &Catalogue) -> Segment {
        let (app, site) = (self.app(one), self.site(one));
        Segment {
            span: span(one.part),
            ms: one.part.ms(),
            account: self.accounts[one.account].account,
            app: catalogue.app_name(app).into_owned(),
            site: (!site.is_empty()).then(|| site.to_owned()),
            title: self.title(one).to_owned(),
            category: catalogue.classify(app, site),
        }
    }

    fn totals(&self, pieces: &[Segment]) -> Totals {
        let mut totals = Totals::default();
        for piece in pieces {
            totals.add_active(piece.category, piece.ms);
        }
        for (part, _, state) in &self.rest {
            match state {
                State::Active => {}
                State::NoInput => totals.no_input_ms += part.ms(),
                State::Locked => totals.locked_ms += part.ms(),
                State::NoData => totals.no_data_ms += part.ms(),
            }
        }
        totals
    }

    fn states(&self) -> Vec<StateSpan> {
        let active = self.uses.iter().map(|one| (one.part, State::Active));
        let rest = self.rest.iter().map(|(part, _, state)| (*part, *state));
        joined(active.chain(rest).collect())
    }
}

impl Share {
    /// The sums with each use given its category.
    pub(crate) fn totals(&self, category: impl Fn(&str, &str) -> Category) -> Totals {
        let mut totals = Totals {
            no_input_ms: self.no_input_ms,
            locked_ms: self.locked_ms,
            no_data_ms: self.no_data_ms,
            ..Totals::default()
        };
        for ((app, site), ms) in &self.uses {
            totals.add_active(category(app, site), *ms);
        }
        totals
    }
}

fn drawn(account: &Observed, states: &States) -> Lane {
    let of = |parts: &[Part], state| parts.iter().map(move |part| (*part, state)).collect::<Vec<_>>();
    let all = [
        of(&states.active, State::Active),
        of(&states.no_input, State::NoInput),
        of(&states.locked, State::Locked),
        of(&states.no_data, State::NoData),
    ];
    Lane { account: account.account, states: joined(all.concat()) }
}

/// Sorts, and joins neighbours of one state that touch.
fn joined(mut parts: Vec<(Part, State)>) -> Vec<StateSpan> {
    parts.sort_unstable();
    let mut found: Vec<(Part, State)> = Vec::with_capacity(parts.len());
    for (part, state) in parts {
        match found.last_mut() {
            Some((last, same)) if *same == state && last.to >= part.from => last.to = last.to.max(part.to),
            _ => found.push((part, state)),
        }
    }
    found.into_iter().map(|(part, state)| StateSpan { span: span(part), state }).collect()
}

fn marks(account: &Observed) -> impl Iterator<Item = SessionMark> {
    account.sessions.iter().map(|(ms, action)| SessionMark { at: at(*ms), account: account.account, action: *action })
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn span(part: Part) -> Span {
    Span::new(at(part.from), at(part.to))
}
