//! Decisions of the uplink: values in, values out. No clock, no chance, no I/O.

use std::time::Duration;

/// Between two tries never more than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The bound of the first pause; it doubles with every try.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Full jitter may be nothing at all, and a loop without any pause is none that anybody wants.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
/// What a server may ask for at most: one that is wrong must not silence a branch for days.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);
/// A key that is refused may become good again by itself, so it is tried now and then.
const LOCKED_PAUSE: Duration = Duration::from_secs(60);
/// So often a refusal is tried again that did not come from a Nazorat.
const STRANGERS_WORD: u32 = 5;

/// A place between two events of the spool: all records before `seq` and the first `event` events of `seq` lie before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Point {
    pub(super) seq: u64,
    pub(super) event: u32,
}

impl Point {
    /// Before everything.
    pub(super) const START: Self = Self { seq: 1, event: 0 };

    /// Behind a whole record.
    pub(super) const fn behind(seq: u64) -> Self {
        Self { seq: seq + 1, event: 0 }
    }

    /// The last record that lies wholly before it.
    pub(super) const fn whole(self) -> u64 {
        self.seq.saturating_sub(1)
    }
}

/// Longer than this no batch should take on its way: a server waits a minute for it.
const COMFORTABLE: Duration = Duration::from_secs(20);
/// Nobody looks at a page more often than that.
const BEHIND: Duration = Duration::from_secs(60);
/// Smaller batches are not made for the sake of a thin line.
const SMALLEST_WIRE: usize = 32 * 1024;

/// How large a batch may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) events: usize,
    /// Of the body before it is packed.
    pub(super) bytes: usize,
    /// Of the body on the wire.
    pub(super) wire: usize,
}

impl Limits {
    /// What every server takes: far below its 16,000,000 bytes unpacked and 5,000,000 on the wire, so that a batch gets
    /// through a thin line within the minute that a server waits for a body.
    pub(super) const USUAL: Self = Self { events: 20_000, bytes: 4_000_000, wire: 1_000_000 };

    /// What is carried can never be made smaller, so it must get through any line as it is.
    pub(super) const CARRIED: Self = Self { events: 5_000, bytes: 1_000_000, wire: 128 << 10 };

    /// Whether one more event still fits; the first one always does.
    pub(super) const fn fits(self, events: usize, bytes: usize, more: usize) -> bool {
        events == 0 || (events < self.events && bytes + more <= self.bytes)
    }

    /// Half of what was too much.
    pub(super) const fn half_of(self, events: usize) -> Self {
        let half = events / 2;
        Self { events: if half == 0 { 1 } else { half }, ..self }
    }

    /// For a line that did not carry so many bytes in time.
    pub(super) fn thinner_than(self, bytes: usize) -> Self {
        Self { wire: (bytes / 2).clamp(SMALLEST_WIRE, Self::USUAL.wire), ..self }
    }

    /// After a batch of so many bytes took so long: more than before, unless it was too long.
    pub(super) fn paced(self, bytes: usize, took: Duration) -> Self {
        let wire = if took <= COMFORTABLE {
            self.wire.saturating_mul(2)
        } else {
            (bytes as f64 * COMFORTABLE.as_secs_f64() / took.as_secs_f64()) as usize
        };
        let events = self.events.saturating_mul(2).min(Self::USUAL.events);
        Self { events, wire: wire.clamp(SMALLEST_WIRE, Self::USUAL.wire), ..self }
    }
}

/// How a backlog is told from what is fresh, and how many events go at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// What has waited for longer, and is more than one batch, is a backlog: what comes from then on goes before it.
    pub behind: Duration,
    /// The most events of a batch.
    pub events: usize,
}

impl Pace {
    pub(super) fn limits(self) -> Limits {
        Limits { events: self.events.min(Limits::USUAL.events), ..Limits::USUAL }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self { behind: BEHIND, events: Limits::USUAL.events }
    }
}

/// What an answer means for the batch that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is durable on the next hop.
    Taken,
    /// It would be taken in smaller pieces.
    TooLarge,
    /// The line is too thin for so much at once; nothing of it was taken.
    TooSlow,
    /// The next hop knows another batch of this name.
    NameTaken,
    /// It will never be taken.
    Refused,
    /// The key is not good; the batch is.
    Locked,
    /// Not now.
    Later,
}

/// What came back, as far as it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heard<'a> {
    pub(super) status: u16,
    /// The answer names this very batch.
    pub(super) names_batch: bool,
    /// The code of a problem as Nazorat writes it.
    pub(super) code: Option<&'a str>,
    /// Tries before this one that ended in the same status.
    pub(super) before: u32,
}

/// Decides. A 200 of something that is no Nazorat (the sign-in page of a hotel) must not free anything, and a 400 of such
/// a thing must not condemn anything at once.
pub(super) fn verdict(heard: Heard<'_>) -> Verdict {
    let believed = heard.code.is_some() || heard.before + 1 >= STRANGERS_WORD;
    match heard.status {
        200..=299 if heard.names_batch => Verdict::Taken,
        // The clocks were compared, and the next try is signed anew.
        401 if matches!(heard.code, Some("stale_signature" | "replayed_signature")) => Verdict::Later,
        401 | 403 => Verdict::Locked,
        408 if heard.code == Some("body_late") => Verdict::TooSlow,
        413 => Verdict::TooLarge,
        422 if heard.code == Some("key_reused") => Verdict::NameTaken,
        // The way there has spoiled it.
        400 if matches!(heard.code, Some("body_cut" | "digest_mismatch")) => Verdict::Later,
        400 | 422 if believed => Verdict::Refused,
        _ => Verdict::Later,
    }
}

/// How long to wait before try number `tries` (from 1). `chance` is from 0 to 1.
pub(super) fn pause(verdict: Verdict, tries: u32, asked: Option<Duration>, chance: f64) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1_u32 << tries.saturating_sub(1).min(16));
    let bound = match verdict {
        Verdict::Locked => LOCKED_PAUSE.max(doubled).min(LONGEST_PAUSE),
        _ => doubled.min(LONGEST_PAUSE),
    };
    let jitter = bound.mul_f64(chance.clamp(0.0, 1.0)).max(SHORTEST_PAUSE);
    // What was asked for is kept to; the jitter on top keeps a thousand gateways apart.
    asked.map_or(jitter, |asked| asked.min(LONGEST_ASKED) + jitter.min(LONGEST_PAUSE / 10))
}

/// A token bucket: so many bytes in a second, and a second's worth in store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bucket {
    rate: u64,
    /// When everything that was let through will have been paid for, in microseconds.
    paid_at_us: i64,
}

impl Bucket {
    pub(super) const fn new(bytes_per_second: u64) -> Self {
        Self { rate: bytes_per_second, paid_at_us: i64::MIN }
    }

    /// Lets bytes through, and tells how long they have to wait.
    pub(super) fn take(&mut self, now_us: i64, bytes: usize) -> Duration {
        let cost = i64::try_from(bytes as u128 * 1_000_000 / u128::from(self.rate.max(1))).unwrap_or(i64::MAX);
        let wait = self.paid_at_us.saturating_sub(now_us).clamp(0, 600_000_000);
        // A clock that was set back must not make anybody wait for ever.
        self.paid_at_us = now_us.saturating_add(wait).saturating_add(cost);
        Duration::from_micros(wait.unsigned_abs())
    }
}

/// The numbered name of a batch between hops, `SOURCE:EPOCH:NUMBER`, taken apart: what is before the number, and the
/// number. Only names whose epoch has 32 hexadecimal digits are of this kind; all others are names without an order.
pub(super) fn numbered(name: &str) -> Option<(&str, u64)> {
    let (line, number) = name.rsplit_once(':')?;
    let (source, epoch) = line.rsplit_once(':')?;
    let hex = epoch.len() == 32 && epoch.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let plain = !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
    (hex && plain && !source.is_empty()).then_some(())?;
    Some((line, number.parse().ok()?))
}

/// The name of a batch among those of all senders of a hop: a numbered name is one of its own, of others two senders may
/// have the same.
pub(super) fn scoped(source: &str, key: &str) -> String {
    match numbered(key) {
        Some(_) => key.to_owned(),
        None => format!("{source} {key}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Bucket;
    use super::Heard;
    use super::Limits;
    use super::Point;
    use super::Verdict;
    use super::numbered;
    use super::pause;
    use super::scoped;
    use super::verdict;

    fn after(status: u16, code: Option<&str>, before: u32) -> Verdict {
        verdict(Heard { status, names_batch: code == Some("ours"), code, before })
    }

    #[test]
    fn only_an_answer_that_names_the_batch_frees_it() {
        assert_eq!(after(200, Some("ours"), 0), Verdict::Taken);
        assert_eq!(after(200, None, 9), Verdict::Later, "somebody else's 200");
        assert_eq!(after(302, None, 0), Verdict::Later);
        assert_eq!(after(404, None, 9), Verdict::Later, "a wrong address condemns no data");
    }

    #[test]
    fn what_will_never_be_taken_is_told_from_what_may_be() {
        assert_eq!(after(400, Some("not_json"), 0), Verdict::Refused);
        assert_eq!(after(400, None, 0), Verdict::Later, "not a Nazorat that says so");
        assert_eq!(after(400, None, 4), Verdict::Refused, "nor does it block for ever");
        assert_eq!(after(422, Some("key_reused"), 0), Verdict::NameTaken);
        assert_eq!(after(422, Some("other"), 0), Verdict::Refused);
        assert_eq!(after(413, None, 0), Verdict::TooLarge);
        assert_eq!(after(408, Some("body_late"), 9), Verdict::TooSlow);
        assert_eq!(after(400, Some("body_cut"), 9), Verdict::Later, "the line has spoiled it, not the sender");
        assert_eq!((after(401, None, 0), after(403, Some("x"), 9)), (Verdict::Locked, Verdict::Locked));
        for status in [408, 409, 425, 429, 500, 502, 503, 504, 507] {
            assert_eq!(after(status, Some("no_room"), 9), Verdict::Later, "{status}");
        }
    }

    #[test]
    fn pauses_double_up_to_five_minutes_and_are_drawn_from_all_of_it() {
        let bound = |tries| pause(Verdict::Later, tries, None, 1.0).as_secs();
        assert_eq!([1, 2, 3, 9, 10, 99].map(bound), [1, 2, 4, 256, 300, 300]);
        assert_eq!(pause(Verdict::Later, 9, None, 0.5), Duration::from_secs(128));
        assert_eq!(pause(Verdict::Later, 9, None, 0.0), Duration::from_millis(50));
        assert_eq!(pause(Verdict::Locked, 1, None, 1.0), Duration::from_secs(60));
    }

    #[test]
    fn what_the_server_asks_for_is_kept_to() {
        let asked = |secs, chance| pause(Verdict::Later, 3, Some(Duration::from_secs(secs)), chance).as_secs();
        assert_eq!(asked(30, 0.0), 30);
        assert_eq!(asked(30, 1.0), 34, "apart from each other, but never earlier");
        assert_eq!(asked(1_000_000, 0.0), 3_600);
    }

    #[test]
    fn a_bucket_lets_its_rate_through() {
        let mut bucket = Bucket::new(1_000);
        assert_eq!(bucket.take(0, 500), Duration::ZERO);
        assert_eq!(bucket.take(0, 1_000), Duration::from_millis(500));
        assert_eq!(bucket.take(1_500_000, 1), Duration::ZERO);
        let mut bucket = Bucket::new(1_000);
        bucket.take(1_000_000_000_000, 1_000_000);
        assert!(bucket.take(0, 1) <= Duration::from_secs(600), "a clock that was set back");
    }

    #[test]
    fn numbered_names_are_told_from_others() {
        let epoch = "0123456789abcdef0123456789abcdef";
        assert_eq!(numbered(&format!("pc-1:{epoch}:7")), Some((format!("pc-1:{epoch}").as_str(), 7)));
        assert_eq!(numbered(&format!("a:b:{epoch}:7")), Some((format!("a:b:{epoch}").as_str(), 7)));
        for other in [format!(":{epoch}:7"), format!("pc:{epoch}:x"), format!("pc:{epoch}:07"), format!("{epoch}:7")] {
            assert_eq!(numbered(&other), None, "{other}");
        }
        assert_eq!(numbered("pc-1:2026-11-20:5"), None);
        assert_eq!((scoped("a", "k"), scoped("a", &format!("x:{epoch}:1"))), ("a k".into(), format!("x:{epoch}:1")));
        assert_eq!(numbered(&format!("pc:{}:5", "0123456789ABCDEF".repeat(2))), None);
    }

    #[test]
    fn batches_shrink_on_a_thin_line_and_grow_again() {
        let usual = Limits::USUAL;
        let halved = usual.thinner_than(600_000);
        assert_eq!(halved.wire, 300_000);
        let slow = halved.paced(300_000, Duration::from_secs(40));
        assert_eq!(slow.wire, 150_000);
        let quick = slow.paced(150_000, Duration::from_secs(19));
        assert_eq!((quick.wire, quick.paced(1, Duration::ZERO).paced(1, Duration::ZERO)), (300_000, usual));
        assert_eq!(usual.thinner_than(10).wire, usual.paced(10, Duration::from_secs(99)).wire);
        assert_eq!(usual.half_of(8).paced(10, Duration::ZERO).events, 8);
    }

    #[test]
    fn a_batch_ends_where_its_limits_are_and_never_before_its_first_event() {
        let limits = Limits { events: 4, bytes: 100, wire: 0 };
        assert!(limits.fits(0, 0, 1_000) && limits.fits(3, 90, 10));
        assert!(!limits.fits(3, 90, 11) && !limits.fits(4, 0, 1));
        assert_eq!([9, 2, 1].map(|events| limits.half_of(events).events), [4, 1, 1]);
        assert_eq!((Point::behind(4), Point { seq: 5, event: 3 }.whole()), (Point { seq: 5, event: 0 }, 4));
    }
}
