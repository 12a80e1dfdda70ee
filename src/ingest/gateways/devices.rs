//! Which devices a gateway is to serve.

use axum::Json;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa::ToSchema;

use super::GatewayDoors;
use crate::fleet::Peer;
use crate::ingest::Refusal;
use crate::ingest::docs::ProblemBody;
use crate::kernel::Classify as _;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Checksum of what the gateway has.
    have: Option<String>,
}

/// What there is to serve. It holds the passwords of the devices.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what crates/wire writes")]
pub(super) struct SheetBody {
    /// The SHA-256 over the rest.
    checksum: String,
    /// The devices.
    devices: Vec<ItemBody>,
    /// Networks in which devices may be beside private ones.
    networks: Vec<String>,
    /// Who may pass which of them.
    people: Vec<PersonBody>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what crates/wire writes")]
struct ItemBody {
    /// Its number.
    id: u32,
    /// What people call it.
    name: String,
    /// Which adapter speaks with it.
    kind: String,
    /// Its address; empty for those that come to us.
    host: String,
    /// Settings, secrets included.
    #[schema(value_type = Object)]
    settings: Map<String, Value>,
    /// The wall clock at the device, an IANA name.
    zone: String,
    /// Whether its people are kept as `people` says.
    manages_people: bool,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what crates/wire writes")]
struct PersonBody {
    /// The number by which devices know them.
    number: String,
    /// What devices show.
    name: String,
    /// Their cards.
    cards: Vec<String>,
    /// The devices.
    devices: Vec<u32>,
}

/// Fetch the devices
#[utoipa::path(
    get,
    path = "/v2/gateway/devices",
    tag = "gateways",
    params(Asked),
    responses(
        (status = 200, description = "What there is to serve", body = SheetBody),
        (status = 204, description = "The same as the gateway has"),
        (status = 401, description = "No key, or a proof that is none", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Suspended or revoked", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not now; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn get(
    State(doors): State<GatewayDoors>,
    peer: Peer,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let sheet = doors.devices.sheet(peer).await.map_err(|problem| {
        tracing::error!(gateway.id = %peer.gateway, "devices cannot be told to a gateway: {problem}");
        Refusal::unavailable(problem.code(), "devices cannot be read just now")
    })?;
    if asked.have.as_deref() == Some(sheet.checksum.as_str()) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Json(sheet).into_response())
}
