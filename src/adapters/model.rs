//! What adapters, sessions and their host tell each other.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use nazorat_wire::AccessEvent;
use nazorat_wire::PasserMeta;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use super::Number;
use crate::kernel::Clock;
use crate::kernel::Timestamp;
use crate::kernel::Zone;

/// A kind of device, for the list of those that there are.
#[derive(Debug, Clone, Serialize)]
pub struct Kind {
    /// The word in the API, such as `hikvision`.
    pub word: &'static str,
    /// Who makes them.
    pub vendor: &'static str,
    /// Version of the adapter.
    pub version: &'static str,
    /// Whether it is reached by an address; others come to us.
    pub has_address: bool,
    /// Whether it can be asked to do something; others only tell.
    pub obeys: bool,
    /// JSON Schema of its settings. Fields with `"writeOnly": true` are secrets; the order is that of the form.
    pub schema: Value,
}

/// A device as the appliance describes it.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its number at the appliance.
    pub id: u32,
    /// What people call it.
    pub name: String,
    /// Where it is: resolved and allowed already, so that nobody asks a name server again.
    pub address: Option<IpAddr>,
    /// The name or number under which it was entered, for `Host` headers and sentences.
    pub host: String,
    /// Settings as its kind's schema describes them, secrets included.
    pub settings: Map<String, Value>,
    /// The wall clock at the device, for kinds that tell local times.
    pub zone: Zone,
    /// The port at which devices that come by themselves are answered, if there is one.
    pub listener: Option<u16>,
}

/// Who takes what a session delivers; the host, or a test.
pub trait Taker: Send + Sync {
    /// Makes events durable, and then the place behind them. In order; the next call comes when this one is answered.
    fn take(&self, events: Vec<AccessEvent>, cursor: Option<Value>) -> BoxFuture<'_, Result<(), DeviceError>>;

    /// The last place that was kept.
    fn cursor(&self) -> Option<Value>;

    /// The device said something, if only that it is there.
    fn heard(&self);

    /// The device is connected and everything it had is delivered.
    fn is_live(&self);

    /// How far its clock is ahead of ours.
    fn drift(&self, millis: i64);

    /// How long an answer of the device took.
    fn answered(&self, took: Duration);

    /// How much room it has left. Whoever only takes events need not know.
    fn room(&self, _room: Room) {}

    /// Makes a picture of somebody who passed durable, where there is room: events come first. Whoever only takes events
    /// need not.
    fn picture(&self, _meta: PasserMeta, _image: Bytes) -> BoxFuture<'_, Result<(), DeviceError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// What cannot be had back: serial numbers that the device no longer has, or times that nobody can believe.
    fn missed(&self, detail: String);

    /// The device, which comes by itself, has not come for too long. It is served all the same.
    fn is_away(&self, _why: &DeviceError) {}
}

/// The way from a session to its host. Cheap to clone.
#[derive(Clone)]
pub struct Feed {
    taker: Arc<dyn Taker>,
    clock: Clock,
}

impl Feed {
    /// Leads to somebody.
    pub fn new(taker: Arc<dyn Taker>, clock: Clock) -> Self {
        Self { taker, clock }
    }

    /// Our clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Hands events over, in the order in which they happened, and the place behind them, if that is known. Whoever gets `Ok` may forget both.
    /// The same event may be handed over again: it is stored once.
    pub async fn deliver(&self, events: Vec<AccessEvent>, cursor: Option<Value>) -> Result<(), DeviceError> {
        self.taker.take(events, cursor).await
    }

    /// The last place that was kept, if it reads as one of ours.
    pub fn cursor<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        self.taker.cursor().and_then(|place| serde_json::from_value(place).ok())
    }

    /// The device said something.
    pub fn heard(&self) {
        self.taker.heard();
    }

    /// Everything is fetched; from now on it tells by itself.
    pub fn is_live(&self) {
        self.taker.is_live();
    }

    /// How far its clock is ahead of ours.
    pub fn drift(&self, millis: i64) {
        self.taker.drift(millis);
    }

    /// How long an answer took.
    pub fn answered(&self, took: Duration) {
        self.taker.answered(took);
    }

    /// It has not come for too long; it is live again when it comes.
    pub fn is_away(&self, why: &DeviceError) {
        self.taker.is_away(why);
    }

    /// How much room the device has left.
    pub fn room(&self, room: Room) {
        self.taker.room(room);
    }

    /// Hands over a picture of somebody who passed, in whatever order with its event.
    pub async fn picture(&self, meta: PasserMeta, image: Bytes) -> Result<(), DeviceError> {
        self.taker.picture(meta, image).await
    }

    /// What cannot be had back, as a sentence.
    pub fn missed(&self, detail: impl Into<String>) {
        self.taker.missed(detail.into());
    }
}

/// Something to do. What a person asked for, with the door where one is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Open once.
    Open {
        /// From 1.
        door: u16,
    },
    /// Back to normal.
    Close {
        /// From 1.
        door: u16,
    },
    /// Open until it is closed.
    HoldOpen {
        /// From 1.
        door: u16,
    },
    /// Shut, also for those who may pass.
    Lock {
        /// From 1.
        door: u16,
    },
    /// Start again.
    Reboot,
    /// Set the clock to ours.
    SetClock,
    /// Read the log from here on, and deliver all of it.
    ReadLog {
        /// The moment.
        from: Timestamp,
    },
}

/// What a device said to something that was asked of it; numbers and words for a person, no secrets.
pub type Reply = Map<String, Value>;

/// Who a device is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its serial number.
    pub serial: String,
    /// Model.
    #[serde(default)]
    pub model: String,
    /// Version of its program.
    #[serde(default)]
    pub firmware: String,
    /// Its hardware address.
    #[serde(default)]
    pub mac: String,
}

/// What a device can do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    /// How many doors it opens.
    pub doors: u16,
    /// Whether it keeps people.
    pub people: bool,
    /// Whether it keeps cards.
    pub cards: bool,
    /// Whether faces can be sent to it.
    pub faces: bool,
    /// Whether it lets people pass from one moment to another only.
    pub dates: bool,
    /// Whether doors can be held open and locked.
    pub hold: bool,
    /// Whether it can be started again from afar.
    pub reboot: bool,
    /// Whether its clock can be set from afar.
    pub set_clock: bool,
    /// The most people, where it says so.
    pub most_people: Option<u32>,
    /// The most events that it keeps, where it says so.
    pub most_events: Option<u32>,
}

/// What came of trying a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Who it is.
    pub identity: Identity,
    /// What it can.
    pub capabilities: Capabilities,
    /// How far its clock is ahead of ours.
    pub drift_ms: Option<i64>,
    /// What a person should know, as sentences.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// How much of its room a device has used, where it tells: how many there are, and the most that it keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Room {
    /// People.
    pub people: Option<(u32, u32)>,
    /// Records of its log. None where the oldest simply make room for the next.
    pub log: Option<(u32, u32)>,
}

/// Somebody who may pass a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The number by which the device knows them.
    pub number: Number,
    /// What it shows.
    pub name: String,
    /// Their cards.
    pub cards: Vec<String>,
    /// From when on they may pass.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// Their face.
    pub face: Face,
}

/// What is to be with somebody's face.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Face {
    /// Whatever is there stays: it may have been taken at the device.
    #[default]
    AsItIs,
    /// None is to be there.
    Off,
    /// A JPEG of at most 200 KB.
    Jpeg(Arc<[u8]>),
}

/// Somebody as a device knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalPerson {
    /// As the device writes it; it may be one that we would never give.
    pub number: String,
    /// Their name there.
    pub name: String,
    /// Their cards there; none if the device does not tell with the list.
    pub cards: Option<Vec<String>>,
    /// Whether a face is kept there, where it tells.
    pub has_face: Option<bool>,
    /// Whether they administer the device. Those are never touched.
    pub is_admin: bool,
}

/// A request of a device that comes to us.
#[derive(Debug, Clone)]
pub struct PushRequest {
    /// `GET`, `POST`, `PUT`.
    pub method: String,
    /// The path, such as `/iclock/cdata`.
    pub path: String,
    /// What stands behind `?`, as it came.
    pub query: String,
    /// Of the body.
    pub content_type: String,
    /// All headers, as they came.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: bytes::Bytes,
}

impl PushRequest {
    /// A header that came once; one that came twice says nothing.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.get_all(name).iter();
        all.next().filter(|_| all.next().is_none()).and_then(|value| value.to_str().ok())
    }
}

/// What it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

impl PushAnswer {
    /// Plain text, as terminals expect it.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, content_type: "text/plain", body: body.into().into_bytes() }
    }

    /// JSON, for programs.
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, content_type: "application/json", body: body.to_string().into_bytes() }
    }
}

/// Why something with a device did not go as it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Settings cannot be meant.
    #[error("{0}")]
    Settings(String),
    /// It is not there, or the connection broke.
    #[error("{0}")]
    Unreachable(String),
    /// It does not know us. Nothing more is tried until somebody enters other credentials.
    #[error("{0}")]
    Credentials(String),
    /// It is busy, or serves somebody else; later it may.
    #[error("{0}")]
    Busy(String),
    /// It cannot do this.
    #[error("{0}")]
    Unsupported(String),
    /// It answered that it will not.
    #[error("{0}")]
    Refused(String),
    /// It answered what nobody understands.
    #[error("{0}")]
    Nonsense(String),
    /// Ours: what it told could not be kept.
    #[error("{0}")]
    NotKept(String),
}

impl DeviceError {
    /// A stable word.
    pub const fn code(&self) -> &'static str {
        match self {
            DeviceError::Settings(_) => "device_settings",
            DeviceError::Unreachable(_) => "device_unreachable",
            DeviceError::Credentials(_) => "device_credentials",
            DeviceError::Busy(_) => "device_busy",
            DeviceError::Unsupported(_) => "device_cannot",
            DeviceError::Refused(_) => "device_refused",
            DeviceError::Nonsense(_) => "device_nonsense",
            DeviceError::NotKept(_) => "not_kept",
        }
    }
}
