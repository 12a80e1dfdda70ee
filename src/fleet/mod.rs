//! The boxes of the branches: who was invited, who has joined, with which certificate and key, and who is let in.
//!
//! Owns the proofs of gateways and turns a request into a [`Peer`]. Must never keep a key, only its fingerprint, and
//! must never end what works before what replaces it was used: a box in a branch cannot be visited.
//!
//! ## Design notes
//! - A gateway proves itself three times: its certificate (mutual TLS), its API key, and a signature over the request
//!   with the certificate's key. All three must be of the same credential. Only an organization that allows it, because
//!   something before the appliance ends TLS, is served without the certificate.
//! - A renewed credential stands beside the old one until it is used for the first time; the old one then works for
//!   another day. An answer that was lost, also a week before the next one, locks nobody out.
//! - An invitation can be used again by the key that used it first, for the same reason.
//! - Nonces are remembered in memory. After a restart nothing is accepted that was signed before it.

mod admission;
pub mod alerts;
pub mod commands;
mod error;
mod live;
mod model;
mod nonces;
pub mod presence;
mod records;
mod rules;
mod service;
#[cfg(test)]
pub(crate) mod tests;
mod token;

pub use admission::Joining;
pub use error::FleetError;
pub use model::{
    Certified, Enrolled, Gateway, GatewayState, Invitation, IssueError, Issued, Issuer, Peer, Refused, Request,
    Sealing, Shown,
};
pub use service::Fleet;
pub use token::server_address;
