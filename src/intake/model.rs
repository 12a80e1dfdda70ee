//! What the doors hand over, already decoded.

use nazorat_timeseries::DeviceStatus;
use nazorat_timeseries::GatewayStatus;
use nazorat_wire::Accepted;
use nazorat_wire::AcceptedAccess;
use nazorat_wire::AccessEvent;
use nazorat_wire::EventError;
use sha2::Digest as _;
use sha2::Sha256;

use crate::kernel::DeviceId;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;

/// Who sent a batch, such as `key:3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(String);

impl Source {
    /// Wraps the name of a sender that was authenticated.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a batch: given by the sender, or by us where the protocol has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchKey(String);

/// The name cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Idempotency-Key must have 1 to 128 visible ASCII characters")]
pub struct BatchKeyError;

impl BatchKey {
    /// Reads a name that a sender gave.
    pub fn parse(text: &str) -> Result<Self, BatchKeyError> {
        let fits = (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if fits { Ok(Self(text.to_owned())) } else { Err(BatchKeyError) }
    }

    /// A name for a batch that came without one.
    pub fn new() -> Self {
        Self(uuid::Uuid::now_v7().to_string())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name within one organization as it stands in the ledgers.
    pub fn hash(&self, organization: OrganizationId) -> [u8; 16] {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(organization.get().to_be_bytes())
            .chain_update(self.0.as_bytes())
            .finalize()
            .into();
        digest.first_chunk().copied().unwrap_or_default()
    }
}

impl Default for BatchKey {
    fn default() -> Self {
        Self::new()
    }
}

/// A batch on its way in.
#[derive(Debug)]
pub struct NewBatch<'a> {
    /// Whose data.
    pub organization: OrganizationId,
    /// Who sent it.
    pub source: Source,
    /// Its name.
    pub key: BatchKey,
    /// SHA-256 of the unpacked body.
    pub digest: [u8; 32],
    /// When it arrived.
    pub received_at: Timestamp,
    /// Events that could be read.
    pub events: Vec<Accepted<'a>>,
    /// Events of terminals that could be read.
    pub accesses: Vec<AcceptedAccess<'a>>,
    /// Events that could not.
    pub rejected: Vec<EventError<'a>>,
    /// Screenshots, whose files are stored already.
    pub screenshots: Vec<NewScreenshot<'a>>,
}

/// What terminals saw, at the moment it became durable here. The same event may be told again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whose.
    pub organization: OrganizationId,
    /// When it came.
    pub received_at: Timestamp,
    /// In the order in which it came.
    pub events: Vec<AccessEvent>,
}

/// The metadata of a stored screenshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewScreenshot<'a> {
    /// Position in the batch.
    pub index: u32,
    /// When it was taken.
    pub ts: Timestamp,
    /// The machine's stable id.
    pub computer_uid: String,
    /// Security identifier of the account.
    pub user_sid: Option<String>,
    /// Name of the account.
    pub user_name: Option<String>,
    /// The picture's own id.
    pub id: String,
    /// Key of the picture in the file store.
    pub file_key: String,
    /// Key of its thumbnail.
    pub thumb_key: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size of the picture.
    pub bytes: u64,
    /// `jpeg`, `png` or `webp`.
    pub format: String,
    /// Of the picture as it was received.
    pub sha256: [u8; 32],
    /// The program in front.
    pub app: Option<String>,
    /// Its window's title.
    pub title: Option<String>,
    /// Which monitor, from 0.
    pub monitor: u16,
    /// Whether it was made unreadable before it left the computer.
    pub blurred: bool,
    /// The metadata as they came, for the dead letters if they are refused.
    pub raw: &'a str,
}

/// How a gateway was, or that it or one of its agents came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStatus {
    /// When, by our clock.
    pub ts: Timestamp,
    /// The number under which rows about it stand.
    pub account: i64,
    /// What.
    pub status: GatewayStatus,
}

/// How a terminal was from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeviceStatus {
    /// From when on, by our clock.
    pub ts: Timestamp,
    /// Which device.
    pub device: DeviceId,
    /// How.
    pub status: DeviceStatus,
}

/// What the appliance itself noted of gateways and terminals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statuses {
    /// Of gateways.
    pub gateways: Vec<NewStatus>,
    /// Of terminals.
    pub devices: Vec<NewDeviceStatus>,
}

/// Which times of events are believed, counted from the moment of receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeWindow {
    /// Oldest, in days before receipt.
    pub accept_days: u32,
}

impl TimeWindow {
    /// How far ahead a source's clock may be.
    pub const AHEAD_US: i64 = 600_000_000;
    /// The oldest event of a terminal: it keeps its log for long, and tells all of it when it is met for the first time.
    pub const ACCESS_DAYS: u32 = 400;
    /// From which difference a clock is flagged.
    pub const SKEW_US: i64 = 120_000_000;
}

impl Default for TimeWindow {
    fn default() -> Self {
        Self { accept_days: 60 }
    }
}
