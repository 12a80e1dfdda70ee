//! What a program and the gateway say to each other, version 1: one JSON object on each line.
//!
//! `appliance/adapters/README.md` is the contract for those who write programs. What a program says that nobody here knows is
//! left out, so that newer programs run on older gateways.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::settings::Settings;
use crate::adapters::Action;
use crate::adapters::Capabilities;
use crate::adapters::Device;
use crate::adapters::DeviceError;
use crate::adapters::Face;
use crate::adapters::Identity;
use crate::adapters::Person;
use crate::adapters::TerminalPerson;

/// The version of what is said.
pub(super) const VERSION: u32 = 1;

/// What a program says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Said {
    Hello(Hello),
    Event {
        event: Value,
        cursor: Option<Value>,
    },
    Events {
        events: Vec<Value>,
        cursor: Option<Value>,
    },
    Live,
    Heartbeat,
    Drift {
        millis: i64,
    },
    Missed {
        detail: String,
    },
    Result(Answer),
    Log {
        #[serde(default)]
        level: String,
        text: String,
    },
    Failed(Problem),
    #[serde(other)]
    Unknown,
}

/// Its first words.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Hello {
    pub(super) version: u32,
    #[serde(default)]
    identity: Who,
    #[serde(default)]
    pub(super) capabilities: Capabilities,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Who {
    serial: String,
    model: String,
    firmware: String,
    mac: String,
}

impl Hello {
    pub(super) fn identity(&self) -> Identity {
        let Who { serial, model, firmware, mac } = self.identity.clone();
        Identity { serial, model, firmware, mac }
    }
}

/// What came of something that it was asked.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) id: u64,
    /// Nothing is that it was done.
    pub(super) error: Option<Problem>,
    #[serde(default)]
    pub(super) reply: Map<String, Value>,
    pub(super) people: Option<Vec<Somebody>>,
    #[serde(default)]
    pub(super) warnings: Vec<String>,
    pub(super) drift_ms: Option<i64>,
}

/// Why something cannot be.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Problem {
    #[serde(default)]
    pub(super) code: String,
    #[serde(default)]
    pub(super) detail: String,
}

/// Somebody whom the device knows.
#[derive(Debug, Deserialize)]
pub(super) struct Somebody {
    pub(super) number: String,
    #[serde(default)]
    pub(super) name: String,
    pub(super) cards: Option<Vec<String>>,
    pub(super) has_face: Option<bool>,
    #[serde(default)]
    pub(super) is_admin: bool,
}

impl From<Somebody> for TerminalPerson {
    fn from(told: Somebody) -> Self {
        let Somebody { number, name, cards, has_face, is_admin } = told;
        Self { number, name, cards, has_face, is_admin }
    }
}

impl Problem {
    /// The same as adapters say it. A word that nobody knows is a refusal.
    pub(super) fn to_error(&self) -> DeviceError {
        let detail: String = self.detail.chars().filter(|letter| !letter.is_control()).take(300).collect();
        let detail = if detail.is_empty() { "the program gave no reason".to_owned() } else { detail };
        match self.code.as_str() {
            "settings" => DeviceError::Settings(detail),
            "unreachable" => DeviceError::Unreachable(detail),
            "credentials" => DeviceError::Credentials(detail),
            "busy" => DeviceError::Busy(detail),
            "unsupported" => DeviceError::Unsupported(detail),
            "nonsense" => DeviceError::Nonsense(detail),
            _ => DeviceError::Refused(detail),
        }
    }
}

/// Our first words.
pub(super) fn hello(device: &Device, settings: &Settings, cursor: Option<&Value>, heartbeat_secs: u64) -> Value {
    let options: Map<String, Value> =
        settings.options.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    json!({
        "type": "hello",
        "version": VERSION,
        "device": { "id": device.id, "name": device.name, "zone": device.zone.name(), "doors": settings.doors },
        "settings": options,
        "secret": settings.secret.as_ref().map(|secret| secret.expose()),
        "cursor": cursor,
        "heartbeat_secs": heartbeat_secs,
    })
}

/// Something to do.
pub(super) fn execute(action: Action, now: crate::kernel::Timestamp) -> Value {
    match action {
        Action::Open { door } => json!({ "type": "execute", "action": "open", "door": door }),
        Action::Close { door } => json!({ "type": "execute", "action": "close", "door": door }),
        Action::HoldOpen { door } => json!({ "type": "execute", "action": "hold_open", "door": door }),
        Action::Lock { door } => json!({ "type": "execute", "action": "lock", "door": door }),
        Action::Reboot => json!({ "type": "execute", "action": "reboot" }),
        Action::SetClock => json!({ "type": "execute", "action": "set_clock", "time": now.to_string() }),
        Action::ReadLog { from } => json!({ "type": "execute", "action": "read_log", "from": from.to_string() }),
    }
}

/// Somebody to be put on the device. Where nothing is said of the face, it stays as it is.
pub(super) fn put_person(person: &Person) -> Value {
    let mut told = json!({
        "number": person.number.as_str(),
        "name": person.name,
        "cards": person.cards,
        "from": person.from.map(|at| at.to_string()),
        "until": person.until.map(|at| at.to_string()),
    });
    match &person.face {
        Face::AsItIs => {}
        Face::Off => told["face"] = Value::Null,
        Face::Jpeg(face) => told["face"] = STANDARD.encode(face).into(),
    }
    json!({ "type": "put_person", "person": told })
}

#[cfg(test)]
mod tests {
    use super::Said;
    use crate::adapters::DeviceError;

    fn said(line: &str) -> Said {
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn what_a_newer_program_says_is_left_out() {
        assert!(matches!(said(r#"{"type":"weather","sun":1}"#), Said::Unknown));
        assert!(matches!(said(r#"{"type":"live","since":1}"#), Said::Live));
        assert!(serde_json::from_str::<Said>("{}").is_err() && serde_json::from_str::<Said>("hello").is_err());
    }

    #[test]
    fn a_program_says_who_it_is_as_far_as_it_knows() {
        let Said::Hello(hello) =
            said(r#"{"type":"hello","version":1,"capabilities":{"doors":2},"identity":{"model":"T1"}}"#)
        else {
            panic!("it is a hello");
        };
        assert_eq!((hello.version, hello.capabilities.doors, hello.identity().model.as_str()), (1, 2, "T1"));
    }

    #[test]
    fn why_something_failed_becomes_what_the_host_acts_on() {
        let Said::Failed(problem) = said(r#"{"type":"failed","code":"credentials","detail":"wrong\npin"}"#) else {
            panic!("it failed");
        };
        assert_eq!(problem.to_error(), DeviceError::Credentials("wrongpin".to_owned()));
        let Said::Result(answer) = said(r#"{"type":"result","id":7,"error":{"code":"x"}}"#) else { panic!("a result") };
        assert_eq!(answer.error.unwrap().to_error().code(), "device_refused");
    }
}
