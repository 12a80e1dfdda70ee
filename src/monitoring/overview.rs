//! The first page: who is at a computer now, how the day went so far, department by department.

use std::collections::HashMap;

use nazorat_timeseries::Filter;

use crate::kernel::Actor;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::monitoring::Category;
use crate::monitoring::Completeness;
use crate::monitoring::Monitoring;
use crate::monitoring::MonitoringError;
use crate::monitoring::PersonNow;
use crate::monitoring::Presence;
use crate::monitoring::Totals;
use crate::monitoring::calendar;
use crate::monitoring::calendar::number_of;
use crate::monitoring::gather;
use crate::monitoring::service::Question;
use crate::monitoring::service::lock;
use crate::monitoring::today::AccountToday;
use crate::monitoring::today::QUARTER_MS;
use crate::people::State;

/// Whoever used a computer for less than a minute of a quarter of an hour is not counted in it.
const WORTH_COUNTING_MS: i64 = 60_000;

/// Over how long the rate of events is taken.
const RATE_MS: i64 = 5 * 60_000;

/// The day so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// The running day, from midnight to midnight.
    pub span: Span,
    /// Everybody at work whom the actor may see, by name.
    pub people: Vec<PersonNow>,
    /// How many people did what, for each quarter of an hour from midnight on.
    pub quarters: Vec<Quarter>,
    /// Every visible department from the top of the tree, each with everything below it.
    pub departments: Vec<DepartmentNow>,
    /// What today adds up to.
    pub totals: Totals,
    /// Events that happened in a minute, over the last five.
    pub events_per_minute: f64,
    /// How far it can be trusted; `as_of` is of quarters, departments' hours and totals.
    pub completeness: Completeness,
}

/// A quarter of an hour; each person counts once, for what they did longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quarter {
    /// When it begins.
    pub from: Timestamp,
    /// People whose time was mostly useful.
    pub useful: usize,
    /// Mostly neutral.
    pub neutral: usize,
    /// Mostly distracting.
    pub distracting: usize,
}

/// A department now.
#[derive(Debug, Clone, PartialEq)]
pub struct DepartmentNow {
    /// Which.
    pub department: DepartmentId,
    /// What it is called.
    pub name: String,
    /// How deep it stands in the visible tree.
    pub depth: usize,
    /// How many people belong to it and below it.
    pub people: usize,
    /// How many of them use a computer now.
    pub in_use: usize,
    /// For each hour from midnight on: the share of the people's time in which computers were used, from 0 to 1.
    pub hours: Vec<f64>,
    /// What today adds up to.
    pub totals: Totals,
    /// The first use of keyboard or mouse of anybody.
    pub first_input: Option<Timestamp>,
}

/// A person's day so far, over all accounts.
#[derive(Default)]
struct SoFar {
    totals: Totals,
    first_input_ms: Option<i64>,
    quarters: Vec<Totals>,
}

impl SoFar {
    fn add(&mut self, account: &AccountToday) {
        self.totals.add(&account.totals);
        self.first_input_ms = match (self.first_input_ms, account.first_input_ms) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.quarters.resize(account.quarters.len().max(self.quarters.len()), Totals::default());
        for (sum, quarter) in self.quarters.iter_mut().zip(&account.quarters) {
            sum.add(quarter);
        }
    }
}

impl Monitoring {
    /// What everybody is doing now.
    pub async fn presence_now(
        &self,
        actor: &Actor,
        organization: OrganizationId,
    ) -> Result<(Vec<PersonNow>, Completeness), MonitoringError> {
        let question = self.ask(actor, organization).await?;
        self.read(question, |own, question| {
            let completeness = own.completeness();
            let so_far = own.so_far(question).0;
            let (people, completeness) = own.people_now(question, &so_far, completeness)?;
            Ok((people, completeness))
        })
        .await
    }

    /// The day so far.
    pub async fn overview(&self, actor: &Actor, organization: OrganizationId) -> Result<Overview, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        self.read(question, |own, question| own.overview_now(question)).await
    }

    fn overview_now(&self, question: &Question) -> Result<Overview, MonitoringError> {
        let (so_far, as_of) = self.so_far(question);
        let (people, mut completeness) = self.people_now(question, &so_far, self.completeness())?;
        completeness.as_of = as_of;
        let mut totals = Totals::default();
        people.iter().filter_map(|one| so_far.get(&one.employee)).for_each(|one| totals.add(&one.totals));
        Ok(Overview {
            span: question.today(),
            quarters: quarters(question, &people, &so_far),
            departments: departments(question, &people, &so_far)?,
            people,
            totals,
            events_per_minute: self.events_per_minute(question)?,
            completeness,
        })
    }

    fn people_now(
        &self,
        question: &Question,
        so_far: &HashMap<EmployeeId, SoFar>,
        completeness: Completeness,
    ) -> Result<(Vec<PersonNow>, Completeness), MonitoringError> {
        let recent = self.recent(question)?;
        let today = question.today();
        let ids = question.people_of(crate::monitoring::Subject::Organization)?;
        let at_work =
            |id: &EmployeeId| question.directory.employee(*id).is_some_and(|employee| employee.state == State::Active);
        let people = ids.into_iter().filter(at_work).map(|id| {
            let first_ms = so_far.get(&id).and_then(|one| one.first_input_ms);
            let first_input = first_ms.map(|ms| calendar::at(ms * 1_000));
            PersonNow { first_input, ..question.person_now(id, today, &recent) }
        });
        Ok((people.collect(), completeness.lacking(&recent.problems)))
    }

    /// The running day of each person as the last roll-up left it, and when that was.
    fn so_far(&self, question: &Question) -> (HashMap<EmployeeId, SoFar>, Option<Timestamp>) {
        let mut found: HashMap<EmployeeId, SoFar> = HashMap::new();
        let today = lock(&self.shared.today);
        let number = number_of(question.zone.day_of(question.now));
        let Some(today) = today.get(&question.organization).filter(|today| today.day == number) else {
            return (found, None);
        };
        for (account, so_far) in &today.accounts {
            if let Some(employee) = question.directory.person_of(*account, question.now) {
                found.entry(employee).or_default().add(so_far);
            }
        }
        (found, Some(today.as_of))
    }

    fn events_per_minute(&self, question: &Question) -> Result<f64, MonitoringError> {
        let to_us = question.now.as_microsecond();
        let mut events = 0;
        for dataset in gather::SUMS {
            let organization = question.organization.get();
            let from_us = to_us - RATE_MS * 1_000;
            let filter = Filter { organization, dataset, from_us, to_us, who: None, q: None };
            events += self.from.hub.count(&filter)?.rows;
        }
        Ok(events as f64 * 60_000.0 / RATE_MS as f64)
    }
}

impl Question {
    /// The running day.
    pub(super) fn today(&self) -> Span {
        self.zone.span_of(self.zone.day_of(self.now))
    }
}

fn quarters(question: &Question, people: &[PersonNow], so_far: &HashMap<EmployeeId, SoFar>) -> Vec<Quarter> {
    let span = question.today();
    let count = usize::try_from(span.millis() / QUARTER_MS).unwrap_or(96);
    let begin = span.from.as_millisecond();
    let mut found: Vec<Quarter> = (0..count)
        .map(|index| {
            let from = calendar::at((begin + index as i64 * QUARTER_MS) * 1_000);
            Quarter { from, useful: 0, neutral: 0, distracting: 0 }
        })
        .collect();
    for one in people.iter().filter_map(|one| so_far.get(&one.employee)) {
        for (quarter, totals) in found.iter_mut().zip(&one.quarters) {
            if totals.active_ms() < WORTH_COUNTING_MS {
                continue;
            }
            let most = Category::ALL.into_iter().rev().max_by_key(|category| totals.of(*category));
            match most.unwrap_or(Category::Neutral) {
                Category::Useful => quarter.useful += 1,
                Category::Neutral => quarter.neutral += 1,
                Category::Distracting => quarter.distracting += 1,
            }
        }
    }
    found
}

fn departments(
    question: &Question,
    people: &[PersonNow],
    so_far: &HashMap<EmployeeId, SoFar>,
) -> Result<Vec<DepartmentNow>, MonitoringError> {
    let hours = usize::try_from(question.today().millis() / 3_600_000).unwrap_or(24);
    let mut found = Vec::new();
    for (department, depth) in question.view.departments() {
        let below = question.view.subtree(department.id)?;
        let belongs = |id: EmployeeId| {
            let own = question.directory.employee(id).and_then(|employee| employee.department);
            own.is_some_and(|own| below.contains(&own))
        };
        let own: Vec<&PersonNow> = people.iter().filter(|one| belongs(one.employee)).collect();
        let (mut used, mut totals) = (vec![0_i64; hours], Totals::default());
        for one in own.iter().filter_map(|one| so_far.get(&one.employee)) {
            totals.add(&one.totals);
            for (index, quarter) in one.quarters.iter().enumerate() {
                if let Some(hour) = used.get_mut(index / 4) {
                    *hour += quarter.active_ms();
                }
            }
        }
        let whole = (own.len().max(1) as f64) * 3_600_000.0;
        found.push(DepartmentNow {
            department: department.id,
            name: department.name.clone(),
            depth,
            people: own.len(),
            in_use: own.iter().filter(|one| matches!(one.presence, Presence::AtComputer(_))).count(),
            hours: used.into_iter().map(|ms| (ms as f64 / whole).min(1.0)).collect(),
            totals,
            first_input: own.iter().filter_map(|one| one.first_input).min(),
        });
    }
    Ok(found)
}
