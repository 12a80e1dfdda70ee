//! Raw events with whose they were, page by page, and how many there are.

use nazorat_timeseries::AccountSpan as HubSpan;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_timeseries::EventQuery;
use nazorat_timeseries::EventRow;
use nazorat_timeseries::Filter;
use nazorat_timeseries::Order;
use nazorat_timeseries::Position;

use crate::kernel::Actor;
use crate::kernel::ComputerUserId;
use crate::kernel::Cursor;
use crate::kernel::CursorError;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::monitoring::Category;
use crate::monitoring::Completeness;
use crate::monitoring::Monitoring;
use crate::monitoring::MonitoringError;
use crate::monitoring::Place;
use crate::monitoring::calendar;
use crate::monitoring::calendar::MOST_DAYS;
use crate::monitoring::service::Question;
use crate::people::AccountSpan;
use crate::people::Reach;

/// Which events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFilter {
    /// Of which kind.
    pub dataset: Dataset,
    /// Not before.
    pub from: Timestamp,
    /// Before.
    pub to: Timestamp,
    /// Of one person, while the account was theirs.
    pub employee: Option<EmployeeId>,
    /// Of everybody in a department and below it.
    pub department: Option<DepartmentId>,
    /// Of one account.
    pub computer_user: Option<ComputerUserId>,
    /// With this text in a title, address or name.
    pub text: Option<String>,
}

/// Some events, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    /// The events.
    pub items: Vec<EventView>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
    /// How far it can be trusted.
    pub completeness: Completeness,
}

/// A number of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCount {
    /// How many.
    pub count: u64,
    /// How far it can be trusted.
    pub completeness: Completeness,
}

/// An event with whose it was.
#[derive(Debug, Clone, PartialEq)]
pub struct EventView {
    /// Its name for ever.
    pub place_id: String,
    /// When it began, by the clock of the computer.
    pub at: Timestamp,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Who sent it, such as `key:3`.
    pub source: String,
    /// Where it was seen.
    pub place: Place,
    /// Whose account it was then, with "Surname Given".
    pub employee: Option<(EmployeeId, String)>,
    /// What was seen.
    pub event: Event,
    /// Display name of the application, where the event has one.
    pub app: Option<String>,
    /// What it is for, where the event has an application or a site.
    pub category: Option<Category>,
}

impl Monitoring {
    /// A page of events.
    pub async fn events(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        filter: EventFilter,
        page: PageRequest,
    ) -> Result<Events, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        self.read(question, move |own, question| {
            let completeness = own.completeness();
            let after = page.after.as_ref().map(position).transpose()?;
            let filter = hub_filter(question, &filter)?;
            let found = own.from.hub.events(&EventQuery { filter, order: Order::Newest, after, limit: page.limit })?;
            Ok(Events {
                items: found.rows.into_iter().map(|row| event_view(question, row)).collect(),
                next: found.next.map(|next| Cursor::new(next.encode())),
                completeness: completeness.lacking(&found.incomplete),
            })
        })
        .await
    }

    /// How many events there are.
    pub async fn count_events(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        filter: EventFilter,
    ) -> Result<EventCount, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        self.read(question, move |own, question| {
            let completeness = own.completeness();
            let found = own.from.hub.count(&hub_filter(question, &filter)?)?;
            Ok(EventCount { count: found.rows, completeness: completeness.lacking(&found.incomplete) })
        })
        .await
    }
}

fn position(cursor: &Cursor) -> Result<Position, CursorError> {
    let text = std::str::from_utf8(cursor.as_bytes()).map_err(|_| CursorError)?;
    Position::parse(text).ok_or(CursorError)
}

fn hub_filter(question: &Question, filter: &EventFilter) -> Result<Filter, MonitoringError> {
    if matches!(
        filter.dataset,
        Dataset::AccessEvents | Dataset::RejectedEvents | Dataset::GatewayStatus | Dataset::DeviceStatus
    ) {
        return Err(MonitoringError::NotReadable(filter.dataset.name()));
    }
    if filter.from >= filter.to {
        return Err(MonitoringError::EmptyRange);
    }
    let span = Span::new(filter.from, filter.to);
    let days = (span.millis() + 86_399_999) / 86_400_000;
    // An hour may be put in by summer time.
    if days > MOST_DAYS + 1 {
        return Err(MonitoringError::LongRange { days, most: MOST_DAYS });
    }
    Ok(Filter {
        organization: question.organization.get(),
        dataset: filter.dataset,
        from_us: span.from.as_microsecond(),
        to_us: span.to.as_microsecond(),
        who: who(question, filter, span)?,
        q: filter.text.clone(),
    })
}

/// Whose events: all conditions together, and never more than the actor may see.
fn who(question: &Question, filter: &EventFilter, span: Span) -> Result<Option<Vec<HubSpan>>, MonitoringError> {
    let view = &question.view;
    let account = match filter.computer_user {
        Some(user) => {
            let reach = view.reach_of_computer_user(user, span)?;
            let account = question.directory.computer_user(user).map(|user| user.account);
            account.map(|account| (account, reach))
        }
        None => None,
    };
    let people = match (filter.employee, filter.department) {
        (Some(employee), Some(department)) => {
            let below = view.subtree(department)?;
            let own = view.employee(employee)?.department;
            let spans = view.accounts_of(employee, span)?;
            Some(if own.is_some_and(|own| below.contains(&own)) { spans } else { Vec::new() })
        }
        (Some(employee), None) => Some(view.accounts_of(employee, span)?),
        (None, Some(department)) => Some(view.accounts_of_department(department, span)?),
        (None, None) => None,
    };
    let whole = |account| HubSpan { account, from_us: span.from.as_microsecond(), to_us: span.to.as_microsecond() };
    Ok(match (account, people) {
        (Some((account, _)), Some(people)) => {
            Some(people.iter().filter(|one| one.account == account).map(hub_span).collect())
        }
        (Some((account, Reach::Everything)), None) => Some(vec![whole(account)]),
        (Some((_, Reach::Accounts(spans))), None) => Some(spans.iter().map(hub_span).collect()),
        (None, Some(people)) => Some(people.iter().map(hub_span).collect()),
        (None, None) => match view.reach(span) {
            Reach::Everything => None,
            Reach::Accounts(spans) => Some(spans.iter().map(hub_span).collect()),
        },
    })
}

pub(super) fn hub_span(span: &AccountSpan) -> HubSpan {
    HubSpan { account: span.account, from_us: span.from.as_microsecond(), to_us: span.to.as_microsecond() }
}

fn event_view(question: &Question, row: EventRow) -> EventView {
    let at = calendar::at(row.ts_us);
    let employee = question.view.person_of(row.account, at);
    let catalogue = &question.catalogue;
    let rated = question.ratings.of_person(&question.directory, question.directory.person_of(row.account, at));
    let (app, site) = match &row.event {
        Event::ActiveWindow(window) => (Some(window.app.as_str()), ""),
        Event::VisitedSite(site) => (Some(site.browser.as_str()), site.domain.as_str()),
        Event::Screenshot(shot) => (Some(shot.app.as_str()), ""),
        Event::UserSession(_)
        | Event::InputActivity(_)
        | Event::Access(_)
        | Event::GatewayStatus(_)
        | Event::DeviceStatus(_)
        | Event::RejectedEvent(_) => (None, ""),
    };
    EventView {
        place_id: row.position.encode(),
        at,
        received_at: calendar::at(row.received_at_us),
        source: row.source,
        place: question.place(row.account),
        employee: employee.map(|employee| (employee.id, employee.surname_first())),
        app: app.filter(|app| !app.is_empty()).map(|app| catalogue.app_name(app).into_owned()),
        category: app.map(|app| rated.classify(app, site)),
        event: row.event,
    }
}
