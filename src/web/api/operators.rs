//! `/api/v1/operators`: people who sign in.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::identity::Assignment;
use crate::identity::DisplayName;
use crate::identity::IdentityError;
use crate::identity::LoginName;
use crate::identity::NewOperator;
use crate::identity::Operator;
use crate::identity::OperatorChange;
use crate::kernel::Actor;
use crate::kernel::DepartmentId;
use crate::kernel::Language;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Role;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Asker;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
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
        .routes(routes!(set_password))
}

/// A person who signs in.
#[derive(Serialize, ToSchema)]
#[schema(as = Operator)]
pub(super) struct OperatorBody {
    id: OperatorId,
    login: String,
    display_name: String,
    role: Role,
    /// Null for ADMIN.
    organization_id: Option<OrganizationId>,
    /// Only for DEPARTMENT_LEAD.
    department_id: Option<DepartmentId>,
    language: Language,
    state: InUse,
    created_at: Timestamp,
    last_login_at: Option<Timestamp>,
}

impl From<&Operator> for OperatorBody {
    fn from(operator: &Operator) -> Self {
        Self {
            id: operator.id,
            login: operator.login.to_string(),
            display_name: operator.display_name.to_string(),
            role: operator.assignment.role(),
            organization_id: operator.assignment.organization(),
            department_id: operator.assignment.department(),
            language: operator.language,
            state: InUse::of(operator.active),
            created_at: operator.created_at,
            last_login_at: operator.last_login_at,
        }
    }
}

/// An operator to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOperator)]
pub(super) struct NewOperatorFields {
    /// 2 to 64 of the letters a-z, digits, dot, dash, underscore or @.
    #[schema(example = "malika")]
    login: String,
    /// The first password, at least 12 letters.
    #[schema(value_type = String, format = Password)]
    password: SecretWord,
    #[schema(example = "Malika Yusupova")]
    display_name: String,
    role: Role,
    /// Needed for all but ADMIN.
    organization_id: Option<OrganizationId>,
    /// Needed for DEPARTMENT_LEAD.
    department_id: Option<DepartmentId>,
    language: Language,
}

/// A secret in a body, which never is printed.
#[derive(Deserialize)]
#[serde(transparent)]
struct SecretWord(String);

/// What can be set of an operator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OperatorFields {
    #[schema(example = "Malika Yusupova")]
    display_name: String,
    role: Role,
    /// Needed for all but ADMIN.
    organization_id: Option<OrganizationId>,
    /// Needed for DEPARTMENT_LEAD.
    department_id: Option<DepartmentId>,
    language: Language,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordFields {
    /// At least 12 letters.
    #[schema(value_type = String, format = Password)]
    password: SecretWord,
}

/// Which operators.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OperatorQuery {
    /// Only of this organization.
    organization_id: Option<OrganizationId>,
}

impl OperatorFields {
    /// The department must be there, which identity cannot know.
    async fn parse(&self, app: &App, actor: &Actor) -> Result<OperatorChange, ApiFailure> {
        actor.require(Permission::EditOperators)?;
        let display_name = DisplayName::parse(&self.display_name).map_err(IdentityError::from)?;
        let assignment = Assignment::new(self.role, self.organization_id, self.department_id);
        let assignment = assignment.map_err(IdentityError::from)?;
        if let (Some(organization), Some(department)) = (self.organization_id, self.department_id) {
            app.tenancy.get(actor, organization)?;
            app.people.view(actor, organization).await?.department(department)?;
        }
        Ok(OperatorChange { display_name, assignment, language: self.language })
    }
}

/// List operators
#[utoipa::path(
    get, path = "/api/v1/operators", tag = "operators", params(OperatorQuery, PageParams),
    responses((status = 200, description = "By login", body = List<OperatorBody>)),
)]
async fn list(
    State(app): State<App>,
    Asker(actor): Asker,
    Query(query): Query<OperatorQuery>,
    Paging(page): Paging,
) -> Result<Json<List<OperatorBody>>, ApiFailure> {
    let page = app.identity.operators.list(&actor, query.organization_id, &page)?;
    Ok(List::of(page.map(|operator| OperatorBody::from(&*operator))))
}

/// Make an operator
#[utoipa::path(
    post, path = "/api/v1/operators", tag = "operators", request_body = NewOperatorFields,
    responses((status = 201, description = "Made", body = OperatorBody)),
)]
async fn create(
    State(app): State<App>,
    Asker(actor): Asker,
    Body(new): Body<NewOperatorFields>,
) -> Result<Created<OperatorBody>, ApiFailure> {
    let (login, password) = (new.login, SecretText::new(new.password.0));
    let fields = OperatorFields {
        display_name: new.display_name,
        role: new.role,
        organization_id: new.organization_id,
        department_id: new.department_id,
        language: new.language,
    };
    let OperatorChange { display_name, assignment, language } = fields.parse(&app, &actor).await?;
    let login = LoginName::parse(&login).map_err(IdentityError::from)?;
    let new = NewOperator { login, display_name, assignment, language, password };
    let made = app.identity.operators.create(&actor, new).await?;
    Ok(Created { at: format!("/api/v1/operators/{}", made.id), body: OperatorBody::from(&*made) })
}

/// Read an operator
#[utoipa::path(
    get, path = "/api/v1/operators/{id}", tag = "operators", params(("id" = OperatorId, Path)),
    responses((status = 200, description = "Found", body = OperatorBody)),
)]
async fn get(
    State(app): State<App>,
    Asker(actor): Asker,
    Id(id): Id<OperatorId>,
) -> Result<Json<OperatorBody>, ApiFailure> {
    Ok(Json(OperatorBody::from(&*app.identity.operators.get(&actor, id)?)))
}

/// Change an operator
#[utoipa::path(
    put, path = "/api/v1/operators/{id}", tag = "operators", params(("id" = OperatorId, Path)),
    request_body = OperatorFields,
    responses((status = 200, description = "Changed", body = OperatorBody)),
)]
async fn update(
    State(app): State<App>,
    Asker(actor): Asker,
    Id(id): Id<OperatorId>,
    Body(fields): Body<OperatorFields>,
) -> Result<Json<OperatorBody>, ApiFailure> {
    let change = fields.parse(&app, &actor).await?;
    Ok(Json(OperatorBody::from(&*app.identity.operators.update(&actor, id, change).await?)))
}

/// Remove an operator
#[utoipa::path(
    delete, path = "/api/v1/operators/{id}", tag = "operators", params(("id" = OperatorId, Path)),
    responses((status = 204, description = "Gone")),
)]
async fn remove(State(app): State<App>, Asker(actor): Asker, Id(id): Id<OperatorId>) -> Result<StatusCode, ApiFailure> {
    app.identity.operators.remove(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let an operator sign in again
#[utoipa::path(
    post, path = "/api/v1/operators/{id}/activate", tag = "operators", params(("id" = OperatorId, Path)),
    responses((status = 200, description = "May sign in", body = OperatorBody)),
)]
async fn activate(
    State(app): State<App>,
    Asker(actor): Asker,
    Id(id): Id<OperatorId>,
) -> Result<Json<OperatorBody>, ApiFailure> {
    Ok(Json(OperatorBody::from(&*app.identity.operators.activate(&actor, id).await?)))
}

/// Let an operator sign in no more; ends all sessions
#[utoipa::path(
    post, path = "/api/v1/operators/{id}/deactivate", tag = "operators", params(("id" = OperatorId, Path)),
    responses((status = 200, description = "May not sign in", body = OperatorBody)),
)]
async fn deactivate(
    State(app): State<App>,
    Asker(actor): Asker,
    Id(id): Id<OperatorId>,
) -> Result<Json<OperatorBody>, ApiFailure> {
    Ok(Json(OperatorBody::from(&*app.identity.operators.deactivate(&actor, id).await?)))
}

/// Set another operator's password; ends their sessions
#[utoipa::path(
    put, path = "/api/v1/operators/{id}/password", tag = "operators", params(("id" = OperatorId, Path)),
    request_body = PasswordFields,
    responses((status = 204, description = "Set")),
)]
async fn set_password(
    State(app): State<App>,
    Asker(actor): Asker,
    Id(id): Id<OperatorId>,
    Body(fields): Body<PasswordFields>,
) -> Result<StatusCode, ApiFailure> {
    app.identity.operators.reset_password(&actor, id, SecretText::new(fields.password.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}
