//! What may be collected, for a gateway and its agents to hold to.

use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use http::StatusCode;
use nazorat_wire::policy::PolicyList;
use nazorat_wire::policy::SignedSheet;
use utoipa::ToSchema;

use super::GatewayDoors;
use crate::fleet::Peer;
use crate::ingest::Refusal;
use crate::ingest::docs::ProblemBody;
use crate::kernel::Classify as _;
use crate::kernel::Kind;
use crate::policy::distribution::DistributionError;

/// What there is to hold to.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what crates/wire writes")]
pub(super) struct ListBody {
    /// The gateway's own, and one for each of its agents.
    items: Vec<ItemBody>,
    /// The SHA-256 over all of them.
    checksum: String,
}

/// A policy that is to be had.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what crates/wire writes")]
struct ItemBody {
    /// The number of an agent at its gateway; 0 is the gateway itself.
    subject: u32,
    /// The SHA-256 of the policy.
    checksum: String,
}

/// A policy with the word of the appliance.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what crates/wire writes")]
pub(super) struct SheetBody {
    /// Its text, a JSON object; accounts are named by their numbers only.
    sheet: String,
    /// When it was given out. An older one does not replace a newer one.
    #[schema(format = DateTime)]
    issued_at: String,
    /// ECDSA with P-256 and SHA-256 by a root of the built-in CA, DER in base64, over the line `nazorat policy sheet 1`,
    /// the line with `issued_at` in microseconds since 1970, and the text.
    signature: String,
}

/// List what to hold to
///
/// Empty while nothing was decided. Whoever holds to the same checksum already has nothing to fetch.
#[utoipa::path(
    get,
    path = "/v2/gateway/policies",
    tag = "gateways",
    responses(
        (status = 200, description = "What there is", body = ListBody),
        (status = 401, description = "No key, or a proof that is none", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Suspended or revoked", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not now; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn list(State(doors): State<GatewayDoors>, peer: Peer) -> Result<Json<PolicyList>, Refusal> {
    Ok(Json(doors.distribution.list(peer).await?))
}

/// Fetch a policy
#[utoipa::path(
    get,
    path = "/v2/gateway/policies/{subject}",
    tag = "gateways",
    params(("subject" = u32, Path, description = "The number of an agent; 0 is the gateway itself")),
    responses(
        (status = 200, description = "The policy, signed", body = SheetBody),
        (status = 401, description = "No key, or a proof that is none", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Suspended or revoked", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such agent of this gateway, or nothing was decided", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not now; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn get(
    State(doors): State<GatewayDoors>,
    peer: Peer,
    Path(subject): Path<String>,
) -> Result<Json<SignedSheet>, Refusal> {
    let subject = subject.parse().map_err(|_| unknown(format!("{subject:?} is no number of an agent")))?;
    Ok(Json(doors.distribution.sheet(peer, subject).await?))
}

impl From<DistributionError> for Refusal {
    fn from(problem: DistributionError) -> Self {
        if problem.kind() == Kind::NotFound {
            return unknown(problem.to_string());
        }
        tracing::error!("what may be collected cannot be told to a gateway: {problem}");
        Self::unavailable(problem.code(), "policies cannot be read or signed just now")
    }
}

fn unknown(detail: String) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "not_found", detail)
}
