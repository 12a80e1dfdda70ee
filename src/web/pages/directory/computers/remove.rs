//! Taking a computer out of use, or deleting it with its accounts.

use axum::extract::Form;
use axum::extract::Path;
use axum::extract::State;
use axum::response::Response;

use crate::kernel::ComputerId;
use crate::people;
use crate::people::ComputerConsequences;
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

/// `POST /computers/{id}/state`.
pub(super) async fn set_state(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let id: ComputerId = id(&visitor, &raw)?;
    let state = if form.text("state") == "inactive" { people::State::Inactive } else { people::State::Active };
    let changed = app.people.set_computer_state(visitor.actor(), visitor.organization_id(), id, state).await;
    let changed = changed.map_err(|problem| visitor.failure(problem))?;
    let action = trail::by_state(state, "computer.activate", "computer.deactivate");
    trail::record(&app, &visitor, trail::computer(action, &changed.after)).await;
    let key = trail::by_state(state, "done-computers-activated", "done-computers-deactivated");
    Ok(done(&format!("/computers/{id}"), key, &changed.after.name))
}

/// `GET /computers/{id}/delete`.
pub(super) async fn ask_delete(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let id: ComputerId = id(&visitor, &raw)?;
    let touched = app.people.computer_consequences(visitor.actor(), visitor.organization_id(), id).await;
    let touched = touched.map_err(|problem| visitor.failure(problem))?;
    Ok(ask(&visitor, Section::Computers, question(visitor.texts, &touched)))
}

fn question(texts: Texts, touched: &ComputerConsequences) -> Question {
    let id = touched.computer.id;
    let name = &touched.computer.name;
    Question {
        title: texts.with("computers-delete-title", [("name", name.into())]),
        consequences: vec![
            texts.count("computers-delete-users", touched.users.len()),
            texts.count("computers-delete-links", touched.links.len()),
            texts.t("computers-delete-events"),
            texts.t("computers-delete-again"),
        ],
        action: format!("/computers/{id}/delete"),
        hidden: Vec::new(),
        danger: texts.with("computers-delete-do", [("name", name.into())]),
        safe: texts.t("computers-delete-keep"),
        safe_href: format!("/computers/{id}"),
    }
}

/// `POST /computers/{id}/delete`.
pub(super) async fn delete(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let id: ComputerId = id(&visitor, &raw)?;
    let gone = app.people.delete_computer(visitor.actor(), visitor.organization_id(), id).await;
    let gone = gone.map_err(|problem| visitor.failure(problem))?;
    let entry = trail::computer("computer.remove", &gone.computer);
    trail::record(&app, &visitor, entry.with("users", gone.users.len()).with("links", gone.links.len())).await;
    Ok(done("/computers", "done-computers-deleted", &gone.computer.name))
}
