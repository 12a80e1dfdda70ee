//! An alert in words: what happened, and what to do next.

use std::collections::HashMap;

use crate::fleet::alerts::Alert;
use crate::fleet::alerts::AlertKind;
use crate::fleet::alerts::Fact;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;
use crate::web::Visitor;
use crate::web::pages::gateways::commands;

/// Names of gateways; one that was deleted has none.
pub(in crate::web::pages) type Names = HashMap<GatewayId, String>;

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
        AlertKind::GatewayOffline | AlertKind::Gap | AlertKind::PolicyFailed => "bad",
        AlertKind::CommandFailed | AlertKind::BufferHigh | AlertKind::ClockSkew => "look",
    }
}

pub(in crate::web::pages) fn tell(visitor: &Visitor, names: &Names, alert: &Alert) -> Told {
    let texts = visitor.texts;
    let known = names.get(&alert.subject.gateway);
    let name = known.cloned().unwrap_or_else(|| texts.t("alerts-gateway-gone"));
    let key = alert.kind.name().replace('_', "-");
    let facts = Facts { visitor, alert };
    let values = || {
        [
            ("name", name.as_str().into()),
            ("time", facts.time().into()),
            ("percent", facts.number("percent").into()),
            ("count", facts.number("batches").into()),
            ("clock", facts.clock().into()),
            ("command", facts.command().into()),
            ("reason", facts.reason().into()),
            ("computer", facts.word("computer").unwrap_or_default().into()),
            ("error", facts.word("error").unwrap_or_default().into()),
        ]
    };
    let page = format!("/gateways/{}", alert.subject.gateway);
    let (link, href) = match (known, facts.word("command")) {
        (None, _) => (String::new(), String::new()),
        (Some(_), Some(id)) => (texts.t("alerts-open-command"), format!("{page}/commands/{id}")),
        (Some(_), None) => (texts.t("alerts-open-gateway"), page),
    };
    Told {
        light: light(alert.kind),
        title: texts.with(&format!("alerts-{key}"), values()),
        text: texts.with(&format!("alerts-{key}-text"), values()),
        next: texts.t(&format!("alerts-{key}-next")),
        link,
        href,
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

    /// When it was heard last, or when the alert began.
    fn time(&self) -> String {
        let last = self.word("last_contact").and_then(|word| word.parse::<Timestamp>().ok());
        self.visitor.texts.moment(&self.visitor.zone, last.unwrap_or(self.alert.opened_at))
    }

    fn clock(&self) -> String {
        let ahead = self.number("ahead_secs");
        let key = if ahead >= 0 { "alerts-ahead" } else { "alerts-behind" };
        let texts = self.visitor.texts;
        texts.with(key, [("age", texts.age(ahead.unsigned_abs()).into())])
    }

    fn command(&self) -> String {
        commands::kind(self.visitor.texts, self.word("type").unwrap_or_default())
    }

    fn reason(&self) -> String {
        let code = self.word("code").unwrap_or_default();
        commands::code_words(self.visitor.texts, code).unwrap_or_else(|| code.to_owned())
    }
}
