//! The terminals at the doors: which there are, how they are, what they are asked, and where they may be.
//!
//! Whoever may not change devices sees the same pages without the actions; guards see how devices are, and neither where
//! they are nor how they are set. A secret is typed and never shown again.

mod change;
mod course;
mod doors;
mod fields;
mod find;
mod form;
mod list;
mod live;
mod networks;
mod one;
pub(in crate::web::pages) mod orders;
mod people;
pub(in crate::web::pages) mod signs;
pub(in crate::web::pages) mod words;

pub(in crate::web::pages) use doors::DEBOUNCE_SECS;

use std::collections::BTreeMap;

use axum::Router;
use axum::routing::get;
use axum::routing::post;

use crate::devices::Device;
use crate::devices::DevicesError;
use crate::devices::Gate;
use crate::kernel::DeviceId;
use crate::kernel::GateId;
use crate::kernel::GatewayId;
use crate::kernel::Permission;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::Visitor;

/// All routes of the devices.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new()
        .route("/devices", get(list::show))
        .route("/devices/new", get(form::new).post(form::create))
        .route("/devices/find", get(find::form).post(find::start))
        .route("/devices/found", get(find::found))
        .route("/devices/networks", get(networks::form).post(networks::decide))
        .route("/devices/{id}", get(one::show))
        .route("/devices/{id}/live", get(one::live))
        .route("/devices/{id}/changes", get(course::show))
        .route("/devices/{id}/edit", get(form::edit).post(form::change))
        .route("/devices/{id}/doors", get(doors::form).post(doors::save))
        .route("/devices/{id}/address", post(find::take_over))
        .route("/devices/{id}/enable", post(change::enable))
        .route("/devices/{id}/disable", get(change::ask_disable).post(change::disable))
        .route("/devices/{id}/remove", get(change::ask_remove).post(change::remove))
        .route("/devices/{id}/orders", get(orders::list))
        .route("/devices/{id}/probe", post(orders::probe))
        .route("/devices/{id}/set-clock", get(orders::ask_set_clock).post(orders::set_clock))
        .route("/devices/{id}/read-log", get(orders::read_log_form).post(orders::read_log))
        .route("/devices/{id}/reboot", get(orders::ask_reboot).post(orders::reboot))
        .route("/live/devices", get(live::stream))
        .merge(people::routes())
}

/// A device of the organization that the visitor looks at.
async fn find(app: &App, visitor: &Visitor, id: DeviceId) -> Result<Device, PageFailure> {
    let found = app.devices.get(visitor.actor(), visitor.organization_id(), id).await;
    found.map_err(|problem| visitor.failure(problem))
}

/// The same for who may change it; others are refused.
async fn find_to_change(app: &App, visitor: &Visitor, id: DeviceId) -> Result<Device, PageFailure> {
    require_editor(visitor)?;
    find(app, visitor, id).await
}

/// The stream that tells when something of one device has changed.
fn stream_of(id: DeviceId) -> String {
    format!("/live/devices?of={id}")
}

pub(in crate::web::pages) fn require_editor(visitor: &Visitor) -> Result<(), PageFailure> {
    visitor.actor().require(Permission::EditDevices).map_err(|denied| visitor.failure(DevicesError::from(denied)))
}

pub(in crate::web::pages) fn may_edit(visitor: &Visitor) -> bool {
    visitor.actor().may(Permission::EditDevices)
}

/// Whether the visitor sees where devices are.
fn sees_places(visitor: &Visitor) -> bool {
    visitor.actor().may(Permission::ReadGateways)
}

/// The names of gateways, for those who may see them.
async fn gateways(app: &App, visitor: &Visitor) -> Result<BTreeMap<GatewayId, String>, PageFailure> {
    if !sees_places(visitor) {
        return Ok(BTreeMap::new());
    }
    let all = app.fleet.list(visitor.actor(), visitor.organization_id()).await;
    let all = all.map_err(|problem| visitor.failure(problem))?;
    Ok(all.into_iter().map(|gateway| (gateway.id, gateway.name.to_string())).collect())
}

/// The gates by their numbers.
pub(in crate::web::pages) async fn gates(app: &App, visitor: &Visitor) -> Result<BTreeMap<GateId, Gate>, PageFailure> {
    let all = app.devices.gates(visitor.actor(), visitor.organization_id()).await;
    let all = all.map_err(|problem| visitor.failure(problem))?;
    Ok(all.into_iter().map(|gate| (gate.id, gate)).collect())
}
