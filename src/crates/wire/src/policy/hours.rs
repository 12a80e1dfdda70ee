//! When anything is collected at all: a week in the wall clock of a time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::Serialize;

const DAY: u16 = 24 * 60;

/// A week, from Monday on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// An IANA name.
    pub zone: String,
    /// Seven days; a day without spans is free.
    pub week: Vec<Vec<Span>>,
}

/// From one minute of the day up to another, which is not part of it. One that ends before it begins goes over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight.
    pub to: u16,
}

impl Hours {
    pub(super) fn check(&self) -> Result<(), String> {
        TimeZone::get(&self.zone)
            .map_err(|_| format!("time zone {:?} is not known; use a name such as Asia/Tashkent", self.zone))?;
        if self.week.len() != 7 {
            return Err(format!("a week has 7 days, not {}", self.week.len()));
        }
        for span in self.week.iter().flatten() {
            if span.from >= DAY || span.to > DAY || span.from == span.to {
                return Err(format!(
                    "from {} to {} is no part of a day, in minutes after midnight",
                    span.from, span.to
                ));
            }
        }
        Ok(())
    }

    /// With its zone looked up; `None` when there is no such zone.
    pub(super) fn ready(&self) -> Option<Schedule> {
        let zone = TimeZone::get(&self.zone).ok()?;
        Some(Schedule { zone, week: self.week.clone() })
    }
}

/// A week that can be asked.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    zone: TimeZone,
    week: Vec<Vec<Span>>,
}

impl Schedule {
    /// Whether a moment, in microseconds since 1970, lies in it.
    pub(super) fn covers(&self, at_us: i64) -> bool {
        let Ok(at) = Timestamp::from_microsecond(at_us) else { return false };
        let civil = self.zone.to_datetime(at);
        let minute = civil.hour() as u16 * 60 + civil.minute() as u16;
        let today = civil.weekday().to_monday_zero_offset() as usize;
        let spans = |day: usize| self.week.get(day % 7).into_iter().flatten();
        spans(today).any(|span| minute >= span.from && (minute < span.to || span.to < span.from))
            || spans(today + 6).any(|span| span.to < span.from && minute < span.to)
    }
}
