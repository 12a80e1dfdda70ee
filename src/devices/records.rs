//! Devices and gates as they are stored, among their organization's records.

use std::collections::BTreeMap;

use nazorat_wire::PeopleReport;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::devices::model::Device;
use crate::devices::model::DeviceDoor;
use crate::devices::model::Gate;
use crate::devices::model::Passing;
use crate::identity::DisplayName;
use crate::kernel::CommandId;
use crate::kernel::DeviceId;
use crate::kernel::GateId;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;
use crate::store::Record;
use crate::store::Table;

pub(super) const DEVICES: Table<DeviceId, DeviceRecord> = Table::new("devices_v1");
pub(super) const GATES: Table<GateId, GateRecord> = Table::new("gates_v1");
pub(super) const NETWORKS: Table<(), NetworksRecord> = Table::new("device_networks_v1");
/// How the people on each device are, as its gateway told last.
pub(super) const REPORTS: Table<DeviceId, ReportRecord> = Table::new("device_people_v1");
pub(super) const REASONS: Table<CommandId, ReasonRecord> = Table::new("device_order_reasons_v1");

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct DeviceRecord {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) gateway: GatewayId,
    #[serde(default)]
    pub(super) host: String,
    pub(super) settings: Map<String, Value>,
    /// Each sealed for this device and this setting, in hexadecimal digits.
    #[serde(default)]
    pub(super) secrets: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) doors: Vec<DeviceDoor>,
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) manages_people: bool,
    pub(super) created_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GateRecord {
    pub(super) name: String,
    #[serde(default)]
    pub(super) passing: Passing,
    pub(super) debounce_secs: u32,
    pub(super) opens_from_afar: bool,
}

/// Networks in which devices may be although nobody would expect them there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NetworksRecord {
    pub(super) networks: Vec<String>,
}

/// Why a device was asked to do something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReasonRecord {
    pub(super) device: DeviceId,
    pub(super) reason: String,
    pub(super) by: String,
}

/// What a gateway told of the people on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReportRecord {
    pub(super) report: PeopleReport,
}

impl Record for ReportRecord {}
impl Record for DeviceRecord {}
impl Record for GateRecord {}
impl Record for NetworksRecord {}
impl Record for ReasonRecord {}

impl DeviceRecord {
    pub(super) fn to_model(&self, id: DeviceId) -> Device {
        Device {
            id,
            name: DisplayName::stored(self.name.clone()),
            kind: self.kind.clone(),
            gateway: self.gateway,
            host: self.host.clone(),
            settings: self.settings.clone(),
            secrets: self.secrets.keys().cloned().collect(),
            doors: self.doors.clone(),
            enabled: self.enabled,
            manages_people: self.manages_people,
            created_at: self.created_at,
        }
    }
}

impl GateRecord {
    pub(super) fn to_model(&self, id: GateId) -> Gate {
        Gate {
            id,
            name: DisplayName::stored(self.name.clone()),
            passing: self.passing,
            debounce_secs: self.debounce_secs,
            opens_from_afar: self.opens_from_afar,
        }
    }
}
