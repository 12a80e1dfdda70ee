//! `POST /v2/ingest/passers`: pictures that terminals took of those who passed, where somebody has decided that they are kept.
//!
//! Only a small one is kept, 320 pixels wide, under a name that follows from the event: the same picture again is the same file,
//! and one whose event never comes is seen by nobody and goes with its day.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::HeaderMap;
use nazorat_wire::IngestAnswer;
use nazorat_wire::PasserMeta;
use utoipa::ToSchema;

use crate::ingest::Doors;
use crate::ingest::Refusal;
use crate::ingest::Sender;
use crate::ingest::body;
use crate::ingest::docs::Answer;
use crate::ingest::docs::ProblemBody;
use crate::ingest::logs::key_of;
use crate::ingest::parts;
use crate::ingest::shots;
use crate::kernel::Actor;
use crate::kernel::Timestamp;
use crate::store::FileKey;
use crate::store::FileKind;

/// Events of terminals are believed for so long; a picture of another time belongs to none.
const BELIEVED_SECONDS: std::ops::RangeInclusive<i64> = -600..=400 * 86_400;

/// The parts of a form that brings a picture of somebody who passed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that the handler reads part by part")]
pub(super) struct PasserBody {
    /// Which event it belongs to.
    meta: MetaBody,
    /// JPEG, PNG or WebP.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
}

/// Which event a picture belongs to.
#[derive(ToSchema)]
#[schema(as = PasserMeta)]
#[expect(dead_code, reason = "describes what crates/wire reads")]
pub(super) struct MetaBody {
    /// The number of the device.
    device: u32,
    /// The serial number of the event, as it is told in the event.
    serial: String,
    /// When it happened, as it is told in the event.
    #[schema(value_type = String, format = DateTime)]
    ts: Timestamp,
}

/// Take in a picture of somebody who passed
///
/// It belongs to the event of the same device and serial number, which may come before or after it. 200 means that it is on disk.
#[utoipa::path(
    post,
    path = "/v2/ingest/passers",
    tag = "ingest",
    params(("Idempotency-Key" = Option<String>, Header, description = "The name of this picture")),
    request_body(content = PasserBody, content_type = "multipart/form-data",
        description = "The parts `meta` and `image`, at most 5,000,000 bytes together"),
    responses(
        (status = 200, description = "Durable", body = Answer),
        (status = 400, description = "No form, a part is missing, or the picture or its metadata cannot be read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No API key, or an unknown one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive within a minute; send less at once", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Of a time that no event can have", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "No room, or not set up yet; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn take(
    State(doors): State<Doors>,
    sender: Sender,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<IngestAnswer>, Refusal> {
    let body = body::read(&headers, body).await?;
    let mut parts = parts::split(&headers, body.bytes).await?;
    let (meta, image) = (parts::take(&mut parts, &["meta"])?, parts::take(&mut parts, &["image"])?);
    let key = key_of(&headers, None, &shots::digest(&meta, &image))?;
    let meta: PasserMeta =
        serde_json::from_slice(&meta).map_err(|problem| Refusal::bad("bad_meta", format!("meta: {problem}")))?;
    let age = doors.entry.clock.now().as_second() - meta.ts.as_second();
    if !BELIEVED_SECONDS.contains(&age) {
        let detail = format!("ts: no event of a device is believed at {}", meta.ts);
        return Err(Refusal::new(http::StatusCode::UNPROCESSABLE_ENTITY, "bad_time", detail));
    }
    let picture = doors.darkroom.examine(image).await?;
    let tenant = Actor::agent(sender.source.as_str(), sender.organization)
        .tenant(sender.organization)
        .map_err(|_| Refusal::unknown_key())?;
    let file = FileKey::only(tenant, FileKind::Passer, meta.ts, &meta.name());
    doors.files.put_as(file, tenant, &picture.thumbnail).await.map_err(shots::failed)?;
    Ok(Json(IngestAnswer { accepted: 1, ..IngestAnswer::of(key.as_str()) }))
}
