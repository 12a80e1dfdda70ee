//! What a gateway is to serve, as the appliance hands it out, and what it tells of the people on its devices.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;

/// The most entries of each list in a report: what is behind them comes when those before are mended.
pub const MOST_TOLD: usize = 1_000;

/// Everything that one gateway needs to serve its devices. It holds passwords: it travels only over a line that both ends
/// have proven, and is never logged.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceSheet {
    /// SHA-256 over the rest.
    pub checksum: String,
    /// The rest.
    #[serde(flatten)]
    pub content: SheetContent,
}

/// What a sheet says.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SheetContent {
    /// The devices, in the order of their numbers.
    pub devices: Vec<DeviceItem>,
    /// Networks in which devices may be although nobody would expect them there, such as `127.0.0.0/8`.
    pub networks: Vec<String>,
    /// Everybody whom devices could know, those who may pass none of them among them: they are to be taken off.
    #[serde(default)]
    pub people: Vec<PersonItem>,
    /// Cards with which nobody may pass.
    #[serde(default)]
    pub barred: Vec<String>,
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

/// Somebody whom devices could know.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonItem {
    /// The number by which devices know them.
    pub number: String,
    /// What devices show.
    pub name: String,
    /// Their cards.
    #[serde(default)]
    pub cards: Vec<String>,
    /// SHA-256 of their face, under which the gateway fetches it.
    #[serde(default)]
    pub face: Option<String>,
    /// From when on they may pass.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Until when.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// The devices that they may pass.
    #[serde(default)]
    pub devices: Vec<u32>,
}

/// How the people on a device are, after its gateway has compared them with what they should be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleReport {
    /// When it looked.
    pub at: Timestamp,
    /// How many are as they should be.
    pub right: u32,
    /// How many there should be.
    pub wanted: u32,
    /// How many the device knows, whoever they are.
    pub on_device: u32,
    /// How many would be taken off, and are not before somebody says so: they are suspiciously many.
    #[serde(default)]
    pub held: u32,
    /// Who is not as they should be, and why; at most [`MOST_TOLD`].
    #[serde(default)]
    pub problems: Vec<PersonProblem>,
    /// Whom the device knows and we do not; at most [`MOST_TOLD`].
    #[serde(default)]
    pub strangers: Vec<Stranger>,
    /// Why people could not be compared at all.
    #[serde(default)]
    pub failed: Option<DeviceFault>,
}

/// Why something did not go as it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFault {
    /// A stable word.
    pub code: String,
    /// A sentence.
    pub detail: String,
}

/// Somebody who is not on a device as they should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonProblem {
    /// The number by which devices know them.
    pub number: String,
    /// Why.
    #[serde(flatten)]
    pub why: DeviceFault,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried again.
    pub next: Timestamp,
}

/// Somebody whom a device knows and we do not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stranger {
    /// The number by which the device knows them.
    pub number: String,
    /// What it calls them.
    pub name: String,
    /// Their cards, or those of somebody known that nobody wrote down.
    #[serde(default)]
    pub cards: Vec<String>,
    /// Whether the person is known, and only the cards are not.
    #[serde(default)]
    pub is_known: bool,
}

impl DeviceSheet {
    /// Puts a sheet together.
    pub fn of(content: SheetContent) -> Self {
        let value = serde_json::to_value(&content).expect("texts and numbers always turn into JSON");
        Self { checksum: checksum(&value), content }
    }

    /// Reads a sheet whose checksum is that of the rest, with whatever a later version may have added.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut value: Value = serde_json::from_slice(bytes).ok()?;
        let told = value.as_object_mut()?.shift_remove("checksum")?;
        let content = SheetContent::deserialize(&value).ok()?;
        (told.as_str()? == checksum(&value)).then(|| Self { checksum: checksum(&value), content })
    }
}

fn checksum(content: &Value) -> String {
    Sha256::digest(content.to_string().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl std::fmt::Debug for DeviceSheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceSheet({:?}, {})", self.content, self.checksum)
    }
}

impl std::fmt::Debug for SheetContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SheetContent({} devices, {} people)", self.devices.len(), self.people.len())
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
    use super::PersonItem;
    use super::SheetContent;

    fn sheet() -> DeviceSheet {
        let settings = serde_json::json!({ "password": "Demo-Pass-7", "a": 1 }).as_object().unwrap().clone();
        let (name, kind) = ("Gate A".to_owned(), "hikvision".to_owned());
        let (host, zone) = ("192.168.1.20".to_owned(), "Asia/Tashkent".to_owned());
        let item = DeviceItem { id: 7, name, kind, host, settings, zone, manages_people: false };
        let person = PersonItem { number: "1001".to_owned(), name: "\u{41a}arim".to_owned(), ..PersonItem::default() };
        DeviceSheet::of(SheetContent { devices: vec![item], people: vec![person], ..SheetContent::default() })
    }

    #[test]
    fn a_sheet_knows_whether_it_is_whole_and_does_not_print_passwords() {
        let sheet = sheet();
        let text = serde_json::to_string(&sheet).unwrap();
        assert_eq!(DeviceSheet::read(text.as_bytes()).as_ref(), Some(&sheet));
        for (before, after) in [("\"networks\":[]", "\"networks\":[\"0.0.0.0/0\"]"), ("1001", "1002"), ("}", "")] {
            assert_eq!(DeviceSheet::read(text.replacen(before, after, 1).as_bytes()), None, "{before}");
        }
        assert!(!format!("{sheet:?} {:?}", sheet.content.devices[0]).contains("Demo-Pass"));
    }

    #[test]
    fn what_a_later_version_adds_does_not_make_a_sheet_unreadable() {
        let mut value = serde_json::to_value(&sheet().content).unwrap();
        value["devices"][0]["colour"] = "red".into();
        let checksum = super::checksum(&value);
        value["checksum"] = checksum.clone().into();
        let read = DeviceSheet::read(value.to_string().as_bytes()).unwrap();
        assert_eq!((read.checksum, read.content), (checksum, sheet().content));
    }
}
