//! Screenshots: streamed to disk as they come, and sent on from there. Where a policy holds, what is told of a picture is
//! looked at before it touches the disk, and once more before it goes on; at the picture nobody looks but the appliance.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::body::BodyDataStream;
use axum::extract::FromRef;
use axum::extract::State;
use bytes::BytesMut;
use futures_util::StreamExt as _;
use http::HeaderMap;
use http::StatusCode;
use http::Uri;
use http::header;
use nazorat_wire::IngestAnswer;
use tokio::sync::Semaphore;
use tracing::error;

use crate::edge::Policies;
use crate::ingest::Entry;
use crate::ingest::MAX_WIRE;
use crate::ingest::Refusal;
use crate::ingest::Sender;
use crate::ingest::ShotTold;
use crate::kernel::OrganizationId;
use crate::kernel::Zone;
use crate::uplink::Head;
use crate::uplink::Inspect;
use crate::uplink::Outbox;
use crate::uplink::ParcelError;
use crate::uplink::Parcels;

/// Where screenshots come in. Cheap to clone.
#[derive(Clone, FromRef)]
pub(super) struct Shots {
    pub(super) entry: Entry,
    pub(super) parcels: Parcels,
    pub(super) policies: Option<Policies>,
    /// Bounds how many are in memory at once.
    pub(super) room: Arc<Semaphore>,
}

/// So many screenshots are in memory at once while it is found out whether they may be kept.
pub(super) const IN_MEMORY: usize = 32;

/// The gateway's own key decides whose data it is when it arrives; here there is only one.
const HERE: OrganizationId = OrganizationId::new(1);

/// Take in a screenshot
///
/// The same body as that of `POST /v2/ingest/screenshots`. 200 means that it is on the gateway's disk; whether the picture
/// can be read is found out by the appliance.
#[utoipa::path(
    post,
    path = "/local/agent/screenshots",
    tag = "ingest",
    params(("Idempotency-Key" = Option<String>, Header, description = "The name of this screenshot")),
    request_body(content_type = "multipart/form-data", description = "At most 5,000,000 bytes"),
    responses(
        (status = 200, description = "Durable"),
        (status = 400, description = "No form"),
        (status = 401, description = "No key, or an unknown one"),
        (status = 408, description = "The body did not arrive within a minute"),
        (status = 413, description = "Too large"),
        (status = 503, description = "No room; come again after `Retry-After`"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn take(
    State(shots): State<Shots>,
    sender: Sender,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<IngestAnswer>, Refusal> {
    let head = head(&sender, &uri, &headers)?;
    let batch_id = head.key.clone().unwrap_or_default();
    let (mut left, mut body) = (MAX_WIRE, body.into_data_stream());
    if shots.policies.as_ref().is_some_and(Policies::decides) {
        return judged(&shots, head, batch_id, body).await;
    }
    let mut parcel = shots.parcels.wrap(head).await.map_err(refused)?;
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|problem| Refusal::unfinished(&problem))?;
        left = left.checked_sub(piece.len()).ok_or_else(too_large)?;
        parcel = parcel.write(piece).await.map_err(refused)?;
    }
    parcel.finish().await.map_err(refused)?;
    metrics::counter!("nazorat_ingest_batches_total").increment(1);
    Ok(Json(IngestAnswer { batch_id, accepted: 1, duplicate: false, rejected: Vec::new(), withheld: 0, life: None }))
}

/// Takes one in of which it must be known first what it shows.
async fn judged(
    shots: &Shots,
    head: Head,
    batch_id: String,
    mut body: BodyDataStream,
) -> Result<Json<IngestAnswer>, Refusal> {
    // The semaphore is never closed; without a permit only the bound would not hold.
    let _room = shots.room.acquire().await.ok();
    let mut whole = BytesMut::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|problem| Refusal::unfinished(&problem))?;
        if whole.len() + piece.len() > MAX_WIRE {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    let whole = whole.freeze();
    let zone = (shots.entry.zones)(HERE);
    let told = ShotTold::read(&head.path, &head.content_type, whole.clone(), &zone).await?;
    if shots.entry.sink.withholds(told.head(HERE)).await? {
        return Ok(Json(IngestAnswer { withheld: 1, ..IngestAnswer::of(&batch_id) }));
    }
    let parcel = shots.parcels.wrap(head).await.map_err(refused)?;
    parcel.write(whole).await.map_err(refused)?.finish().await.map_err(refused)?;
    metrics::counter!("nazorat_ingest_batches_total").increment(1);
    Ok(Json(IngestAnswer { accepted: 1, ..IngestAnswer::of(&batch_id) }))
}

/// Looks at what waits before it goes on. What cannot be read goes: the appliance will say so.
pub(super) fn inspect(outbox: Outbox, zone: Zone) -> Inspect {
    Arc::new(move |head, body| {
        let (outbox, zone) = (outbox.clone(), zone.clone());
        Box::pin(async move {
            match ShotTold::read(&head.path, &head.content_type, body, &zone).await {
                Ok(told) => outbox.withholds(told.head(HERE)).await.map_err(|problem| problem.to_string()),
                Err(_) => Ok(false),
            }
        })
    })
}

fn head(sender: &Sender, uri: &Uri, headers: &HeaderMap) -> Result<Head, Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let content_type = text(header::CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "unsupported_encoding", "send pictures as they are"));
    }
    if content_type.is_empty() {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "not_multipart", "send multipart/form-data with a boundary"));
    }
    let announced = text(header::CONTENT_LENGTH.as_str()).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > MAX_WIRE as u64) {
        return Err(too_large());
    }
    let path = match uri.path() {
        "/local/agent/screenshots" => "/v2/ingest/screenshots",
        other => other,
    };
    Ok(Head {
        path: path.to_owned(),
        content_type,
        key: text("idempotency-key").filter(|key| !key.is_empty()).map(str::to_owned),
        source: sender.source.as_str().to_owned(),
    })
}

fn too_large() -> Refusal {
    let detail = format!("the body has more than {MAX_WIRE} bytes");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}

fn refused(problem: ParcelError) -> Refusal {
    if let ParcelError::Io(problem) = &problem {
        error!("screenshot could not be stored: {problem}");
    }
    let after = std::time::Duration::from_secs(30);
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "no_room", problem.to_string()).retry_after(after)
}
