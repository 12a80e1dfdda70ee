//! The process itself: starting and stopping tasks, blocking work, telemetry, periodic tasks.
//!
//! Owns every task of the process. Knows nothing of what the tasks do.

mod blocking;
mod described;
pub mod disk;
mod lifecycle;
pub mod machine;
mod periodic;
pub mod supervise;
pub mod telemetry;

pub use blocking::blocking;
pub use lifecycle::{Lifecycle, Signals, Stopped};
pub use periodic::{Nudge, every};
