//! What was typed into a form or an address, and addresses that say it again.

use std::str::FromStr;

use crate::kernel::Day;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::people::FieldError;
use crate::people::FieldProblem;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Visitor;
use crate::web::encode;

/// The pairs of a form or a query, in their order. What is missing is empty.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// A form that is filled in beforehand.
    pub(super) fn of<const N: usize>(pairs: [(&str, String); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// What was typed.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// The same as a value of its own.
    pub(super) fn owned(&self, name: &str) -> String {
        self.text(name).to_owned()
    }

    /// Everything that was picked under one name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// A number, an id; `None` when there is none or it is not one.
    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).parse().ok()
    }

    /// Everything that was picked, as ids. What is none is left out.
    pub(super) fn parsed_all<T: FromStr>(&self, name: &str) -> Vec<T> {
        self.all(name).filter_map(|text| text.parse().ok()).collect()
    }

    /// A day; empty is none.
    pub(super) fn day(&self, name: &'static str) -> Result<Option<Day>, FieldError> {
        match self.text(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| FieldProblem::Malformed.of(name)),
        }
    }

    /// A moment as the wall clock of the zone shows it; empty is none.
    pub(super) fn moment(&self, name: &'static str, zone: &Zone) -> Result<Option<Timestamp>, FieldError> {
        match self.text(name) {
            "" => Ok(None),
            text => {
                let civil: jiff::civil::DateTime = text.parse().map_err(|_| FieldProblem::Malformed.of(name))?;
                Ok(Some(zone.at(civil)))
            }
        }
    }

    /// An id that must be one when something was chosen.
    pub(super) fn chosen<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, FieldError> {
        match self.text(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| FieldProblem::Unknown.of(name)),
        }
    }

    /// An address within one part of the site, to which the visitor goes back.
    pub(super) fn back<'a>(&'a self, part: &'a str) -> &'a str {
        let next = self.text("next");
        let rest = next.strip_prefix(part);
        let inside = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '/']));
        if inside && !next.contains(['\\', '\r', '\n']) { next } else { part }
    }
}

/// An address with those values that are there.
pub(super) fn href(path: &str, query: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(name);
        address.push('=');
        address.push_str(&encode(value));
    }
    address
}

/// The id in an address; what is no id does not exist.
pub(super) fn id<T: FromStr>(visitor: &Visitor, raw: &str) -> Result<T, PageFailure> {
    raw.parse().map_err(|_| visitor.failure(Failure::not_found()))
}

/// What a verb refused, beside its field. What is no matter of a field is a page of its own.
pub(super) fn refusal(visitor: &Visitor, problem: impl Into<Failure>) -> Result<Problems, PageFailure> {
    let failure = problem.into();
    if failure.field.is_none() {
        return Err(visitor.failure(failure));
    }
    Problems::refused(failure, visitor.texts, "").map_err(|failure| visitor.failure(failure))
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use super::href;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn addresses_leave_out_what_is_empty() {
        assert_eq!(href("/people", &[("q", "G\u{2bb}ani"), ("state", "")]), "/people?q=G%CA%BBani");
        assert_eq!(href("/people", &[]), "/people");
    }

    #[test]
    fn one_only_goes_back_inside() {
        assert_eq!(fields(&[("next", "/people?q=a")]).back("/people"), "/people?q=a");
        assert_eq!(fields(&[("next", "//elsewhere.example")]).back("/people"), "/people");
        assert_eq!(fields(&[("next", "/peopled")]).back("/people"), "/people");
    }

    #[test]
    fn what_is_picked_and_no_number_is_left_out() {
        let picked: Vec<u32> = fields(&[("pick", "3"), ("pick", "x"), ("pick", " 5 ")]).parsed_all("pick");
        assert_eq!(picked, [3, 5]);
    }
}
