//! Values of JSON, whatever type a device chose for them today.

use serde_json::Value;

/// The longest text that is taken over.
const MOST_TEXT: usize = 512;

/// A member of an object, in any case.
pub(super) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Text, also where a number stands.
pub(super) fn text(value: &Value, name: &str) -> String {
    match member(value, name) {
        Some(Value::String(text)) => text.trim().chars().take(MOST_TEXT).collect(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// A number, also where text stands.
pub(super) fn number(value: &Value, name: &str) -> Option<u64> {
    match member(value, name)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number that fits 16 bits; 0 where none is.
pub(super) fn small(value: &Value, name: &str) -> u16 {
    number(value, name).and_then(|number| u16::try_from(number).ok()).unwrap_or(0)
}

/// Yes or no, also as text or a number.
pub(super) fn flag(value: &Value, name: &str) -> Option<bool> {
    match member(value, name)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        Value::Number(number) => number.as_u64().map(|number| number != 0),
        _ => None,
    }
}

/// The items of an array; a missing one is empty, a single object is one.
pub(super) fn items<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    match member(value, name) {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    }
}

/// Reads JSON of bounded length; a mark at its beginning and bytes that are no text do not matter.
pub(super) fn json(bytes: &[u8]) -> Result<Value, super::Unreadable> {
    if bytes.len() > super::MOST_DOCUMENT {
        return Err(super::Unreadable::TooLong(bytes.len()));
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_matches(['\0', ' ', '\r', '\n', '\t']);
    serde_json::from_str(text).map_err(|problem| super::Unreadable::Broken(problem.to_string()))
}

/// Whether a document is XML rather than JSON, by how it begins.
pub(super) fn is_xml(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.trim_ascii_start().starts_with(b"<")
}
