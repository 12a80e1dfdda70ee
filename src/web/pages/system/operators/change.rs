//! State, password and sessions of an operator.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::form::get;
use crate::identity::Operator;
use crate::kernel::OperatorId;
use crate::web::App;
use crate::web::At;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::question::Question;
use crate::web::pages::question::ask;
use crate::web::pages::sign_in::SecretField;
use crate::web::refused;

#[derive(Template)]
#[template(path = "system/operator_password.html")]
struct PasswordPage {
    l: Layout,
    heading: String,
    id: String,
    problems: Problems,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    password: SecretField,
    password_again: SecretField,
}

pub(super) async fn activate(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OperatorId>,
) -> Result<Response, PageFailure> {
    let changed = app.identity.operators.activate(visitor.actor(), id).await;
    let changed = changed.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/operators/{id}"), "done-activated", changed.display_name.as_str()))
}

pub(super) async fn ask_deactivate(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OperatorId>,
) -> Result<Response, PageFailure> {
    let operator = get(&app, &visitor, id)?;
    Ok(ask_about(&visitor, &operator, "deactivate"))
}

pub(super) async fn deactivate(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OperatorId>,
) -> Result<Response, PageFailure> {
    let changed = app.identity.operators.deactivate(visitor.actor(), id).await;
    let changed = changed.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/operators/{id}"), "done-deactivated", changed.display_name.as_str()))
}

pub(super) async fn ask_delete(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OperatorId>,
) -> Result<Response, PageFailure> {
    let operator = get(&app, &visitor, id)?;
    Ok(ask_about(&visitor, &operator, "delete"))
}

pub(super) async fn delete(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OperatorId>,
) -> Result<Response, PageFailure> {
    let operator = get(&app, &visitor, id)?;
    let gone = app.identity.operators.remove(visitor.actor(), id).await;
    gone.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/operators", "done-deleted", operator.display_name.as_str()))
}

pub(super) async fn ask_end(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OperatorId>,
) -> Result<Response, PageFailure> {
    let operator = get(&app, &visitor, id)?;
    Ok(ask_about(&visitor, &operator, "sessions"))
}

pub(super) async fn end_sessions(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OperatorId>,
) -> Result<Response, PageFailure> {
    let operator = get(&app, &visitor, id)?;
    let ended = app.identity.sessions.revoke_all(visitor.actor(), id, None).await;
    ended.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/operators/{id}"), "done-signed-out", operator.display_name.as_str()))
}

fn ask_about(visitor: &Visitor, operator: &Operator, what: &str) -> Response {
    let texts = visitor.texts;
    let name = operator.display_name.as_str();
    let question = Question {
        title: texts.with(&format!("operators-{what}-title"), [("name", name.into())]),
        consequences: vec![texts.t(&format!("operators-{what}-text"))],
        action: format!("/operators/{}/{what}", operator.id),
        danger: texts.t(&format!("operators-{what}-do")),
        safe_href: format!("/operators/{}", operator.id),
    };
    ask(visitor, Section::Operators, question)
}

fn password_page(visitor: &Visitor, operator: &Operator, problems: Problems) -> PasswordPage {
    let name = operator.display_name.as_str();
    let heading = visitor.texts.with("operators-reset-title", [("name", name.into())]);
    PasswordPage {
        l: Layout::new(&visitor.viewer(), Section::Operators, name),
        heading,
        id: operator.id.to_string(),
        problems,
    }
}

pub(super) async fn show_password(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OperatorId>,
) -> Result<Response, PageFailure> {
    let operator = get(&app, &visitor, id)?;
    Ok(page(&password_page(&visitor, &operator, Problems::none())).into_response())
}

pub(super) async fn reset_password(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OperatorId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    let operator = get(&app, &visitor, id)?;
    let mut problems = Problems::none();
    if typed.password.0.expose() != typed.password_again.0.expose() {
        problems.add("password_again", visitor.texts.t("error-passwords-differ"));
    } else if let Err(problem) =
        app.identity.operators.reset_password(visitor.actor(), id, typed.password.0.clone()).await
    {
        let refusal = Problems::refused(problem.into(), visitor.texts, "password");
        problems = refusal.map_err(|failure| visitor.failure(failure))?;
    }
    if problems.is_empty() {
        return Ok(done(&format!("/operators/{id}"), "done-password", operator.display_name.as_str()));
    }
    Ok(refused(&password_page(&visitor, &operator, problems)).into_response())
}
