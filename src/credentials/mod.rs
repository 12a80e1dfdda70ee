//! What people pass doors with: their cards and their faces.
//!
//! ```text
//! employee --> cards (number, in use or blocked) --+--> held: what every terminal should know --> devices, gateways
//!          \-> face (JPEG in an encrypted file) ---'
//! ```
//! Owns the cards, the faces and the files of the faces. Must never show a face without a record in the audit log, never
//! write a whole card number into that log or any other, and never keep anything of somebody who was deleted.
//!
//! ## Design notes
//! - A person's own things go with the person. People are deleted in a domain that knows nothing of cards, so that a
//!   task compares both sides after each change of people, and a look at somebody who is gone finds nothing at once.
//! - A file and a record cannot be written in one step. A file is noted as unused before it is written, and the note
//!   goes in the transaction that names the file; what is still noted after a crash is removed.

mod error;
mod model;
mod number;
mod records;
mod rules;
mod service;
mod sync;
#[cfg(test)]
mod tests;
mod upkeep;

pub use error::{CredentialsError, Holder};
pub use model::{Card, Carried, Face, Held, NewCard};
pub use number::{CardNumber, NumberError};
pub use service::{Credentials, Sources};
