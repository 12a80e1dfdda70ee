//! The nouns of presence.

use std::collections::BTreeMap;

use nazorat_timeseries::GatewayStatus;
use nazorat_wire::frame;
use nazorat_wire::frame::Heartbeat;
use sha2::Digest as _;
use sha2::Sha256;

use crate::fleet::Peer;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;

/// Whether something is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Liveness {
    /// It is.
    Online,
    /// It was, and is silent for too long.
    Offline,
}

impl Liveness {
    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Liveness::Online => "online",
            Liveness::Offline => "offline",
        }
    }
}

/// What is known of a gateway that was heard at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Which one.
    pub peer: Peer,
    /// Whether it is heard.
    pub liveness: Liveness,
    /// Since when it is that.
    pub since: Timestamp,
    /// When it last said anything, by our clock.
    pub last_contact: Timestamp,
    /// Whether a connection is open.
    pub connected: bool,
    /// Version of its program.
    pub version: String,
    /// Checksum of the settings that it runs with, if they came from here.
    pub config: Option<String>,
    /// What it said when it last connected, since our start.
    pub told: Option<Told>,
    /// How it was, and when it said so by our clock.
    pub beat: Option<(Timestamp, Heartbeat)>,
    /// Seconds that its clock is ahead of ours.
    pub ahead_secs: i64,
    /// Its agents, by their number there.
    pub agents: BTreeMap<u32, AgentSeen>,
}

impl Seen {
    /// How many of its agents are heard.
    pub fn agents_online(&self) -> usize {
        self.agents.values().filter(|agent| agent.liveness == Liveness::Online).count()
    }
}

/// What a gateway said when it connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// When, by our clock.
    pub at: Timestamp,
    /// Checksum of the list of policies that it holds to, if it has one.
    pub policies: Option<String>,
}

/// What is known of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSeen {
    /// Whether it is heard.
    pub liveness: Liveness,
    /// Since when it is that.
    pub since: Timestamp,
    /// What its gateway told of it last.
    pub told: frame::AgentSeen,
}

/// What a note tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Happening {
    /// How a gateway is.
    Heartbeat,
    /// It is heard again, or for the first time.
    Online,
    /// It is silent for too long.
    Offline,
}

impl Happening {
    /// The number in the rows.
    pub const fn number(self) -> u8 {
        match self {
            Happening::Heartbeat => 0,
            Happening::Online => 1,
            Happening::Offline => 2,
        }
    }

    /// Reads the number of a row.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Happening::Heartbeat),
            1 => Some(Happening::Online),
            2 => Some(Happening::Offline),
            _ => None,
        }
    }
}

/// Something that is to be kept as an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Of which gateway.
    pub peer: Peer,
    /// Of which of its agents, if it is one's.
    pub agent: Option<u32>,
    /// What.
    pub happening: Happening,
    /// When, by our clock.
    pub at: Timestamp,
    /// How the gateway was, as far as it told.
    pub beat: Option<Box<Heartbeat>>,
    /// How many of its agents are heard.
    pub agents_online: u32,
}

impl Note {
    /// The number under which its row stands.
    pub fn account(&self) -> i64 {
        account_of(self.peer.gateway, self.agent)
    }

    /// Its row.
    pub fn status(&self) -> GatewayStatus {
        let beat = self.beat.as_deref();
        let of = |number: fn(&Heartbeat) -> u64| beat.map(number).unwrap_or_default();
        GatewayStatus {
            gateway: self.peer.gateway.to_string(),
            agent: self.agent.unwrap_or(0),
            happening: self.happening.number(),
            version: beat.map(|beat| beat.version.clone()).unwrap_or_default(),
            cpu_permille: beat.and_then(|beat| beat.cpu_permille).map_or(0, u32::from),
            memory_bytes: of(|beat| beat.memory_bytes.unwrap_or(0)),
            disk_free_bytes: of(|beat| beat.disk_free_bytes.unwrap_or(0)),
            spool_batches: of(|beat| beat.spool.batches),
            spool_bytes: of(|beat| beat.spool.bytes),
            spool_max_bytes: of(|beat| beat.spool.max_bytes),
            oldest_secs: u32::try_from(of(|beat| beat.spool.oldest_secs)).unwrap_or(u32::MAX),
            evicted: of(|beat| beat.spool.evicted),
            agents: beat.map_or(0, |beat| beat.agents_total),
            agents_online: self.agents_online,
        }
    }
}

/// The number under which rows about a gateway or one of its agents stand.
pub(super) fn account_of(gateway: GatewayId, agent: Option<u32>) -> i64 {
    let mut hash = Sha256::new();
    hash.update(gateway.get().as_bytes());
    hash.update(agent.unwrap_or(0).to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk::<8>().map_or(0, |head| i64::from_be_bytes(*head))
}
