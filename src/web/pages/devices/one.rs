//! A device: how it is and what to do next, who it is, its doors, what it was asked, what it told.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::course;
use super::course::Change;
use super::course::Day;
use super::find;
use super::gates;
use super::gateways;
use super::may_edit;
use super::orders;
use super::orders::History;
use super::people;
use super::sees_places;
use super::signs::Sign;
use super::signs::signs;
use super::stream_of;
use super::words;
use crate::adapters::Probe;
use crate::devices::Device;
use crate::devices::DeviceOrdered;
use crate::devices::DeviceState;
use crate::devices::Known;
use crate::devices::Standing;
use crate::doors::LogFilter;
use crate::kernel::DeviceId;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::web::App;
use crate::web::At;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::doors::rows;
use crate::web::pages::doors::rows::Row as Pass;

/// What it told lately, on its own page.
const SHOWN: usize = 8;
/// So far back that is looked for.
const DAYS: i64 = 30;

/// A line of a list of facts.
struct Fact {
    name: String,
    value: String,
}

/// A door with its gate.
struct Door {
    number: String,
    gate: String,
    gate_href: String,
    side: String,
    /// Where it is opened; empty for those who may not.
    open: String,
}

/// Everything that changes while one looks.
struct Shown {
    texts: Texts,
    href: String,
    stream_href: String,
    title: String,
    kind: String,
    gateway: String,
    gateway_href: String,
    host: String,
    light: &'static str,
    state: String,
    next: String,
    detail: String,
    is_broken: bool,
    /// Where the other system sends to, for those who set it up; empty for kinds that are connected otherwise.
    push_address: String,
    /// What to know of that address.
    push_hint: String,
    /// How it signs, for the same.
    signing: Vec<Fact>,
    obeys: bool,
    signs: [Sign; 3],
    day: Day,
    /// The newest changes of how it was.
    changes: Vec<Change>,
    changes_incomplete: bool,
    changes_href: String,
    doors: Vec<Door>,
    facts: Vec<Fact>,
    /// What it can, where it has said so.
    abilities: Vec<Fact>,
    warnings: Vec<String>,
    history: History,
    passes: Vec<Pass>,
    passes_href: String,
    can_edit: bool,
    sees_people: bool,
    enabled: bool,
    /// Where the last search found it, if that is somewhere else; empty for those who may not change it.
    moved: String,
    moved_text: String,
}

impl Shown {
    fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }
}

#[derive(Template)]
#[template(path = "devices/one.html")]
struct OnePage {
    l: Layout,
    d: Shown,
}

#[derive(Template)]
#[template(path = "devices/live.html")]
struct LivePart {
    d: Shown,
}

/// `GET /devices/ID`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    let d = shown(&app, &visitor, id).await?;
    Ok(page(&OnePage { l: Layout::new(&visitor.viewer(), Section::Devices, &d.title), d }).into_response())
}

/// `GET /devices/ID/live`.
pub(super) async fn live(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    Ok(page(&LivePart { d: shown(&app, &visitor, id).await? }).into_response())
}

async fn shown(app: &App, visitor: &Visitor, id: DeviceId) -> Result<Shown, PageFailure> {
    let device = find(app, visitor, id).await?;
    let (texts, now) = (visitor.texts, app.clock.now());
    let standing = app.devices.standing(visitor.organization_id(), &device);
    let names = gateways(app, visitor).await?;
    let asked = orders::all_of(app, visitor, &device).await?;
    let places = sees_places(visitor);
    let past = course::month(app, visitor, &device).await?;
    let mut changes = course::changes(visitor, past.of(id), now);
    changes.truncate(course::FIRST);
    let probe = probe_of(&asked);
    let moved = moved(app, visitor, &device).await?;
    Ok(Shown {
        texts,
        stream_href: stream_of(id),
        title: device.name.to_string(),
        kind: words::kind(texts, &device.kind),
        gateway: names.get(&device.gateway).cloned().unwrap_or_default(),
        gateway_href: format!("/gateways/{}", device.gateway),
        host: if places { device.host.clone() } else { String::new() },
        light: words::light(standing.state),
        state: words::state(texts, standing.state),
        next: words::next_step_of(texts, &device.kind, &standing),
        push_address: push_address(app, visitor, &device).await?,
        push_hint: match app.devices.listener_of(visitor.organization_id(), &device) {
            Some(_) => texts.t("devices-push-known"),
            None => texts.t("devices-push-unknown"),
        },
        signing: signing(texts, &device),
        detail: if places { words::detail(&standing) } else { String::new() },
        is_broken: !matches!(standing.state, DeviceState::Online),
        obeys: device.obeys(),
        signs: signs(visitor, &standing, now),
        day: Day::of(visitor, past.of(id), now),
        changes,
        changes_incomplete: past.incomplete,
        changes_href: format!("/devices/{id}/changes"),
        doors: doors(app, visitor, &device).await?,
        facts: facts(visitor, &device, &standing, places),
        abilities: probe.as_ref().map(|probe| abilities(texts, probe)).unwrap_or_default(),
        warnings: probe.map(|probe| probe.warnings).unwrap_or_default(),
        history: History::first(visitor, &device, &asked, now),
        passes: passes(app, visitor, &device, now).await?,
        passes_href: format!("/doors?device={id}"),
        can_edit: may_edit(visitor),
        sees_people: people::may_see(visitor),
        enabled: device.enabled,
        moved_text: texts.with("devices-moved-text", [("address", moved.clone().into())]),
        moved,
        href: format!("/devices/{id}"),
    })
}

/// Where the last search of its gateway found it, if it was at another address than the one that we know.
async fn moved(app: &App, visitor: &Visitor, device: &Device) -> Result<String, PageFailure> {
    if !may_edit(visitor) {
        return Ok(String::new());
    }
    let place = (visitor.organization_id(), device.gateway);
    let search = app.devices.last_search(visitor.actor(), place).await.map_err(|problem| visitor.failure(problem))?;
    let mut found = search.and_then(|search| search.found).map(|found| found.devices).unwrap_or_default();
    found.retain(|one| !one.elsewhere);
    let known = app.devices.recognize(visitor.actor(), place, &found).await;
    let known = known.map_err(|problem| visitor.failure(problem))?;
    let at = std::iter::zip(found, known).find(|(_, known)| *known == Known::Moved(device.id));
    Ok(at.map(|(one, _)| one.address.to_string()).unwrap_or_default())
}

async fn doors(app: &App, visitor: &Visitor, device: &Device) -> Result<Vec<Door>, PageFailure> {
    let gates = gates(app, visitor).await?;
    let texts = visitor.texts;
    let door = |door: &crate::devices::DeviceDoor| {
        let gate = door.gate.and_then(|gate| gates.get(&gate));
        let opens = may_edit(visitor)
            || (visitor.actor().may(Permission::OpenDoors) && gate.is_some_and(|gate| gate.opens_from_afar));
        Door {
            number: texts.with("devices-door", [("door", u64::from(door.number).into())]),
            gate: gate.map(|gate| gate.name.to_string()).unwrap_or_default(),
            gate_href: gate.filter(|_| may_edit(visitor)).map(|gate| format!("/gates/{}", gate.id)).unwrap_or_default(),
            side: words::side(texts, door.side),
            open: match opens && device.enabled && device.obeys() {
                true => format!("/doors/open?device={}&door={}", device.id, door.number),
                false => String::new(),
            },
        }
    };
    Ok(device.doors.iter().map(door).collect())
}

/// The address to which a device sends that comes to us by a secret path. Only who may change devices sees it.
async fn push_address(app: &App, visitor: &Visitor, device: &Device) -> Result<String, PageFailure> {
    // A terminal is told by its gateway.
    if !may_edit(visitor) || device.kind != "webhook" {
        return Ok(String::new());
    }
    let path = app.devices.push_path(visitor.actor(), visitor.organization_id(), device.id).await;
    let path = path.map_err(|problem| visitor.failure(problem))?.unwrap_or_default();
    let known = app.devices.listener_of(visitor.organization_id(), device).map(|at| at.to_string());
    let gateway = known.unwrap_or_else(|| format!("{}:8081", visitor.texts.t("devices-push-gateway")));
    Ok(format!("http://{gateway}{path}"))
}

/// How a system that sends events is to sign them.
fn signing(texts: Texts, device: &Device) -> Vec<Fact> {
    let setting = |name: &str| device.settings.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let form = setting("signature");
    if form.is_empty() {
        return Vec::new();
    }
    let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
    let what = texts.t(&format!("devices-choice-signature-{}", form.replace('_', "-")));
    let mut facts = vec![fact("devices-field-signature", what)];
    if form != "standard_webhooks" {
        facts.push(fact("devices-field-signature-header", setting("signature_header").to_owned()));
    }
    if form == "timestamp_body" {
        facts.push(fact("devices-field-timestamp-header", setting("timestamp_header").to_owned()));
    }
    facts
}

fn facts(visitor: &Visitor, device: &Device, standing: &Standing, places: bool) -> Vec<Fact> {
    let texts = visitor.texts;
    let told = standing.told.as_ref().map(|(_, told)| told);
    let text = |of: Option<&String>| of.filter(|text| !text.is_empty()).cloned();
    let facts = [
        ("devices-model", told.and_then(|told| text(told.model.as_ref()))),
        ("devices-serial", told.and_then(|told| text(told.serial.as_ref())).filter(|_| places)),
        ("devices-firmware", told.and_then(|told| text(told.firmware.as_ref()))),
        (
            "devices-answers",
            told.and_then(|told| told.answer_ms)
                .map(|millis| texts.with("devices-millis", [("millis", u64::from(millis).into())])),
        ),
        ("devices-events", told.map(|told| texts.number(told.events))),
        ("devices-since", told.and_then(|told| told.since).map(|since| brief(visitor, since))),
        ("devices-told", standing.told.as_ref().map(|(at, _)| brief(visitor, *at))),
        ("devices-added", Some(brief(visitor, device.created_at))),
    ];
    facts.into_iter().filter_map(|(key, value)| Some(Fact { name: texts.t(key), value: value? })).collect()
}

/// `20 Nov, 08:52`.
fn brief(visitor: &Visitor, at: Timestamp) -> String {
    let (texts, zone) = (visitor.texts, &visitor.zone);
    let date = texts.day_brief(zone.day_of(at));
    texts.with("date-time", [("date", date.into()), ("time", texts.time(zone, at).into())])
}

/// What the device said of itself when it was last tried.
fn probe_of(asked: &[DeviceOrdered]) -> Option<Probe> {
    let tried = asked.iter().filter(|ordered| ordered.action == "probe");
    tried.filter_map(|ordered| ordered.reply.clone()).find_map(|reply| serde_json::from_value(reply).ok())
}

fn abilities(texts: Texts, probe: &Probe) -> Vec<Fact> {
    let can = &probe.capabilities;
    let flag = |key: &str, has: bool| Fact { name: texts.t(key), value: texts.t(if has { "yes" } else { "no" }) };
    let count = |key: &str, most: Option<u32>| {
        most.map(|most| Fact { name: texts.t(key), value: texts.number(u64::from(most)) })
    };
    let flags = [
        flag("devices-can-hold", can.hold),
        flag("devices-can-people", can.people),
        flag("devices-can-cards", can.cards),
        flag("devices-can-faces", can.faces),
        flag("devices-can-reboot", can.reboot),
        flag("devices-can-set-clock", can.set_clock),
    ];
    let counts = [count("devices-most-people", can.most_people), count("devices-most-events", can.most_events)];
    let doors = Fact { name: texts.t("devices-doors"), value: can.doors.to_string() };
    std::iter::once(doors).chain(flags).chain(counts.into_iter().flatten()).collect()
}

/// What it told lately. That one looks at a device is no look at a person.
async fn passes(app: &App, visitor: &Visitor, device: &Device, now: Timestamp) -> Result<Vec<Pass>, PageFailure> {
    if !visitor.actor().may(Permission::ReadAccess) {
        return Ok(Vec::new());
    }
    let from = now.checked_sub(jiff::SignedDuration::from_hours(24 * DAYS)).unwrap_or(Timestamp::MIN);
    let to = now.checked_add(jiff::SignedDuration::from_mins(15)).unwrap_or(Timestamp::MAX);
    let filter = LogFilter {
        from,
        to,
        device: Some(device.id),
        gate: None,
        employee: None,
        outcomes: Vec::new(),
        text: None,
        repeated: false,
    };
    let request = PageRequest { limit: SHOWN, after: None };
    let log = app.entry_log.log(visitor.actor(), visitor.organization_id(), filter, request).await;
    let log = log.map_err(|problem| visitor.failure(problem))?;
    Ok(log.items.iter().map(|pass| rows::row(visitor, pass, now)).collect())
}
