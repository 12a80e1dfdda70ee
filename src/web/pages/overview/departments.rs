//! Departments today: how many are in use, hour by hour, how much of it was useful.

use crate::monitoring::DepartmentNow;
use crate::monitoring::Overview;
use crate::web::Texts;
use crate::web::Visitor;

/// The first hour of the heat strip.
const FIRST_HOUR: usize = 7;
/// How many hours it has.
pub(super) const HEAT_HOURS: usize = 12;
/// Rows on the first page; the rest is one link away.
const ROWS: usize = 16;

/// A department's row.
pub(super) struct DepartmentRow {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) inset: &'static str,
    pub(super) people_href: String,
    pub(super) in_use: String,
    pub(super) people: String,
    pub(super) in_use_percent: u64,
    pub(super) heat: Vec<Cell>,
    pub(super) heat_label: String,
    pub(super) useful: String,
    pub(super) useful_percent: i64,
    pub(super) first_input: String,
}

/// An hour.
pub(super) struct Cell {
    pub(super) level: u8,
}

pub(super) fn rows(visitor: &Visitor, overview: &Overview) -> Vec<DepartmentRow> {
    let deepest = if overview.departments.len() > ROWS { 0 } else { usize::MAX };
    // Where one department holds all others, its parts say more than itself.
    let roots = overview.departments.iter().filter(|one| one.depth == 0).count();
    let deepest = if deepest == 0 && roots < 3 { 1 } else { deepest };
    let hours = hours_so_far(visitor, overview);
    let shown = overview.departments.iter().filter(|one| one.depth <= deepest).take(ROWS);
    shown.map(|one| row(visitor, one, hours)).collect()
}

/// The head of the column with the hours.
pub(super) fn heat_head(texts: Texts) -> String {
    let hour = |hour: usize| format!("{hour:02}:00");
    texts.with("overview-heat", [("from", hour(FIRST_HOUR).into()), ("to", hour(FIRST_HOUR + HEAT_HOURS).into())])
}

/// How many hours of the strip have begun.
fn hours_so_far(visitor: &Visitor, overview: &Overview) -> usize {
    let as_of = overview.completeness.as_of.unwrap_or(overview.completeness.applied_through);
    let hour = usize::try_from(visitor.zone.civil(as_of).hour()).unwrap_or(0);
    (hour + 1).saturating_sub(FIRST_HOUR).min(HEAT_HOURS)
}

fn row(visitor: &Visitor, one: &DepartmentNow, hours: usize) -> DepartmentRow {
    let texts = visitor.texts;
    let heat = one.hours.iter().skip(FIRST_HOUR).take(hours);
    let active = one.totals.active_ms();
    let busiest = one.hours.iter().enumerate().filter(|(_, share)| **share > 0.0);
    let busiest = busiest.max_by(|(_, one), (_, two)| one.total_cmp(two)).map(|(hour, _)| hour);
    DepartmentRow {
        href: format!("/departments/{}", one.department),
        name: one.name.clone(),
        inset: match one.depth {
            0 => "",
            1 => "nz-tree-1",
            _ => "nz-tree-2",
        },
        people_href: format!("/people?department={}", one.department),
        in_use: texts.number(one.in_use as u64),
        people: texts.number(one.people as u64),
        in_use_percent: (one.in_use as u64 * 100).checked_div(one.people as u64).unwrap_or(0),
        heat: heat.map(|share| Cell { level: level(*share) }).collect(),
        heat_label: match busiest {
            Some(hour) => texts.with(
                "overview-heat-most",
                [("from", format!("{hour:02}").into()), ("to", format!("{:02}", hour + 1).into())],
            ),
            None => texts.t("overview-heat-none"),
        },
        useful: if active > 0 { texts.percent(one.totals.useful_ms, active) } else { "\u{2013}".to_owned() },
        useful_percent: (one.totals.useful_ms * 100).checked_div(active).unwrap_or(0),
        first_input: one.first_input.map_or_else(|| "\u{2013}".to_owned(), |at| texts.time(&visitor.zone, at)),
    }
}

fn level(share: f64) -> u8 {
    if share <= 0.0 { 0 } else { (share * 5.0).ceil().clamp(1.0, 5.0) as u8 }
}
