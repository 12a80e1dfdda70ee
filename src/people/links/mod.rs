//! Dated links: from when to when an account belongs to an employee. Events are joined to people through them when
//! they are read, so that a corrected link corrects the past.

mod model;
mod rules;
mod service;

pub use model::{AccountSpan, Link, LinkInput};
pub(in crate::people) use rules::{clip, holder};
