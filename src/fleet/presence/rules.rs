//! Pure decisions about silence, buffers and clocks.

use std::time::Duration;

use nazorat_wire::frame::Spool;

use crate::kernel::Timestamp;

/// So long after its interval something silent is offline.
pub(super) const GRACE: Duration = Duration::from_secs(30);
/// How often an agent is to be heard of which its gateway does not say.
pub(super) const AGENT_INTERVAL: Duration = Duration::from_secs(300);
/// From here on a clock is wrong.
const MOST_SKEW_SECS: i64 = 120;
/// A buffer is high from here on, and until it is below that.
const HIGH_FROM: u64 = 80;
const HIGH_UNTIL: u64 = 75;

/// True when it should have been heard and was not.
pub(super) fn is_silent(last: Timestamp, interval: Duration, now: Timestamp) -> bool {
    let silent = now.as_microsecond().saturating_sub(last.as_microsecond());
    u128::try_from(silent).unwrap_or(0) > (interval + GRACE).as_micros()
}

/// How full a buffer is, in percent.
pub(super) fn percent(spool: &Spool) -> Option<u64> {
    spool.bytes.saturating_mul(100).checked_div(spool.max_bytes)
}

/// Whether a buffer is high; in between it stays what it was.
pub(super) fn is_high(percent: u64, before: bool) -> bool {
    percent > HIGH_FROM || (before && percent >= HIGH_UNTIL)
}

/// Whether a clock is wrong.
pub(super) const fn is_skewed(ahead_secs: i64) -> bool {
    ahead_secs.saturating_abs() > MOST_SKEW_SECS
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nazorat_wire::frame::Spool;

    use super::is_high;
    use super::is_silent;
    use super::is_skewed;
    use super::percent;
    use crate::kernel::Timestamp;

    #[test]
    fn silence_begins_thirty_seconds_after_the_interval() {
        let at = |second: i64| Timestamp::from_second(1_795_334_400 + second).unwrap();
        let silent = |now| is_silent(at(0), Duration::from_secs(30), at(now));
        assert_eq!([silent(-5), silent(30), silent(60), silent(61)], [false, false, false, true]);
    }

    #[test]
    fn a_buffer_is_high_above_eighty_percent_until_it_is_below_seventy_five() {
        for (percent, before, high) in
            [(80, false, false), (81, false, true), (80, true, true), (75, true, true), (74, true, false)]
        {
            assert_eq!(is_high(percent, before), high, "{percent} {before}");
        }
        assert_eq!(percent(&Spool { bytes: 41, max_bytes: 50, ..Spool::default() }), Some(82));
        assert_eq!(percent(&Spool::default()), None);
    }

    #[test]
    fn two_minutes_are_believed() {
        assert_eq!([is_skewed(120), is_skewed(-120), is_skewed(121), is_skewed(-121)], [false, false, true, true]);
        assert!(is_skewed(i64::MAX));
    }
}
