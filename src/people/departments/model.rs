//! A department, and what is typed to have one.

use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::people::FieldError;
use crate::people::FieldProblem;
use crate::people::State;
use crate::people::departments::SEPARATOR;
use crate::people::text;

/// The longest name.
const NAME_MAX: usize = 120;

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its number in the organization.
    pub id: DepartmentId,
    /// What it is called.
    pub name: String,
    /// The one above it.
    pub parent: Option<DepartmentId>,
    /// Inactive departments are not offered any more.
    pub state: State,
}

/// What is asked for when a department is made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DepartmentInput {
    /// What it is called.
    pub name: String,
    /// The one above it.
    pub parent: Option<DepartmentId>,
}

impl DepartmentInput {
    /// Checks the fields alone; the tree is asked by the caller.
    pub(in crate::people) fn parse(&self, id: DepartmentId, state: State) -> Result<Department, FieldError> {
        let name = text::required("name", &self.name, NAME_MAX)?;
        // Put into a path, such a name could not be told from two.
        if format!(" {name} ").contains(SEPARATOR) {
            return Err(FieldProblem::Malformed.of("name"));
        }
        Ok(Department { id, name, parent: self.parent, state })
    }
}

/// What becomes of the contents of a department that is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Only an empty department is deleted.
    MustBeEmpty,
    /// Sub-departments, employees and computers move to the department above, or stand without one.
    MoveToParent,
}

/// What deleting a department would touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartmentConsequences {
    /// The department itself.
    pub department: Department,
    /// Where the contents would move.
    pub parent: Option<Department>,
    /// Departments directly below.
    pub sub_departments: Vec<DepartmentId>,
    /// Employees directly in it.
    pub employees: Vec<EmployeeId>,
    /// How many computers stand directly in it.
    pub computers: u64,
}

impl DepartmentConsequences {
    /// True when nothing has to move.
    pub fn is_empty(&self) -> bool {
        self.sub_departments.is_empty() && self.employees.is_empty() && self.computers == 0
    }
}
