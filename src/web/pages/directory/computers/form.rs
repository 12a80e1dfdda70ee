//! The form of a computer.

use askama::Template;
use axum::extract::Form;
use axum::extract::Path;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::kernel::ComputerId;
use crate::people;
use crate::people::Computer;
use crate::people::ComputerEdit;
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
use crate::web::pages::directory::editor_view;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::id;
use crate::web::pages::directory::fields::refusal;
use crate::web::pages::directory::shown::departments;
use crate::web::pages::directory::trail;
use crate::web::refused;

#[derive(Template)]
#[template(path = "computers/form.html")]
struct FormPage {
    l: Layout,
    id: String,
    title: String,
    uid: String,
    inactive: bool,
    typed_name: String,
    note: String,
    departments: Vec<Choice>,
    problems: Problems,
}

impl FormPage {
    fn new(visitor: &Visitor, view: &View, computer: &Computer, typed: &Fields) -> Self {
        let texts = visitor.texts;
        let own = Crumb { href: format!("/computers/{}", computer.id), label: computer.name.clone() };
        Self {
            l: Layout::new(&visitor.viewer(), Section::Computers, &texts.t("action-edit")).through([own]),
            id: computer.id.to_string(),
            title: computer.name.clone(),
            uid: computer.uid.clone(),
            inactive: computer.state == people::State::Inactive,
            typed_name: typed.owned("name"),
            note: typed.owned("note"),
            departments: departments(view, typed.parsed("department")),
            problems: Problems::default(),
        }
    }
}

fn input(form: &Fields) -> Result<ComputerEdit, FieldError> {
    Ok(ComputerEdit { name: form.owned("name"), department: form.chosen("department")?, note: form.owned("note") })
}

/// `GET /computers/{id}/edit`.
pub(super) async fn edit(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let computer = view.computer(id(&visitor, &raw)?).map_err(|problem| visitor.failure(problem))?.computer;
    let department = computer.department.map(|id| id.to_string()).unwrap_or_default();
    let typed =
        Fields::of([("name", computer.name.clone()), ("note", computer.note.clone()), ("department", department)]);
    Ok(page(&FormPage::new(&visitor, &view, &computer, &typed)).into_response())
}

/// `POST /computers/{id}/edit`.
pub(super) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let id: ComputerId = id(&visitor, &raw)?;
    let before = view.computer(id).map_err(|problem| visitor.failure(problem))?.computer;
    let changed = match input(&form) {
        Ok(input) => app.people.edit_computer(visitor.actor(), visitor.organization_id(), id, input).await,
        Err(problem) => Err(PeopleError::from(problem)),
    };
    match changed {
        Ok(changed) => {
            trail::record(&app, &visitor, trail::computer("computer.update", &changed.after)).await;
            Ok(done(&format!("/computers/{id}"), "done-computers-saved", &changed.after.name))
        }
        Err(problem) => {
            let problems = refusal(&visitor, problem)?;
            let again = FormPage { problems, ..FormPage::new(&visitor, &view, &before, &form) };
            Ok(refused(&again).into_response())
        }
    }
}
