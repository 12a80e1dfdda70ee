//! The durable line inside of the appliance: from a decoded batch to rows in a partition, exactly once.
//!
//! ```text
//! ingest --> accept: seen before? --> spool (fsync) --> answer
//!                                       \--> applier: rows + ledger in one commit --> checkpoint, read back --> free
//! ```
//!
//! Owns the appliance's spool and the memory of recent batch names. Must never answer before the batch is durable, and
//! never free a spool record before its rows were read back from a checkpointed partition.
//!
//! What comes in, and what an operator puts back, is first held against what policies let anybody keep (`keeping`).
//!
//! ## Design notes
//! - A batch is recognised by its name in three places: the window in memory (batches that are not applied yet), the
//!   ledger of every partition it touches (for ever), and the spool itself at start, from which the window is filled.
//! - The spool holds decoded events, not the body: the applier is then a copy into columns, and what was refused at
//!   the door stays refused after a change of the rules.

mod applier;
mod error;
mod keeping;
mod letters;
mod model;
mod noted;
mod records;
mod rules;
mod service;
mod spread;
mod window;

pub use applier::Applier;
pub use error::{AcceptError, IntakeError};
pub use keeping::{Counted, Holding, Kept, Mark, Rules, ShotHead, Tally, counted, judge};
pub use letters::{Letter, LettersError, PutBack};
pub use model::{BatchKey, NewBatch, NewDeviceStatus, NewScreenshot, NewStatus, Seen, Source, Statuses, TimeWindow};
pub use service::{Backlog, Config, Intake};
