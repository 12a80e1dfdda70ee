//! The nouns: a device, a gate, and how both stand to each other.

use std::collections::BTreeSet;

use nazorat_wire::PeopleReport;
use nazorat_wire::frame::DeviceSeen;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::adapters;
use crate::fleet::commands::Command;
use crate::identity::DisplayName;
use crate::kernel::DeviceId;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;

/// A terminal.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Its number in the organization.
    pub id: DeviceId,
    /// What people call it.
    pub name: DisplayName,
    /// Which adapter speaks with it.
    pub kind: String,
    /// The gateway that serves it.
    pub gateway: GatewayId,
    /// Its address; empty for those that come to us.
    pub host: String,
    /// Settings, without secrets.
    pub settings: Map<String, Value>,
    /// Names of the settings that are kept sealed.
    pub secrets: BTreeSet<String>,
    /// Its doors, from 1.
    pub doors: Vec<DeviceDoor>,
    /// Whether it is served.
    pub enabled: bool,
    /// Whether those whom it knows follow from who may pass its gates. Otherwise they are kept at the device.
    pub manages_people: bool,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Device {
    /// Whether it can be asked to do something; some kinds only tell.
    pub fn obeys(&self) -> bool {
        adapters::find(&self.kind).is_none_or(|adapter| adapter.kind().obeys)
    }

    /// The gate at which one of its doors is.
    pub fn gate_of(&self, door: u16) -> Option<GateId> {
        self.doors.iter().find(|one| one.number == door).and_then(|one| one.gate)
    }

    /// On which side of its gate a door's terminal hangs.
    pub fn side_of(&self, door: u16) -> Side {
        self.doors.iter().find(|one| one.number == door).map_or(Side::Both, |one| one.side)
    }
}

/// A door of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeviceDoor {
    /// Its number at the device, from 1.
    pub number: u16,
    /// The gate that it is.
    pub gate: Option<GateId>,
    /// On which side the terminal hangs.
    #[serde(default)]
    pub side: Side,
}

/// On which side of a gate a terminal hangs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Outside: whoever uses it comes in.
    Entry,
    /// Inside: whoever uses it goes out.
    Exit,
    /// The same one serves both ways.
    #[default]
    Both,
}

impl Side {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Entry, Self::Exit, Self::Both];

    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Exit => "exit",
            Self::Both => "both",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == word)
    }
}

/// A door or passage, whatever hangs at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Its number in the organization.
    pub id: GateId,
    /// What people call it.
    pub name: DisplayName,
    /// How the direction of a pass is found.
    pub passing: Passing,
    /// Passes of one person within so many seconds are one.
    pub debounce_secs: u32,
    /// Whether guards may open it from afar.
    pub opens_from_afar: bool,
}

/// How the direction of a pass is found, whatever the terminal is set to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Passing {
    /// By the side on which the terminal hangs; unknown where one serves both ways.
    #[default]
    BySide,
    /// The first of a day is in, the last is out, those between are passes.
    FirstLast,
    /// In, out, in, out.
    Alternating,
    /// What the person pressed at the terminal, or what the terminal says.
    ByDevice,
}

impl Passing {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::BySide, Self::FirstLast, Self::Alternating, Self::ByDevice];

    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BySide => "by_side",
            Self::FirstLast => "first_last",
            Self::Alternating => "alternating",
            Self::ByDevice => "by_device",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == word)
    }
}

/// What is asked for when a gate is made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateInput {
    /// What people call it.
    pub name: String,
    /// How the direction of a pass is found.
    pub passing: Passing,
    /// Passes of one person within so many seconds are one.
    pub debounce_secs: u32,
    /// Whether guards may open it from afar.
    pub opens_from_afar: bool,
}

/// What is asked for when a device is added or changed, as it was typed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDevice {
    /// What people call it.
    pub name: String,
    /// Which adapter speaks with it. It stays when a device is changed.
    pub kind: String,
    /// The gateway that serves it.
    pub gateway: GatewayId,
    /// Its address.
    pub host: String,
    /// Settings with secrets. A secret that is left out stays as it was.
    pub settings: Map<String, Value>,
    /// Its doors.
    pub doors: Vec<DeviceDoor>,
    /// Whether it is served.
    pub enabled: bool,
    /// Whether those whom it knows follow from who may pass its gates.
    pub manages_people: bool,
}

/// How a device is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// It is served and answers.
    Online,
    /// It is being called.
    Connecting,
    /// It does not answer.
    Offline,
    /// It answers, and something is wrong that a person must mend.
    Error,
    /// It is not served.
    Disabled,
    /// Its gateway is silent, or has not told of it yet.
    Unknown,
}

impl DeviceState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Online, Self::Connecting, Self::Offline, Self::Error, Self::Disabled, Self::Unknown];

    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Connecting => "connecting",
            Self::Offline => "offline",
            Self::Error => "error",
            Self::Disabled => "disabled",
            Self::Unknown => "unknown",
        }
    }

    /// The number in the rows.
    pub const fn number(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Online => 1,
            Self::Connecting => 2,
            Self::Offline => 3,
            Self::Error => 4,
            Self::Disabled => 5,
        }
    }

    /// Reads the number of a row.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.number() == number)
    }

    /// What a gateway says; that it knows nothing it does not say.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == word && *one != Self::Unknown)
    }
}

/// How a device is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// In one word.
    pub state: DeviceState,
    /// What its gateway told of it, and when it told, by our clock.
    pub told: Option<(Timestamp, DeviceSeen)>,
}

/// The people on a device, as they are and as they should be.
#[derive(Debug, Clone, PartialEq)]
pub struct PeopleOn {
    /// Which one.
    pub device: Device,
    /// Whether any group leads to one of its gates. Without one its people are left as they are.
    pub has_group: bool,
    /// How many are as they should be and how many there should be, as its gateway told a moment ago.
    pub live: Option<(u32, u32)>,
    /// What its gateway told after it had compared them.
    pub report: Option<PeopleReport>,
    /// Who may pass and cannot be written there, because they have no personnel number.
    pub unnumbered: Vec<EmployeeId>,
    /// How many may pass one of its gates, whether it is kept in order or not.
    pub may_pass: usize,
}

/// Something that a device was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceOrdered {
    /// Which one.
    pub device: DeviceId,
    /// The door, where one was meant.
    pub door: Option<u16>,
    /// What, as the API names it.
    pub action: String,
    /// Why, as the person said.
    pub reason: String,
    /// How far it is.
    pub command: Command,
    /// What the device said.
    pub reply: Option<Value>,
}
