//! The boxes of the branches: who was invited, who has joined, what may be done about them.
//!
//! A token is on one page only and never comes back. Whoever may not change gateways sees the same pages without the
//! actions. How a box is stands on its page as lights, and changes there by itself while somebody looks.

mod add;
mod agents;
mod certificate;
mod change;
pub(in crate::web::pages) mod commands;
pub(in crate::web::pages) mod course;
pub(in crate::web::pages) mod health;
mod list;
pub(in crate::web::pages) mod live;
mod numbers;
mod one;
mod plot;
mod qr;
mod standing;
mod table;
mod token;
mod without;

use axum::Router;
use axum::routing::get;
use axum::routing::post;

use crate::fleet::FleetError;
use crate::fleet::Gateway;
use crate::kernel::GatewayId;
use crate::kernel::Permission;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::Visitor;

/// All routes of the gateways.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new()
        .route("/gateways", get(list::show))
        .route("/gateways/new", get(add::form).post(add::create))
        .route("/gateways/without-certificate", get(without::ask_first).post(without::allow))
        .route("/gateways/with-certificate", post(without::forbid))
        .route("/gateways/{id}", get(one::show))
        .route("/gateways/{id}/live", get(one::live))
        .route("/gateways/{id}/table", get(table::show))
        .route("/gateways/{id}/agents", get(agents::show))
        .merge(commands::routes())
        .route("/gateways/{id}/joining", get(token::joining))
        .route("/gateways/{id}/rename", get(change::name).post(change::rename))
        .route("/gateways/{id}/replace", get(add::other_box).post(add::replace))
        .route("/gateways/{id}/suspend", get(change::ask_suspend).post(change::suspend))
        .route("/gateways/{id}/resume", post(change::resume))
        .route("/gateways/{id}/revoke", get(change::ask_revoke).post(change::revoke))
        .route("/gateways/{id}/remove", get(change::ask_remove).post(change::remove))
        .route("/live/gateways", get(live::stream))
}

/// A gateway of the organization that the visitor looks at.
async fn find(app: &App, visitor: &Visitor, id: GatewayId) -> Result<Gateway, PageFailure> {
    let found = app.fleet.get(visitor.actor(), visitor.organization_id(), id).await;
    found.map_err(|problem| visitor.failure(problem))
}

/// The same for who may change it; others are refused.
async fn find_to_change(app: &App, visitor: &Visitor, id: GatewayId) -> Result<Gateway, PageFailure> {
    require_editor(visitor)?;
    find(app, visitor, id).await
}

/// The stream that tells when something of one gateway has changed.
fn stream_of(id: GatewayId) -> String {
    format!("/live/gateways?of={id}")
}

fn require_editor(visitor: &Visitor) -> Result<(), PageFailure> {
    visitor.actor().require(Permission::EditGateways).map_err(|denied| visitor.failure(FleetError::from(denied)))
}

fn may_edit(visitor: &Visitor) -> bool {
    visitor.actor().may(Permission::EditGateways)
}
