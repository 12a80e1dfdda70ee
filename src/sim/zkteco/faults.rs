//! What may go wrong with a simulated terminal. Driven by its seed, so that a run can be repeated.

use std::time::Duration;

use anyhow::Context as _;
use anyhow::bail;

/// All off unless told otherwise. Rates are of a thousand packets, answers or events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// Nothing more is sent, but the connection stays.
    pub silent: u32,
    /// The connection is closed.
    pub close: u32,
    /// All connections are closed, and none is served for a while.
    pub reboot: u32,
    /// How long that takes.
    pub reboot_for: Duration,
    /// Events that are told twice.
    pub duplicate: u32,
    /// Events that are not told, but are in the log.
    pub lose: u32,
    /// Everything in the log is told once more to whoever begins to listen.
    pub replay: bool,
    /// Before each answer.
    pub slow: Duration,
    /// How writes are cut.
    pub split: Split,
    /// A second client is sent away.
    pub one_client: bool,
    /// The terminal counts nothing of what it has.
    pub no_counts: bool,
    /// What happens to the clock, once, when the faults are set.
    pub clock: ClockFault,
}

/// How writes are cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Split {
    /// Not at all.
    #[default]
    Whole,
    /// At every byte.
    Bytes,
    /// Anywhere.
    Random,
}

/// What happens to a clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClockFault {
    /// Nothing.
    #[default]
    None,
    /// It begins anew on the first day of 2000.
    Lost,
    /// It jumps by so many seconds.
    Jump(i64),
}

impl Faults {
    /// Reads `silent=5,split=bytes,replay`.
    pub fn parse(list: &str) -> anyhow::Result<Self> {
        let mut faults = Self { reboot_for: Duration::from_secs(2), ..Self::default() };
        for part in list.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let rate =
                || value.parse::<u32>().with_context(|| format!("{name} is a number of a thousand, such as {name}=5"));
            let millis = || {
                let millis = value.trim_end_matches("ms").parse();
                millis.map(Duration::from_millis).with_context(|| format!("{name} is milliseconds, such as {name}=200"))
            };
            match name {
                "silent" => faults.silent = rate()?,
                "close" => faults.close = rate()?,
                "reboot" => faults.reboot = rate()?,
                "reboot-for" => faults.reboot_for = millis()?,
                "duplicate" => faults.duplicate = rate()?,
                "lose" => faults.lose = rate()?,
                "replay" => faults.replay = true,
                "slow" => faults.slow = millis()?,
                "one-client" => faults.one_client = true,
                "no-counts" => faults.no_counts = true,
                "split" => faults.split = if value == "random" { Split::Random } else { Split::Bytes },
                "clock" if value == "lost" => faults.clock = ClockFault::Lost,
                "clock" => {
                    let seconds = value.parse().context("clock is `lost` or seconds, such as clock=-3600")?;
                    faults.clock = ClockFault::Jump(seconds);
                }
                other => bail!(
                    "no fault is called {other}; there are silent, close, reboot, reboot-for, duplicate, lose, replay, slow, \
                     split, one-client, no-counts and clock"
                ),
            }
        }
        Ok(faults)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::ClockFault;
    use super::Faults;
    use super::Split;

    #[test]
    fn a_list_of_faults_is_read_and_a_wrong_one_is_named() {
        let faults = Faults::parse("silent=5, split=random,replay,slow=200ms,clock=lost,reboot-for=50").unwrap();
        assert_eq!((faults.silent, faults.split, faults.replay), (5, Split::Random, true));
        assert_eq!((faults.slow, faults.clock), (Duration::from_millis(200), ClockFault::Lost));
        assert_eq!(Faults::parse("clock=-60").unwrap().clock, ClockFault::Jump(-60));
        assert!(Faults::parse("silence=5").unwrap_err().to_string().contains("silence"));
        assert!(Faults::parse("close=often").unwrap_err().to_string().contains("close"));
    }
}
