//! What a gateway and the appliance say to each other on the control channel: one JSON object in each message.
//!
//! `{"v":1,"type":"heartbeat", ...}`. Within a version fields are only added. A frame of an unknown type and fields that
//! are not known are ignored and counted, so that either side may be newer. Texts are shortened and lists are cut when a
//! frame is read: behind [`Frame::decode`] nothing is longer than this file says.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;
use uuid::Uuid;

use crate::text::Limit;
use crate::text::shorten;

/// The most bytes that a message may have.
pub const MAX_FRAME: usize = 128 << 10;
/// The version of the frames that this program writes.
pub const FRAME_VERSION: u8 = 1;
/// Agents that one heartbeat tells of; a gateway with more tells of them in turn.
pub const MAX_AGENTS: usize = 200;
/// Devices that one heartbeat tells of.
pub const MAX_DEVICES: usize = 100;
/// The longest sentence.
const DETAIL: Limit = Limit(1024);

/// From a gateway to the appliance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Upward {
    /// The first frame of a connection.
    Hello(Hello),
    /// How it is.
    Heartbeat(Box<Heartbeat>),
    /// A command, a policy or a ping has come.
    Ack(Ack),
    /// A command is done.
    Result(Outcome),
    /// Something happened that a person should see.
    Event(Notice),
}

/// From the appliance to a gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Downward {
    /// The answer to `hello`.
    Welcome(Welcome),
    /// Something is to be done.
    Command(Command),
    /// Another version of a policy is to be fetched.
    Policy(Announced),
    /// Other settings of the gateway are to be fetched.
    Config(Announced),
    /// Are you there? Answered by an `ack` with its id.
    Ping(Ping),
}

/// Who has connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Version of its program.
    pub version: String,
    /// Its clock.
    pub clock: Timestamp,
    /// When its process began.
    pub started_at: Timestamp,
    /// The highest version of frames that it knows.
    #[serde(default = "first_version")]
    pub frames: u8,
    /// Checksum of the settings that it has applied, if any came from the appliance.
    #[serde(default)]
    pub config: Option<String>,
    /// Checksum of the list of policies that it holds to, if it has one.
    #[serde(default)]
    pub policies: Option<String>,
}

/// How a gateway is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Version of its program.
    pub version: String,
    /// Its clock.
    pub clock: Timestamp,
    /// How long its process runs.
    #[serde(default)]
    pub uptime_secs: u64,
    /// How busy the machine is, in thousandths of all its processors.
    #[serde(default)]
    pub cpu_permille: Option<u16>,
    /// Memory of the process.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    /// Free bytes on the disk of its data.
    #[serde(default)]
    pub disk_free_bytes: Option<u64>,
    /// All bytes of that disk.
    #[serde(default)]
    pub disk_bytes: Option<u64>,
    /// Its buffer.
    #[serde(default)]
    pub spool: Spool,
    /// How many agents have joined.
    #[serde(default)]
    pub agents_total: u32,
    /// Agents whose state has changed, and others in turn.
    #[serde(default)]
    pub agents: Vec<AgentSeen>,
    /// Devices that it serves.
    #[serde(default)]
    pub devices: Vec<DeviceSeen>,
    /// Where devices come to it, as `IP:PORT`, as far as it knows its own address; nothing where none may come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices_at: Option<String>,
}

/// The buffer of a gateway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spool {
    /// Batches that wait.
    pub batches: u64,
    /// Bytes of the buffer.
    pub bytes: u64,
    /// The most it may have.
    pub max_bytes: u64,
    /// Age of the oldest batch that waits.
    pub oldest_secs: u64,
    /// Batches given up because it was full, since the process began.
    pub evicted: u64,
    /// Batches that the appliance will never take.
    pub given_up: u64,
    /// Whether it refuses agents just now.
    pub refusing: bool,
}

/// An agent as its gateway sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSeen {
    /// Its number at the gateway.
    pub id: u32,
    /// The machine's stable id.
    pub computer_uid: String,
    /// What people call the computer.
    #[serde(default)]
    pub name: String,
    /// Version of its program, when it told.
    #[serde(default)]
    pub version: Option<String>,
    /// When it last said anything.
    #[serde(default)]
    pub last_contact: Option<Timestamp>,
    /// When it last sent an event.
    #[serde(default)]
    pub last_event: Option<Timestamp>,
    /// How often it is to be heard.
    #[serde(default)]
    pub interval_secs: Option<u32>,
    /// What it says of its policy, when it can follow one.
    #[serde(default)]
    pub policy: Option<PolicySeen>,
}

/// What an agent says of its policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicySeen {
    /// Checksum of the one that it holds to.
    pub have: Option<String>,
    /// Checksum of another one that has come and waits for its restart.
    pub waiting: Option<String>,
    /// Since when it is so, by the gateway's clock.
    pub since: Option<Timestamp>,
    /// Why it could not take the last one, as a sentence.
    pub error: Option<String>,
}

/// A device as its gateway sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceSeen {
    /// Its number at the appliance.
    pub id: u32,
    /// `connecting`, `online`, `offline`, `error` or `disabled`.
    pub state: String,
    /// Since when.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// When it was last heard.
    #[serde(default)]
    pub last_contact: Option<Timestamp>,
    /// When it last told an event.
    #[serde(default)]
    pub last_event: Option<Timestamp>,
    /// How far its clock is ahead of the gateway's, in milliseconds.
    #[serde(default)]
    pub drift_ms: Option<i64>,
    /// How long its last answer took.
    #[serde(default)]
    pub answer_ms: Option<u32>,
    /// Events that it told since the gateway's start.
    #[serde(default)]
    pub events: u64,
    /// Why it is not online, as a stable word.
    #[serde(default)]
    pub code: Option<String>,
    /// Why, as a sentence; or what is missing.
    #[serde(default)]
    pub detail: Option<String>,
    /// Who it is: serial number, model, version.
    #[serde(default)]
    pub serial: Option<String>,
    /// Its model.
    #[serde(default)]
    pub model: Option<String>,
    /// Version of its program.
    #[serde(default)]
    pub firmware: Option<String>,
    /// People on it that are as they should be, and how many there should be.
    #[serde(default)]
    pub people: Option<(u32, u32)>,
    /// People on it, whoever put them there, and the most that it takes.
    #[serde(default)]
    pub people_room: Option<(u32, u32)>,
    /// Records in its log, and the most that it keeps; none where the oldest simply make room.
    #[serde(default)]
    pub log_room: Option<(u32, u32)>,
    /// When events were found to be missing that cannot be had back, since it is served.
    #[serde(default)]
    pub missed_at: Option<Timestamp>,
}

/// Something has come and is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// Of what.
    pub id: Uuid,
    /// Of what came with it, where that has one.
    #[serde(default)]
    pub checksum: Option<String>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which command.
    pub id: Uuid,
    /// How.
    pub status: Ending,
    /// Why, as a stable word, when it did not succeed.
    #[serde(default)]
    pub code: Option<String>,
    /// Why, as a sentence.
    #[serde(default)]
    pub detail: Option<String>,
    /// What it brought, when that is short enough for a frame.
    #[serde(default)]
    pub body: Option<Value>,
}

/// The ways in which a command ends at a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It was done.
    Succeeded,
    /// It could not be done.
    Failed,
    /// It came too late and was not begun.
    Expired,
}

/// Something that a person should see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// When, by the gateway's clock.
    pub at: Timestamp,
    /// What, as a stable word: `gap`.
    pub code: String,
    /// Numbers that belong to it.
    #[serde(default)]
    pub numbers: std::collections::BTreeMap<String, i64>,
}

/// What a gateway is told when it connects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The appliance's clock; expiry is by this one.
    pub clock: Timestamp,
    /// Version of the appliance.
    pub version: String,
    /// How often a heartbeat is expected.
    pub heartbeat_secs: u32,
    /// A connection on which nothing comes for so long is dead.
    pub silent_secs: u32,
}

/// Something is to be done, at most once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Its name for ever.
    pub id: Uuid,
    /// What, as [`crate::Order`] reads it.
    pub kind: String,
    /// With what.
    #[serde(default)]
    pub payload: Map<String, Value>,
    /// For which agent of the gateway; none when it is for the gateway.
    #[serde(default)]
    pub agent: Option<u32>,
    /// After this it must not be begun, by the appliance's clock.
    pub expires_at: Timestamp,
    /// How often it was sent, this time included.
    #[serde(default)]
    pub attempt: u32,
}

/// Something is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// Which announcement; the `ack` names it.
    pub id: Uuid,
    /// Which one.
    pub subject: u32,
    /// Its version.
    pub version: u32,
    /// Its checksum, which the `ack` repeats.
    pub checksum: String,
}

/// Are you there?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// The `ack` names it.
    pub id: Uuid,
    /// The appliance's clock.
    pub clock: Timestamp,
}

/// The text is no frame, or one that nobody could take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// It has too many bytes.
    #[error("frame has {0} bytes, at most {MAX_FRAME} are taken")]
    TooLarge(usize),
    /// It is not an object of JSON with `v` and `type`.
    #[error("frame is not a JSON object with \"v\" and \"type\"")]
    NotAFrame,
    /// A field is missing or has another type.
    #[error("frame {kind}: {detail}")]
    Wrong {
        /// Which type of frame.
        kind: String,
        /// What is wrong.
        detail: String,
    },
}

/// A frame as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Read<F> {
    /// The frame; none when its type is not known.
    pub frame: Option<F>,
    /// How many things were not known: fields, or the frame itself.
    pub unknown: u32,
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Upward {}
    impl Sealed for super::Downward {}
}

/// One direction of frames.
pub trait Frame: sealed::Sealed + Serialize + DeserializeOwned {
    /// The types that this program knows.
    const TYPES: &'static [&'static str];

    #[doc(hidden)]
    fn tidy(&mut self);

    /// The text of a message.
    fn encode(&self) -> Result<String, FrameError> {
        let wrong = |problem: serde_json::Error| FrameError::Wrong { kind: String::new(), detail: problem.to_string() };
        let Value::Object(fields) = serde_json::to_value(self).map_err(wrong)? else {
            return Err(FrameError::NotAFrame);
        };
        let mut whole = Map::new();
        whole.insert("v".to_owned(), FRAME_VERSION.into());
        whole.extend(fields);
        let text = serde_json::to_string(&whole).map_err(wrong)?;
        if text.len() > MAX_FRAME { Err(FrameError::TooLarge(text.len())) } else { Ok(text) }
    }

    /// Reads the text of a message.
    fn decode(text: &str) -> Result<Read<Self>, FrameError> {
        if text.len() > MAX_FRAME {
            return Err(FrameError::TooLarge(text.len()));
        }
        let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else { return Err(FrameError::NotAFrame) };
        let version = fields.remove("v").and_then(|version| version.as_u64()).filter(|version| *version > 0);
        let kind = fields.get("type").and_then(Value::as_str).map(str::to_owned);
        let (Some(_), Some(kind)) = (version, kind) else { return Err(FrameError::NotAFrame) };
        if !Self::TYPES.contains(&kind.as_str()) {
            return Ok(Read { frame: None, unknown: 1 });
        }
        let came = Value::Object(fields);
        let wrong = |problem: serde_json::Error| {
            let detail = shorten(problem.to_string().into(), DETAIL).into_owned();
            FrameError::Wrong { kind: kind.clone(), detail }
        };
        let mut frame = Self::deserialize(&came).map_err(wrong)?;
        let unknown = unknown(&came, &serde_json::to_value(&frame).map_err(wrong)?);
        frame.tidy();
        Ok(Read { frame: Some(frame), unknown })
    }
}

impl Frame for Upward {
    const TYPES: &'static [&'static str] = &["hello", "heartbeat", "ack", "result", "event"];

    fn tidy(&mut self) {
        match self {
            Upward::Hello(hello) => {
                cut(&mut hello.version);
                hello.config.iter_mut().chain(&mut hello.policies).for_each(cut);
            }
            Upward::Heartbeat(beat) => beat.tidy(),
            Upward::Ack(ack) => ack.checksum.iter_mut().for_each(cut),
            Upward::Result(outcome) => outcome.tidy(),
            Upward::Event(notice) => {
                cut(&mut notice.code);
                while notice.numbers.len() > 16
                    || notice.numbers.last_key_value().is_some_and(|(name, _)| name.len() > 64)
                {
                    notice.numbers.pop_last();
                }
            }
        }
    }
}

impl Frame for Downward {
    const TYPES: &'static [&'static str] = &["welcome", "command", "policy", "config", "ping"];

    fn tidy(&mut self) {
        match self {
            Downward::Welcome(welcome) => {
                cut(&mut welcome.version);
                welcome.heartbeat_secs = welcome.heartbeat_secs.clamp(5, 3_600);
                welcome.silent_secs = welcome.silent_secs.clamp(15, 3_600);
            }
            Downward::Command(command) => cut(&mut command.kind),
            Downward::Policy(announced) | Downward::Config(announced) => cut(&mut announced.checksum),
            Downward::Ping(_) => {}
        }
    }
}

impl Heartbeat {
    fn tidy(&mut self) {
        cut(&mut self.version);
        self.devices_at.iter_mut().for_each(cut);
        self.cpu_permille = self.cpu_permille.map(|permille| permille.min(1_000));
        self.agents.truncate(MAX_AGENTS);
        self.devices.truncate(MAX_DEVICES);
        for agent in &mut self.agents {
            cut(&mut agent.computer_uid);
            cut(&mut agent.name);
            agent.version.iter_mut().for_each(cut);
            if let Some(policy) = &mut agent.policy {
                policy.have.iter_mut().chain(&mut policy.waiting).for_each(cut);
                if let Some(error) = &mut policy.error {
                    *error = shorten(std::mem::take(error).into(), DETAIL).into_owned();
                }
            }
        }
        for device in &mut self.devices {
            cut(&mut device.state);
            let DeviceSeen { code, serial, model, firmware, .. } = device;
            code.iter_mut().chain(serial).chain(model).chain(firmware).for_each(cut);
            if let Some(detail) = &mut device.detail {
                *detail = shorten(std::mem::take(detail).into(), DETAIL).into_owned();
            }
        }
    }
}

impl Outcome {
    /// Shortens what came from the other side.
    pub fn tidy(&mut self) {
        self.code.iter_mut().for_each(cut);
        if let Some(detail) = &mut self.detail {
            *detail = shorten(std::mem::take(detail).into(), DETAIL).into_owned();
        }
    }
}

const fn first_version() -> u8 {
    1
}

fn cut(text: &mut String) {
    *text = shorten(std::mem::take(text).into(), Limit::NAME).into_owned();
}

/// How many fields came that the frame does not have. What is free in form is compared with itself.
fn unknown(came: &Value, known: &Value) -> u32 {
    match (came, known) {
        (Value::Object(came), Value::Object(known)) => {
            came.iter().map(|(name, value)| known.get(name).map_or(1, |other| unknown(value, other))).sum()
        }
        (Value::Array(came), Value::Array(known)) => {
            came.iter().zip(known).map(|(value, other)| unknown(value, other)).sum()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
