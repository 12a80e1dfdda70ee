//! The big number and the strip of who is doing what.

use crate::monitoring;
use crate::monitoring::Overview;
use crate::web::Texts;

/// A part that has anybody is never narrower than this, in percent.
const LEAST: f64 = 0.8;
/// Between two parts, in percent.
const SPACE: f64 = 0.24;

/// The strip with its number.
pub(super) struct Presence {
    pub(super) number: String,
    pub(super) of: String,
    pub(super) word: String,
    pub(super) note: String,
    pub(super) href: String,
    pub(super) bracket: String,
    pub(super) parts: Vec<Part>,
}

/// One part of the strip.
pub(super) struct Part {
    pub(super) kind: &'static str,
    pub(super) count: String,
    pub(super) word: String,
    pub(super) href: String,
    pub(super) x: f64,
    pub(super) width: f64,
}

pub(super) fn strip(texts: Texts, overview: &Overview) -> Presence {
    let counts = counts(overview);
    let total: usize = counts.iter().sum();
    let used: Vec<f64> = counts.iter().map(|count| share(*count, total)).collect();
    let whole: f64 = used.iter().sum::<f64>().max(1.0);
    let kinds = [
        ("inside", "state-at-computer", "at_computer"),
        ("no-input", "overview-no-input", "no_input"),
        ("locked", "overview-locked", "locked"),
        ("out", "overview-seen-today", "seen_today"),
        ("away", "overview-not-seen", "not_seen"),
    ];
    let mut x = 0.0;
    let mut parts = Vec::new();
    for ((kind, word, name), (count, width)) in kinds.into_iter().zip(counts.into_iter().zip(used)) {
        let width = width / whole * 100.0;
        parts.push(Part {
            kind,
            count: texts.number(count as u64),
            word: texts.t(word),
            href: format!("/people?state={name}"),
            x: round(x),
            width: round((width - SPACE).max(0.0)),
        });
        x += width;
    }
    let [at_computer, ..] = counts;
    let bracket = parts.first().filter(|part| part.width > 1.0).map(|part| part.width.to_string());
    Presence {
        number: texts.number(at_computer as u64),
        of: texts.with("of-total", [("total", texts.number(total as u64).into())]),
        word: texts.count("overview-now", at_computer),
        note: String::new(),
        href: "/people?state=at_computer".to_owned(),
        bracket: bracket.unwrap_or_default(),
        parts,
    }
}

/// How many people are in each state, in the order of the strip.
fn counts(overview: &Overview) -> [usize; 5] {
    let count =
        |wanted: fn(monitoring::Presence) -> bool| overview.people.iter().filter(|one| wanted(one.presence)).count();
    [
        count(|one| matches!(one, monitoring::Presence::AtComputer(_))),
        count(|one| matches!(one, monitoring::Presence::NoInput(_))),
        count(|one| matches!(one, monitoring::Presence::Locked(_))),
        count(|one| matches!(one, monitoring::Presence::SeenToday(_))),
        count(|one| matches!(one, monitoring::Presence::NotSeen)),
    ]
}

fn share(count: usize, total: usize) -> f64 {
    if count == 0 { 0.0 } else { (count as f64 / total.max(1) as f64 * 100.0).max(LEAST) }
}

pub(in crate::web::pages) fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
