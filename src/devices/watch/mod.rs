//! How devices were over time, and who is told of it.
//!
//! ```text
//! heartbeats --> presence --> Watch --> Note --> (whoever wires the appliance) --> dataset `device_status` --> History
//!                                 \--> alerts
//! ```
//! Owns what was noted of each device last, in memory. Must never call a device offline of which nothing is known: while its
//! gateway is silent or the appliance was not running it is "unknown". Must never note what a device says in sentences:
//! rows hold stable words and numbers only.
//!
//! ## Design notes
//! - A row says how a device is from a moment on. Only changes are written, and every [`rules::STILL`] that all is as it was,
//!   so that a day is read from a few rows. A row each minute, as gateways have it, would be a thousand times as many
//!   for a strip of two colours.
//! - After a start the time between the last heartbeat of before and the first one is told as not watched.

mod history;
mod model;
mod rules;
mod service;
#[cfg(test)]
mod tests;

pub use history::{History, HistoryError, Past};
pub use model::{Note, Stretch, UNWATCHED};
pub use service::Watch;
