//! The nouns of alerts.

use std::collections::BTreeMap;

use crate::kernel::AlertId;
use crate::kernel::DeviceId;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A gateway is not heard any more.
    GatewayOffline,
    /// A command was not done.
    CommandFailed,
    /// The buffer of a gateway is more than 80 % full.
    BufferHigh,
    /// A gateway had to give up what it had taken in.
    Gap,
    /// The clock of a gateway differs by more than two minutes.
    ClockSkew,
    /// An agent cannot follow what was decided.
    PolicyFailed,
    /// A terminal is not served for more than two minutes, while its gateway is there.
    DeviceOffline,
    /// A terminal refuses the account that it was given.
    DeviceCredentials,
    /// The clock of a terminal differs by more than two minutes.
    DeviceClock,
    /// The log of a terminal is more than 80 % full.
    DeviceLogHigh,
    /// A terminal has more than 80 % of the people that it takes.
    DevicePeopleHigh,
    /// A terminal had events that nobody has any more.
    DeviceMissed,
}

impl AlertKind {
    /// All kinds.
    pub const ALL: [AlertKind; 12] = [
        AlertKind::GatewayOffline,
        AlertKind::CommandFailed,
        AlertKind::BufferHigh,
        AlertKind::Gap,
        AlertKind::ClockSkew,
        AlertKind::PolicyFailed,
        AlertKind::DeviceOffline,
        AlertKind::DeviceCredentials,
        AlertKind::DeviceClock,
        AlertKind::DeviceLogHigh,
        AlertKind::DevicePeopleHigh,
        AlertKind::DeviceMissed,
    ];

    /// The word in the API, also the key of the texts.
    pub const fn name(self) -> &'static str {
        match self {
            AlertKind::GatewayOffline => "gateway_offline",
            AlertKind::CommandFailed => "command_failed",
            AlertKind::BufferHigh => "buffer_high",
            AlertKind::Gap => "gap",
            AlertKind::ClockSkew => "clock_skew",
            AlertKind::PolicyFailed => "policy_failed",
            AlertKind::DeviceOffline => "device_offline",
            AlertKind::DeviceCredentials => "device_credentials",
            AlertKind::DeviceClock => "device_clock",
            AlertKind::DeviceLogHigh => "device_log_high",
            AlertKind::DevicePeopleHigh => "device_people_high",
            AlertKind::DeviceMissed => "device_missed",
        }
    }

    /// What to do next, as the key of a sentence.
    pub const fn next_step(self) -> &'static str {
        match self {
            AlertKind::GatewayOffline => "check_power_and_network",
            AlertKind::CommandFailed => "look_at_the_command_and_send_it_again",
            AlertKind::BufferHigh => "check_the_line_or_enlarge_the_buffer",
            AlertKind::Gap => "enlarge_the_buffer",
            AlertKind::ClockSkew => "set_the_clock_of_the_gateway",
            AlertKind::PolicyFailed => "look_at_the_computer",
            AlertKind::DeviceOffline => "check_power_and_network_of_the_device",
            AlertKind::DeviceCredentials => "enter_the_account_of_the_device_anew",
            AlertKind::DeviceClock => "set_the_clock_of_the_device",
            AlertKind::DeviceLogHigh => "clear_the_log_at_the_device",
            AlertKind::DevicePeopleHigh => "remove_people_from_the_device",
            AlertKind::DeviceMissed => "compare_with_other_records",
        }
    }

    /// True when it ends by itself as soon as the cause is gone; others are ended by a person.
    pub const fn ends_by_itself(self) -> bool {
        !matches!(self, AlertKind::CommandFailed | AlertKind::Gap | AlertKind::DeviceMissed)
    }
}

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Which gateway.
    pub gateway: GatewayId,
    /// Which of its agents, if it is about one.
    pub agent: Option<u32>,
    /// Which of the devices that it serves, if it is about one.
    pub device: Option<DeviceId>,
}

impl Subject {
    /// One of a gateway's agents.
    pub const fn agent(gateway: GatewayId, agent: u32) -> Self {
        Self { gateway, agent: Some(agent), device: None }
    }

    /// One of the devices that it serves.
    pub const fn device(gateway: GatewayId, device: DeviceId) -> Self {
        Self { gateway, agent: None, device: Some(device) }
    }
}

impl From<GatewayId> for Subject {
    fn from(gateway: GatewayId) -> Self {
        Self { gateway, agent: None, device: None }
    }
}

/// A fact that a sentence needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// A number, in the unit that the name says.
    Number(i64),
    /// A stable word, an id or a time.
    Word(String),
}

impl From<i64> for Fact {
    fn from(number: i64) -> Self {
        Fact::Number(number)
    }
}

impl From<&str> for Fact {
    fn from(word: &str) -> Self {
        Fact::Word(word.to_owned())
    }
}

impl From<String> for Fact {
    fn from(word: String) -> Self {
        Fact::Word(word)
    }
}

/// Facts by name.
pub type Facts = BTreeMap<String, Fact>;

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Which one.
    pub id: AlertId,
    /// Whose.
    pub organization: OrganizationId,
    /// What is wrong.
    pub kind: AlertKind,
    /// With what.
    pub subject: Subject,
    /// What the sentences need.
    pub facts: Facts,
    /// Since when.
    pub opened_at: Timestamp,
    /// Until when; none while it is open.
    pub resolved_at: Option<Timestamp>,
}

impl Alert {
    /// True while somebody should look at it.
    pub const fn is_open(&self) -> bool {
        self.resolved_at.is_none()
    }
}
