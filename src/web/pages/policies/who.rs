//! Whom a policy is for, and where somebody nearer decides.

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::Head;
use super::Known;
use super::Tab;
use super::names::people_in;
use crate::kernel::PageRequest;
use crate::kernel::PolicyId;
use crate::kernel::initials;
use crate::people::EmployeeView;
use crate::policy::collection::AppliesTo;
use crate::web::App;
use crate::web::At;
use crate::web::Crumb;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Visitor;
use crate::web::page;

/// How many people are shown at first, and are added each time.
const STEP: usize = 50;

#[derive(Template)]
#[template(path = "policies/people.html")]
struct PeoplePage {
    l: Layout,
    head: Head,
    sentence: String,
    rows: Vec<Row>,
    range: String,
    more: String,
    more_href: String,
}

struct Row {
    name: String,
    initials: String,
    position: String,
    href: String,
    department: String,
    /// Policies that go before this one, the nearest first.
    nearer: Vec<Crumb>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    show: Option<usize>,
}

/// `GET /policies/{id}/people`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    let shown = PeoplePage::new(&visitor, &known, asked.show.unwrap_or(STEP));
    Ok(page(&shown.map_err(|problem| visitor.failure(problem))?).into_response())
}

impl PeoplePage {
    fn new(visitor: &Visitor, known: &Known, show: usize) -> Result<Self, Failure> {
        let texts = visitor.texts;
        let view = &known.names.view;
        let limit = show.clamp(1, PageRequest::MAX);
        let request = PageRequest { limit, after: None };
        let people = match known.policy.applies_to {
            _ if known.people == 0 => Vec::new(),
            AppliesTo::Organization => view.employees(&people_in(None), &request)?.items,
            AppliesTo::Department(id) => view.employees(&people_in(Some(id)), &request)?.items,
            AppliesTo::Employee(id) => vec![view.employee(id)?],
        };
        let rows: Vec<Row> = people.iter().map(|one| Row::new(known, one)).collect();
        let key = match known.policy.applies_to {
            AppliesTo::Organization => "policies-people-organization",
            AppliesTo::Department(_) => "policies-people-department",
            AppliesTo::Employee(_) => "policies-people-person",
        };
        let whole = rows.len() as u64 >= known.people || limit >= PageRequest::MAX;
        let range = texts.with(
            "range-of",
            [
                ("from", usize::from(!rows.is_empty()).into()),
                ("to", texts.number(rows.len() as u64).into()),
                ("total", texts.number(known.people).into()),
            ],
        );
        Ok(Self {
            l: known.layout(visitor),
            head: known.head(visitor, Tab::People),
            sentence: texts.t(key),
            range,
            more: texts.count("action-show-more", STEP),
            more_href: if whole { String::new() } else { format!("{}/people?show={}", known.href(), limit + STEP) },
            rows,
        })
    }
}

impl Row {
    fn new(known: &Known, employee: &EmployeeView) -> Self {
        let name = employee.surname_first();
        let person = AppliesTo::Employee(employee.id);
        let own = known.policy.applies_to;
        let chain = std::iter::once(person).chain(known.names.above(person));
        let nearer = chain.take_while(|one| *one != own).filter_map(|one| known.names.of(one));
        let nearer = nearer.filter(|policy| policy.version > 0).map(|policy| Crumb {
            href: format!("/policies/{}", policy.id),
            label: format!("{} v{}", known.names.target(policy.applies_to), policy.version),
        });
        Self {
            initials: initials(&name),
            position: employee.position.clone(),
            href: format!("/people/{}", employee.id),
            department: employee.department_name.clone().unwrap_or_default(),
            nearer: nearer.collect(),
            name,
        }
    }
}
