//! `/api/v1/sessions`: where one is signed in.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::identity::IdentityError;
use crate::identity::Session;
use crate::identity::SessionKey;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Failure;
use crate::web::api::extract::Asker;
use crate::web::api::extract::Id;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(end))
}

/// A place where one is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionBody {
    /// Names the session; it is no proof of it.
    id: String,
    created_at: Timestamp,
    /// To the minute.
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    /// The address from which it was begun.
    address: Option<String>,
    /// The browser, in short.
    agent: String,
}

impl From<Session> for SessionBody {
    fn from(session: Session) -> Self {
        Self {
            id: session.key.to_string(),
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            address: session.address.map(|address| address.to_string()),
            agent: session.agent,
        }
    }
}

/// List one's own sessions
#[utoipa::path(
    get, path = "/api/v1/sessions", tag = "access",
    responses((status = 200, description = "The last used first", body = List<SessionBody>)),
)]
async fn list(State(app): State<App>, Asker(actor): Asker) -> Result<Json<List<SessionBody>>, ApiFailure> {
    let own = actor.operator_id().ok_or(IdentityError::NotAnOperator)?;
    Ok(List::whole(app.identity.sessions.list(&actor, own).await?))
}

/// End one of one's own sessions
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}", tag = "access", params(("id" = String, Path)),
    responses((status = 204, description = "Ended")),
)]
async fn end(State(app): State<App>, Asker(actor): Asker, Id(id): Id<String>) -> Result<StatusCode, ApiFailure> {
    let own = actor.operator_id().ok_or(IdentityError::NotAnOperator)?;
    let key = SessionKey::parse(&id).ok_or_else(Failure::not_found)?;
    app.identity.sessions.revoke(&actor, own, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
