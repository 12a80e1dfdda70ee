//! The terminals at the doors: which there are, behind which gateway, at which gates they stand, whom they are to know, and
//! what they are asked.
//!
//! ```text
//! devices + gates + networks --+
//! groups + people + cards -----+--> sheet of a gateway --GET /v2/gateway/devices--> served there, people kept in order
//!   search ---------------------> command of the gateway, 60 s to live --------> who is near it, none of them changed
//!   order (with a reason) ------> command of the gateway, 15 s to live --------> done there, at most once
//! ```
//! Owns devices, gates, groups of people who may pass them, the networks in which devices may be, and the sealed secrets of
//! devices. Must never hand a secret to
//! anybody but the gateway of its device, never let anybody open a door whose gate does not allow it, and never ask for
//! anything that could make a terminal forget its people.
//!
//! ## Design notes
//! - What a gateway should serve is made of what is stored, whenever it asks. A command only says that there is something
//!   to fetch; a gateway looks by itself as well, so a lost command costs a minute.
//! - How a device is, is what its gateway said last. How it was stands in the dataset `device_status`; see [`watch`].

mod access;
mod board;
mod error;
mod find;
mod gates;
mod model;
mod orders;
mod records;
mod rules;
mod service;
mod sheets;
mod staff;
#[cfg(test)]
mod tests;
pub mod watch;

pub use access::{AccessGroup, AccessGroupInput, Effect, Gates, Members, Removal, Way};
pub use error::DevicesError;
pub use find::{Known, Search};
pub use model::{
    Device, DeviceDoor, DeviceOrdered, DeviceState, Gate, GateInput, NewDevice, Passing, PeopleOn, Side, Standing,
};
pub use service::Devices;
