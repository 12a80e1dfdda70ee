//! Releases in stages: who is first, how far everybody is, and what happens next by itself.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use sha2::Digest as _;
use sha2::Sha256;

use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::kernel::PolicyId;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::CollectionPolicy;
use crate::policy::collection::EarlyState;
use crate::policy::collection::PoliciesError;
use crate::policy::collection::Released;
use crate::policy::collection::Staged;
use crate::policy::collection::Stages;
use crate::policy::collection::Version;
use crate::policy::distribution::AgentStanding;
use crate::policy::distribution::AgentState;
use crate::policy::distribution::ComputerStanding;
use crate::policy::distribution::Distribution;
use crate::policy::distribution::DistributionError;
use crate::policy::distribution::Standing;
use crate::policy::distribution::sheets::Making;
use crate::runtime::blocking;

/// How many versions back it is looked which one a computer has.
const LOOK_BACK: usize = 6;

impl Distribution {
    /// Makes the draft the next version: for everybody, or for a few computers first. Where no computer has an agent
    /// there is nobody to be first.
    pub async fn release(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
        ((version, reason), stages): ((u32, &str), Option<Stages>),
    ) -> Result<CollectionPolicy, DistributionError> {
        let policies = &self.0.policies;
        let Some(stages) = stages else {
            return Ok(policies.release(actor, organization, id, (version, reason)).await?);
        };
        if !stages.is_possible() {
            return Err(PoliciesError::Stages.into());
        }
        let policy = policies.find(actor, organization, id).await?;
        let early = self.first(organization, &policy, stages).await?;
        if early.is_empty() {
            return Ok(policies.release(actor, organization, id, (version, reason)).await?);
        }
        let staged = Staged { version, reason, stages, early };
        Ok(policies.release_in_stages(actor, organization, id, staged).await?)
    }

    /// Chooses computers, those first that can be reached. Another version begins with other ones.
    async fn first(
        &self,
        organization: OrganizationId,
        policy: &CollectionPolicy,
        stages: Stages,
    ) -> Result<BTreeSet<String>, DistributionError> {
        let directory =
            self.0.people.directory(Actor::system().tenant(organization).map_err(PoliciesError::from)?).await?;
        let seen = self.0.presence.list(&Actor::system(), organization)?;
        let (applies_to, next, now) = (policy.applies_to, policy.version + 1, self.0.clock.now());
        let chosen = blocking(move || {
            let nothing = Released::default();
            let making = Making::new(organization, (&nothing, &directory), now);
            let agents = seen.iter().flat_map(|seen| seen.agents.values().map(|agent| (seen.liveness, agent)));
            let mut all: Vec<_> = agents
                .filter(|(_, agent)| making.is_about(applies_to, &agent.told.computer_uid))
                .map(|(gateway, agent)| {
                    let reached =
                        gateway == agent.liveness && agent.liveness == crate::fleet::presence::Liveness::Online;
                    let can = reached && agent.told.policy.is_some();
                    let turn = Sha256::digest(format!("{next} {}", agent.told.computer_uid));
                    (Reverse(can), turn, agent.told.computer_uid.clone())
                })
                .collect();
            all.sort();
            let many = stages.first_of(all.len());
            all.into_iter().take(many).map(|(_, _, uid)| uid).collect()
        });
        Ok(chosen.await)
    }

    /// A policy and how far the computers are that it is about.
    pub async fn standing(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
    ) -> Result<Standing, DistributionError> {
        let policy = self.0.policies.find(actor, organization, id).await?;
        let versions = self.0.policies.versions(actor, organization, id).await?;
        let agents = self.standings(actor, organization).await?;
        let tenant = Actor::system().tenant(organization).map_err(PoliciesError::from)?;
        let directory = self.0.people.directory(tenant).await?;
        let Some(released) = self.0.policies.in_force(organization) else {
            return Ok(Standing { policy, computers: Vec::new() });
        };
        let now = self.0.clock.now();
        let standing = blocking(move || {
            let making = Making::new(organization, (&released, &directory), now);
            let about = agents.into_iter().filter(|agent| making.is_about(policy.applies_to, &agent.computer_uid));
            let older = Older { policy: &policy, versions: &versions, released: &released };
            let computers = about
                .map(|agent| {
                    let wanted = wanted(&policy, &agent.computer_uid);
                    let has = match agent.state {
                        AgentState::InForce => Some(wanted),
                        _ => older.version_of(&agent, |released| {
                            Making::new(organization, (released, &directory), now)
                                .of_computer(&agent.computer_uid)
                                .checksum()
                        }),
                    };
                    ComputerStanding { people: making.people_on(&agent.computer_uid), agent, wanted, has }
                })
                .collect();
            Standing { policy, computers }
        });
        Ok(standing.await)
    }

    /// Takes the steps that happen by themselves, in one organization or in all.
    pub async fn advance(&self, only: Option<OrganizationId>) {
        let all = self.0.tenancy.list_all().into_iter().map(|organization| organization.id);
        for organization in all.filter(|id| only.is_none_or(|only| only == *id)) {
            if !self.0.policies.in_force(organization).is_some_and(|released| released.is_rolling_out()) {
                continue;
            }
            if let Err(problem) = self.advance_all_of(organization).await {
                tracing::error!(organization.id = %organization, "a roll-out cannot go on: {problem}");
            }
        }
    }

    async fn advance_all_of(&self, organization: OrganizationId) -> Result<(), DistributionError> {
        let system = Actor::system();
        let agents = self.standings(&system, organization).await?;
        for policy in self.0.policies.list(&system, organization).await? {
            let Some(rollout) = policy.rolling_out() else { continue };
            let early = agents.iter().filter(|agent| rollout.early.contains(&agent.computer_uid));
            let early = early.fold(EarlyState::default(), |state, agent| count(state, agent));
            if let Some(step) = rollout.next(early, self.0.clock.now()) {
                self.0.policies.advance(organization, (policy.id, policy.version), step).await?;
            }
        }
        Ok(())
    }
}

fn count<'a>(state: EarlyState<'a>, agent: &'a AgentStanding) -> EarlyState<'a> {
    match &agent.state {
        AgentState::InForce => EarlyState { in_force: state.in_force + 1, ..state },
        AgentState::Behind | AgentState::Waiting => EarlyState { on_their_way: state.on_their_way + 1, ..state },
        AgentState::Failed(error) => EarlyState { failed: Some(error), ..state },
        AgentState::Away | AgentState::Silent => state,
    }
}

/// The version of a policy that a computer should hold to.
fn wanted(policy: &CollectionPolicy, uid: &str) -> u32 {
    match policy.rolling_out() {
        Some(rollout) if !rollout.early.contains(uid) => rollout.before,
        _ => policy.version,
    }
}

/// Finds out which version an agent has that does not have the one it should: nobody keeps that, but a sheet can be made
/// again.
struct Older<'a> {
    policy: &'a CollectionPolicy,
    versions: &'a [Version],
    released: &'a Released,
}

impl Older<'_> {
    fn version_of(&self, agent: &AgentStanding, checksum: impl Fn(&Released) -> String) -> Option<u32> {
        let have = agent.have.as_deref()?;
        let applies_to: AppliesTo = self.policy.applies_to;
        let before =
            self.versions.iter().take(LOOK_BACK).map(|version| (version.number, Some(version.settings.clone())));
        let mut all = before.chain([(0, None)]);
        all.find(|(_, settings)| checksum(&self.released.with(applies_to, settings.clone())) == have)
            .map(|(number, _)| number)
    }
}
