//! The rows: what callers hand in, and what they get back.
//!
//! Each event type has its strings as a parameter: written rows borrow them (`&str`), read rows own them.

/// Where and when an event was seen, beside what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<E> {
    /// The source's clock, microseconds since 1970 UTC.
    pub ts_us: i64,
    /// The account as observed: a stable hash of computer and user.
    pub account: i64,
    /// Index of the batch in the ledger rows that are handed in together.
    pub batch: u32,
    /// Index of the event in its batch.
    pub idx: u32,
    /// What was observed.
    pub event: E,
}

/// A window had the focus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveWindow<S = String> {
    /// How long, in milliseconds.
    pub duration_ms: u32,
    /// The program.
    pub app: S,
    /// The window's title.
    pub title: S,
}

/// A site was open in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitedSite<S = String> {
    /// How long, in milliseconds.
    pub duration_ms: u32,
    /// The address, as far as policy lets it be kept.
    pub url: S,
    /// The host without `www.`.
    pub domain: S,
    /// The page's title.
    pub title: S,
    /// The browser.
    pub browser: S,
    /// Whether the window was a private one.
    pub private: bool,
}

/// A picture was taken; this is its metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screenshot<S = String> {
    /// The picture's own id.
    pub id: S,
    /// Key of the picture in the file store.
    pub file_key: S,
    /// Key of the thumbnail in the file store.
    pub thumb_key: S,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size of the stored picture.
    pub bytes: u64,
    /// `jpeg`, `png` or `webp`.
    pub format: S,
    /// Of the picture as it was received.
    pub sha256: [u8; 32],
    /// The program in front.
    pub app: S,
    /// Its window's title.
    pub title: S,
    /// Which monitor, from 0.
    pub monitor: u16,
    /// Whether it was made unreadable before it left the computer.
    pub blurred: bool,
}

/// A session changed; the number's meaning belongs to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserSession {
    /// Login, logout, lock, unlock.
    pub action: u8,
}

/// Keyboard and mouse; the number's meaning belongs to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputActivity {
    /// How long, in milliseconds.
    pub duration_ms: u32,
    /// Active or idle.
    pub state: u8,
}

/// What a terminal at a door saw; the meaning of the numbers belongs to the caller. Texts that are not there are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessEvent<S = String> {
    /// What tells it from the device's other events.
    pub serial: S,
    /// When the gateway heard of it, microseconds.
    pub seen_at_us: i64,
    /// Which door of the device.
    pub door: u16,
    /// Which reader of the device.
    pub reader: u16,
    /// Number of the person as the device knows it.
    pub person: S,
    /// Name of the person as the device shows it.
    pub person_name: S,
    /// Number of the card, or the plate.
    pub card: S,
    /// What was shown.
    pub credential: u8,
    /// Which way.
    pub direction: u8,
    /// Let through, refused, and what else there is.
    pub outcome: u8,
    /// Why, as a stable word.
    pub reason: S,
    /// The maker's own code.
    pub code: S,
    /// Whether it was told later than it happened.
    pub replayed: bool,
    /// How far the device's clock was ahead, in milliseconds, where that was measured.
    pub drift_ms: Option<i64>,
}

/// How a gateway was, or that it or one of its agents came or went; the number's meaning belongs to the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatewayStatus<S = String> {
    /// The gateway's own id.
    pub gateway: S,
    /// Number of the agent at its gateway; 0 for the gateway itself.
    pub agent: u32,
    /// Heartbeat, online, offline.
    pub happening: u8,
    /// Version of its program.
    pub version: S,
    /// How busy its machine was, in thousandths.
    pub cpu_permille: u32,
    /// Memory of its process.
    pub memory_bytes: u64,
    /// Free bytes on its disk.
    pub disk_free_bytes: u64,
    /// Batches that waited.
    pub spool_batches: u64,
    /// Bytes of its buffer.
    pub spool_bytes: u64,
    /// The most it may have.
    pub spool_max_bytes: u64,
    /// Age of the oldest batch that waited.
    pub oldest_secs: u32,
    /// Batches given up since its process began.
    pub evicted: u64,
    /// Agents that have joined.
    pub agents: u32,
    /// Agents that were heard.
    pub agents_online: u32,
}

/// How a door terminal was from a moment on; the numbers' meanings belong to the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceStatus<S = String> {
    /// The id of the gateway that served it.
    pub gateway: S,
    /// Online, offline, error and so on.
    pub state: u8,
    /// Why, as a stable word.
    pub code: S,
    /// When it was last heard, in microseconds.
    pub last_contact_us: Option<i64>,
    /// When it last told an event, in microseconds.
    pub last_event_us: Option<i64>,
    /// How far its clock was ahead, in milliseconds.
    pub drift_ms: Option<i64>,
    /// How long its last answer took, in milliseconds.
    pub answer_ms: Option<u32>,
}

/// An event that was refused, kept so that a person can look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedEvent<S = String> {
    /// Why, as a stable word.
    pub code: S,
    /// Why, as a sentence.
    pub detail: S,
    /// The dataset that it was sent to.
    pub dataset: S,
    /// The event as it was sent.
    pub event: S,
    /// The key of the batch that it was sent in.
    pub batch_key: S,
}

/// Rows of one dataset, to be written.
#[derive(Debug, Clone)]
pub enum Rows<'a> {
    /// Active windows.
    ActiveWindows(Vec<Row<ActiveWindow<&'a str>>>),
    /// Visited sites.
    VisitedSites(Vec<Row<VisitedSite<&'a str>>>),
    /// Screenshots.
    Screenshots(Vec<Row<Screenshot<&'a str>>>),
    /// Sessions.
    UserSessions(Vec<Row<UserSession>>),
    /// Input.
    InputActivity(Vec<Row<InputActivity>>),
    /// Doors.
    AccessEvents(Vec<Row<AccessEvent<&'a str>>>),
    /// Gateways.
    GatewayStatus(Vec<Row<GatewayStatus<&'a str>>>),
    /// Terminals.
    DeviceStatus(Vec<Row<DeviceStatus<&'a str>>>),
    /// Dead letters.
    RejectedEvents(Vec<Row<RejectedEvent<&'a str>>>),
}

/// What a read row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A window had the focus.
    ActiveWindow(ActiveWindow),
    /// A site was open.
    VisitedSite(VisitedSite),
    /// A picture was taken.
    Screenshot(Screenshot),
    /// A session changed.
    UserSession(UserSession),
    /// Keyboard and mouse.
    InputActivity(InputActivity),
    /// A door.
    Access(AccessEvent),
    /// A gateway.
    GatewayStatus(GatewayStatus),
    /// A terminal.
    DeviceStatus(DeviceStatus),
    /// A dead letter.
    RejectedEvent(RejectedEvent),
}

/// A row as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// The source's clock.
    pub ts_us: i64,
    /// When the appliance received it.
    pub received_at_us: i64,
    /// Who sent it.
    pub source: String,
    /// The account as observed.
    pub account: i64,
    /// Where the row is: its name for ever, also after its file was rewritten.
    pub position: Position,
    /// What it says.
    pub event: Event,
}

/// The place of a row in the total order of its dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The source's clock.
    pub ts_us: i64,
    /// Generation of the month's file.
    pub generation: u32,
    /// Number of the batch in that file.
    pub batch: u32,
    /// Index in the batch.
    pub idx: u32,
}

impl Position {
    /// A short text for addresses, read back by [`Position::parse`].
    pub fn encode(&self) -> String {
        format!("{}.{}.{}.{}", self.ts_us, self.generation, self.batch, self.idx)
    }

    /// Reads what [`Position::encode`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let position = Self {
            ts_us: parts.next()?.parse().ok()?,
            generation: parts.next()?.parse().ok()?,
            batch: parts.next()?.parse().ok()?,
            idx: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(position)
    }
}

/// An account, kept beside the rows so that a file explains itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow<S = String> {
    /// The stable hash.
    pub account: i64,
    /// The computer's own id.
    pub computer_uid: S,
    /// The user's security id, empty when unknown.
    pub user_sid: S,
    /// The user's name, empty when unknown.
    pub user_name: S,
}

/// One batch in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow<S = String> {
    /// The first 16 bytes of the hash of organization and batch key.
    pub key_hash: [u8; 16],
    /// SHA-256 of the unpacked body.
    pub digest: [u8; 32],
    /// Who sent it, such as `key:3`.
    pub source: S,
    /// Which spool it waited in.
    pub spool_epoch: u64,
    /// Its number there.
    pub spool_seq: u64,
    /// When it was received.
    pub received_at_us: i64,
    /// The answer that was given, to be given again.
    pub answer: Option<S>,
}

/// What is to be stored together, in one transaction.
#[derive(Debug, Clone)]
pub struct Batches<'a> {
    /// The events; their `batch` points into `ledger`.
    pub rows: Rows<'a>,
    /// The batches they came in. A batch without rows here is kept as well.
    pub ledger: Vec<LedgerRow<&'a str>>,
    /// The accounts of the rows.
    pub accounts: Vec<AccountRow<&'a str>>,
}
