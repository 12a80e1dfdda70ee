//! The days that people worked: fifty-two weeks, Monday to Friday, until last Friday.

use jiff::ToSpan;
use jiff::civil::Date;

const WEEKS: i64 = 52;

/// Everybody goes home at six.
pub(super) const DAYS_END_MICROS: i64 = 18 * 3_600_000_000;

/// Tashkent, all year round.
const OFFSET_MICROS: i64 = 5 * 3_600_000_000;

pub(super) struct Year {
    /// Working days, the oldest first.
    pub(super) days: Vec<Date>,
    pub(super) people: u64,
    /// Windows of a person on a day.
    pub(super) windows: u64,
}

impl Year {
    /// The last full weeks before today, with about so many events in all.
    pub(super) fn before(today: Date, events: u64, people: u64) -> Year {
        let people = people.max(1);
        let monday = today.saturating_sub(i64::from(today.weekday().to_monday_zero_offset()).days());
        let first = monday.saturating_sub((WEEKS * 7).days());
        let weeks = (0..WEEKS).flat_map(|week| (0..5).map(move |day| week * 7 + day));
        let days: Vec<Date> = weeks.map(|day| first.saturating_add(day.days())).collect();
        let windows = (events / (days.len() as u64 * people)).max(1);
        Year { days, people, windows }
    }

    pub(super) fn events(&self) -> u64 {
        self.events_of(self.days.len())
    }

    pub(super) fn events_of(&self, days: usize) -> u64 {
        days as u64 * self.people * self.windows
    }
}

/// Microseconds of the midnight in Tashkent with which a day begins.
pub(super) fn midnight(day: Date) -> i64 {
    let utc = day.to_zoned(jiff::tz::TimeZone::UTC).map(|at| at.timestamp().as_microsecond());
    utc.unwrap_or_default() - OFFSET_MICROS
}
