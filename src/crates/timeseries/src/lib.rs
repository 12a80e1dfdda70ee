//! Events in partitioned DuckDB files. The only code that knows DuckDB and Arrow.
//!
//! One in-memory hub instance; each organization, dataset and UTC month has a file of its own
//! (`DATA/events/<organization>/<dataset>/<YYYY-MM>[-gN][-rN].duckdb`), attached on demand under a stable alias.
//!
//! - Files are append only. Rows and their ledger rows are committed together, so a batch that is handed in again, however
//!   late, is found in the ledger and skipped: stored exactly once.
//! - Nothing is safe before [`Hub::checkpoint`] has read it back from disk; until then the caller keeps its spool.
//! - A file that was not closed cleanly is tried in a child process first. A damaged one is renamed, never deleted, and a
//!   new generation takes what comes; queries list what they could not read.
//! - Plain numbers in, plain rows out: no rule about organizations, people or time zones is here.
//!
//! All methods block. A sketch of the way of an event:
//!
//! ```text
//! apply(key, batches) --> BEGIN; events, _batches, _accounts; COMMIT --> checkpoint() --> caller frees its spool
//!                                                                   \--> events() / count() / scan() see it at once
//! ```

mod apply;
mod attach;
mod catalog;
mod checkpoint;
mod config;
mod dataset;
mod dirty;
mod error;
mod event;
mod files;
mod filter;
mod forget;
mod hub;
mod ledger;
mod month;
mod overview;
mod partition;
mod pool;
pub mod probe;
mod quarantine;
mod read;
mod readmit;
mod retention;
mod rewrite;
mod scan;
mod schema;
mod seal;
mod settings;
mod sums;
mod through;
mod totals;

pub use apply::Applied;
pub use catalog::Finding;
pub use catalog::State;
pub use checkpoint::CheckpointReport;
pub use checkpoint::Checkpointed;
pub use checkpoint::SpoolMark;
pub use config::Clock;
pub use config::Config;
pub use config::Probe;
pub use config::RollLimits;
pub use dataset::Dataset;
pub use dataset::PartitionId;
pub use dataset::PartitionKey;
pub use dirty::DirtyHours;
pub use dirty::Touched;
pub use error::EngineError;
pub use error::HubError;
pub use error::OpenError;
pub use event::AccessEvent;
pub use event::AccountRow;
pub use event::ActiveWindow;
pub use event::Batches;
pub use event::DeviceStatus;
pub use event::Event;
pub use event::EventRow;
pub use event::GatewayStatus;
pub use event::InputActivity;
pub use event::LedgerRow;
pub use event::Position;
pub use event::RejectedEvent;
pub use event::Row;
pub use event::Rows;
pub use event::Screenshot;
pub use event::UserSession;
pub use event::VisitedSite;
pub use filter::AccountSpan;
pub use filter::Filter;
pub use filter::Order;
pub use hub::Hub;
pub use ledger::LedgerEntry;
pub use month::Month;
pub use overview::PartitionInfo;
pub use overview::Stats;
pub use read::Count;
pub use read::EventQuery;
pub use read::Extent;
pub use read::Page;
pub use read::PartitionProblem;
pub use read::Problem;
pub use retention::DropPlan;
pub use retention::Dropped;
pub use retention::PlannedDrop;
pub use scan::Scan;
pub use scan::ScanRow;
pub use sums::AccountDays;
pub use sums::GroupBy;
pub use sums::TotalSum;
pub use sums::TotalsQuery;
pub use totals::DayTotals;
pub use totals::TotalRow;

#[cfg(test)]
mod tests;
