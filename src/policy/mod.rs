//! What an organization decides: what may be collected of whom, and which applications and sites are useful, neutral or
//! distracting.
//!
//! Owns policies with their versions (`collection`), hands them out to gateways and agents (`distribution`), and owns the
//! rules of organizations, departments and people; the starter catalogue of rules
//! belongs to `monitoring`, which rates by both. Must never rate anything itself: rules are handed to `monitoring` at
//! start and after each change.

pub mod collection;
pub mod distribution;
mod groups;
mod model;
mod records;
mod service;

pub use model::{GroupError, NewResourceGroup, NewRule, Rating, ResourceGroup, Rule, RuleError, Target};
pub use service::{Policy, PolicyError};
