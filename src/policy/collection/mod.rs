//! What may be collected of whom, in versions.
//!
//! ```text
//! draft --release--> version 1, 2, 3 ... (never changed) --bring back--> a new version with the settings of an old one
//! organization, departments on the way, person --nearest wins--> effective settings --> filter
//! ```
//!
//! Owns policies, their drafts and versions. What is released holds at once for everything that comes in: `Policies`
//! keeps the released settings of all organizations in memory. Must never change a version.
//!
//! A version may be released in stages: a few computers hold to it first (`rollout`), everybody else to the one before.

mod changes;
mod error;
mod live;
mod looking;
mod model;
pub(super) mod records;
mod rollout;
mod service;
mod staging;
#[cfg(test)]
mod tests;
mod trial;
mod weight;

pub use changes::{Change, changes};
pub use error::PoliciesError;
#[cfg(test)]
pub(in crate::policy) use live::InForce;
pub use live::{Chain, Released};
pub use looking::chain;
pub use model::{AppliesTo, CollectionPolicy, Draft, Explained, Seen, Version};
pub use rollout::{Advance, EarlyState, Rollout, Stages};
pub use service::Policies;
pub use staging::Staged;
pub use trial::{Judges, Trial};
pub use weight::{Direction, directions};
