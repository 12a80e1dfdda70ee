//! Decisions about time: what is too old, whether the clock can be trusted, when the disk is full.

use crate::kernel::Day;
use crate::kernel::Month;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::retention::Keep;

/// A step of the clock that no task explains.
const JUMP_SECS: i64 = 40 * 86_400;
/// How far back a corrected clock may go.
const BACK_SECS: i64 = 3_600;
/// A month is sealed when it has been over for so long.
const SEAL_AFTER_DAYS: i32 = 10;

/// Events before this moment are too old: a whole number of the organization's days.
pub(super) fn cutoff(keep: Keep, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
    let days = i64::from(keep.days?);
    let first: Day = zone.day_of(now).checked_sub(jiff::Span::new().days(days)).ok()?;
    Some(zone.span_of(first).from)
}

/// The clock has moved in a way that makes "too old" meaningless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockJumped {
    /// Forward.
    #[error("the clock jumped {0} days ahead since the last check; check the date, then run retention by hand")]
    Ahead(i64),
    /// Back.
    #[error("the clock went back by {0} s since the last check; check the date")]
    Back(i64),
}

/// Refuses mass deletion after a jump of the clock.
pub(super) fn trust_clock(last_seen: Option<Timestamp>, now: Timestamp) -> Result<(), ClockJumped> {
    let Some(last_seen) = last_seen else { return Ok(()) };
    let step = now.as_second() - last_seen.as_second();
    if step > JUMP_SECS {
        return Err(ClockJumped::Ahead(step / 86_400));
    }
    if step < -BACK_SECS {
        return Err(ClockJumped::Back(-step));
    }
    Ok(())
}

/// True when a month of UTC is over for long enough to be sealed.
pub(super) fn may_be_sealed(month: Month, now: Timestamp) -> bool {
    let settled = now.checked_sub(jiff::SignedDuration::from_hours(i64::from(SEAL_AFTER_DAYS) * 24));
    settled.is_ok_and(|settled| Month::of_utc(settled) > month)
}

/// In how many days nothing is free any more.
pub(super) fn full_in_days(free_bytes: u64, growth_per_day: u64) -> Option<u32> {
    (growth_per_day > 0).then(|| u32::try_from(free_bytes / growth_per_day).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::ClockJumped;
    use super::cutoff;
    use super::full_in_days;
    use super::may_be_sealed;
    use super::trust_clock;
    use crate::kernel::Month;
    use crate::kernel::Timestamp;
    use crate::kernel::Zone;
    use crate::retention::Action;
    use crate::retention::Keep;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn whole_days_of_the_organization_go() {
        let keep = Keep { days: Some(30), action: Action::Delete };
        let cut = cutoff(keep, &Zone::default(), at("2026-11-23T08:00:00Z"));
        assert_eq!(cut, Some(at("2026-10-23T19:00:00Z")));
        assert_eq!(cutoff(Keep { days: None, ..keep }, &Zone::default(), at("2026-11-23T08:00:00Z")), None);
    }

    #[test]
    fn a_clock_that_jumped_removes_nothing() {
        let now = at("2026-11-23T08:00:00Z");
        assert_eq!(trust_clock(None, now), Ok(()));
        assert_eq!(trust_clock(Some(at("2026-11-22T08:00:00Z")), now), Ok(()));
        assert!(matches!(trust_clock(Some(at("2025-11-23T08:00:00Z")), now), Err(ClockJumped::Ahead(365))));
        assert!(matches!(trust_clock(Some(at("2106-01-01T00:00:00Z")), now), Err(ClockJumped::Back(_))));
    }

    #[test]
    fn a_month_is_sealed_ten_days_after_its_end() {
        let october = Month { year: 2026, month: 10 };
        assert!(!may_be_sealed(october, at("2026-11-10T23:59:59Z")));
        assert!(may_be_sealed(october, at("2026-11-11T00:00:00Z")));
    }

    #[test]
    fn a_disk_that_does_not_grow_never_fills() {
        assert_eq!(full_in_days(1_000, 0), None);
        assert_eq!(full_in_days(1_000, 100), Some(10));
    }
}
