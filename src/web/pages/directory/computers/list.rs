//! The list of computers.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::kernel::DepartmentId;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::people;
use crate::people::ComputerFilter;
use crate::people::ComputerView;
use crate::people::PeopleError;
use crate::people::View;
use crate::web::App;
use crate::web::Choice;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::directory::computers::light::Light;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::href;
use crate::web::pages::directory::may_edit;
use crate::web::pages::directory::shown::ActiveFilter;
use crate::web::pages::directory::shown::Foot;
use crate::web::pages::directory::shown::STEP;
use crate::web::pages::directory::shown::Tab;
use crate::web::pages::directory::shown::departments;
use crate::web::pages::directory::view_of;

#[derive(Template)]
#[template(path = "computers/list.html")]
struct ListPage {
    l: Layout,
    meta: String,
    unlinked: String,
    tabs: Vec<Tab>,
    q: String,
    inactive: bool,
    departments: Vec<Choice>,
    filters: Vec<ActiveFilter>,
    rows: Vec<Row>,
    any: bool,
    can_connect: bool,
    nothing: String,
    foot: Foot,
    announce: String,
}

/// A computer in a list.
struct Row {
    name: String,
    uid: String,
    href: String,
    department: String,
    users: Vec<User>,
    first_seen: String,
    light: Light,
}

struct User {
    name: String,
    href: String,
    unlinked: bool,
}

struct Asked {
    q: String,
    department: Option<DepartmentId>,
    state: people::State,
    show: usize,
}

impl Asked {
    fn new(query: &Fields) -> Self {
        let inactive = query.text("state") == "inactive";
        Self {
            q: query.owned("q"),
            department: query.parsed("department"),
            state: if inactive { people::State::Inactive } else { people::State::Active },
            show: query.parsed("show").unwrap_or(STEP).clamp(STEP, PageRequest::MAX),
        }
    }

    fn filter(&self) -> ComputerFilter {
        ComputerFilter { text: self.q.clone(), department: self.department, state: Some(self.state) }
    }

    fn href(&self) -> String {
        let department = self.department.map(|id| id.to_string()).unwrap_or_default();
        let state = if self.state == people::State::Inactive { "inactive" } else { "" };
        href("/computers", &[("q", &self.q), ("state", state), ("department", &department)])
    }

    fn with(&self, state: people::State) -> Self {
        Self { q: self.q.clone(), department: self.department, state, show: STEP }
    }
}

/// `GET /computers`.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let view = view_of(&app, &visitor).await?;
    let asked = Asked::new(&query);
    let shown = ListPage::new(&visitor, &view, &asked).map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

impl ListPage {
    fn new(visitor: &Visitor, view: &View, asked: &Asked) -> Result<Self, PeopleError> {
        let texts = visitor.texts;
        let rows = view.computers(&asked.filter(), &PageRequest { limit: asked.show, after: None })?.items;
        let total = view.count_computers(&asked.filter())?;
        let in_use = view.count_computers(&of_state(people::State::Active))?;
        let all = in_use + view.count_computers(&of_state(people::State::Inactive))?;
        let unlinked = if may_edit(visitor) { view.count_unassigned()? } else { 0 };
        let address = |show: usize| href(&asked.href(), &[("show", &show.to_string())]);
        let nothing = match asked.q.as_str() {
            "" => texts.t("computers-none"),
            query => texts.with("nothing-found-for", [("query", query.into())]),
        };
        Ok(Self {
            l: Layout::new(&visitor.viewer(), Section::Computers, ""),
            meta: texts.count("computers-count", in_use),
            unlinked: if unlinked == 0 { String::new() } else { texts.count("people-unlinked", unlinked) },
            tabs: tabs(texts, view, asked)?,
            q: asked.q.clone(),
            inactive: asked.state == people::State::Inactive,
            departments: departments(view, asked.department),
            filters: filters(texts, view, asked),
            foot: Foot::new(texts, rows.len(), total, address),
            rows: rows.iter().map(|computer| Row::new(visitor, view, computer)).collect(),
            any: all > 0,
            can_connect: visitor.actor().may(Permission::EditApiKeys),
            nothing,
            announce: texts.count("computers-count", total),
        })
    }
}

fn of_state(state: people::State) -> ComputerFilter {
    ComputerFilter { state: Some(state), ..ComputerFilter::default() }
}

fn tabs(texts: Texts, view: &View, asked: &Asked) -> Result<Vec<Tab>, PeopleError> {
    let states = [(people::State::Active, "computers-tab-in-use"), (people::State::Inactive, "computers-tab-inactive")];
    let tab = |(state, key)| {
        Ok(Tab {
            href: asked.with(state).href(),
            label: texts.t(key),
            count: texts.number(view.count_computers(&of_state(state))?),
            mark: "",
            current: state == asked.state,
        })
    };
    states.into_iter().map(tab).collect()
}

fn filters(texts: Texts, view: &View, asked: &Asked) -> Vec<ActiveFilter> {
    let remove = |name: &str| texts.with("action-remove-filter", [("name", name.into())]);
    let chosen = asked.department.and_then(|id| view.department(id).ok());
    let department = chosen.map(|department| ActiveFilter {
        text: department.name.clone(),
        href: Asked { department: None, ..asked.with(asked.state) }.href(),
        label: remove(&department.name),
    });
    let search = (!asked.q.is_empty()).then(|| ActiveFilter {
        text: asked.q.clone(),
        href: Asked { q: String::new(), ..asked.with(asked.state) }.href(),
        label: remove(&asked.q),
    });
    department.into_iter().chain(search).collect()
}

impl Row {
    fn new(visitor: &Visitor, view: &View, computer: &ComputerView) -> Self {
        let (texts, zone) = (visitor.texts, &visitor.zone);
        let named = computer.computer.name != computer.computer.uid;
        let users = computer.users.iter().filter(|user| user.user.state == people::State::Active);
        // Somebody with two accounts stands here once.
        let mut people = BTreeSet::new();
        let users = users.filter(|user| user.employee.as_ref().is_none_or(|(id, _)| people.insert(*id)));
        Self {
            name: computer.computer.name.clone(),
            uid: if named { computer.computer.uid.clone() } else { String::new() },
            href: format!("/computers/{}", computer.computer.id),
            department: computer.department_name.clone().unwrap_or_default(),
            users: users
                .map(|user| match &user.employee {
                    Some((id, name)) => User { name: name.clone(), href: format!("/people/{id}"), unlinked: false },
                    None => User { name: user.user.name().to_owned(), href: String::new(), unlinked: true },
                })
                .collect(),
            first_seen: computer.first_seen.map(|at| texts.day_year(zone.day_of(at))).unwrap_or_default(),
            light: Light::of(texts, zone, computer, view.now()),
        }
    }
}
