//! Real files in temporary folders; a crash is a copy of the files as they are while the hub is open.

mod damage;
mod model;
mod reading;
mod settings;
mod slow;
mod sums;
mod totals;
mod upkeep;
mod world;
mod writing;
