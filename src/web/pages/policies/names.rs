//! What policies and those for whom they are are called.

use nazorat_wire::policy::Layer;

use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::people::EmployeeFilter;
use crate::people::PeopleError;
use crate::people::State;
use crate::people::View;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::CollectionPolicy;
use crate::web::Texts;

/// All policies of an organization, with the names of departments and people.
pub(super) struct Names {
    pub(super) view: View,
    pub(super) all: Vec<CollectionPolicy>,
    texts: Texts,
}

impl Names {
    pub(super) fn new(texts: Texts, view: View, all: Vec<CollectionPolicy>) -> Self {
        Self { view, all, texts }
    }

    /// The name of whom a policy is for.
    pub(super) fn target(&self, applies_to: AppliesTo) -> String {
        match applies_to {
            AppliesTo::Organization => self.texts.t("policies-of-organization"),
            AppliesTo::Department(id) => match self.view.department(id) {
                Ok(department) => department.name.clone(),
                Err(_) => self.texts.t("policies-gone-department"),
            },
            AppliesTo::Employee(id) => match self.view.employee(id) {
                Ok(employee) => employee.surname_first(),
                Err(_) => self.texts.t("policies-gone-person"),
            },
        }
    }

    /// What kind of a policy it is.
    pub(super) fn kind(&self, applies_to: AppliesTo) -> String {
        self.texts.t(match applies_to {
            AppliesTo::Organization => "policies-kind-organization",
            AppliesTo::Department(_) => "policies-kind-department",
            AppliesTo::Employee(_) => "policies-kind-person",
        })
    }

    /// "organization v12", "Sotuv v3", "built in".
    pub(super) fn layer(&self, layer: Layer) -> String {
        let applies_to = match layer {
            Layer::BuiltIn => return self.texts.t("policies-built-in"),
            Layer::Organization => AppliesTo::Organization,
            Layer::Department(id) => AppliesTo::Department(DepartmentId::new(id)),
            Layer::Person(id) => AppliesTo::Employee(EmployeeId::new(id)),
        };
        let name = match applies_to {
            AppliesTo::Organization => self.texts.t("policies-layer-organization"),
            other => self.target(other),
        };
        match self.of(applies_to) {
            Some(policy) => format!("{name} v{}", policy.version),
            None => name,
        }
    }

    /// The policy of somebody, if there is one.
    pub(super) fn of(&self, applies_to: AppliesTo) -> Option<&CollectionPolicy> {
        self.all.iter().find(|policy| policy.applies_to == applies_to)
    }

    /// How many people a policy is for.
    pub(super) fn count_people(&self, applies_to: AppliesTo) -> Result<u64, PeopleError> {
        let found = match applies_to {
            AppliesTo::Employee(id) => self.view.employee(id).map(|_| 1),
            AppliesTo::Organization => self.view.count_employees(&people_in(None)),
            AppliesTo::Department(id) => {
                self.view.department(id).map(drop).and_then(|()| self.view.count_employees(&people_in(Some(id))))
            }
        };
        match found {
            Err(PeopleError::UnknownDepartment(_) | PeopleError::UnknownEmployee(_)) => Ok(0),
            found => found,
        }
    }

    /// Who decides above a policy, the nearest first.
    pub(super) fn above(&self, applies_to: AppliesTo) -> Vec<AppliesTo> {
        match applies_to {
            AppliesTo::Organization => Vec::new(),
            AppliesTo::Department(id) => {
                let path = self.view.department_path(id).into_iter().rev().map(|one| one.id);
                let above = path.filter(|one| *one != id).map(AppliesTo::Department);
                above.chain([AppliesTo::Organization]).collect()
            }
            AppliesTo::Employee(id) => {
                let department = self.view.employee(id).ok().and_then(|employee| employee.department);
                let path = department.map(|id| self.view.department_path(id)).unwrap_or_default();
                let path = path.into_iter().rev().map(|one| AppliesTo::Department(one.id));
                path.chain([AppliesTo::Organization]).collect()
            }
        }
    }

    /// Whether anybody above a policy has published something.
    pub(super) fn is_decided_above(&self, applies_to: AppliesTo) -> bool {
        self.above(applies_to).into_iter().any(|one| self.of(one).is_some_and(|policy| policy.version > 0))
    }

    /// The nearest published policy of somebody.
    pub(super) fn holding(&self, applies_to: AppliesTo) -> Option<&CollectionPolicy> {
        let all = std::iter::once(applies_to).chain(self.above(applies_to));
        all.filter_map(|one| self.of(one)).find(|policy| policy.version > 0)
    }
}

/// Everybody who is at work at all, in a department and below it.
pub(super) fn people_in(department: Option<DepartmentId>) -> EmployeeFilter {
    EmployeeFilter { department, state: Some(State::Active), ..EmployeeFilter::default() }
}
