//! What an organization decides about its time: which applications and sites are useful, neutral or distracting.
//!
//! Owns the organization's own rules; the starter catalogue belongs to `monitoring`, which rates by both. Must never
//! rate anything itself: rules are handed to `monitoring` at start and after each change.

mod model;
mod records;
mod service;

pub use model::{NewRule, Rating, Rule, RuleError, Target};
pub use service::{Policy, PolicyError};
