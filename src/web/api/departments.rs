//! `/api/v1/departments`.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::audit::Entry;
use crate::kernel::Cursor;
use crate::kernel::CursorError;
use crate::kernel::DepartmentId;
use crate::kernel::Page;
use crate::kernel::PageRequest;
use crate::people::Contents;
use crate::people::Department;
use crate::people::DepartmentInput;
use crate::people::PeopleError;
use crate::people::State as Used;
use crate::people::View;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::PageParams;
use crate::web::api::extract::Paging;
use crate::web::api::extract::Query;
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

/// A department.
#[derive(Serialize, ToSchema)]
#[schema(as = Department)]
pub(super) struct DepartmentBody {
    id: DepartmentId,
    name: String,
    /// The department above it.
    parent_id: Option<DepartmentId>,
    /// The names from the top of the visible tree down to this one.
    path: Vec<String>,
    state: InUse,
}

impl DepartmentBody {
    fn new(view: &View, department: &Department) -> Self {
        let path = view.department_path(department.id);
        Self {
            id: department.id,
            name: department.name.clone(),
            parent_id: department.parent,
            path: path.into_iter().map(|above| above.name.clone()).collect(),
            state: department.state.into(),
        }
    }
}

/// What can be set of a department.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DepartmentFields {
    /// Unique beside its neighbours.
    #[schema(example = "Sotuv")]
    name: String,
    /// The department above it; null at the top.
    parent_id: Option<DepartmentId>,
}

impl From<DepartmentFields> for DepartmentInput {
    fn from(fields: DepartmentFields) -> Self {
        Self { name: fields.name, parent: fields.parent_id }
    }
}

/// What becomes of the contents.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RemoveParams {
    /// What becomes of sub-departments, employees and computers; a department with any is kept when not given.
    contents: Option<ContentsWord>,
}

/// What becomes of the contents of a department that goes.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ContentsWord {
    /// Only an empty department goes.
    MustBeEmpty,
    /// They move to the department above.
    MoveToParent,
}

/// List departments
///
/// In the order of the tree: each department is followed by those below it.
#[utoipa::path(
    get, path = "/api/v1/departments", tag = "departments", params(InOrganization, PageParams),
    responses((status = 200, description = "The visible part of the tree", body = List<DepartmentBody>)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Paging(request): Paging,
) -> Result<Json<List<DepartmentBody>>, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    let page = page_of(&view, &request).map_err(PeopleError::from)?;
    Ok(List::of(page.map(|department| DepartmentBody::new(&view, department))))
}

/// The tree is walked as a whole, so a page goes on after the last department of the page before.
fn page_of<'a>(view: &'a View, request: &PageRequest) -> Result<Page<&'a Department>, CursorError> {
    let tree = view.departments();
    let start = match &request.after {
        None => 0,
        Some(cursor) => {
            let last = cursor.as_bytes().try_into().map(u32::from_be_bytes).map_err(|_| CursorError)?;
            let place = tree.iter().position(|(department, _)| department.id.get() == last);
            place.ok_or(CursorError)? + 1
        }
    };
    let items: Vec<_> = tree.iter().skip(start).take(request.limit).map(|(department, _)| *department).collect();
    let more = start + items.len() < tree.len();
    let next = items.last().filter(|_| more).map(|last| Cursor::new(last.id.get().to_be_bytes()));
    Ok(Page { items, next })
}

/// Make a department
#[utoipa::path(
    post, path = "/api/v1/departments", tag = "departments", params(InOrganization),
    request_body = DepartmentFields,
    responses((status = 201, description = "Made", body = DepartmentBody)),
)]
async fn create(
    State(app): State<App>,
    inside: Inside,
    Body(fields): Body<DepartmentFields>,
) -> Result<Created<DepartmentBody>, ApiFailure> {
    let made = app.people.create_department(&inside.actor, inside.id(), fields.into()).await?;
    record(&app, &inside, "department.create", &made).await;
    Ok(Created { at: format!("/api/v1/departments/{}", made.id), body: show(&app, &inside, made.id).await? })
}

/// Read a department
#[utoipa::path(
    get, path = "/api/v1/departments/{id}", tag = "departments", params(("id" = DepartmentId, Path), InOrganization),
    responses((status = 200, description = "Found", body = DepartmentBody)),
)]
async fn get(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<DepartmentId>,
) -> Result<Json<DepartmentBody>, ApiFailure> {
    show(&app, &inside, id).await.map(Json)
}

/// Rename or move a department
#[utoipa::path(
    put, path = "/api/v1/departments/{id}", tag = "departments", params(("id" = DepartmentId, Path), InOrganization),
    request_body = DepartmentFields,
    responses((status = 200, description = "Changed", body = DepartmentBody)),
)]
async fn update(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<DepartmentId>,
    Body(fields): Body<DepartmentFields>,
) -> Result<Json<DepartmentBody>, ApiFailure> {
    let changed = app.people.edit_department(&inside.actor, inside.id(), id, fields.into()).await?;
    record(&app, &inside, "department.update", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// Remove a department
#[utoipa::path(
    delete, path = "/api/v1/departments/{id}", tag = "departments",
    params(("id" = DepartmentId, Path), RemoveParams, InOrganization),
    responses((status = 204, description = "Gone")),
)]
async fn remove(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<DepartmentId>,
    Query(params): Query<RemoveParams>,
) -> Result<StatusCode, ApiFailure> {
    let contents = match params.contents {
        Some(ContentsWord::MoveToParent) => Contents::MoveToParent,
        Some(ContentsWord::MustBeEmpty) | None => Contents::MustBeEmpty,
    };
    let gone = app.people.delete_department(&inside.actor, inside.id(), id, contents).await?;
    record(&app, &inside, "department.remove", &gone).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Use a department again
#[utoipa::path(
    post, path = "/api/v1/departments/{id}/activate", tag = "departments",
    params(("id" = DepartmentId, Path), InOrganization),
    responses((status = 200, description = "In use", body = DepartmentBody)),
)]
async fn activate(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<DepartmentId>,
) -> Result<Json<DepartmentBody>, ApiFailure> {
    let changed = app.people.set_department_state(&inside.actor, inside.id(), id, Used::Active).await?;
    record(&app, &inside, "department.activate", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// Offer a department no more
#[utoipa::path(
    post, path = "/api/v1/departments/{id}/deactivate", tag = "departments",
    params(("id" = DepartmentId, Path), InOrganization),
    responses((status = 200, description = "Not in use", body = DepartmentBody)),
)]
async fn deactivate(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<DepartmentId>,
) -> Result<Json<DepartmentBody>, ApiFailure> {
    let changed = app.people.set_department_state(&inside.actor, inside.id(), id, Used::Inactive).await?;
    record(&app, &inside, "department.deactivate", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

async fn show(app: &App, inside: &Inside, id: DepartmentId) -> Result<DepartmentBody, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    Ok(DepartmentBody::new(&view, view.department(id)?))
}

async fn record(app: &App, inside: &Inside, action: &'static str, department: &Department) {
    let entry = Entry::new(action).on("department", department.id).with("name", department.name.as_str());
    inside.record(app, entry).await;
}
