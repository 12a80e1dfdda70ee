//! `/api/v1/gates`: doors and passages, whatever hangs at them.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::devices::DevicesError;
use crate::devices::Gate;
use crate::devices::GateInput;
use crate::devices::Passing;
use crate::kernel::GateId;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::shapes::Created;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(get, change, remove))
}

/// A door or passage.
#[derive(Serialize, ToSchema)]
#[schema(as = Gate)]
pub(super) struct GateBody {
    id: GateId,
    name: String,
    /// How the direction of a pass is found.
    passing: Passing,
    /// Passes of one person within so many seconds are one.
    debounce_secs: u32,
    /// Whether guards may open it from afar.
    opens_from_afar: bool,
}

impl From<Gate> for GateBody {
    fn from(gate: Gate) -> Self {
        Self {
            id: gate.id,
            name: gate.name.to_string(),
            passing: gate.passing,
            debounce_secs: gate.debounce_secs,
            opens_from_afar: gate.opens_from_afar,
        }
    }
}

/// A gate to make, or what one is to become.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GateBodyInput {
    #[schema(example = "Main entrance")]
    name: String,
    #[serde(default)]
    passing: Passing,
    #[serde(default = "half_a_minute")]
    #[schema(minimum = 0, maximum = 600, default = 30)]
    debounce_secs: u32,
    #[serde(default)]
    opens_from_afar: bool,
}

const fn half_a_minute() -> u32 {
    30
}

impl From<GateBodyInput> for GateInput {
    fn from(input: GateBodyInput) -> Self {
        let GateBodyInput { name, passing, debounce_secs, opens_from_afar } = input;
        Self { name, passing, debounce_secs, opens_from_afar }
    }
}

/// List gates
#[utoipa::path(
    get, path = "/api/v1/gates", tag = "devices", params(InOrganization),
    responses((status = 200, description = "In the order in which they were made", body = List<GateBody>)),
)]
async fn list(State(app): State<App>, inside: Inside) -> Result<Json<List<GateBody>>, ApiFailure> {
    Ok(List::whole(app.devices.gates(&inside.actor, inside.id()).await?))
}

/// Read a gate
#[utoipa::path(
    get, path = "/api/v1/gates/{id}", tag = "devices", params(("id" = GateId, Path), InOrganization),
    responses((status = 200, description = "The gate", body = GateBody)),
)]
async fn get(State(app): State<App>, inside: Inside, Id(id): Id<GateId>) -> Result<Json<GateBody>, ApiFailure> {
    let all = app.devices.gates(&inside.actor, inside.id()).await?;
    let found = all.into_iter().find(|gate| gate.id == id).ok_or(DevicesError::UnknownGate(id))?;
    Ok(Json(found.into()))
}

/// Make a gate
#[utoipa::path(
    post, path = "/api/v1/gates", tag = "devices", params(InOrganization), request_body = GateBodyInput,
    responses((status = 201, description = "Made", body = GateBody)),
)]
async fn add(
    State(app): State<App>,
    inside: Inside,
    Body(input): Body<GateBodyInput>,
) -> Result<Created<GateBody>, ApiFailure> {
    let gate = app.devices.add_gate(&inside.actor, inside.id(), input.into()).await?;
    Ok(Created { at: format!("/api/v1/gates/{}", gate.id), body: gate.into() })
}

/// Change a gate
#[utoipa::path(
    put, path = "/api/v1/gates/{id}", tag = "devices", params(("id" = GateId, Path), InOrganization),
    request_body = GateBodyInput,
    responses((status = 200, description = "Changed", body = GateBody)),
)]
async fn change(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<GateId>,
    Body(input): Body<GateBodyInput>,
) -> Result<Json<GateBody>, ApiFailure> {
    Ok(Json(app.devices.change_gate(&inside.actor, inside.id(), id, input.into()).await?.into()))
}

/// Remove a gate at which no device stands
#[utoipa::path(
    delete, path = "/api/v1/gates/{id}", tag = "devices", params(("id" = GateId, Path), InOrganization),
    responses((status = 204, description = "Removed")),
)]
async fn remove(State(app): State<App>, inside: Inside, Id(id): Id<GateId>) -> Result<http::StatusCode, ApiFailure> {
    app.devices.remove_gate(&inside.actor, inside.id(), id).await?;
    Ok(http::StatusCode::NO_CONTENT)
}
