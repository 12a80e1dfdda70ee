//! How a spool behaves; every bound has a default.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::format::MAX_PAYLOAD;
use crate::format::RECORD_HEADER;

/// Gives microseconds since 1970 in UTC. Handed in, so that tests own the time.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What happens to records that were freed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grace {
    /// Their segments stay while there is room, so that they can be sent again.
    Keep,
    /// Their segments are deleted at once.
    Delete,
}

/// What happens to records nobody took, under pressure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evict {
    /// They stay; appends are refused instead.
    Never,
    /// The oldest of the least important class go, and a gap record says so.
    LeastImportant,
}

/// Levels in percent of [`Options::max_bytes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// From here grace copies and then records are given up.
    pub high: u8,
    /// Down to here.
    pub high_resume: u8,
    /// From here appends are refused.
    pub full: u8,
    /// Until the level is below this.
    pub full_resume: u8,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { high: 80, high_resume: 75, full: 95, full_resume: 90 }
    }
}

/// How a spool behaves.
#[derive(Clone)]
pub struct Options {
    /// Stamps records and measures their age.
    pub clock: Clock,
    /// Size at which the next segment is begun; at most an eighth of `max_bytes` counts.
    pub segment_bytes: u64,
    /// Bound of all segments together.
    pub max_bytes: u64,
    /// Grace copies older than this go; with [`Evict::LeastImportant`] records nobody took go as well, each with a gap.
    pub max_age: Option<Duration>,
    /// Where pressure begins and ends.
    pub thresholds: Thresholds,
    /// Whether records nobody took may be given up.
    pub evict: Evict,
    /// Whether freed records are kept while there is room.
    pub grace: Grace,
    /// Bytes that may wait for the disk; further appends wait for room.
    pub in_flight_bytes: u64,
    /// Bound of `quarantine/`; beyond it damage is counted but not copied.
    pub quarantine_bytes: u64,
    /// What a refused producer is told.
    pub retry_after: Duration,
}

impl Options {
    /// The defaults: 64 MiB segments, 2 GiB, 7 days, nothing evicted, nothing kept after it is freed.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            segment_bytes: 64 << 20,
            max_bytes: 2 << 30,
            max_age: Some(Duration::from_secs(7 * 24 * 3600)),
            thresholds: Thresholds::default(),
            evict: Evict::Never,
            grace: Grace::Delete,
            in_flight_bytes: 64 << 20,
            quarantine_bytes: 64 << 20,
            retry_after: Duration::from_secs(5),
        }
    }

    pub(crate) fn now_us(&self) -> i64 {
        (self.clock)()
    }

    pub(crate) fn segment_limit(&self) -> u64 {
        self.segment_bytes.min(self.max_bytes / 8).max(4096)
    }

    /// At least one record of the largest size must fit, else it would wait for ever.
    pub(crate) fn in_flight_limit(&self) -> usize {
        let least = (MAX_PAYLOAD + RECORD_HEADER) as u64;
        usize::try_from(self.in_flight_bytes.clamp(least, 1 << 30)).unwrap_or(1 << 30)
    }

    pub(crate) fn level(&self, percent: u8) -> u64 {
        let level = u128::from(self.max_bytes) * u128::from(percent) / 100;
        u64::try_from(level).unwrap_or(u64::MAX)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("segment_bytes", &self.segment_bytes)
            .field("max_bytes", &self.max_bytes)
            .field("max_age", &self.max_age)
            .field("thresholds", &self.thresholds)
            .field("evict", &self.evict)
            .field("grace", &self.grace)
            .field("in_flight_bytes", &self.in_flight_bytes)
            .field("quarantine_bytes", &self.quarantine_bytes)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}
