//! The one place where a failure becomes an answer: a page for people, problem details for programs.

use askama::Template;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use http::HeaderMap;
use http::HeaderValue;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::header::RETRY_AFTER;
use http::header::WWW_AUTHENTICATE;

use crate::kernel::Classify;
use crate::kernel::Kind;
use crate::kernel::with_causes;
use crate::web::Layout;
use crate::web::PlainLayout;
use crate::web::Texts;
use crate::web::Viewer;

/// What went wrong, ready to be shown. The chain behind it was logged when this was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub kind: Kind,
    pub code: String,
    pub detail: String,
    pub field: Option<&'static str>,
    retry_after_secs: Option<u64>,
}

impl Failure {
    /// A failure that no domain names: a bad address, a wrong form.
    pub fn new(kind: Kind, code: &str, detail: &str) -> Self {
        Self { kind, code: code.to_owned(), detail: detail.to_owned(), field: None, retry_after_secs: None }
    }

    /// Something that does not exist, or belongs to somebody else.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "not_found", "this does not exist")
    }

    /// Names the field that is wrong.
    #[must_use]
    pub fn about(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    /// Tells when to come again.
    #[must_use]
    pub fn retry_after(self, secs: u64) -> Self {
        Self { retry_after_secs: Some(secs), ..self }
    }

    /// The sentence for a person: the code's own, or the one of its kind.
    pub fn sentence(&self, texts: Texts) -> String {
        let own = texts.maybe(&format!("error-{}", self.code.replace('_', "-")));
        own.unwrap_or_else(|| texts.t(self.kind_key()))
    }

    pub(super) const fn status(&self) -> StatusCode {
        match self.kind {
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn kind_key(&self) -> &'static str {
        match self.kind {
            Kind::Unauthenticated => "failure-unauthenticated",
            Kind::Forbidden => "failure-forbidden",
            Kind::NotFound => "failure-not-found",
            Kind::Invalid => "failure-invalid",
            Kind::Conflict => "failure-conflict",
            Kind::TooMany => "failure-too-many",
            Kind::Unavailable => "failure-unavailable",
            Kind::Internal => "failure-internal",
        }
    }

    fn with_headers(&self, mut response: Response) -> Response {
        if let Some(secs) = self.retry_after_secs {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(secs));
        }
        response
    }
}

impl<E: Classify + 'static> From<E> for Failure {
    fn from(problem: E) -> Self {
        let kind = problem.kind();
        if kind == Kind::Internal {
            tracing::error!("request failed: {}", with_causes(&problem));
            return Self::new(kind, problem.code(), "the appliance could not do this; its log says why");
        }
        Self { field: problem.field(), ..Self::new(kind, problem.code(), &problem.to_string()) }
    }
}

/// A failure of the dashboard API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiFailure(pub Failure);

impl<E: Into<Failure>> From<E> for ApiFailure {
    fn from(problem: E) -> Self {
        Self(problem.into())
    }
}

impl IntoResponse for ApiFailure {
    fn into_response(self) -> Response {
        let status = self.0.status();
        let mut problem = ProblemBody::new(status, &self.0.code, self.0.detail.clone());
        problem.field = self.0.field;
        let mut response = problem.into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        self.0.with_headers(response)
    }
}

/// What went wrong, in the form of RFC 9457.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// What the status means.
    title: String,
    /// The status once more.
    status: u16,
    /// A stable code.
    #[schema(example = "not_found")]
    code: String,
    /// What happened and what to do.
    detail: String,
    /// The field of the body or the query that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

impl ProblemBody {
    /// A problem without a field.
    pub fn new(status: StatusCode, code: &str, detail: String) -> Self {
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        Self { title, status: status.as_u16(), code: code.to_owned(), detail, field: None }
    }
}

impl IntoResponse for ProblemBody {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

/// A failure of a page, with what is needed to show it in the visitor's language.
#[derive(Debug, Clone)]
pub struct PageFailure(Box<Shown>);

#[derive(Debug, Clone)]
struct Shown {
    failure: Failure,
    texts: Texts,
    headers: HeaderMap,
    path: String,
    viewer: Option<Viewer>,
}

impl PageFailure {
    /// A failure for somebody who is not signed in.
    pub fn new(failure: Failure, texts: Texts, headers: &HeaderMap, path: &str) -> Self {
        Self(Box::new(Shown { failure, texts, headers: headers.clone(), path: path.to_owned(), viewer: None }))
    }

    /// The same for somebody who is: the menu stays.
    #[must_use]
    pub fn within(mut self, viewer: Viewer) -> Self {
        self.0.viewer = Some(viewer);
        self
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    l: Layout,
    title: String,
    text: String,
    home: String,
    code: String,
}

#[derive(Template)]
#[template(path = "failure_plain.html")]
struct PlainFailurePage {
    l: PlainLayout,
    title: String,
    text: String,
    home: String,
    code: String,
}

impl IntoResponse for PageFailure {
    fn into_response(self) -> Response {
        let Shown { failure, texts, headers, path, viewer } = *self.0;
        let fragment = headers.contains_key("hx-request") && !headers.contains_key("hx-boosted");
        if failure.kind == Kind::Unauthenticated && !fragment {
            return Redirect::to(&format!("/sign-in?next={}", encode(&path))).into_response();
        }
        if fragment {
            return ApiFailure(failure).into_response();
        }
        let title = texts.t(failure.kind_key());
        let (text, home, code) = (failure.sentence(texts), texts.t("failure-home"), failure.code.clone());
        let rendered = match viewer {
            Some(viewer) => FailurePage { l: Layout::outside(&viewer, &title), title, text, home, code }.render(),
            None => {
                let l = PlainLayout::new(texts, &headers, &path, &title);
                PlainFailurePage { l, title, text, home, code }.render()
            }
        };
        let status = failure.status();
        let response = match rendered {
            Ok(html) => (status, Html(html)).into_response(),
            Err(problem) => {
                tracing::error!("failure page could not be rendered: {problem}");
                status.into_response()
            }
        };
        failure.with_headers(response)
    }
}

/// Percent-encodes a path for a query.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(char::from(byte))
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
