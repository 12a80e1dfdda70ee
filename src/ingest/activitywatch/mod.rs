//! The API that stock ActivityWatch watchers speak, for watchers on this very machine.
//!
//! Owns `DATA/activitywatch`: a small spool of heartbeats, and the buckets. A heartbeat is answered when it is durable;
//! merged events leave to the next hop (a `Sink`) in parts. Must never be served to other machines: these clients have no keys.
//!
//! ```text
//! heartbeat --> what may be kept of it --> merge in memory --> spool (fsync) --> 200
//!                                                  \--> every 30 s: a cut into the spool (fsync) --> sink (Ok) --> free the spool up to the cut
//! ```
//!
//! ## Design notes
//! - A cut holds what leaves and what remains, word for word, and the name of what leaves is its number in the spool.
//!   After a crash the same cut leaves again under the same name, so the sink knows it and nothing is stored twice;
//!   computing it anew could have cut elsewhere.
//! - A late heartbeat is merged with its neighbour by time. The original takes whatever came last as the last event,
//!   which splits a timeline into pieces when two writers or a clock step disturb the order.
//! - A heartbeat is held against the policies when it comes, so that nothing they forbid is in the journal, in what can be
//!   read back, or in what leaves; its watcher is answered as if it had been kept. Of what may be kept only the known fields
//!   are. After one that was not kept, the next one begins a new event: what was in front meanwhile is not known here.
//!   What is still in memory when another policy comes is judged anew before it is written down again.
//! - Events are read back from memory: the newest of each bucket. Reports are on the person's page.

mod buckets;
mod facts;
mod guard;
mod journal;
mod keeping;
mod merge;
mod own;
mod records;
mod routes;
mod state;
mod taking;
#[cfg(test)]
mod tests;

pub use guard::local_only;
pub use journal::{ActivityWatch, ActivityWatchError, CUT_EVERY, Config, Home, Stamp};
pub use own::{NotTaken, Seen};
pub use routes::router;
