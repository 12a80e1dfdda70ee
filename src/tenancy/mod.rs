//! Organizations, the tenants: their names, time zones, languages and whether they are at work.
//!
//! Owns the list of tenants, which stands in the system's own space of the store, and a copy of it in memory for fast
//! reads. Must never know what an organization's data mean: whoever keeps data of an organization elsewhere (event
//! files, operators) removes them between [`Tenancy::begin_removal`] and [`Tenancy::finish_removal`].
//!
//! ## Design notes
//! - Removing is two-staged because it touches things that no one transaction spans. From the first stage on the
//!   organization does not exist for anybody; an interrupted removal is found again by [`Tenancy::list_removing`].

mod model;
mod records;
mod rules;
mod service;
#[cfg(test)]
mod tests;

pub use model::{NameError, Organization, OrganizationName, Settings, State};
pub use service::{Tenancy, TenancyError};
