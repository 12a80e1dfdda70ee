//! The verbs: list, set, remove.

use crate::audit::Audit;
use crate::audit::Entry;
use crate::kernel::Actor;
use crate::kernel::Classify;
use crate::kernel::Clock;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::RuleId;
use crate::people::People;
use crate::people::PeopleError;
use crate::policy::NewRule;
use crate::policy::Rule;
use crate::policy::Target;
use crate::policy::collection::AppliesTo;
use crate::policy::groups;
use crate::policy::records::RULES;
use crate::policy::records::RuleRecord;
use crate::store::Read;
use crate::store::Store;
use crate::store::StoreError;

/// The most rules that an organization can have.
const MOST: usize = 2_000;

/// A verb of policies failed.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such rule.
    #[error("rule {0} does not exist")]
    Unknown(RuleId),
    /// The department or the person cannot be seen.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// There is no room for another rule.
    #[error("an organization has at most 2000 rules; remove some first")]
    TooMany,
    /// There is no such group.
    #[error("group {0:?} does not exist")]
    UnknownGroup(String),
    /// Another group is called so.
    #[error("another group is called {0:?}")]
    GroupNameTaken(String),
    /// Rules name it.
    #[error("{0} rules name this group; remove them first")]
    GroupInUse(usize),
    /// There is no room for another group.
    #[error("an organization has at most 200 groups; remove some first")]
    TooManyGroups,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for PolicyError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::Unknown(_) | Self::UnknownGroup(_) => Kind::NotFound,
            Self::People(people) => people.kind(),
            Self::TooMany | Self::GroupNameTaken(_) | Self::GroupInUse(_) | Self::TooManyGroups => Kind::Conflict,
            Self::Store(store) => store.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Unknown(_) | Self::UnknownGroup(_) => "not_found",
            Self::GroupNameTaken(_) => "group_name_taken",
            Self::GroupInUse(_) => "group_in_use",
            Self::TooManyGroups => "too_many_groups",
            Self::People(people) => people.code(),
            Self::TooMany => "too_many_rules",
            Self::Store(store) => store.code(),
        }
    }
}

/// The rules of all organizations. Cheap to clone.
#[derive(Clone)]
pub struct Policy {
    pub(super) store: Store,
    people: People,
    pub(super) audit: Audit,
    clock: Clock,
}

impl Policy {
    /// Put together from its parts.
    pub fn new(store: Store, people: People, audit: Audit, clock: Clock) -> Self {
        Self { store, people, audit, clock }
    }

    /// The own rules of an organization, its departments and people, in the order in which they were made: a later one goes before an earlier one.
    pub async fn rules(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<Rule>, PolicyError> {
        actor.require(Permission::ReadPolicies)?;
        self.store.tenant(actor.tenant(organization)?).read(|tx| Ok(list(tx)?)).await
    }

    /// The same at start. Blocks.
    pub fn rules_now(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<Rule>, PolicyError> {
        actor.require(Permission::ReadPolicies)?;
        self.store.tenant(actor.tenant(organization)?).read_now(|tx| Ok(list(tx)?))
    }

    /// Sets a rule; one for the same people about the same thing is replaced.
    pub async fn set_rule(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        new: NewRule,
    ) -> Result<Rule, PolicyError> {
        actor.require(Permission::EditPolicies)?;
        let view = self.people.view(actor, organization).await?;
        match new.applies_to {
            AppliesTo::Organization => {}
            AppliesTo::Department(id) => drop(view.department(id)?),
            AppliesTo::Employee(id) => drop(view.employee(id)?),
        }
        let set_at = self.clock.now();
        let store = self.store.tenant(actor.tenant(organization)?);
        let rule = store.write(move |tx| {
            let all = list(tx)?;
            let group = match &new.target {
                Target::Group(name) => Some(groups::named(tx, name)?),
                Target::Application(_) | Target::Site(_) => None,
            };
            let is_same = |rule: &&Rule| rule.applies_to == new.applies_to && rule.target.is_same(&new.target);
            let same = all.iter().find(is_same).map(|rule| rule.id);
            if same.is_none() && all.len() >= MOST {
                return Err(PolicyError::TooMany);
            }
            let id = match same {
                Some(id) => id,
                None => RuleId::new(tx.next_number(&RULES)?),
            };
            let NewRule { applies_to, target, rating } = new;
            let rule = Rule { id, applies_to, target, rating, set_at };
            tx.put(&RULES, &id, &RuleRecord::new(&rule, group))?;
            Ok(rule)
        });
        let rule = rule.await?;
        self.audit.record(actor, entry("policy.set_rule", organization, &rule)).await;
        Ok(rule)
    }

    /// Removes a rule and tells which it was.
    pub async fn remove_rule(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: RuleId,
    ) -> Result<Rule, PolicyError> {
        actor.require(Permission::EditPolicies)?;
        let store = self.store.tenant(actor.tenant(organization)?);
        let rule = store.write(move |tx| {
            let found = tx.find(&RULES, &id)?.ok_or(PolicyError::Unknown(id))?;
            tx.remove(&RULES, &id)?;
            found.into_model(id, &groups::list(tx)?).ok_or(PolicyError::Unknown(id))
        });
        let rule = rule.await?;
        self.audit.record(actor, entry("policy.remove_rule", organization, &rule)).await;
        Ok(rule)
    }
}

fn list(tx: &impl Read) -> Result<Vec<Rule>, StoreError> {
    let groups = groups::list(tx)?;
    Ok(tx.list(&RULES)?.into_iter().filter_map(|(id, record)| record.into_model(id, &groups)).collect())
}

fn entry(action: &'static str, organization: OrganizationId, rule: &Rule) -> Entry {
    let entry = Entry::new(action).of(organization).on("rule", rule.id);
    let entry = match rule.applies_to {
        AppliesTo::Organization => entry,
        AppliesTo::Department(id) => entry.with("department", id.get()),
        AppliesTo::Employee(id) => entry.with("employee", id.get()),
    };
    entry.with(rule.target.kind(), rule.target.name()).with("rating", rule.rating.name())
}
