//! Reading sums: what is stored where it still holds, and the small rest computed on the spot by the same rules.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use nazorat_timeseries::AccountDays;
use nazorat_timeseries::GroupBy;
use nazorat_timeseries::TotalSum;
use nazorat_timeseries::TotalsQuery;

use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Zone;
use crate::monitoring::Category;
use crate::monitoring::Completeness;
use crate::monitoring::Monitoring;
use crate::monitoring::MonitoringError;
use crate::monitoring::Totals;
use crate::monitoring::calendar::Calendar;
use crate::monitoring::calendar::day_of;
use crate::monitoring::gather;
use crate::monitoring::plan::Owners;
use crate::monitoring::plan::Plan;
use crate::monitoring::ratings::Classes;
use crate::monitoring::rollup::SEPARATOR;
use crate::monitoring::rollup::kind;
use crate::monitoring::rules;
use crate::monitoring::rules::Share;
use crate::monitoring::service::Question;
use crate::monitoring::service::lock;
use crate::people::Directory;

/// How many person-days are computed on the spot before the stored sums are good enough.
const FEW: usize = 24;

/// How many person-days are computed on the spot when there is no stored sum that could stand for them.
const MOST: usize = 200;

const SUMMED: [u8; 4] = [kind::USE, kind::NO_INPUT, kind::LOCKED, kind::NO_DATA];

/// What a question about some people and days is answered from.
pub(super) struct Reading<'a> {
    own: &'a Monitoring,
    question: &'a Question,
    plan: Plan,
    owners: Owners,
    from_day: i32,
    to_day: i32,
    computed: Vec<(EmployeeId, i32, Vec<Share>)>,
    pub(super) classes: Classes,
    pub(super) completeness: Completeness,
}

/// What stays apart in a list of rows, beside names and states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Apart {
    Nothing,
    Days,
    People,
}

/// Time of one name or state.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) day: Option<i32>,
    pub(super) employee: Option<EmployeeId>,
    class: usize,
    kind: u8,
    pub(super) app: String,
    pub(super) site: String,
    pub(super) ms: i64,
}

impl Row {
    /// True for time in use.
    pub(super) fn is_use(&self) -> bool {
        self.kind == kind::USE
    }
}

impl Monitoring {
    /// Finds out what is stored and computes the rest.
    pub(super) fn reading<'a>(
        &'a self,
        question: &'a Question,
        employees: &[EmployeeId],
        calendar: &Calendar,
    ) -> Result<Reading<'a>, MonitoringError> {
        let completeness = self.completeness();
        let plan = Plan::new(&question.directory, employees, calendar);
        let owners = plan.owners();
        let mut reading = Reading {
            own: self,
            question,
            plan,
            owners,
            from_day: calendar.first_day(),
            to_day: calendar.end_day(),
            computed: Vec::new(),
            classes: question.ratings.classes(&question.directory, employees),
            completeness,
        };
        reading.completeness.incomplete = self.set_aside(question, &gather::SUMS, calendar.span());
        reading.choose_rest(calendar)?;
        reading.compute_rest(calendar)?;
        Ok(reading)
    }

    /// Stored account-days that were resolved with other accounts than the links say now.
    pub(super) fn mismatched(
        &self,
        organization: OrganizationId,
        directory: &Arc<Directory>,
        zone: &Zone,
        today: i32,
    ) -> Result<Vec<(i64, i32)>, MonitoringError> {
        if lock(&self.shared.compared).get(&organization).is_some_and(|known| Arc::ptr_eq(known, directory)) {
            return Ok(Vec::new());
        }
        let calendar = Calendar::new(zone, day_of(today - 400), day_of(today + 1));
        let several = |employee: &EmployeeId| directory.links_of_employee(*employee).len() > 1;
        let employees: Vec<_> = directory.employees().map(|employee| employee.id).filter(several).collect();
        let plan = Plan::new(directory, &employees, &calendar);
        let stored = self.marks(organization, &calendar)?;
        let accounts = plan.assigned.iter().map(|one| one.days(one.from_day, one.to_day)).collect();
        let existing = self.existing(organization, &calendar, accounts)?;
        let all: BTreeSet<(i64, i32)> = existing.into_iter().chain(stored.keys().copied()).collect();
        let differs = |(account, day): &(i64, i32)| {
            stored.get(&(*account, *day)).map(String::as_str) != plan.mark(*account, *day)
        };
        let found = all.into_iter().filter(differs).collect();
        lock(&self.shared.compared).insert(organization, Arc::clone(directory));
        Ok(found)
    }

    /// With which others stored account-days were resolved.
    fn marks(
        &self,
        organization: OrganizationId,
        calendar: &Calendar,
    ) -> Result<HashMap<(i64, i32), String>, MonitoringError> {
        let query = TotalsQuery {
            organization: organization.get(),
            from_day: calendar.first_day(),
            to_day: calendar.end_day(),
            accounts: None,
            kinds: vec![kind::BESIDE],
        };
        let group = GroupBy { day: true, account: true, name: true, ..GroupBy::default() };
        let [found] = self.from.hub.totals(&query, [group])?;
        Ok(found.into_iter().filter_map(|row| Some(((row.account?, row.day?), row.name?))).collect())
    }

    /// The account-days that have stored sums.
    fn existing(
        &self,
        organization: OrganizationId,
        calendar: &Calendar,
        accounts: Vec<AccountDays>,
    ) -> Result<HashSet<(i64, i32)>, MonitoringError> {
        if accounts.is_empty() {
            return Ok(HashSet::new());
        }
        let query = TotalsQuery {
            organization: organization.get(),
            from_day: calendar.first_day(),
            to_day: calendar.end_day(),
            accounts: Some(accounts),
            kinds: SUMMED.to_vec(),
        };
        let [found] = self.from.hub.totals(&query, [GroupBy { day: true, account: true, ..GroupBy::default() }])?;
        Ok(found.into_iter().filter_map(|row| Some((row.account?, row.day?))).collect())
    }
}

impl Reading<'_> {
    /// Decides which person-days are computed now.
    fn choose_rest(&mut self, calendar: &Calendar) -> Result<(), MonitoringError> {
        let organization = self.question.organization;
        let stored = self.own.marks(organization, calendar)?;
        let mut wrong = BTreeSet::new();
        for ((account, day), mark) in &stored {
            if self.plan.mark(*account, *day) != Some(mark) {
                wrong.extend(self.owners.on(*account, *day).map(|employee| (employee, *day)));
            }
        }
        let missing: Vec<_> = self.plan.marked().filter(|key| !stored.contains_key(key)).collect();
        if !missing.is_empty() {
            // Whose they are is not asked here.
            let days = |&(account, day): &(i64, i32)| AccountDays {
                account,
                from_day: day,
                to_day: day + 1,
                owner: 0,
                class: 0,
            };
            let existing = self.own.existing(organization, calendar, joined(missing.iter().map(days).collect()))?;
            let unmarked = missing.iter().filter(|key| existing.contains(key));
            wrong.extend(unmarked.filter_map(|(account, day)| Some((self.owners.on(*account, *day)?, *day))));
        }
        let stale = self.stale(calendar)?;
        self.plan.rest.extend(wrong);
        while self.plan.rest.len() > MOST {
            // The oldest are left to the roll-up, which is about to compute them.
            self.plan.rest.pop_first();
            self.completeness.as_of = Some(self.rolled_at());
        }
        let fresh = stale.difference(&self.plan.rest).count();
        if fresh + self.plan.rest.len() <= FEW {
            self.plan.rest.extend(stale);
        } else if fresh > 0 {
            self.completeness.as_of = Some(self.rolled_at());
        }
        Ok(())
    }

    fn rolled_at(&self) -> crate::kernel::Timestamp {
        let shared = &self.own.shared;
        lock(&shared.rolled).get(&self.question.organization).copied().unwrap_or(shared.started)
    }

    /// Person-days that got rows since their sums were stored.
    fn stale(&self, calendar: &Calendar) -> Result<BTreeSet<(EmployeeId, i32)>, MonitoringError> {
        const HOUR_US: i64 = 3_600_000_000;
        let dirty = self.own.from.hub.dirty(self.question.organization.get())?;
        let mut stale = BTreeSet::new();
        for hour in &dirty.hours {
            for us in [hour.hour_us, hour.hour_us + HOUR_US - 1] {
                let Some(day) = calendar.day_at(us) else { continue };
                stale.extend(self.owners.on(hour.account, day).map(|employee| (employee, day)));
            }
        }
        Ok(stale)
    }

    fn compute_rest(&mut self, calendar: &Calendar) -> Result<(), MonitoringError> {
        let mut by_day: BTreeMap<i32, Vec<EmployeeId>> = BTreeMap::new();
        for (employee, day) in &self.plan.rest {
            by_day.entry(*day).or_default().push(*employee);
        }
        let (question, hub) = (self.question, &self.own.from.hub);
        for (day, employees) in by_day {
            let span = calendar.span_of(day);
            let accounts = |employee: &EmployeeId| question.directory.accounts_of(*employee, span);
            let spans: Vec<_> = employees.iter().flat_map(accounts).collect();
            for employee in employees {
                let own: Vec<_> = spans.iter().filter(|span| span.employee == employee).copied().collect();
                let (rows, problems) =
                    gather::gather(hub, question.organization, &gather::SUMS, &own, &question.catalogue)?;
                let shares = rules::resolve(rows, &question.catalogue).shares();
                self.computed.push((employee, day, shares));
                self.completeness = self.completeness.clone().lacking(&problems);
            }
        }
        Ok(())
    }

    /// The sums as a list for each of these, which are all different.
    pub(super) fn rows<const N: usize>(&self, apart: [Apart; N]) -> Result<[Vec<Row>; N], MonitoringError> {
        let mut lists = self.stored(apart)?;
        for (apart, rows) in apart.into_iter().zip(&mut lists) {
            for (employee, day, shares) in &self.computed {
                let row = |kind, app: &str, site: &str, ms| Row {
                    day: (apart == Apart::Days).then_some(*day),
                    employee: (apart == Apart::People).then_some(*employee),
                    class: self.classes.of(*employee),
                    kind,
                    app: app.to_owned(),
                    site: site.to_owned(),
                    ms,
                };
                for share in shares {
                    rows.extend(share.uses.iter().map(|((app, site), ms)| row(kind::USE, app, site, *ms)));
                    rows.push(row(kind::NO_INPUT, "", "", share.no_input_ms));
                    rows.push(row(kind::LOCKED, "", "", share.locked_ms));
                    rows.push(row(kind::NO_DATA, "", "", share.no_data_ms));
                }
            }
        }
        Ok(lists)
    }

    fn stored<const N: usize>(&self, apart: [Apart; N]) -> Result<[Vec<Row>; N], MonitoringError> {
        let mut accounts = self.plan.stored();
        if accounts.is_empty() {
            return Ok(apart.map(|_| Vec::new()));
        }
        // While everybody is rated alike, nothing more is kept apart than without.
        let several = self.classes.are_several();
        if several {
            for one in &mut accounts {
                one.class = u32::try_from(one.owner).map_or(0, |owner| self.classes.of(EmployeeId::new(owner)) as i64);
            }
        }
        let query = TotalsQuery {
            organization: self.question.organization.get(),
            from_day: self.from_day,
            to_day: self.to_day,
            accounts: Some(accounts),
            kinds: SUMMED.to_vec(),
        };
        let group = |apart| GroupBy {
            day: apart == Apart::Days,
            owner: apart == Apart::People,
            class: several && apart != Apart::People,
            name: true,
            ..GroupBy::default()
        };
        let found = self.own.from.hub.totals(&query, apart.map(group))?;
        Ok(found.map(|sums| sums.into_iter().map(|sum| self.row(sum)).collect()))
    }

    fn row(&self, sum: TotalSum) -> Row {
        let name = sum.name.unwrap_or_default();
        let (app, site) = name.split_once(SEPARATOR).unwrap_or((&name, ""));
        let employee = sum.owner.and_then(|owner| u32::try_from(owner).ok()).map(EmployeeId::new);
        let class = sum.class.and_then(|class| usize::try_from(class).ok());
        Row {
            day: sum.day,
            employee,
            class: class.or_else(|| Some(self.classes.of(employee?))).unwrap_or(0),
            kind: sum.kind,
            app: app.to_owned(),
            site: site.to_owned(),
            ms: sum.ms,
        }
    }
}

/// Days of one account in a row as one range.
fn joined(mut days: Vec<AccountDays>) -> Vec<AccountDays> {
    days.sort_by_key(|one| (one.account, one.from_day));
    let mut ranges: Vec<AccountDays> = Vec::new();
    for one in days {
        match ranges.last_mut() {
            Some(last) if last.account == one.account && last.to_day >= one.from_day => last.to_day = one.to_day,
            _ => ranges.push(one),
        }
    }
    ranges
}

/// Names with their categories, each looked up once for each class.
pub(super) struct Rated<'a> {
    classes: &'a Classes,
    known: HashMap<(usize, String, String), Category>,
}

impl<'a> Rated<'a> {
    pub(super) fn new(classes: &'a Classes) -> Self {
        Self { classes, known: HashMap::new() }
    }

    pub(super) fn category(&mut self, row: &Row) -> Category {
        let key = (row.class, row.app.clone(), row.site.clone());
        *self.known.entry(key).or_insert_with(|| self.classes.classify(row.class, (&row.app, &row.site)))
    }

    /// Adds a row to a sum.
    pub(super) fn add(&mut self, totals: &mut Totals, row: &Row) {
        match row.kind {
            kind::USE => totals.add_active(self.category(row), row.ms),
            kind::NO_INPUT => totals.no_input_ms += row.ms,
            kind::LOCKED => totals.locked_ms += row.ms,
            kind::NO_DATA => totals.no_data_ms += row.ms,
            _ => {}
        }
    }
}
