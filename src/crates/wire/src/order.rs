//! What the appliance may ask a gateway or an agent to do. Both sides read it here: the one before it is kept, the other
//! before it is done.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use sha2::Digest as _;
use sha2::Sha256;

use super::block::Block;
use super::found::MOST_SEARCHED;

/// The most lines of a log that can be asked for.
const MOST_LINES: u64 = 500;
/// The longest that another log level stays: a day.
const MOST_MINUTES: u64 = 24 * 60;
/// Below this nothing useful gets through.
const LEAST_BYTES_PER_SECOND: u64 = 1_000;
const MOST_BYTES_PER_SECOND: u64 = 1 << 30;
/// The bounds of a buffer.
const LEAST_BUFFER: u64 = 64 << 20;
const MOST_BUFFER: u64 = 1 << 40;

const DEVICE_FIELDS: &[&str] = &["device", "action", "door", "from_us", "may_remove", "number"];

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Say that you are there.
    Ping,
    /// Tell how you are, with the last lines of the log.
    CollectDiagnostics {
        /// How many lines.
        log_lines: u16,
    },
    /// Log more or less for a while.
    SetLogLevel {
        /// How much.
        level: LogLevel,
        /// After so long it is as before.
        minutes: u16,
    },
    /// End and be started again.
    RestartAgent,
    /// Take other settings with the next start.
    ApplyConfig(Tuning),
    /// Fetch which devices there are and who may pass them, and serve them so.
    ApplyDevices {
        /// Checksum of the list of what is to be fetched.
        checksum: String,
    },
    /// Have a device do something.
    Device(DeviceOrder),
    /// Look for terminals on the network of the gateway.
    FindDevices {
        /// Where, all of them small; the gateway's own networks when there are none.
        networks: Vec<Block>,
    },
    /// Fetch what may be collected, and hold to it.
    ApplyPolicies {
        /// Checksum of the list of what is to be fetched.
        checksum: String,
    },
}

/// Something that a device is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceOrder {
    /// Number of the device at the appliance.
    pub device: u32,
    /// What.
    pub action: DeviceAction,
}

/// What a device may be asked for. Whom it knows follows from who may pass, and is not asked for one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceAction {
    /// Open a door once; it closes by itself.
    Open {
        /// Which one, from 1.
        door: u16,
    },
    /// Back to normal: closed, and opened by those who may.
    Close {
        /// Which one, from 1.
        door: u16,
    },
    /// Keep a door open until it is closed.
    HoldOpen {
        /// Which one, from 1.
        door: u16,
    },
    /// Keep a door shut, also for those who may pass.
    Lock {
        /// Which one, from 1.
        door: u16,
    },
    /// Start the device again.
    Reboot,
    /// Set its clock to the gateway's.
    SetClock,
    /// Read its log from a moment on; what is known already is not stored twice.
    ReadLog {
        /// Microseconds since 1970.
        from_us: i64,
    },
    /// Compare its people with who may pass it, and bring them in order.
    Sync {
        /// So many may be taken off at once, although they are suspiciously many.
        may_remove: u32,
    },
    /// Write one person anew, whatever the device says of them.
    SyncPerson {
        /// The number by which devices know them.
        number: String,
    },
    /// Take off somebody whom we do not know.
    RemovePerson {
        /// The number by which the device knows them.
        number: String,
    },
    /// Try to reach it, and tell what it is.
    Probe,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogLevel {
    /// Failures only.
    Error,
    /// And what is odd.
    Warn,
    /// And what happens.
    Info,
    /// And how.
    Debug,
    /// Everything.
    Trace,
}

/// Settings that may be changed from afar; what is not named stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tuning {
    /// The most bytes on the wire in a second; 0 is no limit.
    pub bytes_per_second: Option<u64>,
    /// The most bytes that may wait.
    pub buffer_bytes: Option<u64>,
}

/// This cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// There is no such type.
    #[error("command type {0:?} is not known")]
    Unknown(String),
    /// A field is not known for this type.
    #[error("{kind} has no field {field:?}")]
    Field {
        /// Of what.
        kind: &'static str,
        /// Which one.
        field: String,
    },
    /// A field is missing or cannot be meant.
    #[error("{field} {problem}")]
    Value {
        /// Which one.
        field: &'static str,
        /// What it should be.
        problem: String,
    },
}

impl DeviceAction {
    /// The words that there are.
    pub const WORDS: [&'static str; 11] = [
        "open",
        "close",
        "hold_open",
        "lock",
        "reboot",
        "set_clock",
        "read_log",
        "sync",
        "sync_person",
        "remove_person",
        "probe",
    ];

    /// The word.
    pub const fn word(&self) -> &'static str {
        match self {
            DeviceAction::Open { .. } => "open",
            DeviceAction::Close { .. } => "close",
            DeviceAction::HoldOpen { .. } => "hold_open",
            DeviceAction::Lock { .. } => "lock",
            DeviceAction::Reboot => "reboot",
            DeviceAction::SetClock => "set_clock",
            DeviceAction::ReadLog { .. } => "read_log",
            DeviceAction::Sync { .. } => "sync",
            DeviceAction::SyncPerson { .. } => "sync_person",
            DeviceAction::RemovePerson { .. } => "remove_person",
            DeviceAction::Probe => "probe",
        }
    }

    /// The door that is meant, if one is.
    pub const fn door(&self) -> Option<u16> {
        match *self {
            DeviceAction::Open { door }
            | DeviceAction::Close { door }
            | DeviceAction::HoldOpen { door }
            | DeviceAction::Lock { door } => Some(door),
            _ => None,
        }
    }
}

impl LogLevel {
    /// All levels, the quietest first.
    pub const ALL: [LogLevel; 5] = [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];

    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            LogLevel::Error => "error",
            LogLevel::Warn => "warn",
            LogLevel::Info => "info",
            LogLevel::Debug => "debug",
            LogLevel::Trace => "trace",
        }
    }
}

impl Tuning {
    /// SHA-256 of what it says; the same for the same settings.
    pub fn checksum(self) -> String {
        let text = Value::Object(Order::ApplyConfig(self).payload()).to_string();
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Order {
    /// The types that there are.
    pub const KINDS: [&'static str; 9] = [
        "ping",
        "collect_diagnostics",
        "set_log_level",
        "restart_agent",
        "apply_config",
        "apply_policies",
        "apply_devices",
        "device",
        "find_devices",
    ];

    /// The word of its type.
    pub const fn kind(&self) -> &'static str {
        match self {
            Order::Ping => "ping",
            Order::CollectDiagnostics { .. } => "collect_diagnostics",
            Order::SetLogLevel { .. } => "set_log_level",
            Order::RestartAgent => "restart_agent",
            Order::ApplyConfig(_) => "apply_config",
            Order::ApplyPolicies { .. } => "apply_policies",
            Order::ApplyDevices { .. } => "apply_devices",
            Order::Device(_) => "device",
            Order::FindDevices { .. } => "find_devices",
        }
    }

    /// What it is to be done with, in an order that never changes.
    pub fn payload(&self) -> Map<String, Value> {
        let fields = match self {
            Order::Ping | Order::RestartAgent => json!({}),
            Order::CollectDiagnostics { log_lines } => json!({ "log_lines": log_lines }),
            Order::SetLogLevel { level, minutes } => json!({ "level": level.name(), "minutes": minutes }),
            Order::ApplyConfig(Tuning { bytes_per_second, buffer_bytes }) => {
                json!({ "buffer_bytes": buffer_bytes, "bytes_per_second": bytes_per_second })
            }
            Order::ApplyPolicies { checksum } | Order::ApplyDevices { checksum } => json!({ "checksum": checksum }),
            Order::FindDevices { networks } => {
                json!({ "networks": networks.iter().map(Block::to_string).collect::<Vec<_>>() })
            }
            Order::Device(DeviceOrder { device, action }) => {
                let mut fields = json!({ "device": device, "action": action.word() });
                if let Some(door) = action.door() {
                    fields["door"] = door.into();
                }
                match action {
                    DeviceAction::ReadLog { from_us } => fields["from_us"] = (*from_us).into(),
                    DeviceAction::Sync { may_remove } => fields["may_remove"] = (*may_remove).into(),
                    DeviceAction::SyncPerson { number } | DeviceAction::RemovePerson { number } => {
                        fields["number"] = number.as_str().into();
                    }
                    _ => {}
                }
                fields
            }
        };
        fields.as_object().cloned().unwrap_or_default()
    }

    /// Reads a type and its payload. A field that is not known is refused: whoever sends it expects something of it.
    pub fn parse(kind: &str, payload: &Map<String, Value>) -> Result<Self, OrderError> {
        match kind {
            "ping" => Fields::of("ping", payload, &[]).map(|_| Order::Ping),
            "restart_agent" => Fields::of("restart_agent", payload, &[]).map(|_| Order::RestartAgent),
            "collect_diagnostics" => {
                let fields = Fields::of("collect_diagnostics", payload, &["log_lines"])?;
                let lines = fields.number("log_lines", 0, MOST_LINES)?.unwrap_or(200);
                Ok(Order::CollectDiagnostics { log_lines: u16::try_from(lines).unwrap_or(u16::MAX) })
            }
            "set_log_level" => {
                let fields = Fields::of("set_log_level", payload, &["level", "minutes"])?;
                let minutes = fields.number("minutes", 1, MOST_MINUTES)?.unwrap_or(15);
                let minutes = u16::try_from(minutes).unwrap_or(u16::MAX);
                Ok(Order::SetLogLevel { level: fields.level()?, minutes })
            }
            "apply_config" => {
                let fields = Fields::of("apply_config", payload, &["bytes_per_second", "buffer_bytes"])?;
                let bytes_per_second = match fields.number("bytes_per_second", 0, MOST_BYTES_PER_SECOND)? {
                    Some(few @ 1..LEAST_BYTES_PER_SECOND) => {
                        let problem = format!("is {few}; write 0 for no limit, or at least {LEAST_BYTES_PER_SECOND}");
                        return Err(OrderError::Value { field: "bytes_per_second", problem });
                    }
                    other => other,
                };
                let buffer_bytes = fields.number("buffer_bytes", LEAST_BUFFER, MOST_BUFFER)?;
                if bytes_per_second.is_none() && buffer_bytes.is_none() {
                    let problem = "or buffer_bytes must be given".to_owned();
                    return Err(OrderError::Value { field: "bytes_per_second", problem });
                }
                Ok(Order::ApplyConfig(Tuning { bytes_per_second, buffer_bytes }))
            }
            "apply_policies" => {
                let fields = Fields::of("apply_policies", payload, &["checksum"])?;
                Ok(Order::ApplyPolicies { checksum: fields.checksum()? })
            }
            "apply_devices" => {
                let fields = Fields::of("apply_devices", payload, &["checksum"])?;
                Ok(Order::ApplyDevices { checksum: fields.checksum()? })
            }
            "device" => Fields::of("device", payload, DEVICE_FIELDS)?.device(),
            "find_devices" => {
                let fields = Fields::of("find_devices", payload, &["networks"])?;
                Ok(Order::FindDevices { networks: fields.networks()? })
            }
            other => {
                let end = other.floor_char_boundary(64);
                Err(OrderError::Unknown(other.get(..end).unwrap_or_default().to_owned()))
            }
        }
    }
}

struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn of(kind: &'static str, payload: &'a Map<String, Value>, known: &[&str]) -> Result<Self, OrderError> {
        match payload.keys().find(|name| !known.contains(&name.as_str())) {
            Some(field) => {
                let end = field.floor_char_boundary(64);
                Err(OrderError::Field { kind, field: field.get(..end).unwrap_or_default().to_owned() })
            }
            None => Ok(Self(payload)),
        }
    }

    fn number(&self, field: &'static str, least: u64, most: u64) -> Result<Option<u64>, OrderError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
                _ => {
                    Err(OrderError::Value { field, problem: format!("must be a whole number from {least} to {most}") })
                }
            },
        }
    }

    fn checksum(&self) -> Result<String, OrderError> {
        let text = self.0.get("checksum").and_then(Value::as_str).unwrap_or_default();
        match text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            true => Ok(text.to_owned()),
            false => {
                let problem = "must be a SHA-256 in hexadecimal digits".to_owned();
                Err(OrderError::Value { field: "checksum", problem })
            }
        }
    }

    fn device(&self) -> Result<Order, OrderError> {
        let missing = |field| OrderError::Value { field, problem: "must be given".to_owned() };
        let device = self.number("device", 1, u64::from(u32::MAX))?.ok_or_else(|| missing("device"))?;
        let door = || {
            let door = self.number("door", 1, 64)?.ok_or_else(|| missing("door"))?;
            Ok(u16::try_from(door).unwrap_or(u16::MAX))
        };
        let action = match self.0.get("action").and_then(Value::as_str).unwrap_or_default() {
            "open" => DeviceAction::Open { door: door()? },
            "close" => DeviceAction::Close { door: door()? },
            "hold_open" => DeviceAction::HoldOpen { door: door()? },
            "lock" => DeviceAction::Lock { door: door()? },
            "reboot" => DeviceAction::Reboot,
            "set_clock" => DeviceAction::SetClock,
            "read_log" => {
                let from = self.0.get("from_us").and_then(Value::as_i64).ok_or_else(|| missing("from_us"))?;
                DeviceAction::ReadLog { from_us: from }
            }
            "sync" => {
                let most = self.number("may_remove", 0, u64::from(u32::MAX))?.unwrap_or(0);
                DeviceAction::Sync { may_remove: u32::try_from(most).unwrap_or(u32::MAX) }
            }
            "sync_person" => DeviceAction::SyncPerson { number: self.person()? },
            "remove_person" => DeviceAction::RemovePerson { number: self.person()? },
            "probe" => DeviceAction::Probe,
            _ => {
                let problem = format!("must be one of {}", DeviceAction::WORDS.join(", "));
                return Err(OrderError::Value { field: "action", problem });
            }
        };
        Ok(Order::Device(DeviceOrder { device: u32::try_from(device).unwrap_or(u32::MAX), action }))
    }

    fn networks(&self) -> Result<Vec<Block>, OrderError> {
        let wrong = || OrderError::Value {
            field: "networks",
            problem: format!("must be at most {MOST_SEARCHED} of at most 1,024 addresses, as in 192.168.1.0/24"),
        };
        let told = match self.0.get("networks") {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(told) => told.as_array().filter(|told| told.len() <= MOST_SEARCHED).ok_or_else(wrong)?,
        };
        let small = |one: &Value| one.as_str()?.parse().ok().filter(Block::is_small);
        told.iter().map(|one| small(one).ok_or_else(wrong)).collect()
    }

    /// Nobody in particular is nobody: terminals take that for everybody.
    fn person(&self) -> Result<String, OrderError> {
        let number = self.0.get("number").and_then(Value::as_str).unwrap_or_default();
        let fits = (1..=32).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let problem = || "must be the number of a person, 1 to 32 letters and digits".to_owned();
        fits.then(|| number.to_owned()).ok_or_else(|| OrderError::Value { field: "number", problem: problem() })
    }

    fn level(&self) -> Result<LogLevel, OrderError> {
        let word = self.0.get("level").and_then(Value::as_str).unwrap_or_default();
        LogLevel::ALL.into_iter().find(|level| level.name() == word).ok_or_else(|| OrderError::Value {
            field: "level",
            problem: "must be error, warn, info, debug or trace".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::Order;
    use super::OrderError;
    use super::Tuning;

    fn parse(kind: &str, payload: Value) -> Result<Order, OrderError> {
        Order::parse(kind, payload.as_object().unwrap())
    }

    #[test]
    fn every_order_comes_back_from_its_payload() {
        for (kind, payload) in [
            ("ping", json!({})),
            ("collect_diagnostics", json!({ "log_lines": 50 })),
            ("set_log_level", json!({ "level": "debug", "minutes": 30 })),
            ("restart_agent", json!({})),
            ("apply_config", json!({ "bytes_per_second": 0 })),
            ("apply_config", json!({ "bytes_per_second": 64_000, "buffer_bytes": 1_u64 << 31 })),
            ("apply_policies", json!({ "checksum": "0a".repeat(32) })),
            ("apply_devices", json!({ "checksum": "0a".repeat(32) })),
            ("device", json!({ "device": 7, "action": "open", "door": 2 })),
            ("device", json!({ "device": 7, "action": "read_log", "from_us": -1 })),
            ("device", json!({ "device": 7, "action": "set_clock" })),
            ("device", json!({ "device": 7, "action": "sync", "may_remove": 40 })),
            ("device", json!({ "device": 7, "action": "sync_person", "number": "1001" })),
            ("device", json!({ "device": 7, "action": "remove_person", "number": "0-9_a" })),
            ("find_devices", json!({})),
            ("find_devices", json!({ "networks": ["192.168.1.0/24", "127.0.0.2/31"] })),
        ] {
            let order = parse(kind, payload).unwrap();
            assert_eq!(order.kind(), kind);
            assert_eq!(Order::parse(kind, &order.payload()), Ok(order));
        }
        assert_eq!(parse("collect_diagnostics", json!({})), Ok(Order::CollectDiagnostics { log_lines: 200 }));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (kind, payload, said) in [
            ("open_door", json!({}), "command type \"open_door\" is not known"),
            ("ping", json!({ "x": 1 }), "ping has no field \"x\""),
            ("set_log_level", json!({}), "level must be error, warn, info, debug or trace"),
            (
                "set_log_level",
                json!({ "level": "info", "minutes": 0 }),
                "minutes must be a whole number from 1 to 1440",
            ),
            ("collect_diagnostics", json!({ "log_lines": 501 }), "log_lines must be a whole number from 0 to 500"),
            ("apply_policies", json!({ "checksum": "x" }), "checksum must be a SHA-256 in hexadecimal digits"),
            ("device", json!({ "action": "open", "door": 1 }), "device must be given"),
            ("device", json!({ "device": 1, "action": "open" }), "door must be given"),
            (
                "device",
                json!({ "device": 1, "action": "wipe" }),
                "action must be one of open, close, hold_open, lock, reboot, set_clock, read_log, sync, sync_person, \
                 remove_person, probe",
            ),
            (
                "device",
                json!({ "device": 1, "action": "remove_person", "number": "" }),
                "number must be the number of a person, 1 to 32 letters and digits",
            ),
            (
                "find_devices",
                json!({ "networks": ["10.0.0.0/21"] }),
                "networks must be at most 4 of at most 1,024 addresses, as in 192.168.1.0/24",
            ),
            ("apply_config", json!({}), "bytes_per_second or buffer_bytes must be given"),
            (
                "apply_config",
                json!({ "bytes_per_second": 5 }),
                "bytes_per_second is 5; write 0 for no limit, or at least 1000",
            ),
            ("apply_config", json!({ "server": "https://other" }), "apply_config has no field \"server\""),
            (
                "apply_config",
                json!({ "buffer_bytes": -1 }),
                "buffer_bytes must be a whole number from 67108864 to 1099511627776",
            ),
        ] {
            assert_eq!(parse(kind, payload).unwrap_err().to_string(), said);
        }
    }

    #[test]
    fn networks_are_few_small_and_written_in_one_way() {
        let read = |networks: Value| parse("find_devices", json!({ "networks": networks }));
        let order = |networks: &[&str]| Order::FindDevices {
            networks: networks.iter().map(|one| one.parse().unwrap()).collect(),
        };
        assert_eq!(read(json!([" 192.168.1.77/24 ", "10.0.3.9/22"])), Ok(order(&["192.168.1.0/24", "10.0.0.0/22"])));
        assert_eq!(read(json!(["10.0.0.9/32"])), Ok(order(&["10.0.0.9/32"])));
        for wrong in [
            json!("10.0.0.0/24"),
            json!(["10.0.0.0"]),
            json!(["10.0.0.0/33"]),
            json!(["10.0.0.0/0"]),
            json!(["::1/128"]),
            json!([7]),
            json!(vec!["10.0.0.0/24"; 5]),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_checksum_tells_settings_apart_and_never_changes() {
        let one = Tuning { bytes_per_second: Some(64_000), buffer_bytes: None };
        assert_eq!(one.checksum(), "513516830e97f4e8aa8fa3f8a31be84855d85842ccf48c3cc1afd4483c687394");
        assert_ne!(one.checksum(), Tuning { bytes_per_second: Some(64_001), ..one }.checksum());
    }
}
