//! What may be done about a gateway: another name, out for a while, out for good, forgotten.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::find_to_change;
use super::standing::waits;
use crate::fleet::FleetError;
use crate::fleet::Gateway;
use crate::fleet::GatewayState;
use crate::identity::DisplayName;
use crate::kernel::GatewayId;
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
use crate::web::refused;

#[derive(Template)]
#[template(path = "gateways/rename.html")]
struct RenamePage {
    l: Layout,
    title: String,
    href: String,
    typed: String,
    problems: Problems,
}

#[derive(serde::Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    name: String,
}

/// `GET /gateways/ID/rename`.
pub(super) async fn name(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    Ok(page(&rename_page(&visitor, &gateway, gateway.name.as_str(), Problems::none())).into_response())
}

/// `POST /gateways/ID/rename`.
pub(super) async fn rename(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    let renamed = match DisplayName::parse(&typed.name).map_err(FleetError::from) {
        Ok(name) => app.fleet.rename(visitor.actor(), visitor.organization_id(), id, name).await,
        Err(problem) => Err(problem),
    };
    match renamed {
        Ok(renamed) => Ok(done(&format!("/gateways/{id}"), "done-saved", renamed.name.as_str())),
        Err(problem) => {
            let problems = Problems::refused(problem.into(), visitor.texts, "name");
            let problems = problems.map_err(|failure| visitor.failure(failure))?;
            Ok(refused(&rename_page(&visitor, &gateway, &typed.name, problems)).into_response())
        }
    }
}

fn rename_page(visitor: &Visitor, gateway: &Gateway, typed: &str, problems: Problems) -> RenamePage {
    let title = visitor.texts.with("gateways-rename-title", [("name", gateway.name.as_str().into())]);
    RenamePage {
        l: Layout::new(&visitor.viewer(), Section::Gateways, &title),
        title,
        href: format!("/gateways/{}", gateway.id),
        typed: typed.to_owned(),
        problems,
    }
}

/// Asks before a verb of this name; the texts are called after it.
fn question(visitor: &Visitor, gateway: &Gateway, verb: &str, texts_of: &str, more: Option<String>) -> Response {
    let texts = visitor.texts;
    let consequences = ["text", "next"].map(|part| texts.t(&format!("gateways-{texts_of}-{part}")));
    let question = Question {
        title: texts.with(&format!("gateways-{texts_of}-title"), [("name", gateway.name.as_str().into())]),
        consequences: consequences.into_iter().chain(more).collect(),
        action: format!("/gateways/{}/{verb}", gateway.id),
        danger: texts.t(&format!("gateways-{texts_of}-do")),
        safe_href: format!("/gateways/{}", gateway.id),
    };
    ask(visitor, Section::Gateways, question)
}

/// `GET /gateways/ID/suspend`.
pub(super) async fn ask_suspend(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    Ok(question(&visitor, &gateway, "suspend", "suspend", None))
}

/// `POST /gateways/ID/suspend`.
pub(super) async fn suspend(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let done_to = app.fleet.suspend(visitor.actor(), visitor.organization_id(), id).await;
    finished(&visitor, done_to, "done-gateway-suspended")
}

/// `POST /gateways/ID/resume`.
pub(super) async fn resume(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let done_to = app.fleet.resume(visitor.actor(), visitor.organization_id(), id).await;
    finished(&visitor, done_to, "done-gateway-resumed")
}

/// `GET /gateways/ID/revoke`.
pub(super) async fn ask_revoke(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    let token = waits(&gateway, app.clock.now()).map(|_| visitor.texts.t("gateways-revoke-token"));
    Ok(question(&visitor, &gateway, "revoke", "revoke", token))
}

/// `POST /gateways/ID/revoke`.
pub(super) async fn revoke(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let done_to = app.fleet.revoke(visitor.actor(), visitor.organization_id(), id).await;
    finished(&visitor, done_to, "done-revoked")
}

/// `GET /gateways/ID/remove`.
pub(super) async fn ask_remove(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    let texts_of = if gateway.state == GatewayState::Invited { "withdraw" } else { "remove" };
    Ok(question(&visitor, &gateway, "remove", texts_of, None))
}

/// `POST /gateways/ID/remove`.
pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    let removed = app.fleet.remove(visitor.actor(), visitor.organization_id(), id).await;
    removed.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/gateways", "done-deleted", gateway.name.as_str()))
}

fn finished(visitor: &Visitor, done_to: Result<Gateway, FleetError>, said: &str) -> Result<Response, PageFailure> {
    let gateway = done_to.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/gateways/{}", gateway.id), said, gateway.name.as_str()))
}
