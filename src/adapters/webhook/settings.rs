//! What an installer entered for a system that sends events, as it is read.

use std::net::IpAddr;
use std::time::Duration;

use nazorat_terminals::foreign::Mapping;
use nazorat_terminals::foreign::MomentFormat;
use nazorat_terminals::foreign::Part;
use nazorat_terminals::foreign::Pointer;
use nazorat_terminals::foreign::Usual;
use nazorat_terminals::foreign::Words;
use nazorat_terminals::foreign::direction;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;
use serde_json::Map;
use serde_json::Value;

use super::signature::Form;
use super::signature::Signing;
use crate::adapters::SettingError;
use crate::kernel::SecretText;

/// A shorter key is guessed.
pub(super) const LEAST_KEY: usize = 16;

/// Where each part is unless it is said otherwise: our own names.
const PARTS: [(&str, Part); 12] = [
    ("at_time", Part::Time),
    ("at_serial", Part::Serial),
    ("at_person", Part::Person),
    ("at_person_name", Part::PersonName),
    ("at_card", Part::Card),
    ("at_door", Part::Door),
    ("at_reader", Part::Reader),
    ("at_direction", Part::Direction),
    ("at_credential", Part::Credential),
    ("at_outcome", Part::Outcome),
    ("at_reason", Part::Reason),
    ("at_code", Part::Code),
];

/// How a system is listened to.
pub(super) struct Settings {
    pub(super) signing: Signing,
    pub(super) mapping: Mapping,
    /// After so long without a request the system is away.
    pub(super) silence: Option<Duration>,
}

impl Settings {
    /// Reads settings, or says all that is wrong with them.
    pub(super) fn read(map: &Map<String, Value>) -> Result<Self, Vec<SettingError>> {
        let mut wrong = Vec::new();
        let signing = signing(map, &mut wrong);
        let mapping = mapping(map, &mut wrong);
        let source = text(map, "source_address");
        if !source.is_empty() && source.parse::<IpAddr>().is_err() {
            wrong.push(SettingError::new("source_address", "address", "must be an IP address such as 192.168.1.20"));
        }
        let minutes = number(map, "silence_minutes", 0);
        let silence = (minutes > 0).then(|| Duration::from_secs(minutes * 60));
        if wrong.is_empty() { Ok(Self { signing, mapping, silence }) } else { Err(wrong) }
    }
}

fn signing(map: &Map<String, Value>, wrong: &mut Vec<SettingError>) -> Signing {
    let key = text(map, "secret");
    if key.len() < LEAST_KEY {
        let problem = format!("must have at least {LEAST_KEY} characters");
        wrong.push(SettingError::new("secret", "short_key", problem));
    }
    let mut header = |name: &str, usual: &str| {
        let typed = text(map, name);
        if !typed.is_empty() && http::HeaderName::from_bytes(typed.as_bytes()).is_err() {
            wrong.push(SettingError::new(name, "header", "must be the name of a header such as X-Signature"));
        }
        if typed.is_empty() { usual.to_owned() } else { typed.to_owned() }
    };
    Signing {
        signature_header: header("signature_header", "X-Signature"),
        timestamp_header: header("timestamp_header", "X-Timestamp"),
        form: match text(map, "signature") {
            "body" => Form::Body,
            "standard_webhooks" => Form::StandardWebhooks,
            _ => Form::TimestampBody,
        },
        key: SecretText::new(key),
        tolerance_secs: i64::try_from(number(map, "tolerance_secs", 300)).unwrap_or(300),
    }
}

fn mapping(map: &Map<String, Value>, wrong: &mut Vec<SettingError>) -> Mapping {
    let mut mapping = Mapping::default();
    let mut pointer = |name: &str| {
        let found = Pointer::parse(text(map, name));
        if found.is_none() {
            wrong.push(SettingError::new(name, "pointer", "must be a JSON pointer such as /user/id, or - for none"));
        }
        found
    };
    if let Some(at) = pointer("at_events") {
        mapping.events = at;
    }
    for (name, part) in PARTS.into_iter().filter(|(name, _)| !text(map, name).is_empty()) {
        if let Some(at) = pointer(name) {
            mapping.place(part, at);
        }
    }
    match MomentFormat::parse(text(map, "time_format")) {
        Some(format) => mapping.format = format,
        None => {
            let problem = "must describe a day and a time, such as %d.%m.%Y %H:%M:%S";
            wrong.push(SettingError::new("time_format", "time_format", problem));
        }
    }
    mapping.doors = words(map, "door_words", |word| word.parse().ok(), wrong);
    mapping.directions = words(map, "direction_words", direction, wrong);
    mapping.credentials = words(map, "credential_words", Credential::parse, wrong);
    mapping.outcomes = words(map, "outcome_words", AccessKind::parse, wrong);
    mapping.usual = Usual {
        // With one door nobody says which.
        door: u16::from(number(map, "doors", 1) == 1),
        direction: Direction::parse(text(map, "usual_direction")).unwrap_or(Direction::Unknown),
        credential: Credential::parse(text(map, "usual_credential")).unwrap_or(Credential::Unknown),
        outcome: AccessKind::parse(text(map, "usual_outcome")).unwrap_or(AccessKind::Granted),
    };
    mapping
}

fn words<T: Copy>(
    map: &Map<String, Value>,
    name: &str,
    meaning: impl Fn(&str) -> Option<T>,
    wrong: &mut Vec<SettingError>,
) -> Words<T> {
    Words::parse(text(map, name), meaning).unwrap_or_else(|problem| {
        wrong.push(SettingError::new(name, "words", problem.to_string()));
        Words::default()
    })
}

fn text<'a>(map: &'a Map<String, Value>, name: &str) -> &'a str {
    map.get(name).and_then(Value::as_str).unwrap_or_default().trim()
}

fn number(map: &Map<String, Value>, name: &str, usual: u64) -> u64 {
    map.get(name).and_then(Value::as_u64).unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;
    use serde_json::json;

    use super::super::schema::schema;
    use super::PARTS;
    use super::Settings;
    use crate::adapters::check;
    use crate::adapters::fields;

    fn read(settings: &Value) -> Result<Settings, String> {
        let filled = check(&schema(), settings.as_object().unwrap()).unwrap();
        let told = |wrong: Vec<crate::adapters::SettingError>| {
            wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        Settings::read(&filled).map_err(told)
    }

    #[test]
    fn a_key_is_all_that_is_needed() {
        let usual = read(&json!({"secret": "0123456789abcdef"})).unwrap();
        assert_eq!((usual.signing.tolerance_secs, usual.silence), (300, None));
        assert_eq!((usual.signing.signature_header.as_str(), usual.mapping.usual.door), ("X-Signature", 1));
        let two = read(&json!({"secret": "0123456789abcdef", "doors": 2, "silence_minutes": 5})).unwrap();
        assert_eq!((two.mapping.usual.door, two.silence), (0, Some(Duration::from_secs(300))));
    }

    #[test]
    fn everything_that_cannot_be_meant_is_told_at_once() {
        let wrong = read(&json!({
            "secret": "short", "signature_header": "X Signature", "source_address": "gate", "at_person": "user.id",
            "time_format": "%H:%M", "direction_words": "IN", "outcome_words": "OK=fine",
        }));
        assert_eq!(
            wrong.err().unwrap(),
            "secret must have at least 16 characters; signature_header must be the name of a header such as X-Signature; \
             at_person must be a JSON pointer such as /user/id, or - for none; time_format must describe a day and a time, \
             such as %d.%m.%Y %H:%M:%S; direction_words must be written as WORD=MEANING, WORD=MEANING; outcome_words \
             \"fine\" is no meaning that is known here; source_address must be an IP address such as 192.168.1.20"
        );
    }

    #[test]
    fn every_setting_is_described_and_each_part_begins_with_our_own_name() {
        let schema = schema();
        for (name, field) in schema["properties"].as_object().unwrap() {
            assert!(field["title"].is_string() && field["description"].is_string(), "{name}");
            assert_eq!(field["writeOnly"] == true, name == "secret" || name == "push_secret");
        }
        let all = fields(&schema);
        for (name, part) in PARTS {
            let field = all.iter().find(|field| field.name == name).unwrap();
            assert_eq!(field.default, Some(format!("/{}", part.name()).into()), "{name}");
        }
    }
}
