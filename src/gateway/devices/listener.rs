//! The listener for devices that come to us: plain HTTP, because many of them can do nothing else.
//!
//! A device is known by the serial number that it shows (ZKTeco) or by a secret path (others), and only from its own address
//! where one is set. Whatever else comes is answered with nothing, and counted.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::header::RETRY_AFTER;
use serde_json::Value;

use super::Devices;
use super::life::Life;
use crate::adapters::PushAnswer;
use crate::adapters::PushRequest;

/// The most bytes of a body: a photograph that we do not keep must still be read.
const MOST_BODY: usize = 8 << 20;
/// After so many seconds those come again who heard that it cannot be kept just now.
const AGAIN_SECS: &str = "5";
/// How long a device may take to send one.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the listener serves.
pub(in crate::gateway) fn router(devices: Devices) -> Router {
    Router::new().fallback(take).with_state(devices)
}

async fn take(
    State(devices): State<Devices>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let (path, query) = (head.uri.path().to_owned(), head.uri.query().unwrap_or_default().to_owned());
    let Some(life) = devices.caller(&path, &query, peer.ip().to_canonical()) else {
        metrics::counter!("nazorat_adapter_strangers_total").increment(1);
        return match path.starts_with("/push/") && devices.is_changing() {
            // Whoever comes by a secret path may be one of those that are just being looked up.
            true => answer(PushAnswer::text(503, "not served just now\n")),
            false => stranger(&head.method, &path).into_response(),
        };
    };
    let Ok(Ok(body)) = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, MOST_BODY)).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let Some(session) = life.session() else { return answer(PushAnswer::text(503, "not served just now\n")) };
    life.state().heard(life.now());
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.to_owned();
    let request =
        PushRequest { method: head.method.to_string(), path, query, content_type, headers: head.headers, body };
    answer(session.pushed(request).await)
}

fn answer(answer: PushAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(answer.content_type));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, http::HeaderValue::from_static(AGAIN_SECS));
    }
    response
}

/// A terminal that nobody has added yet is not told to go away: it keeps what it has until somebody does.
fn stranger(method: &http::Method, path: &str) -> (StatusCode, &'static str) {
    match path.starts_with("/iclock/") {
        true if *method == http::Method::GET => (StatusCode::OK, "OK"),
        true => (StatusCode::SERVICE_UNAVAILABLE, ""),
        false => (StatusCode::NOT_FOUND, ""),
    }
}

impl Devices {
    /// Whose request this is.
    fn caller(&self, path: &str, query: &str, peer: IpAddr) -> Option<Arc<Life>> {
        let is_iclock = path.starts_with("/iclock/");
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let serial = pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("SN")).map(|(_, serial)| serial);
        let secret = path.strip_prefix("/push/").and_then(|rest| rest.split('/').next());
        let of = |life: &Life, name: &str| {
            life.item.settings.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let is_meant = |life: &Arc<Life>| match (is_iclock, serial, secret) {
            (true, Some(serial), _) => !serial.is_empty() && of(life, "serial_number") == serial,
            (false, _, Some(secret)) => secret.len() >= 16 && same(&of(life, "push_secret"), secret),
            _ => false,
        };
        let life = self.served().values().map(|served| Arc::clone(&served.life)).find(is_meant)?;
        let expected = of(&life, "source_address");
        let expected = if expected.is_empty() { life.item.host.clone() } else { expected };
        match expected.parse::<IpAddr>() {
            Ok(expected) if expected.to_canonical() != peer => None,
            _ => Some(life),
        }
    }
}

fn same(one: &str, other: &str) -> bool {
    use subtle::ConstantTimeEq as _;
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
