//! Events, from the stream, from pushes and from the log: one shape for all.
//!
//! There are no fields for pictures, temperatures, masks and health: what nobody may keep is dropped here.

use jiff::Timestamp;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;
use serde_json::Value;

use super::Unreadable;
use super::codes;
use super::codes::Meaning;
use super::plate;
use super::tolerant;
use super::xml;

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The device is there.
    Heartbeat,
    /// The answer to a subscription.
    Subscribed,
    /// Something that we do not take, such as motion in a picture.
    Other,
    /// Something happened.
    Happened(Box<Happening>),
}

/// One event, as the device tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Happening {
    /// Number in the log, where there is one.
    pub serial: Option<u64>,
    /// What a camera tells captures apart by.
    pub uuid: String,
    /// As written.
    pub time: String,
    /// 1 to 5.
    pub major: u16,
    /// Within the major type, decimal.
    pub minor: u16,
    /// Number of the person.
    pub person: String,
    /// Their name as the device has it.
    pub name: String,
    /// Number of the card, or the plate.
    pub card: String,
    /// From 1; 0 if not told.
    pub door: u16,
    /// From 1; 0 if not told.
    pub reader: u16,
    /// False when it comes from a store.
    pub is_live: bool,
    /// Seen by a camera for plates.
    pub is_plate: bool,
    /// The list on which a plate is.
    pub list: String,
    /// What an unlock record says.
    pub unlock: String,
    /// Which way, where it is told.
    pub direction: Option<Direction>,
}

impl Happening {
    /// What it comes to.
    pub fn meaning(&self) -> Meaning {
        if self.is_plate {
            let (kind, reason) = match self.list.as_str() {
                _ if self.card.is_empty() => (AccessKind::Info, "plate_not_read"),
                "white" | "allowlist" => (AccessKind::Granted, ""),
                "black" | "blocklist" => (AccessKind::Denied, "blocklist"),
                _ => (AccessKind::Info, "plate_seen"),
            };
            return Meaning { kind, credential: Credential::Plate, reason };
        }
        let mut meaning = codes::meaning(self.major, self.minor);
        if (self.major, self.minor) == (codes::EVENT, 214) {
            meaning.credential = codes::unlock_credential(&self.unlock);
        }
        meaning
    }

    /// The maker's code, such as `5/75`.
    pub fn code(&self) -> String {
        if self.is_plate { "anpr".to_owned() } else { format!("{}/{}", self.major, self.minor) }
    }

    /// A number of what it says, by which two tellings of one event are recognised, whichever way they came: codes and the
    /// moment, or the text of a time that is none. The same in every version.
    pub fn print(&self, at: Option<Timestamp>) -> u32 {
        let time = at.map_or_else(|| self.time.trim().to_owned(), |at| at.as_second().to_string());
        let numbers = [self.major.to_le_bytes(), self.minor.to_le_bytes()];
        // FNV-1a, because it must stay what it is: prints are kept in cursors.
        let bytes = time.bytes().chain([0]).chain(numbers.into_iter().flatten()).chain(self.uuid.bytes());
        bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    /// An item of the log, or the inner object of a message.
    pub(super) fn of(value: &Value, time: String) -> Self {
        let person = tolerant::text(value, "employeeNoString");
        let person = if person.is_empty() { tolerant::text(value, "employeeNo") } else { person };
        let either = |long: &str, short: &str| {
            let value = tolerant::number(value, long).or_else(|| tolerant::number(value, short));
            value.and_then(|number| u16::try_from(number).ok()).unwrap_or(0)
        };
        let status = tolerant::text(value, "attendanceStatus").to_ascii_lowercase();
        let direction = match status.as_str() {
            "checkin" | "breakin" | "overtimein" => Some(Direction::In),
            "checkout" | "breakout" | "overtimeout" => Some(Direction::Out),
            _ => None,
        };
        Self {
            serial: tolerant::number(value, "serialNo"),
            time,
            major: either("majorEventType", "major"),
            minor: either("subEventType", "minor"),
            // Legacy devices write 0 where nobody is known.
            person: if person == "0" { String::new() } else { person },
            name: tolerant::text(value, "name"),
            card: tolerant::text(value, "cardNo"),
            door: tolerant::small(value, "doorNo"),
            reader: tolerant::small(value, "cardReaderNo"),
            is_live: tolerant::flag(value, "currentEvent").unwrap_or(true),
            unlock: tolerant::text(value, "unlockType"),
            direction,
            ..Self::default()
        }
    }
}

/// Reads a message of the stream or of a push.
pub fn read(bytes: &[u8]) -> Result<Message, Unreadable> {
    if tolerant::is_xml(bytes) { read_xml(bytes) } else { read_json(bytes) }
}

fn read_json(bytes: &[u8]) -> Result<Message, Unreadable> {
    let value = tolerant::json(bytes)?;
    let value = tolerant::member(&value, "EventNotificationAlert").unwrap_or(&value);
    if tolerant::member(value, "SubscribeEventResponse").is_some() {
        return Ok(Message::Subscribed);
    }
    let kind = tolerant::text(value, "eventType");
    let state = tolerant::text(value, "eventState");
    let Some(inner) = tolerant::member(value, "AccessControllerEvent").filter(|inner| inner.is_object()) else {
        return Ok(of_kind(&kind, &state, &tolerant::text(value, "eventDescription")));
    };
    if state.eq_ignore_ascii_case("inactive") {
        return Ok(Message::Heartbeat);
    }
    Ok(Message::Happened(Box::new(Happening::of(inner, tolerant::text(value, "dateTime")))))
}

fn read_xml(bytes: &[u8]) -> Result<Message, Unreadable> {
    let root = xml::read(bytes)?;
    if root.name.eq_ignore_ascii_case("SubscribeEventResponse") {
        return Ok(Message::Subscribed);
    }
    let text = |name: &str| root.text_of(name).unwrap_or_default().to_owned();
    let kind = text("eventType");
    if kind.eq_ignore_ascii_case("ANPR") || root.child("ANPR").is_some() {
        let car = plate::read(&root, &text("dateTime"));
        return Ok(car.map_or(Message::Other, |car| Message::Happened(Box::new(car))));
    }
    let state = text("eventState");
    let Some(inner) = root.child("AccessControllerEvent").filter(|_| !state.eq_ignore_ascii_case("inactive")) else {
        return Ok(of_kind(&kind, &state, &text("eventDescription")));
    };
    // The few devices that write access events in XML use the names of the JSON.
    let members = inner.children.iter().map(|child| (child.name.clone(), Value::String(child.text.clone())));
    let value = Value::Object(members.collect());
    Ok(Message::Happened(Box::new(Happening::of(&value, text("dateTime")))))
}

fn of_kind(kind: &str, state: &str, description: &str) -> Message {
    let is = |word: &str| kind.eq_ignore_ascii_case(word) || description.eq_ignore_ascii_case(word);
    let is_idle = state.eq_ignore_ascii_case("inactive");
    if is("heartBeat") || (is_idle && (is("videoloss") || is("other") || is("AccessControllerEvent"))) {
        Message::Heartbeat
    } else {
        Message::Other
    }
}

#[cfg(test)]
mod tests;
