//! The list of people, and the same list as a file.

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::header;

use crate::kernel::Language;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::initials;
use crate::people;
use crate::people::Delimiter;
use crate::people::Detail;
use crate::people::EmployeeView;
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
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::href;
use crate::web::pages::directory::may_edit;
use crate::web::pages::directory::people::asked::Asked;
use crate::web::pages::directory::people::asked::Which;
use crate::web::pages::directory::people::present::Present;
use crate::web::pages::directory::people::strip::Hours;
use crate::web::pages::directory::people::strip::Stretch;
use crate::web::pages::directory::shown::ActiveFilter;
use crate::web::pages::directory::shown::Foot;
use crate::web::pages::directory::shown::Tab;
use crate::web::pages::directory::shown::departments;
use crate::web::pages::directory::view_of;

#[derive(Template)]
#[template(path = "people/list.html")]
struct ListPage<'a> {
    l: Layout,
    meta: String,
    unlinked: String,
    can_edit: bool,
    /// The list of notices is for who may see what people do.
    has_notices: bool,
    full: bool,
    tabs: Vec<Tab>,
    q: String,
    which: &'static str,
    departments: Vec<Choice>,
    filters: Vec<ActiveFilter>,
    rows: Vec<Row>,
    total: u64,
    nobody: Option<Nobody>,
    foot: Foot,
    export: String,
    here: String,
    announce: String,
    /// What people do now, and in which hours it is drawn; absent where it is not shown.
    hours: Option<&'a Hours>,
    /// What is missing from that, in a sentence.
    lacking: String,
}

struct Row {
    id: String,
    name: String,
    initials: String,
    position: String,
    href: String,
    department: String,
    department_href: String,
    number: String,
    inactive: bool,
    mark: &'static str,
    doing: String,
    line: Vec<Stretch>,
    first_input: String,
    pick: String,
}

/// Why the list is empty.
struct Nobody {
    title: String,
    text: String,
    wider: String,
    wider_href: String,
}

/// `GET /people`.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let view = view_of(&app, &visitor).await?;
    let asked = Asked::new(&query);
    let now = Present::ask(&app, &visitor).await;
    let shown = ListPage::new(&visitor, &view, &asked, &now).map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

/// `GET /people/export.csv`: the list as it is filtered, for spreadsheets; what people do now is no part of it.
pub(super) async fn export(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let view = view_of(&app, &visitor).await?;
    let language = visitor.texts.language();
    let text = view.export_employees(&Asked::new(&query).filter(), language, delimiter(language));
    let text = text.map_err(|problem| visitor.failure(problem))?;
    Ok(csv("people.csv", text))
}

/// Spreadsheets expect a semicolon where the comma divides numbers.
pub(in crate::web::pages::directory) const fn delimiter(language: Language) -> Delimiter {
    match language {
        Language::En => Delimiter::Comma,
        Language::Uz | Language::Ru => Delimiter::Semicolon,
    }
}

/// A CSV file to keep.
pub(in crate::web::pages::directory) fn csv(name: &str, text: String) -> Response {
    let kept = format!("attachment; filename=\"{name}\"");
    let kind = "text/csv; charset=utf-8".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, kept)], text).into_response()
}

impl<'a> ListPage<'a> {
    fn new(visitor: &Visitor, view: &View, asked: &Asked, now: &'a Present) -> Result<Self, PeopleError> {
        let texts = visitor.texts;
        let (rows, total) = found(view, asked, now)?;
        let full = view.detail() == Detail::Full;
        let links = visitor.actor().may(Permission::ReadMonitoring);
        let everybody = view.count_employees(&Which::All.filter())?;
        let count = texts.count("people-count", everybody);
        let departments_count = texts.count("departments-count", view.departments().len());
        let unlinked = if may_edit(visitor) { view.count_unassigned()? } else { 0 };
        let address = |show: usize| href(&asked.href("/people"), &[("show", &show.to_string())]);
        Ok(Self {
            l: Layout::new(&visitor.viewer(), Section::People, ""),
            meta: texts.with("people-meta", [("people", count.into()), ("departments", departments_count.into())]),
            unlinked: if unlinked == 0 { String::new() } else { texts.count("people-unlinked", unlinked) },
            can_edit: may_edit(visitor),
            has_notices: links,
            full,
            tabs: tabs(texts, view, asked, now)?,
            q: asked.q.clone(),
            which: asked.which.word(),
            departments: departments(view, asked.department),
            filters: filters(texts, view, asked),
            nobody: if rows.is_empty() { Some(nobody(texts, view, asked, now)?) } else { None },
            foot: Foot::new(texts, rows.len(), total, address),
            announce: texts.count("people-count", total),
            rows: rows.iter().map(|employee| Row::new(visitor, employee, (links, now))).collect(),
            total: everybody + view.count_employees(&Which::Inactive.filter())?,
            export: asked.href("/people/export.csv"),
            here: asked.href("/people"),
            hours: now.hours(),
            lacking: now.lacking(texts),
        })
    }
}

/// The rows, and how many there are in all.
fn found(view: &View, asked: &Asked, now: &Present) -> Result<(Vec<EmployeeView>, u64), PeopleError> {
    let filter = asked.filter();
    if !asked.which.is_now() {
        let page = view.employees(&filter, &PageRequest { limit: asked.show, after: None })?;
        return Ok((page.items, view.count_employees(&filter)?));
    }
    let (mut rows, mut total, mut after) = (Vec::new(), 0, None);
    loop {
        let page = view.employees(&filter, &PageRequest { limit: PageRequest::MAX, after })?;
        for one in page.items.into_iter().filter(|one| now.which(one.id) == Some(asked.which)) {
            total += 1;
            if rows.len() < asked.show {
                rows.push(one);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok((rows, total));
        }
    }
}

fn tabs(texts: Texts, view: &View, asked: &Asked, now: &Present) -> Result<Vec<Tab>, PeopleError> {
    let full = view.detail() == Detail::Full;
    let offered = Which::ALL.into_iter().filter(|which| match which {
        Which::All | Which::Inactive => true,
        Which::Unlinked => full,
        _ => now.is_known(),
    });
    offered
        .map(|which| {
            let count = if which.is_now() { now.count(which) } else { view.count_employees(&which.filter())? };
            Ok(Tab {
                href: asked.with(which).href("/people"),
                label: texts.t(which.key()),
                count: texts.number(count),
                mark: which.mark(),
                current: which == asked.which,
            })
        })
        .collect()
}

fn filters(texts: Texts, view: &View, asked: &Asked) -> Vec<ActiveFilter> {
    let chosen = asked.department.and_then(|id| view.department(id).ok());
    let department = chosen.map(|department| ActiveFilter {
        text: department.name.clone(),
        href: Asked { department: None, ..asked.with(asked.which) }.href("/people"),
        label: texts.with("action-remove-filter", [("name", (&department.name).into())]),
    });
    let search = (!asked.q.is_empty()).then(|| ActiveFilter {
        text: asked.q.clone(),
        href: Asked { q: String::new(), ..asked.with(asked.which) }.href("/people"),
        label: texts.with("action-remove-filter", [("name", (&asked.q).into())]),
    });
    department.into_iter().chain(search).collect()
}

fn nobody(texts: Texts, view: &View, asked: &Asked, now: &Present) -> Result<Nobody, PeopleError> {
    let title = if asked.q.is_empty() {
        texts.t("people-nobody")
    } else {
        texts.with("nothing-found-for", [("query", (&asked.q).into())])
    };
    let wider = Asked { department: None, ..asked.with(asked.which) };
    let elsewhere = if asked.department.is_some() { found(view, &wider, now)?.1 } else { 0 };
    let (text, button, address) = match elsewhere {
        0 => (texts.t("people-nobody-text"), String::new(), String::new()),
        count => (
            texts.count("people-nobody-elsewhere", count),
            texts.with("people-show-all", [("count", texts.number(count).into())]),
            wider.href("/people"),
        ),
    };
    Ok(Nobody { title, text, wider: button, wider_href: address })
}

impl Row {
    fn new(visitor: &Visitor, employee: &EmployeeView, (links, now): (bool, &Present)) -> Self {
        let texts = visitor.texts;
        let (mark, doing) = now.words(visitor, employee.id);
        let name = employee.surname_first();
        let details = employee.details.as_ref();
        let department = employee.department.map(|id| id.to_string()).unwrap_or_default();
        Self {
            id: employee.id.to_string(),
            initials: initials(&name),
            position: employee.position.clone(),
            href: if links { format!("/people/{}", employee.id) } else { String::new() },
            department: employee.department_name.clone().unwrap_or_default(),
            department_href: href("/people", &[("department", &department)]),
            number: details.and_then(|details| details.personnel_number.clone()).unwrap_or_default(),
            inactive: employee.state == people::State::Inactive,
            mark,
            doing,
            line: now.line(employee.id),
            first_input: now.first_input(visitor, employee.id),
            pick: texts.with("people-pick", [("name", (&name).into())]),
            name,
        }
    }
}
