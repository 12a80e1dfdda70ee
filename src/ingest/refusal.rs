//! Every answer that is not 2xx, as RFC 9457 problem details.

use std::time::Duration;

use axum::response::IntoResponse;
use axum::response::Response;
use http::HeaderValue;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::header::RETRY_AFTER;
use nazorat_wire::Problem;
use tower_http::timeout::TimeoutError;

use crate::intake::AcceptError;
use crate::kernel::Classify as _;

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    detail: String,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal with a stable code and a sentence.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), retry_after: None }
    }

    /// Tells the sender when to come again.
    pub fn retry_after(self, after: Duration) -> Self {
        Self { retry_after: Some(after), ..self }
    }

    pub(super) fn bad(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// A body that did not come to its end.
    pub fn unfinished(problem: &axum::Error) -> Self {
        let mut causes = std::iter::successors(Some(problem as &dyn std::error::Error), |cause| cause.source());
        if causes.any(|cause| cause.is::<TimeoutError>()) {
            return Self::new(
                StatusCode::REQUEST_TIMEOUT,
                "body_late",
                "the body did not arrive within its time; send less at once",
            );
        }
        Self::bad("body_cut", "the body ended before its announced length; send it again")
    }

    pub(super) fn too_large(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, code, detail)
    }

    /// Something on our side does not work just now.
    pub(super) fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry_after(Duration::from_secs(30))
    }

    pub(super) fn no_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "no_key",
            "send the API key as `Authorization: Bearer KEY` or `X-API-Key: KEY`",
        )
    }

    pub(super) fn unknown_key() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unknown_key", "this API key is not known or was revoked")
    }
}

impl From<AcceptError> for Refusal {
    fn from(problem: AcceptError) -> Self {
        let (code, detail) = (problem.code(), problem.to_string());
        match problem {
            AcceptError::OtherContent(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail),
            AcceptError::InFlight(_) => {
                Self::new(StatusCode::CONFLICT, code, detail).retry_after(Duration::from_secs(1))
            }
            AcceptError::NoRoom { retry_after, .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry_after(retry_after)
            }
            AcceptError::Unjudged(why) => {
                tracing::error!("nothing is taken in, because what may be kept cannot be told: {why}");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry_after(Duration::from_secs(30))
            }
            AcceptError::Failed(cause) => {
                tracing::error!("batch could not be stored: {cause:?}");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry_after(Duration::from_secs(30))
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        metrics::counter!("nazorat_ingest_refusals_total", "code" => self.code).increment(1);
        let problem = Problem {
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail,
        };
        let mut response = (self.status, axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        // For those who must decide before they read a body.
        headers.insert("nazorat-problem", HeaderValue::from_static(self.code));
        if let Some(after) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        response
    }
}
