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
    let (code, status) = match stats.failed || stats.full {
        false => (StatusCode::OK, "ready"),
        true => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
    };
    (code, Json(json!({ "status": status, "dependencies": { "buffer": buffer, "line": line } }))).into_response()
}

async fn status(State(part): State<Part>) -> Json<serde_json::Value> {
    let stats = part.edge.outbox.stats();
    let line = part.edge.status.borrow().clone();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "uplink": line,
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
