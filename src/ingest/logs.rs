//! `POST /v2/ingest/logs`: batches of workstation events.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::HeaderMap;
use metrics::counter;
use nazorat_wire::DecodedLogs;
use nazorat_wire::IngestAnswer;
use nazorat_wire::decode_logs;

use crate::ingest::Entry;
use crate::ingest::Refusal;
use crate::ingest::Sender;
use crate::ingest::body;
use crate::ingest::docs::Answer;
use crate::ingest::docs::LogsBody;
use crate::ingest::docs::ProblemBody;
use crate::intake::BatchKey;
use crate::intake::NewBatch;

/// Take in a batch of events
///
/// 200 means that the batch is on disk and will be stored exactly once. Send it again, unchanged and with the same
/// `Idempotency-Key`, until it is answered; a repeat is answered with `duplicate: true`. Events that cannot be stored
/// are listed in `rejected` and kept for an operator to look at; they never hold up the others.
#[utoipa::path(
    post,
    path = "/v2/ingest/logs",
    tag = "ingest",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The batch's name, 1 to 128 visible ASCII characters. \
            Without one the name is made from the content."),
        ("Content-Encoding" = Option<String>, Header, description = "`gzip` or `zstd`"),
        ("Content-Digest" = Option<String>, Header, description = "`sha-256=:BASE64:` over the body as sent (RFC 9530)"),
    ),
    request_body(content = LogsBody, description = "At most 5,000,000 bytes as sent and 16,000,000 unpacked"),
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
    accept(&entry, sender, (&headers, body), |decoded| decoded).await
}

/// Takes a batch in as far as this door is for what it brings.
pub(super) async fn accept(
    entry: &Entry,
    sender: Sender,
    (headers, body): (&HeaderMap, Body),
    only: impl FnOnce(DecodedLogs<'_>) -> DecodedLogs<'_> + Send,
) -> Result<Json<IngestAnswer>, Refusal> {
    let body = body::read(headers, body).await?;
    let decoded = decode_logs(&body.bytes).map_err(|problem| Refusal::bad(problem.code(), problem.to_string()))?;
    let decoded = only(decoded);
    let DecodedLogs { batch_id, events, accesses, rejected, unknown_fields } = decoded;
    counter!("nazorat_ingest_unknown_fields_total").increment(unknown_fields);
    let batch = NewBatch {
        organization: sender.organization,
        source: sender.source,
        key: key_of(headers, batch_id.as_deref(), &body.digest)?,
        digest: body.digest,
        received_at: entry.clock.now(),
        events,
        accesses,
        rejected,
        screenshots: Vec::new(),
    };
    Ok(Json(entry.sink.accept(batch).await?))
}

/// The batch's name: from the header, from the body, or made from the content, so that a repeat is a repeat in any case.
pub(super) fn key_of(headers: &HeaderMap, batch_id: Option<&str>, digest: &[u8; 32]) -> Result<BatchKey, Refusal> {
    let header = headers.get("idempotency-key").map(|value| value.to_str().unwrap_or_default());
    let name = match (header, batch_id) {
        (Some(header), Some(body)) if header != body => {
            return Err(Refusal::bad("batch_id_mismatch", "batch_id and Idempotency-Key must be the same"));
        }
        (Some(name), _) | (None, Some(name)) => name.to_owned(),
        (None, None) => format!("sha256:{}", hex::encode(digest)),
    };
    BatchKey::parse(&name).map_err(|problem| Refusal::bad("bad_idempotency_key", problem.to_string()))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::HeaderValue;

    use super::key_of;

    fn key(header: Option<&'static str>, body: Option<&str>) -> Option<String> {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert("idempotency-key", HeaderValue::from_static(header));
        }
        key_of(&headers, body, &[0; 32]).ok().map(|key| key.as_str().to_owned())
    }

    #[test]
    fn header_and_body_must_agree_and_the_content_names_the_rest() {
        assert_eq!(key(Some("a"), Some("a")), Some("a".to_owned()));
        assert_eq!(key(Some("a"), Some("b")), None);
        assert_eq!(key(None, Some("b")), Some("b".to_owned()));
        assert_eq!(key(None, None), Some(format!("sha256:{}", "0".repeat(64))));
        assert_eq!(key(Some(""), None), None);
    }
}
