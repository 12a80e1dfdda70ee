//! Who is at a computer now: the running day from memory, continued by the events of the last minutes.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use nazorat_timeseries::Dataset;
use nazorat_timeseries::PartitionProblem;
use nazorat_wire::SessionAction;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::kernel::ComputerId;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::monitoring::Monitoring;
use crate::monitoring::MonitoringError;
use crate::monitoring::State;
use crate::monitoring::StateSpan;
use crate::monitoring::calendar;
use crate::monitoring::gather;
use crate::monitoring::rules;
use crate::monitoring::rules::Observed;
use crate::monitoring::service::Question;
use crate::monitoring::service::lock;

/// Agents report what lasts in pieces of some minutes; whoever is silent for longer is not there now.
const SILENT_MS: i64 = 10 * 60_000;

/// How far back the last minutes reach: a silence and a little, before what is in memory of the day.
const RECENT_MS: i64 = 12 * 60_000;

/// However late the roll-up is, not further back than this.
const OLDEST_MS: i64 = 2 * 3_600_000;

/// Interruptions up to this long do not begin a new stretch.
const GLANCE_MS: i64 = 2 * 60_000;

/// How long one look at the last minutes is good for.
const FRESH_MS: i64 = 5_000;

const NEWEST: [Dataset; 3] = [Dataset::ActiveWindows, Dataset::InputActivity, Dataset::UserSessions];

/// What a person is doing now, as far as computers know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Uses a computer since then.
    AtComputer(Timestamp),
    /// A computer is unlocked, without input since then.
    NoInput(Timestamp),
    /// All computers are locked since then.
    Locked(Timestamp),
    /// Nothing is heard any more; this was the last.
    SeenToday(Timestamp),
    /// Nothing was heard today.
    NotSeen,
}

impl Presence {
    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Presence::AtComputer(_) => "at_computer",
            Presence::NoInput(_) => "no_input",
            Presence::Locked(_) => "locked",
            Presence::SeenToday(_) => "seen_today",
            Presence::NotSeen => "not_seen",
        }
    }

    /// Since when, or when last.
    pub const fn at(self) -> Option<Timestamp> {
        match self {
            Presence::AtComputer(at) | Presence::NoInput(at) | Presence::Locked(at) | Presence::SeenToday(at) => {
                Some(at)
            }
            Presence::NotSeen => None,
        }
    }
}

/// A person and what they are doing now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonNow {
    /// Who.
    pub employee: EmployeeId,
    /// What.
    pub presence: Presence,
    /// At which computer, or at which last.
    pub computer: Option<ComputerId>,
    /// The first use of keyboard or mouse of the day.
    pub first_input: Option<Timestamp>,
}

/// An account now.
#[derive(Debug, Clone, Copy)]
pub(super) struct AccountNow {
    heard_ms: i64,
    /// The state that lasts, and since when.
    lasting: Option<(State, i64)>,
}

/// One look at the last minutes.
#[derive(Clone)]
pub(super) struct Recent {
    pub(super) at: Timestamp,
    pub(super) accounts: Arc<HashMap<i64, AccountNow>>,
    pub(super) problems: Arc<Vec<PartitionProblem>>,
}

impl Monitoring {
    /// Looks anew after events have come in, at most once a second, until it is told to stop.
    pub async fn follow(
        self,
        mut changes: broadcast::Receiver<OrganizationId>,
        stop: CancellationToken,
    ) -> Result<(), std::convert::Infallible> {
        loop {
            tokio::select! {
                changed = changes.recv() => match changed {
                    Ok(organization) => self.has_news(organization),
                    // Whoever missed some is as fresh as the next look.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Ok(()),
                },
                () = stop.cancelled() => return Ok(()),
            }
        }
    }

    fn has_news(&self, organization: OrganizationId) {
        let now = self.from.clock.now().as_millisecond();
        let mut recent = lock(&self.shared.recent);
        // Many batches in a second are one piece of news.
        if recent.get(&organization).is_some_and(|recent| now - recent.at.as_millisecond() >= 1_000) {
            recent.remove(&organization);
        }
    }

    /// The last minutes of all accounts, at most five seconds old.
    pub(super) fn recent(&self, question: &Question) -> Result<Recent, MonitoringError> {
        let known = lock(&self.shared.recent).get(&question.organization).cloned();
        let now_ms = question.now.as_millisecond();
        if let Some(known) = known.filter(|known| (0..FRESH_MS).contains(&(now_ms - known.at.as_millisecond()))) {
            return Ok(known);
        }
        let recent = self.look(question)?;
        lock(&self.shared.recent).insert(question.organization, recent.clone());
        Ok(recent)
    }

    fn look(&self, question: &Question) -> Result<Recent, MonitoringError> {
        let now_ms = question.now.as_millisecond();
        let as_of = lock(&self.shared.today).get(&question.organization).map(|today| today.as_of.as_millisecond());
        let from_ms = (as_of.unwrap_or(now_ms).min(now_ms) - RECENT_MS).max(now_ms - OLDEST_MS);
        let ahead = calendar::at(question.now.as_microsecond() + 600_000_000);
        let span = Span::new(calendar::at(from_ms * 1_000), ahead);
        let scan = gather::scan(question.organization, &NEWEST, span, None);
        let mut rows: BTreeMap<i64, Observed> = BTreeMap::new();
        let problems = self.from.hub.scan(&scan, &mut |row| {
            let new = || Observed { account: row.account, ..Observed::default() };
            gather::push(rows.entry(row.account).or_insert_with(new), row, &question.catalogue);
            ControlFlow::Continue(())
        })?;
        let mut accounts = HashMap::new();
        let today = lock(&self.shared.today);
        let today = today.get(&question.organization);
        let base = |account: &i64| today.and_then(|today| today.accounts.get(account));
        for account in today.into_iter().flat_map(|today| today.accounts.keys()) {
            rows.entry(*account).or_insert_with(|| Observed { account: *account, ..Observed::default() });
        }
        for (account, observed) in rows {
            let base = base(&account);
            let states = base.map(|base| base.states.as_slice()).unwrap_or_default();
            let heard = base.map(|base| (base.heard_ms, base.off));
            accounts.insert(account, account_now(question, (from_ms, states, heard), observed));
        }
        Ok(Recent { at: question.now, accounts: Arc::new(accounts), problems: Arc::new(problems) })
    }
}

type Base<'a> = (i64, &'a [StateSpan], Option<(i64, bool)>);

/// Continues what is known of the day with the rows of the last minutes.
fn account_now(question: &Question, (from_ms, states, heard): Base<'_>, mut observed: Observed) -> AccountNow {
    let latest = observed.extents().map(|extent| extent.to).max();
    let off = if latest.is_some() { observed.is_off() } else { heard.is_some_and(|(_, off)| off) };
    let heard_ms = latest.max(heard.map(|(heard, _)| heard)).unwrap_or(i64::MIN);
    let ms = |at: Timestamp| at.as_millisecond();
    let was_locked =
        states.iter().rfind(|one| ms(one.span.from) < from_ms).is_some_and(|one| one.state == State::Locked);
    if was_locked {
        observed.sessions.push((from_ms, SessionAction::Lock));
    }
    let recent = rules::resolve(vec![observed], &question.catalogue).lanes();
    let recent = recent.iter().flat_map(|lane| &lane.states);
    let all: Vec<(State, i64, i64)> = states
        .iter()
        .chain(recent)
        .filter(|one| one.state != State::NoData)
        .map(|one| (one.state, ms(one.span.from), ms(one.span.to)))
        .collect();
    let now_ms = ms(question.now);
    let lasting = if off || now_ms - heard_ms > SILENT_MS { None } else { lasting(all) };
    AccountNow { heard_ms, lasting }
}

/// The last state and where its stretch began.
fn lasting(mut all: Vec<(State, i64, i64)>) -> Option<(State, i64)> {
    all.sort_by_key(|(_, from, to)| (*to, *from));
    let (state, mut since, _) = *all.last()?;
    for (other, from, to) in all.iter().rev() {
        if *other == state && since - to <= GLANCE_MS {
            since = since.min(*from);
        } else if since - to > GLANCE_MS {
            break;
        }
    }
    Some((state, since))
}

impl Question {
    /// What a person is doing, from what their accounts are doing.
    pub(super) fn person_now(&self, employee: EmployeeId, today: Span, recent: &Recent) -> PersonNow {
        let accounts = self.directory.accounts_of(employee, today);
        let known = accounts.iter().filter_map(|span| Some((span.account, recent.accounts.get(&span.account)?)));
        let rank = |now: &AccountNow| match now.lasting {
            Some((State::Active, since)) => (3, since),
            Some((State::NoInput, since)) => (2, since),
            Some((State::Locked, since)) => (1, since),
            _ => (0, now.heard_ms),
        };
        let best = known.max_by_key(|(_, now)| rank(now));
        let at = |ms: i64| calendar::at(ms.saturating_mul(1_000));
        let presence = best.map_or(Presence::NotSeen, |(_, now)| match now.lasting {
            Some((State::Active, since)) => Presence::AtComputer(at(since)),
            Some((State::NoInput, since)) => Presence::NoInput(at(since)),
            Some((State::Locked, since)) => Presence::Locked(at(since)),
            _ if now.heard_ms > i64::MIN => Presence::SeenToday(at(now.heard_ms)),
            _ => Presence::NotSeen,
        });
        let computer = best.and_then(|(account, _)| self.directory.computer_user_of(account)).map(|user| user.computer);
        PersonNow { employee, presence, computer, first_input: None }
    }
}
