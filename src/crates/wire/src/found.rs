//! What a gateway finds when it looks for terminals near it.

use std::net::Ipv4Addr;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

/// The most terminals that one search tells.
pub const MOST_FOUND: usize = 200;
/// The most networks of one search.
pub const MOST_SEARCHED: usize = 4;
/// The longest text of a device that is taken over.
const MOST_TEXT: usize = 96;

/// What came of a search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundDevices {
    /// The networks that were looked through.
    pub searched: Vec<String>,
    /// The terminals, by address.
    pub devices: Vec<FoundDevice>,
    /// How many more there were than are told.
    #[serde(default)]
    pub more: u32,
    /// Networks of the gateway that were too large, of which only the part around its own address was looked through.
    #[serde(default)]
    pub narrowed: Vec<String>,
}

/// A terminal that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundDevice {
    /// The kind that it most likely is, such as `hikvision`.
    pub kind: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// The port of that kind.
    pub port: u16,
    /// Serial number, where it told it.
    #[serde(default)]
    pub serial: String,
    /// Model, where it told it.
    #[serde(default)]
    pub model: String,
    /// Version of its program, where it told it.
    #[serde(default)]
    pub firmware: String,
    /// Hardware address, where it told it.
    #[serde(default)]
    pub mac: String,
    /// Whether it says nothing without a key or password.
    #[serde(default)]
    pub needs_key: bool,
    /// Whether somebody has given it a password, where it tells.
    #[serde(default)]
    pub activated: Option<bool>,
    /// Its address is of no network that was looked through, so that it is heard and cannot be reached yet.
    #[serde(default)]
    pub elsewhere: bool,
}

impl FoundDevices {
    /// Reads what a gateway told. Whatever it says is cut to size: terminals are anybody's.
    pub fn read(told: &Value) -> Option<Self> {
        let mut found: Self = serde_json::from_value(told.clone()).ok()?;
        found.tidy();
        Some(found)
    }

    /// Puts it in order: each terminal once, by address, not too many, with texts of a bounded length.
    pub fn tidy(&mut self) {
        for networks in [&mut self.searched, &mut self.narrowed] {
            networks.truncate(MOST_SEARCHED);
            networks.iter_mut().for_each(short);
        }
        for device in &mut self.devices {
            for text in [&mut device.kind, &mut device.serial, &mut device.model, &mut device.firmware, &mut device.mac]
            {
                short(text);
            }
        }
        self.devices.sort_by(|one, other| {
            // Of two that tell of the same place, the one that tells more goes first.
            (one.address, one.port, one.serial.is_empty()).cmp(&(other.address, other.port, other.serial.is_empty()))
        });
        self.devices.dedup_by(|other, one| one.address == other.address && one.port == other.port);
        let over = self.devices.len().saturating_sub(MOST_FOUND);
        self.more = self.more.saturating_add(u32::try_from(over).unwrap_or(u32::MAX));
        self.devices.truncate(MOST_FOUND);
    }
}

fn short(text: &mut String) {
    *text = text.chars().filter(|letter| !letter.is_control()).take(MOST_TEXT).collect();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::FoundDevices;
    use super::MOST_FOUND;

    #[test]
    fn whatever_a_gateway_tells_is_cut_to_size() {
        let device = |last: usize| {
            let address = format!("10.0.{}.{}", last / 250, 1 + last % 250);
            json!({ "kind": "hikvision", "address": address, "port": 80, "model": format!("a\n{}", "x".repeat(500)) })
        };
        let told = json!({
            "searched": vec!["10.0.0.0/24"; 9],
            "devices": (0..300).rev().map(device).collect::<Vec<_>>(),
        });
        let found = FoundDevices::read(&told).unwrap();
        assert_eq!((found.devices.len(), found.more, found.searched.len()), (MOST_FOUND, 100, 4));
        assert_eq!((found.devices[0].address.to_string(), found.devices[0].model.len()), ("10.0.0.1".to_owned(), 96));
        for wrong in [json!(null), json!({}), json!({ "searched": [], "devices": [{ "address": "x" }] })] {
            assert_eq!(FoundDevices::read(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_terminal_that_answers_twice_is_told_once_with_all_it_said() {
        let told = json!({ "searched": [], "devices": [
            { "kind": "hikvision", "address": "10.0.0.9", "port": 80 },
            { "kind": "hikvision", "address": "10.0.0.9", "port": 80, "serial": "DS-1" },
            { "kind": "zkteco", "address": "10.0.0.9", "port": 4370 },
        ] });
        let found = FoundDevices::read(&told).unwrap();
        let said: Vec<_> = found.devices.iter().map(|one| (one.kind.as_str(), one.serial.as_str())).collect();
        assert_eq!(said, [("hikvision", "DS-1"), ("zkteco", "")]);
    }
}
