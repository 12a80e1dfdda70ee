//! The settings of a kind as the fields of a form: our own words where a field is known, else those of its schema.

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

use crate::adapters::Field;
use crate::adapters::Input;
use crate::adapters::Kind;
use crate::adapters::SettingError;
use crate::adapters::fields;
use crate::web::Choice;
use crate::web::Texts;

/// Names of settings begin so in the form.
pub(super) const PREFIX: &str = "s-";

/// A field as it is shown.
pub(super) struct Shown {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) hint: String,
    /// `text`, `number`, `password`, `flag` or `choice`.
    pub(super) input: &'static str,
    pub(super) value: String,
    pub(super) least: i64,
    pub(super) most: i64,
    pub(super) checked: bool,
    pub(super) choices: Vec<Choice>,
    pub(super) required: bool,
    pub(super) error: String,
    /// Whether it stands with those that few people need.
    pub(super) is_rare: bool,
}

/// A problem beside a field.
pub(super) struct Wrong {
    pub(super) field: String,
    pub(super) text: String,
}

/// The fields with what was typed or is stored, and what is wrong with it. Secrets are shown never.
pub(super) fn shown(
    texts: Texts,
    kind: &Kind,
    (given, kept): (&Map<String, Value>, &BTreeSet<String>),
    wrong: &[Wrong],
) -> Vec<Shown> {
    let one = |field: Field| {
        let name = format!("{PREFIX}{}", field.name);
        let value = given.get(&field.name).or(field.default.as_ref());
        let is_kept = field.secret && kept.contains(&field.name);
        let (least, most) = match field.input {
            Input::Number { least, most } => (least, most),
            _ => (0, 0),
        };
        let mut hint = words(texts, kind, &field.name, "-hint").unwrap_or_else(|| field.description.clone());
        if is_kept {
            hint = format!("{} {hint}", texts.t("devices-secret-kept"));
        }
        Shown {
            label: words(texts, kind, &field.name, "").unwrap_or_else(|| title(&field)),
            hint: hint.trim().to_owned(),
            input: match &field.input {
                _ if field.secret => "password",
                Input::Text(_) => "text",
                Input::Number { .. } => "number",
                Input::Flag => "flag",
                Input::Choice(_) => "choice",
            },
            value: if field.secret { String::new() } else { value.map(text_of).unwrap_or_default() },
            least,
            most,
            checked: value.is_some_and(|value| value.as_bool() == Some(true) || value.as_str() == Some("true")),
            choices: choices(texts, &field, value),
            required: field.required && !is_kept,
            is_rare: field.group.is_some(),
            error: wrong.iter().find(|wrong| wrong.field == name).map(|wrong| wrong.text.clone()).unwrap_or_default(),
            name,
        }
    };
    fields(&kind.schema).into_iter().filter(|field| !field.made).map(one).collect()
}

/// What is wrong with settings, in the reader's words.
pub(super) fn wrong(texts: Texts, kind: &Kind, found: &[SettingError]) -> Vec<Wrong> {
    let all = fields(&kind.schema);
    let sentence = |error: &SettingError| {
        let field = all.iter().find(|field| field.name == error.field);
        if let Some(own) = texts.maybe(&format!("devices-wrong-{}", error.code.replace('_', "-"))) {
            return own;
        }
        match field.map(|field| &field.input) {
            _ if error.code == "needed" => texts.t("error-required"),
            Some(Input::Number { least, most }) => {
                texts.with("devices-wrong-number", [("least", (*least).into()), ("most", (*most).into())])
            }
            Some(Input::Text(most)) => texts.count("devices-wrong-text", *most),
            Some(Input::Flag | Input::Choice(_)) => texts.t("error-required"),
            None => error.to_string(),
        }
    };
    found.iter().map(|error| Wrong { field: format!("{PREFIX}{}", error.field), text: sentence(error) }).collect()
}

fn choices(texts: Texts, field: &Field, value: Option<&Value>) -> Vec<Choice> {
    let Input::Choice(all) = &field.input else { return Vec::new() };
    let chosen = value.map(text_of).unwrap_or_default();
    let label = |one: &String| {
        let key = format!("devices-choice-{}-{}", field.name.replace('_', "-"), one.replace('_', "-"));
        texts.maybe(&key).unwrap_or_else(|| one.clone())
    };
    all.iter().map(|one| Choice::new(one, label(one), &chosen)).collect()
}

/// Our own words for a field: of its kind first, then of its name.
fn words(texts: Texts, kind: &Kind, name: &str, end: &str) -> Option<String> {
    let (kind, name) = (kind.word.replace('_', "-"), name.replace('_', "-"));
    let own = texts.maybe(&format!("devices-field-{kind}-{name}{end}"));
    own.or_else(|| texts.maybe(&format!("devices-field-{name}{end}")))
}

fn title(field: &Field) -> String {
    if field.title.is_empty() { field.name.replace('_', " ") } else { field.title.clone() }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::shown;
    use super::wrong;
    use crate::adapters::Kind;
    use crate::adapters::check;
    use crate::kernel::Language;
    use crate::web::Texts;

    fn kind() -> Kind {
        let schema = json!({
            "type": "object",
            "required": ["password"],
            "properties": {
                "port": { "type": "integer", "minimum": 1, "maximum": 65535, "default": 80, "title": "Port" },
                "password": { "type": "string", "writeOnly": true, "title": "Password" },
                "odd_thing": { "type": "string", "title": "An odd thing", "description": "Only here." },
                "stream": { "enum": ["auto", "x"], "default": "auto", "title": "Events" },
            },
        });
        Kind { word: "other", vendor: "Somebody", version: "1", has_address: true, obeys: true, schema }
    }

    #[test]
    fn a_secret_is_asked_for_once_and_never_shown() {
        let texts = Texts::of(Language::En);
        let given = json!({ "password": "Demo-Pass-7", "port": 81 }).as_object().unwrap().clone();
        let none = BTreeSet::new();
        let fresh = shown(texts, &kind(), (&given, &none), &[]);
        assert_eq!((fresh[1].input, fresh[1].value.as_str(), fresh[1].required), ("password", "", true));
        assert_eq!((fresh[0].value.as_str(), fresh[3].choices[0].chosen), ("81", true));
        let kept = BTreeSet::from(["password".to_owned()]);
        let again = shown(texts, &kind(), (&given, &kept), &[]);
        assert!(
            !again[1].required && again[1].value.is_empty() && again[1].hint.contains("is set"),
            "{}",
            again[1].hint
        );
    }

    #[test]
    fn what_nobody_knows_here_keeps_the_words_of_its_schema() {
        let given = serde_json::Map::new();
        let fields = shown(Texts::of(Language::Uz), &kind(), (&given, &BTreeSet::new()), &[]);
        assert_eq!((fields[2].label.as_str(), fields[2].hint.as_str()), ("An odd thing", "Only here."));
        assert_ne!(fields[1].label, "Password", "a known field has our own words");
    }

    #[test]
    fn what_is_wrong_is_said_beside_its_field_in_the_readers_language() {
        let given = json!({ "port": "0" }).as_object().unwrap().clone();
        let found = wrong(Texts::of(Language::En), &kind(), &check(&kind().schema, &given).unwrap_err());
        let said: Vec<_> =
            found.iter().map(|wrong| (wrong.field.as_str(), wrong.text.replace('\u{a0}', " "))).collect();
        assert_eq!(said[0], ("s-port", "Write a whole number from 1 to 65 535.".to_owned()));
        assert_eq!(said[1], ("s-password", "Fill in this field.".to_owned()));
    }
}
