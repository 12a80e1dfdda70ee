//! What handlers take out of a request. Whatever cannot be read is answered with problem details as well.

use std::str::FromStr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::FromRef;
use axum::extract::FromRequest;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::response::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::audit::Entry;
use crate::kernel::Actor;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::tenancy::Organization;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Failure;
use crate::web::ProblemBody;

/// A request that cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    status: StatusCode,
    code: &'static str,
    detail: String,
}

impl Unreadable {
    fn new(status: StatusCode, detail: String) -> Self {
        let code = match status {
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "body_not_json",
            StatusCode::UNPROCESSABLE_ENTITY => "invalid_value",
            _ => "malformed",
        };
        Self { status, code, detail }
    }

    pub(super) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not have this method; see `Allow`".to_owned())
    }
}

impl IntoResponse for Unreadable {
    fn into_response(self) -> Response {
        ProblemBody::new(self.status, self.code, self.detail).into_response()
    }
}

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Unreadable;

    async fn from_request(request: Request, state: &S) -> Result<Self, Unreadable> {
        let read = axum::Json::<T>::from_request(request, state).await;
        let refused =
            |problem: axum::extract::rejection::JsonRejection| Unreadable::new(problem.status(), problem.body_text());
        read.map(|axum::Json(body)| Self(body)).map_err(refused)
    }
}

/// A body that is a picture as it is.
pub(super) struct Picture(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Picture {
    type Rejection = Unreadable;

    async fn from_request(request: Request, state: &S) -> Result<Self, Unreadable> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !["image/jpeg", "image/png"].iter().any(|taken| kind.eq_ignore_ascii_case(taken)) {
            let detail = "send the picture itself with `Content-Type: image/jpeg` or `image/png`".to_owned();
            return Err(Unreadable { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, code: "body_not_picture", detail });
        }
        let read = Bytes::from_request(request, state).await;
        read.map(Self).map_err(|problem| Unreadable::new(problem.status(), problem.body_text()))
    }
}

/// What stands behind the question mark. Names that nobody knows are passed over.
pub(super) struct Query<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Unreadable;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Unreadable> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Query(query)| Self(query))
            .map_err(|problem| Unreadable::new(StatusCode::UNPROCESSABLE_ENTITY, problem.body_text()))
    }
}

/// The one changing part of a path. What is no id names nothing.
pub(super) struct Id<T>(pub(super) T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let read = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        let axum::extract::Path(text) =
            read.map_err(|problem| Unreadable::new(StatusCode::BAD_REQUEST, problem.body_text()).into_response())?;
        text.parse().map(Self).map_err(|_| ApiFailure(Failure::not_found()).into_response())
    }
}

/// Both changing parts of a path. What is no id names nothing.
pub(super) struct Pair<A, B>(pub(super) A, pub(super) B);

impl<S: Send + Sync, A: FromStr, B: FromStr> FromRequestParts<S> for Pair<A, B> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let read = axum::extract::Path::<(String, String)>::from_request_parts(parts, state).await;
        let axum::extract::Path((first, second)) =
            read.map_err(|problem| Unreadable::new(StatusCode::BAD_REQUEST, problem.body_text()).into_response())?;
        match (first.parse(), second.parse()) {
            (Ok(first), Ok(second)) => Ok(Self(first, second)),
            _ => Err(ApiFailure(Failure::not_found()).into_response()),
        }
    }
}

/// `limit` and `cursor` of a list.
pub(super) struct Paging(pub(super) PageRequest);

/// How much of a list, and where it goes on.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParams {
    /// At most this many items; 50 when not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let query = Query::<PageParams>::from_request_parts(parts, state).await;
        let Query(asked) = query.map_err(IntoResponse::into_response)?;
        let limit = asked.limit.and_then(|limit| usize::try_from(limit).ok());
        PageRequest::parse(limit, asked.cursor.as_deref()).map(Self).map_err(|problem| {
            ApiFailure(Failure::new(Kind::Invalid, "cursor_invalid", &problem.to_string())).into_response()
        })
    }
}

/// Who asks. Put into the request by the router, which lets nobody else in.
#[derive(Debug, Clone)]
pub(super) struct Asker(pub(super) Actor);

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = ApiFailure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiFailure> {
        let refused = || Failure::new(Kind::Unauthenticated, "unauthenticated", "nobody is signed in");
        parts.extensions.get::<Self>().cloned().ok_or_else(|| ApiFailure(refused()))
    }
}

/// Who asks, and in which organization.
pub(super) struct Inside {
    pub(super) actor: Actor,
    pub(super) organization: Arc<Organization>,
}

/// In which organization to look.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct InOrganization {
    /// Only administrators can choose; the first active organization when not given.
    organization_id: Option<OrganizationId>,
}

impl Inside {
    pub(super) fn id(&self) -> OrganizationId {
        self.organization.id
    }

    /// Remembers what the actor did here.
    pub(super) async fn record(&self, app: &App, entry: Entry) {
        app.audit.record(&self.actor, entry.of(self.id())).await;
    }
}

impl<S> FromRequestParts<S> for Inside
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let app = App::from_ref(state);
        let Asker(actor) = Asker::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let query = Query::<InOrganization>::from_request_parts(parts, state).await;
        let Query(asked) = query.map_err(IntoResponse::into_response)?;
        match organization_of(&app, &actor, asked.organization_id) {
            Ok(organization) => Ok(Self { actor, organization }),
            Err(denied) => {
                if asked.organization_id.is_some() && actor.organization().is_some() {
                    app.audit.denied(&actor, &denied, "?organization_id").await;
                }
                Err(ApiFailure::from(denied).into_response())
            }
        }
    }
}

fn organization_of(app: &App, actor: &Actor, asked: Option<OrganizationId>) -> Result<Arc<Organization>, Denied> {
    if let Some(id) = asked.or(actor.organization()) {
        return app.tenancy.find(actor.tenant(id)?).ok_or(Denied::OutsideScope);
    }
    let all = app.tenancy.list_all();
    let first = all.iter().find(|one| one.is_active()).or(all.first()).cloned();
    first.ok_or(Denied::OutsideScope)
}
