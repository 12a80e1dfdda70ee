//! `/api/v1/gateways/{id}/find-devices`: terminals near a gateway that are not added yet.

use axum::Json;
use axum::extract::State;
use nazorat_wire::FoundDevice;
use nazorat_wire::FoundDevices;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::devices::Known;
use crate::devices::Search;
use crate::kernel::CommandId;
use crate::kernel::DeviceId;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::Pair;
use crate::web::api::shapes::Accepted;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(find)).routes(routes!(found))
}

/// Where to look.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSearch {
    /// At most 4 networks of at most 1,024 addresses; the gateway's own networks when there are none.
    #[serde(default)]
    #[schema(example = json!(["192.168.1.0/24"]))]
    networks: Vec<String>,
}

/// A search for terminals.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceSearch)]
pub(super) struct SearchBody {
    id: CommandId,
    gateway_id: GatewayId,
    /// Who asked.
    by: String,
    created_at: Timestamp,
    /// After this it is not begun any more.
    expires_at: Timestamp,
    /// `pending`, `sent`, `acked`, `succeeded`, `failed`, `expired` or `cancelled`.
    state: &'static str,
    /// Since when.
    changed_at: Timestamp,
    /// Why it failed, as a stable word.
    code: Option<String>,
    /// Why it failed, as a sentence.
    detail: Option<String>,
    /// The networks that were looked through.
    searched: Vec<String>,
    /// Networks of the gateway that are too large, of which only the part around its own address was looked through.
    narrowed: Vec<String>,
    /// Terminals that answered, by address; at most 200. Those that are served already are asked again only by the maker's own search.
    devices: Vec<FoundBody>,
    /// How many more there were.
    more: u32,
}

/// A terminal that answered.
#[derive(Serialize, ToSchema)]
#[schema(as = FoundDevice)]
pub(super) struct FoundBody {
    /// The kind that it most likely is.
    #[schema(example = "hikvision")]
    kind: String,
    #[schema(example = "192.168.1.64")]
    address: String,
    port: u16,
    /// Serial number, where it told it; else empty.
    serial: String,
    /// Model, where it told it; else empty.
    model: String,
    /// Version of its program, where it told it; else empty.
    firmware: String,
    /// Hardware address, where it told it; else empty.
    mac: String,
    /// Whether it says nothing without a key or password.
    needs_key: bool,
    /// Whether somebody has given it a password, where it tells.
    activated: Option<bool>,
    /// Its address is of no network that was looked through: it is heard, and cannot be reached yet.
    elsewhere: bool,
    /// The device of ours that it is.
    device_id: Option<DeviceId>,
    /// That device is known at another address.
    moved: bool,
}

impl FoundBody {
    fn new(found: FoundDevice, known: Known) -> Self {
        let (device_id, moved) = match known {
            Known::New => (None, false),
            Known::Added(id) => (Some(id), false),
            Known::Moved(id) => (Some(id), true),
        };
        Self {
            kind: found.kind,
            address: found.address.to_string(),
            port: found.port,
            serial: found.serial,
            model: found.model,
            firmware: found.firmware,
            mac: found.mac,
            needs_key: found.needs_key,
            activated: found.activated,
            elsewhere: found.elsewhere,
            device_id,
            moved,
        }
    }
}

impl SearchBody {
    fn new(search: Search, known: Vec<Known>) -> Self {
        let command = search.command;
        let state = command.state.name();
        let (code, detail) = command.state.into_failure().unzip();
        let FoundDevices { searched, devices, more, narrowed } = search.found.unwrap_or_default();
        let devices = devices.into_iter().zip(known).map(|(found, known)| FoundBody::new(found, known)).collect();
        Self {
            id: command.id,
            gateway_id: command.gateway,
            by: command.by,
            created_at: command.created_at,
            expires_at: command.expires_at,
            state,
            changed_at: command.changed_at,
            code,
            detail,
            searched,
            narrowed,
            devices,
            more,
        }
    }
}

/// Look for terminals near a gateway
///
/// The gateway asks everybody on its networks who they are, once and without any password, for about ten seconds. Asked again
/// while it is looking, it is the same search. What is not begun within a minute is not begun.
#[utoipa::path(
    post, path = "/api/v1/gateways/{id}/find-devices", tag = "devices", params(("id" = GatewayId, Path), InOrganization),
    request_body = NewSearch,
    responses((status = 202, description = "It waits for the gateway; look again where `Location` says", body = SearchBody)),
)]
async fn find(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<GatewayId>,
    Body(new): Body<NewSearch>,
) -> Result<Accepted<SearchBody>, ApiFailure> {
    let search = app.devices.search(&inside.actor, (inside.id(), id), &new.networks).await?;
    let command = &search.command;
    let at = format!("/api/v1/gateways/{}/find-devices/{}", command.gateway, command.id);
    Ok(Accepted { at, body: SearchBody::new(search, Vec::new()) })
}

/// What came of looking for terminals
#[utoipa::path(
    get, path = "/api/v1/gateways/{id}/find-devices/{command_id}", tag = "devices",
    params(("id" = GatewayId, Path), ("command_id" = CommandId, Path), InOrganization),
    responses((status = 200, description = "With what was found", body = SearchBody)),
)]
async fn found(
    State(app): State<App>,
    inside: Inside,
    Pair(id, command): Pair<GatewayId, CommandId>,
) -> Result<Json<SearchBody>, ApiFailure> {
    let place = (inside.id(), id);
    let search = app.devices.searched(&inside.actor, place, command).await?;
    let devices = search.found.as_ref().map(|found| found.devices.as_slice()).unwrap_or_default();
    let known = app.devices.recognize(&inside.actor, place, devices).await?;
    Ok(Json(SearchBody::new(search, known)))
}
