//! The log of attendance, in records of 8, 16, 40 or 49 bytes.

use jiff::civil::DateTime;

use super::text;
use super::time::Stamp;
use super::u16_at;
use super::u32_at;

/// Whom a record names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// By the index in the device; old ones know no other.
    Uid(u16),
    /// By the number that people type.
    Number(String),
}

/// One record: somebody was let through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Punch {
    /// Who.
    pub who: Who,
    /// When, by the device.
    pub time: Stamp,
    /// What was shown, as the device counts it.
    pub verify: u8,
    /// The key that the person pressed, 255 for none.
    pub state: u8,
}

impl Punch {
    /// What tells it from all others of the device. Whatever way it comes, it is the same.
    pub fn key(&self) -> String {
        let who = match &self.who {
            Who::Uid(uid) => format!("u{uid}"),
            // Letters of the key stay apart from those of the device.
            Who::Number(number) => number.replace(':', "_"),
        };
        format!("t{}:{who}:{}:{}", self.time.0, self.verify, self.state)
    }
}

/// What records look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// 8 bytes, the time in the middle.
    Old,
    /// 8 bytes, the time at the end.
    OldTimeLast,
    /// 16 bytes.
    Numbers,
    /// 40 bytes.
    Text,
    /// 49 bytes.
    Long,
}

/// Nobody can tell what the records look like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the log is {total} bytes for {counts:?} records: no known record fits, so nothing of it was taken")]
pub struct LayoutError {
    total: usize,
    counts: Vec<u32>,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Long, Self::Text, Self::Numbers, Self::Old, Self::OldTimeLast];

    /// In bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Old | Self::OldTimeLast => 8,
            Self::Numbers => 16,
            Self::Text => 40,
            Self::Long => 49,
        }
    }

    /// For a note that is kept.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Old => "8",
            Self::OldTimeLast => "8-time-last",
            Self::Numbers => "16",
            Self::Text => "40",
            Self::Long => "49",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.word() == word)
    }

    /// Whether people are named by their index only.
    pub const fn names_indexes(self) -> bool {
        matches!(self, Self::Old | Self::OldTimeLast)
    }

    /// What the records are, given how many the device said there are (before and after), what was found the last time, and what
    /// time it is at the device.
    pub fn detect(records: &[u8], counts: &[u32], before: Option<Self>, now: DateTime) -> Result<Self, LayoutError> {
        let total = records.len();
        let exact = |layout: &Self| counts.iter().any(|count| layout.bytes() * *count as usize == total);
        let sure: Vec<Self> = Self::ALL.into_iter().filter(|layout| total > 0 && exact(layout)).collect();
        if let Some(known) = before.filter(|known| sure.contains(known) && known.bytes() != 8) {
            return Ok(known);
        }
        match sure.as_slice() {
            [] => {}
            [one] => return Ok(*one),
            several => return Ok(likelier(records, several, before, now)),
        }
        // The log grew, or the device does not say how many there are.
        let divides = |layout: &Self| total > 0 && total.is_multiple_of(layout.bytes());
        let believable = |layout: &Self| layout.read_all(records).all(|punch| is_plausible(punch.time, now));
        let fitting: Vec<Self> = Self::ALL.into_iter().filter(|layout| divides(layout) && believable(layout)).collect();
        match fitting.as_slice() {
            [] => Err(LayoutError { total, counts: counts.to_vec() }),
            [one] => Ok(*one),
            several => Ok(likelier(records, several, before, now)),
        }
    }

    /// Reads all records.
    pub fn read_all(self, records: &[u8]) -> impl Iterator<Item = Punch> + '_ {
        records.chunks_exact(self.bytes()).filter_map(move |record| self.read(record))
    }

    fn read(self, record: &[u8]) -> Option<Punch> {
        let byte = |at: usize| record.get(at).copied();
        let (who, time, verify, state) = match self {
            Self::Old => (Who::Uid(u16_at(record, 0)?), u32_at(record, 3)?, byte(2)?, byte(7)?),
            Self::OldTimeLast => (Who::Uid(u16_at(record, 0)?), u32_at(record, 4)?, byte(2)?, byte(3)?),
            Self::Numbers => (Who::Number(u32_at(record, 0)?.to_string()), u32_at(record, 4)?, byte(8)?, byte(9)?),
            Self::Text | Self::Long => {
                (Who::Number(text(record.get(2..26)?)), u32_at(record, 27)?, byte(26)?, byte(31)?)
            }
        };
        Some(Punch { who, time: Stamp(time), verify, state })
    }

    /// Writes a record; simulators do. The index is that of the person.
    pub fn write(self, punch: &Punch, uid: u16) -> Vec<u8> {
        let mut record = vec![0; self.bytes()];
        let number = match &punch.who {
            Who::Uid(uid) => uid.to_string(),
            Who::Number(number) => number.clone(),
        };
        let time = punch.time.0.to_le_bytes();
        let mut put = |at: usize, bytes: &[u8]| {
            for (place, byte) in bytes.iter().enumerate() {
                if let Some(field) = record.get_mut(at + place) {
                    *field = *byte;
                }
            }
        };
        let (verify_at, time_at, state_at) = match self {
            Self::Old => (2, 3, 7),
            Self::OldTimeLast => (2, 4, 3),
            Self::Numbers => (8, 4, 9),
            Self::Text | Self::Long => (26, 27, 31),
        };
        match self {
            Self::Numbers => put(0, &number.parse::<u32>().unwrap_or(0).to_le_bytes()),
            Self::Old | Self::OldTimeLast => put(0, &uid.to_le_bytes()),
            Self::Text | Self::Long => {
                put(0, &uid.to_le_bytes());
                put(2, number.as_bytes().get(..number.len().min(24)).unwrap_or_default());
            }
        }
        put(verify_at, &[punch.verify]);
        put(time_at, &time);
        put(state_at, &[punch.state]);
        record
    }
}

/// Whether a record may be of this time: it exists, and is not in the future.
fn is_plausible(time: Stamp, now: DateTime) -> bool {
    let latest = now.checked_add(jiff::Span::new().days(2)).unwrap_or(now);
    time.civil().is_some_and(|civil| civil <= latest)
}

/// Of several that fit, the one with the most records of recent years in good order; else the one of the last time.
fn likelier(records: &[u8], fitting: &[Layout], before: Option<Layout>, now: DateTime) -> Layout {
    let score = |layout: Layout| {
        let mut last = Stamp(0);
        let mut good = 0_usize;
        let mut all = 0_usize;
        for punch in layout.read_all(records) {
            let recent = punch.time.civil().is_some_and(|civil| civil.year() >= 2010);
            good += usize::from(recent && is_plausible(punch.time, now));
            good += usize::from(punch.time >= last);
            last = punch.time;
            all += 2;
        }
        (good * 1_000 / all.max(1), Some(layout) == before)
    };
    let mut best = fitting.first().copied().unwrap_or(Layout::Text);
    for layout in fitting {
        if score(*layout) > score(best) {
            best = *layout;
        }
    }
    best
}
