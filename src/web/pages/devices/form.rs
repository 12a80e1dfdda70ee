//! Adding a device, step by step, and changing one: gateway, address, and the settings of its kind.

use std::collections::BTreeSet;

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use serde_json::Map;
use serde_json::Value;

use super::fields;
use super::fields::PREFIX;
use super::fields::Shown;
use super::fields::Wrong;
use super::find_to_change;
use super::gateways;
use super::orders::crumb;
use super::require_editor;
use super::words;
use crate::adapters;
use crate::adapters::AddressError;
use crate::adapters::Kind;
use crate::devices::Device;
use crate::devices::DeviceDoor;
use crate::devices::DevicesError;
use crate::devices::NewDevice;
use crate::devices::Side;
use crate::kernel::Classify as _;
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
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::refused;

/// The most doors of a device.
const MOST_DOORS: u16 = 64;

/// A kind to choose.
struct Card {
    word: &'static str,
    icon: &'static str,
    title: String,
    text: String,
    note: String,
}

#[derive(Template)]
#[template(path = "devices/kinds.html")]
struct KindsPage {
    l: Layout,
    title: String,
    cards: Vec<Card>,
    has_gateways: bool,
}

#[derive(Template)]
#[template(path = "devices/form.html")]
struct FormPage {
    l: Layout,
    title: String,
    meta: String,
    /// The word of the kind of a new device; empty when one is changed.
    kind: &'static str,
    has_address: bool,
    /// How a device without an address finds us.
    comes: String,
    name: String,
    host: String,
    gateways: Vec<Choice>,
    fields: Vec<Shown>,
    wrong: Vec<Wrong>,
    submit: String,
    action: String,
    back: String,
}

impl FormPage {
    fn usual(&self) -> impl Iterator<Item = &Shown> {
        self.fields.iter().filter(|field| !field.is_rare)
    }

    fn rare(&self) -> impl Iterator<Item = &Shown> {
        self.fields.iter().filter(|field| field.is_rare)
    }

    fn has_rare(&self) -> bool {
        self.rare().next().is_some()
    }

    /// Whoever has to mend one must see it.
    fn is_rare_open(&self) -> bool {
        self.rare().any(|field| !field.error.is_empty())
    }

    fn at(&self, field: &str) -> &str {
        self.wrong.iter().find(|wrong| wrong.field == field).map_or("", |wrong| wrong.text.as_str())
    }
}

/// What was typed.
#[derive(Debug, Default)]
struct Typed {
    kind: String,
    name: String,
    gateway: String,
    host: String,
    settings: Map<String, Value>,
}

impl From<Vec<(String, String)>> for Typed {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "kind" => typed.kind = value,
                "name" => typed.name = value,
                "gateway_id" => typed.gateway = value,
                "host" => typed.host = value.trim().to_owned(),
                // A box that is ticked stands behind the hidden field that says that it is not.
                other => {
                    if let Some(setting) = other.strip_prefix(PREFIX) {
                        typed.settings.insert(setting.to_owned(), value.into());
                    }
                }
            }
        }
        typed
    }
}

impl Typed {
    fn gateway(&self) -> Option<GatewayId> {
        self.gateway.parse().ok()
    }

    /// As many doors as the settings say, those that are there as they are.
    fn doors(&self, there: &[DeviceDoor]) -> Vec<DeviceDoor> {
        let told = self.settings.get("doors").and_then(Value::as_str).and_then(|count| count.trim().parse().ok());
        let count: u16 = told.unwrap_or_else(|| u16::try_from(there.len()).unwrap_or(1).max(1)).min(MOST_DOORS);
        let one = |number| {
            let known = there.iter().find(|door| door.number == number).copied();
            known.unwrap_or(DeviceDoor { number, gate: None, side: Side::Both })
        };
        (1..=count).map(one).collect()
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    kind: String,
    gateway: String,
    /// Of a terminal that was found.
    host: String,
    port: String,
}

impl From<Chosen> for Typed {
    fn from(chosen: Chosen) -> Self {
        let port = chosen.port.parse::<u16>().ok().map(|port| ("port".to_owned(), Value::from(port)));
        let (gateway, host) = (chosen.gateway, chosen.host);
        Self { gateway, host, settings: port.into_iter().collect(), ..Self::default() }
    }
}

/// `GET /devices/new`: which kind, then the rest.
pub(super) async fn new(
    State(app): State<App>,
    visitor: Visitor,
    Query(chosen): Query<Chosen>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    match adapters::find(&chosen.kind) {
        Some(adapter) => {
            let typed = Typed::from(chosen);
            Ok(page(&new_page(&app, &visitor, (&adapter.kind(), &typed), Vec::new()).await?).into_response())
        }
        None => {
            let texts = visitor.texts;
            let title = texts.t("devices-add");
            let card = |kind: Kind| {
                let key = |part: &str| format!("devices-kind-{}-{part}", kind.word.replace('_', "-"));
                let own = |part: &str| texts.maybe(&key(part));
                let come = if kind.has_address { "devices-kind-dials" } else { "devices-kind-comes" };
                Card {
                    word: kind.word,
                    icon: words::icon(kind.word),
                    title: words::kind(texts, kind.word),
                    text: own("text").unwrap_or_else(|| kind.vendor.to_owned()),
                    note: own("note").unwrap_or_else(|| texts.t(come)),
                }
            };
            let shown = KindsPage {
                l: Layout::new(&visitor.viewer(), Section::Devices, &title),
                title,
                cards: adapters::kinds().into_iter().map(card).collect(),
                has_gateways: !gateways(&app, &visitor).await?.is_empty(),
            };
            Ok(page(&shown).into_response())
        }
    }
}

/// `POST /devices/new`.
pub(super) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let typed = Typed::from(pairs);
    let unknown = || visitor.failure(DevicesError::UnknownKind(typed.kind.clone()));
    let kind = adapters::find(&typed.kind).ok_or_else(unknown)?.kind();
    let Some(gateway) = typed.gateway() else {
        let wrong = vec![Wrong { field: "gateway_id".to_owned(), text: visitor.texts.t("error-required") }];
        return Ok(refused(&new_page(&app, &visitor, (&kind, &typed), wrong).await?).into_response());
    };
    let new = NewDevice {
        name: typed.name.clone(),
        kind: typed.kind.clone(),
        gateway,
        host: typed.host.clone(),
        settings: typed.settings.clone(),
        doors: typed.doors(&[]),
        enabled: true,
        manages_people: false,
    };
    match app.devices.add(visitor.actor(), visitor.organization_id(), new).await {
        Ok(device) if device.doors.is_empty() => {
            Ok(done(&format!("/devices/{}", device.id), "done-device-added", device.name.as_str()))
        }
        Ok(device) => {
            Ok(done(&format!("/devices/{}/doors?new=1", device.id), "done-device-added", device.name.as_str()))
        }
        Err(problem) => {
            let wrong = told(&visitor, &kind, problem)?;
            Ok(refused(&new_page(&app, &visitor, (&kind, &typed), wrong).await?).into_response())
        }
    }
}

/// `GET /devices/ID/edit`.
pub(super) async fn edit(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    let device = find_to_change(&app, &visitor, id).await?;
    let typed = Typed {
        kind: device.kind.clone(),
        name: device.name.to_string(),
        gateway: device.gateway.to_string(),
        host: device.host.clone(),
        settings: device.settings.clone(),
    };
    Ok(page(&edit_page(&app, &visitor, (&device, &typed), Vec::new()).await?).into_response())
}

/// `POST /devices/ID/edit`.
pub(super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageFailure> {
    let device = find_to_change(&app, &visitor, id).await?;
    let typed = Typed::from(pairs);
    let new = NewDevice {
        name: typed.name.clone(),
        kind: device.kind.clone(),
        gateway: typed.gateway().unwrap_or(device.gateway),
        host: typed.host.clone(),
        settings: typed.settings.clone(),
        doors: typed.doors(&device.doors),
        enabled: device.enabled,
        manages_people: device.manages_people,
    };
    match app.devices.change(visitor.actor(), visitor.organization_id(), id, new).await {
        Ok(changed) => Ok(done(&format!("/devices/{id}"), "done-saved", changed.name.as_str())),
        Err(problem) => {
            let kind = kind_of(&visitor, &device)?;
            let wrong = told(&visitor, &kind, problem)?;
            Ok(refused(&edit_page(&app, &visitor, (&device, &typed), wrong).await?).into_response())
        }
    }
}

fn kind_of(visitor: &Visitor, device: &Device) -> Result<Kind, PageFailure> {
    let found = adapters::find(&device.kind).map(|adapter| adapter.kind());
    found.ok_or_else(|| visitor.failure(DevicesError::UnknownKind(device.kind.clone())))
}

/// What a verb refused, beside the fields; anything that nobody can mend here is a page of its own.
fn told(visitor: &Visitor, kind: &Kind, problem: DevicesError) -> Result<Vec<Wrong>, PageFailure> {
    let texts = visitor.texts;
    let text = match &problem {
        DevicesError::Settings(found) => return Ok(fields::wrong(texts, kind, found)),
        DevicesError::Address(AddressError::Unreadable(_)) => texts.t("devices-host-unreadable"),
        DevicesError::Address(AddressError::Ambiguous(_)) => texts.t("devices-host-ambiguous"),
        DevicesError::Address(AddressError::Forbidden(ip, _)) => {
            texts.with("devices-host-forbidden", [("address", ip.to_string().into())])
        }
        _ => String::new(),
    };
    if !text.is_empty() {
        return Ok(vec![Wrong { field: "host".to_owned(), text }]);
    }
    tracing::debug!("a device was refused: {}", problem.code());
    let problems = Problems::refused(Failure::from(problem), texts, "name");
    let problems = problems.map_err(|failure| visitor.failure(failure))?;
    let wrong = problems.items().iter().map(|one| Wrong { field: one.field.to_owned(), text: one.text.clone() });
    Ok(wrong.collect())
}

pub(super) async fn choices(app: &App, visitor: &Visitor, chosen: &str) -> Result<Vec<Choice>, PageFailure> {
    let names = gateways(app, visitor).await?;
    let only = names.len() == 1;
    let choice = |(id, name): (GatewayId, String)| {
        let id = id.to_string();
        let chosen = if only { id.clone() } else { chosen.to_owned() };
        Choice::new(&id, name, &chosen)
    };
    Ok(names.into_iter().map(choice).collect())
}

async fn new_page(
    app: &App,
    visitor: &Visitor,
    (kind, typed): (&Kind, &Typed),
    wrong: Vec<Wrong>,
) -> Result<FormPage, PageFailure> {
    let texts = visitor.texts;
    let title = texts.with("devices-add-kind", [("kind", words::kind(texts, kind.word).into())]);
    Ok(FormPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &title),
        title,
        meta: texts.t("devices-add-step-2"),
        kind: kind.word,
        has_address: kind.has_address,
        comes: words::comes(texts, kind.word),
        name: typed.name.clone(),
        host: typed.host.clone(),
        gateways: choices(app, visitor, &typed.gateway).await?,
        fields: fields::shown(texts, kind, (&typed.settings, &BTreeSet::new()), &wrong),
        wrong,
        submit: texts.t("devices-add-next"),
        action: "/devices/new".to_owned(),
        back: "/devices/new".to_owned(),
    })
}

async fn edit_page(
    app: &App,
    visitor: &Visitor,
    (device, typed): (&Device, &Typed),
    wrong: Vec<Wrong>,
) -> Result<FormPage, PageFailure> {
    let (texts, kind) = (visitor.texts, kind_of(visitor, device)?);
    let title = texts.with("devices-edit-title", [("name", device.name.as_str().into())]);
    Ok(FormPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &texts.t("action-edit")).through([crumb(device)]),
        title,
        meta: words::kind(texts, kind.word),
        kind: "",
        has_address: kind.has_address,
        comes: words::comes(texts, kind.word),
        name: typed.name.clone(),
        host: typed.host.clone(),
        gateways: choices(app, visitor, &typed.gateway).await?,
        fields: fields::shown(texts, &kind, (&typed.settings, &device.secrets), &wrong),
        wrong,
        submit: texts.t("action-save"),
        action: format!("/devices/{}/edit", device.id),
        back: format!("/devices/{}", device.id),
    })
}
