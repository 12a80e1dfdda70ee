//! Events of other systems: JSON whose shape an administrator describes, read into ours.
//!
//! A [`Mapping`] says where each part of an event is (JSON pointers, RFC 6901), what the words of the other system mean,
//! and what holds where nothing is told. Without any description it reads our own names. One event that cannot be read is
//! refused with a code and a sentence, and holds up no other.

mod moment;
mod words;

use jiff::Timestamp;
use jiff::civil::DateTime;
use nazorat_wire::AccessEvent;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;
use nazorat_wire::Limit;
use nazorat_wire::shorten;
use serde_json::Value;

pub use moment::MomentFormat;
pub use words::{Words, WordsError, pairs};

/// The longest serial number that is stored.
const MOST_SERIAL: usize = 96;
/// An event that is told later than this happened before.
const FRESH_MILLIS: i64 = 60_000;

/// A part of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// When.
    Time,
    /// What tells it from all others.
    Serial,
    /// Which door.
    Door,
    /// Which reader.
    Reader,
    /// Number of the person.
    Person,
    /// Their name.
    PersonName,
    /// Number of the card, or the plate.
    Card,
    /// What was shown.
    Credential,
    /// Which way.
    Direction,
    /// What kind of thing happened.
    Outcome,
    /// Why, as a word.
    Reason,
    /// The other system's own code.
    Code,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Time,
        Self::Serial,
        Self::Door,
        Self::Reader,
        Self::Person,
        Self::PersonName,
        Self::Card,
        Self::Credential,
        Self::Direction,
        Self::Outcome,
        Self::Reason,
        Self::Code,
    ];

    /// Our own name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "ts",
            Self::Serial => "serial",
            Self::Door => "door",
            Self::Reader => "reader",
            Self::Person => "person",
            Self::PersonName => "person_name",
            Self::Card => "card",
            Self::Credential => "credential",
            Self::Direction => "direction",
            Self::Outcome => "outcome",
            Self::Reason => "reason",
            Self::Code => "code",
        }
    }
}

/// Where something is in a JSON text, or that it is never there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer(Option<String>);

impl Pointer {
    /// Reads a JSON pointer (RFC 6901). `-` is the pointer to nothing.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "-" {
            return Some(Self(None));
        }
        let starts = text.is_empty() || text.starts_with('/');
        let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        (starts && escapes).then(|| Self(Some(text.to_owned())))
    }

    fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.pointer(self.0.as_deref()?).filter(|found| !found.is_null())
    }
}

/// How events of another system are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Where the event or the array of events is.
    pub events: Pointer,
    places: Vec<Pointer>,
    /// How times are written.
    pub format: MomentFormat,
    /// Names of doors.
    pub doors: Words<u16>,
    /// Words for ways.
    pub directions: Words<Direction>,
    /// Words for what was shown.
    pub credentials: Words<Credential>,
    /// Words for what happened.
    pub outcomes: Words<AccessKind>,
    /// What holds where nothing is told.
    pub usual: Usual,
}

/// What holds where nothing is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// Which door.
    pub door: u16,
    /// Which way.
    pub direction: Direction,
    /// What was shown.
    pub credential: Credential,
    /// What happened.
    pub outcome: AccessKind,
}

impl Default for Mapping {
    /// Our own names at the top of each event, or of each event of an array.
    fn default() -> Self {
        let places = Part::ALL.map(|part| Pointer(Some(format!("/{}", part.name()))));
        let usual = Usual {
            door: 0,
            direction: Direction::Unknown,
            credential: Credential::Unknown,
            outcome: AccessKind::Granted,
        };
        Self {
            events: Pointer(Some(String::new())),
            places: places.to_vec(),
            format: MomentFormat::default(),
            doors: Words::default(),
            directions: Words::default(),
            credentials: Words::default(),
            outcomes: Words::default(),
            usual,
        }
    }
}

/// Whose events are read, and when.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Number of the device at the appliance.
    pub device: u32,
    /// When they came.
    pub now: Timestamp,
    /// The moment at which the wall clock at the device shows something.
    pub at: &'a dyn Fn(DateTime) -> Timestamp,
}

/// Why an event, or a body, cannot be read. The detail holds nothing of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refused {
    /// A stable word.
    pub code: &'static str,
    /// A sentence.
    pub detail: String,
}

fn refused(code: &'static str, detail: impl Into<String>) -> Refused {
    Refused { code, detail: detail.into() }
}

impl Mapping {
    /// The same with a part somewhere else.
    pub fn place(&mut self, part: Part, at: Pointer) {
        if let Some(place) = self.places.get_mut(part as usize) {
            *place = at;
        }
    }

    /// The events of a body: those of an array, or the one that it is.
    pub fn events<'v>(&self, body: &'v Value) -> Result<&'v [Value], Refused> {
        match self.events.find(body) {
            Some(Value::Array(all)) => Ok(all),
            Some(one @ Value::Object(_)) => Ok(std::slice::from_ref(one)),
            Some(_) => Err(refused("wrong_type", "events must be an object or an array of objects")),
            None => Err(refused("missing_field", "there are no events where the settings look for them")),
        }
    }

    /// Reads an event. Its serial number is empty where none is told.
    pub fn read(&self, event: &Value, frame: Frame<'_>) -> Result<AccessEvent, Refused> {
        if !event.is_object() {
            return Err(refused("wrong_type", "an event must be an object"));
        }
        let ts = match self.find(event, Part::Time) {
            Some(value) => self.format.read(value, frame.at).ok_or_else(|| {
                refused(
                    "bad_time",
                    "ts is no time: RFC 3339, seconds or milliseconds since 1970, or as the settings say",
                )
            })?,
            None => return Err(refused("missing_field", "ts is missing; it says when it happened")),
        };
        let serial = self.text(event, Part::Serial)?;
        if serial.len() > MOST_SERIAL {
            return Err(refused("too_long", format!("serial has more than {MOST_SERIAL} bytes")));
        }
        let short = |part| Ok::<_, Refused>(shorten(self.text(event, part)?.into(), Limit::NAME).into_owned());
        Ok(AccessEvent {
            device: frame.device,
            serial,
            ts,
            seen_at: frame.now,
            door: self.door(event)?,
            reader: self.number(event, Part::Reader)?.unwrap_or(0),
            person: short(Part::Person)?,
            person_name: short(Part::PersonName)?,
            card: short(Part::Card)?,
            credential: self.credential(event)?,
            direction: self.direction(event)?,
            outcome: self.outcome(event)?,
            reason: short(Part::Reason)?,
            code: short(Part::Code)?,
            replayed: frame.now.as_millisecond() - ts.as_millisecond() > FRESH_MILLIS,
            drift_ms: None,
        })
    }

    fn find<'v>(&self, event: &'v Value, part: Part) -> Option<&'v Value> {
        self.places.get(part as usize)?.find(event)
    }

    /// A text, or a number or a flag as one; empty where there is none.
    fn text(&self, event: &Value, part: Part) -> Result<String, Refused> {
        match self.find(event, part) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.trim().to_owned()),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string()),
            Some(_) => {
                let name = part.name();
                Err(refused("wrong_type", format!("{name} must be a text or a number, and not a list or an object")))
            }
        }
    }

    fn number(&self, event: &Value, part: Part) -> Result<Option<u16>, Refused> {
        let text = self.text(event, part)?;
        if text.is_empty() {
            return Ok(None);
        }
        let read = text.parse().map(Some);
        read.map_err(|_| refused("wrong_type", format!("{} must be a number from 0 to 65535", part.name())))
    }

    fn door(&self, event: &Value) -> Result<u16, Refused> {
        if let Some(door) = self.doors.find(&self.text(event, Part::Door)?) {
            return Ok(door);
        }
        Ok(self.number(event, Part::Door)?.unwrap_or(self.usual.door))
    }

    /// A way that nobody knows is one that nobody can tell.
    fn direction(&self, event: &Value) -> Result<Direction, Refused> {
        let text = self.text(event, Part::Direction)?;
        Ok(match text.to_ascii_lowercase().as_str() {
            "" => self.usual.direction,
            word => self.directions.find(&text).or_else(|| direction(word)).unwrap_or(Direction::Unknown),
        })
    }

    fn credential(&self, event: &Value) -> Result<Credential, Refused> {
        let text = self.text(event, Part::Credential)?;
        Ok(match text.to_ascii_lowercase().as_str() {
            "" => self.usual.credential,
            word => self.credentials.find(&text).or_else(|| Credential::parse(word)).unwrap_or(Credential::Unknown),
        })
    }

    /// What happened is never guessed: somebody who was refused must not have passed.
    fn outcome(&self, event: &Value) -> Result<AccessKind, Refused> {
        let text = self.text(event, Part::Outcome)?;
        let found = match text.to_ascii_lowercase().as_str() {
            "" => Some(self.usual.outcome),
            word => self.outcomes.find(&text).or_else(|| outcome(word)),
        };
        found.ok_or_else(|| {
            refused(
                "unknown_word",
                "outcome is none of granted, denied, door, alarm, info, and the settings do not name it",
            )
        })
    }
}

/// Words for ways that need no explanation.
pub fn direction(word: &str) -> Option<Direction> {
    match word {
        "entry" | "enter" | "entrance" => Some(Direction::In),
        "exit" | "leave" => Some(Direction::Out),
        word => Direction::parse(word),
    }
}

fn outcome(word: &str) -> Option<AccessKind> {
    match word {
        "true" => Some(AccessKind::Granted),
        "false" => Some(AccessKind::Denied),
        word => AccessKind::parse(word),
    }
}

/// What is fuzzed: any bytes as a body, read without a description and with an odd one.
pub(crate) fn fuzz_events(bytes: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else { return };
    let mut odd =
        Mapping { format: MomentFormat::parse("%d.%m.%Y %H:%M:%S").unwrap_or_default(), ..Mapping::default() };
    for part in Part::ALL {
        odd.place(part, Pointer(Some(format!("/a~1b/{}", part.name()))));
    }
    let at =
        |civil: DateTime| civil.to_zoned(jiff::tz::TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp());
    let frame = Frame { device: 1, now: Timestamp::UNIX_EPOCH, at: &at };
    for mapping in [Mapping::default(), odd] {
        for event in mapping.events(&body).unwrap_or_default() {
            if let Ok(read) = mapping.read(event, frame) {
                assert!(read.serial.len() <= MOST_SERIAL && read.person.len() <= Limit::NAME.0);
                std::hint::black_box(nazorat_wire::encode_access(&read));
            }
        }
    }
}

#[cfg(test)]
mod tests;
