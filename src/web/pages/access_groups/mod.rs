//! Who may pass where: groups of people, each with its gates.
//!
//! A group says before it is saved how many people it brings to how many devices. Whoever keeps cards and faces decides
//! it, also where devices themselves are for administrators only.

mod form;
mod list;
mod typed;
mod words;

use axum::Router;
use axum::routing::get;

use crate::devices::DevicesError;
use crate::kernel::Permission;
use crate::people::View;
use crate::web::App;
use crate::web::Crumb;
use crate::web::PageFailure;
use crate::web::Visitor;

/// All routes of access groups.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new()
        .route("/access-groups", get(list::show))
        .route("/access-groups/new", get(form::new).post(form::create))
        .route("/access-groups/{id}", get(form::edit).post(form::change))
        .route("/access-groups/{id}/remove", get(form::ask_remove).post(form::remove))
}

/// Whether the visitor decides who may pass.
pub(in crate::web::pages) fn may_decide(visitor: &Visitor) -> bool {
    visitor.actor().may(Permission::EditCredentials)
}

fn require(visitor: &Visitor) -> Result<(), PageFailure> {
    let allowed = visitor.actor().require(Permission::EditCredentials);
    allowed.map_err(|denied| visitor.failure(DevicesError::from(denied)))
}

async fn people(app: &App, visitor: &Visitor) -> Result<View, PageFailure> {
    let view = app.people.view(visitor.actor(), visitor.organization_id()).await;
    view.map_err(|problem| visitor.failure(problem))
}

/// The list stands before each of its pages.
fn crumb(visitor: &Visitor) -> Crumb {
    Crumb { href: "/access-groups".to_owned(), label: visitor.texts.t("access-groups-title") }
}
