//! Commands for a gateway whose line lets no WebSocket through.

use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::State;
use http::HeaderMap;
use http::StatusCode;
use nazorat_wire::frame;
use nazorat_wire::frame::Ending;
use nazorat_wire::frame::Outcome;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use super::channel::Channel;
use crate::fleet::Peer;
use crate::fleet::commands::CommandError;
use crate::fleet::commands::MAX_BODY;
use crate::ingest::Refusal;
use crate::ingest::body;
use crate::ingest::docs::ProblemBody;
use crate::kernel::Classify as _;
use crate::kernel::CommandId;
use crate::kernel::Kind;
use crate::kernel::Timestamp;

/// An answer with the largest result and its frame.
const MOST_ANSWER: usize = MAX_BODY + (16 << 10);

/// What is to be done.
#[derive(Serialize, ToSchema)]
pub(super) struct Waiting {
    /// The appliance's clock; expiry is by this one.
    #[schema(value_type = String, format = DateTime)]
    clock: Timestamp,
    /// How often to ask.
    poll_secs: u64,
    /// What to do; each at most once, however often it is listed.
    #[schema(value_type = Vec<CommandBody>)]
    items: Vec<frame::Command>,
}

/// A command.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what crates/wire writes")]
pub(super) struct CommandBody {
    /// Its name for ever.
    id: uuid::Uuid,
    /// `ping`, `collect_diagnostics`, `set_log_level`, `restart_agent`, `apply_config` or `apply_policies`.
    kind: String,
    /// With what.
    payload: serde_json::Map<String, serde_json::Value>,
    /// For which agent of the gateway; none when it is for the gateway.
    agent: Option<u32>,
    /// After this it must not be begun.
    #[schema(format = DateTime)]
    expires_at: String,
    /// How often it was sent.
    attempt: u32,
}

/// A command has come, or is done.
#[derive(Deserialize, ToSchema)]
pub(super) struct AckBody {
    /// Checksum of what came with the command, where that has one.
    #[serde(default)]
    checksum: Option<String>,
    /// How it ended, if it did.
    #[serde(default)]
    result: Option<ResultBody>,
}

/// How a command ended.
#[derive(Deserialize, ToSchema)]
struct ResultBody {
    /// `succeeded`, `failed` or `expired`.
    #[schema(value_type = String)]
    status: Ending,
    /// Why, as a stable word.
    #[serde(default)]
    code: Option<String>,
    /// Why, as a sentence.
    #[serde(default)]
    detail: Option<String>,
    /// What it brought; at most 256 KiB.
    #[serde(default)]
    body: Option<serde_json::Value>,
}

/// How far a command is now.
#[derive(Serialize, ToSchema)]
pub(super) struct Settled {
    /// `acked`, `succeeded`, `failed` or `expired`.
    state: &'static str,
}

/// Commands that wait
///
/// For a gateway that cannot open the control channel. What is listed counts as sent and is listed again until it is
/// acknowledged.
#[utoipa::path(
    get,
    path = "/v2/gateway/commands",
    tag = "gateways",
    responses(
        (status = 200, description = "What is to be done", body = Waiting),
        (status = 401, description = "No key, or a proof that is none", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Suspended or revoked", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too often; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not now; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn list(State(channel): State<Channel>, peer: Peer) -> Result<Json<Waiting>, Refusal> {
    channel.slow_down(peer)?;
    channel.presence().contact(peer).await;
    let items = channel.poll(peer).await?;
    let poll_secs = channel.presence().interval().as_secs();
    Ok(Json(Waiting { clock: channel.now(), poll_secs, items }))
}

/// Acknowledge a command, or tell how it ended
///
/// Also the way of results that are too large for a message of the control channel.
#[utoipa::path(
    post,
    path = "/v2/gateway/commands/{id}/ack",
    tag = "gateways",
    params(("id" = uuid::Uuid, Path, description = "The command")),
    request_body = AckBody,
    responses(
        (status = 200, description = "It is noted", body = Settled),
        (status = 400, description = "Not JSON, or of another shape", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No key, or a proof that is none", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Suspended or revoked", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such command of this gateway", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It is over already", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The result is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too often; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not now; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn ack(
    State(channel): State<Channel>,
    peer: Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Settled>, Refusal> {
    channel.slow_down(peer)?;
    let id: CommandId = id.parse().map_err(|_| unknown())?;
    let unpacked = body::read(&headers, body).await?;
    if unpacked.bytes.len() > MOST_ANSWER {
        return Err(too_large());
    }
    let answer: AckBody = serde_json::from_slice(&unpacked.bytes)
        .map_err(|problem| Refusal::bad("not_json", format!("body is wrong: {problem}")))?;
    channel.presence().contact(peer).await;
    let (commands, checksum) = (channel.commands(), answer.checksum);
    let command = match answer.result {
        None => commands.acked(peer, id, checksum.map(|text| text.chars().take(128).collect())).await?,
        Some(ResultBody { status, code, detail, body }) => {
            commands.ended(peer, Outcome { id: id.get(), status, code, detail, body }).await?
        }
    };
    Ok(Json(Settled { state: command.state.name() }))
}

impl From<CommandError> for Refusal {
    fn from(problem: CommandError) -> Self {
        match problem.kind() {
            Kind::NotFound => unknown(),
            Kind::Conflict => Self::new(StatusCode::CONFLICT, problem.code(), problem.to_string()),
            Kind::TooMany => too_large(),
            _ => {
                tracing::error!("commands of a gateway cannot be used: {problem}");
                Self::unavailable(problem.code(), "commands cannot be read or noted just now")
            }
        }
    }
}

fn unknown() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "not_found", "there is no such command for this gateway")
}

fn too_large() -> Refusal {
    Refusal::too_large("result_too_large", format!("the result has more than {MAX_BODY} bytes"))
}
