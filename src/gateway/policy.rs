//! The doors through which agents get what may be collected on their computers, and say what they hold to.
//!
//! An agent asks with what it has and waits here until there is something else. That it asks with the new one is its
//! acknowledgement; the gateway tells the appliance of it at once.

use std::time::Duration;

use axum::Json;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::IntoParams;
use utoipa::ToSchema;

use super::Gateway;
use super::agents::Told;
use super::identity::Member;
use crate::ingest::Key;
use crate::ingest::Refusal;
use crate::runtime::blocking;

/// The longest that an agent may wait.
const MOST_SECS: u64 = 25;
/// Sheets for many agents come one behind the other; whoever waits looks not more often than this.
const GATHERED: Duration = Duration::from_millis(50);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Checksum of the policy that the agent holds to.
    have: Option<String>,
    /// Checksum of one that has come and is followed from the agent's next start on.
    waiting: Option<String>,
    /// Why it could not take the last one, as a sentence.
    error: Option<String>,
    /// How long to wait for another one, in seconds; at most 25.
    #[serde(default)]
    wait: u64,
}

/// A policy with the signature of the appliance.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the appliance has made and the gateway passes on")]
pub(super) struct SignedPolicy {
    /// The policy, as a JSON text.
    sheet: String,
    /// When the appliance gave it out, RFC 3339.
    issued_at: String,
    /// ECDSA over P-256 with SHA-256, DER, in base 64, over the line `nazorat policy sheet 1`, the time in microseconds since 1970,
    /// and the text.
    signature: String,
}

/// Get what may be collected on this computer
///
/// Answers at once when the agent has another policy than it should, else as soon as there is one, else 204. Ask again
/// right away; that `have` is the new one says that it holds. What the appliance has signed is passed on unchanged.
#[utoipa::path(
    get,
    path = "/local/agent/policy",
    tag = "ingest",
    params(Asked),
    responses(
        (status = 200, description = "Another one is to be followed", body = SignedPolicy),
        (status = 204, description = "Nothing else came, or nothing was decided"),
        (status = 400, description = "A checksum that is none"),
        (status = 401, description = "No key, or an unknown one"),
        (status = 404, description = "This gateway has not joined an appliance and knows no policies"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn get(
    State(gateway): State<Gateway>,
    Key(secret): Key,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let id = authenticate(&gateway, &secret)?;
    let (have, waiting) = (checksum("have", asked.have)?, checksum("waiting", asked.waiting)?);
    let policies = gateway.edge.policies.as_ref().ok_or_else(nothing)?;
    let told = Told { have: have.clone(), waiting: waiting.clone(), error: asked.error };
    if gateway.agents.note_policy(id, told, gateway.entry.clock.now()) {
        gateway.news.notify_one();
    }
    let deadline = Instant::now() + Duration::from_secs(asked.wait.min(MOST_SECS));
    let mut changed = policies.changed();
    loop {
        changed.borrow_and_update();
        let wanted = policies.checksum(id).filter(|wanted| Some(wanted) != have.as_ref());
        if wanted.is_some_and(|wanted| Some(&wanted) != waiting.as_ref()) {
            let policies = policies.clone();
            let read = blocking(move || policies.passed_on(id)).await;
            let sheet = read.map_err(|problem| {
                tracing::error!("the policy for agent {id} cannot be read: {problem}");
                let again =
                    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "not_now", "the policy cannot be read just now");
                again.retry_after(Duration::from_secs(30))
            })?;
            if let Some(sheet) = sheet {
                return Ok(Json(sheet).into_response());
            }
        }
        tokio::select! {
            Ok(()) = changed.changed() => tokio::time::sleep(GATHERED).await,
            () = tokio::time::sleep_until(deadline) => return Ok(StatusCode::NO_CONTENT.into_response()),
            () = gateway.stop.cancelled() => return Ok(StatusCode::NO_CONTENT.into_response()),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Authorities {
    /// Certificates of those who sign policies, PEM.
    authorities: String,
}

/// Get who signs policies
///
/// For an agent that joined before it was told. It keeps the answer for ever, so it is asked for once.
#[utoipa::path(
    get,
    path = "/local/agent/authorities",
    tag = "ingest",
    responses(
        (status = 200, description = "Who signs", body = Authorities),
        (status = 401, description = "No key, or an unknown one"),
        (status = 404, description = "This gateway has not joined an appliance and knows no policies"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn authorities(
    State(gateway): State<Gateway>,
    Key(secret): Key,
) -> Result<Json<Authorities>, Refusal> {
    authenticate(&gateway, &secret)?;
    let member = gateway.member.as_ref().map(Member::get).ok_or_else(nothing)?;
    Ok(Json(Authorities { authorities: member.authorities }))
}

fn authenticate(gateway: &Gateway, secret: &str) -> Result<u32, Refusal> {
    gateway.agents.find(secret).ok_or_else(|| {
        Refusal::new(StatusCode::UNAUTHORIZED, "unknown_key", "this key is not known; join this gateway again")
    })
}

fn nothing() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "no_policies", "this gateway has not joined an appliance and knows no policies")
}

/// A SHA-256, or nothing at all.
fn checksum(name: &str, text: Option<String>) -> Result<Option<String>, Refusal> {
    let text = text.filter(|text| !text.is_empty());
    let fits = |text: &String| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if text.as_ref().is_none_or(fits) {
        return Ok(text);
    }
    let told = format!("{name} must be a SHA-256 in hexadecimal digits");
    Err(Refusal::new(StatusCode::BAD_REQUEST, "bad_checksum", told))
}
