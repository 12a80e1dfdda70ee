//! What the owner of the box may order while it runs; only programs of the box itself get here.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

use super::Gateway;
use super::seal::Export;
use super::shots;
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

/// `POST /export`: everything that waits, sealed for the appliance, for a person who carries it there.
pub(super) async fn export(State(gateway): State<Gateway>) -> Result<Response, Refusal> {
    let backlog = gateway.edge.orders.backlog().await.map_err(|problem| {
        let told = with_causes(&problem);
        tracing::error!("what waits cannot be exported: {told}");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", told)
    })?;
    let inspect = shots::inspect(gateway.edge.outbox.clone(), gateway.zone.clone());
    let backlog = backlog.with(gateway.parcels.clone(), Some(inspect));
    tracing::info!("{} batches and screenshots that wait are exported", backlog.len());
    let export = Export::begin(backlog, &gateway.seal, &gateway.edge.server(), gateway.entry.clock.now());
    let bytes = futures_util::stream::try_unfold(export, async |mut export| {
        Ok::<_, crate::uplink::UplinkError>(export.next().await?.map(|bytes| (bytes, export)))
    });
    Ok(([(http::header::CONTENT_TYPE, "application/octet-stream")], Body::from_stream(bytes)).into_response())
}
