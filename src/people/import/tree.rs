//! The department tree as it grows while a list is planned.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::kernel::DepartmentId;
use crate::kernel::fold;
use crate::people::Department;
use crate::people::DepartmentInput;
use crate::people::Departments;
use crate::people::FieldProblem;
use crate::people::RowError;
use crate::people::State;
use crate::people::departments::SEPARATOR;

/// The deepest path that is read.
const DEEPEST: usize = 32;

/// The tree with the departments that the list will make. Those have numbers from the top end until they are stored.
#[derive(Debug)]
pub(super) struct GrowingTree {
    tree: Departments,
    by_name: HashMap<String, Vec<DepartmentId>>,
    /// Names with which paths of the list begin.
    tops: HashSet<String>,
    pub(super) made: Vec<Department>,
}

impl GrowingTree {
    pub(super) fn new(tree: Departments) -> Self {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for (department, _) in tree.walk() {
            by_name.entry(fold(&department.name)).or_default().push(department.id);
        }
        Self { tree, by_name, tops: HashSet::new(), made: Vec::new() }
    }

    pub(super) fn tree(&self) -> &Departments {
        &self.tree
    }

    /// Notes where the paths of the list begin, before the first is resolved: what one row calls the top is the top
    /// in every row.
    pub(super) fn expect<'a>(&mut self, paths: impl Iterator<Item = &'a str>) {
        let begins = paths.filter_map(|path| path.split_once(SEPARATOR));
        self.tops = begins.map(|(top, _)| fold(top)).collect();
    }

    /// Finds the department of a path from the top, or makes what is missing. A single name is also found further
    /// down, if only one department has it.
    pub(super) fn resolve(&mut self, path: &str) -> Result<DepartmentId, RowError> {
        let path = path.split_whitespace().collect::<Vec<_>>().join(" ");
        let names: Vec<_> = path.split(SEPARATOR).collect();
        if let [name] = names.as_slice()
            && self.tree.find_child(None, name).is_none()
            && !self.tops.contains(&fold(name))
        {
            match self.by_name.get(&fold(name)).map(Vec::as_slice) {
                Some([only]) => return Ok(*only),
                Some([_, _, ..]) => return Err(RowError::AmbiguousDepartment),
                Some([]) | None => {}
            }
        }
        if names.len() > DEEPEST {
            return Err(FieldProblem::TooLong { max: DEEPEST }.of("department").into());
        }
        // All names are checked before the first is made, so that a bad path leaves nothing behind.
        for name in &names {
            parse(name, None, DepartmentId::new(0))?;
        }
        let mut parent = None;
        for name in names {
            let found = self.tree.find_child(parent, name).map(|department| department.id);
            parent = Some(match found {
                Some(id) => id,
                None => self.make(name, parent)?,
            });
        }
        parent.ok_or(RowError::AmbiguousDepartment)
    }

    fn make(&mut self, name: &str, parent: Option<DepartmentId>) -> Result<DepartmentId, RowError> {
        let turn = u32::try_from(self.made.len()).unwrap_or(u32::MAX / 2);
        let made = parse(name, parent, DepartmentId::new(u32::MAX - turn))?;
        self.tree.insert(made.clone());
        self.by_name.entry(fold(name)).or_default().push(made.id);
        self.made.push(made.clone());
        Ok(made.id)
    }

    /// The paths of the departments that will be made.
    pub(super) fn made_paths(&self) -> Vec<String> {
        self.made.iter().map(|department| self.tree.path_name(department.id)).collect()
    }
}

fn parse(name: &str, parent: Option<DepartmentId>, id: DepartmentId) -> Result<Department, RowError> {
    let input = DepartmentInput { name: name.to_owned(), parent };
    input.parse(id, State::Active).map_err(|error| error.problem.of("department").into())
}
