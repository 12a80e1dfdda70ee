//! How a version gets to the computers.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::PolicyBody;
use crate::kernel::EmployeeId;
use crate::kernel::GatewayId;
use crate::kernel::PolicyId;
use crate::kernel::Timestamp;
use crate::policy::collection::Rollout;
use crate::policy::distribution::AgentState;
use crate::policy::distribution::ComputerStanding;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(rollout))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(everyone))
}

/// A version that gets to some computers first.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyStages)]
pub(super) struct StagesBody {
    /// The version that holds for everybody else until then; 0 is none.
    before: u32,
    /// The share of computers that was asked for.
    first_percent: u8,
    /// How many computers are the first.
    first: usize,
    /// How long it is watched when they have it.
    watch_minutes: u32,
    started_at: Timestamp,
    /// When all of the first had it that could be reached.
    first_done_at: Option<Timestamp>,
    /// When everybody gets it, if nothing happens until then.
    everyone_from: Option<Timestamp>,
    /// When everybody got it.
    everyone_at: Option<Timestamp>,
    /// Login of whoever has stopped it.
    paused_by: Option<String>,
    /// Why it has stopped by itself.
    halted: Option<String>,
}

impl From<Rollout> for StagesBody {
    fn from(rollout: Rollout) -> Self {
        Self {
            everyone_from: rollout.everyone_from(),
            first: rollout.early.len(),
            before: rollout.before,
            first_percent: rollout.percent,
            watch_minutes: rollout.watch_minutes,
            started_at: rollout.started_at,
            first_done_at: rollout.first_done_at,
            everyone_at: rollout.everyone_at,
            paused_by: rollout.paused_by,
            halted: rollout.halted,
        }
    }
}

/// How far the computers are.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyRollout)]
struct RolloutBody {
    policy: PolicyBody,
    /// Those with an agent behind a gateway; what others send is judged when it comes in.
    computers: Vec<ComputerBody>,
}

/// How far a computer is.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyComputer)]
struct ComputerBody {
    gateway_id: GatewayId,
    /// Number of its agent at the gateway.
    agent_id: u32,
    computer_uid: String,
    name: String,
    /// Whose accounts it has.
    employees: Vec<EmployeeId>,
    /// The version that it should hold to; 0 is none yet.
    wanted: u32,
    /// The version that it holds to, as far as is known.
    has: Option<u32>,
    /// `in_force`, `waiting` (for its restart), `behind`, `failed`, `away` or `silent` (its program follows no policies).
    state: &'static str,
    /// Since when.
    since: Timestamp,
    /// Why it failed, in the agent's words.
    error: Option<String>,
}

impl From<ComputerStanding> for ComputerBody {
    fn from(computer: ComputerStanding) -> Self {
        let ComputerStanding { agent, people, wanted, has } = computer;
        Self {
            gateway_id: agent.peer.gateway,
            agent_id: agent.agent,
            computer_uid: agent.computer_uid,
            name: agent.name,
            employees: people,
            wanted,
            has,
            state: agent.state.name(),
            since: agent.since,
            error: match agent.state {
                AgentState::Failed(error) => Some(error),
                _ => None,
            },
        }
    }
}

/// How far the computers are with a policy
#[utoipa::path(
    get, path = "/api/v1/policies/{id}/rollout", tag = "policies", params(("id" = PolicyId, Path), InOrganization),
    responses((status = 200, description = "The stages and every computer that the policy is about", body = RolloutBody)),
)]
async fn rollout(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<PolicyId>,
) -> Result<Json<RolloutBody>, ApiFailure> {
    let standing = app.distribution.standing(&inside.actor, inside.id(), id).await?;
    let computers = standing.computers.into_iter().map(ComputerBody::from).collect();
    Ok(Json(RolloutBody { policy: standing.policy.into(), computers }))
}

/// Stop a roll-out for a while
///
/// Whoever has the new version keeps it; nobody else gets it.
#[utoipa::path(
    post, path = "/api/v1/policies/{id}/rollout/pause", tag = "policies", params(("id" = PolicyId, Path), InOrganization),
    responses((status = 200, description = "Stopped", body = PolicyBody)),
)]
async fn pause(State(app): State<App>, inside: Inside, Id(id): Id<PolicyId>) -> Result<Json<PolicyBody>, ApiFailure> {
    Ok(Json(app.policies.pause(&inside.actor, inside.id(), id).await?.into()))
}

/// Go on with a roll-out that was stopped or has stopped
#[utoipa::path(
    post, path = "/api/v1/policies/{id}/rollout/resume", tag = "policies", params(("id" = PolicyId, Path), InOrganization),
    responses((status = 200, description = "It goes on", body = PolicyBody)),
)]
async fn resume(State(app): State<App>, inside: Inside, Id(id): Id<PolicyId>) -> Result<Json<PolicyBody>, ApiFailure> {
    Ok(Json(app.policies.resume(&inside.actor, inside.id(), id).await?.into()))
}

/// Give everybody the version that is on its way
///
/// Without waiting any longer.
#[utoipa::path(
    post, path = "/api/v1/policies/{id}/rollout/everyone", tag = "policies",
    params(("id" = PolicyId, Path), InOrganization),
    responses((status = 200, description = "In force for everybody", body = PolicyBody)),
)]
async fn everyone(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<PolicyId>,
) -> Result<Json<PolicyBody>, ApiFailure> {
    Ok(Json(app.policies.give_to_everyone(&inside.actor, inside.id(), id).await?.into()))
}
