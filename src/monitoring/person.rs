//! One person: a day, a week, sessions, screenshots. Looking at somebody's day or screenshot is recorded.

use nazorat_timeseries::AccountSpan as HubSpan;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_timeseries::EventQuery;
use nazorat_timeseries::Filter;
use nazorat_timeseries::Order;
use nazorat_timeseries::Position;
use nazorat_timeseries::ScanRow;

use crate::audit::Entry;
use crate::kernel::Actor;
use crate::kernel::Day;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Span;
use crate::monitoring::Bucket;
use crate::monitoring::Catalogue;
use crate::monitoring::Monitoring;
use crate::monitoring::MonitoringError;
use crate::monitoring::PersonDay;
use crate::monitoring::PersonWeek;
use crate::monitoring::ScreenshotView;
use crate::monitoring::Screenshots;
use crate::monitoring::Sessions;
use crate::monitoring::StripDay;
use crate::monitoring::Totals;
use crate::monitoring::calendar;
use crate::monitoring::calendar::Calendar;
use crate::monitoring::calendar::day_of;
use crate::monitoring::gather;
use crate::monitoring::rules;
use crate::monitoring::rules::Observed;
use crate::monitoring::service::Question;

const HALF_HOUR_MS: i64 = 30 * 60_000;

/// What is not there yet is worth drawing from this long on.
const WORTH_SAYING_MS: i64 = 60_000;

impl Monitoring {
    /// A person's day. Recorded in the audit log.
    pub async fn day(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
        day: Day,
    ) -> Result<PersonDay, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        let found = self.read(question, move |own, question| own.day_now(question, employee, day)).await?;
        let entry = Entry::new("monitoring.read_day").of(organization).on("employee", employee);
        self.from.audit.record(actor, entry.with("day", day.to_string())).await;
        Ok(found)
    }

    fn day_now(&self, question: &Question, employee: EmployeeId, day: Day) -> Result<PersonDay, MonitoringError> {
        let span = question.zone.span_of(day);
        let completeness = self.completeness();
        let spans = question.view.accounts_of(employee, span)?;
        let catalogue = &question.catalogue;
        let (rows, problems) = gather::gather(&self.from.hub, question.organization, &gather::DAY, &spans, catalogue)?;
        let rated = question.ratings.of_person(&question.directory, Some(employee));
        let timeline = rules::resolve(rows, catalogue).timeline(&rated);
        let expected = Span::new(completeness.applied_through, question.now).intersect(span);
        Ok(PersonDay {
            employee,
            day,
            span,
            places: question.places(timeline.lanes.iter().map(|lane| lane.account)),
            timeline,
            expected: expected.filter(|span| span.millis() >= WORTH_SAYING_MS),
            completeness: completeness.lacking(&problems),
        })
    }

    /// The week that holds a day, Monday first: the strip above a person's day.
    pub async fn week(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
        day: Day,
    ) -> Result<PersonWeek, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        self.read(question, move |own, question| own.week_now(question, employee, day)).await
    }

    fn week_now(&self, question: &Question, employee: EmployeeId, day: Day) -> Result<PersonWeek, MonitoringError> {
        let monday = Bucket::Week.begin(day);
        let sunday = monday.checked_add(jiff::Span::new().days(6)).unwrap_or(monday);
        let calendar = Calendar::new(&question.zone, monday, sunday);
        let completeness = self.completeness();
        let spans = question.view.accounts_of(employee, calendar.span())?;
        let catalogue = &question.catalogue;
        let (rows, problems) = gather::gather(&self.from.hub, question.organization, &gather::SUMS, &spans, catalogue)?;
        let mut by_day: Vec<Vec<Observed>> = vec![Vec::new(); calendar.len()];
        for account in rows {
            for (day, observed) in account.by_day(|ms| calendar.day_at(ms * 1_000)) {
                by_day[(day - calendar.first_day()) as usize].push(observed);
            }
        }
        let rated = question.ratings.of_person(&question.directory, Some(employee));
        let days = calendar.days().zip(by_day).map(|(day, rows)| strip_day(&rated, &calendar, day, rows)).collect();
        Ok(PersonWeek { employee, days, completeness: completeness.lacking(&problems) })
    }

    /// Logins, logouts, locks and unlocks of a person, from one day to another.
    pub async fn sessions(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
        days: (Day, Day),
    ) -> Result<Sessions, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        self.read(question, move |own, question| {
            let span = Calendar::checked(&question.zone, days.0, days.1)?.span();
            let completeness = own.completeness();
            let spans = question.view.accounts_of(employee, span)?;
            let datasets = [Dataset::UserSessions];
            let hub = &own.from.hub;
            let (rows, problems) = gather::gather(hub, question.organization, &datasets, &spans, &question.catalogue)?;
            let marks = rules::resolve(rows, &question.catalogue).timeline(&question.catalogue).sessions;
            Ok(Sessions {
                places: question.places(marks.iter().map(|mark| mark.account)),
                marks,
                completeness: completeness.lacking(&problems),
            })
        })
        .await
    }

    /// A person's screenshots of a day: when and where, to be shown unreadable until one is opened.
    pub async fn screenshots(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
        day: Day,
    ) -> Result<Screenshots, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        self.read(question, move |own, question| {
            let completeness = own.completeness();
            let spans = question.view.accounts_of(employee, question.zone.span_of(day))?;
            let datasets = [Dataset::Screenshots];
            let hub = &own.from.hub;
            let (rows, problems) = gather::gather(hub, question.organization, &datasets, &spans, &question.catalogue)?;
            let mut shots: Vec<_> = rows.into_iter().flat_map(|account| account.screenshots).collect();
            shots.sort_by(|a, b| (a.at, &a.place).cmp(&(b.at, &b.place)));
            Ok(Screenshots {
                places: question.places(shots.iter().map(|shot| shot.account)),
                shots,
                completeness: completeness.lacking(&problems),
            })
        })
        .await
    }

    /// One screenshot by its place, for lists and thumbnails.
    pub async fn screenshot(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        place: &str,
    ) -> Result<ScreenshotView, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        let position = Position::parse(place).ok_or(MonitoringError::UnknownScreenshot)?;
        self.read(question, move |own, question| own.screenshot_now(question, position)).await
    }

    /// One screenshot, to be shown readable. Recorded in the audit log with the reason that was given.
    pub async fn open_screenshot(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        place: &str,
        reason: &str,
    ) -> Result<ScreenshotView, MonitoringError> {
        let found = self.screenshot(actor, organization, place).await?;
        let reason: String = reason.trim().chars().take(300).collect();
        let mut entry = Entry::new("monitoring.open_screenshot").of(organization).on("screenshot", &found.shot.id);
        entry = entry.with("taken_at", found.shot.at.to_string()).with("reason", reason);
        if let Some(employee) = found.employee {
            entry = entry.with("employee", employee.get());
        }
        self.from.audit.record(actor, entry).await;
        Ok(found)
    }

    fn screenshot_now(&self, question: &Question, position: Position) -> Result<ScreenshotView, MonitoringError> {
        let from_us = position.ts_us;
        let filter = Filter {
            organization: question.organization.get(),
            dataset: Dataset::Screenshots,
            from_us,
            to_us: from_us.saturating_add(1),
            who: None::<Vec<HubSpan>>,
            q: None,
        };
        let query = EventQuery { filter, order: Order::Oldest, after: None, limit: 500 };
        let rows = self.from.hub.events(&query)?.rows;
        let row = rows.into_iter().find(|row| row.position == position && matches!(row.event, Event::Screenshot(_)));
        let row = row.ok_or(MonitoringError::UnknownScreenshot)?;
        let at = calendar::at(row.ts_us);
        let employee = question.view.person_of(row.account, at).map(|employee| employee.id);
        if employee.is_none() && question.view.root().is_some() {
            return Err(MonitoringError::UnknownScreenshot);
        }
        let place = question.place(row.account);
        let mut observed = Observed::default();
        let row = ScanRow { account: row.account, ts_us: row.ts_us, position: row.position, event: row.event };
        gather::push(&mut observed, row, &question.catalogue);
        let shot = observed.screenshots.pop().ok_or(MonitoringError::UnknownScreenshot)?;
        Ok(ScreenshotView { shot, employee, place })
    }
}

fn strip_day(rated: &Catalogue, calendar: &Calendar, day: i32, rows: Vec<Observed>) -> StripDay {
    let span = calendar.span_of(day);
    let resolved = rules::resolve(rows, rated);
    let timeline = resolved.timeline(rated);
    let begin = span.from.as_millisecond();
    let count = usize::try_from(span.millis().div_euclid(HALF_HOUR_MS)).unwrap_or(48).max(1);
    let mut half_hours = vec![Totals::default(); count];
    for (_, part, category) in resolved.categories(rated) {
        for (index, ms) in part.steps(begin, HALF_HOUR_MS) {
            // What goes on after midnight is drawn in the day in which it began.
            half_hours[index.min(count - 1)].add_active(category, ms);
        }
    }
    StripDay {
        day: day_of(day),
        span,
        totals: timeline.totals,
        first_input: timeline.first_input,
        last_input: timeline.last_input,
        states: timeline.states,
        half_hours,
    }
}
