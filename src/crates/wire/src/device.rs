//! What a gateway is to serve, as the appliance hands it out.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;

/// Everything that one gateway needs to serve its devices. It holds passwords: it travels only over a line that both ends
/// have proven, and is never logged.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceSheet {
    /// SHA-256 over the rest.
    pub checksum: String,
    /// The devices, in the order of their numbers.
    pub devices: Vec<DeviceItem>,
    /// Networks in which devices may be although nobody would expect them there, such as `127.0.0.0/8`.
    pub networks: Vec<String>,
    /// Who may pass which of them.
    #[serde(default)]
    pub people: Vec<PersonItem>,
}

/// One device.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceItem {
    /// Its number at the appliance.
    pub id: u32,
    /// What people call it.
    pub name: String,
    /// Which adapter speaks with it.
    pub kind: String,
    /// Its address; empty for those that come to us.
    #[serde(default)]
    pub host: String,
    /// Settings, secrets included.
    pub settings: Map<String, Value>,
    /// The wall clock at the device, an IANA name.
    pub zone: String,
    /// Whether its people are kept as `people` says. What is not managed is never touched.
    #[serde(default)]
    pub manages_people: bool,
}

/// Somebody who may pass devices.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonItem {
    /// The number by which devices know them.
    pub number: String,
    /// What devices show.
    pub name: String,
    /// Their cards.
    #[serde(default)]
    pub cards: Vec<String>,
    /// The devices.
    pub devices: Vec<u32>,
}

impl DeviceSheet {
    /// Puts a sheet together.
    pub fn of(devices: Vec<DeviceItem>, networks: Vec<String>, people: Vec<PersonItem>) -> Self {
        let text =
            serde_json::to_vec(&(&devices, &networks, &people)).expect("texts and numbers always turn into JSON");
        let checksum = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { checksum, devices, networks, people }
    }

    /// True when the checksum is that of the rest.
    pub fn is_whole(&self) -> bool {
        Self::of(self.devices.clone(), self.networks.clone(), self.people.clone()).checksum == self.checksum
    }
}

impl std::fmt::Debug for DeviceSheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceSheet({} devices, {} people, {})", self.devices.len(), self.people.len(), self.checksum)
    }
}

impl std::fmt::Debug for DeviceItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceItem({} {:?} {})", self.id, self.name, self.kind)
    }
}

impl std::fmt::Debug for PersonItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonItem({} devices)", self.devices.len())
    }
}

#[cfg(test)]
mod tests {
    use super::DeviceItem;
    use super::DeviceSheet;

    #[test]
    fn a_sheet_knows_whether_it_is_whole_and_does_not_print_passwords() {
        let settings = serde_json::json!({ "password": "Demo-Pass-7" }).as_object().unwrap().clone();
        let (name, kind) = ("Gate A".to_owned(), "hikvision".to_owned());
        let (host, zone) = ("192.168.1.20".to_owned(), "Asia/Tashkent".to_owned());
        let item = DeviceItem { id: 7, name, kind, host, settings, zone, manages_people: false };
        let sheet = DeviceSheet::of(vec![item], Vec::new(), Vec::new());
        let read: DeviceSheet = serde_json::from_str(&serde_json::to_string(&sheet).unwrap()).unwrap();
        assert!(read.is_whole() && read == sheet);
        assert!(!DeviceSheet { networks: vec!["0.0.0.0/0".to_owned()], ..read }.is_whole());
        assert!(!format!("{sheet:?} {:?}", sheet.devices).contains("Demo-Pass"));
    }
}
