//! `/search`: people and computers that match what was typed at the top of a page.

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;

use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::initials;
use crate::people::ComputerFilter;
use crate::people::Detail;
use crate::people::EmployeeFilter;
use crate::people::PeopleError;
use crate::people::View;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::href;
use crate::web::pages::directory::view_of;

/// How many of each are shown; the lists show all.
const SHOWN: usize = 10;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/search", get(search))
}

#[derive(Template)]
#[template(path = "search/results.html")]
struct SearchPage {
    l: Layout,
    q: String,
    nothing: String,
    people: Vec<Person>,
    all_people: String,
    people_href: String,
    computers: Vec<Computer>,
    all_computers: String,
    computers_href: String,
}

struct Person {
    name: String,
    initials: String,
    sub: String,
    href: String,
}

struct Computer {
    name: String,
    users: String,
    href: String,
}

/// `GET /search?q=`.
async fn search(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let view = view_of(&app, &visitor).await?;
    let shown = SearchPage::new(&visitor, &view, query.text("q")).map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

impl SearchPage {
    fn new(visitor: &Visitor, view: &View, q: &str) -> Result<Self, PeopleError> {
        let texts = visitor.texts;
        let first = PageRequest { limit: SHOWN, after: None };
        let employees = EmployeeFilter { text: q.to_owned(), ..EmployeeFilter::default() };
        let machines = ComputerFilter { text: q.to_owned(), ..ComputerFilter::default() };
        let asked = !q.is_empty();
        let links = visitor.actor().may(Permission::ReadMonitoring);
        let people = if asked { view.employees(&employees, &first)?.items } else { Vec::new() };
        let full = asked && view.detail() == Detail::Full;
        let computers = if full { view.computers(&machines, &first)?.items } else { Vec::new() };
        let mut l = Layout::new(&visitor.viewer(), Section::People, &texts.t("search-title"));
        if let Some(search) = &mut l.search {
            q.clone_into(&mut search.value);
        }
        Ok(Self {
            l,
            nothing: if asked {
                texts.with("nothing-found-for", [("query", q.into())])
            } else {
                texts.t("search-nothing-asked")
            },
            all_people: texts.count("people-count", view.count_employees(&employees)?),
            people_href: href("/people", &[("q", q)]),
            people: people
                .iter()
                .map(|one| {
                    let name = one.surname_first();
                    let department = one.department_name.clone().unwrap_or_default();
                    let sub = [one.position.as_str(), &department].into_iter().filter(|part| !part.is_empty());
                    Person {
                        initials: initials(&name),
                        sub: sub.collect::<Vec<_>>().join(" \u{b7} "),
                        href: if links { format!("/people/{}", one.id) } else { String::new() },
                        name,
                    }
                })
                .collect(),
            all_computers: if full {
                texts.count("computers-count", view.count_computers(&machines)?)
            } else {
                String::new()
            },
            computers_href: href("/computers", &[("q", q)]),
            computers: computers
                .iter()
                .map(|one| Computer {
                    name: one.computer.name.clone(),
                    users: one
                        .users
                        .iter()
                        .map(|user| user.employee.as_ref().map_or(user.user.name(), |(_, name)| name))
                        .collect::<Vec<_>>()
                        .join(", "),
                    href: format!("/computers/{}", one.computer.id),
                })
                .collect(),
            q: q.to_owned(),
        })
    }
}
