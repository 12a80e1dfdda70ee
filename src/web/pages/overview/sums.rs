//! The parts of a summary: totals, bars, departments, what was used.

use crate::kernel::Day;
use crate::monitoring::Bucket;
use crate::monitoring::Category;
use crate::monitoring::Summary;
use crate::monitoring::SummaryBucket;
use crate::monitoring::TopRow;
use crate::monitoring::Totals;
use crate::web::Texts;
use crate::web::encode;
use crate::web::pages::overview::drawing::Axis;
use crate::web::pages::overview::drawing::HoursChart;
use crate::web::pages::overview::drawing::Link;
use crate::web::pages::overview::drawing::Tick;
use crate::web::pages::overview::presence::round;

const HOUR_MS: f64 = 3_600_000.0;
/// Rows of a list of what was used.
const RANKED: usize = 12;

/// A number with its words.
pub(super) struct Stat {
    pub(super) name: String,
    pub(super) figure: String,
    pub(super) note: String,
}

/// A department or a piece of time with what it adds up to.
pub(super) struct PartRow {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) people: String,
    pub(super) active: String,
    pub(super) useful: String,
    pub(super) useful_percent: i64,
    pub(super) neutral: String,
    pub(super) distracting: String,
}

/// An application or a site.
pub(super) struct RankedRow {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) parts: Vec<RankedPart>,
    pub(super) duration: String,
    pub(super) share: String,
}

/// The part of one category.
pub(super) struct RankedPart {
    pub(super) kind: &'static str,
    pub(super) x: f64,
    pub(super) width: f64,
}

/// Days put together where the answer came by day.
pub(super) fn joined(buckets: Vec<SummaryBucket>, by: Bucket) -> Vec<SummaryBucket> {
    let mut joined: Vec<SummaryBucket> = Vec::new();
    for one in buckets {
        match joined.last_mut() {
            Some(last) if by.begin(last.from) == by.begin(one.from) => {
                last.to = one.to;
                last.totals.add(&one.totals);
            }
            _ => joined.push(one),
        }
    }
    joined
}

pub(super) fn stats(texts: Texts, found: &Summary) -> Vec<Stat> {
    let totals = &found.totals;
    let active = totals.active_ms();
    let at_least = |text: String| match found.completeness.incomplete.is_empty() {
        true => text,
        false => format!("{} {text}", texts.t("at-least")),
    };
    let stat = |name: &str, figure: String, note: String| Stat { name: texts.t(name), figure, note };
    let share = |name: &str, ms: i64| {
        let note = texts.with("summary-useful-note", [("duration", hours(texts, ms).into())]);
        stat(name, texts.percent(ms, active), note)
    };
    let observed = hours(texts, totals.observed_ms());
    let days = texts.count("days-count", found.from.duration_until(found.to).as_hours() / 24 + 1);
    let each = active / i64::try_from(found.people.max(1)).unwrap_or(1);
    vec![
        stat(
            "summary-in-use",
            at_least(hours(texts, active)),
            texts.with("summary-in-use-note", [("observed", observed.into())]),
        ),
        stat("summary-per-person", hours(texts, each), texts.with("summary-per-person-note", [("days", days.into())])),
        share("state-useful", totals.useful_ms),
        share("state-neutral", totals.neutral_ms),
        share("state-distracting", totals.distracting_ms),
    ]
}

/// `href` gives where the bar of a day or a month leads.
pub(super) fn chart(texts: Texts, found: &Summary, (months, href): (bool, impl Fn(Day) -> String)) -> HoursChart {
    let most = found.buckets.iter().map(|one| one.totals.active_ms()).max().unwrap_or(0);
    let axis = Axis::up_to(most as f64 / HOUR_MS);
    let slot = 100.0 / found.buckets.len().max(1) as f64;
    let (mut bars, mut x_ticks, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for (index, one) in found.buckets.iter().enumerate() {
        let x = index as f64 * slot;
        let parts = [one.totals.useful_ms, one.totals.neutral_ms, one.totals.distracting_ms];
        axis.stack(round(x + slot * 0.16), round(slot * 0.68), parts.map(|ms| ms as f64 / HOUR_MS), &mut bars);
        let totals = &one.totals;
        if totals.active_ms() > 0 {
            let share = texts.percent(totals.useful_ms, totals.active_ms());
            let name = if months { texts.month_year(one.from) } else { texts.day_long(one.from) };
            let said =
                [("name", name.into()), ("active", hours(texts, totals.active_ms()).into()), ("share", share.into())];
            let label = texts.with("summary-bar", said);
            links.push(Link { href: href(one.from), label, x: round(x), width: round(slot) });
        }
        x_ticks.push(Tick { at: round(x + slot / 2.0), label: mark(texts, one.from, found.buckets.len(), months) });
    }
    let active = hours(texts, found.totals.active_ms());
    let share = texts.percent(found.totals.useful_ms, found.totals.active_ms());
    HoursChart {
        label: texts.with("summary-sentence", [("active", active.into()), ("share", share.into())]),
        height: 224.0,
        base: 200.0,
        y_ticks: axis.ticks(|hours| texts.number(hours as u64)),
        x_ticks,
        bars,
        lines: Vec::new(),
        now: None,
        links,
    }
}

/// Minutes say nothing beside a hundred hours.
fn hours(texts: Texts, ms: i64) -> String {
    match (ms + 1_800_000) / 3_600_000 {
        hours @ 100.. => texts.with("unit-hours", [("hours", texts.number(hours.unsigned_abs()).into())]),
        _ => texts.duration_ms(ms),
    }
}

/// What stands under a bar: a day of the week, a day of the month, a month.
fn mark(texts: Texts, from: Day, count: usize, months: bool) -> String {
    if months {
        texts.t(&format!("month-short-{}", from.month()))
    } else if count > 7 {
        let day = from.day();
        if day == 1 || day % 5 == 0 { day.to_string() } else { String::new() }
    } else {
        texts.day_short(from)
    }
}

pub(super) fn table(texts: Texts, found: &Summary, months: bool) -> Vec<PartRow> {
    let row = |one: &SummaryBucket| {
        let name = if months { texts.month_year(one.from) } else { texts.day_long(one.from) };
        PartRow { name, ..part(texts, &one.totals) }
    };
    found.buckets.iter().map(row).collect()
}

pub(super) fn departments(texts: Texts, found: &Summary, range: &str) -> Vec<PartRow> {
    let row = |one: &crate::monitoring::SummaryDepartment| PartRow {
        href: format!("/departments/{}/summary?range={range}&day={}", one.department, found.from),
        name: one.name.clone(),
        people: texts.number(one.people as u64),
        ..part(texts, &one.totals)
    };
    found.departments.iter().map(row).collect()
}

fn part(texts: Texts, totals: &Totals) -> PartRow {
    let active = totals.active_ms();
    let share = |ms: i64| if active > 0 { texts.percent(ms, active) } else { "\u{2013}".to_owned() };
    PartRow {
        href: String::new(),
        name: String::new(),
        people: String::new(),
        active: hours(texts, active),
        useful: share(totals.useful_ms),
        useful_percent: (totals.useful_ms * 100).checked_div(active).unwrap_or(0),
        neutral: share(totals.neutral_ms),
        distracting: share(totals.distracting_ms),
    }
}

/// What was used most; each row leads to its events.
pub(super) fn ranked(texts: Texts, rows: &[TopRow], (found, dataset): (&Summary, &str)) -> Vec<RankedRow> {
    let longest = rows.iter().map(|row| row.ms).max().unwrap_or(1).max(1) as f64;
    let active = found.totals.active_ms();
    let one = |row: &TopRow| {
        let (mut x, mut parts) = (0.0, Vec::new());
        for (category, ms) in Category::ALL.into_iter().zip(row.by_category) {
            let width = round(ms as f64 / longest * 100.0);
            if width > 0.0 {
                parts.push(RankedPart { kind: category.name(), x, width });
                x = round(x + width);
            }
        }
        let name = if row.name.is_empty() { texts.t("person-app-unknown") } else { row.name.clone() };
        RankedRow {
            href: format!("/activity?dataset={dataset}&from={}&to={}&q={}", found.from, found.to, encode(&row.name)),
            name,
            parts,
            duration: hours(texts, row.ms),
            share: texts.percent(row.ms, active),
        }
    };
    rows.iter().take(RANKED).map(one).collect()
}
