//! The list of operators.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::identity::Operator;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Role;
use crate::kernel::initials;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::system::shown::Tab;
use crate::web::pages::system::shown::moment;
use crate::web::pages::system::shown::require;
use crate::web::role_key;

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    role: String,
}

struct Row {
    id: String,
    label: String,
    initials: String,
    login: String,
    role: String,
    place: String,
    active: bool,
    seen: String,
}

#[derive(Template)]
#[template(path = "system/operators.html")]
struct ListPage {
    l: Layout,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
}

pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    require(&visitor, Permission::EditOperators)?;
    let all = all(&app, &visitor)?;
    let organizations: HashMap<OrganizationId, String> =
        app.tenancy.list_all().iter().map(|one| (one.id, one.name().to_owned())).collect();
    let wanted = |operator: &&Arc<Operator>| fits(operator, &asked.role);
    let mut rows: Vec<_> = all.iter().filter(wanted).map(|one| row(&visitor, one, &organizations)).collect();
    rows.sort_by_key(|row| crate::kernel::fold(&row.label));
    let l = Layout::new(&visitor.viewer(), Section::Operators, "");
    Ok(page(&ListPage { l, tabs: tabs(&visitor, &all, &asked.role), rows }).into_response())
}

fn all(app: &App, visitor: &Visitor) -> Result<Vec<Arc<Operator>>, PageFailure> {
    let mut found = Vec::new();
    let mut request = PageRequest { limit: PageRequest::MAX, after: None };
    loop {
        let page = app.identity.operators.list(visitor.actor(), None, &request);
        let page = page.map_err(|problem| visitor.failure(problem))?;
        found.extend(page.items);
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(found),
        }
    }
}

fn fits(operator: &Operator, which: &str) -> bool {
    match which {
        "" => true,
        "inactive" => !operator.active,
        role => Role::parse(role) == Some(operator.assignment.role()),
    }
}

fn row(visitor: &Visitor, one: &Operator, organizations: &HashMap<OrganizationId, String>) -> Row {
    let texts = visitor.texts;
    let place = match one.assignment.organization() {
        Some(organization) => organizations.get(&organization).cloned().unwrap_or_default(),
        None => texts.t("operators-everywhere"),
    };
    Row {
        id: one.id.to_string(),
        label: one.display_name.as_str().to_owned(),
        initials: initials(one.display_name.as_str()),
        login: one.login.to_string(),
        role: texts.t(role_key(one.assignment.role())),
        place,
        active: one.active,
        seen: match one.last_login_at {
            Some(at) => moment(visitor, Some(at)),
            None => texts.t("operators-never"),
        },
    }
}

fn tabs(visitor: &Visitor, all: &[Arc<Operator>], current: &str) -> Vec<Tab> {
    let texts = visitor.texts;
    let tab = |which: &str, label: String| Tab {
        href: if which.is_empty() { "/operators".to_owned() } else { format!("/operators?role={which}") },
        label,
        count: texts.number(all.iter().filter(|one| fits(one, which)).count() as u64),
        mark: "",
        current: which == current,
    };
    let roles = Role::ALL.map(|role| tab(role.name(), texts.t(role_key(role))));
    std::iter::once(tab("", texts.t("action-all")))
        .chain(roles)
        .chain(std::iter::once(tab("inactive", texts.t("state-inactive"))))
        .collect()
}
