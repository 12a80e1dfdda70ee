//! The tree as a value: who is below whom, and which changes keep it a tree.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::kernel::DepartmentId;
use crate::kernel::fold;
use crate::people::FieldProblem;
use crate::people::PeopleError;
use crate::people::departments::Department;

/// What stands between the names of a path.
pub(in crate::people) const SEPARATOR: &str = " / ";

/// All departments of an organization.
#[derive(Debug, Clone, Default)]
pub struct Departments {
    by_id: BTreeMap<DepartmentId, Department>,
    /// Folded names, so that siblings are sorted and found by name.
    children: BTreeMap<Option<DepartmentId>, BTreeSet<(String, DepartmentId)>>,
}

impl Departments {
    /// Sorts departments into a tree. A parent that is not there counts as none.
    pub fn new(departments: impl IntoIterator<Item = Department>) -> Self {
        let by_id: BTreeMap<_, _> = departments.into_iter().map(|department| (department.id, department)).collect();
        let mut children: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for department in by_id.values() {
            let parent = department.parent.filter(|parent| by_id.contains_key(parent));
            children.entry(parent).or_default().insert((fold(&department.name), department.id));
        }
        Self { by_id, children }
    }

    /// One department.
    pub fn find(&self, id: DepartmentId) -> Option<&Department> {
        self.by_id.get(&id)
    }

    /// One department that must be there.
    pub fn get(&self, id: DepartmentId) -> Result<&Department, PeopleError> {
        self.find(id).ok_or(PeopleError::UnknownDepartment(id))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The departments directly below, by name; `None` for the top of the tree.
    pub fn children(&self, parent: Option<DepartmentId>) -> Vec<DepartmentId> {
        self.children.get(&parent).into_iter().flatten().map(|(_, id)| *id).collect()
    }

    /// The whole tree from the top, each with its depth, siblings by name.
    pub fn walk(&self) -> Vec<(&Department, usize)> {
        self.walk_from(&self.children(None))
    }

    /// A department and all below it, each with its depth.
    pub fn walk_below(&self, root: DepartmentId) -> Vec<(&Department, usize)> {
        self.walk_from(&[root])
    }

    fn walk_from(&self, roots: &[DepartmentId]) -> Vec<(&Department, usize)> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        let mut open: Vec<_> = roots.iter().rev().map(|id| (*id, 0)).collect();
        while let Some((id, depth)) = open.pop() {
            let Some(department) = self.find(id) else { continue };
            if seen.insert(id) {
                found.push((department, depth));
                open.extend(self.children(Some(id)).iter().rev().map(|id| (*id, depth + 1)));
            }
        }
        found
    }

    /// A department and all below it; empty when it does not exist.
    pub fn subtree(&self, root: DepartmentId) -> BTreeSet<DepartmentId> {
        self.walk_below(root).into_iter().map(|(department, _)| department.id).collect()
    }

    /// The way from the top to a department, itself included.
    pub fn path(&self, id: DepartmentId) -> Vec<&Department> {
        let mut path: Vec<&Department> = Vec::new();
        let mut next = Some(id);
        while let Some(department) = next.and_then(|id| self.find(id)) {
            if path.iter().any(|passed| passed.id == department.id) {
                break;
            }
            path.push(department);
            next = department.parent;
        }
        path.reverse();
        path
    }

    /// The way from the top as one line: "Head office / Accounting".
    pub fn path_name(&self, id: DepartmentId) -> String {
        let names: Vec<_> = self.path(id).iter().map(|department| department.name.as_str()).collect();
        names.join(SEPARATOR)
    }

    /// The department of this name below a parent, however the name is written.
    pub fn find_child(&self, parent: Option<DepartmentId>, name: &str) -> Option<&Department> {
        let name = fold(name);
        let mut from = self.children.get(&parent)?.range((name.clone(), DepartmentId::new(0))..);
        from.next().filter(|(other, _)| *other == name).and_then(|(_, id)| self.find(*id))
    }

    /// Refuses a new or changed department that would not fit into the tree.
    pub fn check(&self, changed: &Department) -> Result<(), PeopleError> {
        if let Some(parent) = changed.parent {
            if self.find(parent).is_none() {
                return Err(FieldProblem::Unknown.of("parent").into());
            }
            if parent == changed.id || self.subtree(changed.id).contains(&parent) {
                return Err(PeopleError::Cycle(changed.id));
            }
        }
        match self.find_child(changed.parent, &changed.name) {
            Some(other) if other.id != changed.id => Err(PeopleError::NameTaken(other.id)),
            _ => Ok(()),
        }
    }

    /// Adds a checked department.
    pub(in crate::people) fn insert(&mut self, made: Department) {
        self.children.entry(made.parent).or_default().insert((fold(&made.name), made.id));
        self.by_id.insert(made.id, made);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::Strategy;
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    use super::Departments;
    use crate::kernel::DepartmentId;
    use crate::people::PeopleError;
    use crate::people::State;
    use crate::people::departments::Department;

    fn department(id: u32, parent: Option<u32>, name: &str) -> Department {
        Department {
            id: DepartmentId::new(id),
            name: name.to_owned(),
            parent: parent.map(DepartmentId::new),
            state: State::Active,
        }
    }

    fn office() -> Departments {
        Departments::new([
            department(1, None, "Office"),
            department(2, Some(1), "Warehouse"),
            department(3, Some(1), "Accounting"),
            department(4, Some(3), "Payroll"),
        ])
    }

    #[test]
    fn the_tree_is_walked_by_name() {
        let office = office();
        let names: Vec<_> = office.walk().iter().map(|(one, depth)| (one.name.as_str(), *depth)).collect();
        assert_eq!(names, [("Office", 0), ("Accounting", 1), ("Payroll", 2), ("Warehouse", 1)]);
        assert_eq!(office.path_name(DepartmentId::new(4)), "Office / Accounting / Payroll");
        assert_eq!(office.subtree(DepartmentId::new(3)), [3, 4].map(DepartmentId::new).into());
        assert!(office.subtree(DepartmentId::new(9)).is_empty());
    }

    #[test]
    fn a_department_cannot_stand_below_itself() {
        let moved = department(1, Some(4), "Office");
        assert!(matches!(office().check(&moved), Err(PeopleError::Cycle(_))));
        assert!(matches!(office().check(&department(1, Some(1), "Office")), Err(PeopleError::Cycle(_))));
    }

    #[test]
    fn siblings_have_different_names() {
        let twin = department(5, Some(1), " warehouse ");
        assert!(matches!(office().check(&twin), Err(PeopleError::NameTaken(id)) if id.get() == 2));
        assert!(office().check(&department(5, Some(3), "Warehouse")).is_ok());
        assert!(office().check(&department(2, Some(1), "WAREHOUSE")).is_ok());
    }

    proptest! {
        #[test]
        fn checked_moves_never_make_a_cycle(
            moves in proptest::collection::vec((1_u32..12, proptest::option::of(1_u32..12)), 1..60),
        ) {
            let mut tree = Departments::new((1..12).map(|id| department(id, None, &id.to_string())));
            for (id, parent) in moves {
                let moved = department(id, parent, &id.to_string());
                if tree.check(&moved).is_ok() {
                    tree = Departments::new(tree.by_id.into_values().filter(|one| one.id != moved.id).chain([moved.clone()]));
                }
                assert_eq!(tree.walk().len(), 11);
            }
        }

        #[test]
        fn even_a_damaged_tree_ends(
            parents in proptest::collection::vec(any::<u8>().prop_map(|parent| u32::from(parent) % 9), 8),
        ) {
            let departments = parents.iter().zip(1..).map(|(parent, id)| department(id, Some(*parent), "x"));
            let tree = Departments::new(departments);
            for id in (1..9).map(DepartmentId::new) {
                assert!(tree.path(id).len() <= 8);
                assert!(tree.subtree(id).contains(&id));
            }
        }
    }
}
