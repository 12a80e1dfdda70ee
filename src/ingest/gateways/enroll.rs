//! A box joins, and later asks for another certificate before the one it has is over.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use super::GatewayDoors;
use super::proof::address_of;
use crate::fleet::Certified;
use crate::fleet::Fleet;
use crate::fleet::FleetError;
use crate::fleet::Joining;
use crate::fleet::Peer;
use crate::ingest::Refusal;
use crate::ingest::body;
use crate::ingest::docs::ProblemBody;
use crate::kernel::Classify as _;
use crate::kernel::Kind;
use crate::kernel::Timestamp;
use crate::kernel::with_causes;

/// A request for a certificate is small.
const MOST_REQUEST: usize = 4_096;

#[derive(Deserialize, ToSchema)]
struct EnrollBody {
    /// The secret of the token.
    token: String,
    #[serde(flatten)]
    box_: BoxBody,
}

#[derive(Deserialize, ToSchema)]
struct BoxBody {
    /// A signed PKCS#10 of a P-256 key, DER in base64.
    certificate_request: String,
    /// What the box calls itself.
    #[serde(default)]
    host: String,
    /// Its version of Nazorat.
    #[serde(default)]
    version: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct CertifiedBody {
    /// Which gateway it is; it stands at the head of the names of its batches.
    gateway_id: String,
    /// How people call it.
    name: String,
    /// Whose it is.
    organization: String,
    /// The certificate to show, PEM.
    certificate: String,
    /// From when it holds.
    #[schema(value_type = String, format = DateTime)]
    valid_from: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    valid_to: Timestamp,
    /// The authorities to believe, PEM.
    authorities: String,
    /// The API key; it is told only once.
    api_key: String,
}

impl From<Certified> for CertifiedBody {
    fn from(made: Certified) -> Self {
        Self {
            gateway_id: made.gateway.to_string(),
            name: made.name,
            organization: made.organization,
            certificate: made.certificate,
            valid_from: made.from,
            valid_to: made.to,
            authorities: made.authorities,
            api_key: made.key.expose().to_owned(),
        }
    }
}

/// Authorities of this appliance
///
/// The roots that sign its certificate and those of gateways, PEM. They are public; a token says which of them to
/// believe.
#[utoipa::path(
    get,
    path = "/v2/gateway/authorities",
    tag = "gateways",
    responses((status = 200, description = "The roots", body = String, content_type = "application/x-pem-file")),
    security(()),
)]
pub(super) async fn authorities(State(fleet): State<Fleet>) -> Result<Response, Refusal> {
    let roots = fleet.authorities().map_err(refuse)?;
    Ok(([(CONTENT_TYPE, "application/x-pem-file")], roots).into_response())
}

/// Join
///
/// Turns a token of the page Gateways into a certificate and an API key. The token is worth nothing then, but for the
/// same key of the box, which may repeat the request should the answer have been lost.
#[utoipa::path(
    post,
    path = "/v2/gateway/enroll",
    tag = "gateways",
    request_body = EnrollBody,
    responses(
        (status = 200, description = "Joined", body = CertifiedBody),
        (status = 400, description = "Not JSON, or no request for a certificate", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The token is unknown, used or too old", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(()),
)]
pub(super) async fn enroll(
    State(fleet): State<Fleet>,
    parts: Parts,
    body: Body,
) -> Result<Json<CertifiedBody>, Refusal> {
    let asked: EnrollBody = read(&parts, body).await?;
    let request = request_of(&asked.box_)?;
    let address = address_of(&parts);
    let joining = Joining { request: &request, host: &asked.box_.host, version: &asked.box_.version, address };
    match fleet.enroll(&asked.token, &joining).await {
        Ok(made) => Ok(Json(made.into())),
        Err(problem) => {
            if matches!(problem, FleetError::NoInvitation) {
                fleet.note_refusal(None, address, problem.code(), "a token that is worth nothing was shown").await;
            }
            Err(refuse(problem))
        }
    }
}

/// Another certificate
///
/// Gives a gateway that is in a new certificate and a new API key. The old ones work until a day after the new ones
/// were used for the first time.
#[utoipa::path(
    post,
    path = "/v2/gateway/renew",
    tag = "gateways",
    request_body = BoxBody,
    responses(
        (status = 200, description = "Renewed", body = CertifiedBody),
        (status = 400, description = "Not JSON, or no request for a certificate", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Certificate, key or signature are missing or do not fit", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The gateway is suspended or revoked", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn renew(
    State(doors): State<GatewayDoors>,
    peer: Peer,
    parts: Parts,
    body: Body,
) -> Result<Json<CertifiedBody>, Refusal> {
    let asked: BoxBody = read(&parts, body).await?;
    let request = request_of(&asked)?;
    let address = address_of(&parts);
    let joining = Joining { request: &request, host: &asked.host, version: &asked.version, address };
    Ok(Json(doors.fleet.renew(peer, &joining).await.map_err(refuse)?.into()))
}

async fn read<T: serde::de::DeserializeOwned>(parts: &Parts, body: Body) -> Result<T, Refusal> {
    let unpacked = body::read(&parts.headers, body).await?;
    serde_json::from_slice(&unpacked.bytes)
        .map_err(|problem| Refusal::bad("not_json", format!("body is wrong: {problem}")))
}

fn request_of(asked: &BoxBody) -> Result<Vec<u8>, Refusal> {
    let text = asked.certificate_request.trim();
    let decoded = (text.len() <= MOST_REQUEST).then(|| STANDARD.decode(text).ok()).flatten();
    decoded.ok_or_else(|| Refusal::bad("bad_certificate_request", "certificate_request must be DER in base64"))
}

fn refuse(problem: FleetError) -> Refusal {
    let status = match problem.kind() {
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable | Kind::Internal => {
            tracing::error!("a gateway could not be served: {}", with_causes(&problem));
            return Refusal::unavailable(problem.code(), "this does not work just now; come again");
        }
    };
    Refusal::new(status, problem.code(), problem.to_string())
}
