//! `/health/live`, `/health/ready` and `/metrics`.
//!
//! Metrics are shown on the plain listener to programs of the same machine, which is where a Prometheus or its agent
//! runs; elsewhere they do not exist without a personal token of an ADMIN.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use http::StatusCode;
use http::header;
use serde_json::json;

use crate::identity::Identity;
use crate::intake::Intake;
use crate::kernel::Clock;
use crate::kernel::Permission;
use crate::runtime::blocking;
use crate::runtime::telemetry::Telemetry;
use crate::web::http::Channel;

/// A probe that takes longer counts as failed.
const PROBE_LIMIT: Duration = Duration::from_secs(5);

type Probe = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What the process depends on, each with a way to ask for its state.
#[derive(Clone, Default)]
pub struct Health(Vec<(&'static str, Probe)>);

impl Health {
    /// Depends on nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a dependency; the error of its probe is shown to everybody who asks.
    #[must_use]
    pub fn watch<F>(mut self, name: &'static str, probe: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.0.push((name, Arc::new(move || probe().boxed())));
        self
    }

    /// Asks all of them.
    pub async fn states(&self) -> Vec<(&'static str, Result<(), String>)> {
        let mut states = Vec::new();
        for (name, probe) in &self.0 {
            let state = tokio::time::timeout(PROBE_LIMIT, probe()).await;
            states.push((*name, state.unwrap_or_else(|_| Err("does not answer".to_owned()))));
        }
        states
    }
}

#[derive(Clone)]
struct Part {
    health: Health,
    telemetry: Telemetry,
    identity: Identity,
    intake: Intake,
    clock: Clock,
}

/// The routes.
pub fn router(health: Health, telemetry: Telemetry, identity: Identity, intake: Intake, clock: Clock) -> Router {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/metrics", get(show_metrics))
        .with_state(Part { health, telemetry, identity, intake, clock })
}

async fn live() -> Json<serde_json::Value> {
    Json(json!({ "status": "live" }))
}

async fn ready(State(part): State<Part>) -> Response {
    let states = part.health.states().await;
    let all = states.iter().all(|(_, state)| state.is_ok());
    let dependencies: serde_json::Map<_, _> = states
        .into_iter()
        .map(|(name, state)| {
            let state = match state {
                Ok(()) => json!({ "state": "ok" }),
                Err(detail) => json!({ "state": "failed", "detail": detail }),
            };
            (name.to_owned(), state)
        })
        .collect();
    let (code, status) = if all { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not_ready") };
    (code, Json(json!({ "status": status, "dependencies": dependencies }))).into_response()
}

fn is_admin(part: &Part, headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let secret = value.and_then(|value| value.strip_prefix("Bearer "));
    let found = secret.and_then(|secret| part.identity.tokens.authenticate(secret.trim(), part.clock.now()));
    found.is_some_and(|signed_in| signed_in.actor.may(Permission::ReadSystem))
}

async fn show_metrics(
    State(part): State<Part>,
    Extension(channel): Extension<Channel>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let neighbour = channel == Channel::Plain && peer.ip().is_loopback();
    if !neighbour && !is_admin(&part, &headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    // Only who looks pays for it: every partition file is asked for its size.
    let text = blocking(move || {
        part.intake.report_metrics();
        part.telemetry.render_metrics()
    })
    .await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
