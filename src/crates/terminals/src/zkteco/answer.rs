//! Short answers: options, sizes, the clock.

use super::frame::Packet;
use super::text;
use super::time::Stamp;
use super::u32_at;

/// The value of an option. Nothing if the device does not know it.
pub fn option(answer: &Packet) -> Option<String> {
    let at = answer.data.iter().position(|byte| *byte == b'=')?;
    let value = text(answer.data.get(at + 1..)?);
    (!value.is_empty()).then_some(value)
}

/// The text of an answer that is nothing else, such as the version.
pub fn words(answer: &Packet) -> String {
    text(&answer.data)
}

/// The device's clock.
pub fn clock(answer: &Packet) -> Option<Stamp> {
    u32_at(&answer.data, 0).map(Stamp)
}

/// How much a device keeps, and how much fits. What it does not tell is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    /// People.
    pub users: u32,
    /// Fingerprints.
    pub fingers: u32,
    /// Records in the log.
    pub records: u32,
    /// The most fingerprints.
    pub most_fingers: u32,
    /// The most people.
    pub most_users: u32,
    /// The most records.
    pub most_records: u32,
    /// Faces.
    pub faces: u32,
    /// The most faces.
    pub most_faces: u32,
}

impl Sizes {
    /// Reads them. Fewer than 80 bytes are none.
    pub fn read(answer: &Packet) -> Option<Self> {
        let data = &answer.data;
        if data.len() < 80 {
            return None;
        }
        // Nobody has a negative number of anything.
        let at =
            |index: usize| u32_at(data, index * 4).and_then(|raw| u32::try_from(raw.cast_signed()).ok()).unwrap_or(0);
        let faces = data.len() >= 92;
        Some(Self {
            users: at(4),
            fingers: at(6),
            records: at(8),
            most_fingers: at(14),
            most_users: at(15),
            most_records: at(16),
            faces: if faces { at(20) } else { 0 },
            most_faces: if faces { at(22) } else { 0 },
        })
    }

    /// Writes them, as a device does that knows faces.
    pub fn write(&self) -> Vec<u8> {
        let mut fields = [0_u32; 23];
        let given = [
            (4, self.users),
            (6, self.fingers),
            (8, self.records),
            (11, 4096),
            (14, self.most_fingers),
            (15, self.most_users),
            (16, self.most_records),
            (17, self.most_fingers.saturating_sub(self.fingers)),
            (18, self.most_users.saturating_sub(self.users)),
            (19, self.most_records.saturating_sub(self.records)),
            (20, self.faces),
            (22, self.most_faces),
        ];
        for (index, value) in given {
            fields[index] = value;
        }
        fields.iter().flat_map(|field| field.to_le_bytes()).collect()
    }
}
