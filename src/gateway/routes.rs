//! The whole route table of a gateway's listener, grouped by who calls.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use axum::extract::State;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use http::HeaderMap;
use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Gateway;
use super::agents::JoinError;
use super::orders;
use super::page;
use super::policy;
use super::shots;
use super::shots::Shots;
use crate::edge;
use crate::ingest;
use crate::ingest::Key;
use crate::ingest::Refusal;
use crate::ingest::activitywatch;
use crate::runtime::blocking;
use crate::runtime::telemetry::Telemetry;
use crate::web::api;
use crate::web::beside_a_page;

/// All routes.
pub(super) fn router(gateway: &Gateway, telemetry: Telemetry) -> Router {
    let policies = gateway.edge.policies.clone();
    let room = Arc::new(Semaphore::new(shots::IN_MEMORY));
    let shots = Shots { entry: gateway.entry.clone(), parcels: gateway.parcels.clone(), policies, room };
    let documented = OpenApiRouter::new().routes(routes!(shots::take)).with_state(shots.clone());
    let joining = OpenApiRouter::new().routes(routes!(join)).routes(routes!(heartbeat));
    let joining = joining.routes(routes!(policy::get)).routes(routes!(policy::authorities)).with_state(gateway.clone());
    let (agents, document) = ingest::local(gateway.entry.clone()).merge(documented).merge(joining).split_for_parts();
    let older = Router::new()
        .route("/v2/ingest/screenshots", post(shots::take))
        .route("/api/agent/screenshots", post(shots::take))
        .with_state(shots);
    let mut own = edge::inside(gateway.edge.clone(), telemetry);
    let ordered = Router::new().route("/agents", get(list)).route("/resend", post(orders::resend));
    let ordered = ordered.route("/export", post(orders::export));
    own = own.merge(ordered.with_state(gateway.clone()));
    if let Some(watch) = &gateway.activitywatch {
        own = own.merge(activitywatch::router(watch.clone()));
    }
    Router::new()
        .merge(agents)
        .merge(older)
        .merge(api::documented("/gateway/docs", document))
        .merge(own.layer(from_fn(from_this_machine)))
        .merge(edge::health(gateway.edge.clone()))
        .route("/", get(show).with_state(gateway.clone()))
        .merge(beside_a_page())
}

/// What tells of people or of the inside of the box is for the box itself.
async fn from_this_machine(ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request, next: Next) -> Response {
    match peer.ip().to_canonical().is_loopback() {
        true => next.run(request).await,
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize, ToSchema)]
struct JoinBody {
    /// The join code of the gateway.
    join_code: String,
    /// The machine's stable id.
    computer_uid: String,
    /// What people call the computer.
    name: String,
}

#[derive(Serialize, ToSchema)]
struct Joined {
    /// Number of the agent at this gateway.
    agent_id: u32,
    /// Its key; it is told only once.
    key: String,
    /// Certificates of those who sign what may be collected, PEM; none while the gateway has not joined an appliance.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorities: Option<String>,
}

/// Join this gateway
///
/// Gives an agent a key of its own. A computer that joins again gets another key, and the old one is worth nothing.
#[utoipa::path(
    post,
    path = "/local/agent/join",
    tag = "ingest",
    request_body = JoinBody,
    responses(
        (status = 200, description = "Joined", body = Joined),
        (status = 400, description = "Not JSON, or a name that cannot be one"),
        (status = 403, description = "Another code"),
        (status = 429, description = "Too many wrong codes; come again after `Retry-After`"),
        (status = 503, description = "It could not be written down; come again after `Retry-After`"),
    ),
    security(()),
)]
async fn join(State(gateway): State<Gateway>, body: axum::body::Bytes) -> Result<Json<Joined>, Refusal> {
    let body: JoinBody = serde_json::from_slice(&body)
        .map_err(|problem| Refusal::new(StatusCode::BAD_REQUEST, "not_json", format!("body is wrong: {problem}")))?;
    let (agents, now) = (gateway.agents.clone(), gateway.entry.clock.now());
    let issued = blocking(move || agents.join(&body.join_code, (&body.computer_uid, &body.name), now)).await;
    let issued = issued.map_err(|problem| {
        let (status, code) = match problem {
            JoinError::WrongCode => (StatusCode::FORBIDDEN, "wrong_code"),
            JoinError::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too_many"),
            JoinError::BadName => (StatusCode::BAD_REQUEST, "bad_name"),
            JoinError::Full | JoinError::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "not_now"),
        };
        Refusal::new(status, code, problem.to_string()).retry_after(std::time::Duration::from_secs(60))
    })?;
    tracing::info!(agent.id = issued.id, "agent {} joined", issued.id);
    let authorities = gateway.member.as_ref().map(|member| member.get().authorities);
    Ok(Json(Joined { agent_id: issued.id, key: issued.key.expose().to_owned(), authorities }))
}

#[derive(Deserialize, ToSchema)]
struct BeatBody {
    /// The agent's version.
    #[serde(default)]
    version: String,
    /// How often it says that it is there; it counts as gone 30 seconds later than that.
    #[serde(default)]
    interval_secs: Option<u32>,
}

/// Say that an agent is there
///
/// Also while nobody works on its computer. An agent that never does counts as there while it sends events.
#[utoipa::path(
    post,
    path = "/local/agent/heartbeat",
    tag = "ingest",
    request_body = BeatBody,
    responses(
        (status = 204, description = "Noted"),
        (status = 400, description = "Not JSON"),
        (status = 401, description = "No key, or an unknown one"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
async fn heartbeat(
    State(gateway): State<Gateway>,
    Key(secret): Key,
    body: axum::body::Bytes,
) -> Result<StatusCode, Refusal> {
    let id = gateway.agents.find(&secret).ok_or_else(|| {
        Refusal::new(StatusCode::UNAUTHORIZED, "unknown_key", "this key is not known; join this gateway again")
    })?;
    let body: BeatBody = serde_json::from_slice(&body)
        .map_err(|problem| Refusal::new(StatusCode::BAD_REQUEST, "not_json", format!("body is wrong: {problem}")))?;
    gateway.agents.note_beat(id, &body.version, body.interval_secs, gateway.entry.clock.now());
    Ok(StatusCode::NO_CONTENT)
}

async fn list(State(gateway): State<Gateway>) -> Response {
    Json(serde_json::json!({ "items": gateway.agents.list() })).into_response()
}

async fn show(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    page::show(&gateway, peer.ip().to_canonical().is_loopback(), &headers)
}
