//! The form of a department.

use askama::Template;
use axum::extract::Form;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::kernel::DepartmentId;
use crate::people;
use crate::people::Department;
use crate::people::DepartmentInput;
use crate::people::FieldError;
use crate::people::PeopleError;
use crate::people::View;
use crate::web::App;
use crate::web::Choice;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::directory::departments::one::path;
use crate::web::pages::directory::editor_view;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::id;
use crate::web::pages::directory::fields::refusal;
use crate::web::pages::directory::shown::departments;
use crate::web::pages::directory::trail;
use crate::web::refused;

#[derive(Template)]
#[template(path = "departments/form.html")]
struct FormPage {
    l: Layout,
    title: String,
    action: String,
    cancel: String,
    /// The department that is changed; empty for a new one.
    id: String,
    inactive: bool,
    typed_name: String,
    parents: Vec<Choice>,
    problems: Problems,
}

fn input(form: &Fields) -> Result<DepartmentInput, FieldError> {
    Ok(DepartmentInput { name: form.owned("name"), parent: form.chosen("parent")? })
}

impl FormPage {
    fn new(visitor: &Visitor, view: &View, changed: Option<&Department>, typed: &Fields) -> Self {
        let texts = visitor.texts;
        let title = changed.map_or_else(|| texts.t("departments-new-title"), |one| one.name.clone());
        let own = changed.map(|one| format!("/departments/{}", one.id));
        let viewer = visitor.viewer();
        let l = match changed {
            Some(one) => {
                let own = Crumb { href: format!("/departments/{}", one.id), label: one.name.clone() };
                let above = path(view, one.id).into_iter().chain([own]);
                Layout::new(&viewer, Section::Departments, &texts.t("action-edit")).through(above)
            }
            None => Layout::new(&viewer, Section::Departments, &title),
        };
        // Nothing can be put below itself.
        let own_tree = changed.and_then(|one| view.subtree(one.id).ok()).unwrap_or_default();
        let outside = |choice: &Choice| choice.value.parse().is_ok_and(|id: DepartmentId| !own_tree.contains(&id));
        Self {
            l,
            action: own.as_ref().map_or_else(|| "/departments/new".to_owned(), |own| format!("{own}/edit")),
            cancel: own.unwrap_or_else(|| "/departments".to_owned()),
            id: changed.map(|one| one.id.to_string()).unwrap_or_default(),
            inactive: changed.is_some_and(|one| one.state == people::State::Inactive),
            typed_name: typed.owned("name"),
            parents: departments(view, typed.parsed("parent")).into_iter().filter(outside).collect(),
            problems: Problems::default(),
            title,
        }
    }

    fn with(self, problems: Problems) -> Self {
        Self { problems, ..self }
    }
}

/// `GET /departments/new`; `?parent=` may be given.
pub(super) async fn new(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    Ok(page(&FormPage::new(&visitor, &view, None, &query)).into_response())
}

/// `POST /departments/new`.
pub(super) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let made = match input(&form) {
        Ok(input) => app.people.create_department(visitor.actor(), visitor.organization_id(), input).await,
        Err(problem) => Err(PeopleError::from(problem)),
    };
    match made {
        Ok(made) => {
            trail::record(&app, &visitor, trail::department("department.create", &made)).await;
            Ok(done("/departments", "done-departments-created", &made.name))
        }
        Err(problem) => {
            let problems = refusal(&visitor, problem)?;
            Ok(refused(&FormPage::new(&visitor, &view, None, &form).with(problems)).into_response())
        }
    }
}

/// `GET /departments/{id}/edit`.
pub(super) async fn edit(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let found = view.department(id(&visitor, &raw)?).map_err(|problem| visitor.failure(problem))?;
    let parent = found.parent.map(|parent| parent.to_string()).unwrap_or_default();
    let typed = Fields::of([("name", found.name.clone()), ("parent", parent)]);
    Ok(page(&FormPage::new(&visitor, &view, Some(found), &typed)).into_response())
}

/// `POST /departments/{id}/edit`.
pub(super) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let id: DepartmentId = id(&visitor, &raw)?;
    let before = view.department(id).map_err(|problem| visitor.failure(problem))?;
    let changed = match input(&form) {
        Ok(input) => app.people.edit_department(visitor.actor(), visitor.organization_id(), id, input).await,
        Err(problem) => Err(PeopleError::from(problem)),
    };
    match changed {
        Ok(changed) => {
            trail::record(&app, &visitor, trail::department_edit(&changed)).await;
            Ok(done(&format!("/departments/{id}"), "done-departments-saved", &changed.after.name))
        }
        Err(problem) => {
            let problems = refusal(&visitor, problem)?;
            Ok(refused(&FormPage::new(&visitor, &view, Some(before), &form).with(problems)).into_response())
        }
    }
}
