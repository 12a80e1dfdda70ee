//! The people of an organization: departments, employees, their computers, and which account is whose.
//!
//! Owns the department tree, employees, computers, computer users and the dated links between accounts and
//! employees, and the CSV import of the first two. Events are never stored here and never changed by anything here:
//! they carry an account number, and whose account that was is asked when they are read.
//!
//! Reading goes through a [`View`], which is cut to what the actor may see; changing goes through the verbs of
//! [`People`], each of which returns what it changed, so that the caller can write it into the audit log. It does not
//! know whether an organization exists: ask `tenancy` first.

mod computers;
mod departments;
mod directory;
mod employees;
mod error;
mod import;
mod links;
mod listing;
mod lists;
mod records;
mod service;
mod shown;
#[cfg(test)]
mod tests;
mod text;
mod view;

pub use computers::{
    Computer, ComputerConsequences, ComputerEdit, ComputerInput, ComputerUser, ComputerUserConsequences,
    ComputerUserInput, Known, Observed, Proposal, Reason,
};
pub use departments::{Contents, Department, DepartmentConsequences, DepartmentInput, Departments};
pub use directory::Directory;
pub use employees::{Employee, EmployeeConsequences, EmployeeInput};
pub use error::{FieldError, FieldProblem, PeopleError};
pub use import::{
    Delimiter, FieldChange, ImportError, ImportFile, ImportKind, ImportPlan, ImportRow, ImportToken, RowAction,
    RowError,
};
pub use links::{AccountSpan, Link, LinkInput};
pub use service::People;
pub use shown::{
    ComputerFilter, ComputerUserFilter, ComputerUserView, ComputerView, EmployeeDetails, EmployeeFilter, EmployeeView,
    LinkView, Linked, Unassigned,
};
pub use view::{Detail, Reach, View};

/// Whether something is in use. What is not stays readable and is not offered any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// In use.
    Active,
    /// Not any more.
    Inactive,
}

/// What a verb changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<T> {
    /// As it was.
    pub before: T,
    /// As it is.
    pub after: T,
}
