//! `/api/v1/rules`: what counts as useful, neutral or distracting, for whom.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::kernel::Kind;
use crate::kernel::RuleId;
use crate::kernel::Timestamp;
use crate::policy::NewRule;
use crate::policy::Rating;
use crate::policy::Rule;
use crate::policy::Target;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Failure;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::policies::TargetBody;
use crate::web::api::shapes::List;
use crate::web::use_rules;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, set)).routes(routes!(remove))
}

/// A rule. Where several fit, the nearest to the person wins, then the organization's, then the starter catalogue.
#[derive(Serialize, ToSchema)]
#[schema(as = Rule)]
pub(super) struct RuleBody {
    id: RuleId,
    applies_to: TargetBody,
    kind: KindBody,
    name: String,
    rating: RatingBody,
    set_at: Timestamp,
}

/// A rule to be set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetRule {
    applies_to: TargetBody,
    kind: KindBody,
    /// An application, where a `*` at the end stands for anything; a domain, with everything below it; or a group.
    #[schema(min_length = 1, max_length = 200, example = "youtube.com")]
    name: String,
    rating: RatingBody,
}

/// What a rule is about.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = RuleKind)]
#[serde(rename_all = "snake_case")]
pub(super) enum KindBody {
    /// An application.
    Application,
    /// A site.
    Site,
    /// A group, by its name.
    Group,
}

/// What a use counts as.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = RuleRating)]
#[serde(rename_all = "snake_case")]
pub(super) enum RatingBody {
    /// For the work.
    Useful,
    /// Neither.
    Neutral,
    /// Not for the work.
    Distracting,
}

impl From<Rule> for RuleBody {
    fn from(rule: Rule) -> Self {
        Self {
            id: rule.id,
            applies_to: rule.applies_to.into(),
            kind: match rule.target {
                Target::Application(_) => KindBody::Application,
                Target::Site(_) => KindBody::Site,
                Target::Group(_) => KindBody::Group,
            },
            name: rule.target.name().to_owned(),
            rating: match rule.rating {
                Rating::Useful => RatingBody::Useful,
                Rating::Neutral => RatingBody::Neutral,
                Rating::Distracting => RatingBody::Distracting,
            },
            set_at: rule.set_at,
        }
    }
}

impl From<RatingBody> for Rating {
    fn from(body: RatingBody) -> Self {
        match body {
            RatingBody::Useful => Self::Useful,
            RatingBody::Neutral => Self::Neutral,
            RatingBody::Distracting => Self::Distracting,
        }
    }
}

impl SetRule {
    fn target(&self) -> Result<Target, Failure> {
        let kind = match self.kind {
            KindBody::Application => "application",
            KindBody::Site => "site",
            KindBody::Group => "group",
        };
        let refused = |problem: crate::policy::RuleError| {
            Failure::new(Kind::Invalid, "invalid_value", &problem.to_string()).about("name")
        };
        Target::parse(kind, &self.name).map_err(refused)
    }
}

/// List what counts as what
#[utoipa::path(
    get, path = "/api/v1/rules", tag = "rules", params(InOrganization),
    responses((status = 200, description = "In the order in which they were made", body = List<RuleBody>)),
)]
async fn list(State(app): State<App>, inside: Inside) -> Result<Json<List<RuleBody>>, ApiFailure> {
    Ok(List::whole(app.policy.rules(&inside.actor, inside.id()).await?))
}

/// Set what something counts as
///
/// A rule for the same people about the same thing is replaced. The past is rated by it as well.
#[utoipa::path(
    post, path = "/api/v1/rules", tag = "rules", params(InOrganization), request_body = SetRule,
    responses((status = 200, description = "Set", body = RuleBody)),
)]
async fn set(State(app): State<App>, inside: Inside, Body(new): Body<SetRule>) -> Result<Json<RuleBody>, ApiFailure> {
    let target = new.target()?;
    let new = NewRule { applies_to: new.applies_to.into(), target, rating: new.rating.into() };
    let rule = app.policy.set_rule(&inside.actor, inside.id(), new).await?;
    use_rules(&app, &inside.actor, inside.id()).await?;
    Ok(Json(rule.into()))
}

/// Remove a rule
#[utoipa::path(
    delete, path = "/api/v1/rules/{id}", tag = "rules", params(("id" = RuleId, Path), InOrganization),
    responses((status = 204, description = "Removed; what is above decides again")),
)]
async fn remove(State(app): State<App>, inside: Inside, Id(id): Id<RuleId>) -> Result<StatusCode, ApiFailure> {
    app.policy.remove_rule(&inside.actor, inside.id(), id).await?;
    use_rules(&app, &inside.actor, inside.id()).await?;
    Ok(StatusCode::NO_CONTENT)
}
