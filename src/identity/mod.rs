//! Who may come in: operators with their passwords, sessions and personal tokens, and the API keys of programs.
//!
//! Owns every proof of identity and turns it into a [`crate::kernel::Actor`]. Proofs are stored only as hashes:
//! passwords as argon2id, everything random as SHA-256. Must never show a secret twice, nor log one.
//!
//! ## Design notes
//! - Operators, keys and tokens also stand in memory, because every request asks for them; each change reads them
//!   again from the store before it returns, so a revoked key or a deactivated operator is refused by the next request.
//! - Sessions keep only who signed in. The operator behind them is looked up on every request, so a changed role needs
//!   no new session.
//! - Failed logins are counted per login and address together. Counting per login alone lost: anybody could lock
//!   everybody out. Many addresses trying one login are slowed down too, except for those from which the operator
//!   has signed in before.

mod api_keys;
mod error;
mod login;
mod model;
mod operators;
mod password;
mod records;
mod rules;
mod service;
mod sessions;
#[cfg(test)]
mod tests;
mod throttle;
mod tokens;

pub use api_keys::ApiKeys;
pub use error::IdentityError;
pub use login::{Login, LoginError};
pub use model::{
    ApiKey, Assignment, AssignmentError, DisplayName, IngestKey, IssuedKey, IssuedToken, KeyState, LoginName,
    NameError, NewOperator, Operator, OperatorChange, Session, SessionKey, SignedIn, Token, Visit,
};
pub use operators::{Operators, PasswordChange};
pub use password::PasswordError;
pub use service::{Config, FirstRun, Identity, Removal};
pub use sessions::{Origin, Sessions};
pub use tokens::{NewToken, Tokens};
