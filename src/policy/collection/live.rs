//! What is in force, in memory, ready to judge.

use std::collections::BTreeMap;
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

/// Of one organization.
#[derive(Debug, Default)]
pub struct Released {
    settings: BTreeMap<AppliesTo, Settings>,
    salt: Vec<u8>,
    filters: Mutex<HashMap<Chain, Option<Arc<Filter>>>>,
}

impl Released {
    pub(super) fn new(settings: Vec<(AppliesTo, Settings)>, salt: Vec<u8>) -> Self {
        Self { settings: settings.into_iter().collect(), salt, filters: Mutex::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    pub(super) fn has_decided(&self, one: AppliesTo) -> bool {
        self.settings.contains_key(&one)
    }

    /// What holds for somebody; `None` where nobody on the way has decided anything.
    pub fn effective(&self, chain: &[AppliesTo]) -> Option<(Effective, Origins)> {
        let layers = chain.iter().filter_map(|one| Some((layer(*one), self.settings.get(one)?)));
        let layers: Vec<_> = layers.collect();
        (!layers.is_empty()).then(|| Effective::of(layers))
    }

    /// The same, ready to judge. A released policy was checked, so that a filter that cannot be made is a defect; nothing
    /// is let through then.
    pub(super) fn filter(&self, chain: &[AppliesTo]) -> Result<Option<Arc<Filter>>, String> {
        let mut filters = self.filters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(filter) = filters.get(chain) {
            return Ok(filter.clone());
        }
        let filter = match self.effective(chain) {
            None => None,
            Some((effective, _)) => {
                let filter = Filter::new(&effective, &self.salt).map_err(|problem| problem.to_string())?;
                Some(Arc::new(filter))
            }
        };
        if filters.len() >= MOST_FILTERS {
            filters.clear();
        }
        filters.insert(chain.to_vec(), filter.clone());
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
