//! What is in force, in memory, ready to judge.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Filter;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Origins;
use nazorat_wire::policy::Settings;

use crate::policy::collection::AppliesTo;

/// More filters than this are made anew when they are needed.
const MOST_FILTERS: usize = 10_000;

/// Who decides about somebody: the nearest first.
pub type Chain = Vec<AppliesTo>;

/// What one policy says just now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::policy) struct InForce {
    /// What it says of everybody; nothing while its first version is on its way.
    pub(in crate::policy) everybody: Option<Settings>,
    /// What it says on some computers already.
    pub(in crate::policy) early: Option<(Settings, BTreeSet<String>)>,
}

impl InForce {
    fn on(&self, computer: &str) -> Option<&Settings> {
        match &self.early {
            Some((settings, computers)) if computers.contains(computer) => Some(settings),
            _ => self.everybody.as_ref(),
        }
    }

    fn is_early(&self, computer: &str) -> bool {
        self.early.as_ref().is_some_and(|(_, computers)| computers.contains(computer))
    }
}

/// Who decides, and whether a version on its way is meant.
type Deciding = Vec<(AppliesTo, bool)>;

/// Of one organization.
#[derive(Debug, Default)]
pub struct Released {
    policies: BTreeMap<AppliesTo, InForce>,
    salt: String,
    filters: Mutex<HashMap<Deciding, Option<Arc<Filter>>>>,
}

impl Released {
    pub(in crate::policy) fn new(policies: Vec<(AppliesTo, InForce)>, salt: String) -> Self {
        let decides = |policy: &InForce| policy.everybody.is_some() || policy.early.is_some();
        let policies = policies.into_iter().filter(|(_, policy)| decides(policy)).collect();
        Self { policies, salt, filters: Mutex::default() }
    }

    /// The same, but for what one policy says of everybody.
    pub(in crate::policy) fn with(&self, applies_to: AppliesTo, settings: Option<Settings>) -> Self {
        let mut policies: Vec<_> = self.policies.clone().into_iter().filter(|(one, _)| *one != applies_to).collect();
        policies.push((applies_to, InForce { everybody: settings, early: None }));
        Self::new(policies, self.salt.clone())
    }

    /// What makes fingerprints of the organization worth nothing to another.
    pub(in crate::policy) fn salt(&self) -> &str {
        &self.salt
    }

    /// Whether some computers hold to something else than the others.
    pub(in crate::policy) fn is_rolling_out(&self) -> bool {
        self.policies.values().any(|policy| policy.early.is_some())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    pub(super) fn has_decided(&self, one: AppliesTo) -> bool {
        self.policies.contains_key(&one)
    }

    /// What holds for somebody on a computer; `None` where nobody on the way has decided anything. Everybody's computer
    /// has no name.
    pub fn effective(&self, chain: &[AppliesTo], computer: &str) -> Option<(Effective, Origins)> {
        let layers = chain.iter().filter_map(|one| Some((layer(*one), self.policies.get(one)?.on(computer)?)));
        let layers: Vec<_> = layers.collect();
        (!layers.is_empty()).then(|| Effective::of(layers))
    }

    /// The same, ready to judge. A released policy was checked, so that a filter that cannot be made is a defect; nothing
    /// is let through then.
    pub(super) fn filter(&self, chain: &[AppliesTo], computer: &str) -> Result<Option<Arc<Filter>>, String> {
        let early = |one: &AppliesTo| self.policies.get(one).is_some_and(|policy| policy.is_early(computer));
        let deciding: Deciding = chain.iter().map(|one| (*one, early(one))).collect();
        let mut filters = self.filters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(filter) = filters.get(&deciding) {
            return Ok(filter.clone());
        }
        let filter = match self.effective(chain, computer) {
            None => None,
            Some((effective, _)) => {
                let filter = Filter::new(&effective, self.salt.as_bytes()).map_err(|problem| problem.to_string())?;
                Some(Arc::new(filter))
            }
        };
        if filters.len() >= MOST_FILTERS {
            filters.clear();
        }
        filters.insert(deciding, filter.clone());
        Ok(filter)
    }
}

fn layer(applies_to: AppliesTo) -> Layer {
    match applies_to {
        AppliesTo::Organization => Layer::Organization,
        AppliesTo::Department(id) => Layer::Department(id.get()),
        AppliesTo::Employee(id) => Layer::Person(id.get()),
    }
}
