//! Whose an account is: the dated link form, ending and removing links, and accounts that are nobody's.

use askama::Template;
use axum::Router;
use axum::extract::Form;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;

use crate::kernel::ComputerUserId;
use crate::kernel::EmployeeId;
use crate::kernel::LinkId;
use crate::kernel::PageRequest;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::people;
use crate::people::ComputerUserView;
use crate::people::EmployeeFilter;
use crate::people::FieldError;
use crate::people::FieldProblem;
use crate::people::Link;
use crate::people::LinkInput;
use crate::people::PeopleError;
use crate::people::View;
use crate::web::App;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::directory::ask;
use crate::web::pages::directory::editor_view;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::id;
use crate::web::pages::directory::fields::refusal;
use crate::web::pages::directory::shown::Question;
use crate::web::pages::directory::trail;
use crate::web::pages::directory::unassigned::proposed;
use crate::web::refused;

/// How many people a search offers.
const OFFERED: usize = 20;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/computer-users/{id}/link", get(new).post(create))
        .route("/computer-users/{id}/state", post(set_state))
        .route("/links/{id}/edit", get(edit).post(save))
        .route("/links/{id}/end", post(end))
        .route("/links/{id}/delete", get(ask_delete).post(delete))
}

#[derive(Template)]
#[template(path = "links/form.html")]
struct LinkPage {
    l: Layout,
    title: String,
    action: String,
    cancel: String,
    q: String,
    offered: Vec<Offered>,
    from: String,
    to: String,
    zone: String,
    changes: bool,
    problems: Problems,
}

/// A person to choose.
struct Offered {
    employee: String,
    name: String,
    text: String,
    chosen: bool,
}

impl LinkPage {
    fn new(visitor: &Visitor, view: &View, (user, link): Subject<'_>, typed: &Fields) -> Result<Self, PeopleError> {
        let texts = visitor.texts;
        let computer = format!("/computers/{}", user.user.computer);
        let own = Crumb { href: computer.clone(), label: user.computer_name.clone() };
        let title = texts.with("links-title", [("name", user.user.name().into())]);
        let action = match link {
            Some(link) => format!("/links/{}/edit", link.id),
            None => format!("/computer-users/{}/link", user.user.id),
        };
        Ok(Self {
            l: Layout::new(&visitor.viewer(), Section::Computers, user.user.name()).through([own]),
            title,
            action,
            cancel: computer,
            q: typed.owned("q"),
            offered: offered(visitor, view, user, typed)?,
            from: typed.owned("from"),
            to: typed.owned("to"),
            zone: texts.with("links-zone", [("zone", visitor.zone.name().into())]),
            changes: link.is_some(),
            problems: Problems::default(),
        })
    }
}

/// The account, and the link that is corrected.
type Subject<'a> = (&'a ComputerUserView, Option<&'a Link>);

/// The chosen one first, then the proposals or whom the search finds.
fn offered(
    visitor: &Visitor,
    view: &View,
    user: &ComputerUserView,
    typed: &Fields,
) -> Result<Vec<Offered>, PeopleError> {
    let texts = visitor.texts;
    let chosen: Option<EmployeeId> = typed.parsed("employee");
    let mut all = Vec::new();
    if let Some(employee) = chosen.and_then(|id| view.employee(id).ok()) {
        let text = employee.department_name.clone().unwrap_or_default();
        all.push(Offered { employee: employee.id.to_string(), name: employee.surname_first(), text, chosen: true });
    }
    if typed.text("q").is_empty() {
        // Proposals exist only for accounts that belong to nobody; there are few on one computer.
        let unassigned = view.unassigned(&user.computer_name, &PageRequest { limit: PageRequest::MAX, after: None })?;
        let own = unassigned.items.iter().find(|one| one.user.user.id == user.user.id);
        for one in own.map(|own| proposed(texts, view, own)).transpose()?.unwrap_or_default() {
            all.push(Offered { employee: one.employee, name: one.name, text: one.reason, chosen: false });
        }
    } else {
        let state = Some(people::State::Active);
        let filter = EmployeeFilter { text: typed.owned("q"), state, ..EmployeeFilter::default() };
        for one in view.employees(&filter, &PageRequest { limit: OFFERED, after: None })?.items {
            let text = one.department_name.clone().unwrap_or_default();
            all.push(Offered { employee: one.id.to_string(), name: one.surname_first(), text, chosen: false });
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|one| seen.insert(one.employee.clone()));
    if let ([only], None) = (all.as_mut_slice(), chosen) {
        only.chosen = true;
    }
    Ok(all)
}

/// What was typed; a moment that was not touched keeps its seconds.
fn input(form: &Fields, zone: &Zone, before: Option<&Link>) -> Result<LinkInput, FieldError> {
    let employee = form.chosen("employee")?.ok_or(FieldProblem::Required.of("employee"))?;
    let read = |name: &'static str, old: Option<Timestamp>| match old {
        Some(old) if form.text(name) == local(zone, old) => Ok(Some(old)),
        _ => form.moment(name, zone),
    };
    Ok(LinkInput {
        employee,
        from: read("from", before.and_then(|link| link.from))?,
        to: read("to", before.and_then(|link| link.to))?,
    })
}

/// As `<input type="datetime-local">` writes it.
fn local(zone: &Zone, at: Timestamp) -> String {
    let civil = zone.civil(at);
    format!("{}T{:02}:{:02}", civil.date(), civil.hour(), civil.minute())
}

/// `GET /computer-users/{id}/link`; `?q=` searches for people.
async fn new(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let user = view.computer_user(id(&visitor, &raw)?).map_err(|problem| visitor.failure(problem))?;
    let shown = LinkPage::new(&visitor, &view, (&user, None), &query).map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

/// `POST /computer-users/{id}/link`.
async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let id: ComputerUserId = id(&visitor, &raw)?;
    let user = view.computer_user(id).map_err(|problem| visitor.failure(problem))?;
    let made = match input(&form, &visitor.zone, None) {
        Ok(input) => app.people.create_link(visitor.actor(), visitor.organization_id(), id, input).await,
        Err(problem) => Err(PeopleError::from(problem)),
    };
    match made {
        Ok(link) => {
            trail::record(&app, &visitor, trail::link("link.create", &link)).await;
            Ok(done(&format!("/computers/{}", user.user.computer), "done-links-created", user.user.name()))
        }
        Err(problem) => again(&visitor, &view, (&user, None), (&form, problem)),
    }
}

/// `GET /links/{id}/edit`.
async fn edit(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let link = view.link(id(&visitor, &raw)?).map_err(|problem| visitor.failure(problem))?;
    let user = view.computer_user(link.computer_user).map_err(|problem| visitor.failure(problem))?;
    let moment = |at: Option<Timestamp>| at.map(|at| local(&visitor.zone, at)).unwrap_or_default();
    let typed = Fields::of([
        ("employee", link.employee.to_string()),
        ("from", moment(link.from)),
        ("to", moment(link.to)),
        ("q", query.owned("q")),
    ]);
    let shown = LinkPage::new(&visitor, &view, (&user, Some(link)), &typed);
    Ok(page(&shown.map_err(|problem| visitor.failure(problem))?).into_response())
}

/// `POST /links/{id}/edit`.
async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let id: LinkId = id(&visitor, &raw)?;
    let before = view.link(id).map_err(|problem| visitor.failure(problem))?;
    let user = view.computer_user(before.computer_user).map_err(|problem| visitor.failure(problem))?;
    let changed = match input(&form, &visitor.zone, Some(before)) {
        Ok(input) => app.people.change_link(visitor.actor(), visitor.organization_id(), id, input).await,
        Err(problem) => Err(PeopleError::from(problem)),
    };
    match changed {
        Ok(changed) => {
            trail::record(&app, &visitor, trail::link("link.update", &changed.after)).await;
            Ok(done(&format!("/computers/{}", user.user.computer), "done-links-saved", user.user.name()))
        }
        Err(problem) => again(&visitor, &view, (&user, Some(before)), (&form, problem)),
    }
}

fn again(
    visitor: &Visitor,
    view: &View,
    subject: Subject<'_>,
    (form, problem): (&Fields, PeopleError),
) -> Result<Response, PageFailure> {
    let problems = refusal(visitor, problem)?;
    let shown = LinkPage::new(visitor, view, subject, form).map_err(|problem| visitor.failure(problem))?;
    Ok(refused(&LinkPage { problems, ..shown }).into_response())
}

/// `POST /links/{id}/end`: from now on the account belongs to nobody.
async fn end(State(app): State<App>, visitor: Visitor, Path(raw): Path<String>) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let id: LinkId = id(&visitor, &raw)?;
    let now = app.clock.now();
    let changed = app.people.end_link(visitor.actor(), visitor.organization_id(), id, now).await;
    let changed = changed.map_err(|problem| visitor.failure(problem))?;
    trail::record(&app, &visitor, trail::link("link.end", &changed.after)).await;
    let user = view.computer_user(changed.after.computer_user).map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/computers/{}", user.user.computer), "done-links-ended", user.user.name()))
}

/// `GET /links/{id}/delete`.
async fn ask_delete(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let link = view.link(id(&visitor, &raw)?).map_err(|problem| visitor.failure(problem))?;
    let user = view.computer_user(link.computer_user).map_err(|problem| visitor.failure(problem))?;
    let person = view.employee(link.employee).map_err(|problem| visitor.failure(problem))?;
    let texts = visitor.texts;
    let question = Question {
        title: texts
            .with("links-delete-title", [("user", user.user.name().into()), ("name", person.surname_first().into())]),
        consequences: vec![texts.t("links-delete-events"), texts.t("links-delete-instead")],
        action: format!("/links/{}/delete", link.id),
        hidden: Vec::new(),
        danger: texts.t("links-delete-do"),
        safe: texts.t("links-delete-keep"),
        safe_href: format!("/computers/{}", user.user.computer),
    };
    Ok(ask(&visitor, Section::Computers, question))
}

/// `POST /links/{id}/delete`.
async fn delete(State(app): State<App>, visitor: Visitor, Path(raw): Path<String>) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let id: LinkId = id(&visitor, &raw)?;
    let gone = app.people.delete_link(visitor.actor(), visitor.organization_id(), id).await;
    let gone = gone.map_err(|problem| visitor.failure(problem))?;
    trail::record(&app, &visitor, trail::link("link.remove", &gone)).await;
    let user = view.computer_user(gone.computer_user).map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/computers/{}", user.user.computer), "done-links-deleted", user.user.name()))
}

/// `POST /computer-users/{id}/state`: whether anybody is asked for behind the account.
async fn set_state(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let id: ComputerUserId = id(&visitor, &raw)?;
    let state = if form.text("state") == "inactive" { people::State::Inactive } else { people::State::Active };
    let changed = app.people.set_computer_user_state(visitor.actor(), visitor.organization_id(), id, state).await;
    let changed = changed.map_err(|problem| visitor.failure(problem))?;
    let action = trail::by_state(state, "computer_user.activate", "computer_user.deactivate");
    trail::record(&app, &visitor, trail::computer_user(action, &changed.after)).await;
    let key = trail::by_state(state, "done-users-activated", "done-users-deactivated");
    let computers = form.text("next").starts_with("/computers");
    let back = form.back(if computers { "/computers" } else { "/unassigned" });
    Ok(done(back, key, changed.after.name()))
}
