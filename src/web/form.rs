//! What forms have in common: things named in the address, choices, and problems beside their fields.

use axum::extract::FromRequestParts;
use axum::extract::Path;
use http::request::Parts;
use std::str::FromStr;

use crate::kernel::Kind;
use crate::kernel::Language;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Texts;
use crate::web::language_of;

/// What an address names, such as the 7 of `/operators/7`. Anything else is a page that does not exist.
#[derive(Debug, Clone, Copy)]
pub struct At<T>(pub T);

impl<S, T> FromRequestParts<S> for At<T>
where
    S: Send + Sync,
    T: FromStr + Send,
{
    type Rejection = PageFailure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageFailure> {
        let named = Path::<String>::from_request_parts(parts, state).await.ok();
        named.and_then(|Path(text)| text.parse().ok()).map(At).ok_or_else(|| {
            let texts = Texts::of(language_of(&parts.headers).unwrap_or(Language::Uz));
            let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
            PageFailure::new(Failure::not_found(), texts, &parts.headers, path)
        })
    }
}

/// One option of a select or of radio buttons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

impl Choice {
    /// An option; it is chosen when it has the value that was sent.
    pub fn new(value: &str, label: impl Into<String>, sent: &str) -> Self {
        Self { value: value.to_owned(), label: label.into(), chosen: value == sent }
    }

    /// The languages.
    pub fn languages(sent: &str) -> Vec<Self> {
        let name = |language| match language {
            Language::Uz => "O\u{2bb}zbekcha",
            Language::Ru => "\u{420}\u{443}\u{441}\u{441}\u{43a}\u{438}\u{439}",
            Language::En => "English",
        };
        Language::ALL.into_iter().map(|language| Self::new(language.tag(), name(language), sent)).collect()
    }
}

/// One thing that is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub field: &'static str,
    pub text: String,
}

/// All that is wrong with a form, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Nothing is wrong.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// One more problem.
    pub fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push(Problem { field, text: text.into() });
    }

    /// Takes what a field was parsed to, or notes why it could not be.
    pub fn take<T>(&mut self, field: &'static str, texts: Texts, parsed: Result<T, impl Into<Failure>>) -> Option<T> {
        parsed.map_err(|problem| self.add(field, problem.into().sentence(texts))).ok()
    }

    /// What a verb refused, when the person can mend it; anything else is no matter of the form. Failures that name
    /// no field stand at `otherwise`.
    pub fn refused(failure: Failure, texts: Texts, otherwise: &'static str) -> Result<Self, Failure> {
        match failure.kind {
            Kind::Invalid | Kind::Conflict | Kind::TooMany | Kind::Unavailable => {
                let mut problems = Self::none();
                problems.add(failure.field.unwrap_or(otherwise), failure.sentence(texts));
                Ok(problems)
            }
            Kind::Unauthenticated | Kind::Forbidden | Kind::NotFound | Kind::Internal => Err(failure),
        }
    }

    /// The sentence at a field; empty when it is fine.
    pub fn at(&self, field: &str) -> &str {
        self.0.iter().find(|problem| problem.field == field).map_or("", |problem| problem.text.as_str())
    }

    /// All of them, for the summary.
    pub fn items(&self) -> &[Problem] {
        &self.0
    }

    /// True when all is well.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
