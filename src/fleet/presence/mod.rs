//! Which gateways are heard, how they are, and which of their agents are heard through them.
//!
//! Owns what was last heard of each gateway, in memory and, a little behind, in the store. Every change and, once a minute,
//! how a gateway is becomes a [`Note`], which whoever wires the appliance puts into the durable line. Must never call
//! a gateway offline because the appliance itself was away.

mod gauges;
mod history;
mod model;
mod records;
mod rules;
mod service;
#[cfg(test)]
mod tests;

pub use history::{Change, Course, History, HistoryError, Point};
pub use model::{AgentSeen, Happening, Liveness, Note, Seen, Told};
pub use service::{Presence, PresenceConfig};
