//! What people see of events: a person's day, who is at a computer now, sums of departments and organizations.
//!
//! Owns the rules that turn raw rows into a day, the catalogue of applications and sites, and the roll-up of days into
//! totals. Never changes an event, and never stores a category: categories are applied when something is shown.
//! Accounts are joined to people at read time, so that a corrected link corrects the past.

mod catalogue;
mod model;
mod rules;

pub use catalogue::{Catalogue, Known, Rule, Target};
pub use model::{Category, Lane, Segment, SessionMark, Shot, State, StateSpan, Timeline, Totals};
pub use rules::thin;
