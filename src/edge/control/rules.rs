//! Pure decisions of the channel: when to try again, what is too late, what fits.

use std::time::Duration;

use nazorat_wire::frame::Frame as _;
use nazorat_wire::frame::Heartbeat;
use nazorat_wire::frame::Upward;

use crate::kernel::Timestamp;

/// After so many failures to open a socket commands are polled for.
pub(super) const POLL_AFTER: u32 = 3;
/// The longest pause between two tries.
const MOST_PAUSE: Duration = Duration::from_secs(60);
/// So often news are told at most.
const LEAST_PAUSE: Duration = Duration::from_millis(200);
/// The appliance takes twice as much for long.
const NEWS_BYTES_PER_MILLISECOND: u64 = 128;
/// Results up to this size go through the socket.
pub(super) const SOCKET_BODY: usize = 48 << 10;

/// How long to wait before another try: anything up to a bound that doubles. `chance` is from 0 to 1.
pub(super) fn pause(failures: u32, chance: f64) -> Duration {
    let bound = MOST_PAUSE.min(Duration::from_secs(2_u64.saturating_pow(failures.clamp(1, 16))));
    bound.mul_f64(chance.clamp(0.0, 1.0))
}

/// The appliance's time, by the difference that it told.
pub(super) fn theirs(now: Timestamp, ahead_us: i64) -> Timestamp {
    let us = now.as_microsecond().saturating_add(ahead_us);
    Timestamp::from_microsecond(us).unwrap_or(now)
}

/// How long to wait after news of so many bytes before there are more: well below what the appliance takes for a flood.
pub(super) fn news_pause(bytes: usize) -> Duration {
    let paced = Duration::from_millis(u64::try_from(bytes).unwrap_or(u64::MAX) / NEWS_BYTES_PER_MILLISECOND);
    paced.max(LEAST_PAUSE)
}

/// The text of a heartbeat; agents are left out until it fits.
pub(super) fn fitting(mut beat: Heartbeat) -> Option<String> {
    loop {
        if let Ok(text) = Upward::Heartbeat(Box::new(beat.clone())).encode() {
            return Some(text);
        }
        let half = beat.agents.len() / 2;
        if half == 0 && beat.agents.is_empty() {
            return None;
        }
        beat.agents.truncate(half);
    }
}

/// A line of a log without addresses, which are for nobody but the box itself.
pub(super) fn without_addresses(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at);
        let start = before.rfind(|letter: char| !letter.is_ascii_alphanumeric()).map_or(0, |end| {
            before.get(end..).and_then(|tail| tail.chars().next()).map_or(end, |letter| end + letter.len_utf8())
        });
        clean.push_str(before.get(..start).unwrap_or_default());
        clean.push_str("<address>");
        let end = after.find(|letter: char| letter.is_whitespace() || "\"')>,".contains(letter));
        rest = end.and_then(|end| after.get(end..)).unwrap_or_default();
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nazorat_wire::frame::AgentSeen;
    use nazorat_wire::frame::Heartbeat;
    use nazorat_wire::frame::MAX_FRAME;

    use super::fitting;
    use super::news_pause;
    use super::pause;
    use super::theirs;
    use super::without_addresses;

    #[test]
    fn pauses_double_up_to_a_minute_and_are_drawn_from_all_of_it() {
        let bounds: Vec<_> = [0, 1, 2, 5, 6, 99].map(|failures| pause(failures, 1.0).as_secs()).into();
        assert_eq!(bounds, [2, 2, 4, 32, 60, 60]);
        assert_eq!(pause(3, 0.5), Duration::from_secs(4));
        assert_eq!(pause(3, 0.0), Duration::ZERO);
    }

    #[test]
    fn the_appliances_clock_is_ours_and_a_difference() {
        let now = "2026-11-20T08:00:00Z".parse().unwrap();
        assert_eq!(theirs(now, -3_600_000_000).to_string(), "2026-11-20T07:00:00Z");
        assert_eq!(theirs(now, i64::MAX), now);
    }

    #[test]
    fn news_are_told_at_most_five_times_a_second_and_slower_when_there_are_many() {
        assert_eq!(news_pause(0), Duration::from_millis(200));
        assert_eq!(news_pause(128_000), Duration::from_secs(1));
    }

    #[test]
    fn a_heartbeat_always_fits() {
        let long = "\u{436}".repeat(120);
        let agent = |id| AgentSeen {
            id,
            computer_uid: long.clone(),
            name: long.clone(),
            version: None,
            last_contact: None,
            last_event: None,
            interval_secs: None,
            policy: None,
        };
        let beat = Heartbeat { agents: (0..200).map(agent).collect(), ..Heartbeat::default() };
        assert!(fitting(beat).unwrap().len() <= MAX_FRAME);
    }

    #[test]
    fn addresses_are_taken_out_of_lines() {
        assert_eq!(
            without_addresses("the line to https://nazorat.example.com:8443 is up"),
            "the line to <address> is up"
        );
        assert_eq!(without_addresses("(http://a/b?c)"), "(<address>)");
        assert_eq!(without_addresses("nothing here: //x"), "nothing here: //x");
        assert_eq!(without_addresses("\u{436}https://x"), "\u{436}<address>");
    }
}
