//! What stands around all pages and the dashboard API: sessions, no state changes from foreign sites, cookies that
//! never travel unprotected, and a note in the audit log when somebody was refused.

use axum::Extension;
use axum::Router;
use axum::extract::MatchedPath;
use axum::extract::Request;
use axum::extract::State;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use http::HeaderValue;
use http::StatusCode;
use http::header::SET_COOKIE;
use tower::Layer as _;
use tower::ServiceExt as _;
use tower_http::csrf::CsrfLayer;
use tower_http::csrf::ProtectionError;
use tower_sessions::Expiry;
use tower_sessions::SessionManagerLayer;

use crate::audit::Entry;
use crate::identity::Sessions;
use crate::web::App;
use crate::web::flash;
use crate::web::http::Channel;
use crate::web::http::problem;
use crate::web::visitor;

/// The session's cookie on the main listener; the prefix lets browsers take it only with `Secure` and for all paths.
const COOKIE: &str = "__Host-nz";
/// The same on the plain listener of the machine itself.
const PLAIN_COOKIE: &str = "nz";

/// The layers of sessions, one for each listener. Both expiries are kept by the store, so the cookie has none.
#[derive(Clone)]
struct Layers {
    https: SessionManagerLayer<Sessions>,
    plain: SessionManagerLayer<Sessions>,
}

impl Layers {
    fn new(sessions: &Sessions) -> Self {
        let layer = |name: &'static str| {
            SessionManagerLayer::new(sessions.clone()).with_name(name).with_expiry(Expiry::OnSessionEnd)
        };
        Self { https: layer(COOKIE), plain: layer(PLAIN_COOKIE).with_secure(false) }
    }
}

/// Puts the guards around routes of people.
pub fn guarded(router: Router, app: &App) -> Router {
    router
        .layer(from_fn_with_state(app.clone(), note_refusal))
        .layer(from_fn_with_state(Layers::new(&app.identity.sessions), with_session))
        .layer(from_fn(with_cookies))
        .layer(CsrfLayer::new().with_rejection_response(|_: ProtectionError| {
            problem(StatusCode::FORBIDDEN, "cross_site", "This request came from another site")
        }))
}

async fn with_session(
    State(layers): State<Layers>,
    channel: Option<Extension<Channel>>,
    request: Request,
    next: Next,
) -> Response {
    let layer = match channel {
        Some(Extension(Channel::Plain)) => layers.plain,
        Some(Extension(Channel::Https)) | None => layers.https,
    };
    match layer.layer(next).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Cookies that were set on HTTPS never travel without it; also the one that takes a session's cookie away, which
/// browsers ignore otherwise.
async fn with_cookies(channel: Option<Extension<Channel>>, request: Request, next: Next) -> Response {
    let brought = flash::is_in(request.headers());
    let mut response = next.run(request).await;
    flash::forget(brought, &mut response);
    if !matches!(channel, Some(Extension(Channel::Plain))) {
        let cookies: Vec<_> = response.headers().get_all(SET_COOKIE).iter().map(secure).collect();
        response.headers_mut().remove(SET_COOKIE);
        for cookie in cookies {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

fn secure(cookie: &HeaderValue) -> HeaderValue {
    let has = cookie.to_str().is_ok_and(|text| text.split(';').any(|part| part.trim().eq_ignore_ascii_case("secure")));
    let with = [cookie.as_bytes(), b"; Secure"].concat();
    if has { cookie.clone() } else { HeaderValue::from_bytes(&with).unwrap_or_else(|_| cookie.clone()) }
}

/// Somebody known tried what they may not.
async fn note_refusal(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| format!("{} {}", request.method(), path.as_str()));
    let (parts, body) = request.into_parts();
    let asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status() == StatusCode::FORBIDDEN
        && let Some(route) = route
        && let Some(actor) = visitor::actor_of(&app, asked).await
    {
        let entry = Entry::new("access.denied").of(actor.organization()).with("place", route);
        app.audit.record_rarely(&actor, entry).await;
    }
    response
}
