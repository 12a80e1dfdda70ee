//! The entry log: who passed, newest first, filtered by day, gate, device, person, outcome and text.

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::asked::Asked;
use super::asked::DoorsQuery;
use super::asked::LIMIT;
use super::asked::OUTCOMES;
use super::picture;
use super::rows;
use super::rows::Row;
use crate::doors::DoorsError;
use crate::doors::Log;
use crate::doors::Pass;
use crate::doors::Unread;
use crate::kernel::Cursor;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::people::EmployeeFilter;
use crate::people::State as Standing;
use crate::web::App;
use crate::web::Choice;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;

/// How many people the filter offers.
const OFFERED: usize = 500;

#[derive(Template)]
#[template(path = "doors/log.html")]
struct LogPage {
    l: Layout,
    meta: String,
    recorded: bool,
    asked: Asked,
    tabs: Vec<Tab>,
    gates: Vec<Choice>,
    devices: Vec<Choice>,
    people: Vec<Choice>,
    incomplete: Option<String>,
    part: Part,
    wider_href: String,
    export: String,
    can_open: bool,
    announce: String,
}

/// Rows with the way to the next ones.
#[derive(Template)]
#[template(path = "doors/rows.html")]
struct Part {
    texts: Texts,
    rows: Vec<Row>,
    more: String,
    more_href: String,
    next_href: String,
}

impl Part {
    fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }
}

struct Tab {
    href: String,
    label: String,
    count: String,
    mark: &'static str,
    current: bool,
}

/// `GET /doors`.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<DoorsQuery>,
) -> Result<Response, PageFailure> {
    let asked = Asked::new(&visitor, &app, query);
    let shown = show(&app, &visitor, asked).await.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

/// `GET /doors/more`: the next rows, put below those that are there.
pub(super) async fn more(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<DoorsQuery>,
) -> Result<Response, PageFailure> {
    let asked = Asked::new(&visitor, &app, query);
    let log = read(&app, &visitor, &asked).await.map_err(|problem| visitor.failure(problem))?;
    let part = part(&app, &visitor, &asked, &log).await.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&part).into_response())
}

async fn read(app: &App, visitor: &Visitor, asked: &Asked) -> Result<Log, DoorsError> {
    let request = PageRequest::parse(Some(LIMIT), Some(&asked.cursor))?;
    app.entry_log.log(visitor.actor(), visitor.organization_id(), asked.filter(), request).await
}

async fn show(app: &App, visitor: &Visitor, asked: Asked) -> Result<LogPage, Failure> {
    let texts = visitor.texts;
    let log = read(app, visitor, &asked).await?;
    let shown = texts.count("events-count", log.items.len());
    let (gates, devices) = places(app, visitor, &asked).await?;
    Ok(LogPage {
        l: Layout::new(&visitor.viewer(), Section::Doors, ""),
        meta: format!("{} \u{b7} {}", asked.words(visitor), complete(visitor, &log)),
        recorded: asked.person.is_some(),
        tabs: tabs(texts, &asked),
        gates,
        devices,
        people: people(app, visitor, &asked).await?,
        incomplete: incomplete(texts, &log.incomplete),
        part: part(app, visitor, &asked, &log).await?,
        wider_href: asked.wider().href("/doors"),
        export: Asked { cursor: String::new(), ..asked.clone() }.href("/doors/export.csv"),
        can_open: visitor.actor().may(Permission::OpenDoors),
        announce: shown,
        asked,
    })
}

fn complete(visitor: &Visitor, log: &Log) -> String {
    let time = visitor.texts.time_seconds(&visitor.zone, log.applied_through);
    visitor.texts.with("complete-to", [("time", time.into())])
}

pub(super) fn incomplete(texts: Texts, missing: &[Unread]) -> Option<String> {
    let first = missing.first()?;
    let month = texts.month_name(&first.month);
    Some(texts.with("incomplete-files", [("count", missing.len().into()), ("month", month.into())]))
}

/// Gates and devices to choose, for those who may see them.
async fn places(app: &App, visitor: &Visitor, asked: &Asked) -> Result<(Vec<Choice>, Vec<Choice>), Failure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    if !actor.may(Permission::ReadDevices) {
        return Ok((Vec::new(), Vec::new()));
    }
    let chosen = asked.gate.map(|id| id.to_string()).unwrap_or_default();
    let gates = app.devices.gates(actor, organization).await?;
    let gates = gates.iter().map(|gate| Choice::new(&gate.id.to_string(), gate.name.as_str(), &chosen)).collect();
    let chosen = asked.device.map(|id| id.to_string()).unwrap_or_default();
    let devices = app.devices.list(actor, organization).await?;
    let devices =
        devices.iter().map(|device| Choice::new(&device.id.to_string(), device.name.as_str(), &chosen)).collect();
    Ok((gates, devices))
}

async fn people(app: &App, visitor: &Visitor, asked: &Asked) -> Result<Vec<Choice>, Failure> {
    let view = app.people.view(visitor.actor(), visitor.organization_id()).await?;
    let filter = EmployeeFilter { state: Some(Standing::Active), ..EmployeeFilter::default() };
    let found = view.employees(&filter, &PageRequest { limit: OFFERED, after: None })?.items;
    let chosen = asked.person.map(|id| id.to_string()).unwrap_or_default();
    let mut choices = Vec::with_capacity(found.len() + 1);
    if let Some(other) = asked.person.filter(|id| found.iter().all(|one| one.id != *id)) {
        choices.push(Choice::new(&chosen, view.employee(other)?.surname_first(), &chosen));
    }
    choices.extend(found.iter().map(|one| Choice::new(&one.id.to_string(), one.surname_first(), &chosen)));
    Ok(choices)
}

fn tabs(texts: Texts, asked: &Asked) -> Vec<Tab> {
    let tab = |name: &'static str| Tab {
        href: Asked { outcome: name, cursor: String::new(), ..asked.clone() }.href("/doors"),
        label: texts.t(if name.is_empty() { "action-all".to_owned() } else { format!("doors-tab-{name}") }.as_str()),
        count: String::new(),
        mark: "",
        current: asked.outcome == name,
    };
    std::iter::once("").chain(OUTCOMES.into_iter().map(|(name, _)| name)).map(tab).collect()
}

async fn part(app: &App, visitor: &Visitor, asked: &Asked, log: &Log) -> Result<Part, Failure> {
    let now = app.clock.now();
    let pictures = app.pictures.there(visitor.actor(), visitor.organization_id(), &log.items).await?;
    let row = |(pass, has_picture): (&Pass, bool)| {
        let picture = if has_picture { picture::href(pass) } else { String::new() };
        Row { picture, ..rows::row(visitor, pass, now) }
    };
    let href = |path: &str, next: &Cursor| Asked { cursor: next.to_string(), ..asked.clone() }.href(path);
    Ok(Part {
        texts: visitor.texts,
        rows: log.items.iter().zip(pictures).map(row).collect(),
        more: visitor.texts.count("action-show-more", LIMIT),
        more_href: log.next.as_ref().map(|next| href("/doors/more", next)).unwrap_or_default(),
        next_href: log.next.as_ref().map(|next| href("/doors", next)).unwrap_or_default(),
    })
}
