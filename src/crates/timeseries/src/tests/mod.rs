//! Real files in temporary folders; a crash is a copy of the files as they are while the hub is open.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod damage;
mod reading;
mod settings;
mod totals;
mod upkeep;
mod world;
mod writing;
