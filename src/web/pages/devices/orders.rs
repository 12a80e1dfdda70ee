//! What a device is asked to do: the history, and the buttons that ask.

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use nazorat_wire::DeviceAction;

use super::change::question;
use super::find;
use super::find_to_change;
use super::stream_of;
use super::words;
use crate::devices::Device;
use crate::devices::DeviceOrdered;
use crate::kernel::DeviceId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::web::App;
use crate::web::At;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::gateways::commands;
use crate::web::pages::gateways::health;
use crate::web::refused;

/// Orders on the page of the device.
const FIRST: usize = 5;
/// From when on a log is offered to be read again.
const USUAL: Duration = Duration::from_secs(86_400);

/// A line of the history.
pub(in crate::web::pages) struct Row {
    pub(in crate::web::pages) time: String,
    pub(in crate::web::pages) name: String,
    pub(in crate::web::pages) by: String,
    pub(in crate::web::pages) reason: String,
    pub(in crate::web::pages) cells: [&'static str; 4],
    pub(in crate::web::pages) tone: &'static str,
    pub(in crate::web::pages) words: String,
    /// What the device said.
    pub(in crate::web::pages) reply: Vec<(String, String)>,
}

impl Row {
    pub(in crate::web::pages) fn new(visitor: &Visitor, ordered: &DeviceOrdered, now: Timestamp) -> Self {
        let command = &ordered.command;
        Self {
            time: health::when(visitor, command.created_at, now),
            name: words::action(visitor.texts, ordered),
            by: command.by.clone(),
            reason: ordered.reason.clone(),
            cells: commands::cells(&command.state),
            tone: commands::tone(&command.state),
            words: words::answer(visitor, ordered),
            reply: ordered.reply.as_ref().map(|reply| words::reply(visitor.texts, reply)).unwrap_or_default(),
        }
    }
}

/// The newest orders, and where all of them stand.
pub(super) struct History {
    pub(super) rows: Vec<Row>,
    pub(super) all_href: String,
}

pub(super) async fn all_of(app: &App, visitor: &Visitor, device: &Device) -> Result<Vec<DeviceOrdered>, PageFailure> {
    let all = app.devices.orders(visitor.actor(), visitor.organization_id(), device.id).await;
    all.map_err(|problem| visitor.failure(problem))
}

impl History {
    pub(super) fn first(visitor: &Visitor, device: &Device, all: &[DeviceOrdered], now: Timestamp) -> Self {
        let more = all.len() > FIRST;
        Self {
            rows: all.iter().take(FIRST).map(|ordered| Row::new(visitor, ordered, now)).collect(),
            all_href: if more { format!("/devices/{}/orders", device.id) } else { String::new() },
        }
    }
}

#[derive(Template)]
#[template(path = "devices/orders.html")]
struct ListPage {
    l: Layout,
    title: String,
    here: String,
    stream: String,
    rows: Vec<Row>,
}

/// `GET /devices/ID/orders`.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    let device = find(&app, &visitor, id).await?;
    let all = all_of(&app, &visitor, &device).await?;
    let (texts, now) = (visitor.texts, app.clock.now());
    let shown = ListPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &texts.t("devices-orders")).through([crumb(&device)]),
        title: texts.with("devices-orders-title", [("name", device.name.as_str().into())]),
        here: format!("/devices/{id}/orders"),
        stream: stream_of(id),
        rows: all.iter().map(|ordered| Row::new(&visitor, ordered, now)).collect(),
    };
    Ok(page(&shown).into_response())
}

pub(super) fn crumb(device: &Device) -> Crumb {
    Crumb { href: format!("/devices/{}", device.id), label: device.name.to_string() }
}

/// `POST /devices/ID/probe`.
pub(super) async fn probe(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    give(&app, &visitor, id, DeviceAction::Probe).await
}

/// `GET /devices/ID/set-clock`.
pub(super) async fn ask_set_clock(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    Ok(question(&visitor, &find_to_change(&app, &visitor, id).await?, "set-clock"))
}

/// `POST /devices/ID/set-clock`.
pub(super) async fn set_clock(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    give(&app, &visitor, id, DeviceAction::SetClock).await
}

/// `GET /devices/ID/reboot`.
pub(super) async fn ask_reboot(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    Ok(question(&visitor, &find_to_change(&app, &visitor, id).await?, "reboot"))
}

/// `POST /devices/ID/reboot`.
pub(super) async fn reboot(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    give(&app, &visitor, id, DeviceAction::Reboot).await
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    from: String,
}

#[derive(Template)]
#[template(path = "devices/read_log.html")]
struct ReadLogPage {
    l: Layout,
    title: String,
    href: String,
    from: String,
    problems: Problems,
}

/// `GET /devices/ID/read-log`.
pub(super) async fn read_log_form(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    let device = find_to_change(&app, &visitor, id).await?;
    let from = app.clock.now().checked_sub(USUAL).unwrap_or(Timestamp::MIN);
    let from = visitor.zone.civil(from).strftime("%Y-%m-%dT%H:%M").to_string();
    Ok(page(&read_log_page(&visitor, &device, from, Problems::none())).into_response())
}

/// `POST /devices/ID/read-log`.
pub(super) async fn read_log(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    let device = find_to_change(&app, &visitor, id).await?;
    let from = local(&visitor.zone, &typed.from).filter(|from| *from < app.clock.now());
    match from {
        Some(from) => give(&app, &visitor, id, DeviceAction::ReadLog { from_us: from.as_microsecond() }).await,
        None => {
            let mut problems = Problems::none();
            problems.add("from", visitor.texts.t("devices-read-log-wrong"));
            Ok(refused(&read_log_page(&visitor, &device, typed.from, problems)).into_response())
        }
    }
}

fn local(zone: &Zone, text: &str) -> Option<Timestamp> {
    text.parse::<jiff::civil::DateTime>().ok().map(|civil| zone.at(civil))
}

fn read_log_page(visitor: &Visitor, device: &Device, from: String, problems: Problems) -> ReadLogPage {
    let texts = visitor.texts;
    ReadLogPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &texts.t("devices-order-read-log"))
            .through([crumb(device)]),
        title: texts.with("devices-read-log-title", [("name", device.name.as_str().into())]),
        href: format!("/devices/{}", device.id),
        from,
        problems,
    }
}

async fn give(app: &App, visitor: &Visitor, id: DeviceId, action: DeviceAction) -> Result<Response, PageFailure> {
    let made = app.devices.order(visitor.actor(), (visitor.organization_id(), id), action, "").await;
    let made = made.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/devices/{id}#orders"), "done-device-asked", &words::action(visitor.texts, &made)))
}
