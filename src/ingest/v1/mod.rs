//! The endpoints of the older agents, which keep working: `POST /api/agent/...` with `X-API-Key`.
//!
//! One body is of one account: `{computerUid, userSid, userName?, data: [...]}`. These agents name no batch, so the name
//! is made from the endpoint and the content, and a repeat of the same bytes is a repeat.
//!
//! ## Design notes
//! - `activeTime` is in seconds, whole or not; `datetime` is when it began. Agents that were seen in the field write
//!   whole seconds, and nothing that they write makes sense as milliseconds.
//! - `datetime` is RFC 3339, or `YYYY-MM-DD HH:MM:SS` on the wall clock of the organization.

mod events;
mod screenshots;

use axum::Json;
use axum::body::Body;
use axum::body::Bytes;
use axum::extract::State;
use http::HeaderMap;
use jiff::civil::DateTime;
use metrics::counter;
use nazorat_wire::IngestAnswer;
use nazorat_wire::encode_event;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::events::Decoded;
use self::events::Endpoint;
use crate::ingest::Doors;
use crate::ingest::Entry;
use crate::ingest::Refusal;
use crate::ingest::Sender;
use crate::ingest::ShotTold;
use crate::ingest::body;
use crate::ingest::docs::AgentBody;
use crate::ingest::docs::Answer;
use crate::ingest::docs::ProblemBody;
use crate::ingest::fields::Wrong;
use crate::ingest::fields::clip;
use crate::intake::BatchKey;
use crate::intake::NewBatch;
use crate::kernel::Timestamp;
use crate::kernel::Zone;

/// The routes of the older agents' events.
pub(super) fn events() -> OpenApiRouter<Entry> {
    OpenApiRouter::new().routes(routes!(active_windows)).routes(routes!(visited_sites)).routes(routes!(user_sessions))
}

/// What the body of a screenshot tells.
pub(super) async fn told(headers: &HeaderMap, body: Bytes, zone: &Zone) -> Result<ShotTold, Refusal> {
    screenshots::told(headers, body, zone).await
}

/// The route of their screenshots.
pub(super) fn screenshots() -> OpenApiRouter<Doors> {
    OpenApiRouter::new().routes(routes!(screenshots::take))
}

/// Take in active windows (older agents)
///
/// Each item: `datetime`, `title`, `processName`, `activeTime` in seconds.
#[utoipa::path(
    post,
    path = "/api/agent/active-windows",
    tag = "older agents",
    request_body(content = AgentBody, description = "At most 5,000,000 bytes as sent and 16,000,000 unpacked"),
    responses(
        (status = 200, description = "Durable", body = Answer),
        (status = 400, description = "Not JSON, or of another shape", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No API key, or an unknown one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The same batch is being taken in right now", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "No room, or not set up yet; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
async fn active_windows(
    State(entry): State<Entry>,
    sender: Sender,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<IngestAnswer>, Refusal> {
    take(Endpoint::ActiveWindows, &entry, sender, &headers, body).await
}

/// Take in visited sites (older agents)
///
/// Each item: `datetime`, `url`, `title`, `processName`, `activeTime` in seconds.
#[utoipa::path(
    post,
    path = "/api/agent/visited-sites",
    tag = "older agents",
    request_body(content = AgentBody, description = "At most 5,000,000 bytes as sent and 16,000,000 unpacked"),
    responses(
        (status = 200, description = "Durable", body = Answer),
        (status = 400, description = "Not JSON, or of another shape", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No API key, or an unknown one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The same batch is being taken in right now", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "No room, or not set up yet; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
async fn visited_sites(
    State(entry): State<Entry>,
    sender: Sender,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<IngestAnswer>, Refusal> {
    take(Endpoint::VisitedSites, &entry, sender, &headers, body).await
}

/// Take in changes of sessions (older agents)
///
/// Each item: `datetime` and `action` (or `type`): login, logout, lock or unlock, in any letter case.
#[utoipa::path(
    post,
    path = "/api/agent/user-sessions",
    tag = "older agents",
    request_body(content = AgentBody, description = "At most 5,000,000 bytes as sent and 16,000,000 unpacked"),
    responses(
        (status = 200, description = "Durable", body = Answer),
        (status = 400, description = "Not JSON, or of another shape", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No API key, or an unknown one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The same batch is being taken in right now", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "No room, or not set up yet; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
async fn user_sessions(
    State(entry): State<Entry>,
    sender: Sender,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<IngestAnswer>, Refusal> {
    take(Endpoint::UserSessions, &entry, sender, &headers, body).await
}

async fn take(
    endpoint: Endpoint,
    entry: &Entry,
    sender: Sender,
    headers: &HeaderMap,
    body: Body,
) -> Result<Json<IngestAnswer>, Refusal> {
    let body = body::read(headers, body).await?;
    let zone = (entry.zones)(sender.organization);
    let Decoded { mut events, rejected, unknown_fields } = events::decode(endpoint, &body.bytes, &zone)?;
    counter!("nazorat_ingest_unknown_fields_total").increment(unknown_fields);
    // From here on they are told as any agent would: the next hop and the dead letters understand nothing else.
    let texts: Vec<String> = events.iter().map(|one| encode_event(&one.event)).collect();
    for (one, text) in events.iter_mut().zip(&texts) {
        one.raw = text;
    }
    let batch = NewBatch {
        organization: sender.organization,
        source: sender.source,
        key: key(endpoint.word(), &body.digest)?,
        digest: body.digest,
        received_at: entry.clock.now(),
        events,
        rejected,
        accesses: Vec::new(),
        screenshots: Vec::new(),
    };
    Ok(Json(entry.sink.accept(batch).await?))
}

/// The name of a batch that came without one. The endpoint is part of it, for the same bytes mean something else there.
fn key(endpoint: &str, digest: &[u8; 32]) -> Result<BatchKey, Refusal> {
    BatchKey::parse(&format!("v1:{endpoint}:{}", hex::encode(digest)))
        .map_err(|problem| Refusal::bad("bad_idempotency_key", problem.to_string()))
}

/// An RFC 3339 time, or a time on the organization's wall clock.
fn moment(text: &str, zone: &Zone) -> Result<Timestamp, Wrong> {
    let text = text.trim();
    if let Ok(ts) = text.parse::<Timestamp>() {
        return Ok(ts);
    }
    match text.parse::<DateTime>() {
        Ok(civil) if text.len() > "YYYY-MM-DD".len() => Ok(zone.at(civil)),
        _ => {
            let detail = format!("datetime: {:?} is neither RFC 3339 nor YYYY-MM-DD HH:MM:SS", clip(text));
            Err(Wrong::new("bad_time", detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::moment;
    use crate::kernel::Zone;

    #[test]
    fn a_time_without_an_offset_is_on_the_organizations_wall_clock() {
        let read =
            |text: &str| moment(text, &Zone::default()).map_or_else(|wrong| wrong.code.to_owned(), |ts| ts.to_string());
        assert_eq!(read("2026-11-20 09:12:00"), "2026-11-20T04:12:00Z");
        assert_eq!(read("2026-11-20T09:12:00.5"), "2026-11-20T04:12:00.5Z");
        assert_eq!(read("2026-11-20T09:12:00Z"), "2026-11-20T09:12:00Z");
        assert_eq!(read("2026-11-20T09:12:00+03:00"), "2026-11-20T06:12:00Z");
        assert_eq!(read("2026-11-20"), "bad_time");
        assert_eq!(read("20.11.2026 09:12"), "bad_time");
        assert_eq!(read(""), "bad_time");
    }
}
