//! Taking a department out of use, or deleting it; what it holds moves up.

use axum::extract::Form;
use axum::extract::Path;
use axum::extract::State;
use axum::response::Response;

use crate::kernel::DepartmentId;
use crate::people;
use crate::people::Contents;
use crate::people::DepartmentConsequences;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::done;
use crate::web::pages::directory::ask;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::id;
use crate::web::pages::directory::shown::Question;
use crate::web::pages::directory::trail;

/// `POST /departments/{id}/state`.
pub(super) async fn set_state(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let id: DepartmentId = id(&visitor, &raw)?;
    let state = if form.text("state") == "inactive" { people::State::Inactive } else { people::State::Active };
    let changed = app.people.set_department_state(visitor.actor(), visitor.organization_id(), id, state).await;
    let changed = changed.map_err(|problem| visitor.failure(problem))?;
    let action = trail::by_state(state, "department.activate", "department.deactivate");
    trail::record(&app, &visitor, trail::department(action, &changed.after)).await;
    let word = trail::by_state(state, "done-departments-activated", "done-departments-deactivated");
    Ok(done(&format!("/departments/{id}/edit"), word, &changed.after.name))
}

/// `GET /departments/{id}/delete`.
pub(super) async fn ask_delete(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let id: DepartmentId = id(&visitor, &raw)?;
    let touched = app.people.department_consequences(visitor.actor(), visitor.organization_id(), id).await;
    let touched = touched.map_err(|problem| visitor.failure(problem))?;
    Ok(ask(&visitor, Section::Departments, question(visitor.texts, &touched)))
}

fn question(texts: Texts, touched: &DepartmentConsequences) -> Question {
    let id = touched.department.id;
    let name = &touched.department.name;
    let mut consequences = Vec::new();
    if touched.is_empty() {
        consequences.push(texts.t("departments-delete-empty"));
    } else {
        let people = texts.count("people-count", touched.employees.len());
        let below = texts.count("departments-count", touched.sub_departments.len());
        let computers = texts.count("computers-count", touched.computers);
        consequences.push(match &touched.parent {
            Some(parent) => texts.with(
                "departments-delete-move",
                [
                    ("people", people.into()),
                    ("departments", below.into()),
                    ("computers", computers.into()),
                    ("parent", (&parent.name).into()),
                ],
            ),
            None => texts.with(
                "departments-delete-loose",
                [("people", people.into()), ("departments", below.into()), ("computers", computers.into())],
            ),
        });
    }
    consequences.push(texts.t("departments-delete-events"));
    let contents = if touched.is_empty() { "none" } else { "move" };
    Question {
        title: texts.with("departments-delete-title", [("name", name.into())]),
        consequences,
        action: format!("/departments/{id}/delete"),
        hidden: vec![("contents", contents.to_owned())],
        danger: texts.with("departments-delete-do", [("name", name.into())]),
        safe: texts.t("departments-delete-keep"),
        safe_href: format!("/departments/{id}"),
    }
}

/// `POST /departments/{id}/delete`. What was said to be empty must still be empty.
pub(super) async fn delete(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let id: DepartmentId = id(&visitor, &raw)?;
    let contents = if form.text("contents") == "move" { Contents::MoveToParent } else { Contents::MustBeEmpty };
    let gone = app.people.delete_department(visitor.actor(), visitor.organization_id(), id, contents).await;
    let gone = gone.map_err(|problem| visitor.failure(problem))?;
    trail::record(&app, &visitor, trail::department("department.remove", &gone)).await;
    Ok(done("/departments", "done-departments-deleted", &gone.name))
}
