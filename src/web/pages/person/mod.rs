//! One person's day: the strip of the week, the day drawn, what was used, screenshots. Every view of it is recorded.

mod drawing;
mod export;
mod gates;
mod notice;
mod shots;
mod upright;
mod week;
mod window;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::routing::get;

use crate::kernel::Day;
use crate::kernel::EmployeeId;
use crate::kernel::Permission;
use crate::kernel::initials;
use crate::monitoring::By;
use crate::monitoring::PersonDay;
use crate::monitoring::Subject;
use crate::monitoring::Top;
use crate::monitoring::Totals;
use crate::notices::Version;
use crate::policy::collection::AppliesTo;
use crate::web::App;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Rendered;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::encode;
use crate::web::page;
use crate::web::pages::person::drawing::Lying;
use crate::web::pages::person::drawing::Minimap;
use crate::web::pages::person::drawing::Pen;
use crate::web::pages::person::drawing::kind_of;
use crate::web::pages::person::gates::Gates;
use crate::web::pages::person::notice::Notice;
use crate::web::pages::person::shots::Shot;
use crate::web::pages::person::upright::Upright;
use crate::web::pages::person::week::WeekDay;
use crate::web::pages::person::window::Window;
use crate::web::pages::person::window::Zoom;
use crate::web::pages::person::window::round;
use crate::web::pages::policies::HoldingPolicy;

/// Rows of a list of what was used.
const RANKED: usize = 7;

/// Routes of this page and of the screenshots on it.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new()
        .route("/people/{id}", get(show))
        .route("/people/{id}/day.csv", get(export::csv))
        .route("/people/{id}/table", get(export::table))
        .merge(shots::routes())
}

/// What the address says of the view.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct ViewQuery {
    day: Option<String>,
    zoom: Option<String>,
    from: Option<String>,
}

#[derive(Template)]
#[template(path = "person/day.html")]
struct PersonPage {
    l: Layout,
    name: String,
    initials: String,
    position: String,
    department: Option<Crumb>,
    computers: Vec<Crumb>,
    computer_word: String,
    recorded: String,
    notice: Notice,
    rules_href: String,
    edit_href: String,
    credentials_href: String,
    policy: Option<HoldingPolicy>,
    incomplete: Option<[String; 2]>,
    week: Vec<WeekDay>,
    head: DayHead,
    stats: Vec<Stat>,
    zooms: Vec<Choice>,
    zoom_label: String,
    day_title: String,
    table_word: String,
    table_href: String,
    minimap: Option<Minimap>,
    lying: Lying,
    upright: Upright,
    totals: Vec<Total>,
    empty: Option<[String; 2]>,
    rankings: [Ranking; 2],
    shots_title: String,
    shots_note: String,
    shots: Vec<Shot>,
    shots_text: String,
    shots_eye: String,
    gates: Option<Gates>,
}

struct DayHead {
    title: String,
    previous: [String; 2],
    next: [String; 2],
    choose: String,
    value: String,
    action: String,
    show: String,
    export: String,
    export_href: String,
}

struct Stat {
    label: String,
    value: String,
    note: String,
}

struct Choice {
    href: String,
    label: String,
    current: bool,
}

struct Total {
    kind: &'static str,
    word: String,
    duration: String,
    href: String,
}

struct Ranking {
    title: String,
    all: String,
    all_href: String,
    rows: Vec<RankedRow>,
    nothing: String,
}

struct RankedRow {
    href: String,
    name: String,
    parts: Vec<RankedPart>,
    duration: String,
    share: String,
}

struct RankedPart {
    kind: &'static str,
    x: f64,
    width: f64,
}

async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<EmployeeId>,
    Query(query): Query<ViewQuery>,
) -> Result<Rendered, PageFailure> {
    let day = day_of(&visitor, &app, query.day.as_deref());
    let found = read(&app, &visitor, id, day).await.map_err(|problem| visitor.failure(problem))?;
    let policy = HoldingPolicy::find(&app, &visitor, AppliesTo::Employee(id)).await;
    let policy = policy.map_err(|problem| visitor.failure(problem))?;
    let gates = Gates::read(&app, &visitor, &found.employee).await.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&PersonPage { policy, gates, ..build(&visitor, found, &query) }))
}

/// Everything that the page shows.
struct Found {
    employee: crate::people::EmployeeView,
    department: Option<Crumb>,
    day: PersonDay,
    week: crate::monitoring::PersonWeek,
    applications: Top,
    sites: Top,
    today: Day,
    notices: Vec<Version>,
}

async fn read(app: &App, visitor: &Visitor, id: EmployeeId, day: Day) -> Result<Found, crate::web::Failure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let view = app.people.view(actor, organization).await?;
    let employee = view.employee(id)?;
    let department = employee
        .department
        .and_then(|department| view.department(department).ok())
        .map(|department| Crumb { href: format!("/departments/{}", department.id), label: department.name.clone() });
    let monitoring = &app.monitoring;
    let subject = Subject::Employee(id);
    let notices = app.notices.versions(actor, organization, id).await?;
    let (shown, week, applications, sites) = tokio::try_join!(
        monitoring.day(actor, organization, id, day),
        monitoring.week(actor, organization, id, day),
        monitoring.top(actor, organization, (subject, By::Application), (day, day)),
        monitoring.top(actor, organization, (subject, By::Site), (day, day)),
    )?;
    let today = visitor.zone.day_of(app.clock.now());
    Ok(Found { employee, department, day: shown, week, applications, sites, today, notices })
}

/// The day that the address names, or today.
fn day_of(visitor: &Visitor, app: &App, asked: Option<&str>) -> Day {
    asked.and_then(|text| text.parse().ok()).unwrap_or_else(|| visitor.zone.day_of(app.clock.now()))
}

fn build(visitor: &Visitor, found: Found, query: &ViewQuery) -> PersonPage {
    let texts = visitor.texts;
    let id = found.employee.id;
    let name = found.employee.given_first();
    let zoom = Zoom::parse(query.zoom.as_deref());
    let from_minute = query.from.as_deref().and_then(minute_of);
    let window = Window::new(found.day.span, found.day.timeline.seen, zoom, from_minute);
    let events = format!("/activity?dataset=active_windows&employee_id={id}");
    let pen = Pen { visitor, day: &found.day, window, events: events.clone() };
    let day = found.day.day;
    let sentence = sentence(visitor, &found.day);
    let base = format!("/people/{id}?day={day}");
    let mut l = Layout::new(&visitor.viewer(), Section::People, &name);
    if let Some(department) = &found.department {
        l = l.through([department.clone()]);
    }
    PersonPage {
        l,
        initials: initials(&found.employee.surname_first()),
        position: found.employee.position.clone(),
        department: found.department.clone(),
        computers: computers(&found.day),
        computer_word: texts.t("person-computer"),
        recorded: texts.t("view-recorded"),
        notice: Notice::new(visitor, id, &found.notices),
        rules_href: if visitor.actor().may(Permission::EditPolicies) {
            format!("/categories?of=employee-{id}")
        } else {
            String::new()
        },
        edit_href: if visitor.actor().may(Permission::EditPeople) {
            format!("/people/{id}/edit")
        } else {
            String::new()
        },
        credentials_href: if visitor.actor().may(Permission::ReadCredentials) {
            format!("/people/{id}/credentials")
        } else {
            String::new()
        },
        policy: None,
        gates: None,
        incomplete: incomplete(visitor, &found.day),
        week: week::strip(visitor, id, &found.week, day),
        head: head(visitor, id, day, found.today),
        stats: stats(visitor, &found.day),
        zooms: zooms(visitor, &base, zoom),
        zoom_label: texts.t("person-zoom"),
        day_title: texts.t("day"),
        table_word: texts.t("action-as-table"),
        table_href: format!("/people/{id}/table?day={day}"),
        minimap: (zoom != Zoom::Day).then(|| pen.minimap(format!("{base}&zoom={}&from={{from}}", zoom.name()))),
        lying: pen.lying(sentence.clone()),
        upright: pen.upright(sentence),
        totals: totals(visitor, &found.day.timeline.totals, &events),
        empty: found.day.timeline.seen.is_none().then(|| [texts.t("person-empty"), texts.t("person-empty-text")]),
        rankings: [
            ranking(visitor, &found.applications, "person-applications", &events),
            ranking(visitor, &found.sites, "person-sites", &events.replace("active_windows", "visited_sites")),
        ],
        shots_title: texts.t("person-shots"),
        shots_note: texts.count("person-shots-taken", found.day.timeline.screenshots.len()),
        shots: shots::list(visitor, &found.day),
        shots_text: texts.with("person-shots-reason", [("name", (&name).into())]),
        shots_eye: texts.t("person-shots-blurred"),
        name,
    }
}

fn minute_of(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let minute: i64 = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
    (0..=1_800).contains(&minute).then_some(minute)
}

fn computers(day: &PersonDay) -> Vec<Crumb> {
    let known = day.places.iter().filter_map(|place| {
        let href = place.computer.map(|computer| format!("/computers/{computer}")).unwrap_or_default();
        (!place.computer_name.is_empty()).then(|| Crumb { href, label: place.computer_name.clone() })
    });
    let mut found: Vec<Crumb> = known.collect();
    found.dedup_by(|a, b| a.href == b.href);
    found
}

/// The day in one sentence, for those who do not see the drawing.
fn sentence(visitor: &Visitor, day: &PersonDay) -> String {
    let texts = visitor.texts;
    let title = texts.day_long(day.day);
    match (day.timeline.first_input, day.timeline.last_input) {
        (Some(first), Some(last)) => texts.with(
            "person-sentence",
            [
                ("day", title.into()),
                ("active", texts.duration_ms(day.timeline.totals.active_ms()).into()),
                ("first", texts.time(&visitor.zone, first).into()),
                ("last", texts.time(&visitor.zone, last).into()),
            ],
        ),
        _ => texts.with("person-sentence-empty", [("day", title.into())]),
    }
}

fn incomplete(visitor: &Visitor, day: &PersonDay) -> Option<[String; 2]> {
    let missing = &day.completeness.incomplete;
    let first = missing.first()?;
    let text = visitor.texts.with(
        "incomplete-files",
        [("count", missing.len().into()), ("month", visitor.texts.month_name(&first.month).into())],
    );
    Some([visitor.texts.t("incomplete-title"), text])
}

fn head(visitor: &Visitor, id: EmployeeId, day: Day, today: Day) -> DayHead {
    let texts = visitor.texts;
    let to = |day: Day| [format!("/people/{id}?day={day}"), texts.weekday(day)];
    let next = day.tomorrow().ok().filter(|next| *next <= today);
    DayHead {
        title: texts.day_long(day),
        previous: day.yesterday().map(to).unwrap_or_default(),
        next: next.map(to).unwrap_or_default(),
        choose: texts.t("action-choose-day"),
        value: day.to_string(),
        action: format!("/people/{id}"),
        show: texts.t("action-show"),
        export: texts.t("action-export"),
        export_href: format!("/people/{id}/day.csv?day={day}"),
    }
}

fn stats(visitor: &Visitor, day: &PersonDay) -> Vec<Stat> {
    let texts = visitor.texts;
    let totals = &day.timeline.totals;
    let time = |at: Option<crate::kernel::Timestamp>| {
        at.map_or_else(|| "\u{2013}".to_owned(), |at| texts.time(&visitor.zone, at))
    };
    let at_least = |text: String| {
        if day.completeness.incomplete.is_empty() { text } else { format!("{} {text}", texts.t("at-least")) }
    };
    let stat = |label: &str, value: String, note: String| Stat { label: texts.t(label), value, note };
    let observed = totals.observed_ms();
    let mut stats = vec![
        stat("person-first-input", time(day.timeline.first_input), texts.t("person-first-input-note")),
        stat("person-last-input", time(day.timeline.last_input), texts.t("person-last-input-note")),
        stat(
            "person-in-use",
            at_least(texts.duration_ms(totals.active_ms())),
            texts.with("person-of-observed", [("observed", texts.duration_ms(observed).into())]),
        ),
        stat(
            "state-useful",
            texts.percent(totals.useful_ms, totals.active_ms()),
            texts.with("person-useful-note", [("duration", texts.duration_ms(totals.useful_ms).into())]),
        ),
    ];
    if totals.no_data_ms > 0 {
        let silent = texts.duration_ms(totals.no_data_ms);
        stats.push(stat("state-no-data", silent, texts.t("person-no-data-note")));
    }
    stats
}

fn zooms(visitor: &Visitor, base: &str, zoom: Zoom) -> Vec<Choice> {
    let choice = |one: Zoom| Choice {
        href: if one == Zoom::Day { base.to_owned() } else { format!("{base}&zoom={}", one.name()) },
        label: visitor.texts.t(one.word()),
        current: one == zoom,
    };
    Zoom::ALL.into_iter().map(choice).collect()
}

fn totals(visitor: &Visitor, totals: &Totals, events: &str) -> Vec<Total> {
    let texts = visitor.texts;
    let one = |kind, word: &str, ms| Total {
        kind,
        word: texts.t(word),
        duration: texts.duration_ms(ms),
        href: events.to_owned(),
    };
    vec![
        one("useful", "state-useful", totals.useful_ms),
        one("neutral", "state-neutral", totals.neutral_ms),
        one("distracting", "state-distracting", totals.distracting_ms),
        one("no-input", "state-no-input", totals.no_input_ms),
        one("locked", "state-locked", totals.locked_ms),
        one("no-data", "state-no-data", totals.no_data_ms),
    ]
}

fn ranking(visitor: &Visitor, top: &Top, title: &str, events: &str) -> Ranking {
    let texts = visitor.texts;
    let longest = top.rows.first().map_or(1, |row| row.ms.max(1));
    let row = |row: &crate::monitoring::TopRow| {
        let name = if row.name.is_empty() { texts.t("person-app-unknown") } else { row.name.clone() };
        let mut x = 0.0;
        let mut parts = Vec::new();
        for (category, ms) in crate::monitoring::Category::ALL.into_iter().zip(row.by_category) {
            let width = round(ms as f64 / longest as f64 * 100.0);
            if width > 0.0 {
                parts.push(RankedPart { kind: kind_of(category), x, width });
                x = round(x + width);
            }
        }
        RankedRow {
            href: format!("{events}&q={}", encode(&row.name)),
            name,
            parts,
            duration: texts.duration_ms(row.ms),
            share: texts.percent(row.ms, top.active_ms),
        }
    };
    let more = top.rows.len() > RANKED;
    Ranking {
        title: texts.t(title),
        all: if more { texts.count("action-all-count", top.rows.len()) } else { String::new() },
        all_href: if more { events.to_owned() } else { String::new() },
        rows: top.rows.iter().take(RANKED).map(row).collect(),
        nothing: texts.t("person-nothing-used"),
    }
}
