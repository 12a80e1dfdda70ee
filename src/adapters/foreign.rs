//! What both ways for other systems have in common: whose events they are, and how they are told apart.

use jiff::civil::DateTime;
use nazorat_terminals::foreign::Frame;
use nazorat_terminals::foreign::Mapping;
use nazorat_terminals::foreign::Refused;
use nazorat_wire::AccessEvent;
use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;

use super::Device;
use crate::kernel::Timestamp;

/// Reads an event of a device. One without a serial number of its own gets one made of what it says.
pub(super) fn read(mapping: &Mapping, device: &Device, event: &Value, now: Timestamp) -> Result<AccessEvent, Refused> {
    let at = |civil: DateTime| device.zone.at(civil);
    let mut event = mapping.read(event, Frame { device: device.id, now, at: &at })?;
    if event.serial.is_empty() {
        event.serial = format!("sha256:{}", hex::encode(&digest(&event)[..16]));
    }
    Ok(event)
}

/// What happened, without how it was told: the same told again, and in another way, is the same.
pub(super) fn digest(event: &AccessEvent) -> [u8; 32] {
    let numbers = [event.ts.as_microsecond(), i64::from(event.door), i64::from(event.reader)];
    let words = [event.credential.word(), event.direction.word(), event.outcome.word()];
    let texts = [event.person.as_str(), &event.card, &event.reason, &event.code];
    let mut hash = Sha256::new();
    numbers.iter().for_each(|number| hash.update(number.to_be_bytes()));
    for text in words.iter().chain(&texts) {
        hash.update(text);
        // No text has one: they cannot run into each other.
        hash.update([0]);
    }
    hash.finalize().into()
}
