//! `/api/v1/organizations`.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::kernel::Kind;
use crate::kernel::Language;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::tenancy::Organization;
use crate::tenancy::OrganizationName;
use crate::tenancy::Settings;
use crate::tenancy::Tenancy;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Failure;
use crate::web::api::extract::Asker;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::PageParams;
use crate::web::api::extract::Paging;
use crate::web::api::shapes::Created;
use crate::web::api::shapes::List;
use crate::web::api::shapes::State as InUse;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, remove))
        .routes(routes!(activate))
        .routes(routes!(deactivate))
}

/// An organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
pub(super) struct OrganizationBody {
    id: OrganizationId,
    name: String,
    /// An IANA name; days are those of this zone.
    time_zone: String,
    language: Language,
    /// Agents of an inactive organization are refused and its operators cannot sign in; its data stay.
    state: InUse,
    created_at: Timestamp,
}

impl From<&Organization> for OrganizationBody {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id,
            name: organization.name().to_owned(),
            time_zone: organization.settings.zone.name().to_owned(),
            language: organization.settings.language,
            state: InUse::of(organization.is_active()),
            created_at: organization.created_at,
        }
    }
}

/// What can be set of an organization.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrganizationFields)]
pub(super) struct OrganizationFields {
    /// 2 to 100 letters, unique.
    #[schema(example = "Toshkent ofis")]
    name: String,
    /// An IANA name.
    #[schema(example = "Asia/Tashkent")]
    time_zone: String,
    language: Language,
}

impl OrganizationFields {
    fn parse(&self) -> Result<Settings, Failure> {
        let wrong =
            |field: &'static str, detail: String| Failure::new(Kind::Invalid, "field_malformed", &detail).about(field);
        let name = OrganizationName::parse(&self.name).map_err(|problem| wrong("name", problem.to_string()))?;
        let zone = Zone::parse(&self.time_zone).map_err(|problem| wrong("time_zone", problem.to_string()))?;
        Ok(Settings { name, zone, language: self.language })
    }
}

/// List organizations
///
/// Administrators see all, others their own.
#[utoipa::path(
    get, path = "/api/v1/organizations", tag = "organizations", params(PageParams),
    responses((status = 200, description = "In the order in which they were made", body = List<OrganizationBody>)),
)]
async fn list(
    State(tenancy): State<Tenancy>,
    Asker(actor): Asker,
    Paging(page): Paging,
) -> Result<Json<List<OrganizationBody>>, ApiFailure> {
    let page = tenancy.list(&actor, &page)?;
    Ok(List::of(page.map(|organization| OrganizationBody::from(&*organization))))
}

/// Make an organization
#[utoipa::path(
    post, path = "/api/v1/organizations", tag = "organizations", request_body = OrganizationFields,
    responses((status = 201, description = "Made", body = OrganizationBody)),
)]
async fn create(
    State(tenancy): State<Tenancy>,
    Asker(actor): Asker,
    Body(fields): Body<OrganizationFields>,
) -> Result<Created<OrganizationBody>, ApiFailure> {
    let made = tenancy.create(&actor, fields.parse()?).await?;
    Ok(Created { at: format!("/api/v1/organizations/{}", made.id), body: OrganizationBody::from(&*made) })
}

/// Read an organization
#[utoipa::path(
    get, path = "/api/v1/organizations/{id}", tag = "organizations", params(("id" = OrganizationId, Path)),
    responses((status = 200, description = "Found", body = OrganizationBody)),
)]
async fn get(
    State(tenancy): State<Tenancy>,
    Asker(actor): Asker,
    Id(id): Id<OrganizationId>,
) -> Result<Json<OrganizationBody>, ApiFailure> {
    Ok(Json(OrganizationBody::from(&*tenancy.get(&actor, id)?)))
}

/// Change an organization
#[utoipa::path(
    put, path = "/api/v1/organizations/{id}", tag = "organizations", params(("id" = OrganizationId, Path)),
    request_body = OrganizationFields,
    responses((status = 200, description = "Changed", body = OrganizationBody)),
)]
async fn update(
    State(tenancy): State<Tenancy>,
    Asker(actor): Asker,
    Id(id): Id<OrganizationId>,
    Body(fields): Body<OrganizationFields>,
) -> Result<Json<OrganizationBody>, ApiFailure> {
    Ok(Json(OrganizationBody::from(&*tenancy.update(&actor, id, fields.parse()?).await?)))
}

/// Remove an organization with everything in it
///
/// From the answer on it does not exist for anybody; its events, files and records go in the background. There is no
/// way back. The only organization stays.
#[utoipa::path(
    delete, path = "/api/v1/organizations/{id}", tag = "organizations", params(("id" = OrganizationId, Path)),
    responses((status = 204, description = "Gone for everybody")),
)]
async fn remove(
    State(tenancy): State<Tenancy>,
    Asker(actor): Asker,
    Id(id): Id<OrganizationId>,
) -> Result<StatusCode, ApiFailure> {
    tenancy.begin_removal(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let an organization work again
#[utoipa::path(
    post, path = "/api/v1/organizations/{id}/activate", tag = "organizations",
    params(("id" = OrganizationId, Path)),
    responses((status = 200, description = "It works", body = OrganizationBody)),
)]
async fn activate(
    State(tenancy): State<Tenancy>,
    Asker(actor): Asker,
    Id(id): Id<OrganizationId>,
) -> Result<Json<OrganizationBody>, ApiFailure> {
    Ok(Json(OrganizationBody::from(&*tenancy.activate(&actor, id).await?)))
}

/// Stop an organization's agents and operators; its data stay
#[utoipa::path(
    post, path = "/api/v1/organizations/{id}/deactivate", tag = "organizations",
    params(("id" = OrganizationId, Path)),
    responses((status = 200, description = "It is stopped", body = OrganizationBody)),
)]
async fn deactivate(
    State(tenancy): State<Tenancy>,
    Asker(actor): Asker,
    Id(id): Id<OrganizationId>,
) -> Result<Json<OrganizationBody>, ApiFailure> {
    Ok(Json(OrganizationBody::from(&*tenancy.deactivate(&actor, id).await?)))
}
