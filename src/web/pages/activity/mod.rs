//! The events themselves: by kind, newest first, filtered by person, account, text and time.

mod asked;
mod export;
mod rows;

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use nazorat_timeseries::Dataset;

use crate::audit::Entry;
use crate::kernel::PageRequest;
use crate::monitoring::Events;
use crate::people::EmployeeFilter;
use crate::people::State as Standing;
use crate::people::View;
use crate::web::App;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::activity::asked::Asked;
use crate::web::pages::activity::asked::EventsQuery;
use crate::web::pages::activity::rows::Row;

/// The kinds of events with a tab, in their order.
const SHOWN: [Dataset; 5] = [
    Dataset::ActiveWindows,
    Dataset::VisitedSites,
    Dataset::Screenshots,
    Dataset::UserSessions,
    Dataset::InputActivity,
];
/// How many people the filter offers.
const OFFERED: usize = 500;

/// Routes of the explorer.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new()
        .route("/activity", get(list))
        .route("/activity/more", get(more))
        .route("/activity/export.csv", get(export::csv))
}

#[derive(Template)]
#[template(path = "activity/list.html")]
struct ActivityPage {
    l: Layout,
    meta: String,
    recorded: bool,
    tabs: Vec<Tab>,
    dataset: &'static str,
    asked: Asked,
    people: Vec<Choice>,
    filters: Vec<ActiveFilter>,
    incomplete: Option<String>,
    heads: Vec<String>,
    part: Part,
    wider_href: String,
    export: String,
    announce: String,
}

/// Rows with the way to the next ones.
#[derive(Template)]
#[template(path = "activity/rows.html")]
struct Part {
    rows: Vec<Row>,
    columns: usize,
    more: String,
    more_href: String,
    next_href: String,
}

struct Tab {
    href: String,
    label: String,
    count: String,
    mark: &'static str,
    current: bool,
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

struct ActiveFilter {
    text: String,
    href: String,
    label: String,
}

async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<EventsQuery>,
) -> Result<Response, PageFailure> {
    let asked = Asked::new(&visitor, &app, query);
    let shown = show(&app, &visitor, asked).await.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

/// The next rows, put below those that are there.
async fn more(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<EventsQuery>,
) -> Result<Response, PageFailure> {
    let asked = Asked::new(&visitor, &app, query);
    let found = read(&app, &visitor, &asked).await.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&part(&visitor, &asked, &found)).into_response())
}

async fn show(app: &App, visitor: &Visitor, asked: Asked) -> Result<ActivityPage, Failure> {
    let texts = visitor.texts;
    let view = app.people.view(visitor.actor(), visitor.organization_id()).await?;
    let found = read(app, visitor, &asked).await?;
    let counts = counts(app, visitor, &asked).await;
    let position = SHOWN.iter().position(|dataset| *dataset == asked.dataset);
    let count = position.and_then(|index| counts.get(index).copied().flatten()).unwrap_or(found.items.len() as u64);
    Ok(ActivityPage {
        l: Layout::new(&visitor.viewer(), Section::Activity, ""),
        meta: format!("{} \u{b7} {}", texts.count("events-count", count), asked.words(visitor)),
        recorded: asked.employee.is_some() || asked.computer_user.is_some(),
        tabs: tabs(texts, &asked, &counts),
        dataset: asked.dataset.name(),
        people: people(&view, &asked)?,
        filters: filters(visitor, &view, &asked),
        incomplete: super::overview::incomplete(texts, &found.completeness.incomplete),
        heads: rows::heads(texts, asked.dataset),
        part: part(visitor, &asked, &found),
        wider_href: asked.wider().href("/activity"),
        export: asked.href("/activity/export.csv"),
        announce: texts.count("events-count", count),
        asked,
    })
}

/// Events of one page. Whoever looks at one person or one account leaves a record.
async fn read(app: &App, visitor: &Visitor, asked: &Asked) -> Result<Events, Failure> {
    let request = PageRequest::parse(Some(asked.limit), Some(&asked.cursor));
    let request = request.map_err(crate::monitoring::MonitoringError::from)?;
    let found = app.monitoring.events(visitor.actor(), visitor.organization_id(), asked.filter(), request).await?;
    if let Some(entry) = trail("monitoring.read_events", asked) {
        app.audit.record(visitor.actor(), entry.of(visitor.organization_id())).await;
    }
    Ok(found)
}

/// The audit record of a look at one person or account.
fn trail(action: &'static str, asked: &Asked) -> Option<Entry> {
    let entry = match (asked.employee, asked.computer_user) {
        (Some(employee), _) => Entry::new(action).on("employee", employee),
        (None, Some(user)) => Entry::new(action).on("computer_user", user),
        (None, None) => return None,
    };
    let entry = entry.with("dataset", asked.dataset.name());
    Some(entry.with("from", asked.from.to_string()).with("to", asked.to.to_string()))
}

/// How many events each tab has; what cannot be counted in time has no number.
async fn counts(app: &App, visitor: &Visitor, asked: &Asked) -> Vec<Option<u64>> {
    let mut counts = Vec::new();
    for dataset in SHOWN {
        let filter = asked.filter_of(dataset);
        let found = app.monitoring.count_events(visitor.actor(), visitor.organization_id(), filter).await;
        counts.push(found.ok().map(|found| found.count));
    }
    counts
}

fn tabs(texts: Texts, asked: &Asked, counts: &[Option<u64>]) -> Vec<Tab> {
    let tab = |(dataset, count): (Dataset, &Option<u64>)| Tab {
        href: Asked { cursor: String::new(), dataset, ..asked.clone() }.href("/activity"),
        label: texts.t(&format!("dataset-{}", dataset.name().replace('_', "-"))),
        count: count.map(|count| texts.number(count)).unwrap_or_default(),
        mark: "",
        current: dataset == asked.dataset,
    };
    SHOWN.into_iter().zip(counts).map(tab).collect()
}

fn people(view: &View, asked: &Asked) -> Result<Vec<Choice>, Failure> {
    let filter = EmployeeFilter { state: Some(Standing::Active), ..EmployeeFilter::default() };
    let found = view.employees(&filter, &PageRequest { limit: OFFERED, after: None })?.items;
    let mut choices: Vec<Choice> = Vec::with_capacity(found.len() + 1);
    if let Some(chosen) = asked.employee.filter(|id| found.iter().all(|one| one.id != *id)) {
        let employee = view.employee(chosen)?;
        choices.push(Choice { value: chosen.to_string(), label: employee.surname_first(), chosen: true });
    }
    choices.extend(found.iter().map(|one| Choice {
        value: one.id.to_string(),
        label: one.surname_first(),
        chosen: asked.employee == Some(one.id),
    }));
    Ok(choices)
}

/// Only what has no field of its own: an account, a department.
fn filters(visitor: &Visitor, view: &View, asked: &Asked) -> Vec<ActiveFilter> {
    let texts = visitor.texts;
    let chip = |text: String, without: Asked| ActiveFilter {
        label: texts.with("action-remove-filter", [("name", (&text).into())]),
        href: without.href("/activity"),
        text,
    };
    let user = asked.computer_user.and_then(|id| view.computer_user(id).ok());
    let user = user.map(|user| {
        let text = format!("{} \u{b7} {}", user.computer_name, user.user.name());
        chip(text, Asked { computer_user: None, cursor: String::new(), ..asked.clone() })
    });
    let department = asked.department.and_then(|id| view.department(id).ok());
    let department = department.map(|department| {
        chip(department.name.clone(), Asked { department: None, cursor: String::new(), ..asked.clone() })
    });
    user.into_iter().chain(department).collect()
}

fn part(visitor: &Visitor, asked: &Asked, found: &Events) -> Part {
    let texts = visitor.texts;
    let next = found.next.as_ref().map(|next| Asked { cursor: next.to_string(), ..asked.clone() });
    let href = |path| next.as_ref().map(|next| next.href(path)).unwrap_or_default();
    Part {
        rows: found.items.iter().map(|one| rows::row(visitor, asked, one)).collect(),
        columns: rows::heads(texts, asked.dataset).len(),
        more: texts.count("action-show-more", asked.limit),
        more_href: href("/activity/more"),
        next_href: href("/activity"),
    }
}
