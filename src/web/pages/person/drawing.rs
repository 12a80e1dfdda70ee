//! A day as shapes: lanes, segments, gaps; the day lying and the day upright.

use crate::kernel::Span;
use crate::monitoring::Category;
use crate::monitoring::PersonDay;
use crate::monitoring::Segment;
use crate::monitoring::State;
use crate::monitoring::StateSpan;
use crate::monitoring::thin;
use crate::web::Visitor;
use crate::web::pages::person::window::NOMINAL_PX;
use crate::web::pages::person::window::Window;
use crate::web::pages::person::window::place_in;

/// Nothing narrower than this can be seen.
const MIN_PX: f64 = 2.0;
/// Width of a letter when it is decided whether a name fits.
const LETTER_PX: f64 = 7.0;
/// A gap says how long it is from this width on.
const GAP_TEXT_PX: f64 = 52.0;

/// The day lying: hours from left to right.
pub(super) struct Lying {
    pub(super) label: String,
    pub(super) role: String,
    pub(super) height: f64,
    pub(super) hours: Vec<Tick>,
    pub(super) ticks: Vec<Tick>,
    pub(super) band: Option<Band>,
    pub(super) lanes: Vec<Lane>,
    pub(super) gaps: Vec<Shape>,
}

pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

pub(super) struct Band {
    pub(super) x: f64,
    pub(super) width: f64,
}

pub(super) struct Lane {
    pub(super) id: &'static str,
    pub(super) label: String,
    pub(super) label_y: f64,
    pub(super) base: f64,
    pub(super) segments: Vec<Shape>,
}

/// One stretch with its facts.
pub(super) struct Shape {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) duration: String,
    pub(super) detail: String,
    pub(super) href: String,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) text: String,
}

/// The window of the whole day, in which the shown part is marked.
pub(super) struct Minimap {
    pub(super) label: String,
    pub(super) shown: String,
    pub(super) first: i64,
    pub(super) span: i64,
    pub(super) step: i64,
    pub(super) pattern: String,
    pub(super) shapes: Vec<MiniShape>,
    pub(super) x: f64,
    pub(super) width: f64,
}

pub(super) struct MiniShape {
    pub(super) kind: &'static str,
    pub(super) x: f64,
    pub(super) width: f64,
}

/// Draws a day for one visitor.
pub(super) struct Pen<'a> {
    pub(super) visitor: &'a Visitor,
    pub(super) day: &'a PersonDay,
    pub(super) window: Window,
    /// Address of the events behind a stretch, without its times.
    pub(super) events: String,
}

impl Pen<'_> {
    pub(super) fn lying(&self, label: String) -> Lying {
        let texts = self.visitor.texts;
        let window = self.window;
        let hours = window.steps(window.zoom.step_minutes());
        let ticks = window.steps(window.zoom.step_minutes() / 2);
        let tick = |at, label| Tick { at: window.percent(at), label };
        Lying {
            label,
            role: texts.t("person-timeline"),
            height: 176.0,
            hours: hours.iter().map(|at| tick(*at, texts.time(&self.visitor.zone, *at))).collect(),
            ticks: ticks.into_iter().map(|at| tick(at, String::new())).collect(),
            band: None,
            lanes: vec![
                self.lane("computer", "person-lane-computer", (50.0, 0.0), self.states()),
                self.lane("applications", "person-lane-applications", (96.0, 114.0), self.uses(true, 70.0, 44.0)),
                self.lane("sites", "person-lane-sites", (145.0, 150.0), self.uses(false, 132.0, 18.0)),
            ],
            gaps: self.gaps(),
        }
    }

    fn lane(&self, id: &'static str, word: &str, (label_y, base): (f64, f64), segments: Vec<Shape>) -> Lane {
        Lane { id, label: self.visitor.texts.t(word), label_y, base, segments }
    }

    /// The computers: one row, or several thin ones.
    fn states(&self) -> Vec<Shape> {
        let lanes = &self.day.timeline.lanes;
        let rows = lanes.len().max(1) as f64;
        let height = (16.0 - (rows - 1.0)) / rows;
        let mut shapes = Vec::new();
        for (index, lane) in lanes.iter().enumerate() {
            let place = self.day.places.iter().find(|place| place.account == lane.account);
            let computer = place.map(|place| place.computer_name.clone()).unwrap_or_default();
            let y = 38.0 + index as f64 * (height + 1.0);
            let drawn = lane.states.iter().filter(|one| one.state != State::NoData);
            shapes.extend(drawn.filter_map(|one| self.state(one, &computer, (y, height))));
        }
        shapes
    }

    fn state(&self, one: &StateSpan, computer: &str, (y, height): (f64, f64)) -> Option<Shape> {
        let (kind, word) = match one.state {
            State::Active => ("active", "state-active"),
            State::NoInput => ("no-input", "state-no-input"),
            State::Locked => ("locked", "state-locked"),
            State::NoData => ("no-data", "state-no-data"),
        };
        let name = self.visitor.texts.t(word);
        self.shape(kind, name, one.span, one.span.millis()).map(|shape| Shape {
            detail: computer.to_owned(),
            y,
            height,
            ..shape
        })
    }

    /// Applications or sites.
    fn uses(&self, applications: bool, y: f64, height: f64) -> Vec<Shape> {
        let timeline = &self.day.timeline;
        let all = if applications { &timeline.applications } else { &timeline.sites };
        let inside: Vec<Segment> =
            all.iter().filter(|one| one.span.intersect(self.window.shown).is_some()).cloned().collect();
        let drawn = thin(&inside, self.window.px_per_ms(), MIN_PX);
        drawn.iter().filter_map(|one| self.usage(one, applications, (y, height))).collect()
    }

    fn usage(&self, one: &Segment, applications: bool, (y, height): (f64, f64)) -> Option<Shape> {
        let unknown = || self.visitor.texts.t("person-app-unknown");
        let app = if one.app.is_empty() { unknown() } else { one.app.clone() };
        let name = match &one.site {
            Some(site) if applications => format!("{app} \u{b7} {site}"),
            Some(site) => site.clone(),
            None => app.clone(),
        };
        let shape = self.shape(kind_of(one.category), name, one.span, one.ms)?;
        let short = if applications { app } else { one.site.clone().unwrap_or(app) };
        let fits = shape.width / 100.0 * NOMINAL_PX >= short.chars().count() as f64 * LETTER_PX + 9.0;
        let text = if fits { short } else { String::new() };
        Some(Shape { detail: one.title.clone(), y, height, text, ..shape })
    }

    fn gaps(&self) -> Vec<Shape> {
        let texts = self.visitor.texts;
        let silent = self.day.timeline.states.iter().filter(|one| one.state == State::NoData).map(|one| one.span);
        let expected = self.day.expected.map(|span| (span, "person-gap-expected"));
        let found = silent.map(|span| (span, "person-gap-silent")).chain(expected);
        found
            .filter_map(|(span, reason)| {
                let shape = self.shape("no-data", texts.t("state-no-data"), span, span.millis())?;
                let wide = shape.width / 100.0 * NOMINAL_PX >= GAP_TEXT_PX;
                let text = if wide { texts.t("state-no-data") } else { String::new() };
                Some(Shape { detail: texts.t(reason), y: 34.0, height: 120.0, text, ..shape })
            })
            .collect()
    }

    fn shape(&self, kind: &'static str, name: String, span: Span, ms: i64) -> Option<Shape> {
        let texts = self.visitor.texts;
        let (x, width) = self.window.place(span)?;
        let zone = &self.visitor.zone;
        Some(Shape {
            kind,
            name,
            from: texts.time(zone, span.from),
            to: texts.time(zone, span.to),
            duration: texts.duration_ms(ms),
            detail: String::new(),
            href: format!("{}&from={}&to={}", self.events, span.from, span.to),
            x,
            y: 0.0,
            width: width.max(MIN_PX / NOMINAL_PX * 100.0),
            height: 0.0,
            text: String::new(),
        })
    }

    /// The whole day in small, when only a part of it is drawn.
    pub(super) fn minimap(&self, pattern: String) -> Minimap {
        let texts = self.visitor.texts;
        let whole = self.window.whole;
        let px_per_ms = NOMINAL_PX / whole.millis().max(1) as f64;
        let drawn = thin(&self.day.timeline.applications, px_per_ms, MIN_PX);
        let shapes = drawn.iter().filter_map(|one| {
            let (x, width) = place_in(whole, one.span)?;
            Some(MiniShape { kind: kind_of(one.category), x, width: width.max(0.2) })
        });
        let (x, width) = place_in(whole, self.window.shown).unwrap_or((0.0, 100.0));
        let minute = |at: crate::kernel::Timestamp| (at.as_second() - self.day.span.from.as_second()) / 60;
        let (from, to) = (
            texts.time(&self.visitor.zone, self.window.shown.from),
            texts.time(&self.visitor.zone, self.window.shown.to),
        );
        Minimap {
            label: texts.day_short(self.day.day),
            shown: texts.with("person-shown", [("from", from.into()), ("to", to.into())]),
            first: minute(whole.from),
            span: whole.millis() / 60_000,
            step: 30,
            pattern,
            shapes: shapes.collect(),
            x,
            width,
        }
    }
}

/// The mark of a category.
pub(super) const fn kind_of(category: Category) -> &'static str {
    match category {
        Category::Useful => "useful",
        Category::Neutral => "neutral",
        Category::Distracting => "distracting",
    }
}
