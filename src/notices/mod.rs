//! What is collected of a person, told to that person: notices in versions, and who has accepted which.
//!
//! ```text
//! policies in force + retention --> facts --> checksum --another one--> version 1, 2, 3 ... (never changed)
//!                                                                            ^--- accepted, withdrawn
//! ```
//!
//! Owns the versions and the acceptances. A version keeps facts, not sentences: pages say them in each language, also
//! years later. Must never change a version, and never say less than what holds.
//!
//! ## Design notes
//! - Facts are what a person reads, so that only a change of what they would read makes a new version. How often
//!   events are sent on and how much may wait is no part of it, though a policy decides that too.
//! - A version is made when the change is seen: by whoever looks at the page, at the latest by a task minutes later.
//!   Making it where policies are released lost: moving to another department, or a policy above, changes it as well.
//! - Facts are stored once for all people of whom they hold; an organization of thousands has few different ones.

mod error;
mod gather;
mod model;
mod records;
mod service;
mod upkeep;

pub use error::NoticesError;
pub use gather::Sources;
pub use model::{Acceptance, Facts, How, Kept, NewAcceptance, Notice, Standing, Version, Withdrawal};
pub use service::Notices;
