//! An alert in words: what happened, and what to do next.

use std::collections::HashMap;

use crate::fleet::alerts::Alert;
use crate::fleet::alerts::AlertKind;
use crate::fleet::alerts::Fact;
use crate::kernel::DeviceId;
use crate::kernel::GatewayId;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::web::App;
use crate::web::Failure;
use crate::web::Visitor;
use crate::web::pages::devices;
use crate::web::pages::gateways::commands;

/// Names of gateways and devices; one that was deleted has none.
pub(in crate::web::pages) struct Names {
    pub(in crate::web::pages) gateways: HashMap<GatewayId, String>,
    /// None for those who may not see devices.
    pub(in crate::web::pages) devices: Option<HashMap<DeviceId, String>>,
}

impl Names {
    /// Which ones there are, as far as the visitor may know.
    pub(super) async fn read(app: &App, visitor: &Visitor) -> Result<Self, Failure> {
        let (actor, organization) = (visitor.actor(), visitor.organization_id());
        let gateways = app.fleet.list(actor, organization).await?;
        let devices = match actor.may(Permission::ReadDevices) {
            true => Some(app.devices.list(actor, organization).await?),
            false => None,
        };
        Ok(Self {
            gateways: gateways.into_iter().map(|one| (one.id, one.name.to_string())).collect(),
            devices: devices.map(|all| all.into_iter().map(|one| (one.id, one.name.to_string())).collect()),
        })
    }

    fn gateway(&self, visitor: &Visitor, id: GatewayId) -> String {
        self.gateways.get(&id).cloned().unwrap_or_else(|| visitor.texts.t("alerts-gateway-gone"))
    }

    fn device(&self, visitor: &Visitor, id: DeviceId) -> String {
        let Some(devices) = &self.devices else { return visitor.texts.t("alerts-device-hidden") };
        devices.get(&id).cloned().unwrap_or_else(|| visitor.texts.t("alerts-device-gone"))
    }
}

/// What stands on a page.
pub(in crate::web::pages) struct Told {
    pub(in crate::web::pages) light: &'static str,
    pub(in crate::web::pages) title: String,
    pub(in crate::web::pages) text: String,
    /// What to do next.
    pub(in crate::web::pages) next: String,
    pub(in crate::web::pages) link: String,
    pub(in crate::web::pages) href: String,
}

/// How bad it is. Something that was lost or does not work is worse than what may become so.
pub(in crate::web::pages) const fn light(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::GatewayOffline
        | AlertKind::Gap
        | AlertKind::PolicyFailed
        | AlertKind::DeviceOffline
        | AlertKind::DeviceCredentials
        | AlertKind::DeviceMissed => "bad",
        AlertKind::CommandFailed
        | AlertKind::BufferHigh
        | AlertKind::ClockSkew
        | AlertKind::DeviceClock
        | AlertKind::DeviceLogHigh
        | AlertKind::DevicePeopleHigh => "look",
    }
}

pub(in crate::web::pages) fn tell(visitor: &Visitor, names: &Names, alert: &Alert) -> Told {
    let texts = visitor.texts;
    let gateway = names.gateway(visitor, alert.subject.gateway);
    let name = alert.subject.device.map_or_else(|| gateway.clone(), |device| names.device(visitor, device));
    let key = alert.kind.name().replace('_', "-");
    let facts = Facts { visitor, alert };
    let values = || {
        [
            ("name", name.as_str().into()),
            ("gateway", gateway.as_str().into()),
            ("time", facts.time().into()),
            ("percent", facts.number("percent").into()),
            ("count", facts.number(if alert.kind == AlertKind::Gap { "batches" } else { "count" }).into()),
            ("most", facts.number("most").into()),
            ("why", facts.why().into()),
            ("clock", facts.clock().into()),
            ("command", facts.command().into()),
            ("reason", facts.reason().into()),
            ("computer", facts.word("computer").unwrap_or_default().into()),
            ("error", facts.word("error").unwrap_or_default().into()),
        ]
    };
    let (link, href) = way(names, &facts);
    let link = if link.is_empty() { String::new() } else { texts.t(link) };
    Told {
        light: light(alert.kind),
        title: texts.with(&format!("alerts-{key}"), values()),
        text: texts.with(&format!("alerts-{key}-text"), values()),
        next: texts.t(&format!("alerts-{key}-next")),
        link,
        href,
    }
}

/// Where to look, as the key of the words and an address; nothing when that is gone or not for the visitor.
fn way(names: &Names, facts: &Facts<'_>) -> (&'static str, String) {
    let subject = facts.alert.subject;
    if let Some(device) = subject.device {
        let is_there = names.devices.as_ref().is_some_and(|devices| devices.contains_key(&device));
        return if is_there { ("alerts-open-device", format!("/devices/{device}")) } else { ("", String::new()) };
    }
    let page = format!("/gateways/{}", subject.gateway);
    match (names.gateways.contains_key(&subject.gateway), facts.word("command")) {
        (false, _) => ("", String::new()),
        (true, Some(id)) => ("alerts-open-command", format!("{page}/commands/{id}")),
        (true, None) => ("alerts-open-gateway", page),
    }
}

/// The facts of an alert as people read them.
struct Facts<'a> {
    visitor: &'a Visitor,
    alert: &'a Alert,
}

impl Facts<'_> {
    fn word(&self, name: &str) -> Option<&str> {
        match self.alert.facts.get(name)? {
            Fact::Word(word) => Some(word.as_str()),
            Fact::Number(_) => None,
        }
    }

    fn number(&self, name: &str) -> i64 {
        match self.alert.facts.get(name) {
            Some(Fact::Number(number)) => *number,
            _ => 0,
        }
    }

    /// Since when it is so, when it was heard last, or when the alert began.
    fn time(&self) -> String {
        let last =
            self.word("since").or_else(|| self.word("last_contact")).and_then(|word| word.parse::<Timestamp>().ok());
        self.visitor.texts.moment(&self.visitor.zone, last.unwrap_or(self.alert.opened_at))
    }

    fn clock(&self) -> String {
        let ahead = self.number("ahead_secs");
        let key = if ahead >= 0 { "alerts-ahead" } else { "alerts-behind" };
        let texts = self.visitor.texts;
        texts.with(key, [("age", texts.age(ahead.unsigned_abs()).into())])
    }

    /// Why a device is as it is.
    fn why(&self) -> String {
        devices::words::why(self.visitor.texts, self.word("code").unwrap_or_default())
    }

    fn command(&self) -> String {
        commands::kind(self.visitor.texts, self.word("type").unwrap_or_default())
    }

    fn reason(&self) -> String {
        let code = self.word("code").unwrap_or_default();
        commands::code_words(self.visitor.texts, code).unwrap_or_else(|| code.to_owned())
    }
}
