//! `/api/v1/computer-users`: accounts on computers.

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
use crate::kernel::ComputerUserId;
use crate::kernel::EmployeeId;
use crate::kernel::Timestamp;
use crate::people::ComputerUser;
use crate::people::ComputerUserFilter;
use crate::people::ComputerUserInput;
use crate::people::ComputerUserView;
use crate::people::Proposal;
use crate::people::State as Used;
use crate::people::Unassigned;
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
        .routes(routes!(unassigned))
        .routes(routes!(get, update, remove))
        .routes(routes!(activate))
        .routes(routes!(deactivate))
        .routes(routes!(links))
}

/// An account on a computer.
#[derive(Serialize, ToSchema)]
#[schema(as = ComputerUser)]
pub(super) struct ComputerUserBody {
    id: ComputerUserId,
    computer_id: ComputerId,
    computer_name: String,
    /// Security identifier.
    sid: Option<String>,
    /// Such as `OFIS\dilnoza`.
    user_name: Option<String>,
    note: String,
    /// An inactive one is no person: a service, an administrator's second account.
    state: InUse,
    first_seen_at: Option<Timestamp>,
    last_seen_at: Option<Timestamp>,
    /// Whose it is as of its latest event.
    employee_id: Option<EmployeeId>,
    employee_name: Option<String>,
}

impl From<ComputerUserView> for ComputerUserBody {
    fn from(view: ComputerUserView) -> Self {
        let (employee_id, employee_name) = view.employee.unzip();
        Self {
            id: view.user.id,
            computer_id: view.user.computer,
            computer_name: view.computer_name,
            sid: view.user.sid,
            user_name: view.user.user_name,
            note: view.user.note,
            state: view.user.state.into(),
            first_seen_at: view.user.first_seen,
            last_seen_at: view.user.last_seen,
            employee_id,
            employee_name,
        }
    }
}

/// An account that belongs to nobody, and to whom it might.
#[derive(Serialize, ToSchema)]
#[schema(as = Unassigned)]
pub(super) struct UnassignedBody {
    computer_user: ComputerUserBody,
    /// Best first.
    proposals: Vec<ProposalBody>,
}

/// To whom an account might belong.
#[derive(Serialize, ToSchema)]
#[schema(as = Proposal)]
pub(super) struct ProposalBody {
    employee_id: EmployeeId,
    /// Such as `personnel_number`, `email`, `full_name`, `surname`.
    reason: String,
}

impl From<Unassigned> for UnassignedBody {
    fn from(found: Unassigned) -> Self {
        let show = |proposal: Proposal| ProposalBody {
            employee_id: proposal.employee,
            reason: proposal.reason.code().to_owned(),
        };
        Self { computer_user: found.user.into(), proposals: found.proposals.into_iter().map(show).collect() }
    }
}

/// An account to be entered by hand. Others appear by themselves when their agents send.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewComputerUser {
    computer_id: ComputerId,
    /// Security identifier, as the agent will send it.
    sid: Option<String>,
    /// As the agent will send it; one of the two is needed.
    #[schema(example = "OFIS\\dilnoza")]
    user_name: Option<String>,
}

/// What can be set of an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ComputerUserFields {
    note: String,
}

/// Which accounts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ComputerUserQuery {
    /// Words of computer, user name, SID and note.
    q: Option<String>,
    computer_id: Option<ComputerId>,
    state: Option<InUse>,
    /// Only with or only without a person.
    linked: Option<Linked>,
}

impl From<ComputerUserQuery> for ComputerUserFilter {
    fn from(query: ComputerUserQuery) -> Self {
        Self {
            text: query.q.unwrap_or_default(),
            computer: query.computer_id,
            state: query.state.map(Into::into),
            linked: query.linked.map(Into::into),
        }
    }
}

/// Words to look for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TextQuery {
    /// Words of computer, user name, SID and note.
    q: Option<String>,
}

/// List accounts
#[utoipa::path(
    get, path = "/api/v1/computer-users", tag = "computer users",
    params(ComputerUserQuery, InOrganization, PageParams),
    responses((status = 200, description = "By computer and name", body = List<ComputerUserBody>)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Query(query): Query<ComputerUserQuery>,
    Paging(page): Paging,
) -> Result<Json<List<ComputerUserBody>>, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    Ok(List::of(view.computer_users(&query.into(), &page)?))
}

/// List accounts that belong to nobody, with proposals
#[utoipa::path(
    get, path = "/api/v1/computer-users/unassigned", tag = "computer users",
    params(TextQuery, InOrganization, PageParams),
    responses((status = 200, description = "By computer and name", body = List<UnassignedBody>)),
)]
async fn unassigned(
    State(app): State<App>,
    inside: Inside,
    Query(query): Query<TextQuery>,
    Paging(page): Paging,
) -> Result<Json<List<UnassignedBody>>, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    Ok(List::of(view.unassigned(&query.q.unwrap_or_default(), &page)?))
}

/// Enter an account
#[utoipa::path(
    post, path = "/api/v1/computer-users", tag = "computer users", params(InOrganization),
    request_body = NewComputerUser,
    responses((status = 201, description = "Made", body = ComputerUserBody)),
)]
async fn create(
    State(app): State<App>,
    inside: Inside,
    Body(new): Body<NewComputerUser>,
) -> Result<Created<ComputerUserBody>, ApiFailure> {
    let input = ComputerUserInput { sid: new.sid.unwrap_or_default(), user_name: new.user_name.unwrap_or_default() };
    let made = app.people.create_computer_user(&inside.actor, inside.id(), new.computer_id, input).await?;
    record(&app, &inside, "computer_user.create", &made).await;
    Ok(Created { at: format!("/api/v1/computer-users/{}", made.id), body: show(&app, &inside, made.id).await? })
}

/// Read an account
#[utoipa::path(
    get, path = "/api/v1/computer-users/{id}", tag = "computer users",
    params(("id" = ComputerUserId, Path), InOrganization),
    responses((status = 200, description = "Found", body = ComputerUserBody)),
)]
async fn get(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<ComputerUserId>,
) -> Result<Json<ComputerUserBody>, ApiFailure> {
    show(&app, &inside, id).await.map(Json)
}

/// Change the note on an account
#[utoipa::path(
    put, path = "/api/v1/computer-users/{id}", tag = "computer users",
    params(("id" = ComputerUserId, Path), InOrganization), request_body = ComputerUserFields,
    responses((status = 200, description = "Changed", body = ComputerUserBody)),
)]
async fn update(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<ComputerUserId>,
    Body(fields): Body<ComputerUserFields>,
) -> Result<Json<ComputerUserBody>, ApiFailure> {
    let changed = app.people.edit_computer_user(&inside.actor, inside.id(), id, fields.note).await?;
    record(&app, &inside, "computer_user.update", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// Remove an account with its links
///
/// Its events stay, and it comes back by itself when it sends again.
#[utoipa::path(
    delete, path = "/api/v1/computer-users/{id}", tag = "computer users",
    params(("id" = ComputerUserId, Path), InOrganization),
    responses((status = 204, description = "Gone")),
)]
async fn remove(State(app): State<App>, inside: Inside, Id(id): Id<ComputerUserId>) -> Result<StatusCode, ApiFailure> {
    let gone = app.people.delete_computer_user(&inside.actor, inside.id(), id).await?;
    record(&app, &inside, "computer_user.remove", &gone.user).await;
    Ok(StatusCode::NO_CONTENT)
}

/// An account is a person's again
#[utoipa::path(
    post, path = "/api/v1/computer-users/{id}/activate", tag = "computer users",
    params(("id" = ComputerUserId, Path), InOrganization),
    responses((status = 200, description = "A person", body = ComputerUserBody)),
)]
async fn activate(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<ComputerUserId>,
) -> Result<Json<ComputerUserBody>, ApiFailure> {
    let changed = app.people.set_computer_user_state(&inside.actor, inside.id(), id, Used::Active).await?;
    record(&app, &inside, "computer_user.activate", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// An account is no person's
#[utoipa::path(
    post, path = "/api/v1/computer-users/{id}/deactivate", tag = "computer users",
    params(("id" = ComputerUserId, Path), InOrganization),
    responses((status = 200, description = "No person", body = ComputerUserBody)),
)]
async fn deactivate(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<ComputerUserId>,
) -> Result<Json<ComputerUserBody>, ApiFailure> {
    let changed = app.people.set_computer_user_state(&inside.actor, inside.id(), id, Used::Inactive).await?;
    record(&app, &inside, "computer_user.deactivate", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// List the people of an account, past and present
#[utoipa::path(
    get, path = "/api/v1/computer-users/{id}/links", tag = "computer users",
    params(("id" = ComputerUserId, Path), InOrganization),
    responses((status = 200, description = "From the first to the last", body = List<LinkBody>)),
)]
async fn links(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<ComputerUserId>,
) -> Result<Json<List<LinkBody>>, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    Ok(List::whole(view.links_of_computer_user(id)?))
}

async fn show(app: &App, inside: &Inside, id: ComputerUserId) -> Result<ComputerUserBody, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    Ok(view.computer_user(id)?.into())
}

async fn record(app: &App, inside: &Inside, action: &'static str, user: &ComputerUser) {
    inside.record(app, Entry::new(action).on("computer_user", user.id).with("name", user.name())).await;
}
