//! `/api/v1/computers`.

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
use crate::kernel::ComputerId;
use crate::kernel::DepartmentId;
use crate::kernel::Timestamp;
use crate::people::Computer;
use crate::people::ComputerEdit;
use crate::people::ComputerFilter;
use crate::people::ComputerInput;
use crate::people::ComputerView;
use crate::people::State as Used;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::computer_users::ComputerUserBody;
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

/// A computer.
#[derive(Serialize, ToSchema)]
#[schema(as = Computer)]
pub(super) struct ComputerBody {
    id: ComputerId,
    /// The machine id, as its agent sends it.
    uid: String,
    name: String,
    department_id: Option<DepartmentId>,
    department_name: Option<String>,
    note: String,
    state: InUse,
    /// Its visible accounts.
    users: Vec<ComputerUserBody>,
    /// The earliest event of a visible account.
    first_seen_at: Option<Timestamp>,
    /// The latest event of a visible account.
    last_seen_at: Option<Timestamp>,
}

impl From<ComputerView> for ComputerBody {
    fn from(view: ComputerView) -> Self {
        Self {
            id: view.computer.id,
            uid: view.computer.uid,
            name: view.computer.name,
            department_id: view.computer.department,
            department_name: view.department_name,
            note: view.computer.note,
            state: view.computer.state.into(),
            users: view.users.into_iter().map(Into::into).collect(),
            first_seen_at: view.first_seen,
            last_seen_at: view.last_seen,
        }
    }
}

/// A computer to be entered by hand. Others appear by themselves when their agents send.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewComputer {
    /// The machine id, as its agent will send it.
    #[schema(example = "4c4c4544-0042-3510-8052-b4c04f4e3732")]
    uid: String,
    /// The uid when not given.
    name: Option<String>,
    department_id: Option<DepartmentId>,
    note: Option<String>,
}

impl From<NewComputer> for ComputerInput {
    fn from(new: NewComputer) -> Self {
        let (name, note) = (new.name.unwrap_or_default(), new.note.unwrap_or_default());
        Self { uid: new.uid, edit: ComputerEdit { name, department: new.department_id, note } }
    }
}

/// What can be set of a computer. What is left out is emptied.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ComputerFields {
    /// The uid when not given.
    #[schema(example = "BUX-01")]
    name: Option<String>,
    department_id: Option<DepartmentId>,
    note: Option<String>,
}

impl From<ComputerFields> for ComputerEdit {
    fn from(fields: ComputerFields) -> Self {
        let (name, note) = (fields.name.unwrap_or_default(), fields.note.unwrap_or_default());
        Self { name, department: fields.department_id, note }
    }
}

/// Which computers.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ComputerQuery {
    /// Words of name, uid and note.
    q: Option<String>,
    /// This department and all below it.
    department_id: Option<DepartmentId>,
    state: Option<InUse>,
}

impl From<ComputerQuery> for ComputerFilter {
    fn from(query: ComputerQuery) -> Self {
        Self { text: query.q.unwrap_or_default(), department: query.department_id, state: query.state.map(Into::into) }
    }
}

/// List computers
#[utoipa::path(
    get, path = "/api/v1/computers", tag = "computers", params(ComputerQuery, InOrganization, PageParams),
    responses((status = 200, description = "By name", body = List<ComputerBody>)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Query(query): Query<ComputerQuery>,
    Paging(page): Paging,
) -> Result<Json<List<ComputerBody>>, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    Ok(List::of(view.computers(&query.into(), &page)?))
}

/// Enter a computer
#[utoipa::path(
    post, path = "/api/v1/computers", tag = "computers", params(InOrganization), request_body = NewComputer,
    responses((status = 201, description = "Made", body = ComputerBody)),
)]
async fn create(
    State(app): State<App>,
    inside: Inside,
    Body(new): Body<NewComputer>,
) -> Result<Created<ComputerBody>, ApiFailure> {
    let made = app.people.create_computer(&inside.actor, inside.id(), new.into()).await?;
    record(&app, &inside, "computer.create", &made).await;
    Ok(Created { at: format!("/api/v1/computers/{}", made.id), body: show(&app, &inside, made.id).await? })
}

/// Read a computer
#[utoipa::path(
    get, path = "/api/v1/computers/{id}", tag = "computers", params(("id" = ComputerId, Path), InOrganization),
    responses((status = 200, description = "Found", body = ComputerBody)),
)]
async fn get(State(app): State<App>, inside: Inside, Id(id): Id<ComputerId>) -> Result<Json<ComputerBody>, ApiFailure> {
    show(&app, &inside, id).await.map(Json)
}

/// Change a computer
#[utoipa::path(
    put, path = "/api/v1/computers/{id}", tag = "computers", params(("id" = ComputerId, Path), InOrganization),
    request_body = ComputerFields,
    responses((status = 200, description = "Changed", body = ComputerBody)),
)]
async fn update(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<ComputerId>,
    Body(fields): Body<ComputerFields>,
) -> Result<Json<ComputerBody>, ApiFailure> {
    let changed = app.people.edit_computer(&inside.actor, inside.id(), id, fields.into()).await?;
    record(&app, &inside, "computer.update", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// Remove a computer with its accounts and their links
///
/// Its events stay, and it comes back by itself when it sends again.
#[utoipa::path(
    delete, path = "/api/v1/computers/{id}", tag = "computers", params(("id" = ComputerId, Path), InOrganization),
    responses((status = 204, description = "Gone")),
)]
async fn remove(State(app): State<App>, inside: Inside, Id(id): Id<ComputerId>) -> Result<StatusCode, ApiFailure> {
    let gone = app.people.delete_computer(&inside.actor, inside.id(), id).await?;
    record(&app, &inside, "computer.remove", &gone.computer).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Use a computer again
#[utoipa::path(
    post, path = "/api/v1/computers/{id}/activate", tag = "computers",
    params(("id" = ComputerId, Path), InOrganization),
    responses((status = 200, description = "In use", body = ComputerBody)),
)]
async fn activate(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<ComputerId>,
) -> Result<Json<ComputerBody>, ApiFailure> {
    let changed = app.people.set_computer_state(&inside.actor, inside.id(), id, Used::Active).await?;
    record(&app, &inside, "computer.activate", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// Offer a computer no more
#[utoipa::path(
    post, path = "/api/v1/computers/{id}/deactivate", tag = "computers",
    params(("id" = ComputerId, Path), InOrganization),
    responses((status = 200, description = "Not in use", body = ComputerBody)),
)]
async fn deactivate(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<ComputerId>,
) -> Result<Json<ComputerBody>, ApiFailure> {
    let changed = app.people.set_computer_state(&inside.actor, inside.id(), id, Used::Inactive).await?;
    record(&app, &inside, "computer.deactivate", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

async fn show(app: &App, inside: &Inside, id: ComputerId) -> Result<ComputerBody, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    Ok(view.computer(id)?.into())
}

async fn record(app: &App, inside: &Inside, action: &'static str, computer: &Computer) {
    inside.record(app, Entry::new(action).on("computer", computer.id).with("name", computer.name.as_str())).await;
}
