//! A calendar month in UTC: the unit by which events are kept in files.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;

/// Microseconds in a day.
pub(crate) const DAY_US: i64 = 86_400_000_000;
/// Microseconds in an hour.
pub(crate) const HOUR_US: i64 = 3_600_000_000;

/// A month of the UTC calendar, such as 2026-11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: u8,
}

impl Month {
    /// The month, when `month` is 1 to 12 and the year is 1970 to 9999.
    pub fn new(year: i16, month: u8) -> Option<Self> {
        ((1970..=9999).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// Reads `2026-11`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        if year.len() != 4 || month.len() != 2 || !text.bytes().all(|b| b == b'-' || b.is_ascii_digit()) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?)
    }

    /// The month that contains an instant, clamped to 1970..=9999.
    pub fn of_us(ts_us: i64) -> Self {
        let (year, month) = civil_month(ts_us.div_euclid(DAY_US));
        match year {
            ..1970 => Self { year: 1970, month: 1 },
            1970..=9999 => Self { year: year as i16, month },
            _ => Self { year: 9999, month: 12 },
        }
    }

    /// First instant of the month, microseconds since 1970 UTC.
    pub fn start_us(self) -> i64 {
        days_from_civil(i64::from(self.year), i64::from(self.month)) * DAY_US
    }

    /// First instant after the month.
    pub fn end_us(self) -> i64 {
        let (year, month) = if self.month == 12 { (self.year + 1, 1) } else { (self.year, self.month + 1) };
        days_from_civil(i64::from(year), i64::from(month)) * DAY_US
    }

    /// The month after this one.
    pub fn next(self) -> Self {
        Self::of_us(self.end_us())
    }

    /// Digits only, for names inside the engine: `202611`.
    pub(crate) fn compact(self) -> String {
        format!("{:04}{:02}", self.year, self.month)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a month")))
    }
}

// Both directions are Howard Hinnant's civil calendar algorithms.
fn civil_month(days: i64) -> (i64, u8) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year, month as u8)
}

fn days_from_civil(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let yoe = year.rem_euclid(400);
    let mp = if month > 2 { month - 3 } else { month + 9 };
    let doy = (153 * mp + 2) / 5;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_contains_its_first_and_last_microsecond() {
        let mut month = Month::parse("1970-01").unwrap();
        assert_eq!(month.start_us(), 0);
        while month < Month::parse("2105-01").unwrap() {
            assert_eq!(Month::of_us(month.start_us()), month);
            assert_eq!(Month::of_us(month.end_us() - 1), month);
            assert_eq!(Month::of_us(month.end_us()), month.next());
            assert_eq!(Month::parse(&month.to_string()), Some(month));
            month = month.next();
        }
    }

    #[test]
    fn a_known_date_falls_into_its_month() {
        // 2024-02-29T12:00:00Z
        assert_eq!(Month::of_us(1_709_208_000_000_000).to_string(), "2024-02");
        assert_eq!(Month::of_us(i64::MAX).to_string(), "9999-12");
        assert_eq!(Month::of_us(i64::MIN).to_string(), "1970-01");
    }

    #[test]
    fn what_is_not_a_month_is_refused() {
        for text in ["", "2026-13", "2026-00", "26-01", "2026-1", "2026-11-01", "+026-01", "../../x"] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }
}
