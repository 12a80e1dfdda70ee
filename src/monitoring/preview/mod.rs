//! The draft of a policy held against what has happened: what of the last week it would keep, cut down and leave out.
//!
//! Nothing is changed. The week is read in quarters of a day, of each at most so many events and only for so long, so
//! that it ends soon however much there is; the answer says when it is a sample. Whose events they were is told only
//! when examples are asked for, and each person of them is noted, as looking at their day is.

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
use crate::monitoring::Completeness;
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

mod judged;

const DAYS: i64 = 7;
/// How much time is looked at in one go.
const PART: Duration = Duration::from_secs(6 * 3_600);
/// Events of a kind that are looked at in a part; the latest of it.
const MOST_IN_PART: usize = 2_000;
/// For how long it looks.
const MOST_TIME: Duration = Duration::from_secs(8);
/// Examples of one reason.
const EXAMPLES: usize = 3;
const KINDS: [Dataset; 5] = [
    Dataset::ActiveWindows,
    Dataset::VisitedSites,
    Dataset::Screenshots,
    Dataset::InputActivity,
    Dataset::UserSessions,
];

/// Whether examples are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Examples {
    /// Numbers only, which say nothing of anybody.
    Hidden,
    /// With whose they were.
    Shown,
}

/// What a draft would have done in the last week.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The week.
    pub span: Span,
    /// Each kind of events of which there is something.
    pub kinds: Vec<PreviewKind>,
    /// Why something would be left out or cut down, the most first.
    pub reasons: Vec<PreviewReason>,
    /// Events of which more would be kept than what is in force keeps; of what was left out already none is counted.
    pub more: u64,
    /// Whether something was in force before, so that what it left out cannot be counted.
    pub cut_before: bool,
    /// Whether time was up before the whole week was looked at.
    pub out_of_time: bool,
    /// How far it can be trusted.
    pub completeness: Completeness,
}

/// Events of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreviewKind {
    /// Which.
    pub dataset: &'static str,
    /// How many there are in the week.
    pub stored: u64,
    /// How many were looked at.
    pub looked: u64,
    /// How many of these would be kept as they are.
    pub kept: u64,
    /// How many would be cut down.
    pub reduced: u64,
    /// How many would be left out.
    pub dropped: u64,
}

/// Why something would be left out or cut down.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviewReason {
    /// Of which kind the events are.
    pub dataset: &'static str,
    /// Why.
    pub why: Why,
    /// True when nothing of them would be kept.
    pub dropped: bool,
    /// How many.
    pub events: u64,
    /// For how many of them it is so already.
    pub already: u64,
    /// Some of them.
    pub examples: Vec<PreviewExample>,
}

/// What in a policy it is that keeps less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// This kind is not collected.
    Kind,
    /// Outside of the hours.
    Hours,
    /// In a private window.
    PrivateWindow,
    /// Less detail is kept.
    Detail,
    /// An exclusion.
    Exclusion(Exclusion),
}

/// One event, as it is and as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewExample {
    /// When.
    pub at: Timestamp,
    /// Whose, with "Surname Given"; `None` for an account that belongs to nobody.
    pub employee: Option<(EmployeeId, String)>,
    /// What is stored.
    pub before: String,
    /// What would be left of it; empty when nothing would.
    pub after: String,
}

impl Preview {
    /// How many events there are.
    pub fn stored(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.stored).sum()
    }

    /// How many of them were looked at.
    pub fn looked(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.looked).sum()
    }

    /// Whether not everything was looked at.
    pub fn is_sample(&self) -> bool {
        self.out_of_time || self.looked() < self.stored()
    }
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
        let work = move |own: &Self, question: &Question| own.preview_now(question, &trial, examples);
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

    fn preview_now(&self, question: &Question, trial: &Trial, examples: Examples) -> Result<Preview, MonitoringError> {
        let until = Instant::now() + MOST_TIME;
        let week = jiff::SignedDuration::from_hours(24 * DAYS);
        let span = Span::new(question.now.checked_sub(week).unwrap_or(Timestamp::UNIX_EPOCH), question.now);
        let who = who(question, trial.applies_to(), span)?;
        let mut completeness = self.completeness();
        let mut tally = Tally { question, trial, examples, judges: HashMap::new(), found: BTreeMap::new(), more: 0 };
        let mut kinds = KINDS.map(|dataset| PreviewKind { dataset: dataset.name(), ..PreviewKind::default() });
        let mut out_of_time = false;
        'parts: for (from_us, to_us) in parts(span) {
            for (dataset, kind) in KINDS.into_iter().zip(&mut kinds) {
                if Instant::now() >= until {
                    out_of_time = true;
                    break 'parts;
                }
                let organization = question.organization.get();
                let filter = Filter { organization, dataset, from_us, to_us, who: who.clone(), q: None };
                let query = EventQuery { filter, order: Order::Newest, after: None, limit: MOST_IN_PART };
                let page = self.from.hub.events(&query)?;
                completeness = completeness.lacking(&page.incomplete);
                let read = page.rows.len() as u64;
                kind.stored += if page.next.is_some() { self.from.hub.count(&query.filter)?.rows } else { read };
                for row in page.rows {
                    tally.add(kind, row)?;
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
            if employee.is_none() || seen.is_some() {
                let employee = seen.map(|one| (one.id, one.surname_first()));
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
fn parts(span: Span) -> Vec<(i64, i64)> {
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
