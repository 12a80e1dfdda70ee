//! The people who work in an organization.

mod model;
mod rules;
mod service;

pub use model::{Employee, EmployeeConsequences, EmployeeInput};
pub(in crate::people) use rules::search_text;
