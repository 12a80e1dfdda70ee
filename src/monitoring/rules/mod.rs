//! Pure decisions: raw rows in, a person's day out. No store, no clock; everything counts in milliseconds.

mod day;
mod lane;
mod merge;
mod observed;
mod parts;
#[cfg(test)]
mod tests;

pub use merge::thin;

pub(crate) use day::Resolved;
pub(crate) use day::Share;
pub(crate) use day::resolve;
pub(crate) use observed::Observed;
pub(crate) use observed::Site;
pub(crate) use observed::Window;
pub(crate) use parts::Part;
