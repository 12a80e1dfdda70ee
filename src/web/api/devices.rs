//! `/api/v1/devices`, `/api/v1/device-kinds` and `/api/v1/device-networks`: the terminals at the doors.
//!
//! Secrets are written and never read: an answer names those that are set. Whoever sees no gateways, as guards do, is
//! told how devices are, and neither where they are nor how they are set.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::adapters;
use crate::devices::Device;
use crate::devices::DeviceDoor;
use crate::devices::DeviceState;
use crate::devices::DevicesError;
use crate::devices::NewDevice;
use crate::devices::Side;
use crate::devices::Standing;
use crate::kernel::DeviceId;
use crate::kernel::GateId;
use crate::kernel::GatewayId;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::shapes::Created;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, change, remove))
        .routes(routes!(enable))
        .routes(routes!(disable))
        .routes(routes!(kinds))
        .routes(routes!(networks, set_networks))
}

/// A terminal.
#[derive(Serialize, ToSchema)]
#[schema(as = Device)]
pub(super) struct DeviceBody {
    id: DeviceId,
    name: String,
    /// Which adapter speaks with it, as `device-kinds` names it.
    kind: String,
    doors: Vec<DoorBody>,
    /// Whether it is served.
    enabled: bool,
    /// Whether those whom it knows follow from who may pass its gates; otherwise they are kept at the device.
    manages_people: bool,
    created_at: Timestamp,
    standing: StandingBody,
    /// Absent for those who see no gateways.
    #[serde(flatten)]
    place: Option<PlaceOfDevice>,
}

/// Where a device is and how it is set.
#[derive(Serialize, ToSchema)]
struct PlaceOfDevice {
    gateway_id: GatewayId,
    /// Its address; empty for those that come to us.
    host: String,
    /// Without secrets.
    settings: Map<String, Value>,
    /// Names of the secret settings that are set.
    secrets: Vec<String>,
    /// Where a device that comes to us sends to, at the listener for devices of its gateway: for those who may change
    /// devices, and not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    push_path: Option<String>,
}

/// A door of a device.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeviceDoor)]
struct DoorBody {
    /// Its number at the device.
    #[schema(minimum = 1, maximum = 64)]
    number: u16,
    /// The gate that it is.
    #[serde(default)]
    gate_id: Option<GateId>,
    /// On which side of the gate the terminal hangs.
    #[serde(default)]
    side: Side,
}

impl From<DeviceDoor> for DoorBody {
    fn from(door: DeviceDoor) -> Self {
        Self { number: door.number, gate_id: door.gate, side: door.side }
    }
}

impl From<DoorBody> for DeviceDoor {
    fn from(door: DoorBody) -> Self {
        Self { number: door.number, gate: door.gate_id, side: door.side }
    }
}

/// How a device is, as its gateway said last.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceStanding)]
struct StandingBody {
    state: DeviceState,
    /// Since when, by the gateway's clock.
    since: Option<Timestamp>,
    /// When its gateway told.
    told_at: Option<Timestamp>,
    last_contact: Option<Timestamp>,
    last_event: Option<Timestamp>,
    /// How far its clock is ahead of the gateway's.
    drift_ms: Option<i64>,
    /// How long its last answer took.
    answer_ms: Option<u32>,
    /// Events that it told since its gateway started.
    events: u64,
    /// Why it is not online, as a stable word.
    code: Option<String>,
    /// Why, as a sentence.
    detail: Option<String>,
    serial: Option<String>,
    model: Option<String>,
    firmware: Option<String>,
}

impl From<Standing> for StandingBody {
    fn from(standing: Standing) -> Self {
        let (told_at, told) = standing.told.unzip();
        let told = told.as_ref();
        Self {
            state: standing.state,
            since: told.and_then(|told| told.since),
            told_at,
            last_contact: told.and_then(|told| told.last_contact),
            last_event: told.and_then(|told| told.last_event),
            drift_ms: told.and_then(|told| told.drift_ms),
            answer_ms: told.and_then(|told| told.answer_ms),
            events: told.map_or(0, |told| told.events),
            code: told.and_then(|told| told.code.clone()),
            detail: told.and_then(|told| told.detail.clone()),
            serial: told.and_then(|told| told.serial.clone()),
            model: told.and_then(|told| told.model.clone()),
            firmware: told.and_then(|told| told.firmware.clone()),
        }
    }
}

/// A device to add, or what one is to become.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceInput {
    #[schema(example = "Main entrance")]
    name: String,
    /// As `device-kinds` names it. It stays when a device is changed.
    #[serde(default)]
    #[schema(example = "hikvision")]
    kind: String,
    gateway_id: GatewayId,
    /// An IP address or a name, without a port; empty for kinds that come to us.
    #[serde(default)]
    #[schema(example = "192.168.1.20")]
    host: String,
    /// As the schema of the kind says. A secret that is left out stays as it was.
    #[serde(default)]
    settings: Map<String, Value>,
    #[serde(default)]
    doors: Vec<DoorBody>,
    #[serde(default = "yes")]
    enabled: bool,
    /// Whether those whom it knows follow from who may pass its gates. People who were entered at the device and are
    /// unknown here stay, until somebody takes them off.
    #[serde(default)]
    manages_people: bool,
}

const fn yes() -> bool {
    true
}

impl From<DeviceInput> for NewDevice {
    fn from(input: DeviceInput) -> Self {
        Self {
            name: input.name,
            kind: input.kind,
            gateway: input.gateway_id,
            host: input.host,
            settings: input.settings,
            doors: input.doors.into_iter().map(Into::into).collect(),
            enabled: input.enabled,
            manages_people: input.manages_people,
        }
    }
}

/// A kind of device.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceKind)]
pub(super) struct KindBody {
    /// What `kind` of a device is.
    word: &'static str,
    vendor: &'static str,
    /// Of the adapter.
    version: &'static str,
    /// Whether it is reached by an address; others come to us.
    has_address: bool,
    /// Whether it can be asked to do something; others only tell.
    obeys: bool,
    /// JSON Schema of the settings; `writeOnly` ones are secrets.
    #[schema(value_type = Object)]
    schema: Value,
}

impl From<adapters::Kind> for KindBody {
    fn from(kind: adapters::Kind) -> Self {
        let adapters::Kind { word, vendor, version, has_address, obeys, schema } = kind;
        Self { word, vendor, version, has_address, obeys, schema }
    }
}

/// Networks in which devices may be beside private ones.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeviceNetworks)]
pub(super) struct NetworksBody {
    #[schema(example = json!(["127.0.0.0/8"]))]
    networks: Vec<String>,
}

fn shown(app: &App, inside: &Inside, device: Device) -> DeviceBody {
    let standing = app.devices.standing(inside.id(), &device).into();
    let place = inside.actor.may(Permission::ReadGateways).then(|| PlaceOfDevice {
        gateway_id: device.gateway,
        host: device.host,
        settings: device.settings,
        secrets: device.secrets.into_iter().collect(),
        push_path: None,
    });
    DeviceBody {
        id: device.id,
        name: device.name.to_string(),
        kind: device.kind,
        doors: device.doors.into_iter().map(Into::into).collect(),
        enabled: device.enabled,
        manages_people: device.manages_people,
        created_at: device.created_at,
        standing,
        place,
    }
}

/// One device, with the path by which it comes for those who may set it up.
async fn shown_whole(app: &App, inside: &Inside, device: Device) -> Result<DeviceBody, ApiFailure> {
    let path = match inside.actor.may(Permission::EditDevices) {
        true => app.devices.push_path(&inside.actor, inside.id(), device.id).await?,
        false => None,
    };
    let mut body = shown(app, inside, device);
    if let Some(place) = &mut body.place {
        place.push_path = path;
    }
    Ok(body)
}

/// List devices
#[utoipa::path(
    get, path = "/api/v1/devices", tag = "devices", params(InOrganization),
    responses((status = 200, description = "In the order in which they were added", body = List<DeviceBody>)),
)]
async fn list(State(app): State<App>, inside: Inside) -> Result<Json<List<DeviceBody>>, ApiFailure> {
    let all = app.devices.list(&inside.actor, inside.id()).await?;
    Ok(List::whole(all.into_iter().map(|device| shown(&app, &inside, device)).collect()))
}

/// Read a device
#[utoipa::path(
    get, path = "/api/v1/devices/{id}", tag = "devices", params(("id" = DeviceId, Path), InOrganization),
    responses((status = 200, description = "The device", body = DeviceBody)),
)]
async fn get(State(app): State<App>, inside: Inside, Id(id): Id<DeviceId>) -> Result<Json<DeviceBody>, ApiFailure> {
    let device = app.devices.get(&inside.actor, inside.id(), id).await?;
    Ok(Json(shown_whole(&app, &inside, device).await?))
}

/// Add a device
#[utoipa::path(
    post, path = "/api/v1/devices", tag = "devices", params(InOrganization), request_body = DeviceInput,
    responses((status = 201, description = "Added; its gateway fetches it", body = DeviceBody)),
)]
async fn add(
    State(app): State<App>,
    inside: Inside,
    Body(input): Body<DeviceInput>,
) -> Result<Created<DeviceBody>, ApiFailure> {
    let device = app.devices.add(&inside.actor, inside.id(), input.into()).await?;
    Ok(Created { at: format!("/api/v1/devices/{}", device.id), body: shown_whole(&app, &inside, device).await? })
}

/// Change a device
#[utoipa::path(
    put, path = "/api/v1/devices/{id}", tag = "devices", params(("id" = DeviceId, Path), InOrganization),
    request_body = DeviceInput,
    responses((status = 200, description = "Changed", body = DeviceBody)),
)]
async fn change(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<DeviceId>,
    Body(input): Body<DeviceInput>,
) -> Result<Json<DeviceBody>, ApiFailure> {
    let device = app.devices.change(&inside.actor, inside.id(), id, input.into()).await?;
    Ok(Json(shown_whole(&app, &inside, device).await?))
}

/// Forget a device; what it told stays
#[utoipa::path(
    delete, path = "/api/v1/devices/{id}", tag = "devices", params(("id" = DeviceId, Path), InOrganization),
    responses((status = 204, description = "Forgotten")),
)]
async fn remove(State(app): State<App>, inside: Inside, Id(id): Id<DeviceId>) -> Result<http::StatusCode, ApiFailure> {
    app.devices.remove(&inside.actor, inside.id(), id).await?;
    Ok(http::StatusCode::NO_CONTENT)
}

/// Serve a device
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/enable", tag = "devices", params(("id" = DeviceId, Path), InOrganization),
    responses((status = 200, description = "It is served", body = DeviceBody)),
)]
async fn enable(State(app): State<App>, inside: Inside, Id(id): Id<DeviceId>) -> Result<Json<DeviceBody>, ApiFailure> {
    set_enabled(&app, &inside, id, true).await
}

/// Let a device be; its doors work on without us
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/disable", tag = "devices", params(("id" = DeviceId, Path), InOrganization),
    responses((status = 200, description = "It is not served", body = DeviceBody)),
)]
async fn disable(State(app): State<App>, inside: Inside, Id(id): Id<DeviceId>) -> Result<Json<DeviceBody>, ApiFailure> {
    set_enabled(&app, &inside, id, false).await
}

async fn set_enabled(app: &App, inside: &Inside, id: DeviceId, enabled: bool) -> Result<Json<DeviceBody>, ApiFailure> {
    let device = app.devices.set_enabled(&inside.actor, (inside.id(), id), enabled).await?;
    Ok(Json(shown(app, inside, device)))
}

/// List kinds of devices
#[utoipa::path(
    get, path = "/api/v1/device-kinds", tag = "devices", params(InOrganization),
    responses((status = 200, description = "With the schema of their settings", body = List<KindBody>)),
)]
async fn kinds(inside: Inside) -> Result<Json<List<KindBody>>, ApiFailure> {
    inside.actor.require(Permission::ReadDevices).map_err(DevicesError::from)?;
    Ok(List::whole(adapters::kinds()))
}

/// In which networks devices may be
#[utoipa::path(
    get, path = "/api/v1/device-networks", tag = "devices", params(InOrganization),
    responses((status = 200, description = "Beside private networks", body = NetworksBody)),
)]
async fn networks(State(app): State<App>, inside: Inside) -> Result<Json<NetworksBody>, ApiFailure> {
    inside.actor.require(Permission::ReadGateways).map_err(DevicesError::from)?;
    let networks = app.devices.networks(&inside.actor, inside.id()).await?;
    Ok(Json(NetworksBody { networks }))
}

/// Decide in which networks devices may be
///
/// Gateways connect to every address that a device has. A network that is allowed here can be reached through them.
#[utoipa::path(
    put, path = "/api/v1/device-networks", tag = "devices", params(InOrganization), request_body = NetworksBody,
    responses((status = 200, description = "Decided", body = NetworksBody)),
)]
async fn set_networks(
    State(app): State<App>,
    inside: Inside,
    Body(wanted): Body<NetworksBody>,
) -> Result<Json<NetworksBody>, ApiFailure> {
    let networks = app.devices.set_networks(&inside.actor, inside.id(), wanted.networks).await?;
    Ok(Json(NetworksBody { networks }))
}
