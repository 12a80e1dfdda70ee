//! The verbs of versions that get to a few computers first.

use std::collections::BTreeSet;

use crate::audit::Entry;
use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::kernel::PolicyId;
use crate::policy::collection::Advance;
use crate::policy::collection::CollectionPolicy;
use crate::policy::collection::Policies;
use crate::policy::collection::PoliciesError;
use crate::policy::collection::Rollout;
use crate::policy::collection::Stages;
use crate::policy::collection::service::add_version;

/// A version that is to get to some computers first.
#[derive(Debug, Clone)]
pub struct Staged<'a> {
    /// The version in force that its author has seen.
    pub version: u32,
    /// Why.
    pub reason: &'a str,
    /// How.
    pub stages: Stages,
    /// The computers that get it first.
    pub early: BTreeSet<String>,
}

impl Policies {
    /// Makes the draft the next version, for the computers of `early` first. Everybody else follows by [`Self::advance`].
    pub async fn release_in_stages(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
        Staged { version, reason, stages, early }: Staged<'_>,
    ) -> Result<CollectionPolicy, PoliciesError> {
        if !stages.is_possible() {
            return Err(PoliciesError::Stages);
        }
        let next = self.next_of(actor, reason)?;
        let first = early.len();
        let changed = self.change(actor, organization, id, move |tx, record| {
            if record.version != version {
                return Err(PoliciesError::Stale(record.version));
            }
            if record.rollout.as_ref().is_some_and(|rollout| !rollout.is_over()) {
                return Err(PoliciesError::RollingOut(record.version));
            }
            let draft = record.draft.take().ok_or(PoliciesError::NoDraft)?;
            record.rollout = Some(Rollout {
                before: record.version,
                percent: stages.percent,
                early,
                watch_minutes: stages.watch_minutes,
                started_at: next.at,
                first_done_at: None,
                everyone_at: None,
                paused_by: None,
                halted: None,
            });
            add_version(tx, (id, record), draft.settings, next)
        });
        let policy = changed.await?;
        let entry = Entry::new("policy.release").with("percent", u32::from(stages.percent)).with("first", first);
        self.put_in_force(actor, organization, &policy, entry).await?;
        Ok(policy)
    }

    /// Stops a roll-out until somebody goes on with it.
    pub async fn pause(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
    ) -> Result<CollectionPolicy, PoliciesError> {
        let by = actor.name().to_owned();
        let changed = self.turn(actor, organization, id, move |rollout| {
            let stands = rollout.paused_by.is_none() && rollout.halted.is_none();
            rollout.paused_by = Some(by);
            stands
        });
        let policy = changed.await?;
        self.note_turn(actor, organization, &policy, "policy.pause").await;
        Ok(policy)
    }

    /// Goes on with a roll-out that was stopped or has stopped; what failed before is tried again.
    pub async fn resume(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
    ) -> Result<CollectionPolicy, PoliciesError> {
        let changed = self.turn(actor, organization, id, |rollout| {
            let stopped = rollout.paused_by.take().is_some();
            rollout.halted.take().is_some() || stopped
        });
        let policy = changed.await?;
        self.note_turn(actor, organization, &policy, "policy.resume").await;
        Ok(policy)
    }

    /// Gives everybody the version that is on its way, without waiting any longer.
    pub async fn give_to_everyone(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
    ) -> Result<CollectionPolicy, PoliciesError> {
        let now = self.clock.now();
        let changed = self.turn(actor, organization, id, move |rollout| {
            (rollout.paused_by, rollout.halted) = (None, None);
            rollout.everyone_at = Some(now);
            true
        });
        let policy = changed.await?;
        self.put_in_force(actor, organization, &policy, Entry::new("policy.everyone")).await?;
        Ok(policy)
    }

    /// What happens by itself with version `number`.
    pub async fn advance(
        &self,
        organization: OrganizationId,
        (id, number): (PolicyId, u32),
        step: Advance,
    ) -> Result<CollectionPolicy, PoliciesError> {
        let (actor, now) = (Actor::system(), self.clock.now());
        let action = match &step {
            Advance::FirstDone => None,
            Advance::Everyone => Some("policy.everyone"),
            Advance::Halt(_) => Some("policy.halt"),
        };
        let changed = self.change(&actor, organization, id, move |_, record| {
            let version = record.version;
            let rollout = record.rollout.as_mut().filter(|rollout| version == number && !rollout.is_over());
            let rollout = rollout.ok_or(PoliciesError::NoRollout)?;
            match step {
                Advance::FirstDone => rollout.first_done_at = Some(now),
                Advance::Everyone => rollout.everyone_at = Some(now),
                Advance::Halt(why) => rollout.halted = Some(why),
            }
            Ok(())
        });
        let policy = changed.await?;
        if let Some(action) = action {
            self.put_in_force(&actor, organization, &policy, Entry::new(action)).await?;
        }
        Ok(policy)
    }

    async fn turn(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
        work: impl FnOnce(&mut Rollout) -> bool + Send + 'static,
    ) -> Result<CollectionPolicy, PoliciesError> {
        let changed = self.change(actor, organization, id, move |_, record| {
            let rollout = record.rollout.as_mut().filter(|rollout| !rollout.is_over());
            match work(rollout.ok_or(PoliciesError::NoRollout)?) {
                true => Ok(()),
                false => Err(PoliciesError::NoRollout),
            }
        });
        changed.await
    }

    async fn note_turn(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        policy: &CollectionPolicy,
        action: &'static str,
    ) {
        let entry = Entry::new(action).with("version", policy.version.to_string());
        self.note(actor, organization, policy.id, entry).await;
    }
}
