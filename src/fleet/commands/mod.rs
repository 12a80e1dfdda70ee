//! What gateways and their agents are asked to do: kept until it is done, refused, or too late.
//!
//! ```text
//! pending --> sent --> acked --> succeeded | failed
//!    \          \----------> failed (nobody acknowledged it)
//!     \---------------------> expired | cancelled
//! ```
//! Owns the queue of each gateway and its history. Must never send what has expired, and never forget what was sent: a
//! gateway that comes back is told again by id, and it knows which ids it has done.
//!
//! ## Design notes
//! - Tries are counted for each connection anew. Counting for ever lost: a line that comes and goes would use them up
//!   although nobody had refused anything. While a gateway is away nothing is tried at all, and what waits expires.
//! - A result that comes late is believed, also after the command was given up: it says what really happened.
//! - What a command brings back (diagnostics) lies beside its record, and only that of the last few commands is kept.

mod beside;
mod model;
mod records;
mod rules;
mod service;
#[cfg(test)]
mod tests;

pub use beside::{Forget, body_in, list_in, remembered_in};
pub use model::{Command, NewCommand, State, Target};
pub use rules::{Step, Tries, step};
pub use service::{CommandError, Commands, MAX_BODY, Standing};
