//! The tree of departments with how many people and computers each holds.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::kernel::DepartmentId;
use crate::kernel::Permission;
use crate::people;
use crate::people::ComputerFilter;
use crate::people::Department;
use crate::people::Detail;
use crate::people::EmployeeFilter;
use crate::people::PeopleError;
use crate::people::View;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::directory::may_edit;
use crate::web::pages::directory::people::csv;
use crate::web::pages::directory::people::delimiter;
use crate::web::pages::directory::view_of;

#[derive(Template)]
#[template(path = "departments/tree.html")]
struct TreePage {
    l: Layout,
    meta: String,
    can_edit: bool,
    full: bool,
    /// Whether sums of the departments may be seen.
    sums: bool,
    rows: Vec<Row>,
}

/// A department in the tree, with everything below it.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) href: String,
    /// 0 to 4; what lies deeper is not drawn further in.
    pub(super) depth: usize,
    pub(super) people: String,
    pub(super) people_href: String,
    pub(super) computers: String,
    pub(super) computers_href: String,
    pub(super) inactive: bool,
}

/// `GET /departments`.
pub(super) async fn tree(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    let view = view_of(&app, &visitor).await?;
    let shown = TreePage::new(&visitor, &view).map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

/// `GET /departments/export.csv`.
pub(super) async fn export(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    let view = view_of(&app, &visitor).await?;
    let language = visitor.texts.language();
    let text = view.export_departments(language, delimiter(language));
    Ok(csv("departments.csv", text.map_err(|problem| visitor.failure(problem))?))
}

impl TreePage {
    fn new(visitor: &Visitor, view: &View) -> Result<Self, PeopleError> {
        let texts = visitor.texts;
        let all = view.departments();
        let rows = all.iter().map(|(department, depth)| Row::new(texts, view, department, *depth));
        Ok(Self {
            l: Layout::new(&visitor.viewer(), Section::Departments, ""),
            meta: texts.count("departments-count", all.len()),
            can_edit: may_edit(visitor),
            full: view.detail() == Detail::Full,
            sums: visitor.actor().may(Permission::ReadMonitoring),
            rows: rows.collect::<Result<_, _>>()?,
        })
    }
}

impl Row {
    pub(super) fn new(texts: Texts, view: &View, department: &Department, depth: usize) -> Result<Self, PeopleError> {
        let id = department.id;
        let computers = match view.detail() {
            Detail::Full => texts.number(view.count_computers(&computers_below(id))?),
            Detail::Basic => String::new(),
        };
        Ok(Self {
            name: department.name.clone(),
            href: format!("/departments/{id}"),
            depth: depth.min(4),
            people: texts.number(view.count_employees(&people_below(id))?),
            people_href: format!("/people?department={id}"),
            computers,
            computers_href: format!("/computers?department={id}"),
            inactive: department.state == people::State::Inactive,
        })
    }
}

/// Everybody at work in a department and below it.
pub(super) fn people_below(id: DepartmentId) -> EmployeeFilter {
    EmployeeFilter { department: Some(id), state: Some(people::State::Active), ..EmployeeFilter::default() }
}

/// All computers in use in a department and below it.
pub(super) fn computers_below(id: DepartmentId) -> ComputerFilter {
    ComputerFilter { department: Some(id), state: Some(people::State::Active), ..ComputerFilter::default() }
}
