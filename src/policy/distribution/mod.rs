//! What was released reaches every computer: signed, fetched by the gateways, and known to have arrived.
//!
//! ```text
//! released + people --> sheets --> list of a gateway --(another than it holds to)--> command `apply_policies`
//!                                       ^                                               |
//!       agent says what it holds to     |     GET /v2/gateway/policies, .../{subject} <-+
//!       in heartbeats of its gateway ---+--> in force, waiting, failed, behind
//! ```
//! Owns nothing on disk: what a gateway should hold to is made of what is in force, what it holds to is what it says. So
//! a restored appliance, a gateway with an empty disk and a computer that was off for a month all end the same way.
//!
//! ## Design notes
//! - A command says that there is something to fetch, and what is fetched is what holds then. Pushes may be repeated,
//!   reordered and late, and nobody goes back to an older version.
//! - A sheet is signed when it is fetched, with the moment in it. Keeping signed sheets would mean keeping one for each
//!   computer, and an appliance that was restored from a copy would hand out older ones than the agents have.
//! - While nothing was released nobody is disturbed: there are no sheets.

mod book;
mod model;
mod rolling;
mod rules;
mod service;
mod sheets;
#[cfg(test)]
mod tests;

pub use model::{AgentStanding, AgentState, ComputerStanding, DistributionError, Signer, Standing};
pub use service::Distribution;
