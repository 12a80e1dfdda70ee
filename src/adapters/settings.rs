//! Settings of a kind of device: what its JSON Schema asks for, as the fields of a form, and what was typed held against it.
//!
//! Of JSON Schema only what the kinds use is understood: an object with `properties` of one type each, `required`, `enum`,
//! `minimum`, `maximum`, `maxLength`, `default`, `writeOnly`, `title` and `description`. Beside it stand two words of our
//! own: `group` puts fields together that few people need, and `made` marks what the appliance makes up by itself.

use serde_json::Map;
use serde_json::Value;

/// A field of the form.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name in the settings.
    pub name: String,
    /// What stands above it, in English; pages have their own words for it where they know it.
    pub title: String,
    /// What stands below it.
    pub description: String,
    /// What can be typed.
    pub input: Input,
    /// Whether it must be.
    pub required: bool,
    /// Whether it is kept sealed and never shown again.
    pub secret: bool,
    /// What holds when nothing is typed.
    pub default: Option<Value>,
    /// With which others it stands together, apart from those that everybody fills in.
    pub group: Option<String>,
    /// Whether the appliance makes it up; nobody types it.
    pub made: bool,
}

/// What can be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A text of so many bytes at most.
    Text(usize),
    /// A whole number.
    Number {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// Yes or no.
    Flag,
    /// One of these.
    Choice(Vec<String>),
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct SettingError {
    /// Which.
    pub field: String,
    /// What it must be.
    pub problem: String,
    /// The same as a stable word.
    pub code: &'static str,
}

impl SettingError {
    /// What is wrong, as a word and as the end of a sentence that begins with the name of the field.
    pub fn new(field: &str, code: &'static str, problem: impl Into<String>) -> Self {
        Self { field: field.to_owned(), problem: problem.into(), code }
    }
}

/// The fields of a schema, in their order.
pub fn fields(schema: &Value) -> Vec<Field> {
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let field = |(name, of): (String, Value)| {
        let text = |key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = |key: &str| of.get(key).and_then(Value::as_i64);
        let choices = of.get("enum").and_then(Value::as_array).map(|all| all.iter().filter_map(Value::as_str));
        let input = match (choices, of.get("type").and_then(Value::as_str)) {
            (Some(choices), _) => Input::Choice(choices.map(str::to_owned).collect()),
            (None, Some("boolean")) => Input::Flag,
            (None, Some("integer")) => Input::Number {
                least: number("minimum").unwrap_or(0),
                most: number("maximum").unwrap_or(i64::from(u32::MAX)),
            },
            _ => Input::Text(number("maxLength").and_then(|most| usize::try_from(most).ok()).unwrap_or(256)),
        };
        Field {
            title: text("title"),
            description: text("description"),
            input,
            required: required.iter().any(|one| one.as_str() == Some(&name)),
            secret: of.get("writeOnly").and_then(Value::as_bool).unwrap_or(false),
            default: of.get("default").cloned(),
            group: Some(text("group")).filter(|group| !group.is_empty()),
            made: of.get("made").and_then(Value::as_bool).unwrap_or(false),
            name,
        }
    };
    properties.into_iter().map(field).collect()
}

/// Holds settings against a schema. Texts are taken for numbers and flags where the schema wants those: forms have no other
/// way to say them. What nobody knows is refused; what was left out gets its default.
pub fn check(schema: &Value, given: &Map<String, Value>) -> Result<Map<String, Value>, Vec<SettingError>> {
    let fields = fields(schema);
    let mut wrong = Vec::new();
    for name in given.keys().filter(|name| !fields.iter().any(|field| field.name == **name)) {
        wrong.push(SettingError::new(name, "unknown", "is not known"));
    }
    let mut settings = Map::new();
    for field in fields {
        let typed = given.get(&field.name).filter(|value| !is_empty(value));
        match typed.map(|value| read(&field.input, value)).transpose() {
            Ok(Some(value)) => drop(settings.insert(field.name, value)),
            Ok(None) => match field.default {
                Some(default) => drop(settings.insert(field.name, default)),
                None if field.required => {
                    wrong.push(SettingError::new(&field.name, "needed", "is needed"));
                }
                None => {}
            },
            Err(problem) => wrong.push(SettingError::new(&field.name, "type", problem)),
        }
    }
    if wrong.is_empty() { Ok(settings) } else { Err(wrong) }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn read(input: &Input, value: &Value) -> Result<Value, String> {
    match input {
        Input::Text(most) => match value.as_str() {
            Some(text) if text.len() <= *most && !text.chars().any(char::is_control) => Ok(value.clone()),
            _ => Err(format!("must be a text of at most {most} bytes")),
        },
        Input::Number { least, most } => {
            let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
            match number {
                Some(number) if (*least..=*most).contains(&number) => Ok(number.into()),
                _ => Err(format!("must be a whole number from {least} to {most}")),
            }
        }
        Input::Flag => match (value.as_bool(), value.as_str()) {
            (Some(flag), _) => Ok(flag.into()),
            (None, Some("true" | "on" | "1")) => Ok(true.into()),
            (None, Some("false" | "off" | "0")) => Ok(false.into()),
            _ => Err("must be true or false".to_owned()),
        },
        Input::Choice(choices) => match value.as_str() {
            Some(text) if choices.iter().any(|choice| choice == text) => Ok(value.clone()),
            _ => Err(format!("must be one of {}", choices.join(", "))),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::check;
    use super::fields;

    fn schema() -> Value {
        json!({
            "type": "object",
            "required": ["user", "password"],
            "properties": {
                "port": { "type": "integer", "minimum": 1, "maximum": 65535, "default": 80, "title": "Port" },
                "https": { "type": "boolean", "default": false },
                "user": { "type": "string", "maxLength": 8 },
                "password": { "type": "string", "writeOnly": true },
                "stream": { "enum": ["auto", "poll"], "default": "auto" },
            },
        })
    }

    fn checked(given: Value) -> Result<Value, String> {
        let told =
            |wrong: Vec<super::SettingError>| wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        check(&schema(), given.as_object().unwrap()).map(Value::Object).map_err(told)
    }

    #[test]
    fn a_form_has_the_fields_of_the_schema_in_its_order() {
        let names: Vec<_> = fields(&schema()).into_iter().map(|field| (field.name, field.secret)).collect();
        let names: Vec<_> = names.iter().map(|(name, secret)| (name.as_str(), *secret)).collect();
        assert_eq!(names, [("port", false), ("https", false), ("user", false), ("password", true), ("stream", false)]);
    }

    #[test]
    fn what_was_typed_is_read_and_what_is_missing_is_filled_in() {
        let typed = json!({ "port": "8080", "https": "on", "user": "admin", "password": "x", "stream": "" });
        let read = json!({ "port": 8080, "https": true, "user": "admin", "password": "x", "stream": "auto" });
        assert_eq!(checked(typed), Ok(read));
    }

    #[test]
    fn every_wrong_field_is_told_with_what_it_must_be() {
        let told = checked(json!({ "port": "0", "user": "far too long", "stream": "x", "more": 1 })).unwrap_err();
        assert_eq!(
            told,
            "more is not known; port must be a whole number from 1 to 65535; user must be a text of at most 8 bytes; \
             password is needed; stream must be one of auto, poll"
        );
    }
}
