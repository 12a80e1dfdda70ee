//! A person's day: timeline, sessions, screenshots. Looking at a timeline is recorded.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::kernel::ComputerUserId;
use crate::kernel::Day;
use crate::kernel::EmployeeId;
use crate::kernel::Timestamp;
use crate::monitoring::Lane;
use crate::monitoring::PersonDay;
use crate::monitoring::Place;
use crate::monitoring::Screenshots;
use crate::monitoring::Segment;
use crate::monitoring::Sessions;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::Query;
use crate::web::api::seen::CategoryWord;
use crate::web::api::seen::IncompleteBody;
use crate::web::api::seen::PlaceBody;
use crate::web::api::seen::SessionMarkBody;
use crate::web::api::seen::ShotBody;
use crate::web::api::seen::StateSpanBody;
use crate::web::api::seen::TotalsBody;
use crate::web::api::seen::user_of;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(timeline)).routes(routes!(sessions)).routes(routes!(screenshots))
}

/// One person's day. It holds what began on the day, so the last part may end after midnight.
#[derive(Serialize, ToSchema)]
#[schema(as = Timeline)]
pub(super) struct TimelineBody {
    employee_id: EmployeeId,
    #[schema(value_type = String, format = Date)]
    day: Day,
    /// Midnight in the organization's time zone.
    from: Timestamp,
    /// The next midnight.
    to: Timestamp,
    totals: TotalsBody,
    /// The first use of keyboard or mouse.
    first_input_at: Option<Timestamp>,
    /// The end of the last one.
    last_input_at: Option<Timestamp>,
    /// The computers together; what is not covered was switched off or logged out.
    states: Vec<StateSpanBody>,
    /// The same for each computer.
    lanes: Vec<LaneBody>,
    /// In order of time, without overlap.
    applications: Vec<SegmentBody>,
    /// In order of time, without overlap.
    sites: Vec<SegmentBody>,
    sessions: Vec<SessionMarkBody>,
    screenshots: Vec<ShotBody>,
    /// Events of this time are still on their way.
    expected: Option<ExpectedBody>,
    incomplete: IncompleteBody,
}

/// A time whose events are still on their way.
#[derive(Serialize, ToSchema)]
#[schema(as = Expected)]
pub(super) struct ExpectedBody {
    from: Timestamp,
    to: Timestamp,
}

/// One account on one computer.
#[derive(Serialize, ToSchema)]
#[schema(as = Lane)]
pub(super) struct LaneBody {
    place: Option<PlaceBody>,
    states: Vec<StateSpanBody>,
}

/// A stretch in which one application, or one site, was in use.
#[derive(Serialize, ToSchema)]
#[schema(as = Segment)]
pub(super) struct SegmentBody {
    from: Timestamp,
    to: Timestamp,
    /// The time that was really measured in it.
    duration_ms: i64,
    computer_user_id: Option<ComputerUserId>,
    /// Empty when it is not known.
    app: String,
    /// The site's domain.
    site: Option<String>,
    /// Title of the longest window in it.
    title: String,
    category: CategoryWord,
}

impl LaneBody {
    fn new(lane: &Lane, places: &[Place]) -> Self {
        let place = places.iter().find(|place| place.account == lane.account);
        Self { place: place.map(Into::into), states: lane.states.iter().map(Into::into).collect() }
    }
}

impl SegmentBody {
    fn new(segment: Segment, places: &[Place]) -> Self {
        Self {
            from: segment.span.from,
            to: segment.span.to,
            duration_ms: segment.ms,
            computer_user_id: user_of(places, segment.account),
            app: segment.app,
            site: segment.site,
            title: segment.title,
            category: segment.category.into(),
        }
    }
}

impl From<PersonDay> for TimelineBody {
    fn from(day: PersonDay) -> Self {
        let (timeline, places) = (day.timeline, &day.places);
        let segments = |all: Vec<Segment>| all.into_iter().map(|one| SegmentBody::new(one, places)).collect();
        Self {
            employee_id: day.employee,
            day: day.day,
            from: day.span.from,
            to: day.span.to,
            totals: timeline.totals.into(),
            first_input_at: timeline.first_input,
            last_input_at: timeline.last_input,
            states: timeline.states.iter().map(Into::into).collect(),
            lanes: timeline.lanes.iter().map(|lane| LaneBody::new(lane, places)).collect(),
            applications: segments(timeline.applications),
            sites: segments(timeline.sites),
            sessions: timeline.sessions.iter().map(|mark| SessionMarkBody::new(mark, places)).collect(),
            screenshots: timeline.screenshots.iter().map(|shot| ShotBody::new(shot, places)).collect(),
            expected: day.expected.map(|span| ExpectedBody { from: span.from, to: span.to }),
            incomplete: day.completeness.into(),
        }
    }
}

/// A person's sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = Sessions)]
pub(super) struct SessionsBody {
    /// In order of time.
    items: Vec<SessionMarkBody>,
    /// The accounts on which they were.
    places: Vec<PlaceBody>,
    incomplete: IncompleteBody,
}

impl From<Sessions> for SessionsBody {
    fn from(found: Sessions) -> Self {
        Self {
            items: found.marks.iter().map(|mark| SessionMarkBody::new(mark, &found.places)).collect(),
            places: found.places.iter().map(Into::into).collect(),
            incomplete: found.completeness.into(),
        }
    }
}

/// A person's screenshots of a day.
#[derive(Serialize, ToSchema)]
#[schema(as = Screenshots)]
pub(super) struct ScreenshotsBody {
    /// In order of time.
    items: Vec<ShotBody>,
    /// The accounts on which they were taken.
    places: Vec<PlaceBody>,
    incomplete: IncompleteBody,
}

impl From<Screenshots> for ScreenshotsBody {
    fn from(found: Screenshots) -> Self {
        Self {
            items: found.shots.iter().map(|shot| ShotBody::new(shot, &found.places)).collect(),
            places: found.places.iter().map(Into::into).collect(),
            incomplete: found.completeness.into(),
        }
    }
}

/// Which day.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DayQuery {
    /// Of the organization's time zone; today when not given.
    #[param(value_type = Option<String>, format = Date)]
    day: Option<Day>,
}

/// Which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DaysQuery {
    /// First day, of the organization's time zone; `to` when not given.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// Last day; today when not given. At most a year after `from`.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Day>,
}

impl DaysQuery {
    /// First and last day.
    pub(super) fn days(&self, today: Day) -> (Day, Day) {
        let to = self.to.unwrap_or(today);
        (self.from.unwrap_or(to), to)
    }
}

impl Inside {
    /// The day on which it is now in the organization.
    pub(super) fn today(&self, app: &App) -> Day {
        self.organization.settings.zone.day_of(app.clock.now())
    }
}

/// Read a person's day
///
/// Recorded in the audit log.
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/timeline", tag = "events",
    params(("id" = EmployeeId, Path), DayQuery, InOrganization),
    responses((status = 200, description = "The day", body = TimelineBody)),
)]
async fn timeline(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
    Query(query): Query<DayQuery>,
) -> Result<Json<TimelineBody>, ApiFailure> {
    let day = query.day.unwrap_or_else(|| inside.today(&app));
    Ok(Json(app.monitoring.day(&inside.actor, inside.id(), id, day).await?.into()))
}

/// List a person's logins, logouts, locks and unlocks
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/sessions", tag = "events",
    params(("id" = EmployeeId, Path), DaysQuery, InOrganization),
    responses((status = 200, description = "In order of time", body = SessionsBody)),
)]
async fn sessions(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
    Query(query): Query<DaysQuery>,
) -> Result<Json<SessionsBody>, ApiFailure> {
    let days = query.days(inside.today(&app));
    Ok(Json(app.monitoring.sessions(&inside.actor, inside.id(), id, days).await?.into()))
}

/// List a person's screenshots of a day
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/screenshots", tag = "events",
    params(("id" = EmployeeId, Path), DayQuery, InOrganization),
    responses((status = 200, description = "In order of time", body = ScreenshotsBody)),
)]
async fn screenshots(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
    Query(query): Query<DayQuery>,
) -> Result<Json<ScreenshotsBody>, ApiFailure> {
    let day = query.day.unwrap_or_else(|| inside.today(&app));
    Ok(Json(app.monitoring.screenshots(&inside.actor, inside.id(), id, day).await?.into()))
}
