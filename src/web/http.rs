//! What every request and every answer has: an identity, a limit, the security headers, a place in the metrics.

use std::any::Any;
use std::time::Duration;
use std::time::Instant;

use axum::Extension;
use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::extract::Request;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http::header;
use metrics::histogram;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyDeadlineLayer;
use tracing::Instrument as _;

use crate::web::unread::read_the_rest;

/// How long a request's body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(60);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Which listener a request came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The main listener.
    Https,
    /// The plain one for programs on the same machine.
    Plain,
}

/// The identity of a request: in the answer's `x-request-id`, in the log, and on error pages. Always made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// What a browser may do with a page: nothing but our own files.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Puts the shared layers around all routes of a listener.
pub fn harden(router: Router, channel: Channel) -> Router {
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let unless_set = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let router = router
        .layer(RequestBodyDeadlineLayer::new(BODY_DEADLINE))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(unless_set(header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .layer(unless_set(header::CACHE_CONTROL, "no-store"))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(fixed(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(fixed(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(fixed(
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ));
    let router = match channel {
        // Browsers ignore it while they do not trust the certificate, so it cannot lock anybody out.
        Channel::Https => router.layer(fixed(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000")),
        Channel::Plain => router,
    };
    router.layer(from_fn(read_the_rest)).layer(from_fn(observe)).layer(Extension(channel))
}

/// An answer in the form of RFC 9457 for places that have no domain error to speak of.
pub fn problem(status: StatusCode, code: &str, title: &str) -> Response {
    let body = serde_json::json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "code": code });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = uuid::Uuid::now_v7().simple().to_string();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = method_name(request.method());
    // The path itself may hold identities of people, so only the route is told.
    let span = tracing::info_span!("request", request.id = %id, http.method = method, http.route = %route);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let took = started.elapsed();
    histogram!(
        "nazorat_http_request_duration_seconds",
        "method" => method, "route" => route, "status" => status.as_str().to_owned()
    )
    .record(took);
    span.in_scope(|| tracing::debug!(http.status = status.as_u16(), took_ms = took.as_millis(), "answered {status}"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Whoever sends invented methods must not make up metrics.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

fn panicked(_panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    tracing::error!("a request panicked; the reason was logged just before");
    metrics::counter!("nazorat_http_panics_total").increment(1);
    problem(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side")
}
