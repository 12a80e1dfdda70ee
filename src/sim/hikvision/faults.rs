//! How badly it behaves. All of it is off by default; rates are per mille of the events, thrown by its seed.

use std::time::Duration;

use crate::kernel::Timestamp;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// The stream falls silent, its connection stays.
    pub silence: u32,
    /// The stream is closed.
    pub close: u32,
    /// It starts again.
    pub reboot: u32,
    /// How long it is away then.
    pub reboot_for: Duration,
    /// Its clock begins in the year 2000 when it starts again.
    pub lose_clock: bool,
    /// An event is told twice.
    pub duplicate: u32,
    /// An event is logged, and not told.
    pub omit: u32,
    /// Whoever begins to listen is told the whole ring.
    pub replay: bool,
    /// Answers take up to so long.
    pub slow: Duration,
    /// How what it writes is cut.
    pub split: Split,
    /// Only one may listen.
    pub one_client: bool,
}

/// How writes are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    Whole,
    Bytes,
    Random,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            silence: 0,
            close: 0,
            reboot: 0,
            reboot_for: Duration::from_secs(2),
            lose_clock: false,
            duplicate: 0,
            omit: 0,
            replay: false,
            slow: Duration::ZERO,
            split: Split::Whole,
            one_client: false,
        }
    }
}

impl Faults {
    /// Their words for a command line.
    pub const WORDS: &'static str =
        "silence, close, reboot, lose-clock, duplicate, omit, replay, slow, split-bytes, split-random, one-client, all";

    /// Reads words with commas between them.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match word {
                "silence" => faults.silence = 20,
                "close" => faults.close = 30,
                "reboot" => faults.reboot = 10,
                "lose-clock" => (faults.lose_clock, faults.reboot) = (true, 10),
                "duplicate" => faults.duplicate = 100,
                "omit" => faults.omit = 50,
                "replay" => faults.replay = true,
                "slow" => faults.slow = Duration::from_secs(3),
                "split-bytes" => faults.split = Split::Bytes,
                "split-random" => faults.split = Split::Random,
                "one-client" => faults.one_client = true,
                "all" => {
                    return Ok(Self { slow: Duration::from_millis(500), split: Split::Random, ..Self::all() });
                }
                other => return Err(format!("there is no fault {other:?}; there are {}", Self::WORDS)),
            }
        }
        Ok(faults)
    }

    fn all() -> Self {
        Self { silence: 10, close: 20, reboot: 5, duplicate: 100, omit: 50, replay: true, ..Self::default() }
    }
}

/// Whether a moment is not over yet.
pub(super) fn is_before(now: Timestamp, until: Option<Timestamp>) -> bool {
    until.is_some_and(|until| now < until)
}
