//! Reading one line of text that somebody typed.

use crate::people::FieldError;
use crate::people::FieldProblem;

/// A line with single spaces and no control characters; `None` when there is nothing in it.
pub(super) fn optional(field: &'static str, raw: &str, max: usize) -> Result<Option<String>, FieldError> {
    let line = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return Ok(None);
    }
    if line.chars().any(char::is_control) {
        return Err(FieldProblem::Malformed.of(field));
    }
    if line.chars().count() > max {
        return Err(FieldProblem::TooLong { max }.of(field));
    }
    Ok(Some(line))
}

/// The same where something must be in it.
pub(super) fn required(field: &'static str, raw: &str, max: usize) -> Result<String, FieldError> {
    optional(field, raw, max)?.ok_or_else(|| FieldProblem::Required.of(field))
}

/// The same where nothing is as good as an empty line.
pub(super) fn plain(field: &'static str, raw: &str, max: usize) -> Result<String, FieldError> {
    optional(field, raw, max).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::optional;
    use super::required;
    use crate::people::FieldProblem;

    #[test]
    fn a_line_is_trimmed_and_bounded() {
        assert_eq!(required("name", "  Bosh \t bino ", 10), Ok("Bosh bino".to_owned()));
        assert_eq!(optional("name", " \u{a0} ", 10), Ok(None));
        assert_eq!(required("name", "", 10), Err(FieldProblem::Required.of("name")));
        assert_eq!(required("name", "12345", 4), Err(FieldProblem::TooLong { max: 4 }.of("name")));
        assert_eq!(required("name", "a\u{0}b", 4), Err(FieldProblem::Malformed.of("name")));
    }
}
