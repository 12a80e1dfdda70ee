//! Whether an organization's gateways may come without a certificate.

use axum::extract::State;
use axum::response::Response;

use super::require_editor;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::pages::question::Question;
use crate::web::pages::question::ask;

/// `GET /gateways/without-certificate`.
pub(super) async fn ask_first(visitor: Visitor) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let texts = visitor.texts;
    let question = Question {
        title: texts.with("gateways-without-title", [("name", visitor.organization.name().into())]),
        consequences: ["text", "danger", "back"].map(|part| texts.t(&format!("gateways-without-{part}"))).into(),
        action: "/gateways/without-certificate".to_owned(),
        danger: texts.t("gateways-without-do"),
        safe_href: "/gateways".to_owned(),
    };
    Ok(ask(&visitor, Section::Gateways, question))
}

/// `POST /gateways/without-certificate`.
pub(super) async fn allow(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    decide(&app, &visitor, true).await
}

/// `POST /gateways/with-certificate`.
pub(super) async fn forbid(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    decide(&app, &visitor, false).await
}

async fn decide(app: &App, visitor: &Visitor, allow: bool) -> Result<Response, PageFailure> {
    let decided = app.fleet.allow_without_certificate(visitor.actor(), visitor.organization_id(), allow).await;
    decided.map_err(|problem| visitor.failure(problem))?;
    let said = if allow { "done-gateways-without" } else { "done-gateways-with" };
    Ok(done("/gateways", said, visitor.organization.name()))
}
