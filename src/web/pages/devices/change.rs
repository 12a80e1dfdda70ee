//! What may be done about a device: served or not, forgotten.

use axum::extract::State;
use axum::response::Response;

use super::find_to_change;
use crate::devices::Device;
use crate::kernel::DeviceId;
use crate::web::App;
use crate::web::At;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::pages::question::Question;
use crate::web::pages::question::ask;

/// Asks before a verb of this name; the texts are called after it.
pub(super) fn question(visitor: &Visitor, device: &Device, verb: &str) -> Response {
    let texts = visitor.texts;
    let question = Question {
        title: texts.with(&format!("devices-{verb}-title"), [("name", device.name.as_str().into())]),
        consequences: ["text", "next"].map(|part| texts.t(&format!("devices-{verb}-{part}"))).into(),
        action: format!("/devices/{}/{verb}", device.id),
        danger: texts.t(&format!("devices-{verb}-do")),
        safe_href: format!("/devices/{}", device.id),
    };
    ask(visitor, Section::Devices, question)
}

/// `POST /devices/ID/enable`.
pub(super) async fn enable(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    set(&app, &visitor, id, true).await
}

/// `GET /devices/ID/disable`.
pub(super) async fn ask_disable(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    Ok(question(&visitor, &find_to_change(&app, &visitor, id).await?, "disable"))
}

/// `POST /devices/ID/disable`.
pub(super) async fn disable(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    set(&app, &visitor, id, false).await
}

async fn set(app: &App, visitor: &Visitor, id: DeviceId, enabled: bool) -> Result<Response, PageFailure> {
    let changed = app.devices.set_enabled(visitor.actor(), (visitor.organization_id(), id), enabled).await;
    let device = changed.map_err(|problem| visitor.failure(problem))?;
    let said = if enabled { "done-device-enabled" } else { "done-device-disabled" };
    Ok(done(&format!("/devices/{id}"), said, device.name.as_str()))
}

/// `GET /devices/ID/remove`.
pub(super) async fn ask_remove(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    Ok(question(&visitor, &find_to_change(&app, &visitor, id).await?, "remove"))
}

/// `POST /devices/ID/remove`.
pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    let device = find_to_change(&app, &visitor, id).await?;
    let removed = app.devices.remove(visitor.actor(), visitor.organization_id(), id).await;
    removed.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/devices", "done-deleted", device.name.as_str()))
}
