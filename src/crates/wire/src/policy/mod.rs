//! What may be collected: decided once, and the same on the appliance, the gateways and the computers.
//!
//! ```text
//! settings of the organization --\
//! settings of departments --------> effective --> canonical text --> checksum
//! settings of the person --------/         \----> filter: keep, change or drop each fact
//! ```
//!
//! `settings` is what a person decides, each field on its own; `effective` what comes of several of them; `filter` holds
//! facts against it; `sheet` is how the appliance hands it out, signed. All of it is values in, values out: no clock, no I/O. Keystrokes, camera and microphone have no
//! words here, so nobody can ask for them.
//!
//! ## Design notes
//! - A field that is not set says nothing; the nearest one that is set wins, and it is remembered where it came from.
//!   Exclusions are no field: those of all layers hold together, because a department must not be able to collect what
//!   the organization has excluded.
//! - Patterns are matched in time that grows with the text and not with the pattern's wit (automata, no backtracking),
//!   and their size is bounded when they are compiled. So a hostile one is refused when it is written down, by name.

mod effective;
mod exclusions;
mod filter;
mod hours;
mod settings;
mod sheet;
#[cfg(test)]
mod tests;

pub use effective::{Effective, Layer, Origins};
pub use exclusions::{Action, Exclusion, Part, Pattern};
pub use filter::{Cause, Filter, Ruling};
pub use hours::{Hours, Span};
pub use settings::{Screenshots, Settings, SettingsError, SiteDetail, WindowDetail};
pub use sheet::{Filters, MAX_SHEET, PolicyItem, PolicyList, Sheet, SheetError, SignedSheet, signable};
