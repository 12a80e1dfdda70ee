//! Whose time is rated by which rules: the person's own, those of the departments on the way up, the organization's, and
//! the starter catalogue.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

use crate::kernel::EmployeeId;
use crate::monitoring::Catalogue;
use crate::monitoring::Category;
use crate::monitoring::Rule;
use crate::monitoring::service::lock;
use crate::people::Directory;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::Chain;
use crate::policy::collection::chain;

/// All rules of an organization. Immutable; made anew when rules change.
#[derive(Debug, Default)]
pub struct Ratings {
    organization: Arc<Catalogue>,
    rules: HashMap<AppliesTo, Vec<Rule>>,
    /// True when somebody nearer than the organization has rules.
    layered: bool,
    made: Mutex<HashMap<Chain, Arc<Catalogue>>>,
}

/// People who are rated alike, each with the number of their class.
#[derive(Debug)]
pub(super) struct Classes {
    catalogues: Vec<Arc<Catalogue>>,
    of: HashMap<EmployeeId, usize>,
}

impl Ratings {
    /// In the order in which they were made: a later one goes before an earlier one of the same people.
    pub fn new(all: &[(AppliesTo, Rule)]) -> Self {
        let mut rules: HashMap<AppliesTo, Vec<Rule>> = HashMap::new();
        for (applies_to, rule) in all {
            rules.entry(*applies_to).or_default().push(rule.clone());
        }
        let organization = rules.get(&AppliesTo::Organization).map(|rules| Catalogue::with_rules(rules));
        let layered = rules.keys().any(|one| *one != AppliesTo::Organization);
        Self { organization: Arc::new(organization.unwrap_or_default()), rules, layered, made: Mutex::default() }
    }

    /// What holds for everybody of whom nobody nearer decides. Names, browsers and lock screens are the same in all.
    pub fn organization(&self) -> &Arc<Catalogue> {
        &self.organization
    }

    /// What holds for a person, or for a department with nobody in it.
    pub fn of(&self, chain: &[AppliesTo]) -> Arc<Catalogue> {
        let deciders: Chain = chain.iter().copied().filter(|one| self.rules.contains_key(one)).collect();
        if deciders.iter().all(|one| *one == AppliesTo::Organization) {
            return Arc::clone(&self.organization);
        }
        let make = || {
            let layers = deciders.iter().filter_map(|one| self.rules.get(one)).map(Vec::as_slice);
            Arc::new(Catalogue::layered(layers))
        };
        Arc::clone(lock(&self.made).entry(deciders.clone()).or_insert_with(make))
    }

    /// What holds for a person, or for an account that belongs to nobody.
    pub(super) fn of_person(&self, directory: &Directory, employee: Option<EmployeeId>) -> Arc<Catalogue> {
        if self.layered { self.of(&chain(directory, employee)) } else { Arc::clone(&self.organization) }
    }

    /// Who of these is rated like whom.
    pub(super) fn classes(&self, directory: &Directory, employees: &[EmployeeId]) -> Classes {
        let mut classes = Classes { catalogues: Vec::new(), of: HashMap::with_capacity(employees.len()) };
        for employee in employees {
            let catalogue = self.of_person(directory, Some(*employee));
            let known = classes.catalogues.iter().position(|one| Arc::ptr_eq(one, &catalogue));
            let class = known.unwrap_or_else(|| {
                classes.catalogues.push(catalogue);
                classes.catalogues.len() - 1
            });
            classes.of.insert(*employee, class);
        }
        if classes.catalogues.is_empty() {
            classes.catalogues.push(Arc::clone(&self.organization));
        }
        classes
    }
}

impl Classes {
    /// True when not everybody is rated alike.
    pub(super) const fn are_several(&self) -> bool {
        self.catalogues.len() > 1
    }

    /// The class of a person.
    pub(super) fn of(&self, employee: EmployeeId) -> usize {
        self.of.get(&employee).copied().unwrap_or(0)
    }

    /// What a name is for people of a class.
    pub(super) fn classify(&self, class: usize, (app, site): (&str, &str)) -> Category {
        self.catalogues.get(class).map_or(Category::Neutral, |catalogue| catalogue.classify(app, site))
    }
}
