//! Who did what, when and from where: an append-only log that shows when somebody changed it afterwards.
//!
//! Owns `DATA/audit/<organization id>/<YYYY-MM>.ndjson` (0 is the system's own log) and the position of each log in
//! the store. A line is `{"previous":HEX,"hash":HEX,"record":{...}}`, where `hash` is SHA-256 over the previous hash
//! and the bytes of `record`, so a changed, missing or inserted line breaks the chain. The number and hash of the
//! last line also stand in the store: a log that lost its end is noticed.
//!
//! Must never hold secrets, and must never stop an operation: a record that cannot be written now waits in memory and
//! is written with the next one.
//!
//! ## Design notes
//! - Bodies in redb lost: the store is kept small, and an audit log only grows.
//! - One fsync serves all records that wait at that moment.

mod journal;
mod model;
mod records;
mod rules;
mod service;
#[cfg(test)]
mod tests;

pub use model::{Actor as RecordedActor, ActorKind, Entry, Filter, Object, Record};
pub use service::{Audit, AuditError, Break, Verification};
