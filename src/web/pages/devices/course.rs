//! How devices were: strips of the past day in half hours, and the changes of the past month as a table.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::find;
use super::words;
use crate::devices::Device;
use crate::devices::DeviceState;
use crate::devices::Standing;
use crate::devices::watch::Past;
use crate::devices::watch::Stretch;
use crate::kernel::DeviceId;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::web::App;
use crate::web::At;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::gateways::course::CELLS;
use crate::web::pages::gateways::course::Cell;
use crate::web::pages::gateways::course::FULL;
use crate::web::pages::gateways::course::Range;
use crate::web::pages::gateways::course::slots;
use crate::web::pages::gateways::health;

/// Up to so many seconds without contact in a half hour are a hiccup.
const HICCUP_SECS: i64 = 120;
/// Changes on the page of the device; the others are one click away.
pub(super) const FIRST: usize = 6;
/// Changes in the table.
const MOST: usize = 500;

/// The past day of a device.
pub(super) struct Day {
    pub(super) cells: Vec<Cell>,
    /// The same in one sentence.
    pub(super) words: String,
}

/// A time in which a device was the same, as a row.
pub(super) struct Change {
    pub(super) light: &'static str,
    pub(super) state: String,
    pub(super) why: String,
    pub(super) from: String,
    pub(super) lasted: String,
}

#[derive(Template)]
#[template(path = "devices/changes.html")]
struct ChangesPage {
    l: Layout,
    title: String,
    href: String,
    rows: Vec<Change>,
    incomplete: bool,
    more: bool,
}

/// `GET /devices/ID/changes`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    let device = find(&app, &visitor, id).await?;
    let past = month(&app, &visitor, &device).await?;
    let all = changes(&visitor, past.of(id), app.clock.now());
    let title = visitor.texts.t("devices-changes");
    let href = format!("/devices/{id}");
    let through = Crumb { href: href.clone(), label: device.name.to_string() };
    Ok(page(&ChangesPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &title).through([through]),
        title: visitor.texts.with("devices-changes-title", [("name", device.name.as_str().into())]),
        href,
        incomplete: past.incomplete,
        more: all.len() > MOST,
        rows: all.into_iter().take(MOST).collect(),
    })
    .into_response())
}

/// The past day of all devices.
pub(super) async fn days(
    app: &App,
    visitor: &Visitor,
    all: &[(Device, Standing)],
) -> Result<BTreeMap<DeviceId, Day>, PageFailure> {
    let (now, span) = (app.clock.now(), Range::Day.span(visitor, app.clock.now()));
    let past = app.device_history.past(visitor.actor(), (visitor.organization_id(), None), span, now).await;
    let mut past = past.map_err(|problem| visitor.failure(problem))?;
    let day = |(device, standing): &(Device, Standing)| {
        let known = past.stretches.remove(&device.id).unwrap_or_default();
        (device.id, Day::of(visitor, &up_to_now(known, standing, now), now))
    };
    Ok(all.iter().map(day).collect())
}

/// The past month of one device; it holds the past day.
pub(super) async fn month(app: &App, visitor: &Visitor, device: &Device) -> Result<Past, PageFailure> {
    let (now, organization) = (app.clock.now(), visitor.organization_id());
    let span = Range::Month.span(visitor, now);
    let past = app.device_history.past(visitor.actor(), (organization, Some(device.id)), span, now).await;
    let mut past = past.map_err(|problem| visitor.failure(problem))?;
    let standing = app.devices.standing(organization, device);
    let known = past.stretches.remove(&device.id).unwrap_or_default();
    past.stretches.insert(device.id, up_to_now(known, &standing, now));
    Ok(past)
}

/// The newest row may still be on its way; what is so now is known without it.
fn up_to_now(mut known: Vec<Stretch>, standing: &Standing, now: Timestamp) -> Vec<Stretch> {
    if known.last().is_some_and(|last| last.state == standing.state) {
        return known;
    }
    let told = standing.told.as_ref().map(|(_, told)| told);
    let last = known.last().map(|last| last.span.from);
    let since = told.filter(|_| standing.state != DeviceState::Unknown).and_then(|told| told.since);
    let from = since.or(last).unwrap_or(now).max(last.unwrap_or(Timestamp::MIN)).min(now);
    if let Some(last) = known.last_mut() {
        last.span.to = from;
    }
    known.retain(|one| one.span.from < one.span.to);
    let code = match standing.state {
        DeviceState::Offline | DeviceState::Error => told.and_then(|told| told.code.clone()).unwrap_or_default(),
        _ => String::new(),
    };
    if from < now {
        known.push(Stretch { span: Span::new(from, now), state: standing.state, code });
    }
    known
}

impl Day {
    pub(super) fn of(visitor: &Visitor, known: &[Stretch], now: Timestamp) -> Self {
        let span = Range::Day.span(visitor, now);
        Self { cells: cells(known, span, now), words: day_words(visitor.texts, known, Span::new(span.from, now)) }
    }
}

fn cells(known: &[Stretch], span: Span, now: Timestamp) -> Vec<Cell> {
    let cell = |(index, slot): (usize, Span)| {
        let kind = kind(known, slot);
        let height = if kind == "none" { 2.0 } else { FULL };
        Cell { kind, x: index as f64 * 100.0 / CELLS as f64, y: FULL - height, height }
    };
    slots(span, CELLS, now).enumerate().map(cell).collect()
}

/// The worst of a half hour; nothing where nobody knows anything.
fn kind(known: &[Stretch], slot: Span) -> &'static str {
    let is_away = |state| matches!(state, DeviceState::Offline | DeviceState::Error);
    let away = secs(known, slot, is_away);
    let answered = secs(known, slot, |state| state == DeviceState::Online) > 0;
    match away {
        HICCUP_SECS.. => "bad",
        1.. => "look",
        _ if answered => "ok",
        _ if secs(known, slot, |state| state == DeviceState::Connecting) > 0 => "look",
        _ => "none",
    }
}

fn secs(known: &[Stretch], within: Span, is: impl Fn(DeviceState) -> bool) -> i64 {
    let parts = known.iter().filter(|one| is(one.state)).filter_map(|one| one.span.intersect(within));
    (parts.map(Span::millis).sum::<i64>() + 999) / 1_000
}

fn day_words(texts: Texts, known: &[Stretch], day: Span) -> String {
    let away = secs(known, day, |state| matches!(state, DeviceState::Offline | DeviceState::Error));
    let answered = secs(known, day, |state| state == DeviceState::Online);
    match (away, answered) {
        (1.., _) => texts.with("devices-day-away", [("age", texts.age(away.unsigned_abs()).into())]),
        (_, 1..) => texts.t("devices-day-fine"),
        _ => texts.t("devices-day-unknown"),
    }
}

/// Newest first.
pub(super) fn changes(visitor: &Visitor, known: &[Stretch], now: Timestamp) -> Vec<Change> {
    let texts = visitor.texts;
    let row = |one: &Stretch| Change {
        light: words::light(one.state),
        state: words::state(texts, one.state),
        why: words::why(texts, &one.code),
        from: health::when(visitor, one.span.from, now),
        lasted: texts.age(health::secs_between(one.span.from, one.span.to)),
    };
    known.iter().rev().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::kind;
    use super::up_to_now;
    use crate::devices::DeviceState;
    use crate::devices::Standing;
    use crate::devices::watch::Stretch;
    use crate::kernel::Span;
    use crate::kernel::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_334_400 + second).unwrap()
    }

    fn stretch(from: i64, to: i64, state: DeviceState) -> Stretch {
        Stretch { span: Span::new(at(from), at(to)), state, code: String::new() }
    }

    #[test]
    fn a_half_hour_shows_its_worst_and_what_nobody_knows_is_nothing() {
        use DeviceState::*;
        let slot = Span::new(at(0), at(1_800));
        for (known, expected) in [
            (vec![], "none"),
            (vec![stretch(-9, 1_900, Online)], "ok"),
            (vec![stretch(0, 1_000, Unknown), stretch(1_000, 1_800, Online)], "ok"),
            (vec![stretch(0, 1_800, Unknown)], "none"),
            (vec![stretch(0, 1_800, Disabled)], "none"),
            (vec![stretch(0, 1_800, Connecting)], "look"),
            (vec![stretch(0, 119, Offline), stretch(119, 1_800, Online)], "look"),
            (vec![stretch(0, 120, Error), stretch(120, 1_800, Online)], "bad"),
            // Before and after it.
            (vec![stretch(-900, 0, Offline), stretch(1_800, 1_900, Offline)], "none"),
        ] {
            assert_eq!(kind(&known, slot), expected, "{known:?}");
        }
    }

    #[test]
    fn what_is_so_now_needs_no_row() {
        use DeviceState::*;
        let told = |state: &str, since: i64| {
            let told = serde_json::json!({ "id": 1, "state": state, "since": at(since).to_string() });
            Some((at(60), serde_json::from_value(told).unwrap()))
        };
        let known = vec![stretch(0, 100, Online)];
        let same = Standing { state: Online, told: told("online", 0) };
        assert_eq!(up_to_now(known.clone(), &same, at(100)), known);
        let away = Standing { state: Offline, told: told("offline", 70) };
        let expected = [stretch(0, 70, Online), stretch(70, 100, Offline)];
        assert_eq!(up_to_now(known.clone(), &away, at(100)), expected);
        // A clock that is wrong turns nothing round.
        for (since, from) in [(-500, 0), (500, 100)] {
            let away = Standing { state: Offline, told: told("offline", since) };
            let found = up_to_now(known.clone(), &away, at(100));
            assert!(found.iter().all(|one| one.span.from < one.span.to), "{found:?}");
            assert_eq!(found.last().unwrap().state, if from == 100 { Online } else { Offline });
        }
        assert_eq!(up_to_now(Vec::new(), &Standing { state: Unknown, told: None }, at(100)), []);
    }
}
