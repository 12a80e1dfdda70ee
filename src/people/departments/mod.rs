//! The department tree inside of an organization.

mod model;
mod rules;
mod service;

pub use model::{Contents, Department, DepartmentConsequences, DepartmentInput};
pub use rules::Departments;
pub(in crate::people) use rules::SEPARATOR;
