//! "Today by the hour": people in use in each quarter of an hour, stacked by category.

use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::monitoring::Overview;
use crate::monitoring::Quarter;
use crate::web::Visitor;
use crate::web::encode;
use crate::web::pages::overview::presence::round;

pub(in crate::web::pages) const HEIGHT: f64 = 224.0;
pub(in crate::web::pages) const BASE: f64 = 200.0;
const TOP: f64 = 10.0;
const HOUR_MS: i64 = 3_600_000;
const QUARTER_MS: i64 = HOUR_MS / 4;
/// The day that is drawn when nothing happened outside of it, in hours from midnight.
const USUAL: (i64, i64) = (7, 19);

/// A chart of stacked bars over a day or a range.
pub(in crate::web::pages) struct HoursChart {
    pub(in crate::web::pages) label: String,
    pub(in crate::web::pages) height: f64,
    pub(in crate::web::pages) base: f64,
    pub(in crate::web::pages) y_ticks: Vec<Tick>,
    pub(in crate::web::pages) x_ticks: Vec<Tick>,
    pub(in crate::web::pages) bars: Vec<Bar>,
    pub(in crate::web::pages) lines: Vec<Line>,
    pub(in crate::web::pages) now: Option<Now>,
    pub(in crate::web::pages) links: Vec<Link>,
}

/// What lies over a bar: where it leads and what it says.
pub(in crate::web::pages) struct Link {
    pub(in crate::web::pages) href: String,
    pub(in crate::web::pages) label: String,
    pub(in crate::web::pages) x: f64,
    pub(in crate::web::pages) width: f64,
}

/// A place on an axis.
pub(in crate::web::pages) struct Tick {
    pub(in crate::web::pages) at: f64,
    pub(in crate::web::pages) label: String,
}

/// A part of a bar.
pub(in crate::web::pages) struct Bar {
    pub(in crate::web::pages) kind: &'static str,
    pub(in crate::web::pages) x: f64,
    pub(in crate::web::pages) width: f64,
    pub(in crate::web::pages) y: f64,
    pub(in crate::web::pages) height: f64,
}

/// A line over the bars.
pub(in crate::web::pages) struct Line {
    pub(in crate::web::pages) class: &'static str,
    pub(in crate::web::pages) points: String,
}

/// Where the measured part ends.
pub(in crate::web::pages) struct Now {
    pub(in crate::web::pages) x: f64,
    pub(in crate::web::pages) y: f64,
    pub(in crate::web::pages) label: String,
    pub(in crate::web::pages) value: String,
}

/// Draws the day so far.
pub(super) fn hours(visitor: &Visitor, overview: &Overview, now: Timestamp) -> HoursChart {
    let texts = visitor.texts;
    let shown = window(overview, now);
    let most = overview.quarters.iter().map(all).max().unwrap_or(0);
    let axis = Axis::up_to(most as f64);
    let percent = |at: Timestamp| {
        round((at.as_millisecond() - shown.from.as_millisecond()) as f64 / shown.millis() as f64 * 100.0)
    };
    let width = round(QUARTER_MS as f64 / shown.millis() as f64 * 100.0);
    let (mut bars, mut links) = (Vec::new(), Vec::new());
    for quarter in overview.quarters.iter().filter(|one| one.from >= shown.from && one.from < shown.to) {
        let parts = [quarter.useful, quarter.neutral, quarter.distracting].map(|count| count as f64);
        axis.stack(percent(quarter.from), width, parts, &mut bars);
        if all(quarter) > 0 {
            let (href, x) = (events_of(quarter.from), percent(quarter.from));
            links.push(Link { href, label: words(visitor, quarter), x, width });
        }
    }
    let x_ticks = (0..=shown.millis() / HOUR_MS).map(|hour| {
        let at = moment(shown.from.as_millisecond() + hour * HOUR_MS);
        let label = texts.time(&visitor.zone, at).split(':').next().unwrap_or_default().to_owned();
        Tick { at: percent(at), label }
    });
    let (now_text, most_text) = (texts.time(&visitor.zone, now), texts.number(most as u64));
    HoursChart {
        label: texts.with("overview-hours-sentence", [("count", most_text.into()), ("time", (&now_text).into())]),
        height: HEIGHT,
        base: BASE,
        y_ticks: axis.ticks(|value| texts.number(value as u64)),
        x_ticks: x_ticks.collect(),
        bars,
        lines: Vec::new(),
        now: Some(Now {
            x: percent(now),
            y: BASE,
            label: texts.with("now-at", [("time", now_text.into())]),
            value: String::new(),
        }),
        links,
    }
}

/// What a bar says under the pointer.
fn words(visitor: &Visitor, quarter: &Quarter) -> String {
    let texts = visitor.texts;
    let count = |count: usize| texts.number(count as u64);
    texts.with(
        "overview-hours-bar",
        [
            ("time", texts.time(&visitor.zone, quarter.from).into()),
            ("useful", count(quarter.useful).into()),
            ("neutral", count(quarter.neutral).into()),
            ("distracting", count(quarter.distracting).into()),
        ],
    )
}

/// Address of the events of a quarter of an hour.
pub(super) fn events_of(from: Timestamp) -> String {
    let to = moment(from.as_millisecond() + QUARTER_MS);
    format!("/activity?dataset=active_windows&from={}&to={}", encode(&from.to_string()), encode(&to.to_string()))
}

/// The usual hours, widened to what was used and to now.
fn window(overview: &Overview, now: Timestamp) -> Span {
    let begin = overview.span.from.as_millisecond();
    let hours = (overview.span.millis() / HOUR_MS).max(1);
    let hour_of = |at: Timestamp| (at.as_millisecond() - begin) / HOUR_MS;
    let used = || overview.quarters.iter().filter(|one| all(one) > 0).map(|one| hour_of(one.from));
    let first = used().min().unwrap_or(USUAL.0).min(USUAL.0).min(hour_of(now)).max(0);
    let last = (used().max().unwrap_or(0) + 1).max(USUAL.1).max(hour_of(now) + 1).min(hours);
    Span::new(moment(begin + first * HOUR_MS), moment(begin + last * HOUR_MS))
}

const fn all(quarter: &Quarter) -> usize {
    quarter.useful + quarter.neutral + quarter.distracting
}

fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The axis of values: round steps from zero on.
pub(in crate::web::pages) struct Axis {
    step: f64,
    steps: u32,
}

impl Axis {
    /// Three or four steps that hold the largest value.
    pub(in crate::web::pages) fn up_to(most: f64) -> Self {
        let most = most.max(3.0);
        let rough = most / 4.0;
        let power = 10_f64.powf(rough.log10().floor());
        let round = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|factor| factor * power);
        let step = round.filter(|step| step.fract() == 0.0).find(|step| *step >= rough).unwrap_or(1.0);
        Self { step, steps: (most / step).ceil() as u32 }
    }

    /// The grid lines with their labels.
    pub(in crate::web::pages) fn ticks(&self, label: impl Fn(f64) -> String) -> Vec<Tick> {
        let tick = |index| {
            let value = f64::from(index) * self.step;
            Tick { at: round(self.y(value)), label: label(value) }
        };
        (0..=self.steps).map(tick).collect()
    }

    /// Puts the three parts of a bar on top of each other.
    pub(in crate::web::pages) fn stack(&self, x: f64, width: f64, parts: [f64; 3], bars: &mut Vec<Bar>) {
        let mut below = 0.0;
        for (kind, part) in ["useful", "neutral", "distracting"].into_iter().zip(parts) {
            if part > 0.0 {
                let (y, bottom) = (self.y(below + part), self.y(below));
                bars.push(Bar { kind, x, width, y: round(y), height: round(bottom - y) });
            }
            below += part;
        }
    }

    pub(in crate::web::pages) fn y(&self, value: f64) -> f64 {
        BASE - value / (self.step * f64::from(self.steps)) * (BASE - TOP)
    }
}

#[cfg(test)]
mod tests {
    use super::Axis;

    #[test]
    fn an_axis_has_three_to_five_round_steps_and_holds_the_largest_value() {
        for most in [0.0, 1.0, 3.0, 4.0, 7.0, 12.0, 99.0, 148.0, 1_201.0, 52_000.0] {
            let axis = Axis::up_to(most);
            assert!(axis.step * f64::from(axis.steps) >= most, "{most}");
            assert!((2..=5).contains(&axis.steps), "{most}: {} steps of {}", axis.steps, axis.step);
            assert_eq!(axis.step.fract(), 0.0, "{most}");
        }
    }

    #[test]
    fn parts_stand_on_each_other() {
        let mut bars = Vec::new();
        Axis::up_to(10.0).stack(0.0, 1.0, [4.0, 0.0, 2.0], &mut bars);
        let [useful, distracting] = bars.as_slice() else { panic!("{}", bars.len()) };
        assert!((useful.y - (distracting.y + distracting.height)).abs() < 0.01);
    }
}
