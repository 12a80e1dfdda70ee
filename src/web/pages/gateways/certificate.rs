//! How long a certificate holds, and whether it was renewed in time.

use std::time::Duration;

use crate::fleet::Enrolled;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::web::Texts;

const DAY: i64 = 86_400;
/// A box asks every few minutes; after so long its silence is no accident.
const PATIENCE: Duration = Duration::from_secs(24 * 3_600);

/// A certificate as it is shown.
pub(super) struct Certificate {
    /// Empty when all is well.
    pub(super) tone: &'static str,
    /// `63 days`.
    pub(super) days: String,
    pub(super) from: String,
    pub(super) to: String,
    /// The day from which it renews by itself.
    pub(super) renews: String,
    /// How much of its life is over, and at which part it renews, in percent.
    pub(super) gone: i64,
    pub(super) mark: i64,
}

impl Certificate {
    pub(super) fn new(texts: Texts, zone: &Zone, enrolled: &Enrolled, now: Timestamp) -> Self {
        let day = |at| texts.day(zone.day_of(at));
        let percent = |at: Timestamp| {
            let (from, to) = (enrolled.from.as_second(), enrolled.to.as_second());
            ((at.as_second() - from) * 100 / (to - from).max(1)).clamp(0, 100)
        };
        Self {
            tone: tone(enrolled, now),
            days: texts.count("days-count", days_left(enrolled, now)),
            from: day(enrolled.from),
            to: day(enrolled.to),
            renews: day(enrolled.renews_at()),
            gone: percent(now),
            mark: percent(enrolled.renews_at()),
        }
    }
}

fn tone(enrolled: &Enrolled, now: Timestamp) -> &'static str {
    let late = enrolled.renews_at().saturating_add(PATIENCE).unwrap_or(enrolled.to);
    if enrolled.to <= now {
        "bad"
    } else if late < now {
        "look"
    } else {
        ""
    }
}

/// Whole days.
fn days_left(enrolled: &Enrolled, now: Timestamp) -> i64 {
    (enrolled.to.as_second() - now.as_second()).max(0) / DAY
}

#[cfg(test)]
mod tests {
    use super::DAY;
    use super::days_left;
    use super::tone;
    use crate::fleet::Enrolled;
    use crate::kernel::Timestamp;

    #[test]
    fn a_certificate_wants_a_look_when_it_should_be_another_one() {
        let on = |day: i64| Timestamp::from_second(day * DAY).unwrap();
        let enrolled = Enrolled { at: on(0), host: String::new(), version: String::new(), from: on(0), to: on(90) };
        assert_eq!(enrolled.renews_at(), on(60));
        let tones = [0, 60, 61, 62, 89, 90].map(|day| tone(&enrolled, on(day)));
        assert_eq!(tones, ["", "", "", "look", "look", "bad"]);
        assert_eq!([0, 89, 90, 95].map(|day| days_left(&enrolled, on(day))), [90, 1, 0, 0]);
    }
}
