//! Times of devices: local, without a zone, in months of 31 days.

use jiff::civil::Date;
use jiff::civil::DateTime;
use jiff::civil::Time;

/// A local time as devices count it. It need not be one that exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub u32);

impl Stamp {
    /// From a time that exists. Before 2000 it is the first one.
    pub fn of(civil: DateTime) -> Self {
        let year = u32::try_from(i32::from(civil.year()) - 2000).unwrap_or(0);
        let part = |number: i8| u32::try_from(number).unwrap_or(0);
        Self::join([
            year.min(132),
            part(civil.month()),
            part(civil.day()),
            part(civil.hour()),
            part(civil.minute()),
            part(civil.second()),
        ])
    }

    /// From six bytes, as events carry it; nothing if they cannot be counted.
    pub fn of_six(bytes: &[u8]) -> Option<Self> {
        let [year, month, day, hour, minute, second] = <[u8; 6]>::try_from(bytes).ok()?.map(u32::from);
        let counts = year <= 132
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        counts.then(|| Self::join([year, month, day, hour, minute, second]))
    }

    /// From `2026-11-23 08:30:15`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.is_ascii() || text.len() != 19 {
            return None;
        }
        let part = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
        let year = text.get(..4)?.parse::<u32>().ok()?.checked_sub(2000)?;
        let between = [4, 7, 13, 16].map(|at| text.as_bytes().get(at).copied());
        if between != [Some(b'-'), Some(b'-'), Some(b':'), Some(b':')] {
            return None;
        }
        let year = u8::try_from(year).ok()?;
        Self::of_six(&[year, part(5, 7)?, part(8, 10)?, part(11, 13)?, part(14, 16)?, part(17, 19)?])
    }

    fn join([year, month, day, hour, minute, second]: [u32; 6]) -> Self {
        let days = (year * 12 + month.saturating_sub(1)) * 31 + day.saturating_sub(1);
        // 132 years are the most that fit.
        Self(days.wrapping_mul(86_400).wrapping_add(hour * 3_600 + minute * 60 + second))
    }

    /// Year, month, day, hour, minute, second.
    fn parts(self) -> [u32; 6] {
        let Self(left) = self;
        let (second, left) = (left % 60, left / 60);
        let (minute, left) = (left % 60, left / 60);
        let (hour, left) = (left % 24, left / 24);
        let (day, left) = (left % 31 + 1, left / 31);
        [2000 + left / 12, left % 12 + 1, day, hour, minute, second]
    }

    /// The time, if it exists: there is no 31st of February.
    pub fn civil(self) -> Option<DateTime> {
        let [year, month, day, hour, minute, second] = self.parts();
        let small = |number: u32| i8::try_from(number).ok();
        let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
        Some(date.to_datetime(Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?))
    }

    /// The six bytes of events.
    pub fn six(self) -> [u8; 6] {
        let [year, rest @ ..] = self.parts();
        let byte = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
        let [month, day, hour, minute, second] = rest.map(byte);
        [byte(year - 2000), month, day, hour, minute, second]
    }
}

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [year, month, day, hour, minute, second] = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
