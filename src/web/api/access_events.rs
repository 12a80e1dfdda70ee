//! `/api/v1/access-events`: who passed which door.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::header::CACHE_CONTROL;
use http::header::CONTENT_TYPE;
use jiff::SignedDuration;
use nazorat_wire::AccessKind;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::doors::LogFilter;
use crate::doors::Pass;
use crate::doors::PassName;
use crate::doors::Person;
use crate::kernel::DeviceId;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;
use crate::kernel::Kind;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Failure;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::PageParams;
use crate::web::api::extract::Paging;
use crate::web::api::extract::Query;
use crate::web::api::seen::IncompleteBody;

/// The time that is looked at when none is given.
const USUAL: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(picture))
}

/// Some passes, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessEvents)]
pub(super) struct PassesBody {
    items: Vec<PassBody>,
    /// Where the next page begins; null on the last one. A page can hold less than was asked for.
    next_cursor: Option<String>,
    incomplete: IncompleteBody,
}

/// One observation at a door.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessEvent)]
pub(super) struct PassBody {
    /// When, by the device's clock.
    ts: Timestamp,
    /// When its gateway heard of it.
    seen_at: Timestamp,
    received_at: Timestamp,
    device_id: DeviceId,
    /// None when the device is gone.
    device_name: Option<String>,
    door: u16,
    gate_id: Option<GateId>,
    gate_name: Option<String>,
    /// What tells it from the device's other events.
    serial: String,
    /// Whether a picture is kept of it.
    has_picture: bool,
    /// Whose number it is, as people are known now.
    employee_id: Option<EmployeeId>,
    employee_name: Option<String>,
    /// The number by which only the device knows somebody.
    person: Option<String>,
    /// The name that only the device knows.
    person_name: Option<String>,
    card: String,
    /// `card`, `face`, `fingerprint`, `pin`, `plate`, `code`, `palm`, `iris`, `several`, `remote` or `unknown`.
    credential: &'static str,
    /// `in`, `out` or `unknown`, as the gate decides.
    direction: &'static str,
    /// Whether its way can be known only when the day is over: by its gate's rule the last pass of a day is `out`.
    direction_pending: bool,
    /// Whether it repeats the pass before it within the time of its gate.
    repeated: bool,
    /// `granted`, `denied`, `door`, `alarm` or `info`.
    outcome: &'static str,
    /// Why, as a stable word.
    reason: String,
    /// The maker's own code.
    code: String,
    /// Whether it was told later than it happened.
    replayed: bool,
    /// How far the device's clock was ahead.
    drift_ms: Option<i64>,
}

impl From<Pass> for PassBody {
    fn from(pass: Pass) -> Self {
        let (gate_id, gate_name) = pass.gate.unzip();
        let (employee, stranger) = match pass.person {
            Person::Employee { id, name } => (Some((id, name)), None),
            Person::Stranger { number, name } => (None, Some((number, name))),
            Person::Nobody => (None, None),
        };
        let (employee_id, employee_name) = employee.unzip();
        let (person, person_name) = stranger.unzip();
        Self {
            ts: pass.at,
            seen_at: pass.seen_at,
            received_at: pass.received_at,
            device_id: pass.device,
            device_name: pass.device_name,
            door: pass.door,
            gate_id,
            gate_name,
            serial: pass.serial,
            has_picture: false,
            employee_id,
            employee_name,
            person,
            person_name,
            card: pass.card,
            credential: pass.credential.word(),
            direction: pass.direction.word(),
            direction_pending: pass.pending,
            repeated: pass.repeated,
            outcome: pass.outcome.word(),
            reason: pass.reason,
            code: pass.code,
            replayed: pass.replayed,
            drift_ms: pass.drift_ms,
        }
    }
}

/// Which passes. All conditions hold together.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PassQuery {
    /// Not before; 24 hours before `to` when not given.
    from: Option<Timestamp>,
    /// Before; now when not given. At most 400 days after `from`.
    to: Option<Timestamp>,
    /// At one device.
    device_id: Option<DeviceId>,
    /// At one gate.
    gate_id: Option<GateId>,
    /// Of one person. That it was asked for stands in the audit log.
    employee_id: Option<EmployeeId>,
    /// `granted`, `denied`, `door`, `alarm` or `info`; several with commas between.
    outcome: Option<String>,
    /// With this text in a name, a number or a card.
    q: Option<String>,
    /// Also those that only repeat another pass within the time of its gate; without them when not given.
    repeated: Option<bool>,
}

impl PassQuery {
    fn filter(self, app: &App) -> Result<LogFilter, Failure> {
        let to = self.to.unwrap_or_else(|| app.clock.now());
        let from = self.from.unwrap_or_else(|| to.checked_sub(USUAL).unwrap_or(Timestamp::MIN));
        let words = self.outcome.as_deref().unwrap_or_default().split(',').map(str::trim);
        let read = words.filter(|word| !word.is_empty()).map(|word| AccessKind::parse(word).ok_or(word));
        let outcomes = read.collect::<Result<Vec<_>, _>>().map_err(|word| {
            let detail = format!("outcome {word:?} is none of granted, denied, door, alarm, info");
            Failure::new(Kind::Invalid, "unknown_outcome", &detail).about("outcome")
        })?;
        Ok(LogFilter {
            from,
            to,
            device: self.device_id,
            gate: self.gate_id,
            employee: self.employee_id,
            outcomes,
            text: self.q.filter(|text| !text.is_empty()),
            repeated: self.repeated.unwrap_or(false),
        })
    }
}

/// List passes
#[utoipa::path(
    get, path = "/api/v1/access-events", tag = "devices", params(PassQuery, InOrganization, PageParams),
    responses((status = 200, description = "Newest first", body = PassesBody)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Query(query): Query<PassQuery>,
    Paging(page): Paging,
) -> Result<Json<PassesBody>, ApiFailure> {
    let filter = query.filter(&app)?;
    let log = app.entry_log.log(&inside.actor, inside.id(), filter, page).await?;
    let pictures = app.pictures.there(&inside.actor, inside.id(), &log.items).await?;
    let item = |(pass, has_picture): (Pass, bool)| PassBody { has_picture, ..pass.into() };
    Ok(Json(PassesBody {
        items: log.items.into_iter().zip(pictures).map(item).collect(),
        next_cursor: log.next.map(|cursor| cursor.to_string()),
        incomplete: IncompleteBody::of_doors(log.incomplete, log.applied_through),
    }))
}

/// Which pass is meant.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    device_id: DeviceId,
    /// As `serial` of the event.
    serial: String,
    /// As `ts` of the event.
    ts: Timestamp,
}

/// Look at the picture of a pass
///
/// Only where the device is set to keep pictures, and for 30 days. That it was looked at is recorded.
#[utoipa::path(
    get, path = "/api/v1/access-events/picture", tag = "devices", params(Which, InOrganization),
    responses((status = 200, description = "A JPEG, 320 pixels wide at most", body = Vec<u8>, content_type = "image/jpeg")),
)]
async fn picture(State(app): State<App>, inside: Inside, Query(which): Query<Which>) -> Result<Response, ApiFailure> {
    let name = PassName { device: which.device_id, serial: which.serial, at: which.ts };
    let jpeg = app.pictures.see(&inside.actor, inside.id(), &name).await?;
    Ok(([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "private, no-store")], jpeg).into_response())
}
