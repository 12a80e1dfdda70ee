//! `/api/v1/events/{dataset}`: raw events with whose they were.

use axum::Json;
use axum::extract::State;
use jiff::SignedDuration;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_wire::InputState;
use nazorat_wire::SessionAction;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::kernel::ComputerUserId;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Timestamp;
use crate::monitoring::EventCount;
use crate::monitoring::EventFilter;
use crate::monitoring::EventView;
use crate::monitoring::Events;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Failure;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::PageParams;
use crate::web::api::extract::Paging;
use crate::web::api::extract::Query;
use crate::web::api::seen::CategoryWord;
use crate::web::api::seen::IncompleteBody;
use crate::web::api::seen::PlaceBody;

/// The time that is looked at when none is given.
const USUAL: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(count))
}

/// Some events, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = Events)]
pub(super) struct EventsBody {
    items: Vec<EventBody>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
    incomplete: IncompleteBody,
}

impl From<Events> for EventsBody {
    fn from(events: Events) -> Self {
        Self {
            items: events.items.into_iter().map(Into::into).collect(),
            next_cursor: events.next.map(|cursor| cursor.to_string()),
            incomplete: events.completeness.into(),
        }
    }
}

/// How many events there are.
#[derive(Serialize, ToSchema)]
#[schema(as = EventCount)]
pub(super) struct CountBody {
    count: u64,
    incomplete: IncompleteBody,
}

impl From<EventCount> for CountBody {
    fn from(found: EventCount) -> Self {
        Self { count: found.count, incomplete: found.completeness.into() }
    }
}

/// One observed fact. Fields that its dataset does not have are left out.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(super) struct EventBody {
    /// Its name for ever.
    id: String,
    /// When it began, by the clock of the computer.
    ts: Timestamp,
    received_at: Timestamp,
    /// Who sent it, such as `key:3`.
    source: String,
    place: PlaceBody,
    /// Whose account it was then.
    employee_id: Option<EmployeeId>,
    employee_name: Option<String>,
    #[serde(flatten)]
    fact: FactBody,
}

/// What was observed.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = Fact)]
pub(super) struct FactBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u32>,
    /// The program as it was observed.
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    /// How the program is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    browser: Option<String>,
    /// Whether the window was a private one.
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<CategoryWord>,
    /// `active` or `idle`.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// `login`, `logout`, `lock`, `unlock`, `connect` or `disconnect`.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monitor: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blurred: Option<bool>,
}

impl From<EventView> for EventBody {
    fn from(view: EventView) -> Self {
        let (employee_id, employee_name) = view.employee.unzip();
        let fact = FactBody { app_name: view.app, category: view.category.map(Into::into), ..view.event.into() };
        Self {
            id: view.place_id,
            ts: view.at,
            received_at: view.received_at,
            source: view.source,
            place: (&view.place).into(),
            employee_id,
            employee_name,
            fact,
        }
    }
}

impl From<Event> for FactBody {
    fn from(event: Event) -> Self {
        let none = Self::default();
        match event {
            Event::ActiveWindow(window) => {
                Self { duration_ms: Some(window.duration_ms), app: Some(window.app), title: Some(window.title), ..none }
            }
            Event::VisitedSite(site) => Self {
                duration_ms: Some(site.duration_ms),
                url: Some(site.url),
                domain: Some(site.domain),
                title: Some(site.title),
                browser: Some(site.browser),
                private: Some(site.private),
                ..none
            },
            Event::Screenshot(shot) => Self {
                app: Some(shot.app),
                title: Some(shot.title),
                width: Some(shot.width),
                height: Some(shot.height),
                bytes: Some(shot.bytes),
                format: Some(shot.format),
                monitor: Some(shot.monitor),
                blurred: Some(shot.blurred),
                ..none
            },
            Event::UserSession(session) => {
                let action = SessionAction::from_number(session.action);
                Self { action: action.map(|action| action.word().to_owned()), ..none }
            }
            Event::InputActivity(input) => {
                let state = InputState::from_number(input.state).map(|state| state.word().to_owned());
                Self { duration_ms: Some(input.duration_ms), state, ..none }
            }
            // Dead letters, gateways and devices have pages of their own; the verb refuses to read them as events.
            Event::Access(_) | Event::GatewayStatus(_) | Event::DeviceStatus(_) | Event::RejectedEvent(_) => none,
        }
    }
}

/// Which events. All conditions hold together.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventQuery {
    /// Not before; 24 hours before `to` when not given.
    from: Option<Timestamp>,
    /// Before; now when not given. At most a year after `from`.
    to: Option<Timestamp>,
    /// Of one person, while the account was theirs.
    employee_id: Option<EmployeeId>,
    /// Of everybody in a department and below it.
    department_id: Option<DepartmentId>,
    /// Of one account.
    computer_user_id: Option<ComputerUserId>,
    /// With this text in a title, an address or a name.
    q: Option<String>,
}

impl EventQuery {
    fn filter(self, app: &App, dataset: &str) -> Result<EventFilter, Failure> {
        let dataset = Dataset::parse(dataset).ok_or_else(Failure::not_found)?;
        let to = self.to.unwrap_or_else(|| app.clock.now());
        let from = self.from.unwrap_or_else(|| to.checked_sub(USUAL).unwrap_or(Timestamp::MIN));
        Ok(EventFilter {
            dataset,
            from,
            to,
            employee: self.employee_id,
            department: self.department_id,
            computer_user: self.computer_user_id,
            text: self.q.filter(|text| !text.is_empty()),
        })
    }
}

/// List events
///
/// Datasets: `active_windows`, `visited_sites`, `screenshots`, `user_sessions`, `input_activity`.
#[utoipa::path(
    get, path = "/api/v1/events/{dataset}", tag = "events",
    params(("dataset" = String, Path, example = "active_windows"), EventQuery, InOrganization, PageParams),
    responses((status = 200, description = "Newest first", body = EventsBody)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Id(dataset): Id<String>,
    Query(query): Query<EventQuery>,
    Paging(page): Paging,
) -> Result<Json<EventsBody>, ApiFailure> {
    let filter = query.filter(&app, &dataset)?;
    Ok(Json(app.monitoring.events(&inside.actor, inside.id(), filter, page).await?.into()))
}

/// Count events
#[utoipa::path(
    get, path = "/api/v1/events/{dataset}/count", tag = "events",
    params(("dataset" = String, Path, example = "active_windows"), EventQuery, InOrganization),
    responses((status = 200, description = "How many there are", body = CountBody)),
)]
async fn count(
    State(app): State<App>,
    inside: Inside,
    Id(dataset): Id<String>,
    Query(query): Query<EventQuery>,
) -> Result<Json<CountBody>, ApiFailure> {
    let filter = query.filter(&app, &dataset)?;
    Ok(Json(app.monitoring.count_events(&inside.actor, inside.id(), filter).await?.into()))
}
