//! The running day of a person as one line of the list: a computer in use, without input, locked.

use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::monitoring::DayStrips;
use crate::monitoring::PersonNow;
use crate::monitoring::Presence;
use crate::monitoring::State;
use crate::monitoring::StateSpan;
use crate::web::Visitor;

const HOUR_MS: i64 = 3_600_000;
/// The hours that are drawn when nobody came earlier or stayed longer.
const USUAL: (i64, i64) = (8, 18);
/// At most so many hours have their number above the lines.
const NUMBERS: i64 = 7;
/// What is narrower is drawn so wide, in percent.
const LEAST: f64 = 0.5;

/// The hours above the lines, and where it is now.
pub(in crate::web::pages::directory) struct Hours {
    pub(in crate::web::pages::directory) ticks: Vec<Hour>,
    pub(in crate::web::pages::directory) now: f64,
    span: Span,
    at: Timestamp,
}

/// A number above the lines.
pub(in crate::web::pages::directory) struct Hour {
    pub(in crate::web::pages::directory) x: f64,
    pub(in crate::web::pages::directory) label: String,
}

/// A stretch of the line.
pub(in crate::web::pages::directory) struct Stretch {
    pub(in crate::web::pages::directory) kind: &'static str,
    pub(in crate::web::pages::directory) x: f64,
    pub(in crate::web::pages::directory) width: f64,
    pub(in crate::web::pages::directory) y: f64,
    pub(in crate::web::pages::directory) height: f64,
}

impl Hours {
    /// Whole hours from the first to the last that was seen of anybody.
    pub(in crate::web::pages::directory) fn of(visitor: &Visitor, day: &DayStrips, now: Timestamp) -> Self {
        let begin = day.span.from.as_millisecond();
        let hour = |at: Timestamp| (at.as_millisecond() - begin).div_euclid(HOUR_MS);
        let all = || day.states.values();
        let first = all().filter_map(|states| states.first()).map(|one| hour(one.span.from)).min();
        let last = all().filter_map(|states| states.last()).map(|one| hour(one.span.to)).max();
        let first = first.unwrap_or(USUAL.0).clamp(0, USUAL.0);
        let last = (last.unwrap_or(0).max(hour(now)) + 1).clamp(USUAL.1, day.span.millis() / HOUR_MS);
        let moment = |hour: i64| Timestamp::from_millisecond(begin + hour * HOUR_MS).unwrap_or(day.span.from);
        let span = Span::new(moment(first), moment(last));
        let step = (last - first + NUMBERS - 1) / NUMBERS;
        let tick = |hour: i64| Hour {
            x: percent(span, moment(hour)),
            label: visitor.texts.time(&visitor.zone, moment(hour)).chars().take(2).collect(),
        };
        let ticks = (first..last).step_by(usize::try_from(step).unwrap_or(1).max(1)).map(tick).collect();
        Self { ticks, now: percent(span, now), span, at: now }
    }

    /// The line of one person, continued by what they do now.
    pub(super) fn line(&self, day: &DayStrips, one: &PersonNow) -> Vec<Stretch> {
        let so_far = day.states.get(&one.employee).map(Vec::as_slice).unwrap_or_default();
        let lasting = match one.presence {
            Presence::AtComputer(since) => Some((State::Active, since)),
            Presence::NoInput(since) => Some((State::NoInput, since)),
            Presence::Locked(since) => Some((State::Locked, since)),
            Presence::SeenToday(_) | Presence::NotSeen => None,
        };
        let since = lasting.map(|(_, since)| since);
        let before = so_far.iter().filter(|one| since.is_none_or(|since| one.span.from < since)).map(|one| StateSpan {
            span: Span::new(one.span.from, since.map_or(one.span.to, |since| since.min(one.span.to))),
            ..*one
        });
        let lasting = lasting.map(|(state, since)| StateSpan { span: Span::new(since, self.at), state });
        before.chain(lasting).filter_map(|one| self.stretch(one)).collect()
    }

    fn stretch(&self, one: StateSpan) -> Option<Stretch> {
        let inside = one.span.intersect(self.span)?;
        let (kind, y, height) = match one.state {
            State::Active => ("active", 4.0, 11.0),
            State::NoInput => ("no-input", 9.5, 5.5),
            State::Locked => ("locked", 12.0, 3.0),
            State::NoData => return None,
        };
        let x = percent(self.span, inside.from);
        let width = (percent(self.span, inside.to) - x).max(LEAST);
        Some(Stretch { kind, x, width: round(width), y, height })
    }
}

fn percent(span: Span, at: Timestamp) -> f64 {
    let passed = (at.as_millisecond() - span.from.as_millisecond()) as f64;
    round(passed / span.millis().max(1) as f64 * 100.0)
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
