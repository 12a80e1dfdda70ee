//! The edge in this process, against a next hop that answers as it is told.

pub(crate) mod branch;
mod carried;
mod control;
mod copies;
mod faults;
mod fresh;
mod hop;
mod model;
mod policies;
mod uplink;
mod wire;
