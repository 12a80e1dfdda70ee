//! What the adapter must know of a terminal, and how the form for it is described.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::adapters::Device;
use crate::adapters::DeviceError;
use crate::kernel::Fingerprint;
use crate::kernel::SecretText;

/// Where events come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StreamChoice {
    /// A subscription where there are some, the stream otherwise, the log where neither works.
    Auto,
    Alert,
    Subscribe,
    Poll,
}

pub(super) struct Settings {
    pub(super) port: u16,
    pub(super) https: bool,
    /// SHA-256 of the certificate that is believed, and no other.
    pub(super) certificate: Option<Fingerprint>,
    pub(super) user: String,
    pub(super) password: SecretText,
    pub(super) doors: u16,
    pub(super) stream: StreamChoice,
    /// What a platform asks for; without it devices do as they do for clients.
    pub(super) deploy: Option<u8>,
    /// Whether pictures of those who pass are kept.
    pub(super) pictures: bool,
    /// Whether it is to push as well.
    pub(super) push: bool,
    /// The path at which its pushes are known.
    pub(super) push_path: Option<String>,
}

/// JSON Schema of the settings, in the order of the form.
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["user", "password"],
        "properties": {
            "https": {
                "type": "boolean", "default": false, "title": "HTTPS",
                "description": "Speak with the terminal over TLS. Switch it on wherever the terminal can."
            },
            "port": {
                "type": "integer", "minimum": 1, "maximum": 65535, "title": "Port",
                "description": "80, or 443 with HTTPS, unless the terminal was told otherwise."
            },
            "certificate_sha256": {
                "type": "string", "pattern": "^([0-9A-Fa-f]{2}:?){32}$", "title": "Certificate (SHA-256)",
                "description": "Fingerprint of the terminal's own certificate. Without it, HTTPS needs one that the gateway trusts."
            },
            "user": {
                "type": "string", "minLength": 1, "maxLength": 64, "title": "Account",
                "description": "An account of the terminal that may read events and operate doors."
            },
            "password": {
                "type": "string", "minLength": 1, "maxLength": 128, "writeOnly": true, "title": "Password",
                "description": "A wrong one is tried once; then the terminal is left alone until another is entered."
            },
            "doors": {
                "type": "integer", "minimum": 1, "maximum": 128, "default": 1, "title": "Doors",
                "description": "How many doors the terminal or controller opens."
            },
            "stream": {
                "type": "string", "enum": ["auto", "alert", "subscribe", "poll"], "default": "auto", "title": "Events",
                "description": "How events arrive. The log is read in any case, so that none is lost."
            },
            "pictures": {
                "type": "boolean", "default": false, "title": "Keep pictures",
                "description": "Small pictures that the terminal takes of those who pass are kept for 30 days, and every look at one is recorded. They are data of persons: switch it on only where that was decided."
            },
            "push": {
                "type": "boolean", "default": false, "title": "Let it push",
                "description": "The terminal also sends its events to the gateway by itself. It needs a free place for that, and the gateway its listener for devices."
            },
            "push_secret": {
                "type": "string", "maxLength": 64, "writeOnly": true, "made": true, "title": "Secret path",
                "description": "The last part of the address to which the terminal pushes. It is made when the device is added."
            },
            "deploy_id": {
                "type": "integer", "minimum": 0, "maximum": 1, "title": "Kind of arming",
                "description": "Only for terminals that tell nothing otherwise; 1 makes some repeat their whole log."
            }
        }
    })
}

impl Settings {
    pub(super) fn read(device: &Device) -> Result<Self, DeviceError> {
        let map = &device.settings;
        let https = flag(map, "https")?;
        let certificate = text(map, "certificate_sha256")?.map(|hex| {
            let hex = hex.replace([':', ' '], "");
            Fingerprint::parse(&hex).ok_or_else(|| wrong("certificate_sha256", "must be 64 hexadecimal digits"))
        });
        let certificate = certificate.transpose()?;
        if certificate.is_some() && !https {
            return Err(wrong("certificate_sha256", "is of use only with https"));
        }
        let stream = match text(map, "stream")?.unwrap_or("auto") {
            "auto" => StreamChoice::Auto,
            "alert" => StreamChoice::Alert,
            "subscribe" => StreamChoice::Subscribe,
            "poll" => StreamChoice::Poll,
            _ => return Err(wrong("stream", "must be auto, alert, subscribe or poll")),
        };
        let needed = |name| text(map, name)?.ok_or_else(|| wrong(name, "is missing"));
        let user = needed("user")?;
        if user.len() > 64 || user.chars().any(char::is_control) {
            return Err(wrong("user", "must be at most 64 characters without control characters"));
        }
        let deploy = number(map, "deploy_id", (0, 1))?.map(|id| if id == 0 { 0 } else { 1 });
        Ok(Self {
            port: number(map, "port", (1, u16::MAX))?.unwrap_or(if https { 443 } else { 80 }),
            https,
            certificate,
            user: user.to_owned(),
            password: SecretText::new(needed("password")?),
            doors: number(map, "doors", (1, 128))?.unwrap_or(1),
            stream,
            deploy,
            pictures: flag(map, "pictures")?,
            push: flag(map, "push")?,
            push_path: text(map, "push_secret")?.map(|secret| format!("/push/{secret}")),
        })
    }
}

fn text<'a>(map: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, DeviceError> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) if text.len() <= 256 => Ok(Some(text)),
        Some(_) => Err(wrong(name, "must be a short text")),
    }
}

fn flag(map: &Map<String, Value>, name: &str) -> Result<bool, DeviceError> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(wrong(name, "must be true or false")),
    }
}

fn number(map: &Map<String, Value>, name: &str, (least, most): (u16, u16)) -> Result<Option<u16>, DeviceError> {
    let Some(value) = map.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let number = value.as_u64().and_then(|number| u16::try_from(number).ok());
    let number = number.filter(|number| (least..=most).contains(number));
    number.map(Some).ok_or_else(|| wrong(name, &format!("must be a number from {least} to {most}")))
}

fn wrong(name: &str, problem: &str) -> DeviceError {
    DeviceError::Settings(format!("setting {name} {problem}"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::Settings;
    use super::schema;
    use crate::adapters::Device;
    use crate::kernel::Zone;

    fn read(settings: Value) -> Result<Settings, String> {
        let settings = settings.as_object().unwrap().clone();
        let address = Some("192.0.2.20".parse().unwrap());
        let device = Device {
            id: 1,
            name: "Gate".to_owned(),
            address,
            host: "gate".to_owned(),
            settings,
            zone: Zone::default(),
            listener: None,
        };
        Settings::read(&device).map_err(|problem| problem.to_string())
    }

    #[test]
    fn what_is_left_out_is_what_most_terminals_have() {
        let settings = read(json!({"user": "gateway", "password": "Demo-Pass-7"})).unwrap();
        assert_eq!((settings.port, settings.https, settings.doors), (80, false, 1));
        assert_eq!(read(json!({"user": "u", "password": "p", "https": true})).unwrap().port, 443);
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        let told = |settings| read(settings).err().unwrap();
        assert_eq!(told(json!({"password": "p"})), "setting user is missing");
        assert_eq!(told(json!({"user": "u", "password": ""})), "setting password is missing");
        let with = |name: &str, value: Value| {
            let mut settings = json!({"user": "u", "password": "p"});
            settings[name] = value;
            told(settings)
        };
        assert_eq!(with("port", json!(0)), "setting port must be a number from 1 to 65535");
        assert_eq!(with("https", json!("yes")), "setting https must be true or false");
        assert!(with("certificate_sha256", json!("ab")).contains("64 hexadecimal digits"));
        assert!(with("certificate_sha256", json!("ab".repeat(32))).contains("only with https"));
        assert!(with("stream", json!("radio")).contains("must be auto"));
    }

    #[test]
    fn every_setting_is_described_and_secrets_are_marked() {
        let schema = schema();
        for (name, field) in schema["properties"].as_object().unwrap() {
            assert!(field["title"].is_string() && field["description"].is_string(), "{name}");
            assert_eq!(field["writeOnly"] == true, name == "password" || name == "push_secret");
        }
    }
}
