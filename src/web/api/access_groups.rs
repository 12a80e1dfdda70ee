//! `/api/v1/access-groups`: who may pass which gates.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::devices::AccessGroup;
use crate::devices::AccessGroupInput;
use crate::devices::Gates;
use crate::devices::Members;
use crate::kernel::AccessGroupId;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::gates::GateBody;
use crate::web::api::shapes::Created;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(get, change, remove)).routes(routes!(gates_of))
}

/// People who may pass the same gates.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessGroup)]
pub(super) struct GroupBody {
    id: AccessGroupId,
    name: String,
    /// All employees belong to it, those of tomorrow among them.
    everyone: bool,
    /// Everybody of these departments and of those below them belongs to it.
    departments: BTreeSet<DepartmentId>,
    /// These belong to it.
    employees: BTreeSet<EmployeeId>,
    /// They may pass all gates, those of tomorrow among them.
    all_gates: bool,
    /// They may pass these.
    gates: BTreeSet<GateId>,
}

impl From<AccessGroup> for GroupBody {
    fn from(group: AccessGroup) -> Self {
        let AccessGroup { id, name, members, gates } = group;
        let Members { everyone, departments, employees } = members;
        Self { id, name: name.to_string(), everyone, departments, employees, all_gates: gates.all, gates: gates.some }
    }
}

/// A group to make, or what one is to become.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupBodyInput {
    #[schema(example = "Office")]
    name: String,
    /// All employees belong to it, those of tomorrow among them.
    #[serde(default)]
    everyone: bool,
    /// Everybody of these departments and of those below them belongs to it.
    #[serde(default)]
    departments: BTreeSet<DepartmentId>,
    /// These belong to it.
    #[serde(default)]
    employees: BTreeSet<EmployeeId>,
    /// They may pass all gates, those of tomorrow among them.
    #[serde(default)]
    all_gates: bool,
    /// They may pass these.
    #[serde(default)]
    gates: BTreeSet<GateId>,
}

impl From<GroupBodyInput> for AccessGroupInput {
    fn from(input: GroupBodyInput) -> Self {
        let GroupBodyInput { name, everyone, departments, employees, all_gates, gates } = input;
        Self {
            name,
            members: Members { everyone, departments, employees },
            gates: Gates { all: all_gates, some: gates },
        }
    }
}

/// List access groups
#[utoipa::path(
    get, path = "/api/v1/access-groups", tag = "devices", params(InOrganization),
    responses((status = 200, description = "In the order in which they were made", body = List<GroupBody>)),
)]
async fn list(State(app): State<App>, inside: Inside) -> Result<Json<List<GroupBody>>, ApiFailure> {
    Ok(List::whole(app.devices.access_groups(&inside.actor, inside.id()).await?))
}

/// Read an access group
#[utoipa::path(
    get, path = "/api/v1/access-groups/{id}", tag = "devices", params(("id" = AccessGroupId, Path), InOrganization),
    responses((status = 200, description = "The group", body = GroupBody)),
)]
async fn get(State(app): State<App>, inside: Inside, Id(id): Id<AccessGroupId>) -> Result<Json<GroupBody>, ApiFailure> {
    Ok(Json(app.devices.access_group(&inside.actor, inside.id(), id).await?.into()))
}

/// Make an access group
///
/// From then on the devices of its gates know those who belong to it, where their people are kept in order.
#[utoipa::path(
    post, path = "/api/v1/access-groups", tag = "devices", params(InOrganization), request_body = GroupBodyInput,
    responses((status = 201, description = "Made", body = GroupBody)),
)]
async fn add(
    State(app): State<App>,
    inside: Inside,
    Body(input): Body<GroupBodyInput>,
) -> Result<Created<GroupBody>, ApiFailure> {
    let group = app.devices.add_access_group(&inside.actor, inside.id(), input.into()).await?;
    Ok(Created { at: format!("/api/v1/access-groups/{}", group.id), body: group.into() })
}

/// Change an access group
///
/// Who may not pass any more is taken off the devices.
#[utoipa::path(
    put, path = "/api/v1/access-groups/{id}", tag = "devices", params(("id" = AccessGroupId, Path), InOrganization),
    request_body = GroupBodyInput,
    responses((status = 200, description = "Changed", body = GroupBody)),
)]
async fn change(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<AccessGroupId>,
    Body(input): Body<GroupBodyInput>,
) -> Result<Json<GroupBody>, ApiFailure> {
    let group = app.devices.change_access_group(&inside.actor, inside.id(), id, input.into()).await?;
    Ok(Json(group.into()))
}

/// Remove an access group
///
/// Gates to which no other group leads are left as they are: whoever their devices know, they go on knowing.
#[utoipa::path(
    delete, path = "/api/v1/access-groups/{id}", tag = "devices", params(("id" = AccessGroupId, Path), InOrganization),
    responses((status = 204, description = "Gone")),
)]
async fn remove(State(app): State<App>, inside: Inside, Id(id): Id<AccessGroupId>) -> Result<StatusCode, ApiFailure> {
    app.devices.remove_access_group(&inside.actor, inside.id(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the gates that an employee may pass
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/gates", tag = "devices", params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 200, description = "In the order of all gates", body = List<GateBody>)),
)]
async fn gates_of(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
) -> Result<Json<List<GateBody>>, ApiFailure> {
    Ok(List::whole(app.devices.gates_of(&inside.actor, inside.id(), id).await?))
}
