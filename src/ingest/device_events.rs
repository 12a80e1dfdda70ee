//! `POST /v2/ingest/device-events`: what terminals saw, from those who serve terminals themselves.
//!
//! A gateway of ours sends these in its ordinary batches; this is the door for programs of others.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::HeaderMap;
use nazorat_wire::DecodedLogs;
use nazorat_wire::EventError;
use nazorat_wire::IngestAnswer;

use crate::ingest::Entry;
use crate::ingest::Refusal;
use crate::ingest::Sender;
use crate::ingest::docs::Answer;
use crate::ingest::docs::DeviceEventsBody;
use crate::ingest::docs::ProblemBody;
use crate::ingest::logs;

/// Take in what terminals saw
///
/// 200 means that the batch is on disk. Each event is stored once: `device` and `serial` tell it from all others, in
/// whatever batch it comes again. Events that cannot be stored are listed in `rejected` and kept for an operator.
#[utoipa::path(
    post,
    path = "/v2/ingest/device-events",
    tag = "ingest",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The batch's name, 1 to 128 visible ASCII characters. \
            Without one the name is made from the content."),
        ("Content-Encoding" = Option<String>, Header, description = "`gzip` or `zstd`"),
    ),
    request_body(content = DeviceEventsBody, description = "At most 5,000,000 bytes as sent and 16,000,000 unpacked"),
    responses(
        (status = 200, description = "Durable", body = Answer),
        (status = 400, description = "Not JSON, or of another shape", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No API key, or an unknown one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive within a minute; send less at once", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The same batch is being taken in right now", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The same name came before with another content", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "No room, or not set up yet; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn take(
    State(entry): State<Entry>,
    sender: Sender,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<IngestAnswer>, Refusal> {
    logs::accept(&entry, sender, (&headers, body), only_of_terminals).await
}

fn only_of_terminals(decoded: DecodedLogs<'_>) -> DecodedLogs<'_> {
    let DecodedLogs { batch_id, events, accesses, mut rejected, unknown_fields } = decoded;
    rejected.extend(events.into_iter().map(|one| EventError {
        index: one.index,
        code: "not_of_a_device",
        detail: format!("kind: {:?} is taken by POST /v2/ingest/logs", one.event.fact.kind()),
        raw: one.raw,
    }));
    DecodedLogs { batch_id, events: Vec::new(), accesses, rejected, unknown_fields }
}
