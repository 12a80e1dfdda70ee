//! `/api/v1/api-keys`: with these, agents and gateways send.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::identity::ApiKey;
use crate::identity::DisplayName;
use crate::identity::IdentityError;
use crate::identity::IssuedKey;
use crate::identity::KeyState;
use crate::kernel::ApiKeyId;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::PageParams;
use crate::web::api::extract::Paging;
use crate::web::api::shapes::Created;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke)).routes(routes!(rotate))
}

/// An API key without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(super) struct ApiKeyBody {
    id: ApiKeyId,
    name: String,
    /// The first letters of the secret.
    hint: String,
    state: KeyWord,
    /// While rotating: until when the old secret works.
    old_until: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    created_at: Timestamp,
    /// To the minute.
    last_used_at: Option<Timestamp>,
}

/// Whether a key works.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeyWord {
    /// It works.
    Active,
    /// It works, and for a while so does the secret before it.
    Rotating,
    /// It does not work any more.
    Revoked,
}

impl From<ApiKey> for ApiKeyBody {
    fn from(key: ApiKey) -> Self {
        let (state, old_until, revoked_at) = match key.state {
            KeyState::Active => (KeyWord::Active, None, None),
            KeyState::Rotating { old_until } => (KeyWord::Rotating, Some(old_until), None),
            KeyState::Revoked { at } => (KeyWord::Revoked, None, Some(at)),
        };
        Self {
            id: key.id,
            name: key.name.to_string(),
            hint: key.hint,
            state,
            old_until,
            revoked_at,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// A key with its secret, which is shown only this once.
#[derive(Serialize, ToSchema)]
#[schema(as = IssuedKey)]
pub(super) struct IssuedKeyBody {
    key: ApiKeyBody,
    secret: String,
}

impl From<IssuedKey> for IssuedKeyBody {
    fn from(issued: IssuedKey) -> Self {
        Self { secret: issued.secret.expose().to_owned(), key: issued.key.into() }
    }
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewApiKey {
    /// What it is for, 1 to 100 letters.
    #[schema(example = "Agents of the main office")]
    name: String,
}

/// List API keys
#[utoipa::path(
    get, path = "/api/v1/api-keys", tag = "access", params(InOrganization, PageParams),
    responses((status = 200, description = "In the order in which they were made", body = List<ApiKeyBody>)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Paging(page): Paging,
) -> Result<Json<List<ApiKeyBody>>, ApiFailure> {
    Ok(List::of(app.identity.api_keys.list(&inside.actor, inside.id(), page).await?))
}

/// Make an API key
#[utoipa::path(
    post, path = "/api/v1/api-keys", tag = "access", params(InOrganization), request_body = NewApiKey,
    responses((status = 201, description = "Made", body = IssuedKeyBody)),
)]
async fn create(
    State(app): State<App>,
    inside: Inside,
    Body(new): Body<NewApiKey>,
) -> Result<Created<IssuedKeyBody>, ApiFailure> {
    let name = DisplayName::parse(&new.name).map_err(IdentityError::from)?;
    let issued = app.identity.api_keys.create(&inside.actor, inside.id(), name).await?;
    Ok(Created { at: format!("/api/v1/api-keys/{}", issued.key.id), body: issued.into() })
}

/// Give an API key another secret; the old one works for 24 hours more
#[utoipa::path(
    post, path = "/api/v1/api-keys/{id}/rotate", tag = "access", params(("id" = ApiKeyId, Path), InOrganization),
    responses((status = 200, description = "The new secret", body = IssuedKeyBody)),
)]
async fn rotate(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<ApiKeyId>,
) -> Result<Json<IssuedKeyBody>, ApiFailure> {
    Ok(Json(app.identity.api_keys.rotate(&inside.actor, inside.id(), id).await?.into()))
}

/// Revoke an API key at once
#[utoipa::path(
    delete, path = "/api/v1/api-keys/{id}", tag = "access", params(("id" = ApiKeyId, Path), InOrganization),
    responses((status = 200, description = "It does not work any more, and stays in the list", body = ApiKeyBody)),
)]
async fn revoke(State(app): State<App>, inside: Inside, Id(id): Id<ApiKeyId>) -> Result<Json<ApiKeyBody>, ApiFailure> {
    Ok(Json(app.identity.api_keys.revoke(&inside.actor, inside.id(), id).await?.into()))
}
