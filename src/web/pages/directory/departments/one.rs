//! One department: what lies below it and who works there.

use askama::Template;
use axum::extract::Path;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::kernel::DepartmentId;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::initials;
use crate::people;
use crate::people::Detail;
use crate::people::EmployeeView;
use crate::people::PeopleError;
use crate::people::View;
use crate::policy::collection::AppliesTo;
use crate::web::App;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::directory::departments::tree::Row;
use crate::web::pages::directory::departments::tree::computers_below;
use crate::web::pages::directory::departments::tree::people_below;
use crate::web::pages::directory::fields::id;
use crate::web::pages::directory::may_edit;
use crate::web::pages::directory::people::Hours;
use crate::web::pages::directory::people::Present;
use crate::web::pages::directory::people::Stretch;
use crate::web::pages::directory::view_of;
use crate::web::pages::overview::Period;
use crate::web::pages::overview::department_periods;
use crate::web::pages::policies::HoldingPolicy;

/// How many people are shown here; the list of people shows all.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "departments/one.html")]
struct OnePage<'a> {
    l: Layout,
    id: String,
    name: String,
    meta: String,
    can_edit: bool,
    full: bool,
    sums: bool,
    inactive: bool,
    below: Vec<Row>,
    people: Vec<Member>,
    everybody: String,
    computers: String,
    /// Today, week, month and year, for those who may see them.
    periods: Vec<Period>,
    hours: Option<&'a Hours>,
    lacking: String,
    policy: Option<HoldingPolicy>,
}

struct Member {
    name: String,
    initials: String,
    position: String,
    href: String,
    department: String,
    mark: &'static str,
    doing: String,
    line: Vec<Stretch>,
    first_input: String,
}

/// `GET /departments/{id}`.
pub(super) async fn department(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let view = view_of(&app, &visitor).await?;
    let now = Present::ask(&app, &visitor).await;
    let id = id(&visitor, &raw)?;
    let mut shown = OnePage::new(&visitor, &view, (id, &now)).map_err(|problem| visitor.failure(problem))?;
    let policy = HoldingPolicy::find(&app, &visitor, AppliesTo::Department(id)).await;
    shown.policy = policy.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

impl<'a> OnePage<'a> {
    fn new(visitor: &Visitor, view: &View, (id, now): (DepartmentId, &'a Present)) -> Result<Self, PeopleError> {
        let texts = visitor.texts;
        let department = view.department(id)?;
        let direct = view.departments().into_iter().filter(|(one, _)| one.parent == Some(id));
        let below = direct.map(|(one, _)| Row::new(texts, view, one, 0)).collect::<Result<Vec<_>, _>>()?;
        let people = view.employees(&people_below(id), &PageRequest { limit: SHOWN, after: None })?.items;
        let count = view.count_employees(&people_below(id))?;
        let full = view.detail() == Detail::Full;
        let computers = if full { view.count_computers(&computers_below(id))? } else { 0 };
        let monitoring = visitor.actor().may(Permission::ReadMonitoring);
        Ok(Self {
            l: Layout::new(&visitor.viewer(), Section::Departments, &department.name).through(path(view, id)),
            id: id.to_string(),
            name: department.name.clone(),
            meta: texts.count("people-count", count),
            can_edit: may_edit(visitor),
            full,
            sums: monitoring,
            inactive: department.state == people::State::Inactive,
            below,
            people: people.iter().map(|one| Member::new(visitor, one, (id, now))).collect(),
            everybody: if count > SHOWN as u64 { texts.number(count) } else { String::new() },
            computers: if computers == 0 { String::new() } else { texts.count("computers-count", computers) },
            periods: if monitoring { department_periods(texts, id, "today") } else { Vec::new() },
            hours: now.hours(),
            lacking: now.lacking(texts),
            policy: None,
        })
    }
}

/// The departments above one, as crumbs.
pub(super) fn path(view: &View, id: DepartmentId) -> Vec<Crumb> {
    let above = view.department_path(id).into_iter().filter(|one| one.id != id);
    above.map(|one| Crumb { href: format!("/departments/{}", one.id), label: one.name.clone() }).collect()
}

impl Member {
    fn new(visitor: &Visitor, employee: &EmployeeView, (here, now): (DepartmentId, &Present)) -> Self {
        let name = employee.surname_first();
        let elsewhere = employee.department != Some(here);
        let links = visitor.actor().may(Permission::ReadMonitoring);
        let (mark, doing) = now.words(visitor, employee.id);
        Self {
            initials: initials(&name),
            position: employee.position.clone(),
            href: if links { format!("/people/{}", employee.id) } else { String::new() },
            department: if elsewhere { employee.department_name.clone().unwrap_or_default() } else { String::new() },
            mark,
            doing,
            line: now.line(employee.id),
            first_input: now.first_input(visitor, employee.id),
            name,
        }
    }
}
