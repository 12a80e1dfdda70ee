//! `/api/v1/resource-groups`: sites and applications that a rule can name together.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::kernel::Kind;
use crate::kernel::ResourceGroupId;
use crate::policy::GroupError;
use crate::policy::NewResourceGroup;
use crate::policy::ResourceGroup;
use crate::policy::Target;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Failure;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::shapes::Created;
use crate::web::api::shapes::List;
use crate::web::use_rules;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(update, remove))
}

/// Sites and applications under one name.
#[derive(Serialize, ToSchema)]
#[schema(as = ResourceGroup)]
pub(super) struct GroupBody {
    id: ResourceGroupId,
    name: String,
    /// Domains, each with everything below it.
    sites: Vec<String>,
    applications: Vec<String>,
}

/// A group to be made, or what an old one becomes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceGroupFields {
    /// Unique in the organization.
    #[schema(min_length = 1, max_length = 200, example = "Banks")]
    name: String,
    /// Domains, each with everything below it.
    #[serde(default)]
    #[schema(max_items = 200)]
    sites: Vec<String>,
    /// A `*` at the end stands for anything.
    #[serde(default)]
    #[schema(max_items = 200)]
    applications: Vec<String>,
}

impl From<ResourceGroup> for GroupBody {
    fn from(group: ResourceGroup) -> Self {
        let names = |kind: &str| {
            let members = group.members.iter().filter(|one| one.kind() == kind);
            members.map(|one| Target::name(one).to_owned()).collect()
        };
        Self { id: group.id, sites: names("site"), applications: names("application"), name: group.name }
    }
}

impl ResourceGroupFields {
    fn parsed(&self) -> Result<NewResourceGroup, Failure> {
        let sites = self.sites.iter().map(|name| ("site", name.as_str()));
        let applications = self.applications.iter().map(|name| ("application", name.as_str()));
        NewResourceGroup::parse(&self.name, sites.chain(applications)).map_err(|problem| {
            let field = if problem == GroupError::Name { "name" } else { "sites" };
            Failure::new(Kind::Invalid, "invalid_value", &problem.to_string()).about(field)
        })
    }
}

/// List groups of sites and applications
#[utoipa::path(
    get, path = "/api/v1/resource-groups", tag = "rules", params(InOrganization),
    responses((status = 200, description = "In the order in which they were made", body = List<GroupBody>)),
)]
async fn list(State(app): State<App>, inside: Inside) -> Result<Json<List<GroupBody>>, ApiFailure> {
    Ok(List::whole(app.policy.groups(&inside.actor, inside.id()).await?))
}

/// Make a group
#[utoipa::path(
    post, path = "/api/v1/resource-groups", tag = "rules", params(InOrganization), request_body = ResourceGroupFields,
    responses((status = 201, description = "Made", body = GroupBody)),
)]
async fn create(
    State(app): State<App>,
    inside: Inside,
    Body(fields): Body<ResourceGroupFields>,
) -> Result<Created<GroupBody>, ApiFailure> {
    let group = app.policy.set_group(&inside.actor, inside.id(), (None, fields.parsed()?)).await?;
    Ok(Created { at: format!("/api/v1/resource-groups/{}", group.id), body: group.into() })
}

/// Change a group
///
/// Rules that name it follow, and the past is rated anew.
#[utoipa::path(
    put, path = "/api/v1/resource-groups/{id}", tag = "rules", params(("id" = ResourceGroupId, Path), InOrganization),
    request_body = ResourceGroupFields,
    responses((status = 200, description = "Changed", body = GroupBody)),
)]
async fn update(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<ResourceGroupId>,
    Body(fields): Body<ResourceGroupFields>,
) -> Result<Json<GroupBody>, ApiFailure> {
    let group = app.policy.set_group(&inside.actor, inside.id(), (Some(id), fields.parsed()?)).await?;
    use_rules(&app, &inside.actor, inside.id()).await?;
    Ok(Json(group.into()))
}

/// Remove a group that no rule names
#[utoipa::path(
    delete, path = "/api/v1/resource-groups/{id}", tag = "rules",
    params(("id" = ResourceGroupId, Path), InOrganization),
    responses((status = 204, description = "Removed")),
)]
async fn remove(State(app): State<App>, inside: Inside, Id(id): Id<ResourceGroupId>) -> Result<StatusCode, ApiFailure> {
    app.policy.remove_group(&inside.actor, inside.id(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
