//! What people see of events: a person's day, who is at a computer now, sums of departments and organizations, and what
//! the draft of a policy would have done.
//!
//! Owns the rules that turn raw rows into a day, the catalogue of applications and sites, and the roll-up of days into
//! totals. Never changes an event, and never stores a category: categories are applied when something is shown.
//! Accounts are joined to people at read time, so that a corrected link corrects the past.
//!
//! ## Design notes
//! - A day is computed from its rows each time; sums over many days are stored by account and day (`rollup`), computed
//!   by the same rules. Sums by employee lost: a corrected link would have to move them.
//! - An event belongs to the day in which it begins, wholly: days then add up, and no row is read for two days.

mod calendar;
mod catalogue;
mod error;
mod explorer;
mod gather;
mod model;
mod overview;
mod person;
mod plan;
mod presence;
mod preview;
mod ratings;
mod rollup;
mod rules;
mod service;
mod shown;
mod strips;
mod summary;
mod sums;
#[cfg(test)]
mod tests;
mod today;

pub use calendar::MOST_DAYS;
pub use catalogue::{Catalogue, Known, Rule, Target};
pub use error::MonitoringError;
pub use explorer::{EventCount, EventFilter, EventView, Events};
pub use model::{Category, Lane, Segment, SessionMark, Shot, State, StateSpan, Timeline, Totals};
pub use overview::{DepartmentNow, Overview, Quarter};
pub use presence::{PersonNow, Presence};
pub use preview::{Examples, Preview, PreviewExample, PreviewKind, PreviewReason, Why};
pub use ratings::Ratings;
pub use rollup::RolledUp;
pub use rules::thin;
pub use service::{AppliedThrough, Monitoring, Sources};
pub use shown::{
    Bucket, By, Completeness, PersonDay, PersonWeek, Place, ScreenshotView, Screenshots, Sessions, StripDay, Subject,
    Summary, SummaryBucket, SummaryDepartment, Top, TopRow, Unread,
};
pub use strips::DayStrips;
