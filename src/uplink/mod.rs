//! Going out: what a gateway or an agent has taken in, on to the next hop, exactly once.
//!
//! ```text
//! accept: seen before? --> spool (fsync) --> answer
//!                            \--> plan (fsync) --> HTTPS --> 2xx --> names, plan, free
//!                                   ^ again under the same name, with the same bytes, until then
//! ```
//! Owns the folder of an edge: `spool/`, `plan`, `left`, `carried`, `resend.json`, `lines.json`, `dead-letters/`, and a folder of parcels for what is sent on
//! as it came. Must never free a batch before the next hop
//! answered for it by name, never send other events under a name that was sent before, and never let a batch that is
//! refused hold up those behind it.
//!
//! ## Design notes
//! - Many small batches leave as one, cut anywhere between two events. Where the cut is stands in the plan, so that after a
//!   crash the same number holds the same events; without a plan, events that came meanwhile would slip in.
//! - One batch is under way at a time. A second one would hide the time of flight of the first, but on a line where that
//!   counts the batches are large, and one makes "done up to here" a single place.
//! - After a long outage what is fresh goes first. The plan knows the stretches of the spool that have not left; the spool
//!   itself has one floor, at the oldest of them. So what went ahead takes room until the backlog has left, and if the spool
//!   must give up records then, its note may count some that had left: it tells of too much, never of too little. Several
//!   floors in the spool would be more exact and would be in the way of everybody who opens one.
//! - A batch that was too large keeps its number and gets an earlier end: the next hop refused it, so it knows no name.
//!   A batch whose name the next hop knows with another content was not taken as ours, so our numbers begin anew.
//! - What a person carries to the appliance got its names when it was written. The line sends the same batches, never parts
//!   of them: one that is too large for somebody on the way is set aside, for it stands in the file as well.
//! - Where a policy holds, what comes in was judged by it; what waits was perhaps judged by an earlier one, or by none. It
//!   is judged anew when its batch gets its name, and goes unchanged from then on: what was sent once may have arrived,
//!   and under one name there is one content. So that it can be made again byte for byte, the last policies are known as
//!   well, and the digest tells which of them it was; the next hop judges it by the newest in any case. A batch that
//!   can be made by none of them any more goes as it may be now, and counts as taken if the next hop has it otherwise.
//!   Kept beside the plan, the body itself would need no earlier policies, but each batch of a backlog would be written twice.
//! - Evicted records leave a gap record in the spool, which travels as an event of the kind `gap`. The appliance sets it
//!   aside like any event it cannot store, where operators see it; appliances that do not know the kind do so as well.

mod backlog;
mod carried;
mod carrier;
mod chance;
mod copies;
mod cuts;
mod enrolling;
mod gathering;
mod hop;
mod joining;
mod judge;
mod letters;
mod line;
mod names;
mod orders;
mod outbox;
mod parcels;
mod plan;
mod records;
mod rules;
mod service;
mod signer;
mod status;
mod unsent;

use std::path::PathBuf;
use std::sync::Arc;

pub use backlog::{Backlog, Waiting};
pub use carrier::{Carrier, Inspect};
pub use chance::Chance;
pub use copies::Resend;
pub use enrolling::{EnrollError, Granted, NewKey, enroll, renew};
pub use hop::{Authority, ClientIdentity, Hop, HopConfig, HopError};
pub use joining::{Admitted, JoinError, join};
pub use letters::LetterCount;
pub use orders::Orders;
pub use outbox::{Outbox, OutboxConfig};
pub use parcels::{Head, ParcelCount, ParcelError, Parcels, Wrapping};
pub use plan::PlanError;
pub use rules::Pace;
pub use service::{Uplink, UplinkConfig};
pub use status::{Link, Status};

/// The way out is broken; the process must end and start again.
#[derive(Debug, thiserror::Error)]
pub enum UplinkError {
    /// The spool cannot be opened.
    #[error("buffer cannot be opened")]
    Open(#[from] nazorat_spool::OpenError),
    /// The spool cannot be read.
    #[error("buffer cannot be read")]
    Read(#[from] nazorat_spool::ReadError),
    /// The spool cannot be freed.
    #[error("state of the buffer cannot be written")]
    State(#[from] nazorat_spool::StateError),
    /// The spool's disk failed.
    #[error("buffer failed: {0}")]
    Failed(Arc<str>),
    /// A newer program wrote this batch; sending it on would lose it.
    #[error("batch {0} in the buffer was written by a newer nazorat; start that version again")]
    Unknown(u64),
    /// What may be kept of a batch cannot be told.
    #[error("what may be passed on cannot be told: {0}")]
    Unjudged(String),
    /// The plan cannot be used.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The names of batches that have left cannot be used.
    #[error("{path}, the numbers of batches that have left, cannot be used")]
    Names {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Where batches lie that have left cannot be read or kept.
    #[error("{path}, where batches lie that have left, cannot be used")]
    Cuts {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder of refused batches cannot be used.
    #[error("folder of refused batches {path} cannot be used")]
    Letters {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder of screenshots cannot be used.
    #[error("folder of screenshots {path} cannot be used")]
    Parcels {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A body could not be packed.
    #[error("batch cannot be packed")]
    Pack(#[source] std::io::Error),
    /// The next hop cannot even be tried.
    #[error(transparent)]
    Hop(#[from] HopError),
}
