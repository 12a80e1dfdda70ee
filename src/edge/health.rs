//! `/health/live`, `/health/ready`, `/status` and `/metrics` of an edge.
//!
//! It is ready as long as it takes events in: that the line is down is what an edge is for, and no reason to restart it.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use http::header;
use serde_json::json;

use crate::edge::Edge;
use crate::edge::Policies;
use crate::edge::Standing;
use crate::intake::counted;
use crate::runtime::telemetry::Telemetry;
use crate::uplink::Link;

#[derive(Clone)]
struct Part {
    edge: Edge,
    telemetry: Telemetry,
}

/// Whether it lives and takes events in.
pub fn health(edge: Edge) -> Router {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready)).with_state(edge)
}

/// What goes on inside. It tells nothing of anybody's activity, but it is not for other machines.
pub fn inside(edge: Edge, telemetry: Telemetry) -> Router {
    Router::new()
        .route("/status", get(status))
        .route("/metrics", get(show_metrics))
        .with_state(Part { edge, telemetry })
}

async fn live() -> Json<serde_json::Value> {
    Json(json!({ "status": "live" }))
}

async fn ready(State(edge): State<Edge>) -> Response {
    let stats = edge.outbox.stats();
    let buffer = match (stats.failed, stats.full) {
        (true, _) => json!({ "state": "failed", "detail": "the disk failed" }),
        (_, true) => json!({ "state": "failed", "detail": "it is full" }),
        _ => json!({ "state": "ok" }),
    };
    let line = match &edge.status.borrow().link {
        Link::Unknown | Link::Up => json!({ "state": "ok" }),
        Link::Down { reason } | Link::Locked { reason } => json!({ "state": "warning", "detail": reason }),
    };
    let standing = edge.policies.as_ref().map(Policies::standing);
    let policy = match &standing {
        Some(Standing::Unreadable(problem)) => json!({ "state": "failed", "detail": problem }),
        Some(Standing::Held { damage: Some(problem), .. }) => json!({ "state": "warning", "detail": problem }),
        _ => json!({ "state": "ok" }),
    };
    let unreadable = matches!(standing, Some(Standing::Unreadable(_)));
    let (code, status) = match stats.failed || stats.full || unreadable {
        false => (StatusCode::OK, "ready"),
        true => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
    };
    let dependencies = json!({ "buffer": buffer, "line": line, "policy": policy });
    (code, Json(json!({ "status": status, "dependencies": dependencies }))).into_response()
}

/// What may be collected, and what was left out because of it since the start.
fn policy(policies: &Policies) -> serde_json::Value {
    let counted = counted();
    let mut told = match policies.standing() {
        Standing::Undecided => json!({ "state": "undecided" }),
        Standing::Held { checksum, since, damage } => {
            json!({ "state": "held", "checksum": checksum, "since": since, "damage": damage })
        }
        Standing::Unreadable(problem) => json!({ "state": "unreadable", "damage": problem }),
    };
    told["list"] = json!(policies.list());
    told["dropped"] = json!(counted.dropped);
    told["reduced"] = json!(counted.reduced);
    told
}

async fn status(State(part): State<Part>) -> Json<serde_json::Value> {
    let stats = part.edge.outbox.stats();
    let line = part.edge.status.borrow().clone();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "uplink": line,
        "policy": part.edge.policies.as_ref().map(policy),
        "buffer": {
            "batches": stats.records,
            "oldest_age_secs": stats.oldest_age.unwrap_or_default().as_secs(),
            "bytes": stats.bytes,
            "grace_bytes": stats.grace_bytes,
            "max_bytes": stats.max_bytes,
            "damaged": stats.damaged,
            "evicted": stats.evicted,
            "refusing": stats.full,
        },
    }))
}

async fn show_metrics(State(part): State<Part>) -> Response {
    part.edge.outbox.report_metrics();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, part.telemetry.render_metrics()).into_response()
}
