//! Organizations: who they are, and which one an administrator looks at.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use http::HeaderValue;
use http::header::SET_COOKIE;

use super::shown::moment;
use super::shown::require;
use crate::kernel::Kind;
use crate::kernel::Language;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Zone;
use crate::monitoring::Presence;
use crate::people;
use crate::people::ComputerFilter;
use crate::people::EmployeeFilter;
use crate::tenancy::Organization;
use crate::tenancy::OrganizationName;
use crate::tenancy::Settings;
use crate::web::App;
use crate::web::At;
use crate::web::Choice;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::ORGANIZATION_COOKIE;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::question::Question;
use crate::web::pages::question::ask;
use crate::web::refused;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/organizations", get(list))
        .route("/organizations/new", get(new).post(create))
        .route("/organizations/{id}", get(edit).post(update))
        .route("/organizations/{id}/look", post(look))
        .route("/organizations/{id}/activate", post(activate))
        .route("/organizations/{id}/deactivate", get(ask_deactivate).post(deactivate))
        .route("/organizations/{id}/delete", get(ask_delete).post(delete))
}

struct Row {
    id: String,
    label: String,
    zone: String,
    language: String,
    active: bool,
    looked_at: bool,
    created: String,
    now: Option<Now>,
}

/// What goes on in it now.
struct Now {
    people: String,
    at_computer: String,
    percent: usize,
    computers: String,
}

#[derive(Template)]
#[template(path = "system/organizations.html")]
struct ListPage {
    l: Layout,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "system/organization_form.html")]
struct FormPage {
    l: Layout,
    heading: String,
    action: String,
    submit: String,
    organization: String,
    zone: String,
    zones: Vec<String>,
    languages: Vec<Choice>,
    problems: Problems,
    id: String,
    active: bool,
}

#[derive(Template)]
#[template(path = "system/organization_delete.html")]
struct DeletePage {
    l: Layout,
    title: String,
    organization: String,
    consequences: Vec<String>,
    problems: Problems,
    id: String,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Typed {
    name: String,
    zone: String,
    language: String,
}

async fn list(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    require(&visitor, Permission::EditOrganizations)?;
    let mut rows = Vec::new();
    for one in app.tenancy.list_all() {
        let now = if one.is_active() { now_in(&app, &visitor, one.id).await } else { None };
        rows.push(Row { now, ..row(&visitor, &one) });
    }
    let l = Layout::new(&visitor.viewer(), Section::Organizations, "");
    Ok(page(&ListPage { l, rows }).into_response())
}

/// Nothing when it cannot be read; the list is shown all the same.
async fn now_in(app: &App, visitor: &Visitor, id: OrganizationId) -> Option<Now> {
    let (texts, actor) = (visitor.texts, visitor.actor());
    let (people, _) = app.monitoring.presence_now(actor, id).await.ok()?;
    let view = app.people.view(actor, id).await.ok()?;
    let in_use = ComputerFilter { state: Some(people::State::Active), ..ComputerFilter::default() };
    let here = people.iter().filter(|one| matches!(one.presence, Presence::AtComputer(_))).count();
    Some(Now {
        people: texts.number(people.len() as u64),
        at_computer: texts.number(here as u64),
        percent: here * 100 / people.len().max(1),
        computers: texts.number(view.count_computers(&in_use).ok()?),
    })
}

fn row(visitor: &Visitor, one: &Organization) -> Row {
    let language = Choice::languages(one.settings.language.tag()).into_iter().find(|choice| choice.chosen);
    Row {
        id: one.id.to_string(),
        label: one.name().to_owned(),
        zone: one.settings.zone.name().to_owned(),
        language: language.map(|choice| choice.label).unwrap_or_default(),
        active: one.is_active(),
        looked_at: one.id == visitor.organization_id(),
        created: moment(visitor, Some(one.created_at)),
        now: None,
    }
}

fn form_page(visitor: &Visitor, present: Option<&Organization>, typed: Typed, problems: Problems) -> FormPage {
    let texts = visitor.texts;
    let heading = present.map_or_else(|| texts.t("organizations-new"), |one| one.name().to_owned());
    FormPage {
        l: Layout::new(&visitor.viewer(), Section::Organizations, &heading),
        heading,
        action: present.map_or_else(|| "/organizations/new".to_owned(), |one| format!("/organizations/{}", one.id)),
        submit: texts.t(if present.is_some() { "action-save" } else { "organizations-create" }),
        organization: typed.name,
        zone: typed.zone,
        zones: Zone::names(),
        languages: Choice::languages(&typed.language),
        problems,
        id: present.map(|one| one.id.to_string()).unwrap_or_default(),
        active: present.is_none_or(Organization::is_active),
    }
}

fn read(visitor: &Visitor, typed: &Typed) -> Result<Settings, Problems> {
    let texts = visitor.texts;
    let wrong = |code: &str| Failure::new(Kind::Invalid, code, "");
    let mut problems = Problems::none();
    let name = OrganizationName::parse(&typed.name).map_err(|_| wrong("invalid_organization_name"));
    let name = problems.take("name", texts, name);
    let zone = problems.take("zone", texts, Zone::parse(typed.zone.trim()).map_err(|_| wrong("invalid_time_zone")));
    let language = Language::parse(&typed.language).unwrap_or(texts.language());
    match (name, zone) {
        (Some(name), Some(zone)) => Ok(Settings { name, zone, language }),
        _ => Err(problems),
    }
}

async fn new(visitor: Visitor) -> Result<Response, PageFailure> {
    require(&visitor, Permission::EditOrganizations)?;
    let language = visitor.texts.language().tag().to_owned();
    let typed = Typed { name: String::new(), zone: Zone::DEFAULT.to_owned(), language };
    Ok(page(&form_page(&visitor, None, typed, Problems::none())).into_response())
}

async fn create(State(app): State<App>, visitor: Visitor, Form(typed): Form<Typed>) -> Result<Response, PageFailure> {
    require(&visitor, Permission::EditOrganizations)?;
    let problems = match read(&visitor, &typed) {
        Ok(settings) => match app.tenancy.create(visitor.actor(), settings).await {
            Ok(made) => return Ok(done("/organizations", "done-created", made.name())),
            Err(problem) => refusal(&visitor, problem.into())?,
        },
        Err(problems) => problems,
    };
    Ok(refused(&form_page(&visitor, None, typed, problems)).into_response())
}

fn refusal(visitor: &Visitor, failure: Failure) -> Result<Problems, PageFailure> {
    Problems::refused(failure, visitor.texts, "name").map_err(|failure| visitor.failure(failure))
}

async fn edit(State(app): State<App>, visitor: Visitor, At(id): At<OrganizationId>) -> Result<Response, PageFailure> {
    require(&visitor, Permission::EditOrganizations)?;
    let one = app.tenancy.get(visitor.actor(), id).map_err(|problem| visitor.failure(problem))?;
    let typed = Typed {
        name: one.name().to_owned(),
        zone: one.settings.zone.name().to_owned(),
        language: one.settings.language.tag().to_owned(),
    };
    Ok(page(&form_page(&visitor, Some(&one), typed, Problems::none())).into_response())
}

async fn update(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OrganizationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    require(&visitor, Permission::EditOrganizations)?;
    let one = app.tenancy.get(visitor.actor(), id).map_err(|problem| visitor.failure(problem))?;
    let problems = match read(&visitor, &typed) {
        Ok(settings) => match app.tenancy.update(visitor.actor(), id, settings).await {
            Ok(changed) => return Ok(done("/organizations", "done-saved", changed.name())),
            Err(problem) => refusal(&visitor, problem.into())?,
        },
        Err(problems) => problems,
    };
    Ok(refused(&form_page(&visitor, Some(&one), typed, problems)).into_response())
}

/// From now on the pages show this organization.
async fn look(State(app): State<App>, visitor: Visitor, At(id): At<OrganizationId>) -> Result<Response, PageFailure> {
    app.tenancy.get(visitor.actor(), id).map_err(|problem| visitor.failure(problem))?;
    let mut response = Redirect::to("/").into_response();
    let cookie = format!("{ORGANIZATION_COOKIE}={id}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn activate(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OrganizationId>,
) -> Result<Response, PageFailure> {
    let changed = app.tenancy.activate(visitor.actor(), id).await.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/organizations", "done-activated", changed.name()))
}

async fn ask_deactivate(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OrganizationId>,
) -> Result<Response, PageFailure> {
    require(&visitor, Permission::EditOrganizations)?;
    let texts = visitor.texts;
    let one = app.tenancy.get(visitor.actor(), id).map_err(|problem| visitor.failure(problem))?;
    let gone = app.identity.consequences(visitor.actor(), id).await.map_err(|problem| visitor.failure(problem))?;
    let question = Question {
        title: texts.with("organizations-deactivate-title", [("name", one.name().into())]),
        consequences: vec![
            texts.count("organizations-deactivate-operators", gone.operators),
            texts.count("organizations-deactivate-keys", gone.api_keys),
            texts.t("organizations-deactivate-stays"),
        ],
        action: format!("/organizations/{id}/deactivate"),
        danger: texts.t("organizations-deactivate-do"),
        safe_href: format!("/organizations/{id}"),
    };
    Ok(ask(&visitor, Section::Organizations, question))
}

async fn deactivate(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OrganizationId>,
) -> Result<Response, PageFailure> {
    let changed = app.tenancy.deactivate(visitor.actor(), id).await.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/organizations", "done-deactivated", changed.name()))
}

async fn ask_delete(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OrganizationId>,
) -> Result<Response, PageFailure> {
    require(&visitor, Permission::EditOrganizations)?;
    Ok(page(&delete_page(&app, &visitor, id, Problems::none()).await?).into_response())
}

async fn delete_page(
    app: &App,
    visitor: &Visitor,
    id: OrganizationId,
    problems: Problems,
) -> Result<DeletePage, PageFailure> {
    let (texts, actor) = (visitor.texts, visitor.actor());
    let one = app.tenancy.get(actor, id).map_err(|problem| visitor.failure(problem))?;
    let view = app.people.view(actor, id).await.map_err(|problem| visitor.failure(problem))?;
    let usage = app.retention.usage(actor, id).await.map_err(|problem| visitor.failure(problem))?;
    let gone = app.identity.consequences(actor, id).await.map_err(|problem| visitor.failure(problem))?;
    let people = view.count_employees(&EmployeeFilter::default()).map_err(|problem| visitor.failure(problem))?;
    let computers = view.count_computers(&ComputerFilter::default()).map_err(|problem| visitor.failure(problem))?;
    let events: u64 = usage.datasets.iter().map(|dataset| dataset.rows).sum();
    let bytes: u64 = usage.datasets.iter().map(|dataset| dataset.bytes).sum();
    let kept = [
        ("people", texts.count("people-count", people).into()),
        ("computers", texts.count("computers-count", computers).into()),
        ("events", texts.count("events-count", events).into()),
        ("bytes", texts.bytes(bytes).into()),
    ];
    let title = texts.with("organizations-delete-title", [("name", one.name().into())]);
    Ok(DeletePage {
        l: Layout::new(&visitor.viewer(), Section::Organizations, &title),
        title,
        organization: one.name().to_owned(),
        consequences: vec![
            texts.with("organizations-delete-data", kept),
            texts.count("organizations-deactivate-operators", gone.operators),
            texts.count("organizations-deactivate-keys", gone.api_keys),
            texts.t("organizations-delete-final"),
        ],
        problems,
        id: id.to_string(),
    })
}

/// The name is typed again: nothing of this can be brought back.
async fn delete(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OrganizationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    require(&visitor, Permission::EditOrganizations)?;
    let one = app.tenancy.get(visitor.actor(), id).map_err(|problem| visitor.failure(problem))?;
    let mut problems = Problems::none();
    if typed.name.trim() == one.name() {
        match app.tenancy.begin_removal(visitor.actor(), id).await {
            Ok(()) => return Ok(done("/organizations", "done-deleted", one.name())),
            Err(problem) => problems = refusal(&visitor, problem.into())?,
        }
    } else {
        problems.add("name", visitor.texts.t("error-name-differs"));
    }
    Ok(refused(&delete_page(&app, &visitor, id, problems).await?).into_response())
}
