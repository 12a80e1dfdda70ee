//! What a request of a gateway shows: the certificate of its connection, its key, its signature.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::extract::FromRef;
use axum::extract::FromRequestParts;
use axum_server::tls::TlsInfo;
use http::HeaderMap;
use http::StatusCode;
use http::request::Parts;
use nazorat_wire::Signable;
use nazorat_wire::Signature;
use nazorat_wire::SignatureError;

use crate::fleet::Fleet;
use crate::fleet::Peer;
use crate::fleet::Refused;
use crate::fleet::Request;
use crate::fleet::Shown;
use crate::ingest::Refusal;
use crate::ingest::auth::secret_of;
use crate::kernel::Fingerprint;

impl<S: Send + Sync> FromRequestParts<S> for Peer
where
    Fleet: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let secret = secret_of(&parts.headers).ok_or_else(Refusal::no_key)?;
        prove(&Fleet::from_ref(state), parts, secret).await
    }
}

/// Lets a gateway in, or remembers that it was not.
pub(in crate::ingest) async fn prove(fleet: &Fleet, parts: &Parts, secret: &str) -> Result<Peer, Refusal> {
    let signature = signature_of(&parts.headers);
    let request = Request { signable: signable(parts), signature: as_ref(&signature) };
    let shown = Shown { secret, certificate: certificate_of(parts), request };
    let (peer, refused) = match fleet.authenticate(&shown) {
        Ok(peer) => return Ok(peer),
        Err(refused) => refused,
    };
    if refused.is_worth_a_note() {
        fleet.note_refusal(peer, address_of(parts), refused.code(), &refused.to_string()).await;
    }
    Err(refused.into())
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        let status = match refused {
            Refused::Revoked | Refused::Suspended => StatusCode::FORBIDDEN,
            Refused::Busy => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNAUTHORIZED,
        };
        Self::new(status, refused.code(), refused.to_string())
    }
}

/// From where a request came.
pub(super) fn address_of(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip().to_canonical())
}

fn certificate_of(parts: &Parts) -> Option<Fingerprint> {
    let info = parts.extensions.get::<Arc<TlsInfo>>()?;
    info.peer_certificates.first().map(|certificate| Fingerprint::of(certificate))
}

/// A request with a body has a digest to be signed; whether it fits the body is looked at when the body is read.
fn signable(parts: &Parts) -> Signable<'_> {
    let digest = parts.headers.get("content-digest").and_then(|value| value.to_str().ok());
    let has_body = !matches!(parts.method, http::Method::GET | http::Method::HEAD);
    Signable {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query(),
        digest: if has_body { Some(digest.unwrap_or_default()) } else { digest },
    }
}

fn signature_of(headers: &HeaderMap) -> Option<Result<Signature, SignatureError>> {
    let text = |name: &'static str| {
        let value = headers.get(name)?;
        Some(value.to_str().unwrap_or_default())
    };
    match (text("signature-input"), text("signature")) {
        (None, None) => None,
        (input, signature) => Some(Signature::parse(input.unwrap_or_default(), signature.unwrap_or_default())),
    }
}

fn as_ref(signature: &Option<Result<Signature, SignatureError>>) -> Option<Result<&Signature, SignatureError>> {
    signature.as_ref().map(|parsed| parsed.as_ref().map_err(|problem| *problem))
}
