//! The charts of a gateway: lines over time, with the times in which it was not heard as bands.

use super::course;
use super::course::Past;
use crate::fleet::presence::Point;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::web::Visitor;
use crate::web::pages::overview::drawing::Axis;
use crate::web::pages::overview::drawing::BASE;
use crate::web::pages::overview::drawing::HEIGHT;
use crate::web::pages::overview::drawing::Tick;
use crate::web::pages::overview::presence::round;

/// A line is as wide as this many units.
const WIDTH: f64 = 1000.0;
/// A band has words from this share of the chart on, in percent.
const ROOM_FOR_WORDS: f64 = 9.0;

/// A drawing.
pub(super) struct Plot {
    /// One sentence with the main finding.
    pub(super) label: String,
    pub(super) height: f64,
    pub(super) base: f64,
    pub(super) y_ticks: Vec<Tick>,
    pub(super) x_ticks: Vec<Tick>,
    /// Points of each line without a gap, and of the area below it.
    pub(super) lines: Vec<Line>,
    pub(super) bands: Vec<Band>,
    /// Where it is now.
    pub(super) now: f64,
}

pub(super) struct Line {
    pub(super) points: String,
    pub(super) area: String,
}

/// A time in which nothing was heard.
pub(super) struct Band {
    pub(super) x: f64,
    pub(super) width: f64,
    /// Empty where there is no room.
    pub(super) words: String,
    pub(super) title: String,
}

/// What waited.
pub(super) fn buffer(visitor: &Visitor, past: &Past) -> Plot {
    let texts = visitor.texts;
    let most = past.course.points.iter().max_by_key(|point| point.spool_batches);
    let label = match most.filter(|point| point.spool_batches > 0) {
        None => texts.t("gateways-chart-buffer-none"),
        Some(point) => {
            let time = texts.moment(&visitor.zone, point.at);
            texts.with("gateways-chart-buffer-most", [("count", point.spool_batches.into()), ("time", time.into())])
        }
    };
    draw(visitor, past, label, |point| point.spool_batches as f64)
}

/// How many agents were heard.
pub(super) fn agents(visitor: &Visitor, past: &Past) -> Plot {
    let most = past.course.points.iter().map(|point| point.agents_online).max().unwrap_or(0);
    let label = visitor.texts.count("gateways-chart-agents-most", most);
    draw(visitor, past, label, |point| f64::from(point.agents_online))
}

fn draw(visitor: &Visitor, past: &Past, label: String, value: impl Fn(&Point) -> f64) -> Plot {
    let texts = visitor.texts;
    let share = |at: Timestamp| {
        let since = at.as_millisecond() - past.span.from.as_millisecond();
        since as f64 / past.span.millis() as f64
    };
    let percent = |at: Timestamp| round(share(at) * 100.0);
    let points = &past.course.points;
    let axis = Axis::up_to(points.iter().map(&value).fold(0.0, f64::max));
    let place = |point: &Point| (round(share(point.at) * WIDTH), round(axis.y(value(point))));
    let ticks = course::ticks(visitor, past).into_iter();
    Plot {
        label,
        height: HEIGHT,
        base: BASE,
        y_ticks: axis.ticks(|value| texts.number(value as u64)),
        x_ticks: ticks.map(|(at, label)| Tick { at: percent(at), label }).collect(),
        lines: unbroken(points, past.step_ms()).map(|run| line(&run.iter().map(place).collect::<Vec<_>>())).collect(),
        bands: past.silences.iter().map(|silence| band(visitor, past, *silence, percent)).collect(),
        now: percent(past.now),
    }
}

/// Runs of points with nothing missing between them.
fn unbroken(points: &[Point], step_ms: i64) -> impl Iterator<Item = &[Point]> {
    points.chunk_by(move |one, next| next.at.as_millisecond() - one.at.as_millisecond() <= step_ms * 5 / 2)
}

fn line(places: &[(f64, f64)]) -> Line {
    let mut places = places.to_vec();
    if let [(x, y)] = places.as_slice() {
        // One point alone is seen as a short line.
        places.push((x + 2.0, *y));
    }
    let points: Vec<String> = places.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let ends = places.first().zip(places.last());
    let points = points.join(" ");
    let area = ends.map(|((first, _), (last, _))| format!("{first},{BASE} {points} {last},{BASE}"));
    Line { area: area.unwrap_or_default(), points }
}

fn band(visitor: &Visitor, past: &Past, silence: Span, percent: impl Fn(Timestamp) -> f64) -> Band {
    let texts = visitor.texts;
    let (x, end) = (percent(silence.from), percent(silence.to));
    let time = |at: Timestamp| texts.moment(&visitor.zone, at);
    let goes_on = silence.to >= past.now;
    let title = match goes_on {
        true => texts.with("gateways-band-since", [("from", time(silence.from).into())]),
        false => {
            let both = [("from", time(silence.from).into()), ("to", time(silence.to).into())];
            texts.with("gateways-band-from-to", both)
        }
    };
    let width = round((end - x).max(0.2));
    Band { x, width, words: if width >= ROOM_FOR_WORDS { texts.t("gateways-band") } else { String::new() }, title }
}

#[cfg(test)]
mod tests {
    use super::line;
    use super::unbroken;
    use crate::fleet::presence::Point;
    use crate::kernel::Timestamp;

    #[test]
    fn a_line_is_interrupted_where_nothing_is_known() {
        let point = |second: i64| Point {
            at: Timestamp::from_second(second).unwrap(),
            spool_batches: 0,
            spool_bytes: 0,
            spool_max_bytes: 0,
            cpu_permille: 0,
            memory_bytes: 0,
            disk_free_bytes: 0,
            agents_online: 0,
        };
        let points = [0, 300, 600, 2_000, 2_300].map(point);
        let runs: Vec<usize> = unbroken(&points, 300_000).map(<[Point]>::len).collect();
        assert_eq!(runs, [3, 2]);
    }

    #[test]
    fn an_area_ends_on_the_base_and_a_single_point_is_seen() {
        let line = line(&[(10.0, 50.0)]);
        assert_eq!(line.points, "10,50 12,50");
        assert_eq!(line.area, "10,200 10,50 12,50 12,200");
    }
}
