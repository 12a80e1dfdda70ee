//! Who passed which door: the entry log with people and gates joined, and the same as it happens.
//!
//! Owns nothing. Events carry the number by which a device knows a person; whose number that is, and which gate the device
//! is, is asked when they are read: a corrected number corrects the past. Must never show a lead somebody outside of their
//! department, and never show anybody the same pass twice.

mod error;
mod feed;
mod log;
mod model;
mod rules;
#[cfg(test)]
mod tests;

pub use error::DoorsError;
pub use feed::Feed;
pub use log::{EntryLog, Sources};
pub use model::{Log, LogFilter, Pass, Person, Unread};
