//! The strip of seven days above a day.

use crate::kernel::Day;
use crate::kernel::EmployeeId;
use crate::monitoring::Category;
use crate::monitoring::PersonWeek;
use crate::monitoring::State;
use crate::monitoring::StripDay;
use crate::web::Visitor;
use crate::web::pages::person::drawing::kind_of;
use crate::web::pages::person::window::round;

/// Hours of the strip: lines stand at 8, 11, 14, 17 and 20.
const HOURS: (i64, i64) = (6, 22);
const FOOT: f64 = 36.0;
/// Height of half an hour of activity.
const FULL: f64 = 27.0;
const HALF_HOUR_MS: f64 = 1_800_000.0;

pub(super) struct WeekDay {
    pub(super) href: String,
    pub(super) current: bool,
    pub(super) weekday: String,
    pub(super) day: String,
    pub(super) sum: String,
    pub(super) sum_short: String,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) note: String,
    pub(super) shapes: Vec<Block>,
}

pub(super) struct Block {
    pub(super) kind: &'static str,
    pub(super) x: f64,
    pub(super) width: f64,
    pub(super) y: f64,
    pub(super) height: f64,
}

/// The strip, with one day chosen.
pub(super) fn strip(visitor: &Visitor, employee: EmployeeId, week: &PersonWeek, chosen: Day) -> Vec<WeekDay> {
    week.days.iter().map(|day| week_day(visitor, employee, day, chosen)).collect()
}

fn week_day(visitor: &Visitor, employee: EmployeeId, day: &StripDay, chosen: Day) -> WeekDay {
    let texts = visitor.texts;
    let time = |at: Option<crate::kernel::Timestamp>| at.map(|at| texts.time(&visitor.zone, at)).unwrap_or_default();
    let active = day.totals.active_ms();
    let empty = active == 0;
    WeekDay {
        href: format!("/people/{employee}?day={}", day.day),
        current: day.day == chosen,
        weekday: texts.weekday_short(day.day),
        day: day.day.day().to_string(),
        sum: if empty { String::new() } else { texts.duration_ms(active) },
        sum_short: if empty { "\u{2013}".to_owned() } else { texts.duration_short(active) },
        first: time(day.first_input),
        last: time(day.last_input),
        note: if empty { texts.t("person-week-nothing") } else { String::new() },
        shapes: presence(day).into_iter().chain(activity(day)).collect(),
    }
}

/// When a computer was in use, as a line at the top.
fn presence(day: &StripDay) -> Vec<Block> {
    let used = day.states.iter().filter(|one| matches!(one.state, State::Active | State::NoInput));
    let begin = day.span.from.as_millisecond();
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for one in used {
        let (from, to) = (one.span.from.as_millisecond() - begin, one.span.to.as_millisecond() - begin);
        match merged.last_mut() {
            Some((_, end)) if from - *end < 600_000 => *end = (*end).max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
        .into_iter()
        .filter_map(|(from, to)| {
            let (x, width) = place(from, to)?;
            Some(Block { kind: "inside", x, width, y: 0.0, height: 4.0 })
        })
        .collect()
}

/// Half hours, stacked by category.
fn activity(day: &StripDay) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (index, totals) in (0_i64..).zip(&day.half_hours) {
        let Some((x, width)) = place(index * 1_800_000, (index + 1) * 1_800_000) else { continue };
        let mut y = FOOT;
        for category in Category::ALL {
            let height = round(totals.of(category) as f64 / HALF_HOUR_MS * FULL);
            if height >= 0.5 {
                y = round(y - height);
                blocks.push(Block { kind: kind_of(category), x, width: round(width * 0.86), y, height });
            }
        }
    }
    blocks
}

fn place(from_ms: i64, to_ms: i64) -> Option<(f64, f64)> {
    let (first, last) = (HOURS.0 * 3_600_000, HOURS.1 * 3_600_000);
    let (from, to) = (from_ms.max(first), to_ms.min(last));
    let percent = |ms: i64| round((ms - first) as f64 / (last - first) as f64 * 100.0);
    (from < to).then(|| (percent(from), round(percent(to) - percent(from))))
}
