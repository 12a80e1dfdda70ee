//! Days of an organization's own calendar as numbers, and where they begin and end in time.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::kernel::Day;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::monitoring::MonitoringError;

const EPOCH: Date = Date::constant(1970, 1, 1);

/// The longest range that one question may cover.
pub const MOST_DAYS: i64 = 366;

/// Some days in a row.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    first: i32,
    /// Begin of each day and end of the last, microseconds since 1970.
    bounds: Vec<i64>,
}

/// Days since 1970.
pub(crate) fn number_of(day: Day) -> i32 {
    i32::try_from(day.duration_since(EPOCH).as_hours() / 24).unwrap_or(0)
}

/// The day of a number.
pub(crate) fn day_of(number: i32) -> Day {
    EPOCH.checked_add(i64::from(number).days()).unwrap_or(EPOCH)
}

impl Calendar {
    /// From one day to another, both included.
    pub(crate) fn new(zone: &Zone, first: Day, last: Day) -> Self {
        let (from, to) = (number_of(first), number_of(last).max(number_of(first)));
        let begin = |number| zone.span_of(day_of(number)).from.as_microsecond();
        Self { first: from, bounds: (from..=to + 1).map(begin).collect() }
    }

    /// The days of a question: it must not end before it begins, nor be longer than a year.
    pub(crate) fn checked(zone: &Zone, first: Day, last: Day) -> Result<Self, MonitoringError> {
        let days = i64::from(number_of(last)) - i64::from(number_of(first)) + 1;
        match days {
            ..=0 => Err(MonitoringError::EmptyRange),
            1..=MOST_DAYS => Ok(Self::new(zone, first, last)),
            _ => Err(MonitoringError::LongRange { days, most: MOST_DAYS }),
        }
    }

    pub(crate) fn first_day(&self) -> i32 {
        self.first
    }

    /// The first day after.
    pub(crate) fn end_day(&self) -> i32 {
        self.first + self.len() as i32
    }

    pub(crate) fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    pub(crate) fn days(&self) -> impl Iterator<Item = i32> + use<> {
        self.first_day()..self.end_day()
    }

    /// The day on which a moment falls, if it is one of these.
    pub(crate) fn day_at(&self, us: i64) -> Option<i32> {
        let after = self.bounds.partition_point(|bound| *bound <= us);
        (1..self.bounds.len()).contains(&after).then(|| self.first + after as i32 - 1)
    }

    /// From the begin of a day to its end, microseconds.
    pub(crate) fn bounds_of(&self, day: i32) -> (i64, i64) {
        let index = usize::try_from(day - self.first).unwrap_or(0).min(self.len() - 1);
        (self.bounds[index], self.bounds[index + 1])
    }

    pub(crate) fn span(&self) -> Span {
        span(self.bounds[0], self.bounds[self.len()])
    }

    pub(crate) fn span_of(&self, day: i32) -> Span {
        let (from, to) = self.bounds_of(day);
        span(from, to)
    }
}

/// A span of microseconds.
pub(crate) fn span(from_us: i64, to_us: i64) -> Span {
    Span::new(at(from_us), at(to_us))
}

/// The moment of microseconds.
pub(crate) fn at(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or(if us < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::Calendar;
    use super::day_of;
    use super::number_of;
    use crate::kernel::Zone;

    #[test]
    fn days_are_numbered_in_the_zone_of_the_organization() {
        let (first, last) = ("2026-11-20".parse().unwrap(), "2026-11-22".parse().unwrap());
        let calendar = Calendar::new(&Zone::default(), first, last);
        assert_eq!(calendar.len(), 3);
        for day in calendar.days() {
            let (from, to) = calendar.bounds_of(day);
            assert_eq!((calendar.day_at(from), calendar.day_at(to - 1)), (Some(day), Some(day)));
            assert_eq!(number_of(day_of(day)), day);
        }
        assert_eq!(calendar.day_at(calendar.bounds_of(calendar.first_day()).0 - 1), None);
        assert_eq!(calendar.day_at(calendar.bounds_of(calendar.end_day() - 1).1), None);
        assert!(Calendar::checked(&Zone::default(), last, first).is_err());
    }
}
