//! Sums of closed and running days, kept beside the events, computed by the same rules as a person's day.
//!
//! A reconciler: it asks the hub which hours got rows since their sums were computed, computes those days anew and
//! stores them. Running it twice changes nothing; a crash in between only means that it is done again. Sums are kept by
//! names as they were observed, so that categories and display names can change afterwards.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use nazorat_timeseries::DayTotals;
use nazorat_timeseries::TotalRow;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::monitoring::Catalogue;
use crate::monitoring::Monitoring;
use crate::monitoring::MonitoringError;
use crate::monitoring::Ratings;
use crate::monitoring::calendar::Calendar;
use crate::monitoring::calendar::day_of;
use crate::monitoring::calendar::number_of;
use crate::monitoring::gather;
use crate::monitoring::plan::Group;
use crate::monitoring::rules;
use crate::monitoring::rules::Observed;
use crate::monitoring::rules::Resolved;
use crate::monitoring::rules::Share;
use crate::monitoring::service::lock;
use crate::monitoring::today::Today;
use crate::people::Directory;
use crate::runtime::blocking;

/// Kinds of stored sums. Numbers are on disk: they are never used for something else.
pub(super) mod kind {
    /// Time in use; the name is the application, and the site behind a unit separator.
    pub(in crate::monitoring) const USE: u8 = 1;
    pub(in crate::monitoring) const NO_INPUT: u8 = 2;
    pub(in crate::monitoring) const LOCKED: u8 = 3;
    pub(in crate::monitoring) const NO_DATA: u8 = 4;
    /// Which other accounts the day was resolved with; see `plan`.
    pub(in crate::monitoring) const BESIDE: u8 = 6;
}

/// Between application and site in a name.
pub(super) const SEPARATOR: char = '\u{1f}';

const HOUR_US: i64 = 3_600_000_000;

/// Days that are read in one go.
const DAYS_AT_ONCE: i32 = 7;

/// The pause between two passes is five times as long as the pass took, within these bounds.
const PAUSES: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(120));

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RolledUp {
    /// Days of accounts that were computed.
    pub account_days: usize,
}

/// Which accounts of which days.
type Wanted = BTreeMap<i32, BTreeSet<i64>>;

impl Monitoring {
    /// Keeps the sums of all organizations up to date until it is told to stop.
    pub async fn keep_rolled_up(self, stop: CancellationToken) -> Result<(), std::convert::Infallible> {
        while !stop.is_cancelled() {
            let begun = std::time::Instant::now();
            for organization in self.from.tenancy.list_all() {
                if stop.is_cancelled() {
                    break;
                }
                if let Err(problem) = self.roll_up_until(organization.id, stop.clone()).await {
                    warn!(organization.id = %organization.id, "day totals could not be computed: {problem}");
                }
            }
            let pause = (begun.elapsed() * 5).clamp(PAUSES.0, PAUSES.1);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Computes what has changed of an organization's days.
    pub async fn roll_up(&self, organization: OrganizationId) -> Result<RolledUp, MonitoringError> {
        self.roll_up_until(organization, CancellationToken::new()).await
    }

    async fn roll_up_until(
        &self,
        organization: OrganizationId,
        stop: CancellationToken,
    ) -> Result<RolledUp, MonitoringError> {
        let monitoring = self.clone();
        blocking(move || monitoring.roll_up_now(organization, &stop)).await
    }

    /// `roll_up` for code that already is on a blocking thread. What was not finished when it is told to stop is done
    /// again the next time.
    pub fn roll_up_now(
        &self,
        organization: OrganizationId,
        stop: &CancellationToken,
    ) -> Result<RolledUp, MonitoringError> {
        let tenant = Actor::system().tenant(organization)?;
        let zone = self.from.tenancy.zone(tenant);
        let directory = self.from.people.directory_now(tenant)?;
        let begun = self.from.clock.now();
        let dirty = self.from.hub.dirty(organization.get())?;
        let pass = Pass {
            own: self,
            stop,
            organization,
            directory,
            today: number_of(zone.day_of(begun)),
            zone,
            catalogue: self.catalogue(organization),
            ratings: self.ratings(organization),
            begun,
        };
        let mut wanted = pass.days_of(dirty.hours.iter().map(|hour| (hour.account, hour.hour_us)));
        pass.add_running_day(&mut wanted)?;
        pass.add_other_links(&mut wanted)?;
        pass.add_companions(&mut wanted);
        let account_days = wanted.values().map(BTreeSet::len).sum();
        while let Some((&last, _)) = wanted.last_key_value() {
            let chunk = wanted.split_off(&(last - DAYS_AT_ONCE + 1));
            if pass.compute(&chunk)?.is_break() {
                return Ok(RolledUp::default());
            }
        }
        self.from.hub.computed(&dirty)?;
        lock(&self.shared.rolled).insert(organization, begun);
        let took = self.from.clock.now().as_millisecond() - begun.as_millisecond();
        metrics::histogram!("nazorat_rollup_duration_seconds").record(took as f64 / 1_000.0);
        metrics::counter!("nazorat_rollup_computed_total").increment(account_days as u64);
        Ok(RolledUp { account_days })
    }
}

struct Pass<'a> {
    own: &'a Monitoring,
    stop: &'a CancellationToken,
    organization: OrganizationId,
    directory: Arc<Directory>,
    zone: Zone,
    catalogue: Arc<Catalogue>,
    ratings: Arc<Ratings>,
    today: i32,
    begun: Timestamp,
}

impl Pass<'_> {
    fn days_of(&self, hours: impl Iterator<Item = (i64, i64)>) -> Wanted {
        let mut wanted = Wanted::new();
        let mut known: BTreeMap<i64, (i32, i32)> = BTreeMap::new();
        for (account, hour_us) in hours {
            let (first, last) = *known.entry(hour_us).or_insert_with(|| {
                let day = |us| number_of(self.zone.day_of(crate::monitoring::calendar::at(us)));
                (day(hour_us), day(hour_us + HOUR_US - 1))
            });
            wanted.entry(first).or_default().insert(account);
            wanted.entry(last).or_default().insert(account);
        }
        wanted
    }

    /// What is in memory of the running day begins empty after a start and at midnight.
    fn add_running_day(&self, wanted: &mut Wanted) -> Result<(), MonitoringError> {
        let is_it = |today: &Today| today.day == self.today && Arc::ptr_eq(&today.ratings, &self.ratings);
        let has_it = lock(&self.own.shared.today).get(&self.organization).is_some_and(is_it);
        if !has_it {
            let span = self.zone.span_of(day_of(self.today));
            let scan = gather::scan(self.organization, &gather::SUMS, span, None);
            wanted.entry(self.today).or_default().extend(self.own.from.hub.accounts(&scan)?);
            let new = || Today::new(self.today, span, (self.begun, Arc::clone(&self.ratings)));
            let mut all = lock(&self.own.shared.today);
            match all.get_mut(&self.organization).filter(|today| today.day == self.today) {
                // Other rules: what is there is shown until it is rated anew.
                Some(today) => today.ratings = Arc::clone(&self.ratings),
                None => drop(all.insert(self.organization, new())),
            }
        }
        Ok(())
    }

    /// Days whose accounts were resolved with others than the links say now.
    fn add_other_links(&self, wanted: &mut Wanted) -> Result<(), MonitoringError> {
        for (account, day) in self.own.mismatched(self.organization, &self.directory, &self.zone, self.today)? {
            wanted.entry(day).or_default().insert(account);
        }
        Ok(())
    }

    /// Whoever is resolved together is computed together.
    fn add_companions(&self, wanted: &mut Wanted) {
        for (day, accounts) in wanted {
            let span = self.zone.span_of(day_of(*day));
            let mut companions = BTreeSet::new();
            for account in accounts.iter() {
                if let Some(group) = self.group(*account, span) {
                    companions.extend(group.accounts);
                }
            }
            accounts.extend(companions);
        }
    }

    /// The accounts with which one is resolved on a day; nothing when it is alone.
    fn group(&self, account: i64, day: crate::kernel::Span) -> Option<Group> {
        let employee = self.directory.person_of(account, day.from)?;
        if self.directory.links_of_employee(employee).len() < 2 {
            return None;
        }
        let group = Group::of(&self.directory.accounts_of(employee, day), day);
        (group.whole && group.accounts.len() > 1 && group.accounts.contains(&account)).then_some(group)
    }

    /// Computes and stores some days; breaks, without storing anything, when it is told to stop.
    fn compute(&self, wanted: &Wanted) -> Result<ControlFlow<()>, MonitoringError> {
        let (Some((first, _)), Some((last, _))) = (wanted.first_key_value(), wanted.last_key_value()) else {
            return Ok(ControlFlow::Continue(()));
        };
        let calendar = Calendar::new(&self.zone, day_of(*first), day_of(*last));
        let accounts: BTreeSet<i64> = wanted.values().flatten().copied().collect();
        let scan =
            gather::scan(self.organization, &gather::SUMS, calendar.span(), Some(accounts.into_iter().collect()));
        let mut sums = Sums { pass: self, calendar: &calendar, held: BTreeMap::new(), rows: BTreeMap::new() };
        let mut current: Option<(i32, Observed)> = None;
        self.own.from.hub.scan(&scan, &mut |row| {
            let Some(day) = calendar.day_at(row.ts_us) else { return ControlFlow::Continue(()) };
            if !wanted.get(&day).is_some_and(|accounts| accounts.contains(&row.account)) {
                return ControlFlow::Continue(());
            }
            match &mut current {
                Some((same, observed)) if *same == day && observed.account == row.account => {
                    gather::push(observed, row, &self.catalogue);
                }
                other => {
                    let mut fresh = Observed { account: row.account, ..Observed::default() };
                    gather::push(&mut fresh, row, &self.catalogue);
                    if let Some((day, done)) = other.replace((day, fresh)) {
                        sums.add(day, done);
                    }
                    if self.stop.is_cancelled() {
                        return ControlFlow::Break(());
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        if self.stop.is_cancelled() {
            return Ok(ControlFlow::Break(()));
        }
        if let Some((day, done)) = current {
            sums.add(day, done);
        }
        let rows = sums.finish();
        self.store(wanted, &rows)?;
        Ok(ControlFlow::Continue(()))
    }

    fn store(&self, wanted: &Wanted, rows: &BTreeMap<i32, Vec<TotalRow>>) -> Result<(), MonitoringError> {
        let accounts: Vec<Vec<i64>> = wanted.values().map(|accounts| accounts.iter().copied().collect()).collect();
        let borrowed: Vec<Vec<TotalRow<&str>>> =
            wanted.keys().map(|day| rows.get(day).into_iter().flatten().map(borrow).collect()).collect();
        let days: Vec<_> = wanted
            .keys()
            .zip(accounts.iter().zip(&borrowed))
            .map(|(day, (accounts, rows))| DayTotals { day: *day, accounts: Some(accounts), rows })
            .collect();
        Ok(self.own.from.hub.replace_totals(self.organization.get(), &days)?)
    }
}

fn borrow(row: &TotalRow) -> TotalRow<&str> {
    TotalRow {
        account: row.account,
        kind: row.kind,
        name: row.name.as_str(),
        ms: row.ms,
        count: row.count,
        first_us: row.first_us,
        last_us: row.last_us,
    }
}

/// The sums of some days while they are being made.
struct Sums<'a> {
    pass: &'a Pass<'a>,
    calendar: &'a Calendar,
    /// Accounts that wait for those that they are resolved with.
    held: BTreeMap<(i32, Vec<i64>), Vec<Observed>>,
    rows: BTreeMap<i32, Vec<TotalRow>>,
}

impl Sums<'_> {
    fn add(&mut self, day: i32, observed: Observed) {
        match self.pass.group(observed.account, self.calendar.span_of(day)) {
            Some(group) => self.held.entry((day, group.accounts)).or_default().push(observed),
            None => self.resolve(day, vec![observed], None),
        }
    }

    fn finish(mut self) -> BTreeMap<i32, Vec<TotalRow>> {
        for ((day, accounts), observed) in std::mem::take(&mut self.held) {
            let group = Group { accounts, whole: true };
            self.resolve(day, observed, Some(&group));
        }
        self.rows
    }

    fn resolve(&mut self, day: i32, observed: Vec<Observed>, group: Option<&Group>) {
        let resolved: Resolved = rules::resolve(observed, &self.pass.catalogue);
        let rows = self.rows.entry(day).or_default();
        for share in resolved.shares() {
            add_rows(rows, &share);
        }
        if let Some((group, mark)) = group.and_then(|group| Some((group, group.mark()?))) {
            let row = |account| TotalRow { name: mark.clone(), ..empty(account, kind::BESIDE) };
            rows.extend(group.accounts.iter().map(|account| row(*account)));
        }
        if day == self.pass.today
            && let Some(today) = lock(&self.pass.own.shared.today).get_mut(&self.pass.organization)
        {
            // What is resolved together is of one person.
            let account = resolved.accounts.first().map(|observed| observed.account);
            let person = account.and_then(|account| self.pass.directory.person_of(account, self.pass.begun));
            let rated = self.pass.ratings.of_person(&self.pass.directory, person);
            today.take(&resolved, &rated, self.pass.begun);
        }
    }
}

fn add_rows(rows: &mut Vec<TotalRow>, share: &Share) {
    let micros = |ms: Option<i64>| ms.unwrap_or(0).saturating_mul(1_000);
    let (first_us, last_us) = (micros(share.first_input_ms), micros(share.last_input_ms));
    for ((app, site), ms) in &share.uses {
        let name = if site.is_empty() { app.clone() } else { format!("{app}{SEPARATOR}{site}") };
        rows.push(TotalRow { name, ms: *ms, count: 1, first_us, last_us, ..empty(share.account, kind::USE) });
    }
    let states =
        [(kind::NO_INPUT, share.no_input_ms), (kind::LOCKED, share.locked_ms), (kind::NO_DATA, share.no_data_ms)];
    for (kind, ms) in states.into_iter().filter(|(_, ms)| *ms > 0) {
        rows.push(TotalRow { ms, count: 1, ..empty(share.account, kind) });
    }
}

fn empty(account: i64, kind: u8) -> TotalRow {
    TotalRow { account, kind, name: String::new(), ms: 0, count: 0, first_us: 0, last_us: 0 }
}
