//! A new policy: for whom, and what it begins with.

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use nazorat_wire::policy::Screenshots;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::SiteDetail;
use nazorat_wire::policy::WindowDetail;

use super::names::Names;
use super::names::people_in;
use super::require_editor;
use crate::kernel::PageRequest;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::PoliciesError;
use crate::web::App;
use crate::web::Choice;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::refused;

/// People who are offered in the list; more of them are found by a part of their name.
const OFFERED: usize = PageRequest::MAX;

/// What was chosen.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    of: String,
    department: String,
    person: String,
    begin: String,
}

#[derive(Template)]
#[template(path = "policies/new.html")]
struct NewPage {
    l: Layout,
    typed: Typed,
    /// The organization has one already.
    has_organization: bool,
    departments: Vec<Choice>,
    people: Vec<Choice>,
    problems: Problems,
}

/// `GET /policies/new`.
pub(super) async fn form(
    State(app): State<App>,
    visitor: Visitor,
    Query(mut typed): Query<Typed>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor).map_err(|problem| visitor.failure(problem))?;
    let names = names(&app, &visitor).await?;
    if typed.of.is_empty() {
        let first = if names.of(AppliesTo::Organization).is_none() { "organization" } else { "department" };
        first.clone_into(&mut typed.of);
    }
    // Whoever decides for all begins with little; whoever decides for some, with what they want to be different.
    let begin = if typed.of == "organization" { "privacy" } else { "empty" };
    begin.clone_into(&mut typed.begin);
    let shown = NewPage::new(&visitor, &names, typed, Problems::none());
    Ok(page(&shown.map_err(|problem| visitor.failure(problem))?).into_response())
}

/// `POST /policies/new`.
pub(super) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor).map_err(|problem| visitor.failure(problem))?;
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let refuse = async |field: &'static str, key: &str, typed: Typed| {
        let names = names(&app, &visitor).await?;
        let mut problems = Problems::none();
        problems.add(field, visitor.texts.t(key));
        let shown = NewPage::new(&visitor, &names, typed, problems);
        Ok(refused(&shown.map_err(|problem| visitor.failure(problem))?).into_response())
    };
    let applies_to = match typed.of.as_str() {
        "department" => match typed.department.parse() {
            Ok(id) => AppliesTo::Department(id),
            Err(_) => return refuse("department", "policies-wrong-department", typed).await,
        },
        "person" => match typed.person.parse() {
            Ok(id) => AppliesTo::Employee(id),
            Err(_) => return refuse("person", "policies-wrong-person", typed).await,
        },
        _ => AppliesTo::Organization,
    };
    let made = match app.policies.create(actor, organization, applies_to).await {
        Ok(made) => made,
        // Whoever wants a policy that is there wants to see it.
        Err(PoliciesError::Exists(id)) => return Ok(Redirect::to(&format!("/policies/{id}")).into_response()),
        Err(problem) => return Err(visitor.failure(problem)),
    };
    if typed.begin == "privacy" {
        let draft = (privacy_friendly(), made.version);
        let kept = app.policies.save_draft(actor, organization, made.id, draft).await;
        kept.map_err(|problem| visitor.failure(problem))?;
    }
    Ok(done(&format!("/policies/{}", made.id), "done-policy-made", ""))
}

/// Enough to see how much computers are used and for what, without titles, addresses and pictures.
fn privacy_friendly() -> Settings {
    Settings {
        windows: Some(WindowDetail::Application),
        sites: Some(SiteDetail::Domain),
        screenshots: Some(Screenshots::OFF),
        input: Some(true),
        sessions: Some(true),
        private_windows: Some(false),
        idle_minutes: Some(3),
        ..Settings::default()
    }
}

async fn names(app: &App, visitor: &Visitor) -> Result<Names, PageFailure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let all = app.policies.list(actor, organization).await.map_err(|problem| visitor.failure(problem))?;
    let view = app.people.view(actor, organization).await.map_err(|problem| visitor.failure(problem))?;
    Ok(Names::new(visitor.texts, view, all))
}

impl NewPage {
    fn new(visitor: &Visitor, names: &Names, typed: Typed, problems: Problems) -> Result<Self, Failure> {
        let texts = visitor.texts;
        let departments = names.view.departments().into_iter().map(|(department, depth)| Choice {
            value: department.id.to_string(),
            label: format!("{}{}", "\u{2003}".repeat(depth), department.name),
            chosen: department.id.to_string() == typed.department,
        });
        let people = names.view.employees(&people_in(None), &PageRequest { limit: OFFERED, after: None })?.items;
        let mut offered: Vec<Choice> =
            people.iter().map(|one| Choice::new(&one.id.to_string(), one.surname_first(), &typed.person)).collect();
        // Somebody further down the list, who was chosen on their own page.
        if let Ok(id) = typed.person.parse()
            && !offered.iter().any(|one| one.chosen)
            && let Ok(one) = names.view.employee(id)
        {
            offered.insert(0, Choice::new(&typed.person, one.surname_first(), &typed.person));
        }
        Ok(Self {
            l: Layout::new(&visitor.viewer(), Section::Policies, &texts.t("policies-new")),
            has_organization: names.of(AppliesTo::Organization).is_some(),
            departments: departments.collect(),
            people: offered,
            typed,
            problems,
        })
    }
}
