//! `/api/v1/employees`.

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
use crate::kernel::ComputerUserId;
use crate::kernel::Day;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Language;
use crate::people::Employee;
use crate::people::EmployeeFilter;
use crate::people::EmployeeInput;
use crate::people::EmployeeView;
use crate::people::State as Used;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::PageParams;
use crate::web::api::extract::Paging;
use crate::web::api::extract::Query;
use crate::web::api::links::LinkBody;
use crate::web::api::shapes::Created;
use crate::web::api::shapes::Linked;
use crate::web::api::shapes::List;
use crate::web::api::shapes::State as InUse;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, remove))
        .routes(routes!(activate))
        .routes(routes!(deactivate))
        .routes(routes!(links))
}

/// An employee. What the caller may not see is null.
#[derive(Serialize, ToSchema)]
#[schema(as = Employee)]
pub(super) struct EmployeeBody {
    id: EmployeeId,
    surname: String,
    given_name: String,
    patronymic: Option<String>,
    position: String,
    department_id: Option<DepartmentId>,
    department_name: Option<String>,
    state: InUse,
    personnel_number: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    /// First day at work.
    #[schema(value_type = Option<String>, format = Date)]
    hired_on: Option<Day>,
    /// Last day at work.
    #[schema(value_type = Option<String>, format = Date)]
    left_on: Option<Day>,
    language: Option<Language>,
    /// The accounts that belong to them now.
    computer_user_ids: Option<Vec<ComputerUserId>>,
}

impl From<EmployeeView> for EmployeeBody {
    fn from(employee: EmployeeView) -> Self {
        let details = employee.details.as_ref();
        Self {
            personnel_number: details.and_then(|details| details.personnel_number.clone()),
            email: details.and_then(|details| details.email.clone()),
            phone: details.and_then(|details| details.phone.clone()),
            hired_on: details.and_then(|details| details.hired_on),
            left_on: details.and_then(|details| details.left_on),
            language: details.and_then(|details| details.language),
            computer_user_ids: details.map(|details| details.computer_users.clone()),
            id: employee.id,
            surname: employee.surname,
            given_name: employee.given_name,
            patronymic: employee.patronymic,
            position: employee.position,
            department_id: employee.department,
            department_name: employee.department_name,
            state: employee.state.into(),
        }
    }
}

/// What can be set of an employee. What is left out is emptied.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EmployeeFields {
    #[schema(example = "Karimov")]
    surname: String,
    #[schema(example = "Bekzod")]
    given_name: String,
    patronymic: Option<String>,
    position: Option<String>,
    department_id: Option<DepartmentId>,
    /// The organization's own number, unique.
    personnel_number: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    hired_on: Option<Day>,
    #[schema(value_type = Option<String>, format = Date)]
    left_on: Option<Day>,
    language: Option<Language>,
}

impl From<EmployeeFields> for EmployeeInput {
    fn from(fields: EmployeeFields) -> Self {
        Self {
            surname: fields.surname,
            given_name: fields.given_name,
            patronymic: fields.patronymic.unwrap_or_default(),
            position: fields.position.unwrap_or_default(),
            department: fields.department_id,
            personnel_number: fields.personnel_number.unwrap_or_default(),
            email: fields.email.unwrap_or_default(),
            phone: fields.phone.unwrap_or_default(),
            hired_on: fields.hired_on,
            left_on: fields.left_on,
            language: fields.language,
        }
    }
}

/// Which employees.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EmployeeQuery {
    /// Words of the name, the number, the accounts.
    q: Option<String>,
    /// This department and all below it.
    department_id: Option<DepartmentId>,
    state: Option<InUse>,
    /// Only with or only without an account of their own.
    linked: Option<Linked>,
}

impl From<EmployeeQuery> for EmployeeFilter {
    fn from(query: EmployeeQuery) -> Self {
        Self {
            text: query.q.unwrap_or_default(),
            department: query.department_id,
            state: query.state.map(Into::into),
            linked: query.linked.map(Into::into),
        }
    }
}

/// List employees
#[utoipa::path(
    get, path = "/api/v1/employees", tag = "employees", params(EmployeeQuery, InOrganization, PageParams),
    responses((status = 200, description = "By name", body = List<EmployeeBody>)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Query(query): Query<EmployeeQuery>,
    Paging(page): Paging,
) -> Result<Json<List<EmployeeBody>>, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    Ok(List::of(view.employees(&query.into(), &page)?))
}

/// Enter an employee
#[utoipa::path(
    post, path = "/api/v1/employees", tag = "employees", params(InOrganization), request_body = EmployeeFields,
    responses((status = 201, description = "Made", body = EmployeeBody)),
)]
async fn create(
    State(app): State<App>,
    inside: Inside,
    Body(fields): Body<EmployeeFields>,
) -> Result<Created<EmployeeBody>, ApiFailure> {
    let made = app.people.create_employee(&inside.actor, inside.id(), fields.into()).await?;
    record(&app, &inside, "employee.create", &made).await;
    Ok(Created { at: format!("/api/v1/employees/{}", made.id), body: show(&app, &inside, made.id).await? })
}

/// Read an employee
#[utoipa::path(
    get, path = "/api/v1/employees/{id}", tag = "employees", params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 200, description = "Found", body = EmployeeBody)),
)]
async fn get(State(app): State<App>, inside: Inside, Id(id): Id<EmployeeId>) -> Result<Json<EmployeeBody>, ApiFailure> {
    show(&app, &inside, id).await.map(Json)
}

/// Change an employee
#[utoipa::path(
    put, path = "/api/v1/employees/{id}", tag = "employees", params(("id" = EmployeeId, Path), InOrganization),
    request_body = EmployeeFields,
    responses((status = 200, description = "Changed", body = EmployeeBody)),
)]
async fn update(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
    Body(fields): Body<EmployeeFields>,
) -> Result<Json<EmployeeBody>, ApiFailure> {
    let changed = app.people.edit_employee(&inside.actor, inside.id(), id, fields.into()).await?;
    record(&app, &inside, "employee.update", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// Remove an employee
///
/// The links go with the person; the events of the accounts stay and belong to nobody.
#[utoipa::path(
    delete, path = "/api/v1/employees/{id}", tag = "employees", params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 204, description = "Gone")),
)]
async fn remove(State(app): State<App>, inside: Inside, Id(id): Id<EmployeeId>) -> Result<StatusCode, ApiFailure> {
    let gone = app.people.delete_employee(&inside.actor, inside.id(), id).await?;
    record(&app, &inside, "employee.remove", &gone.employee).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Take an employee back into work
#[utoipa::path(
    post, path = "/api/v1/employees/{id}/activate", tag = "employees",
    params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 200, description = "At work", body = EmployeeBody)),
)]
async fn activate(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
) -> Result<Json<EmployeeBody>, ApiFailure> {
    let changed = app.people.set_employee_state(&inside.actor, inside.id(), id, Used::Active).await?;
    record(&app, &inside, "employee.activate", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// Offer an employee no more
#[utoipa::path(
    post, path = "/api/v1/employees/{id}/deactivate", tag = "employees",
    params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 200, description = "Not at work", body = EmployeeBody)),
)]
async fn deactivate(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
) -> Result<Json<EmployeeBody>, ApiFailure> {
    let changed = app.people.set_employee_state(&inside.actor, inside.id(), id, Used::Inactive).await?;
    record(&app, &inside, "employee.deactivate", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// List the accounts of an employee, past and present
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/links", tag = "employees", params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 200, description = "From the first to the last", body = List<LinkBody>)),
)]
async fn links(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
) -> Result<Json<List<LinkBody>>, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    Ok(List::whole(view.links_of_employee(id)?))
}

async fn show(app: &App, inside: &Inside, id: EmployeeId) -> Result<EmployeeBody, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    Ok(view.employee(id)?.into())
}

async fn record(app: &App, inside: &Inside, action: &'static str, employee: &Employee) {
    inside.record(app, Entry::new(action).on("employee", employee.id).with("name", employee.full_name())).await;
}
