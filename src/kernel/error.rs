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

/// An error with everything behind it in one line, without what transparent errors repeat. For the log and for the
/// owner of the machine, never for a page.
pub fn with_causes(problem: &dyn std::error::Error) -> String {
    let mut parts = vec![problem.to_string()];
    let mut source = problem.source();
    while let Some(cause) = source {
        parts.push(cause.to_string());
        source = cause.source();
    }
    parts.dedup();
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::with_causes;

    #[derive(Debug, thiserror::Error)]
    enum Layer {
        #[error("disk is full")]
        Disk,
        #[error(transparent)]
        Seen(Box<Layer>),
        #[error("batch 7 was not stored")]
        Batch(#[source] Box<Layer>),
    }

    #[test]
    fn every_reason_is_said_once() {
        let disk = Layer::Seen(Box::new(Layer::Disk));
        assert_eq!(with_causes(&Layer::Batch(Box::new(disk))), "batch 7 was not stored: disk is full");
        assert_eq!(with_causes(&Layer::Disk), "disk is full");
    }
}
