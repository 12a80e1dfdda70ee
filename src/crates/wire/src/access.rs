//! What a door terminal observed, whoever made the terminal.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::text::Limit;
use crate::text::shorten;
use crate::words::words;

/// The word that tells these events from others in a batch.
pub(crate) const KIND: &str = "access";

words! {
    /// What somebody showed to a terminal.
    Credential {
        /// Nobody can tell.
        Unknown = 0 "unknown",
        /// A card, a fob or a phone that acts as one.
        Card = 1 "card",
        /// A face.
        Face = 2 "face",
        /// A finger.
        Fingerprint = 3 "fingerprint",
        /// A number that was typed.
        Pin = 4 "pin",
        /// The plate of a car.
        Plate = 5 "plate",
        /// A code for one time, as a picture or typed.
        Code = 6 "code",
        /// A palm, the veins of a hand.
        Palm = 7 "palm",
        /// An eye.
        Iris = 8 "iris",
        /// Several at once.
        Several = 9 "several",
        /// Nothing: a button, or somebody at another place.
        Remote = 10 "remote",
    }
}

words! {
    /// Which way, as the terminal says. What a gate makes of it is decided when a report is read.
    Direction {
        /// It does not say.
        Unknown = 0 "unknown",
        /// Into the building.
        In = 1 "in",
        /// Out of it.
        Out = 2 "out",
    }
}

words! {
    /// What kind of thing happened.
    AccessKind {
        /// Somebody was let through.
        Granted = 1 "granted",
        /// Somebody was not.
        Denied = 2 "denied",
        /// The door itself changed: opened, closed, held.
        Door = 3 "door",
        /// Somebody should look: forced, held open, dismantled, under duress.
        Alarm = 4 "alarm",
        /// The rest: settings, starts, clocks.
        Info = 5 "info",
    }
}

/// One observation of a terminal. Texts that are not there are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessEvent {
    /// Number of the device at the appliance.
    pub device: u32,
    /// What tells it from every other event of the device, also after its counter began anew.
    pub serial: String,
    /// When, by the device's clock.
    pub ts: Timestamp,
    /// When the gateway heard of it.
    pub seen_at: Timestamp,
    /// Which door of the device, from 1; 0 where there is none.
    #[serde(default)]
    pub door: u16,
    /// Which reader of the device, from 1; 0 where it is not told.
    #[serde(default)]
    pub reader: u16,
    /// Number of the person as the device knows it.
    #[serde(default)]
    pub person: String,
    /// Name of the person as the device shows it.
    #[serde(default)]
    pub person_name: String,
    /// Number of the card, or the plate.
    #[serde(default)]
    pub card: String,
    /// What was shown.
    pub credential: Credential,
    /// Which way.
    pub direction: Direction,
    /// What kind of thing happened.
    pub outcome: AccessKind,
    /// Why somebody was not let through, or what the door did, as a stable word.
    #[serde(default)]
    pub reason: String,
    /// The maker's own code, such as `5/75`.
    #[serde(default)]
    pub code: String,
    /// Whether the device told it later than it happened.
    #[serde(default)]
    pub replayed: bool,
    /// How far the device's clock was ahead of the gateway's, in milliseconds, where that was measured.
    #[serde(default)]
    pub drift_ms: Option<i64>,
}

/// The longest `serial`.
const SERIAL: Limit = Limit(96);

#[derive(Serialize)]
struct Written<'a> {
    kind: &'static str,
    #[serde(flatten)]
    event: &'a AccessEvent,
}

/// Writes an event as one object of the array `events`. The same event is always the same text.
pub fn encode_access(event: &AccessEvent) -> String {
    serde_json::to_string(&Written { kind: KIND, event }).expect("texts and numbers always turn into JSON")
}

/// Reads what [`encode_access`] wrote, or somebody else.
pub(crate) fn decode_access(raw: &str) -> Result<AccessEvent, (&'static str, String)> {
    let mut event: AccessEvent = serde_json::from_str(raw).map_err(|problem| {
        let text = problem.to_string();
        let code = if text.contains("missing field") { "missing_field" } else { "wrong_type" };
        (code, text)
    })?;
    if event.device == 0 {
        return Err(("out_of_range", "device must be the number of a device, from 1".to_owned()));
    }
    if event.serial.trim().is_empty() {
        return Err(("missing_field", "serial is empty; it tells events of one device apart".to_owned()));
    }
    if event.serial.len() > SERIAL.0 {
        let told = format!("serial has {} bytes, at most {} are taken", event.serial.len(), SERIAL.0);
        return Err(("too_long", told));
    }
    for text in [&mut event.person, &mut event.person_name, &mut event.card, &mut event.reason, &mut event.code] {
        *text = shorten(std::mem::take(text).into(), Limit::NAME).into_owned();
    }
    Ok(event)
}

/// Which event a picture of somebody who passed belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasserMeta {
    /// The number of the device.
    pub device: u32,
    /// The serial number of the event.
    pub serial: String,
    /// When it happened.
    pub ts: Timestamp,
}

impl PasserMeta {
    /// What tells its picture from all others.
    pub fn name(&self) -> String {
        format!("{} {}", self.device, self.serial)
    }
}

#[cfg(test)]
mod tests {
    use super::AccessEvent;
    use super::AccessKind;
    use super::Credential;
    use super::Direction;
    use super::encode_access;
    use crate::decode_logs;

    fn sample() -> AccessEvent {
        AccessEvent {
            device: 7,
            serial: "1:4711".to_owned(),
            ts: "2026-11-23T03:30:15Z".parse().unwrap(),
            seen_at: "2026-11-23T03:30:15.400Z".parse().unwrap(),
            door: 1,
            reader: 1,
            person: "1001".to_owned(),
            person_name: "Anna \"A\" Petrova".to_owned(),
            card: String::new(),
            credential: Credential::Face,
            direction: Direction::In,
            outcome: AccessKind::Granted,
            reason: String::new(),
            code: "5/75".to_owned(),
            replayed: false,
            drift_ms: Some(-1_500),
        }
    }

    #[test]
    fn an_event_of_a_terminal_is_read_as_it_was_written_beside_others() {
        let window =
            r#"{"kind":"active_window","ts":"2026-11-20T04:00:00Z","computer_uid":"pc-1","duration_ms":1,"app":"a"}"#;
        let body = format!("{{\"events\":[{window},{},{window}]}}", encode_access(&sample()));
        let decoded = decode_logs(body.as_bytes()).unwrap();
        assert_eq!((decoded.events.len(), decoded.rejected.len()), (2, 0));
        let taken = &decoded.accesses[0];
        assert_eq!((taken.index, &taken.event), (1, &sample()));
        assert_eq!(taken.raw, encode_access(&sample()));
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused_by_name() {
        let good = encode_access(&sample());
        let told = |from: &str, to: &str| {
            let body = format!("{{\"events\":[{}]}}", good.replace(from, to));
            let decoded = decode_logs(body.as_bytes()).unwrap();
            let refused = &decoded.rejected[0];
            format!("{} {}", refused.code, refused.detail)
        };
        assert!(told("\"device\":7", "\"device\":0").starts_with("out_of_range device"));
        assert!(told("1:4711", " ").starts_with("missing_field serial"));
        assert!(told("1:4711", &"9".repeat(97)).starts_with("too_long serial"));
        assert!(told("\"credential\":\"face\"", "\"credential\":\"soul\"").starts_with("wrong_type"));
        assert!(told("\"outcome\":\"granted\",", "").starts_with("missing_field"));
    }
}
