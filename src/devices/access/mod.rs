//! Who may pass which gates: groups of people, each with its gates.
//!
//! Somebody may pass a gate when any of their groups leads there. A gate to which no group leads is left to its terminals:
//! whoever they know, they know.

mod effect;
mod model;
mod records;
mod rules;
mod service;

pub use effect::{Effect, Removal, Way};
pub use model::{AccessGroup, AccessGroupInput, Gates, Members};
pub(super) use rules::Reach;
pub(super) use service::{forget_gate, groups};
