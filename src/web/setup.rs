//! The gate that is closed until the first run is done: a one-time token opens the setup pages, and nothing else
//! answers but health and static files.

use std::sync::Arc;

use axum::extract::Request;
use axum::extract::State;
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http::header;
use subtle::ConstantTimeEq as _;
use tokio::sync::watch;

use crate::kernel::Fingerprint;
use crate::kernel::SecretText;
use crate::web::http::problem;

/// What answers before the first run is done.
const OPEN: &[&str] = &["/setup", "/language", "/static", "/health", "/metrics"];

/// The state of the first run. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Setup(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    token: Option<Fingerprint>,
    done: watch::Sender<bool>,
}

impl Setup {
    /// The first run is still to come; whoever has the token may do it.
    pub fn waiting(token: &SecretText) -> Self {
        Self(Arc::new(Inner { token: Some(token.fingerprint()), done: watch::Sender::new(false) }))
    }

    /// The first run was done long ago.
    pub fn finished() -> Self {
        Self(Arc::new(Inner { token: None, done: watch::Sender::new(true) }))
    }

    /// True once there is an operator who can sign in.
    pub fn is_done(&self) -> bool {
        *self.0.done.borrow()
    }

    /// True when this is the token and the first run is still to come. Takes the same time for every wrong token.
    pub fn admits(&self, token: &str) -> bool {
        let given = Fingerprint::of(token.as_bytes());
        let right = self.0.token.is_some_and(|token| bool::from(token.as_bytes().ct_eq(given.as_bytes())));
        right && !self.is_done()
    }

    /// The first run is done: the gate opens, the token is worth nothing any more.
    pub fn finish(&self) {
        self.0.done.send_replace(true);
    }

    /// Waits until the first run is done.
    pub async fn wait(&self) {
        let mut done = self.0.done.subscribe();
        // An error means that the sender is gone, which `self` holds.
        drop(done.wait_for(|done| *done).await);
    }
}

/// The layer for all routes: browsers are led to the setup page, programs are told to come back.
pub async fn until_done(State(setup): State<Setup>, request: Request, next: Next) -> Response {
    if setup.is_done() || OPEN.iter().any(|open| is_below(request.uri().path(), open)) {
        return next.run(request).await;
    }
    let wants_page = request
        .headers()
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")));
    if wants_page && (request.method() == Method::GET || request.method() == Method::HEAD) {
        return Redirect::to("/setup").into_response();
    }
    let mut response = problem(
        StatusCode::SERVICE_UNAVAILABLE,
        "setup_required",
        "Nazorat is not set up yet; open the link that it printed at start",
    );
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::Setup;
    use super::is_below;
    use crate::kernel::SecretText;

    #[test]
    fn the_token_admits_until_the_first_run_is_done() {
        let token = SecretText::random("");
        let setup = Setup::waiting(&token);
        assert!(setup.admits(token.expose()));
        assert!(!setup.admits("") && !setup.admits("x"));
        setup.finish();
        assert!(!setup.admits(token.expose()) && setup.is_done());
        assert!(!Setup::finished().admits(""));
    }

    #[test]
    fn a_name_that_only_begins_alike_stays_closed() {
        assert!(is_below("/setup", "/setup") && is_below("/setup/new", "/setup"));
        assert!(!is_below("/setups", "/setup") && !is_below("/", "/setup"));
    }
}
