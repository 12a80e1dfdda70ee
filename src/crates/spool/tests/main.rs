//! The spool's integration tests: on the real disk, and on a disk that crashes, fills up and fails on purpose.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod crash_disk;
mod damage;
mod disk;
mod disk_faults;
mod fixtures;
mod model;
mod support;
mod thresholds;
