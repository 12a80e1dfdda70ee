//! Taking a person out of the lists, or out of the directory for good.

use axum::extract::Form;
use axum::extract::Path;
use axum::extract::State;
use axum::response::Response;

use crate::kernel::EmployeeId;
use crate::people;
use crate::people::EmployeeConsequences;
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

/// `POST /people/{id}/state`.
pub(super) async fn set_state(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    let state = if form.text("state") == "inactive" { people::State::Inactive } else { people::State::Active };
    let changed = app.people.set_employee_state(visitor.actor(), visitor.organization_id(), id, state).await;
    let changed = changed.map_err(|problem| visitor.failure(problem))?;
    let action = trail::by_state(state, "employee.activate", "employee.deactivate");
    trail::record(&app, &visitor, trail::employee(action, &changed.after)).await;
    let word = trail::by_state(state, "done-people-activated", "done-people-deactivated");
    Ok(done(&format!("/people/{id}/edit"), word, &changed.after.given_first()))
}

/// `GET /people/{id}/delete`.
pub(super) async fn ask_delete(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    let touched = app.people.employee_consequences(visitor.actor(), visitor.organization_id(), id).await;
    let touched = touched.map_err(|problem| visitor.failure(problem))?;
    Ok(ask(&visitor, Section::People, question(visitor.texts, &touched)))
}

fn question(texts: Texts, touched: &EmployeeConsequences) -> Question {
    let id = touched.employee.id;
    let name = touched.employee.given_first();
    Question {
        title: texts.with("people-delete-title", [("name", (&name).into())]),
        consequences: vec![
            texts.count("people-delete-links", touched.links.len()),
            texts.t("people-delete-events"),
            texts.t("people-delete-credentials"),
            texts.t("people-delete-instead"),
        ],
        action: format!("/people/{id}/delete"),
        hidden: Vec::new(),
        danger: texts.with("people-delete-do", [("name", name.into())]),
        safe: texts.t("people-delete-keep"),
        safe_href: format!("/people/{id}/edit"),
    }
}

/// `POST /people/{id}/delete`.
pub(super) async fn delete(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    let gone = app.people.delete_employee(visitor.actor(), visitor.organization_id(), id).await;
    let gone = gone.map_err(|problem| visitor.failure(problem))?;
    let entry = trail::employee("employee.remove", &gone.employee).with("links", gone.links.len());
    trail::record(&app, &visitor, entry).await;
    Ok(done("/people", "done-people-deleted", &gone.employee.given_first()))
}
