//! `/api/v1/devices/{id}/statuses`: how a terminal was over time.

use axum::Json;
use axum::extract::State;
use jiff::SignedDuration;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::devices::DeviceState;
use crate::devices::watch::Stretch;
use crate::kernel::DeviceId;
use crate::kernel::Kind;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Failure;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::Query;

/// The time that is looked at when none is given.
const USUAL: SignedDuration = SignedDuration::from_hours(24);
/// The longest.
const MOST: SignedDuration = SignedDuration::from_hours(24 * 400);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// How a device was, oldest first. What nothing is known of is left out.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceStatuses)]
pub(super) struct StatusesBody {
    items: Vec<StatusBody>,
    /// Whether a part of it could not be read.
    incomplete: bool,
}

/// A time in which a device was the same.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceStatus)]
struct StatusBody {
    from: Timestamp,
    to: Timestamp,
    state: DeviceState,
    /// Why, as a stable word; empty where there is nothing to explain. `unknown` has `gateway_silent`, `not_told` or
    /// `not_watched`.
    code: String,
}

impl From<Stretch> for StatusBody {
    fn from(stretch: Stretch) -> Self {
        let Stretch { span: Span { from, to }, state, code } = stretch;
        Self { from, to, state, code }
    }
}

/// Which time.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatusQuery {
    /// Not before; 24 hours before `to` when not given.
    from: Option<Timestamp>,
    /// Before; now when not given. At most 400 days after `from`.
    to: Option<Timestamp>,
}

impl StatusQuery {
    fn span(&self, now: Timestamp) -> Result<Span, Failure> {
        let to = self.to.unwrap_or(now);
        let from = self.from.unwrap_or_else(|| to.checked_sub(USUAL).unwrap_or(Timestamp::MIN));
        let wrong = |code, detail| Err(Failure::new(Kind::Invalid, code, detail).about("from"));
        match to.duration_since(from) {
            length if !length.is_positive() => wrong("empty_range", "from must be before to"),
            length if length > MOST => wrong("long_range", "at most 400 days can be asked for at once"),
            _ => Ok(Span::new(from, to)),
        }
    }
}

/// How a device was over time
#[utoipa::path(
    get, path = "/api/v1/devices/{id}/statuses", tag = "devices",
    params(("id" = DeviceId, Path), StatusQuery, InOrganization),
    responses((status = 200, description = "Oldest first; kept for 30 days if nothing else was decided", body = StatusesBody)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<DeviceId>,
    Query(query): Query<StatusQuery>,
) -> Result<Json<StatusesBody>, ApiFailure> {
    let device = app.devices.get(&inside.actor, inside.id(), id).await?;
    let now = app.clock.now();
    let of = (inside.id(), Some(device.id));
    let mut past = app.device_history.past(&inside.actor, of, query.span(now)?, now).await?;
    let items = past.stretches.remove(&device.id).unwrap_or_default();
    Ok(Json(StatusesBody { items: items.into_iter().map(Into::into).collect(), incomplete: past.incomplete }))
}
