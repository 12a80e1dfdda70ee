//! Texts in the three languages. The sentences live in `web/locales`; templates and code know only their keys.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::LanguageIdentifier;
use fluent_templates::Loader as _;
use fluent_templates::fluent_bundle::FluentValue;

use crate::kernel::Language;
use crate::web::format::grouped_digits;

fluent_templates::static_loader! {
    static TEXTS = {
        locales: "./web/locales",
        fallback_language: "en",
        // Names stand alone in cells and attributes; marks around them would be copied along.
        customise: |bundle| {
            bundle.set_use_isolating(false);
            bundle.set_formatter(Some(grouped));
        },
    };
}

/// One language's texts. Cheap to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texts(Language);

/// A value in a sentence: text or a number, which may decide the plural form.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// A number shown with thousands apart; it decides the plural form.
    Number(i64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(text.into())
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(text.as_str().into())
    }
}

macro_rules! number_values {
    ($($name:ty),+) => {$(
        impl From<$name> for Value<'_> {
            fn from(number: $name) -> Self {
                Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )+};
}

number_values!(i64, u64, u32, i32, u16, usize);

impl Texts {
    /// The texts of a language.
    pub const fn of(language: Language) -> Self {
        Self(language)
    }

    /// Which language.
    pub const fn language(self) -> Language {
        self.0
    }

    /// A text without values.
    pub fn t(self, key: &str) -> String {
        self.find(key, None)
    }

    /// A text with one number in `$count`.
    pub fn count(self, key: &str, count: impl Into<Value<'static>>) -> String {
        self.with(key, [("count", count.into())])
    }

    /// A text with values.
    pub fn with<'a, const N: usize>(self, key: &str, values: [(&'static str, Value<'a>); N]) -> String {
        let values = values.into_iter().map(|(name, value)| (Cow::Borrowed(name), fluent(value))).collect();
        self.find(key, Some(&values))
    }

    /// A text that may not exist, such as the explanation of an error code.
    pub fn maybe(self, key: &str) -> Option<String> {
        TEXTS.try_lookup(&self.identifier(), key)
    }

    /// A text with values that may not exist.
    pub fn maybe_with<'a, const N: usize>(self, key: &str, values: [(&'static str, Value<'a>); N]) -> Option<String> {
        let values = values.into_iter().map(|(name, value)| (Cow::Borrowed(name), fluent(value))).collect();
        TEXTS.try_lookup_with_args(&self.identifier(), key, &values)
    }

    fn find(self, key: &str, values: Option<&HashMap<Cow<'static, str>, FluentValue<'_>>>) -> String {
        let found = match values {
            Some(values) => TEXTS.try_lookup_with_args(&self.identifier(), key, values),
            None => TEXTS.try_lookup(&self.identifier(), key),
        };
        found.unwrap_or_else(|| {
            tracing::error!("text {key} is missing in {}", self.0.tag());
            format!("\u{2753}{key}")
        })
    }

    fn identifier(self) -> LanguageIdentifier {
        self.0.tag().parse().unwrap_or_default()
    }
}

fn fluent(value: Value<'_>) -> FluentValue<'_> {
    match value {
        Value::Text(text) => FluentValue::String(text),
        Value::Number(number) => FluentValue::from(number),
    }
}

/// Numbers in sentences look like those that stand alone.
fn grouped<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(grouped_digits(&number.as_string())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Texts;
    use crate::kernel::Language;

    #[test]
    fn russian_has_three_plural_forms() {
        let ru = Texts::of(Language::Ru);
        let forms: std::collections::BTreeSet<String> = [1_u32, 2, 5]
            .into_iter()
            .map(|count| ru.count("days-count", count).trim_start_matches(|c: char| c.is_ascii_digit()).to_owned())
            .collect();
        assert_eq!(forms.len(), 3, "{forms:?}");
    }

    #[test]
    fn a_missing_text_is_seen() {
        let key = ["no", "such", "key"].join("-");
        assert!(Texts::of(Language::En).t(&key).contains(&key));
    }
}
