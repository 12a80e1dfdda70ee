//! `/api/v1/tokens`: one's own personal tokens.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::identity::DisplayName;
use crate::identity::IdentityError;
use crate::identity::IssuedToken;
use crate::identity::NewToken;
use crate::identity::Token;
use crate::kernel::Access;
use crate::kernel::Timestamp;
use crate::kernel::TokenId;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Asker;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::shapes::Created;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// A personal token without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(super) struct TokenBody {
    id: TokenId,
    name: String,
    /// The first letters of the secret.
    hint: String,
    access: Access,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// To the minute.
    last_used_at: Option<Timestamp>,
}

impl From<Token> for TokenBody {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            name: token.name.to_string(),
            hint: token.hint,
            access: token.access,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// A token with its secret, which is shown only this once.
#[derive(Serialize, ToSchema)]
#[schema(as = IssuedToken)]
pub(super) struct IssuedTokenBody {
    token: TokenBody,
    secret: String,
}

impl From<IssuedToken> for IssuedTokenBody {
    fn from(issued: IssuedToken) -> Self {
        Self { secret: issued.secret.expose().to_owned(), token: issued.token.into() }
    }
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
pub(super) struct TokenFields {
    /// What it is for, 1 to 100 letters.
    #[schema(example = "Monthly report")]
    name: String,
    access: Access,
    /// How long it lives.
    #[schema(minimum = 1, maximum = 365, example = 90)]
    expires_in_days: u16,
}

/// List one's own tokens
#[utoipa::path(
    get, path = "/api/v1/tokens", tag = "access",
    responses((status = 200, description = "In the order in which they were made", body = List<TokenBody>)),
)]
async fn list(State(app): State<App>, Asker(actor): Asker) -> Result<Json<List<TokenBody>>, ApiFailure> {
    let own = actor.operator_id().ok_or(IdentityError::NotAnOperator)?;
    Ok(List::whole(app.identity.tokens.list(&actor, own)?))
}

/// Make a token for oneself
#[utoipa::path(
    post, path = "/api/v1/tokens", tag = "access", request_body = TokenFields,
    responses((status = 201, description = "Made", body = IssuedTokenBody)),
)]
async fn create(
    State(app): State<App>,
    Asker(actor): Asker,
    Body(fields): Body<TokenFields>,
) -> Result<Created<IssuedTokenBody>, ApiFailure> {
    let own = actor.operator_id().ok_or(IdentityError::NotAnOperator)?;
    let name = DisplayName::parse(&fields.name).map_err(IdentityError::from)?;
    let new = NewToken { name, access: fields.access, days: fields.expires_in_days };
    let issued = app.identity.tokens.create(&actor, own, new).await?;
    Ok(Created { at: format!("/api/v1/tokens/{}", issued.token.id), body: issued.into() })
}

/// Revoke one of one's own tokens
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}", tag = "access", params(("id" = TokenId, Path)),
    responses((status = 204, description = "Gone")),
)]
async fn revoke(State(app): State<App>, Asker(actor): Asker, Id(id): Id<TokenId>) -> Result<StatusCode, ApiFailure> {
    let own = actor.operator_id().ok_or(IdentityError::NotAnOperator)?;
    app.identity.tokens.revoke(&actor, own, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
