//! `/api/v1/policies`: what may be collected of whom.

mod preview;
mod rollout;
mod settings;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::rollout::StagesBody;
use self::settings::EffectiveBody;
pub(super) use self::settings::SettingsBody;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::PolicyId;
use crate::kernel::Timestamp;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::Change;
use crate::policy::collection::CollectionPolicy;
use crate::policy::collection::Stages;
use crate::policy::collection::Version;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::Pair;
use crate::web::api::extract::Query;
use crate::web::api::shapes::Created;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get))
        .routes(routes!(save_draft, discard_draft))
        .routes(routes!(release))
        .routes(routes!(versions))
        .routes(routes!(bring_back))
        .routes(routes!(compare))
        .routes(routes!(explain))
        .routes(routes!(preview::preview))
        .merge(rollout::routes())
}

/// Of whom a policy is: of everybody, of a department with everything below it, or of a person.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = PolicyTarget)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::web::api) enum TargetBody {
    /// Everybody, where nobody nearer decides.
    Organization {},
    /// A department with everything below it.
    Department {
        /// Which.
        id: DepartmentId,
    },
    /// A person.
    Employee {
        /// Who.
        id: EmployeeId,
    },
}

impl From<AppliesTo> for TargetBody {
    fn from(applies_to: AppliesTo) -> Self {
        match applies_to {
            AppliesTo::Organization => Self::Organization {},
            AppliesTo::Department(id) => Self::Department { id },
            AppliesTo::Employee(id) => Self::Employee { id },
        }
    }
}

impl From<TargetBody> for AppliesTo {
    fn from(body: TargetBody) -> Self {
        match body {
            TargetBody::Organization {} => Self::Organization,
            TargetBody::Department { id } => Self::Department(id),
            TargetBody::Employee { id } => Self::Employee(id),
        }
    }
}

/// A policy.
#[derive(Serialize, ToSchema)]
#[schema(as = Policy)]
pub(super) struct PolicyBody {
    id: PolicyId,
    applies_to: TargetBody,
    /// The version in force; 0 while none was released.
    version: u32,
    /// Since when it is in force.
    since: Option<Timestamp>,
    /// What is being worked on.
    draft: Option<DraftBody>,
    /// How the version gets to everybody, when it was released in stages.
    rollout: Option<StagesBody>,
}

/// Settings that do not hold yet.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyDraft)]
pub(super) struct DraftBody {
    settings: SettingsBody,
    changed_at: Timestamp,
    /// Login of whoever changed them.
    changed_by: String,
}

impl From<CollectionPolicy> for PolicyBody {
    fn from(policy: CollectionPolicy) -> Self {
        let draft = policy.draft.map(|draft| DraftBody {
            settings: draft.settings.into(),
            changed_at: draft.changed_at,
            changed_by: draft.changed_by,
        });
        let CollectionPolicy { id, applies_to, version, since, rollout, .. } = policy;
        Self { id, applies_to: applies_to.into(), version, since, draft, rollout: rollout.map(StagesBody::from) }
    }
}

/// A version, which never changes.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyVersion)]
pub(super) struct VersionBody {
    number: u32,
    settings: SettingsBody,
    /// SHA-256 of the settings in their one form.
    checksum: String,
    /// Login of whoever released it.
    author: String,
    reason: String,
    released_at: Timestamp,
    /// The version whose settings were brought back.
    brought_back: Option<u32>,
    /// What is different from the version before.
    changes: Vec<Change>,
    /// Whether agents start again to follow it.
    requires_restart: bool,
}

impl From<Version> for VersionBody {
    fn from(version: Version) -> Self {
        Self {
            number: version.number,
            settings: version.settings.into(),
            checksum: version.checksum,
            author: version.author,
            reason: version.reason,
            released_at: version.released_at,
            brought_back: version.brought_back,
            changes: version.changes,
            requires_restart: version.requires_restart,
        }
    }
}

/// A policy to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPolicy {
    applies_to: TargetBody,
}

/// A draft to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDraft {
    settings: SettingsBody,
    /// The version in force that you have seen; another one is answered with 409.
    version: u32,
}

/// Why a version is released.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewVersion {
    /// In 3 to 500 characters.
    #[schema(example = "as agreed with the works council")]
    reason: String,
    /// The version in force that you have seen; another one is answered with 409.
    version: u32,
    /// The share of computers that get it first, 1 to 99 percent; everybody at once, if it is left out.
    #[schema(example = 10)]
    first_percent: Option<u8>,
    /// How long it is watched when they have it, before everybody gets it.
    #[serde(default = "watch_minutes")]
    #[schema(example = 20)]
    watch_minutes: u32,
}

const fn watch_minutes() -> u32 {
    20
}

/// Why an old version is brought back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// In 3 to 500 characters.
    #[schema(example = "the addresses are needed after all")]
    reason: String,
}

/// Which two are compared.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Between {
    /// A version; 0 is before the first.
    #[serde(default)]
    from: u32,
    /// Another version; the draft, if it is left out.
    to: Option<u32>,
}

/// List policies
#[utoipa::path(
    get, path = "/api/v1/policies", tag = "policies", params(InOrganization),
    responses((status = 200, description = "In the order in which they were made", body = List<PolicyBody>)),
)]
async fn list(State(app): State<App>, inside: Inside) -> Result<Json<List<PolicyBody>>, ApiFailure> {
    Ok(List::whole(app.policies.list(&inside.actor, inside.id()).await?))
}

/// Make a policy
///
/// It begins with an empty draft: nothing holds before a version is released.
#[utoipa::path(
    post, path = "/api/v1/policies", tag = "policies", params(InOrganization), request_body = NewPolicy,
    responses((status = 201, description = "Made", body = PolicyBody)),
)]
async fn create(
    State(app): State<App>,
    inside: Inside,
    Body(new): Body<NewPolicy>,
) -> Result<Created<PolicyBody>, ApiFailure> {
    let policy = app.policies.create(&inside.actor, inside.id(), new.applies_to.into()).await?;
    Ok(Created { at: format!("/api/v1/policies/{}", policy.id), body: policy.into() })
}

/// Read a policy
#[utoipa::path(
    get, path = "/api/v1/policies/{id}", tag = "policies", params(("id" = PolicyId, Path), InOrganization),
    responses((status = 200, description = "The policy", body = PolicyBody)),
)]
async fn get(State(app): State<App>, inside: Inside, Id(id): Id<PolicyId>) -> Result<Json<PolicyBody>, ApiFailure> {
    Ok(Json(app.policies.find(&inside.actor, inside.id(), id).await?.into()))
}

/// Keep a draft
#[utoipa::path(
    put, path = "/api/v1/policies/{id}/draft", tag = "policies", params(("id" = PolicyId, Path), InOrganization),
    request_body = NewDraft,
    responses((status = 200, description = "Kept; it does not hold yet", body = PolicyBody)),
)]
async fn save_draft(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<PolicyId>,
    Body(new): Body<NewDraft>,
) -> Result<Json<PolicyBody>, ApiFailure> {
    let draft = (new.settings.into(), new.version);
    Ok(Json(app.policies.save_draft(&inside.actor, inside.id(), id, draft).await?.into()))
}

/// Forget a draft
#[utoipa::path(
    delete, path = "/api/v1/policies/{id}/draft", tag = "policies", params(("id" = PolicyId, Path), InOrganization),
    responses((status = 200, description = "Forgotten", body = PolicyBody)),
)]
async fn discard_draft(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<PolicyId>,
) -> Result<Json<PolicyBody>, ApiFailure> {
    Ok(Json(app.policies.discard_draft(&inside.actor, inside.id(), id).await?.into()))
}

/// Release the draft as the next version
///
/// It holds at once for everything that comes in, or for a few computers first.
#[utoipa::path(
    post, path = "/api/v1/policies/{id}/release", tag = "policies", params(("id" = PolicyId, Path), InOrganization),
    request_body = NewVersion,
    responses((status = 200, description = "In force", body = PolicyBody)),
)]
async fn release(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<PolicyId>,
    Body(new): Body<NewVersion>,
) -> Result<Json<PolicyBody>, ApiFailure> {
    let why = (new.version, new.reason.as_str());
    let stages = new.first_percent.map(|percent| Stages { percent, watch_minutes: new.watch_minutes });
    Ok(Json(app.distribution.release(&inside.actor, inside.id(), id, (why, stages)).await?.into()))
}

/// List the versions of a policy
#[utoipa::path(
    get, path = "/api/v1/policies/{id}/versions", tag = "policies", params(("id" = PolicyId, Path), InOrganization),
    responses((status = 200, description = "The newest first", body = List<VersionBody>)),
)]
async fn versions(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<PolicyId>,
) -> Result<Json<List<VersionBody>>, ApiFailure> {
    Ok(List::whole(app.policies.versions(&inside.actor, inside.id(), id).await?))
}

/// Bring an old version back, as a new one
#[utoipa::path(
    post, path = "/api/v1/policies/{id}/versions/{number}/bring-back", tag = "policies",
    params(("id" = PolicyId, Path), ("number" = u32, Path), InOrganization), request_body = Reason,
    responses((status = 200, description = "In force", body = PolicyBody)),
)]
async fn bring_back(
    State(app): State<App>,
    inside: Inside,
    Pair(id, number): Pair<PolicyId, u32>,
    Body(new): Body<Reason>,
) -> Result<Json<PolicyBody>, ApiFailure> {
    let why = (number, new.reason.as_str());
    Ok(Json(app.policies.bring_back(&inside.actor, inside.id(), id, why).await?.into()))
}

/// Compare two versions, or a version and the draft
#[utoipa::path(
    get, path = "/api/v1/policies/{id}/compare", tag = "policies",
    params(("id" = PolicyId, Path), Between, InOrganization),
    responses((status = 200, description = "Field by field", body = List<Change>)),
)]
async fn compare(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<PolicyId>,
    Query(between): Query<Between>,
) -> Result<Json<List<Change>>, ApiFailure> {
    let which = (between.from, between.to);
    Ok(List::whole(app.policies.compare(&inside.actor, inside.id(), id, which).await?))
}

/// What is collected of a person, and who decided it
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/policy", tag = "policies", params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 200, description = "Every field with its origin", body = EffectiveBody)),
)]
async fn explain(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
) -> Result<Json<EffectiveBody>, ApiFailure> {
    Ok(Json(app.policies.explain(&inside.actor, inside.id(), id).await?.into()))
}
