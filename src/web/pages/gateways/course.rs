//! How a gateway was in the past day and month: charts, and strips of half hours.

use std::collections::BTreeSet;

use super::plot;
use super::plot::Plot;
use crate::fleet::Gateway;
use crate::fleet::Peer;
use crate::fleet::presence::Course;
use crate::fleet::presence::Liveness;
use crate::fleet::presence::Seen;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::Visitor;
use crate::web::pages::overview::Period;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Days in the longer chart; statuses are kept for as long.
const DAYS: i64 = 30;
/// Half hours in a strip.
pub(in crate::web::pages) const CELLS: i64 = 48;
/// The height of a cell of something that is known.
pub(in crate::web::pages) const FULL: f64 = 22.0;

/// How much of the past is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web::pages) enum Range {
    Day,
    Month,
}

/// What the address says of it.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    range: String,
}

impl Asked {
    pub(super) fn range(&self) -> Range {
        if self.range == Range::Month.name() { Range::Month } else { Range::Day }
    }
}

impl Range {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Range::Day => "day",
            Range::Month => "month",
        }
    }

    /// Points of a chart: every five minutes, every two hours.
    const fn points(self) -> u32 {
        match self {
            Range::Day => 288,
            Range::Month => 360,
        }
    }

    /// Rows of a table: hours, days.
    pub(super) const fn rows(self) -> u32 {
        match self {
            Range::Day => 24,
            Range::Month => 30,
        }
    }

    /// Whole hours or days, the one that has begun included.
    pub(in crate::web::pages) fn span(self, visitor: &Visitor, now: Timestamp) -> Span {
        let back = |from: Timestamp, secs: i64| Timestamp::from_second(from.as_second() - secs).unwrap_or(from);
        let (to, length) = match self {
            Range::Day => (back(now, now.as_second().rem_euclid(HOUR) - HOUR), DAY),
            Range::Month => (visitor.zone.span_of(visitor.zone.day_of(now)).to, DAYS * DAY),
        };
        Span::new(back(to, length), to)
    }
}

/// A period of a gateway with everything that is needed to draw it.
pub(super) struct Past {
    pub(super) range: Range,
    pub(super) span: Span,
    pub(super) course: Course,
    /// When it was not heard.
    pub(super) silences: Vec<Span>,
    pub(super) now: Timestamp,
}

impl Past {
    /// Reads it, in as many points as a chart has or as a table has rows.
    pub(super) async fn read(
        app: &App,
        visitor: &Visitor,
        (gateway, seen): (&Gateway, Option<&Seen>),
        (range, points): (Range, u32),
    ) -> Result<Self, PageFailure> {
        let now = app.clock.now();
        let span = range.span(visitor, now);
        let peer = Peer { organization: gateway.organization, gateway: gateway.id };
        let course = app.gateway_history.course(visitor.actor(), peer, span, points).await;
        let course = course.map_err(|problem| visitor.failure(problem))?;
        let silent = seen.filter(|seen| seen.liveness == Liveness::Offline).map(|seen| seen.since);
        let known = gateway.enrolled.as_ref().is_some_and(|enrolled| enrolled.at < span.from);
        let silences = silences(&course, Span::new(span.from, now), (known, silent));
        Ok(Self { range, span, course, silences, now })
    }

    /// How far apart the points of its chart are.
    pub(super) fn step_ms(&self) -> i64 {
        self.span.millis() / i64::from(self.range.points())
    }

    pub(super) fn silent_secs(&self, within: Span) -> u64 {
        let overlaps = self.silences.iter().filter_map(|silence| silence.intersect(within));
        u64::try_from(overlaps.map(Span::millis).sum::<i64>() / 1000).unwrap_or(0)
    }

    /// The slots of the period that have begun.
    pub(super) fn slots(&self, count: i64) -> impl Iterator<Item = Span> {
        slots(self.span, count, self.now)
    }
}

/// The slots of a period that have begun.
pub(in crate::web::pages) fn slots(span: Span, count: i64, now: Timestamp) -> impl Iterator<Item = Span> {
    let (from, length) = (span.from.as_second(), span.millis() / 1000 / count);
    let at = move |slot| Timestamp::from_second(from + slot * length).unwrap_or(Timestamp::MAX);
    let slots = (0..count).map(move |slot| Span::new(at(slot), at(slot + 1)));
    slots.take_while(move |slot| slot.from <= now)
}

/// From when to when it was not heard. `known` says that it was heard before the period, `silent` since when it is not
/// heard now.
fn silences(course: &Course, span: Span, (known, silent): (bool, Option<Timestamp>)) -> Vec<Span> {
    let mut found = Vec::new();
    let first_point = course.points.first().map(|point| point.at);
    let begins_silent = match course.changes.first() {
        Some(first) => first.online && known && first_point.is_none_or(|at| at >= first.at),
        None => silent.is_some() && first_point.is_none(),
    };
    let mut since = begins_silent.then_some(span.from);
    for change in &course.changes {
        match (change.online, since) {
            (false, None) => since = Some(change.at),
            (true, Some(from)) => {
                found.push(Span::new(from, change.at));
                since = None;
            }
            _ => {}
        }
    }
    if let Some(from) = since {
        // The newest events may still be on their way.
        found.extend(silent.map(|_| Span::new(from, span.to)));
    }
    found
}

/// A part of a strip, in percent and pixels.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::web::pages) struct Cell {
    pub(in crate::web::pages) kind: &'static str,
    pub(in crate::web::pages) x: f64,
    pub(in crate::web::pages) y: f64,
    pub(in crate::web::pages) height: f64,
}

/// The past day in half hours.
pub(super) struct Day {
    pub(super) contact: Vec<Cell>,
    pub(super) buffer: Vec<Cell>,
    pub(super) silent_secs: u64,
}

impl Day {
    fn of(past: &Past) -> Self {
        let slots: Vec<Span> = past.slots(CELLS).collect();
        let x = |index: usize| index as f64 * 100.0 / CELLS as f64;
        let points = |slot: Span| past.course.points.iter().filter(move |point| slot.contains(point.at));
        let contact = slots.iter().enumerate().map(|(index, slot)| {
            let heard = points(*slot).next().is_some();
            let silent = past.silences.iter().any(|silence| silence.intersect(*slot).is_some());
            let (kind, height) = match (silent, heard) {
                (true, _) => ("bad", FULL),
                (false, true) => ("ok", FULL),
                (false, false) => ("none", 2.0),
            };
            Cell { kind, x: x(index), y: FULL - height, height }
        });
        let most = past.course.points.iter().map(|point| point.spool_batches).max().unwrap_or(0).max(20) as f64;
        let buffer = slots.iter().enumerate().map(|(index, slot)| {
            let waiting = points(*slot).map(|point| point.spool_batches).max();
            let high = points(*slot).any(|point| {
                point.spool_max_bytes > 0 && point.spool_bytes.saturating_mul(100) / point.spool_max_bytes > 80
            });
            let height = waiting.map_or(2.0, |waiting| (waiting as f64 / most * FULL).max(2.0).round());
            let kind = match waiting {
                None => "none",
                Some(_) if high => "look",
                Some(_) => "ok",
            };
            Cell { kind, x: x(index), y: FULL - height, height }
        });
        Self {
            contact: contact.collect(),
            buffer: buffer.collect(),
            silent_secs: past.silent_secs(Span::new(past.span.from, past.now)),
        }
    }
}

/// Charts with what stands around them.
pub(super) struct Charts {
    pub(super) ranges: Vec<Period>,
    pub(super) table_href: String,
    /// Absent until there is something to draw.
    pub(super) buffer: Option<Plot>,
    pub(super) agents: Option<Plot>,
    pub(super) buffer_note: String,
    pub(super) agents_note: String,
    pub(super) incomplete: bool,
}

/// The past day for the strips, and the charts that were asked for.
pub(super) async fn of(
    app: &App,
    visitor: &Visitor,
    (gateway, seen): (&Gateway, Option<&Seen>),
    range: Range,
) -> Result<(Day, Charts), PageFailure> {
    let day = Past::read(app, visitor, (gateway, seen), (Range::Day, Range::Day.points())).await?;
    let cells = Day::of(&day);
    let past = match range {
        Range::Day => day,
        Range::Month => Past::read(app, visitor, (gateway, seen), (range, range.points())).await?,
    };
    let texts = visitor.texts;
    let href = format!("/gateways/{}", gateway.id);
    let empty = past.course.points.is_empty();
    let note = |key: &str| texts.t(&format!("{key}-{}", range.name()));
    let charts = Charts {
        ranges: ranges(visitor, &href, range),
        table_href: format!("{href}/table?range={}", range.name()),
        buffer: (!empty).then(|| plot::buffer(visitor, &past)),
        agents: (!empty).then(|| plot::agents(visitor, &past)),
        buffer_note: note("gateways-chart-buffer-note"),
        agents_note: note("gateways-chart-agents-note"),
        incomplete: past.course.incomplete,
    };
    Ok((cells, charts))
}

fn ranges(visitor: &Visitor, href: &str, current: Range) -> Vec<Period> {
    let one =
        |range: Range, key: &str, href: String| Period { href, label: visitor.texts.t(key), current: range == current };
    vec![
        one(Range::Day, "gateways-range-day", href.to_owned()),
        one(Range::Month, "gateways-range-month", format!("{href}?range=month")),
    ]
}

/// Full hours or days, with their names, for the ticks of a chart.
pub(super) fn ticks(visitor: &Visitor, past: &Past) -> Vec<(Timestamp, String)> {
    let texts = visitor.texts;
    let mut seen = BTreeSet::new();
    match past.range {
        Range::Day => {
            let hours = (0..=24).map(|hour| Timestamp::from_second(past.span.from.as_second() + hour * HOUR));
            let hours = hours.filter_map(Result::ok).filter(|at| visitor.zone.civil(*at).hour() % 3 == 0);
            hours.map(|at| (at, texts.time(&visitor.zone, at))).collect()
        }
        Range::Month => {
            let days = past.slots(DAYS).map(|slot| visitor.zone.day_of(slot.from)).filter(|day| seen.insert(*day));
            let days = days.filter(|day| day.day() == 1 || (day.day() % 5 == 0 && day.day() < 30));
            days.map(|day| (visitor.zone.span_of(day).from, texts.day_brief(day))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::silences;
    use crate::fleet::presence::Change;
    use crate::fleet::presence::Course;
    use crate::kernel::Span;
    use crate::kernel::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_334_400 + second).unwrap()
    }

    #[test]
    fn silences_are_told_from_what_nobody_knows() {
        let span = Span::new(at(0), at(100));
        let found = |changes: &[(i64, bool)], known, silent: Option<i64>| {
            let changes = changes.iter().map(|(second, online)| Change { at: at(*second), online: *online }).collect();
            let course = Course { changes, ..Course::default() };
            let found = silences(&course, span, (known, silent.map(at)));
            found.iter().map(|one| (one.from, one.to)).collect::<Vec<_>>()
        };
        assert_eq!(found(&[], true, None), []);
        assert_eq!(found(&[(10, false), (30, true)], true, None), [(at(10), at(30))]);
        // Heard for the first time, or heard again since before the period.
        assert_eq!(found(&[(30, true)], false, None), []);
        assert_eq!(found(&[(30, true)], true, None), [(at(0), at(30))]);
        // Still going on, begun within the period or before.
        assert_eq!(found(&[(30, false)], true, Some(30)), [(at(30), at(100))]);
        assert_eq!(found(&[], true, Some(-50)), [(at(0), at(100))]);
        // It is heard again, and the event of that is still on its way.
        assert_eq!(found(&[(30, false)], true, None), []);
    }
}
