//! How long events are kept: settings by organization and dataset, dry runs, the nightly removal, sealing of months
//! that are over, and what it all takes on the disk.
//!
//! Owns the settings and the order of removal (plan, archive if asked, rows, then the files of screenshots). Must
//! never remove what a dry run would not have shown, nor anything at all when the clock has jumped.

mod files;
mod keeper;
mod model;
mod records;
mod rules;
mod service;

pub use files::{EventFile, Standing};
pub use model::{Action, DatasetUsage, Keep, Preview, Removed, Settings, SettingsError, Usage};
pub use service::{Retention, RetentionError};
