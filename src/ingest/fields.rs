//! A small JSON object or form, field by field; the error names the field. What nobody asked for is counted.

use nazorat_wire::Limit;
use nazorat_wire::shorten;
use serde_json::Map;
use serde_json::Value;

use crate::ingest::Refusal;
use crate::kernel::Timestamp;

/// A stable code and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) code: &'static str,
    pub(super) detail: String,
}

impl Wrong {
    pub(super) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        Refusal::bad(wrong.code, wrong.detail)
    }
}

/// Fields that nobody took yet.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a JSON object.
    pub(super) fn read(json: &[u8]) -> Result<Self, Wrong> {
        match serde_json::from_slice(json) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(_) => Err(Wrong::new("wrong_type", "must be an object")),
            Err(problem) => Err(Wrong::new("not_json", format!("not JSON: {problem}"))),
        }
    }

    /// Puts in a field of a form.
    pub(super) fn put(&mut self, name: &str, text: &str) {
        self.0.insert(name.to_owned(), Value::String(text.to_owned()));
    }

    /// A text of any length; an empty one counts as absent.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, Wrong> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
            Some(_) => Err(Wrong::new("wrong_type", format!("{name} must be a string"))),
        }
    }

    /// A text that names something; a long one is refused.
    pub(super) fn name(&mut self, name: &'static str) -> Result<Option<String>, Wrong> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        if text.len() > Limit::NAME.0 {
            let detail = format!("{name} has {} bytes, at most {} are taken", text.len(), Limit::NAME.0);
            return Err(Wrong::new("too_long", detail));
        }
        Ok(Some(shorten(text.into(), Limit::NAME).into_owned()))
    }

    /// A text of which the beginning suffices.
    pub(super) fn short(&mut self, name: &'static str, limit: Limit) -> Result<Option<String>, Wrong> {
        Ok(self.text(name)?.map(|text| shorten(text.into(), limit).into_owned()))
    }

    /// A number, whole or not.
    pub(super) fn number(&mut self, name: &'static str) -> Result<Option<f64>, Wrong> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(_) => Err(Wrong::new("wrong_type", format!("{name} must be a number"))),
        }
    }

    /// Yes or no; no when it is absent.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool, Wrong> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(Wrong::new("wrong_type", format!("{name} must be true or false"))),
        }
    }

    /// A field that is known and not needed.
    pub(super) fn skip(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// How many fields were not known.
    pub(super) fn unknown(&self) -> u64 {
        self.0.len() as u64
    }
}

impl std::fmt::Display for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).unwrap_or_default())
    }
}

/// What must be there.
pub(super) fn needed<T>(name: &'static str, value: Option<T>) -> Result<T, Wrong> {
    value.ok_or_else(|| Wrong::new("missing_field", format!("{name} is missing")))
}

/// An RFC 3339 time.
pub(super) fn time(name: &'static str, text: &str) -> Result<Timestamp, Wrong> {
    text.parse().map_err(|_| Wrong::new("bad_time", format!("{name}: {:?} is not an RFC 3339 time", clip(text))))
}

/// The beginning of a text, for an error.
pub(super) fn clip(text: &str) -> &str {
    text.get(..text.floor_char_boundary(64)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use nazorat_wire::Limit;

    use super::Fields;

    #[test]
    fn each_field_is_taken_once_and_the_rest_is_counted() {
        let mut fields = Fields::read(br#"{"a":"x","b":1.5,"c":true,"d":null,"e":" ","f":[1],"g":2}"#).unwrap();
        assert_eq!(fields.name("a"), Ok(Some("x".to_owned())));
        assert_eq!(fields.name("a"), Ok(None));
        assert_eq!(fields.number("b"), Ok(Some(1.5)));
        assert_eq!(fields.flag("c"), Ok(true));
        assert_eq!((fields.text("d"), fields.text("e")), (Ok(None), Ok(None)));
        assert_eq!(fields.text("f").unwrap_err().code, "wrong_type");
        assert_eq!(fields.unknown(), 1);
    }

    #[test]
    fn names_have_a_bound_and_titles_are_shortened() {
        let mut fields = Fields::default();
        fields.put("name", &"x".repeat(257));
        fields.put("title", &"x".repeat(2_000));
        assert_eq!(fields.name("name").unwrap_err().code, "too_long");
        assert_eq!(fields.short("title", Limit::TITLE).unwrap().unwrap().len(), 1_024);
        assert_eq!(Fields::read(b"[]").unwrap_err().code, "wrong_type");
        assert_eq!(Fields::read(b"{").unwrap_err().code, "not_json");
    }
}
