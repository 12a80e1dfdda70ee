//! Events as they happen. Their kind is where other packets have the session.

use super::attendance::Punch;
use super::attendance::Who;
use super::code::command;
use super::code::event;
use super::frame::Packet;
use super::text;
use super::time::Stamp;
use super::u16_at;
use super::u32_at;

/// What a device told by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Somebody was recorded; the log has it too.
    Punches(Vec<Punch>, Named),
    /// Somebody was recorded, but the packet cannot be read: look into the log.
    Unreadable,
    /// Nobody knows who showed something.
    NotIdentified,
    /// Somebody should look.
    Alarm(Alarm),
    /// The door opened, or a button was pressed.
    Unlocked,
    /// Nothing that is kept.
    Other,
}

/// How events name people. Only what the log names in the same way has the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// In 16 bits.
    Index,
    /// In 32 bits.
    Number,
    /// As letters.
    Text,
}

/// Why somebody should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// It was handled wrongly.
    Misoperation,
    /// It was taken off the wall.
    Tamper,
    /// The button inside was pressed; that is no alarm.
    ExitButton,
    /// The door closed; that is no alarm.
    DoorClosed,
    /// Somebody was forced to open.
    Duress(u16),
    /// Somebody came in twice.
    Passback(u16),
    /// A code that nobody knows.
    Unknown(u16),
}

/// Lengths of one record of attendance.
const LENGTHS: [usize; 7] = [52, 37, 36, 32, 14, 12, 10];

/// Whether a packet is an event and not an answer.
pub fn is_event(packet: &Packet) -> bool {
    packet.command == command::REG_EVENT
}

/// Reads an event.
pub fn read(packet: &Packet) -> Told {
    let data = &packet.data;
    match packet.session {
        event::ATTLOG => punches(data).map_or(Told::Unreadable, |(punches, named)| Told::Punches(punches, named)),
        event::VERIFY if u32_at(data, 0) == Some(u32::MAX) => Told::NotIdentified,
        event::ALARM => alarm(data).map_or(Told::Other, Told::Alarm),
        event::UNLOCK => Told::Unlocked,
        _ => Told::Other,
    }
}

/// Records by length; several may stand in one packet. The times tell which.
fn punches(data: &[u8]) -> Option<(Vec<Punch>, Named)> {
    let one = LENGTHS.iter().filter(|length| **length == data.len());
    let several = LENGTHS.iter().filter(|length| data.len() > **length && data.len().is_multiple_of(**length));
    one.chain(several).find_map(|length| {
        let named = match length {
            10 | 14 => Named::Index,
            12 => Named::Number,
            _ => Named::Text,
        };
        Some((data.chunks_exact(*length).map(punch).collect::<Option<_>>()?, named))
    })
}

fn punch(record: &[u8]) -> Option<Punch> {
    let (who, at) = match record.len() {
        10 | 14 => (Who::Uid(u16_at(record, 0)?), 2),
        12 => (Who::Number(u32_at(record, 0)?.to_string()), 4),
        _ => (Who::Number(text(record.get(..24)?)), 24),
    };
    let time = Stamp::of_six(record.get(at + 2..at + 8)?)?;
    Some(Punch { who, time, verify: *record.get(at)?, state: *record.get(at + 1)? })
}

fn alarm(data: &[u8]) -> Option<Alarm> {
    if data.len() >= 12 {
        let uid = u16_at(data, 6)?;
        match u16_at(data, 4)? {
            0x20 => return Some(Alarm::Duress(uid)),
            0x22 => return Some(Alarm::Passback(uid)),
            _ => {}
        }
    }
    Some(match *data.first()? {
        0x3A => Alarm::Misoperation,
        0x37 => Alarm::Tamper,
        0x35 => Alarm::ExitButton,
        0x54 => Alarm::DoorClosed,
        other => Alarm::Unknown(u16::from(other)),
    })
}

/// Writes a record of attendance as one packet of this length; simulators do.
pub fn write(punch: &Punch, length: usize) -> Packet {
    let mut data = vec![0; length];
    let (id, at): (Vec<u8>, usize) = match (&punch.who, length) {
        (Who::Uid(uid), 10 | 14) => (uid.to_le_bytes().to_vec(), 2),
        (Who::Number(number), 10 | 14) => (number.parse::<u16>().unwrap_or(0).to_le_bytes().to_vec(), 2),
        (Who::Number(number), 12) => (number.parse::<u32>().unwrap_or(0).to_le_bytes().to_vec(), 4),
        (Who::Uid(uid), 12) => (u32::from(*uid).to_le_bytes().to_vec(), 4),
        (Who::Number(number), _) => (number.as_bytes().iter().copied().take(24).collect(), 24),
        (Who::Uid(uid), _) => (uid.to_string().into_bytes(), 24),
    };
    let fields = id.into_iter().enumerate();
    let rest = [punch.verify, punch.state].into_iter().chain(punch.time.six());
    for (place, byte) in fields.chain(rest.enumerate().map(|(place, byte)| (at + place, byte))) {
        if let Some(field) = data.get_mut(place) {
            *field = byte;
        }
    }
    Packet { command: command::REG_EVENT, session: event::ATTLOG, reply: 0, data }
}
