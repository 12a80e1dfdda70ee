//! What a device shall do, and what it says came of it. What erases everything has no way to be written.

use super::super::time::Stamp;
use super::Dialect;
use super::plain;

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Open a door for some seconds. Attendance terminals have one door and their own time.
    Open {
        /// Which.
        door: u16,
        /// How long.
        seconds: u8,
    },
    /// Keep a door open.
    HoldOpen(u16),
    /// Let a door fall shut again.
    Close(u16),
    /// Lock a door for everybody, or end that.
    LockDown(u16, Lock),
    /// Start again.
    Restart,
    /// Set the clock, in the device's local time.
    SetClock(Stamp),
    /// Somebody may pass.
    PutPerson(Person),
    /// Somebody may open these doors, one bit each.
    Authorize {
        /// Number.
        pin: String,
        /// Doors.
        doors: u8,
    },
    /// Somebody may not; rights first, then the person.
    Forbid(String),
    /// Delete one person.
    DeletePerson(String),
    /// Tell one person, or all.
    QueryPeople(Option<String>),
    /// Tell the records between two moments again.
    QueryLog(Stamp, Stamp),
    /// How many records are there between two moments.
    CountLog(Stamp, Stamp),
}

/// Whether a door is locked for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// It is.
    Locked,
    /// No more.
    Released,
}

/// Somebody for a device.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Number.
    pub pin: String,
    /// Name.
    pub name: String,
    /// Card in digits; empty is none.
    pub card: String,
    /// From when on and until when, as the device writes it; `0` is without limit.
    pub validity: (String, String),
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
    }
}

impl Command {
    /// The command as the dialect writes it; nothing if it cannot.
    pub fn text(&self, dialect: Dialect) -> Option<String> {
        match dialect {
            Dialect::Att => self.attendance(),
            Dialect::Acc => self.access(),
        }
    }

    fn attendance(&self) -> Option<String> {
        Some(match self {
            Self::Open { door: 1, .. } => "AC_UNLOCK".to_owned(),
            Self::Restart => "REBOOT".to_owned(),
            Self::PutPerson(person) => format!(
                "DATA UPDATE USERINFO PIN={}\tName={}\tPri=0\tPasswd=\tCard={}\tGrp=1\tTZ=0000000100000000",
                plain(&person.pin),
                plain(&person.name),
                plain(&person.card)
            ),
            Self::DeletePerson(pin) => format!("DATA DELETE USERINFO PIN={}", one(pin)?),
            Self::QueryPeople(None) => "DATA QUERY USERINFO".to_owned(),
            Self::QueryPeople(Some(pin)) => format!("DATA QUERY USERINFO PIN={}", plain(pin)),
            Self::QueryLog(from, to) => format!("DATA QUERY ATTLOG StartTime={from}\tEndTime={to}"),
            Self::CountLog(from, to) => format!("VERIFY SUM ATTLOG StartTime={from}\tEndTime={to}"),
            Self::Open { .. }
            | Self::HoldOpen(_)
            | Self::Close(_)
            | Self::LockDown(..)
            | Self::SetClock(_)
            | Self::Authorize { .. }
            | Self::Forbid(_) => return None,
        })
    }

    fn access(&self) -> Option<String> {
        Some(match self {
            Self::Open { door, seconds } => {
                format!("CONTROL DEVICE 01{door:02X}01{:02X}", (*seconds).clamp(1, 0xFE))
            }
            Self::HoldOpen(door) => format!("CONTROL DEVICE 01{door:02X}01FF"),
            Self::Close(door) => format!("CONTROL DEVICE 01{door:02X}0100"),
            Self::LockDown(door, lock) => {
                format!("CONTROL DEVICE 06{door:02X}{:02X}00", u8::from(*lock == Lock::Locked))
            }
            Self::Restart => "CONTROL DEVICE 03000000".to_owned(),
            Self::SetClock(stamp) => format!("SET OPTIONS DateTime={}", stamp.0),
            Self::PutPerson(person) => format!(
                "DATA UPDATE user CardNo={}\tPin={}\tPassword=\tGroup=0\tStartTime={}\tEndTime={}\tName={}\tPrivilege=0",
                plain(&person.card),
                plain(&person.pin),
                plain(&person.validity.0),
                plain(&person.validity.1),
                plain(&person.name)
            ),
            Self::Authorize { pin, doors } => format!(
                "DATA UPDATE userauthorize Pin={}\tAuthorizeTimezoneId=1\tAuthorizeDoorId={doors}\tDevID=1",
                plain(pin)
            ),
            Self::Forbid(pin) => format!("DATA DELETE userauthorize Pin={}", one(pin)?),
            Self::DeletePerson(pin) => format!("DATA DELETE user Pin={}", one(pin)?),
            Self::QueryPeople(None) => "DATA QUERY tablename=user,fielddesc=*,filter=*".to_owned(),
            Self::QueryPeople(Some(pin)) => format!("DATA QUERY tablename=user,fielddesc=*,filter=Pin={}", plain(pin)),
            Self::QueryLog(..) => "DATA QUERY tablename=transaction,fielddesc=*,filter=*".to_owned(),
            Self::CountLog(..) => "DATA COUNT transaction".to_owned(),
        })
    }
}

/// One person's number. Nothing, and a star, would be everybody.
fn one(pin: &str) -> Option<&str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (!pin.is_empty() && pin.bytes().all(fits)).then_some(pin)
}

/// A line of the answer to a poll.
pub fn line(id: u64, text: &str) -> String {
    format!("C:{id}:{text}")
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Of the command.
    pub id: u64,
    /// 0 and above is well.
    pub code: i64,
    /// How many records it counted, where that was asked.
    pub count: Option<u64>,
}

/// Reads what a device posts: `ID=1&Return=0&CMD=DATA`, any number of them. What belongs to none is left out.
pub fn outcomes(body: &str) -> Vec<Outcome> {
    let mut found: Vec<Outcome> = Vec::new();
    for line in super::lines(body) {
        let fields = super::Fields::read(line, '&');
        let number = |name: &str| fields.find(name).and_then(|text| text.parse().ok());
        if let (Some(id), Some(code)) = (number("id"), fields.find("return").and_then(|text| text.parse().ok())) {
            found.push(Outcome { id, code, count: None });
        }
        let sum = number("attlogsum").or_else(|| super::Fields::read(line, ',').find("attlogsum")?.parse().ok());
        if let (Some(last), Some(sum)) = (found.last_mut(), sum) {
            last.count = Some(sum);
        }
    }
    found
}

/// What a negative result means, where it is written down.
pub const fn meaning(dialect: Dialect, code: i64) -> &'static str {
    match (dialect, code) {
        (Dialect::Att, -1) | (Dialect::Acc, -11) => "it did not understand a parameter",
        (Dialect::Att, -3) | (Dialect::Acc, -15 | -16) => "it could not write or read its memory",
        (Dialect::Att, -10) => "it does not know the person",
        (Dialect::Att, -1001) | (Dialect::Acc, -18) => "it is full",
        (Dialect::Att, -1002) | (Dialect::Acc, -13 | -708) => "it cannot do this",
        (Dialect::Att, -1003) | (Dialect::Acc, -725) => "it took too long",
        (Dialect::Att, -1005) => "it is busy",
        (Dialect::Acc, -8) => "it does not allow this",
        (Dialect::Acc, -28) => "the door is open for some hours anyway",
        (Dialect::Acc, -12) => "it could not do it",
        _ => "it gives no reason that is written down",
    }
}
