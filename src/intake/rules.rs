//! Decisions on single events.

use nazorat_timeseries::Dataset;
use nazorat_wire::Fact;

use crate::intake::TimeWindow;
use crate::kernel::Timestamp;

const DAY_US: i64 = 86_400_000_000;

/// Where a fact is kept.
pub(super) const fn dataset_of(fact: &Fact<'_>) -> Dataset {
    match fact {
        Fact::ActiveWindow { .. } => Dataset::ActiveWindows,
        Fact::VisitedSite { .. } => Dataset::VisitedSites,
        Fact::InputActivity { .. } => Dataset::InputActivity,
        Fact::UserSession { .. } => Dataset::UserSessions,
    }
}

/// Why a time is not believed; `None` when it is.
pub(super) fn disbelief(window: TimeWindow, received_at: Timestamp, ts_us: i64) -> Option<(&'static str, String)> {
    let received = received_at.as_microsecond();
    if ts_us > received + TimeWindow::AHEAD_US {
        let ahead = (ts_us - received) / 1_000_000;
        return Some((
            "time_in_future",
            format!("ts is {ahead} s ahead of the appliance's clock; set the computer's clock"),
        ));
    }
    if ts_us < received - i64::from(window.accept_days) * DAY_US {
        return Some(("time_too_old", format!("ts is more than {} days before receipt", window.accept_days)));
    }
    None
}

/// True when the clock of the source runs noticeably ahead.
pub(super) fn skewed(received_at: Timestamp, ts_us: i64) -> bool {
    ts_us > received_at.as_microsecond() + TimeWindow::SKEW_US
}

#[cfg(test)]
mod tests {
    use super::disbelief;
    use crate::intake::TimeWindow;
    use crate::kernel::Timestamp;

    #[test]
    fn only_times_between_sixty_days_ago_and_ten_minutes_ahead_are_believed() {
        let received: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        let code = |text: &str| {
            let ts: Timestamp = text.parse().unwrap();
            disbelief(TimeWindow::default(), received, ts.as_microsecond()).map(|(code, _)| code)
        };
        assert_eq!(code("2026-11-20T08:10:00Z"), None);
        assert_eq!(code("2026-11-20T08:10:01Z"), Some("time_in_future"));
        assert_eq!(code("2026-09-21T08:00:00Z"), None);
        assert_eq!(code("2026-09-21T07:59:59Z"), Some("time_too_old"));
        assert_eq!(code("1970-01-01T00:00:00Z"), Some("time_too_old"));
        assert_eq!(code("9999-01-01T00:00:00Z"), Some("time_in_future"));
    }
}
