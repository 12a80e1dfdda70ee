//! When something happened, as other systems write it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use serde_json::Value;

/// Numbers from here on are milliseconds, and from there on microseconds: seconds reach it in the year 5138.
const MILLIS_FROM: f64 = 1e11;
const MICROS_FROM: f64 = 1e14;

/// How times are written. Usually that can be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MomentFormat(Option<String>);

impl MomentFormat {
    /// Reads a pattern such as `%d.%m.%Y %H:%M:%S`; nothing is whatever can be seen.
    pub fn parse(pattern: &str) -> Option<Self> {
        let pattern = pattern.trim();
        if pattern.is_empty() {
            return Some(Self(None));
        }
        // A pattern is one if what it writes can be read again as a whole time.
        let sample = DateTime::constant(2026, 11, 23, 8, 30, 15, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        let written = strtime::format(pattern, &sample).ok()?;
        let read = strtime::parse(pattern, &written).ok()?;
        let same = |civil: DateTime| civil.date() == sample.date() && (civil.hour(), civil.minute()) == (8, 30);
        let whole = read.to_datetime().is_ok_and(same) || read.to_timestamp().is_ok();
        whole.then(|| Self(Some(pattern.to_owned())))
    }

    /// Reads a time; `at` knows the wall clock at the device.
    pub(super) fn read(&self, value: &Value, at: &dyn Fn(DateTime) -> Timestamp) -> Option<Timestamp> {
        let text = match value {
            Value::Number(number) => return since_1970(number.as_f64()?),
            Value::String(text) => text.trim(),
            _ => return None,
        };
        if let Some(pattern) = &self.0 {
            let read = strtime::parse(pattern, text).ok()?;
            return read.to_timestamp().ok().or_else(|| read.to_datetime().ok().map(at));
        }
        if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return since_1970(text.parse().ok()?);
        }
        let civil = |text: &str| text.parse::<DateTime>().ok().filter(|_| text.contains(':'));
        text.parse::<Timestamp>().ok().or_else(|| civil(text).map(at))
    }
}

fn since_1970(number: f64) -> Option<Timestamp> {
    let micros = match number {
        _ if !number.is_finite() || number < 0.0 => return None,
        _ if number < MILLIS_FROM => number * 1e6,
        _ if number < MICROS_FROM => number * 1e3,
        _ => number,
    };
    // What is too large becomes the largest number, and that is no time.
    Timestamp::from_microsecond(micros.round() as i64).ok()
}
