//! Which gate each door of a device is, and on which side of it the terminal hangs.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::find_to_change;
use super::gates;
use super::orders::crumb;
use super::words;
use crate::devices::Device;
use crate::devices::DeviceDoor;
use crate::devices::Gate;
use crate::devices::GateInput;
use crate::devices::NewDevice;
use crate::devices::Passing;
use crate::devices::Side;
use crate::kernel::DeviceId;
use crate::kernel::GateId;
use crate::web::App;
use crate::web::At;
use crate::web::Choice;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problem;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::refused;

/// What a gate holds together unless somebody says otherwise.
pub(in crate::web::pages) const DEBOUNCE_SECS: u32 = 30;

struct Row {
    number: u16,
    label: String,
    gates: Vec<Choice>,
    sides: Vec<Choice>,
    fresh: String,
    error: String,
}

#[derive(Template)]
#[template(path = "devices/doors.html")]
struct DoorsPage {
    l: Layout,
    title: String,
    meta: String,
    rows: Vec<Row>,
    has_gates: bool,
    problems: Vec<Problem>,
    action: String,
    back: String,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    new: String,
}

/// What was typed for one door.
#[derive(Debug, Default, Clone)]
struct Typed {
    gate: String,
    side: String,
    fresh: String,
}

/// `GET /devices/ID/doors`.
pub(super) async fn form(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let device = find_to_change(&app, &visitor, id).await?;
    let gates = gates(&app, &visitor).await?;
    let typed = device.doors.iter().map(|door| (door.number, stored(door))).collect();
    let is_new = !asked.new.is_empty();
    Ok(page(&shown(&visitor, (&device, is_new), &gates, &typed, None)).into_response())
}

fn stored(door: &DeviceDoor) -> Typed {
    Typed {
        gate: door.gate.map(|gate| gate.to_string()).unwrap_or_default(),
        side: door.side.name().to_owned(),
        fresh: String::new(),
    }
}

/// `POST /devices/ID/doors`.
pub(super) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
    Query(asked): Query<Asked>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageFailure> {
    let device = find_to_change(&app, &visitor, id).await?;
    let typed = read(&device, pairs);
    let mut doors = Vec::new();
    for (number, one) in &typed {
        let gate = match one.fresh.trim() {
            "" => one.gate.parse().ok().map(GateId::new),
            name => match made(&app, &visitor, name).await {
                Ok(gate) => Some(gate),
                Err(problem) => {
                    let problems = Problems::refused(problem, visitor.texts, "name");
                    let problems = problems.map_err(|failure| visitor.failure(failure))?;
                    let gates = gates(&app, &visitor).await?;
                    let text = problems.items().first().map(|one| one.text.clone()).unwrap_or_default();
                    let shown =
                        shown(&visitor, (&device, !asked.new.is_empty()), &gates, &typed, Some((*number, text)));
                    return Ok(refused(&shown).into_response());
                }
            },
        };
        doors.push(DeviceDoor { number: *number, gate, side: Side::parse(&one.side).unwrap_or_default() });
    }
    let new = NewDevice {
        name: device.name.to_string(),
        kind: device.kind.clone(),
        gateway: device.gateway,
        host: device.host.clone(),
        settings: device.settings.clone(),
        doors,
        enabled: device.enabled,
        manages_people: device.manages_people,
    };
    let changed = app.devices.change(visitor.actor(), visitor.organization_id(), id, new).await;
    let changed = changed.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/devices/{id}"), "done-saved", changed.name.as_str()))
}

/// A gate of this name: one that is there, or a new one.
async fn made(app: &App, visitor: &Visitor, name: &str) -> Result<GateId, crate::web::Failure> {
    let input = GateInput {
        name: name.to_owned(),
        passing: Passing::default(),
        debounce_secs: DEBOUNCE_SECS,
        opens_from_afar: false,
    };
    Ok(app.devices.add_gate(visitor.actor(), visitor.organization_id(), input).await?.id)
}

fn read(device: &Device, pairs: Vec<(String, String)>) -> BTreeMap<u16, Typed> {
    let mut typed: BTreeMap<u16, Typed> = device.doors.iter().map(|door| (door.number, Typed::default())).collect();
    for (name, value) in pairs {
        let Some((what, number)) = name.split_once('-') else { continue };
        let Some(one) = number.parse().ok().and_then(|number: u16| typed.get_mut(&number)) else { continue };
        match what {
            "gate" => one.gate = value,
            "side" => one.side = value,
            "fresh" => one.fresh = value,
            _ => {}
        }
    }
    typed
}

fn shown(
    visitor: &Visitor,
    (device, is_new): (&Device, bool),
    gates: &BTreeMap<GateId, Gate>,
    typed: &BTreeMap<u16, Typed>,
    wrong: Option<(u16, String)>,
) -> DoorsPage {
    let texts = visitor.texts;
    let row = |(number, one): (&u16, &Typed)| Row {
        number: *number,
        label: texts.with("devices-door", [("door", u64::from(*number).into())]),
        gates: gates.values().map(|gate| Choice::new(&gate.id.to_string(), gate.name.as_str(), &one.gate)).collect(),
        sides: Side::ALL.map(|side| Choice::new(side.name(), words::side(texts, side), &one.side)).into(),
        fresh: one.fresh.clone(),
        error: wrong.as_ref().filter(|(wrong, _)| wrong == number).map(|(_, text)| text.clone()).unwrap_or_default(),
    };
    let href = format!("/devices/{}", device.id);
    DoorsPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &texts.t("devices-doors")).through([crumb(device)]),
        title: texts.with("devices-doors-title", [("name", device.name.as_str().into())]),
        meta: texts.t(if is_new { "devices-add-step-3" } else { "devices-doors-meta" }),
        rows: typed.iter().map(row).collect(),
        has_gates: !gates.is_empty(),
        problems: wrong.iter().map(|(_, text)| Problem { field: "doors", text: text.clone() }).collect(),
        action: if is_new { format!("{href}/doors?new=1") } else { format!("{href}/doors") },
        back: href,
    }
}
