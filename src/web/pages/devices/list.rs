//! All devices of an organization, by how they are.

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::course;
use super::course::Day;
use super::gates;
use super::gateways;
use super::may_edit;
use super::people;
use super::sees_places;
use super::signs::Sign;
use super::signs::signs;
use super::words;
use crate::devices::Device;
use crate::devices::DeviceState;
use crate::devices::Standing;
use crate::kernel::fold;
use crate::web::App;
use crate::web::Choice;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::encode;
use crate::web::page;

/// The states with a tab, worst first.
const TABS: [DeviceState; 6] = [
    DeviceState::Error,
    DeviceState::Offline,
    DeviceState::Connecting,
    DeviceState::Online,
    DeviceState::Disabled,
    DeviceState::Unknown,
];

/// What is asked for.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    gateway: String,
    q: String,
}

struct Tab {
    href: String,
    label: String,
    count: String,
    mark: &'static str,
    current: bool,
}

struct Row {
    href: String,
    label: String,
    /// The kind, and the address for those who may see it.
    below: String,
    gates: String,
    gateway: String,
    gateway_href: String,
    light: &'static str,
    state: String,
    signs: [Sign; 3],
    day: Day,
    changes_href: String,
}

#[derive(Template)]
#[template(path = "devices/list.html")]
struct ListPage {
    l: Layout,
    meta: String,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    total: usize,
    has_gateways: bool,
    has_kinds: bool,
    can_edit: bool,
    sees_people: bool,
    sees_places: bool,
    q: String,
    which: String,
    gateways: Vec<Choice>,
    here: String,
    announce: String,
}

/// `GET /devices`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let all = app.devices.list(visitor.actor(), visitor.organization_id()).await;
    let mut all = all.map_err(|problem| visitor.failure(problem))?;
    all.sort_by_cached_key(|device| fold(device.name.as_str()));
    let all: Vec<(Device, Standing)> = all
        .into_iter()
        .map(|device| {
            let standing = app.devices.standing(visitor.organization_id(), &device);
            (device, standing)
        })
        .collect();
    let (gates, names) = (gates(&app, &visitor).await?, gateways(&app, &visitor).await?);
    let (texts, now) = (visitor.texts, app.clock.now());
    let mut days = course::days(&app, &visitor, &all).await?;
    let wanted_state = TABS.into_iter().find(|state| state.name() == asked.state);
    let needle = fold(&asked.q);
    let fits = |(device, standing): &&(Device, Standing)| {
        let host = if sees_places(&visitor) { device.host.as_str() } else { "" };
        wanted_state.is_none_or(|state| state == standing.state)
            && (asked.gateway.is_empty() || device.gateway.to_string() == asked.gateway)
            && (needle.is_empty() || fold(device.name.as_str()).contains(&needle) || host.contains(needle.as_str()))
    };
    let mut row = |(device, standing): &(Device, Standing)| {
        let kind = words::kind(texts, &device.kind);
        let at: Vec<String> =
            device.doors.iter().filter_map(|door| Some(gates.get(&door.gate?)?.name.to_string())).collect();
        Row {
            href: format!("/devices/{}", device.id),
            label: device.name.to_string(),
            below: match device.host.as_str() {
                host if sees_places(&visitor) && !host.is_empty() => format!("{kind} \u{b7} {host}"),
                _ => kind,
            },
            gates: at.join(", "),
            gateway: names.get(&device.gateway).cloned().unwrap_or_default(),
            gateway_href: format!("/gateways/{}", device.gateway),
            light: words::light(standing.state),
            state: words::state(texts, standing.state),
            signs: signs(&visitor, standing, now),
            day: days.remove(&device.id).unwrap_or_else(|| Day::of(&visitor, &[], now)),
            changes_href: format!("/devices/{}/changes", device.id),
        }
    };
    let rows: Vec<Row> = all.iter().filter(fits).map(&mut row).collect();
    let mut choices: Vec<Choice> =
        names.iter().map(|(id, name)| Choice::new(&id.to_string(), name.clone(), &asked.gateway)).collect();
    choices.sort_by_cached_key(|choice| fold(&choice.label));
    let shown = ListPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, ""),
        meta: meta(texts, &all),
        tabs: tabs(texts, &all, &asked),
        announce: texts.count("devices-count", rows.len()),
        rows,
        total: all.len(),
        has_gateways: !names.is_empty(),
        has_kinds: !crate::adapters::kinds().is_empty(),
        can_edit: may_edit(&visitor),
        sees_people: people::may_see(&visitor),
        sees_places: sees_places(&visitor),
        q: asked.q,
        which: wanted_state.map_or("", DeviceState::name).to_owned(),
        gateways: choices,
        here: visitor.path().to_owned(),
    };
    Ok(page(&shown).into_response())
}

fn meta(texts: Texts, all: &[(Device, Standing)]) -> String {
    let broken = all.iter().filter(|(_, standing)| words::light(standing.state) == "bad").count();
    let mut said = vec![texts.count("devices-count", all.len())];
    if broken > 0 {
        said.push(texts.count("devices-count-broken", broken));
    }
    if all.is_empty() { String::new() } else { said.join(" \u{b7} ") }
}

fn tabs(texts: Texts, all: &[(Device, Standing)], asked: &Asked) -> Vec<Tab> {
    let rest = |state: &str| {
        let pairs = [("state", state), ("gateway", asked.gateway.as_str()), ("q", asked.q.as_str())];
        let given = pairs.iter().filter(|(_, value)| !value.is_empty());
        let query = given.map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&");
        if query.is_empty() { "/devices".to_owned() } else { format!("/devices?{query}") }
    };
    let tab = |state: Option<DeviceState>, count: usize| {
        let name = state.map_or("", DeviceState::name);
        Tab {
            href: rest(name),
            label: state.map_or_else(|| texts.t("action-all"), |state| capital(&words::state(texts, state))),
            count: texts.number(count as u64),
            mark: "",
            current: asked.state == name,
        }
    };
    let count = |state| all.iter().filter(|(_, standing)| standing.state == state).count();
    let some = TABS.into_iter().map(|state| (state, count(state)));
    let some = some.filter(|(state, count)| *count > 0 || asked.state == state.name());
    std::iter::once(tab(None, all.len())).chain(some.map(|(state, count)| tab(Some(state), count))).collect()
}

/// A word as it begins a line.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
