//! What an administrator enters for a device, and how it is read.

use nazorat_terminals::zkteco::adms::Dialect;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::adapters::DeviceError;

/// How port 4370 is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Tcp,
    Udp,
}

/// In what a device counts how long it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnlockUnit {
    Tenths,
    Seconds,
}

/// Of a device at port 4370.
#[derive(Clone)]
pub(super) struct Standalone {
    pub(super) port: u16,
    pub(super) key: u32,
    pub(super) transport: Transport,
    pub(super) doors: u16,
    pub(super) unlock_unit: UnlockUnit,
}

/// Of a device that comes to us.
#[derive(Debug, Clone)]
pub(super) struct Push {
    pub(super) serial: String,
    /// Nothing is whatever it turns out to speak.
    pub(super) dialect: Option<Dialect>,
    pub(super) doors: u16,
}

/// The form of `zkteco`.
pub(super) fn standalone_schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "port": {
                "type": "integer", "minimum": 1, "maximum": 65535, "default": 4370, "title": "Port",
                "description": "The port of the device, 4370 unless it was changed there."
            },
            "comm_key": {
                "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32, "default": 0, "writeOnly": true,
                "title": "Communication key",
                "description": "The number under Communication, PC connection at the device; 0 if none is set."
            },
            "transport": {
                "type": "string", "enum": ["tcp", "udp"], "default": "tcp", "title": "Transport",
                "description": "TCP, except for old devices with a black and white display."
            },
            "doors": {
                "type": "integer", "minimum": 0, "maximum": 1, "default": 1, "title": "Doors",
                "description": "1 if a lock is connected to the device, else 0."
            },
            "unlock_unit": {
                "type": "string", "enum": ["tenths", "seconds"], "default": "tenths", "title": "Unit of opening time",
                "description": "Models differ. If the door stays open for half a minute, choose seconds."
            }
        }
    })
}

/// The form of `zkteco_push`.
pub(super) fn push_schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["serial_number"],
        "properties": {
            "serial_number": {
                "type": "string", "minLength": 3, "maxLength": 32, "pattern": "^[A-Za-z0-9_-]+$",
                "title": "Serial number", "description": "As the device shows it under System info."
            },
            "dialect": {
                "type": "string", "enum": ["auto", "att", "acc"], "default": "auto", "title": "Dialect",
                "description": "att for attendance terminals, acc for access terminals; auto waits for what it says."
            },
            "doors": {
                "type": "integer", "minimum": 0, "maximum": 4, "default": 1, "title": "Doors",
                "description": "How many locks are connected to the device."
            }
        }
    })
}

impl Standalone {
    pub(super) fn read(settings: &Map<String, Value>) -> Result<Self, DeviceError> {
        Ok(Self {
            port: narrow(number(settings, "port", (1, 65_535), 4_370)?),
            key: u32::try_from(number(settings, "comm_key", (0, u64::from(u32::MAX)), 0)?).unwrap_or(0),
            transport: match word(settings, "transport", &["tcp", "udp"])? {
                "udp" => Transport::Udp,
                _ => Transport::Tcp,
            },
            doors: narrow(number(settings, "doors", (0, 1), 1)?),
            unlock_unit: match word(settings, "unlock_unit", &["tenths", "seconds"])? {
                "seconds" => UnlockUnit::Seconds,
                _ => UnlockUnit::Tenths,
            },
        })
    }
}

impl Push {
    pub(super) fn read(settings: &Map<String, Value>) -> Result<Self, DeviceError> {
        let serial = settings.get("serial_number").and_then(Value::as_str).unwrap_or_default().trim();
        let fits = (3..=32).contains(&serial.len())
            && serial.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !fits {
            return Err(wrong("serial_number", "3 to 32 letters, digits, - and _ as the device shows them"));
        }
        Ok(Self {
            serial: serial.to_owned(),
            dialect: match word(settings, "dialect", &["auto", "att", "acc"])? {
                "att" => Some(Dialect::Att),
                "acc" => Some(Dialect::Acc),
                _ => None,
            },
            doors: narrow(number(settings, "doors", (0, 4), 1)?),
        })
    }
}

fn narrow(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// A number, also one that was typed into a text field.
fn number(
    settings: &Map<String, Value>,
    name: &str,
    (least, most): (u64, u64),
    default: u64,
) -> Result<u64, DeviceError> {
    let value = match settings.get(name) {
        None | Some(Value::Null) => Some(default),
        Some(Value::String(text)) if text.trim().is_empty() => Some(default),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_u64(),
    };
    value
        .filter(|value| (least..=most).contains(value))
        .ok_or_else(|| wrong(name, &format!("a number from {least} to {most}")))
}

fn word<'a>(settings: &'a Map<String, Value>, name: &str, words: &[&'static str]) -> Result<&'a str, DeviceError> {
    match settings.get(name) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) if text.is_empty() || words.contains(&text.as_str()) => Ok(text),
        Some(_) => Err(wrong(name, &format!("one of {}", words.join(", ")))),
    }
}

fn wrong(name: &str, wanted: &str) -> DeviceError {
    DeviceError::Settings(format!("{name} must be {wanted}"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::Push;
    use super::Standalone;
    use super::Transport;

    fn standalone(settings: &Value) -> Result<Standalone, String> {
        Standalone::read(settings.as_object().unwrap()).map_err(|problem| problem.to_string())
    }

    #[test]
    fn nothing_is_needed_for_a_usual_device_and_wrong_settings_are_named() {
        let usual = standalone(&json!({})).unwrap();
        assert_eq!((usual.port, usual.key, usual.transport, usual.doors), (4_370, 0, Transport::Tcp, 1));
        let typed = standalone(&json!({"comm_key": "123456", "transport": "udp", "port": 4371})).unwrap();
        assert_eq!((typed.port, typed.key, typed.transport), (4_371, 123_456, Transport::Udp));
        for wrong in [json!({"port": 0}), json!({"comm_key": -1}), json!({"transport": "ipx"}), json!({"doors": 2})] {
            let name = wrong.as_object().unwrap().keys().next().unwrap().clone();
            assert!(standalone(&wrong).err().unwrap().starts_with(&format!("{name} must be")), "{wrong}");
        }
    }

    #[test]
    fn a_device_that_comes_needs_a_serial_number() {
        let read = |settings: Value| Push::read(settings.as_object().unwrap());
        assert_eq!(read(json!({"serial_number": " ABC1234567890 "})).unwrap().serial, "ABC1234567890");
        for wrong in [json!({}), json!({"serial_number": "a&b=c"}), json!({"serial_number": "ABC", "dialect": "x"})] {
            assert!(read(wrong).is_err());
        }
    }
}
