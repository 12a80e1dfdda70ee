//! The draft of a policy held against what has happened: what of the last week it would keep, cut down and leave out.
//!
//! Nothing is changed. The week is read in quarters of a day, of each at most so many events and only for so long, so
//! that it ends soon however much there is; the answer says when it is a sample. Whose events they were is told only
//! when examples are asked for, and each person of them is noted, as looking at their day is.

mod judged;
mod model;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use nazorat_timeseries::AccountSpan as HubSpan;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::EventQuery;
use nazorat_timeseries::EventRow;
use nazorat_timeseries::Filter;
use nazorat_timeseries::Order;
use nazorat_wire::policy::Cause;
use nazorat_wire::policy::Exclusion;

use crate::audit::Entry;
use crate::kernel::Actor;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::monitoring::Monitoring;
use crate::monitoring::MonitoringError;
use crate::monitoring::calendar;
use crate::monitoring::explorer::hub_span;
use crate::monitoring::preview::judged::Outcome;
use crate::monitoring::preview::judged::judge;
use crate::monitoring::service::Question;
use crate::people::Reach;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::Judges;
use crate::policy::collection::Trial;

pub use self::model::{Examples, Preview, PreviewExample, PreviewKind, PreviewReason, Why};

const DAYS: i64 = 7;
/// How much time is looked at in one go.
const PART: Duration = Duration::from_secs(6 * 3_600);
/// How much it looks at where nothing else is said.
pub(super) const BOUNDS: Bounds = Bounds { most: 120_000, page: 5_000, time: Duration::from_secs(8) };
/// Examples of one reason.
const EXAMPLES: usize = 3;
const KINDS: [Dataset; 5] = [
    Dataset::ActiveWindows,
    Dataset::VisitedSites,
    Dataset::Screenshots,
    Dataset::InputActivity,
    Dataset::UserSessions,
];

/// How much it looks at, so that it ends soon.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// Events of a kind; of more than these the latest of each part.
    pub(super) most: u64,
    /// Events that are in memory at once.
    pub(super) page: usize,
    /// For how long.
    pub(super) time: Duration,
}

impl Monitoring {
    /// What a draft would have done in the last week.
    pub async fn preview(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        trial: Trial,
        examples: Examples,
    ) -> Result<Preview, MonitoringError> {
        let policy = trial.policy();
        let question = self.ask(actor, organization).await?;
        let work = move |own: &Self, question: &Question| own.preview_now(question, &trial, examples, BOUNDS);
        let found = self.read(question, work).await?;
        let shown = found.reasons.iter().flat_map(|reason| &reason.examples);
        let mut people: Vec<EmployeeId> = shown.filter_map(|one| one.employee.as_ref().map(|(id, _)| *id)).collect();
        people.sort_unstable();
        people.dedup();
        for employee in people {
            let entry = Entry::new("monitoring.read_examples").of(organization).on("employee", employee);
            self.from.audit.record(actor, entry.with("policy", policy.to_string())).await;
        }
        Ok(found)
    }

    pub(super) fn preview_now(
        &self,
        question: &Question,
        trial: &Trial,
        examples: Examples,
        bounds: Bounds,
    ) -> Result<Preview, MonitoringError> {
        let until = Instant::now() + bounds.time;
        let week = jiff::SignedDuration::from_hours(24 * DAYS);
        let span = Span::new(question.now.checked_sub(week).unwrap_or(Timestamp::UNIX_EPOCH), question.now);
        let who = who(question, trial.applies_to(), span)?;
        let mut completeness = self.completeness();
        let mut tally = Tally { question, trial, examples, judges: HashMap::new(), found: BTreeMap::new(), more: 0 };
        let mut kinds = KINDS.map(|dataset| PreviewKind { dataset: dataset.name(), ..PreviewKind::default() });
        let parts = parts(span);
        let filter = |dataset, (from_us, to_us)| {
            let organization = question.organization.get();
            Filter { organization, dataset, from_us, to_us, who: who.clone(), q: None }
        };
        for (dataset, kind) in KINDS.into_iter().zip(&mut kinds) {
            let week = (span.from.as_microsecond(), span.to.as_microsecond());
            kind.stored = self.from.hub.count(&filter(dataset, week))?.rows;
        }
        let mut out_of_time = false;
        'parts: for part in &parts {
            for (dataset, kind) in KINDS.into_iter().zip(&mut kinds).filter(|(_, kind)| kind.stored > 0) {
                let whole = kind.stored <= bounds.most;
                let share = (bounds.most / parts.len().max(1) as u64).max(1);
                let mut left = if whole { usize::MAX } else { usize::try_from(share).unwrap_or(usize::MAX) };
                let mut after = None;
                while left > 0 {
                    if Instant::now() >= until {
                        out_of_time = true;
                        break 'parts;
                    }
                    let limit = left.min(bounds.page);
                    let query = EventQuery { filter: filter(dataset, *part), order: Order::Newest, after, limit };
                    let page = self.from.hub.events(&query)?;
                    completeness = completeness.lacking(&page.incomplete);
                    left = left.saturating_sub(page.rows.len());
                    for row in page.rows {
                        tally.add(kind, row)?;
                    }
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
            }
        }
        let mut reasons: Vec<PreviewReason> = tally.found.into_values().flatten().collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.events));
        Ok(Preview {
            span,
            kinds: kinds.into_iter().filter(|kind| kind.stored > 0).collect(),
            reasons,
            more: tally.more,
            cut_before: trial.follows_another(),
            out_of_time,
            completeness,
        })
    }
}

/// What was found so far.
struct Tally<'a> {
    question: &'a Question,
    trial: &'a Trial,
    examples: Examples,
    judges: HashMap<Option<EmployeeId>, Option<Arc<Judges>>>,
    found: BTreeMap<&'static str, Vec<PreviewReason>>,
    more: u64,
}

impl Tally<'_> {
    fn add(&mut self, kind: &mut PreviewKind, row: EventRow) -> Result<(), MonitoringError> {
        let at = calendar::at(row.ts_us);
        let employee = self.question.directory.person_of(row.account, at);
        let Some(judges) = self.judges_of(employee)? else {
            // Somebody for whom this policy has no say by now.
            kind.stored = kind.stored.saturating_sub(1);
            return Ok(());
        };
        kind.looked += 1;
        let judged = judge(&judges, &row.event, row.ts_us);
        self.more += u64::from(judged.more);
        let (cause, dropped, after) = match judged.outcome {
            Outcome::Kept => {
                kind.kept += 1;
                return Ok(());
            }
            Outcome::Less(cause, after) => {
                kind.reduced += 1;
                (cause, false, after)
            }
            Outcome::Dropped(cause) => {
                kind.dropped += 1;
                (cause, true, String::new())
            }
        };
        let why = why(cause, &judges.exclusions);
        let reasons = self.found.entry(kind.dataset).or_default();
        let place = reasons.iter().position(|reason| reason.dropped == dropped && reason.why == why);
        let place = place.unwrap_or_else(|| {
            let dataset = kind.dataset;
            reasons.push(PreviewReason { dataset, why, dropped, events: 0, already: 0, examples: Vec::new() });
            reasons.len() - 1
        });
        let Some(reason) = reasons.get_mut(place) else { return Ok(()) };
        reason.events += 1;
        reason.already += u64::from(judged.already);
        if self.examples == Examples::Shown && reason.examples.len() < EXAMPLES && !judged.already {
            let seen = self.question.view.person_of(row.account, at);
            let seen = seen.map(|one| (one.id, one.surname_first()));
            // One of each person says more than three of the same.
            let is_another = reason.examples.iter().all(|one| one.employee != seen);
            if is_another && (employee.is_none() || seen.is_some()) {
                let employee = seen;
                reason.examples.push(PreviewExample { at, employee, before: judged::told(&row.event), after });
            }
        }
        Ok(())
    }

    fn judges_of(&mut self, employee: Option<EmployeeId>) -> Result<Option<Arc<Judges>>, MonitoringError> {
        if let Some(known) = self.judges.get(&employee) {
            return Ok(known.clone());
        }
        let judges = self.trial.judges(&self.question.directory, employee);
        let judges = judges.map_err(MonitoringError::Policy)?.map(Arc::new);
        self.judges.insert(employee, judges.clone());
        Ok(judges)
    }
}

fn why(cause: Cause, exclusions: &[Exclusion]) -> Why {
    match cause {
        Cause::Kind => Why::Kind,
        Cause::Hours => Why::Hours,
        Cause::PrivateWindow => Why::PrivateWindow,
        Cause::Detail => Why::Detail,
        Cause::Exclusion(place) => exclusions.get(place as usize).cloned().map_or(Why::Kind, Why::Exclusion),
    }
}

/// The latest first.
pub(super) fn parts(span: Span) -> Vec<(i64, i64)> {
    let part = i64::try_from(PART.as_micros()).unwrap_or(i64::MAX);
    let (from, to) = (span.from.as_microsecond(), span.to.as_microsecond());
    let mut all = Vec::new();
    let mut end = to;
    while end > from {
        let begin = end.saturating_sub(part).max(from);
        all.push((begin, end));
        end = begin;
    }
    all
}

/// Whose events: of those for whom the policy is, as far as the actor may see them.
fn who(question: &Question, applies_to: AppliesTo, span: Span) -> Result<Option<Vec<HubSpan>>, MonitoringError> {
    let view = &question.view;
    let spans = match applies_to {
        AppliesTo::Organization => match view.reach(span) {
            Reach::Everything => return Ok(None),
            Reach::Accounts(spans) => spans,
        },
        AppliesTo::Department(department) => view.accounts_of_department(department, span)?,
        AppliesTo::Employee(employee) => view.accounts_of(employee, span)?,
    };
    Ok(Some(spans.iter().map(hub_span).collect()))
}
