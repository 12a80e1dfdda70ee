//! What the owner of the box may order while it runs; only programs of the box itself get here.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

use super::Gateway;
use crate::ingest::Refusal;
use crate::kernel::Timestamp;
use crate::kernel::with_causes;

#[derive(Deserialize)]
pub(super) struct ResendBody {
    /// When the copy was made with which the appliance was restored, rather earlier than later.
    since: Timestamp,
}

/// `POST /resend`: everything that left since a moment goes to the appliance once more.
pub(super) async fn resend(State(gateway): State<Gateway>, body: axum::body::Bytes) -> Result<Response, Refusal> {
    let body: ResendBody = serde_json::from_slice(&body).map_err(|problem| {
        let told = format!("body must be {{\"since\": \"2026-11-23T09:00:00Z\"}}: {problem}");
        Refusal::new(StatusCode::BAD_REQUEST, "not_json", told)
    })?;
    let asked = gateway.edge.orders.resend(body.since).await.map_err(|problem| {
        let told = with_causes(&problem);
        tracing::error!("what left before cannot be sent again: {told}");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", told)
    })?;
    Ok((StatusCode::ACCEPTED, Json(asked)).into_response())
}
