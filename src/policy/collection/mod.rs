//! What may be collected of whom, in versions.
//!
//! ```text
//! draft --release--> version 1, 2, 3 ... (never changed) --bring back--> a new version with the settings of an old one
//! organization, departments on the way, person --nearest wins--> effective settings --> filter
//! ```
//!
//! Owns policies, their drafts and versions. What is released holds at once for everything that comes in: `Policies`
//! keeps the released settings of all organizations in memory. Must never change a version.

mod changes;
mod error;
mod live;
mod looking;
mod model;
pub(super) mod records;
mod service;
#[cfg(test)]
mod tests;

pub use changes::{Change, changes};
pub use error::PoliciesError;
pub use live::{Chain, Released};
pub use looking::chain;
pub use model::{AppliesTo, CollectionPolicy, Draft, Explained, Version};
pub use service::Policies;
