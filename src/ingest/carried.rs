//! Pieces of a backlog that a person has carried here: they go through the same doors as if they had come over the line.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_ENCODING;
use http::header::CONTENT_TYPE;
use http::header::RETRY_AFTER;
use nazorat_wire::IngestAnswer;
use nazorat_wire::Problem;
use nazorat_wire::carry::Label;
use nazorat_wire::carry::Piece;
use tower::ServiceExt as _;

use crate::ingest::Doors;
use crate::ingest::Entry;
use crate::ingest::Sender;
use crate::ingest::Senders;
use crate::ingest::router;

/// More than any answer of a door has.
const MOST_ANSWER: usize = 8 << 20;
/// Where pictures go in.
const PICTURES: [&str; 3] = ["/v2/ingest/screenshots", "/api/agent/screenshots", "/v2/ingest/passers"];

/// What became of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is durable, or it was before.
    Taken(IngestAnswer),
    /// Not now.
    Later(Duration, String),
    /// It will never be taken.
    Refused(String),
}

/// The doors for one sender who is known already.
pub struct Carried(Router);

impl Carried {
    /// Everything that comes is of this sender.
    pub fn new(doors: Doors, sender: Sender) -> Self {
        let senders: Senders = Arc::new(move |_, _| Box::pin(std::future::ready(Ok(sender.clone()))));
        let doors = Doors { entry: Entry { senders, ..doors.entry }, ..doors };
        Self(router(doors).split_for_parts().0)
    }

    /// Takes a piece in.
    pub async fn take(&self, piece: Piece) -> Outcome {
        let Some(request) = request(piece) else {
            return Outcome::Refused("it is nothing that a gateway takes in".to_owned());
        };
        match self.0.clone().oneshot(request).await {
            Ok(response) => outcome(response).await,
            Err(never) => match never {},
        }
    }
}

fn request(piece: Piece) -> Option<Request<Body>> {
    let (path, content_type, encoding, name) = match piece.label {
        Label::Batch { name, .. } => {
            ("/v2/ingest/logs".to_owned(), "application/json".to_owned(), Some("zstd"), Some(name))
        }
        Label::Screenshot { path, content_type, name } if PICTURES.contains(&path.as_str()) => {
            (path, content_type, None, name)
        }
        Label::Screenshot { .. } => return None,
    };
    let mut request = Request::post(path).body(Body::from(piece.body)).ok()?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::try_from(content_type).ok()?);
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Some(name) = name {
        headers.insert("idempotency-key", HeaderValue::try_from(name).ok()?);
    }
    Some(request)
}

async fn outcome(response: Response<Body>) -> Outcome {
    let status = response.status();
    let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let body = axum::body::to_bytes(response.into_body(), MOST_ANSWER).await.unwrap_or_default();
    if status == StatusCode::OK
        && let Ok(answer) = serde_json::from_slice(&body)
    {
        return Outcome::Taken(answer);
    }
    let problem: Result<Problem, _> = serde_json::from_slice(&body);
    let why = problem.map_or_else(|_| format!("the answer was {status}"), |problem| problem.detail);
    after.map_or_else(|| Outcome::Refused(why.clone()), |after| Outcome::Later(Duration::from_secs(after), why.clone()))
}
