//! Time is handed in. Rules receive timestamps and days; only the process knows a clock.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

pub use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Where the time comes from: the machine, or a test that moves it by hand.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until it is moved.
    pub fn fixed(at: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.as_microsecond()))))
    }

    /// The time now, to the microsecond.
    #[expect(clippy::disallowed_methods, reason = "this is the one door to the machine's clock")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => from_micros(Timestamp::now().as_microsecond()),
            Some(at) => from_micros(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock; the machine's clock stays what it is.
    pub fn set(&self, to: Timestamp) {
        if let Some(at) = &self.0 {
            at.store(to.as_microsecond(), Ordering::SeqCst);
        }
    }
}

fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// A calendar day of an organization.
pub type Day = Date;

/// Half-open range of time: `from` belongs to it, `to` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First moment inside.
    pub from: Timestamp,
    /// First moment outside.
    pub to: Timestamp,
}

impl Span {
    /// A span; an end before the begin makes it empty.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self { from, to: to.max(from) }
    }

    /// The part that both have.
    pub fn intersect(self, other: Span) -> Option<Span> {
        let from = self.from.max(other.from);
        let to = self.to.min(other.to);
        (from < to).then_some(Span { from, to })
    }

    /// Length in milliseconds.
    pub fn millis(self) -> i64 {
        self.to.as_millisecond() - self.from.as_millisecond()
    }

    /// True when the moment lies inside.
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Year of the common era.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
}

impl Month {
    /// The month of a day.
    pub fn of(day: Day) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// The month in UTC, in which partitions are cut.
    pub fn of_utc(at: Timestamp) -> Self {
        Self::of(at.to_zoned(TimeZone::UTC).date())
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// The time zone of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// The name is not in the time zone database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("time zone {0:?} is not known; use a name such as Asia/Tashkent")]
pub struct ZoneError(String);

impl Zone {
    /// The name of the default zone.
    pub const DEFAULT: &'static str = "Asia/Tashkent";

    /// Looks up an IANA name.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        TimeZone::get(name).map(Self).map_err(|_| ZoneError(name.to_owned()))
    }

    /// The IANA names that people know: a region and a place.
    pub fn names() -> Vec<String> {
        let strange = |name: &str| name.starts_with("Etc/") || name.starts_with("SystemV/") || !name.contains('/');
        jiff::tz::db().available().map(|name| name.to_string()).filter(|name| !strange(name)).collect()
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The day on which a moment falls.
    pub fn day_of(&self, at: Timestamp) -> Day {
        self.0.to_datetime(at).date()
    }

    /// Wall clock date and time of a moment.
    pub fn civil(&self, at: Timestamp) -> jiff::civil::DateTime {
        self.0.to_datetime(at)
    }

    /// The moment at which the wall clock shows this; gaps and folds are resolved as jiff's "compatible".
    pub fn at(&self, civil: jiff::civil::DateTime) -> Timestamp {
        self.0.to_ambiguous_zoned(civil).compatible().map_or_else(
            |_| self.0.to_ambiguous_timestamp(civil).compatible().unwrap_or(Timestamp::MAX),
            |zoned| zoned.timestamp(),
        )
    }

    /// From the day's midnight to the next one.
    pub fn span_of(&self, day: Day) -> Span {
        let next = day.tomorrow().unwrap_or(day);
        Span::new(self.at(day.at(0, 0, 0, 0)), self.at(next.at(0, 0, 0, 0)))
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::get(Self::DEFAULT).unwrap_or(TimeZone::UTC))
    }
}

#[cfg(test)]
mod tests {
    use super::Zone;

    #[test]
    fn a_day_in_tashkent_begins_at_seven_in_the_evening_utc() {
        let day = "2026-11-20".parse().unwrap();
        let span = Zone::default().span_of(day);
        assert_eq!(span.from.to_string(), "2026-11-19T19:00:00Z");
        assert_eq!(span.millis(), 86_400_000);
        assert_eq!(Zone::default().day_of(span.from), day);
    }

    #[test]
    fn the_default_zone_is_among_the_names() {
        assert!(Zone::names().iter().any(|name| name == Zone::DEFAULT));
    }

    #[test]
    fn an_unknown_zone_is_named_in_the_error() {
        assert!(Zone::parse("Mars/Olympus").unwrap_err().to_string().contains("Mars/Olympus"));
    }
}
