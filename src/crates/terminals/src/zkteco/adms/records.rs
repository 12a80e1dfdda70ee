//! Records that devices upload. What is no record of its table is counted, not guessed at.

use super::Fields;
use super::Moment;
use super::lines;
use super::plain;

/// Somebody was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendance {
    /// Number of the person.
    pub pin: String,
    /// When.
    pub time: Moment,
    /// The key that was pressed.
    pub status: u32,
    /// What was shown.
    pub verify: u32,
}

impl Attendance {
    /// What tells it from all others; that of port 4370 is the same.
    pub fn key(&self) -> String {
        let Self { pin, time, status, verify } = self;
        bounded(format!("{}:{}:{verify}:{status}", time.key(), pin.replace(':', "_")))
    }

    /// One line: number, time, status, verification, and whatever newer devices add.
    fn read(line: &str) -> Option<Self> {
        let mut columns = line.split('\t').map(str::trim);
        let pin = plain(columns.next()?);
        let time = Moment::read(columns.next()?);
        let status = columns.next()?.parse().ok()?;
        let verify = columns.next()?.parse().ok()?;
        (!pin.is_empty() && !time.text.is_empty()).then_some(Self { pin, time, status, verify })
    }
}

/// An entry of the operation log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// What was done.
    pub code: u32,
    /// By whom.
    pub admin: String,
    /// When.
    pub time: Moment,
    /// With what, as the device tells.
    pub values: [String; 3],
}

impl Operation {
    /// What tells it from all others.
    pub fn key(&self) -> String {
        let [first, second, third] = &self.values;
        bounded(format!("o{}:{}:{}:{first}:{second}:{third}", self.time.key(), self.code, self.admin))
    }

    fn read(rest: &str) -> Option<Self> {
        let mut columns = rest.split('\t').map(|column| plain(column.trim()));
        let code = columns.next()?.parse().ok()?;
        let admin = columns.next()?;
        let time = Moment::read(&columns.next()?);
        let mut value = || columns.next().unwrap_or_default();
        Some(Self { code, admin, time, values: [value(), value(), value()] })
    }
}

/// Somebody as a device knows them.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Number.
    pub pin: String,
    /// Name.
    pub name: String,
    /// Rights; 0 are none.
    pub privilege: u32,
    /// Card, in digits; empty is none.
    pub card: String,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("privilege", &self.privilege).finish_non_exhaustive()
    }
}

impl User {
    /// Reads fields of either dialect.
    fn of(fields: &Fields) -> Option<Self> {
        let pin = plain(fields.find("pin")?);
        let privilege = fields.number("pri").or_else(|| fields.number("privilege")).unwrap_or(0);
        let card = fields.find("card").or_else(|| fields.find("cardno")).map(card).unwrap_or_default();
        (!pin.is_empty()).then(|| Self { pin, name: plain(fields.get("name")), privilege, card })
    }
}

/// A card as digits: `123456789` or `[15CD5B07]`, the low byte first. Zero is none.
pub fn card(text: &str) -> String {
    let text = text.trim();
    let hex = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let number = match hex {
        None => text.parse::<u64>().ok(),
        Some(hex) if hex.is_ascii() && hex.len() <= 16 && hex.len().is_multiple_of(2) => {
            let byte = |at: usize| u64::from_str_radix(hex.get(at..at + 2)?, 16).ok();
            (0..hex.len()).step_by(2).rev().try_fold(0, |number, at| Some((number << 8) | byte(at)?))
        }
        Some(_) => None,
    };
    number.filter(|number| *number > 0).map(|number| number.to_string()).unwrap_or_default()
}

/// An event of an access terminal, live or from its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub time: Moment,
    /// Who; empty is nobody.
    pub pin: String,
    /// Card; empty is none.
    pub card: String,
    /// Which door.
    pub door: u16,
    /// What happened.
    pub code: u32,
    /// Which way.
    pub way: u32,
    /// What was shown, as it came.
    pub verify: String,
    /// Number in the device's log, where it tells.
    pub index: Option<u32>,
}

impl Event {
    /// What tells it from all others. With a number of the log alone, a log that was erased would begin again.
    pub fn key(&self) -> String {
        let Self { time, pin, code, door, .. } = self;
        bounded(match self.index.filter(|index| *index > 0) {
            Some(index) => format!("i{index}:{}:{pin}:{code}", time.key()),
            None => format!("n{door}:{}:{pin}:{code}:{}", time.key(), self.card),
        })
    }

    /// Reads fields as they come live.
    fn live(fields: &Fields) -> Option<Self> {
        Some(Self {
            time: Moment::read(fields.find("time")?),
            pin: person(fields.get("pin")),
            card: card(fields.get("cardno")),
            door: door(fields.get("eventaddr")),
            code: fields.number("event")?,
            way: fields.number("inoutstatus").unwrap_or(2),
            verify: plain(fields.get("verifytype")),
            index: fields.number("index"),
        })
    }

    /// Reads fields as they come out of the log.
    fn stored(fields: &Fields) -> Option<Self> {
        Some(Self {
            time: Moment::read(fields.find("time_second")?),
            pin: person(fields.get("pin")),
            card: card(fields.get("cardno")),
            door: door(fields.get("doorid")),
            code: fields.number("eventtype")?,
            way: fields.number("inoutstate").unwrap_or(2),
            verify: plain(fields.get("verified")),
            index: fields.number("index"),
        })
    }
}

fn person(pin: &str) -> String {
    if pin.trim_matches('0').is_empty() { String::new() } else { plain(pin) }
}

fn door(text: &str) -> u16 {
    text.parse().unwrap_or(0)
}

/// A key that fits, and is still told from others: of one that is too long, the beginning and a sum of all of it.
fn bounded(key: String) -> String {
    if key.len() <= 96 && key.is_ascii() {
        return key;
    }
    // FNV-1a: it is kept, so it must be the same for ever.
    let mixed = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let sum = key.bytes().fold(0xcbf2_9ce4_8422_2325, mixed);
    let begins: String = key.chars().filter(char::is_ascii).take(64).collect();
    format!("{begins}#{sum:016x}")
}

/// What a body held, and how many lines of it nobody understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// The records, in the order of the body.
    pub records: Vec<T>,
    /// All lines.
    pub lines: usize,
    /// Those without a meaning.
    pub strange: usize,
}

impl<T> Read<T> {
    fn of(body: &str, mut read: impl FnMut(&str) -> Option<T>) -> Self {
        let mut told = Self { records: Vec::new(), lines: 0, strange: 0 };
        for line in lines(body) {
            told.lines += 1;
            match read(line) {
                Some(record) => told.records.push(record),
                None => told.strange += 1,
            }
        }
        told
    }
}

/// Table ATTLOG.
pub fn attendance(body: &str) -> Read<Attendance> {
    Read::of(body, Attendance::read)
}

/// A line of table OPERLOG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oper {
    /// Something was done.
    Operation(Operation),
    /// Somebody.
    User(User),
    /// Fingers, faces, pictures: they are not kept.
    Template,
}

/// Table OPERLOG.
pub fn operations(body: &str) -> Read<Oper> {
    Read::of(body, |line| {
        let (word, rest) = line.split_once(' ')?;
        Some(match word {
            "OPLOG" => Oper::Operation(Operation::read(rest)?),
            "USER" => Oper::User(User::of(&Fields::read(rest, '\t'))?),
            "FP" | "FACE" | "USERPIC" | "BIOPHOTO" | "BIODATA" | "FVEIN" => Oper::Template,
            _ => return None,
        })
    })
}

/// Table rtlog. What it says of temperatures and masks is not read.
pub fn events(body: &str) -> Read<Event> {
    Read::of(body, |line| Event::live(&Fields::read(line, '\t')))
}

/// Stored events: each line may begin with the name of the table.
pub fn transactions(body: &str) -> Read<Event> {
    Read::of(body, |line| Event::stored(&Fields::read(without_table(line), '\t')))
}

/// Table user.
pub fn users(body: &str) -> Read<User> {
    Read::of(body, |line| User::of(&Fields::read(without_table(line), '\t')))
}

fn without_table(line: &str) -> &str {
    match line.split_once(' ') {
        Some((word, rest)) if !word.contains(['=', '\t']) => rest,
        _ => line,
    }
}

/// `key=value,key=value` over any number of lines.
pub fn options(body: &str) -> Fields {
    let mut fields = Fields::default();
    for line in lines(body) {
        fields.extend(Fields::read(line, ','));
    }
    fields
}

/// How doors are, from table rtstate: two bits for each, door 1 in the lowest.
pub fn sensors(body: &str) -> Vec<Sensor> {
    let fields = Fields::read(lines(body).next().unwrap_or_default(), '\t');
    let text = fields.get("sensor");
    let bytes = (0..text.len()).step_by(2).filter_map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok());
    let bits = bytes.take(16).flat_map(|byte| [byte & 3, byte >> 2 & 3, byte >> 4 & 3, byte >> 6 & 3]);
    bits.map(|two| match two {
        1 => Sensor::Closed,
        2 => Sensor::Open,
        _ => Sensor::Unknown,
    })
    .collect()
}

/// How a door is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensor {
    /// There is no sensor.
    Unknown,
    /// Closed.
    Closed,
    /// Open.
    Open,
}
