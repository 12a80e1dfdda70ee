//! Terminals near a gateway: a person asks for it, the gateway looks for ten seconds, and whatever answered can be added.

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use nazorat_wire::FoundDevice;
use nazorat_wire::FoundDevices;

use super::form::choices;
use super::gateways;
use super::require_editor;
use super::words;
use crate::adapters;
use crate::devices::Known;
use crate::devices::Search;
use crate::fleet::commands::State as Progress;
use crate::kernel::CommandId;
use crate::kernel::DeviceId;
use crate::kernel::GatewayId;
use crate::web::App;
use crate::web::At;
use crate::web::Choice;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::done;
use crate::web::encode;
use crate::web::page;
use crate::web::pages::gateways::commands;
use crate::web::refused;

/// What was typed.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    gateway_id: String,
    networks: String,
}

#[derive(Template)]
#[template(path = "devices/find.html")]
struct FindPage {
    l: Layout,
    title: String,
    gateways: Vec<Choice>,
    networks: String,
    problems: Problems,
}

/// Which search is looked at.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    gateway: String,
    command: String,
}

/// A terminal that answered.
struct Row {
    name: String,
    model: String,
    serial: String,
    place: String,
    mac: String,
    light: &'static str,
    state: String,
    /// What a person should know before it is added.
    notes: Vec<String>,
    /// Where it is added; empty when it is there already, or cannot be added yet.
    add: String,
    /// The device of ours that it is.
    device_href: String,
    device: String,
    /// Where its new address is taken over; empty when it has none.
    moves: String,
    address: String,
}

#[derive(Template)]
#[template(path = "devices/found.html")]
struct FoundPage {
    l: Layout,
    title: String,
    meta: String,
    here: String,
    gateway: String,
    networks: String,
    is_open: bool,
    is_done: bool,
    cells: [&'static str; 4],
    words: String,
    why: String,
    searched: String,
    narrowed: String,
    more: String,
    rows: Vec<Row>,
    announce: String,
}

/// `GET /devices/find`.
pub(super) async fn form(
    State(app): State<App>,
    visitor: Visitor,
    Query(typed): Query<Typed>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    Ok(page(&form_page(&app, &visitor, typed, Problems::none()).await?).into_response())
}

/// `POST /devices/find`.
pub(super) async fn start(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let Ok(gateway) = typed.gateway_id.parse::<GatewayId>() else {
        let mut problems = Problems::none();
        problems.add("gateway_id", visitor.texts.t("error-required"));
        return Ok(refused(&form_page(&app, &visitor, typed, problems).await?).into_response());
    };
    let parts = typed.networks.split([',', ';', '\n', '\r', ' ']).map(str::trim);
    let networks: Vec<String> = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let asked = app.devices.search(visitor.actor(), (visitor.organization_id(), gateway), &networks).await;
    match asked {
        Ok(search) => Ok(Redirect::to(&href(&search)).into_response()),
        Err(problem) => {
            let problems = Problems::refused(problem.into(), visitor.texts, "gateway_id");
            let problems = problems.map_err(|failure| visitor.failure(failure))?;
            Ok(refused(&form_page(&app, &visitor, typed, problems).await?).into_response())
        }
    }
}

async fn form_page(app: &App, visitor: &Visitor, typed: Typed, problems: Problems) -> Result<FindPage, PageFailure> {
    let title = visitor.texts.t("devices-find");
    Ok(FindPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &title),
        title,
        gateways: choices(app, visitor, &typed.gateway_id).await?,
        networks: typed.networks,
        problems,
    })
}

fn href(search: &Search) -> String {
    format!("/devices/found?gateway={}&command={}", search.command.gateway, search.command.id)
}

/// `GET /devices/found`.
pub(super) async fn found(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let missing = || visitor.failure(Failure::not_found());
    let gateway: GatewayId = asked.gateway.parse().map_err(|_| missing())?;
    let command: CommandId = asked.command.parse().map_err(|_| missing())?;
    let place = (visitor.organization_id(), gateway);
    let search = app.devices.searched(visitor.actor(), place, command).await;
    let search = search.map_err(|problem| visitor.failure(problem))?;
    let found = search.found.clone().unwrap_or_default();
    let known = app.devices.recognize(visitor.actor(), place, &found.devices).await;
    let known = known.map_err(|problem| visitor.failure(problem))?;
    let all = app.devices.list(visitor.actor(), visitor.organization_id()).await;
    let all = all.map_err(|problem| visitor.failure(problem))?;
    let name = |id: DeviceId| {
        all.iter().find(|device| device.id == id).map(|device| device.name.to_string()).unwrap_or_default()
    };
    let rows: Vec<Row> = std::iter::zip(&found.devices, known)
        .map(|(device, known)| row(visitor.texts, gateway, device, (known, &name)))
        .collect();
    let names = gateways(&app, &visitor).await?;
    let shown = found_page(&visitor, names.get(&gateway).cloned().unwrap_or_default(), (&search, &found), rows);
    Ok(page(&shown).into_response())
}

fn found_page(
    visitor: &Visitor,
    gateway: String,
    (search, found): (&Search, &FoundDevices),
    rows: Vec<Row>,
) -> FoundPage {
    let (texts, command) = (visitor.texts, &search.command);
    let title = texts.with("devices-found-title", [("gateway", gateway.into())]);
    let asked = command.payload.get("networks").and_then(serde_json::Value::as_array);
    let asked = asked.map(|all| all.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(", "));
    let is_done = command.state == Progress::Succeeded && search.found.is_some();
    FoundPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &title),
        title,
        meta: texts.t("devices-add-step-1"),
        here: href(search),
        gateway: command.gateway.to_string(),
        networks: asked.unwrap_or_default(),
        is_open: command.state.is_open(),
        is_done,
        cells: commands::cells(&command.state),
        words: match &command.state {
            Progress::Succeeded => texts.t("devices-found-forgotten"),
            Progress::Failed { .. } => texts.t("devices-found-failed"),
            Progress::Expired | Progress::Cancelled => texts.t("devices-found-expired"),
            Progress::Acked => texts.t("devices-found-looking"),
            Progress::Pending | Progress::Sent => texts.t("devices-found-waiting"),
        },
        why: match &command.state {
            Progress::Failed { code, detail } => commands::code_words(texts, code).unwrap_or_else(|| detail.clone()),
            _ => String::new(),
        },
        searched: match found.searched.is_empty() {
            true => String::new(),
            false => texts.with("devices-found-searched", [("networks", found.searched.join(", ").into())]),
        },
        narrowed: match found.narrowed.is_empty() {
            true => String::new(),
            false => texts.with("devices-found-narrowed", [("networks", found.narrowed.join(", ").into())]),
        },
        more: if found.more > 0 { texts.count("devices-found-more", u64::from(found.more)) } else { String::new() },
        announce: if is_done { texts.count("devices-found-count", rows.len()) } else { String::new() },
        rows,
    }
}

fn row(
    texts: Texts,
    gateway: GatewayId,
    found: &FoundDevice,
    (known, name): (Known, &dyn Fn(DeviceId) -> String),
) -> Row {
    // A port that everybody expects says nothing.
    let usual = if found.kind == "zkteco" { 4_370 } else { 80 };
    let address = found.address.to_string();
    let place = if found.port == usual { address.clone() } else { format!("{address}:{}", found.port) };
    let inactive = found.activated == Some(false);
    let (light, state, device) = match known {
        Known::Added(id) => ("ok", "devices-found-added", Some(id)),
        Known::Moved(id) => ("look", "devices-found-moved", Some(id)),
        Known::New if inactive => ("look", "devices-found-inactive", None),
        Known::New if found.elsewhere => ("look", "devices-found-elsewhere", None),
        Known::New => ("way", "devices-found-new", None),
    };
    let can_add = device.is_none() && adapters::find(&found.kind).is_some();
    let notes = [
        (device.is_none() && inactive, "devices-found-inactive-note"),
        (device.is_none() && found.elsewhere, "devices-found-elsewhere-note"),
        (device.is_none() && found.needs_key && found.kind == "zkteco", "devices-found-key-note"),
        (device.is_none() && is_other(found), "devices-found-other-note"),
    ];
    Row {
        name: words::kind(texts, &found.kind),
        model: found.model.clone(),
        serial: found.serial.clone(),
        place,
        mac: found.mac.clone(),
        light,
        state: texts.t(state),
        notes: notes.into_iter().filter(|(holds, _)| *holds).map(|(_, key)| texts.t(key)).collect(),
        add: match can_add && !inactive && !found.elsewhere {
            true => format!(
                "/devices/new?kind={}&gateway={gateway}&host={address}&port={}",
                encode(&found.kind),
                found.port
            ),
            false => String::new(),
        },
        device_href: device.map(|id| format!("/devices/{id}")).unwrap_or_default(),
        device: device.map(name).unwrap_or_default(),
        moves: match known {
            Known::Moved(id) if !found.elsewhere => format!("/devices/{id}/address"),
            _ => String::new(),
        },
        address,
    }
}

/// Cameras and recorders answer to the same question. Terminals at doors are called DS-K by their maker.
fn is_other(found: &FoundDevice) -> bool {
    found.kind == "hikvision" && !found.model.is_empty() && !found.model.to_ascii_uppercase().starts_with("DS-K")
}

/// An address to take over.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Moved {
    host: String,
}

/// `POST /devices/ID/address`: the terminal was found somewhere else.
pub(super) async fn take_over(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
    Form(moved): Form<Moved>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let changed = app.devices.set_host(visitor.actor(), (visitor.organization_id(), id), moved.host).await;
    let device = changed.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/devices/{id}"), "done-saved", device.name.as_str()))
}
