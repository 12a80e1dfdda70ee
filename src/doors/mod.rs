//! Who passed which door: the entry log with people and gates joined, and the same as it happens.
//!
//! Owns nothing. Events carry the number by which a device knows a person; whose number that is, and which gate the device
//! is, is asked when they are read: a corrected number corrects the past. The same is true of which way somebody went and
//! which passes only repeat another one: the gate decides, over the whole day, with every look. Must never show a lead somebody outside of their
//! department, and never show anybody the same pass twice.

mod days;
mod error;
mod feed;
mod joined;
mod log;
mod model;
mod pictures;
mod rules;
#[cfg(test)]
mod tests;
mod ways;

pub use error::DoorsError;
pub use feed::Feed;
pub use log::{EntryLog, Sources};
pub use model::{Log, LogFilter, Pass, Person, Unread};
pub use pictures::{PassName, Pictures};
