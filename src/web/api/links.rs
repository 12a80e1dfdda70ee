//! `/api/v1/links`: whose account it was, and when.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::audit::Entry;
use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::EmployeeId;
use crate::kernel::LinkId;
use crate::kernel::Timestamp;
use crate::people::Link;
use crate::people::LinkInput;
use crate::people::LinkView;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Failure;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::shapes::Created;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(get, update, remove)).routes(routes!(end))
}

/// For a time, an account belongs to an employee. The begin belongs to it, the end does not.
#[derive(Serialize, ToSchema)]
#[schema(as = Link)]
pub(super) struct LinkBody {
    id: LinkId,
    computer_user_id: ComputerUserId,
    user_name: String,
    computer_id: ComputerId,
    computer_name: String,
    employee_id: EmployeeId,
    employee_name: String,
    /// Null is since the account was first seen.
    from: Option<Timestamp>,
    /// Null is until further notice.
    to: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<LinkView> for LinkBody {
    fn from(view: LinkView) -> Self {
        Self {
            id: view.link.id,
            computer_user_id: view.link.computer_user,
            user_name: view.user_name,
            computer_id: view.computer,
            computer_name: view.computer_name,
            employee_id: view.link.employee,
            employee_name: view.employee_name,
            from: view.link.from,
            to: view.link.to,
            created_at: view.link.created_at,
        }
    }
}

/// A link to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLink {
    computer_user_id: ComputerUserId,
    employee_id: EmployeeId,
    /// Since the account was first seen, or since the link before ended, when not given.
    from: Option<Timestamp>,
    /// Until further notice when not given.
    to: Option<Timestamp>,
}

/// What can be set of a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkFields {
    employee_id: EmployeeId,
    /// Since the account was first seen, or since the link before ended, when not given.
    from: Option<Timestamp>,
    /// Until further notice when not given.
    to: Option<Timestamp>,
}

/// When a link ends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkEnd {
    /// The first moment at which the account is not theirs any more.
    at: Timestamp,
}

/// Link an account to an employee
///
/// At any moment an account belongs to at most one person.
#[utoipa::path(
    post, path = "/api/v1/links", tag = "links", params(InOrganization), request_body = NewLink,
    responses((status = 201, description = "Made", body = LinkBody)),
)]
async fn create(
    State(app): State<App>,
    inside: Inside,
    Body(new): Body<NewLink>,
) -> Result<Created<LinkBody>, ApiFailure> {
    let input = LinkInput { employee: new.employee_id, from: new.from, to: new.to };
    let made = app.people.create_link(&inside.actor, inside.id(), new.computer_user_id, input).await?;
    record(&app, &inside, "link.create", &made).await;
    Ok(Created { at: format!("/api/v1/links/{}", made.id), body: show(&app, &inside, made.id).await? })
}

/// Read a link
#[utoipa::path(
    get, path = "/api/v1/links/{id}", tag = "links", params(("id" = LinkId, Path), InOrganization),
    responses((status = 200, description = "Found", body = LinkBody)),
)]
async fn get(State(app): State<App>, inside: Inside, Id(id): Id<LinkId>) -> Result<Json<LinkBody>, ApiFailure> {
    show(&app, &inside, id).await.map(Json)
}

/// Correct a link
///
/// The past is corrected with it: events are joined to people when they are read.
#[utoipa::path(
    put, path = "/api/v1/links/{id}", tag = "links", params(("id" = LinkId, Path), InOrganization),
    request_body = LinkFields,
    responses((status = 200, description = "Changed", body = LinkBody)),
)]
async fn update(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<LinkId>,
    Body(fields): Body<LinkFields>,
) -> Result<Json<LinkBody>, ApiFailure> {
    let input = LinkInput { employee: fields.employee_id, from: fields.from, to: fields.to };
    let changed = app.people.change_link(&inside.actor, inside.id(), id, input).await?;
    record(&app, &inside, "link.update", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// End a link
#[utoipa::path(
    post, path = "/api/v1/links/{id}/end", tag = "links", params(("id" = LinkId, Path), InOrganization),
    request_body = LinkEnd,
    responses((status = 200, description = "It ends", body = LinkBody)),
)]
async fn end(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<LinkId>,
    Body(end): Body<LinkEnd>,
) -> Result<Json<LinkBody>, ApiFailure> {
    let changed = app.people.end_link(&inside.actor, inside.id(), id, end.at).await?;
    record(&app, &inside, "link.end", &changed.after).await;
    show(&app, &inside, id).await.map(Json)
}

/// Remove a link, as if it had never been
#[utoipa::path(
    delete, path = "/api/v1/links/{id}", tag = "links", params(("id" = LinkId, Path), InOrganization),
    responses((status = 204, description = "Gone")),
)]
async fn remove(State(app): State<App>, inside: Inside, Id(id): Id<LinkId>) -> Result<StatusCode, ApiFailure> {
    let gone = app.people.delete_link(&inside.actor, inside.id(), id).await?;
    record(&app, &inside, "link.remove", &gone).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn show(app: &App, inside: &Inside, id: LinkId) -> Result<LinkBody, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    let employee = view.link(id)?.employee;
    let links = view.links_of_employee(employee)?;
    let found = links.into_iter().find(|shown| shown.link.id == id);
    Ok(found.ok_or_else(Failure::not_found)?.into())
}

async fn record(app: &App, inside: &Inside, action: &'static str, link: &Link) {
    let entry = Entry::new(action).on("link", link.id).with("computer_user", link.computer_user.get());
    inside.record(app, entry.with("employee", link.employee.get())).await;
}
