//! Which devices a gateway is to serve, whom they are to know, and how far they do.

use axum::Json;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use nazorat_wire::PeopleReport;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa::ToSchema;

use super::GatewayDoors;
use crate::devices::DevicesError;
use crate::fleet::Peer;
use crate::ingest::Refusal;
use crate::ingest::docs::ProblemBody;
use crate::kernel::Classify as _;
use crate::kernel::DeviceId;
use crate::kernel::Kind;
use crate::kernel::Timestamp;

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
    /// Everybody whom devices could know, those who may pass none of them among them.
    people: Vec<PersonBody>,
    /// Cards with which nobody may pass.
    barred: Vec<String>,
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
    /// The SHA-256 of their face, under which it is fetched.
    face: Option<String>,
    /// From when on they may pass.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Until when.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// The devices that they may pass.
    devices: Vec<u32>,
}

/// How the people on a device are, after it was compared.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what crates/wire reads")]
pub(super) struct ReportBody {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// How many are as they should be.
    right: u32,
    /// How many there should be.
    wanted: u32,
    /// How many the device knows.
    on_device: u32,
    /// How many would be taken off and wait for a person's word.
    held: u32,
    /// Who is not as they should be, and why; at most 1,000.
    problems: Vec<ProblemOfPerson>,
    /// Whom, or which cards, only the device knows; at most 1,000.
    strangers: Vec<StrangerBody>,
    /// Why nothing could be compared.
    failed: Option<FaultBody>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what crates/wire reads")]
struct FaultBody {
    /// A stable word.
    code: String,
    /// A sentence.
    detail: String,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what crates/wire reads")]
struct ProblemOfPerson {
    /// The number by which devices know them.
    number: String,
    /// A stable word.
    code: String,
    /// A sentence.
    detail: String,
    /// How often it was tried.
    tries: u32,
    /// When it is tried again.
    #[schema(value_type = String, format = DateTime)]
    next: Timestamp,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what crates/wire reads")]
struct StrangerBody {
    /// The number by which the device knows them.
    number: String,
    /// What it calls them.
    name: String,
    /// Their cards, or those that nobody wrote down.
    cards: Vec<String>,
    /// Whether only the cards are not known.
    is_known: bool,
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
    let sheet = doors.devices.sheet(peer).await?;
    if asked.have.as_deref() == Some(sheet.checksum.as_str()) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Json(sheet).into_response())
}

/// Fetch a face
///
/// Only that of somebody who may pass a device of this gateway.
#[utoipa::path(
    get,
    path = "/v2/gateway/faces/{sha256}",
    tag = "gateways",
    params(("sha256" = String, Path, description = "Its digest, as the devices name it")),
    responses(
        (status = 200, description = "A JPEG of at most 200 KB", body = Vec<u8>, content_type = "image/jpeg"),
        (status = 401, description = "No key, or a proof that is none", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Suspended or revoked", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody who may pass a device of this gateway has this face", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not now; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn face(
    State(doors): State<GatewayDoors>,
    peer: Peer,
    Path(sha256): Path<String>,
) -> Result<Response, Refusal> {
    match doors.devices.face_for(peer, &sha256).await? {
        Some(jpeg) => Ok(([(CONTENT_TYPE, "image/jpeg")], jpeg).into_response()),
        None => Err(Refusal::new(StatusCode::NOT_FOUND, "not_found", "nobody whom you serve has this face".to_owned())),
    }
}

/// Tell how the people on a device are
#[utoipa::path(
    post,
    path = "/v2/gateway/devices/{id}/people",
    tag = "gateways",
    params(("id" = u32, Path, description = "The number of the device")),
    request_body = ReportBody,
    responses(
        (status = 204, description = "Known; the last one counts"),
        (status = 400, description = "Not a report", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No key, or a proof that is none", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Suspended or revoked", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such device behind this gateway", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not now; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn people(
    State(doors): State<GatewayDoors>,
    peer: Peer,
    Path(id): Path<DeviceId>,
    report: Result<Json<PeopleReport>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Json(report) =
        report.map_err(|problem| Refusal::new(StatusCode::BAD_REQUEST, "not_a_report", problem.body_text()))?;
    doors.devices.keep_report(peer, id, report).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<DevicesError> for Refusal {
    fn from(problem: DevicesError) -> Self {
        if problem.kind() == Kind::NotFound {
            return Self::new(StatusCode::NOT_FOUND, "not_found", problem.to_string());
        }
        tracing::error!("devices cannot be told to a gateway, or their people kept: {problem}");
        Self::unavailable(problem.code(), "devices cannot be read or written just now")
    }
}
