//! The first page: who is at a computer now, how the day went so far, what needs a look.

mod departments;
pub(in crate::web::pages) mod drawing;
mod first;
mod live;
mod look;
pub(in crate::web::pages) mod presence;
pub(in crate::web::pages) mod room;
mod summary;
mod sums;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;

use crate::kernel::DepartmentId;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::monitoring::Overview;
use crate::people::View;
use crate::retention::Usage;
use crate::web::App;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Rendered;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::alerts;
use crate::web::pages::alerts::Told;
use crate::web::pages::overview::departments::DepartmentRow;
use crate::web::pages::overview::drawing::HoursChart;
use crate::web::pages::overview::first::FirstSteps;
use crate::web::pages::overview::look::Note;
use crate::web::pages::overview::presence::Presence;
use crate::web::pages::overview::room::Room;

pub use live::Stopping;

/// Routes of the first page.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(show))
        .route("/overview/live", get(fragment))
        .route("/overview/table", get(table))
        .route("/live/overview", get(live::stream))
        .route("/summary", get(summary::organization))
        .route("/departments/{id}/summary", get(summary::department))
}

#[derive(Template)]
#[template(path = "overview/page.html")]
struct OverviewPage {
    l: Layout,
    live: Live,
}

#[derive(Template)]
#[template(path = "overview/first.html")]
struct FirstPage {
    l: Layout,
    first: FirstSteps,
}

#[derive(Template)]
#[template(path = "overview/live.html")]
struct LivePart {
    live: Live,
}

#[derive(Template)]
#[template(path = "overview/table.html")]
struct TablePage {
    l: Layout,
    live: Words,
    title: String,
    rows: Vec<TableRow>,
}

struct TableRow {
    time: String,
    href: String,
    useful: String,
    neutral: String,
    distracting: String,
    all: String,
}

/// Everything that changes while one looks.
struct Live {
    texts: Texts,
    title: String,
    meta: String,
    periods: Vec<Period>,
    incomplete: Option<String>,
    presence: Presence,
    /// Absent until the sums of today are there.
    hours: Option<HoursChart>,
    notes: Vec<Note>,
    departments: Vec<DepartmentRow>,
    departments_note: String,
    heat_cells: usize,
    arriving: Arriving,
    room: Option<Room>,
    letters: Option<Letters>,
}

impl Live {
    fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }
}

/// The texts for a template that has nothing else to ask.
struct Words(Texts);

impl Words {
    fn t(&self, key: &str) -> String {
        self.0.t(key)
    }
}

/// One of today, week, month and year.
pub(in crate::web::pages) struct Period {
    pub(in crate::web::pages) href: String,
    pub(in crate::web::pages) label: String,
    pub(in crate::web::pages) current: bool,
}

struct Arriving {
    rate: String,
    sentence: String,
}

struct Letters {
    light: &'static str,
    figure: String,
    text: String,
}

/// What the page is made of.
struct Found {
    overview: Overview,
    view: View,
    usage: Option<Usage>,
    letters_today: Option<u64>,
    unlinked: u64,
    alerts: Vec<Told>,
    now: Timestamp,
}

async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    if !visitor.actor().may(Permission::ReadMonitoring) {
        return Ok(Redirect::to("/doors/desk").into_response());
    }
    let found = read(&app, &visitor).await.map_err(|problem| visitor.failure(problem))?;
    let l = Layout::new(&visitor.viewer(), Section::Overview, "");
    if let Some(first) = first::steps(&app, &visitor, &found).await.map_err(|problem| visitor.failure(problem))? {
        return Ok(page(&FirstPage { l, first }).into_response());
    }
    Ok(page(&OverviewPage { l, live: build(&app, &visitor, &found) }).into_response())
}

async fn fragment(State(app): State<App>, visitor: Visitor) -> Result<Rendered, PageFailure> {
    let found = read(&app, &visitor).await.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&LivePart { live: build(&app, &visitor, &found) }))
}

async fn table(State(app): State<App>, visitor: Visitor) -> Result<Rendered, PageFailure> {
    let found = app.monitoring.overview(visitor.actor(), visitor.organization_id()).await;
    let found = found.map_err(|problem| visitor.failure(problem))?;
    let texts = visitor.texts;
    let number = |count: usize| texts.number(count as u64);
    let used = found.quarters.iter().filter(|one| one.useful + one.neutral + one.distracting > 0);
    let rows = used.map(|one| TableRow {
        time: texts.time(&visitor.zone, one.from),
        href: drawing::events_of(one.from),
        useful: number(one.useful),
        neutral: number(one.neutral),
        distracting: number(one.distracting),
        all: number(one.useful + one.neutral + one.distracting),
    });
    let title = texts.t("overview-hours");
    Ok(page(&TablePage {
        l: Layout::new(&visitor.viewer(), Section::Overview, &title),
        live: Words(texts),
        rows: rows.collect(),
        title,
    }))
}

async fn read(app: &App, visitor: &Visitor) -> Result<Found, Failure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let overview = app.monitoring.overview(actor, organization).await?;
    let view = app.people.view(actor, organization).await?;
    let unlinked = if actor.may(Permission::EditPeople) { view.count_unassigned()? } else { 0 };
    let usage = match actor.may(Permission::ReadSystem) {
        true => Some(app.retention.usage(actor, organization).await?),
        false => None,
    };
    let letters_today = match actor.may(Permission::ReadPolicies) {
        true => Some(app.intake.count_letters(actor, organization, overview.span).await?),
        false => None,
    };
    let alerts = alerts::told(app, visitor).await?;
    Ok(Found { overview, view, usage, letters_today, unlinked, alerts, now: app.clock.now() })
}

fn build(app: &App, visitor: &Visitor, found: &Found) -> Live {
    let texts = visitor.texts;
    let zone = &visitor.zone;
    let overview = &found.overview;
    let now = texts.time(zone, found.now);
    let live = texts.with("live-as-of", [("time", now.into())]);
    let backlog = app.intake.backlog();
    Live {
        texts,
        title: texts.day_long(zone.day_of(found.now)),
        meta: format!("{} \u{b7} {live}", visitor.organization.name()),
        periods: periods(texts, "day"),
        incomplete: incomplete(texts, &overview.completeness.incomplete),
        presence: presence::strip(texts, overview),
        hours: overview.completeness.as_of.map(|_| drawing::hours(visitor, overview, found.now)),
        notes: look::notes(visitor, found, &backlog),
        departments: departments::rows(visitor, overview),
        departments_note: departments::heat_head(texts),
        heat_cells: departments::HEAT_HOURS,
        arriving: arriving(visitor, overview, &backlog),
        room: found.usage.as_ref().map(|usage| room::of(texts, usage)),
        letters: found.letters_today.map(|count| letters(texts, count)),
    }
}

/// Today, week, month and year; `current` is the range of the summary, or "day".
pub(super) fn periods(texts: Texts, current: &str) -> Vec<Period> {
    let one = |range: &str, word: &str, href: String| Period { href, label: texts.t(word), current: range == current };
    vec![
        one("day", "today", "/".to_owned()),
        one("week", "week", "/summary?range=week".to_owned()),
        one("month", "month", "/summary?range=month".to_owned()),
        one("year", "year", "/summary?range=year".to_owned()),
    ]
}

/// The same for a department, whose own page is today.
pub(in crate::web::pages) fn department_periods(texts: Texts, id: DepartmentId, current: &str) -> Vec<Period> {
    let one = |range: &str, href: String| Period { href, label: texts.t(range), current: range == current };
    let today = one("today", format!("/departments/{id}"));
    let rest = ["week", "month", "year"].map(|range| one(range, format!("/departments/{id}/summary?range={range}")));
    std::iter::once(today).chain(rest).collect()
}

/// The sentence on files that could not be read.
pub(in crate::web::pages) fn incomplete(texts: Texts, missing: &[crate::monitoring::Unread]) -> Option<String> {
    let first = missing.first()?;
    Some(
        texts.with(
            "incomplete-files",
            [("count", missing.len().into()), ("month", texts.month_name(&first.month).into())],
        ),
    )
}

fn arriving(visitor: &Visitor, overview: &Overview, backlog: &crate::intake::Backlog) -> Arriving {
    let texts = visitor.texts;
    let time = texts.time_seconds(&visitor.zone, backlog.applied_through);
    let sentence = match backlog.batches {
        0 => texts.with("complete-sentence", [("time", time.into())]),
        waiting => texts.with("overview-arriving-waiting", [("time", time.into()), ("count", waiting.into())]),
    };
    Arriving { rate: texts.number(overview.events_per_minute.round() as u64), sentence }
}

fn letters(texts: Texts, count: u64) -> Letters {
    let light = if count == 0 { "ok" } else { "look" };
    let text = if count == 0 { "overview-letters-none" } else { "overview-letters-some" };
    Letters { light, figure: texts.count("overview-letters-today", count), text: texts.t(text) }
}
