//! Lists from outside: departments and employees come in as CSV, shown first, then applied exactly as shown.
//!
//! ## Design notes
//! - A plan is not kept between preview and apply. The same bytes are sent again with the token of the preview, the
//!   plan is made again inside of the transaction, and a different token refuses it. What lost: keeping plans on the
//!   server, which would need an owner, an expiry and a bound, and could still be out of date.
//! - An empty cell leaves what is there. A list from another system rarely knows everything, and an import that
//!   erases telephone numbers is noticed too late.
//! - Nobody is deleted or deactivated because they are missing from a list.

mod columns;
mod departments;
mod employees;
mod error;
mod export;
mod matching;
mod plan;
mod service;
mod sheet;
mod tree;

pub use error::{ImportError, RowError};
pub use export::Delimiter;
pub use plan::{FieldChange, ImportFile, ImportKind, ImportPlan, ImportRow, ImportToken, RowAction};
