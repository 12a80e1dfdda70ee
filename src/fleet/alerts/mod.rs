//! What a person should look at: opened when something goes wrong, resolved when it is well again or by hand.
//!
//! An alert is a kind and facts, never a sentence: the page says in the reader's language what happened and what to do
//! next. There is at most one open alert for each kind and subject. Must never hold what was observed of a person.

mod model;
mod records;
mod service;

pub use model::{Alert, AlertKind, Fact, Facts, Subject};
pub use service::{AlertError, Alerts};

#[cfg(test)]
mod tests;
