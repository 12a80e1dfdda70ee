//! The doors of a gateway for the agents of its branch: the same bodies and answers as on the appliance.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::HeaderMap;
use nazorat_wire::IngestAnswer;

use crate::ingest::Entry;
use crate::ingest::Refusal;
use crate::ingest::Sender;
use crate::ingest::docs::Answer;
use crate::ingest::docs::LogsBody;
use crate::ingest::docs::ProblemBody;
use crate::ingest::logs;

/// Take in a batch of events
///
/// 200 means that the batch is on the gateway's disk and will reach the appliance exactly once. The same as
/// `POST /v2/ingest/logs`, which a gateway answers as well.
#[utoipa::path(
    post,
    path = "/local/agent/logs",
    tag = "ingest",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The batch's name, 1 to 128 visible ASCII characters. \
            Without one the name is made from the content. A name of the form `SOURCE:EPOCH:NUMBER` with an epoch of 32 \
            hexadecimal digits must be given in ascending order."),
    ),
    request_body(content = LogsBody, description = "At most 5,000,000 bytes as sent and 16,000,000 unpacked"),
    responses(
        (status = 200, description = "Durable", body = Answer),
        (status = 400, description = "Not JSON, or of another shape", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No key, or an unknown one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive within a minute; send less at once", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The same batch is being taken in right now", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The same name came before with another content", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "No room; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn logs(
    state: State<Entry>,
    sender: Sender,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<IngestAnswer>, Refusal> {
    logs::take(state, sender, headers, body).await
}
