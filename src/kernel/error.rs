//! What went wrong, in the words that a protocol understands. Each domain maps its own errors here, `web` and
//! `ingest` map the kind to a status once.

/// The kind of a failure, seen by the one who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nobody is logged in, or the key is unknown.
    Unauthenticated,
    /// The actor may not do this.
    Forbidden,
    /// It does not exist, or belongs to somebody else.
    NotFound,
    /// The input is wrong; the caller can mend it.
    Invalid,
    /// It clashes with what is already there.
    Conflict,
    /// Too much, too large or too often.
    TooMany,
    /// It works, but not now.
    Unavailable,
    /// Our fault.
    Internal,
}

/// An error that knows its kind and a stable code.
pub trait Classify: std::error::Error {
    /// What kind of failure it is.
    fn kind(&self) -> Kind;

    /// A stable snake_case code, also the key of the sentence shown to the user.
    fn code(&self) -> &'static str;

    /// The input field that the error is about, if there is one.
    fn field(&self) -> Option<&'static str> {
        None
    }
}
