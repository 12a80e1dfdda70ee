//! The day upright, for phones: time runs down, names stand at the right where they do not overlap.

use crate::kernel::Span;
use crate::monitoring::State;
use crate::monitoring::thin;
use crate::web::pages::person::drawing::Pen;
use crate::web::pages::person::drawing::Tick;
use crate::web::pages::person::drawing::kind_of;
use crate::web::pages::person::window::round;

const PX_PER_MINUTE: f64 = 1.06;
/// Two names need so much room between their lines.
const LINE_PX: f64 = 19.0;
/// Names up to so many letters have room beside their duration on the narrowest phones.
const LETTERS: usize = 18;
/// Above the first hour.
const TOP_PX: f64 = 10.0;

pub(super) struct Upright {
    pub(super) label: String,
    pub(super) columns: String,
    pub(super) height: f64,
    pub(super) hours: Vec<Tick>,
    pub(super) shapes: Vec<Bar>,
    pub(super) texts: Vec<Note>,
    pub(super) gaps: Vec<Gap>,
}

pub(super) struct Bar {
    pub(super) kind: &'static str,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

pub(super) struct Note {
    pub(super) y: f64,
    pub(super) name: String,
    pub(super) note: String,
    pub(super) flag: bool,
}

pub(super) struct Gap {
    pub(super) y: f64,
    pub(super) height: f64,
    pub(super) text: String,
}

impl Pen<'_> {
    pub(super) fn upright(&self, label: String) -> Upright {
        let texts = self.visitor.texts;
        let whole = self.window.whole;
        let hours = super::window::Window { shown: whole, ..self.window }.steps(60);
        let gaps = self.upright_gaps();
        let mut taken: Vec<f64> = gaps.iter().map(|gap| gap.y + gap.height / 2.0).collect();
        Upright {
            label,
            columns: texts.t("person-columns"),
            height: round(self.down(whole.to) + TOP_PX),
            hours: hours
                .into_iter()
                .map(|at| Tick { at: self.down(at), label: texts.time(&self.visitor.zone, at) })
                .collect(),
            shapes: self.bars(),
            texts: self.notes(&mut taken),
            gaps,
        }
    }

    fn down(&self, at: crate::kernel::Timestamp) -> f64 {
        let minutes = (at.as_millisecond() - self.window.whole.from.as_millisecond()) as f64 / 60_000.0;
        round(TOP_PX + minutes * PX_PER_MINUTE)
    }

    fn extent(&self, span: Span) -> Option<(f64, f64)> {
        let inside = span.intersect(self.window.whole)?;
        let (from, to) = (self.down(inside.from), self.down(inside.to));
        Some((from, round((to - from).max(1.0))))
    }

    fn bars(&self) -> Vec<Bar> {
        let timeline = &self.day.timeline;
        let states = timeline.states.iter().filter_map(|one| {
            let (kind, x, width) = match one.state {
                State::Active => ("active", 56.0, 10.0),
                State::NoInput => ("no-input", 61.0, 5.0),
                State::Locked => ("locked", 62.0, 4.0),
                State::NoData => return None,
            };
            let (y, height) = self.extent(one.span)?;
            Some(Bar { kind, x, y, width, height })
        });
        let drawn = thin(&timeline.applications, PX_PER_MINUTE / 60_000.0, 1.5);
        let uses = drawn.iter().filter_map(|one| {
            let kind = kind_of(one.category);
            let (y, height) = self.extent(one.span)?;
            Some(Bar { kind, x: 76.0, y, width: if kind == "neutral" { 20.0 } else { 28.0 }, height })
        });
        states.chain(uses).collect()
    }

    fn upright_gaps(&self) -> Vec<Gap> {
        let texts = self.visitor.texts;
        let silent = self.day.timeline.states.iter().filter(|one| one.state == State::NoData);
        let drawn = silent.filter_map(|one| {
            let (y, height) = self.extent(one.span)?;
            let duration = texts.duration_ms(one.span.millis());
            Some(Gap { y, height, text: format!("{}, {duration}", texts.t("state-no-data")) })
        });
        drawn.collect()
    }

    /// The longest stretches get their names first; what would overlap stays without one.
    fn notes(&self, taken: &mut Vec<f64>) -> Vec<Note> {
        let mut longest: Vec<_> = self.day.timeline.applications.iter().filter(|one| !one.app.is_empty()).collect();
        longest.sort_by_key(|one| std::cmp::Reverse(one.ms));
        let mut notes = Vec::new();
        for one in longest {
            let Some((y, height)) = self.extent(one.span) else { continue };
            let y = round(y + (height / 2.0).min(40.0) + 4.0);
            if taken.iter().any(|other| (other - y).abs() < LINE_PX) {
                continue;
            }
            taken.push(y);
            let letters = |text: &str| text.chars().count();
            let name = match &one.site {
                Some(site) if letters(&one.app) + letters(site) + 3 < LETTERS => format!("{} \u{b7} {site}", one.app),
                Some(site) if letters(site) < LETTERS => site.clone(),
                _ => one.app.clone(),
            };
            notes.push(Note { y, name, note: self.visitor.texts.duration_ms(one.ms), flag: false });
        }
        notes.sort_by(|a, b| a.y.total_cmp(&b.y));
        notes
    }
}
