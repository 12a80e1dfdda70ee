//! What a record of the audit log says, in the reader's words: names for numbers, words for codes.

use serde_json::Value;

use crate::audit::Record;
use crate::fleet::Gateway;
use crate::kernel::GatewayId;
use crate::kernel::Role;
use crate::kernel::Timestamp;
use crate::people::View;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::pages::gateways::commands;
use crate::web::role_key;

/// To whom or what something was done, and where that is shown.
pub(super) struct Whom {
    pub(super) name: String,
    pub(super) href: String,
}

/// What turns records into words. The names of people are missing where they may not be read.
pub(super) struct Reader<'a> {
    pub(super) visitor: &'a Visitor,
    pub(super) view: Option<&'a View>,
    pub(super) gateways: &'a [Gateway],
}

impl Reader<'_> {
    /// Who did it: a login, or a gateway by its name.
    pub(super) fn who(&self, actor: &str) -> String {
        let gateway = actor.strip_prefix("gateway:").and_then(|id| self.gateway(id));
        gateway.map_or_else(|| actor.to_owned(), |gateway| gateway.name.to_string())
    }

    /// The object of a record: as it was called then, or as it is called now.
    pub(super) fn whom(&self, record: &Record) -> Whom {
        let text = |name: &str| record.detail.get(name).and_then(Value::as_str).unwrap_or_default();
        let then = [text("name"), text("login")].into_iter().find(|name| !name.is_empty());
        let Some(object) = &record.object else {
            return Whom { name: then.unwrap_or_default().to_owned(), href: String::new() };
        };
        let (now, href) = self.known(object.kind.as_str(), &object.id);
        if object.kind == "command" {
            return self.command(&object.id, text("type"), text("gateway"));
        }
        let own = record.action.starts_with("login.") || record.action == "operator.change_password";
        let name = then.map(str::to_owned).or(now).unwrap_or_else(|| self.numbered(&object.kind, &object.id, own));
        Whom { name, href }
    }

    /// The facts that are not in the sentence.
    pub(super) fn detail(&self, record: &Record) -> String {
        let said = |(name, value): (&String, &Value)| {
            let text = self.value(name, value)?;
            let key = name.replace('_', "-");
            let label = self.texts().maybe(&format!("audit-fact-{key}"));
            let label = label.or_else(|| self.texts().maybe(&format!("dataset-{key}")));
            Some(format!("{}: {text}", label.unwrap_or_else(|| name.replace('_', " "))))
        };
        // What stands in the sentence, and what the log says in English for those who look into the files.
        let hidden = |name: &str| match name {
            "name" => true,
            "detail" => record.action == "gateway.refused",
            "type" => record.action.starts_with("command."),
            _ => false,
        };
        let facts = record.detail.iter().filter(|(name, _)| !hidden(name)).filter_map(said);
        facts.collect::<Vec<_>>().join(" \u{b7} ")
    }

    fn texts(&self) -> Texts {
        self.visitor.texts
    }

    fn gateway(&self, id: &str) -> Option<&Gateway> {
        let id: GatewayId = id.parse().ok()?;
        self.gateways.iter().find(|gateway| gateway.id == id)
    }

    /// What was asked of a gateway, with the page that tells what came of it.
    fn command(&self, id: &str, kind: &str, gateway: &str) -> Whom {
        let name = match kind {
            "" => self.numbered("command", id, false),
            kind => commands::kind(self.texts(), kind),
        };
        let known = self.gateway(gateway);
        Whom { name, href: known.map(|one| format!("/gateways/{}/commands/{id}", one.id)).unwrap_or_default() }
    }

    /// What something is called now, and its page.
    fn known(&self, kind: &str, id: &str) -> (Option<String>, String) {
        let page = |place: &str, name: String| (Some(name), format!("/{place}/{id}"));
        if kind == "gateway" {
            return self.gateway(id).map(|one| page("gateways", one.name.to_string())).unwrap_or_default();
        }
        let found = self.view.and_then(|view| match kind {
            "employee" => view.employee(id.parse().ok()?).ok().map(|one| page("people", one.given_first())),
            "department" => view.department(id.parse().ok()?).ok().map(|one| page("departments", one.name.clone())),
            "computer" => view.computer(id.parse().ok()?).ok().map(|one| page("computers", one.computer.name)),
            "computer_user" => {
                let user = view.computer_user(id.parse().ok()?).ok()?;
                Some((Some(user.user.name().to_owned()), format!("/computers/{}", user.user.computer)))
            }
            _ => None,
        });
        found.unwrap_or_default()
    }

    fn numbered(&self, kind: &str, id: &str, own: bool) -> String {
        let word = self.texts().maybe(&format!("audit-fact-{}", kind.replace('_', "-")));
        match (kind, word) {
            // Its number says nothing to anybody.
            ("screenshot" | "gateway" | "command", Some(word)) => word,
            // They did it to themselves; the last column names them.
            ("operator", _) if own => String::new(),
            (_, Some(word)) => format!("{word} {id}"),
            (_, None) => format!("{} {id}", kind.replace('_', " ")),
        }
    }

    fn value(&self, name: &str, value: &Value) -> Option<String> {
        let texts = self.texts();
        match value {
            Value::Null => None,
            Value::Bool(yes) => Some(texts.t(if *yes { "yes" } else { "no" })),
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(self.word(name, text)),
            Value::Array(all) => {
                let words: Vec<String> = all.iter().filter_map(Value::as_str).map(|one| self.word(name, one)).collect();
                Some(words.join(", "))
            }
            Value::Number(number) => {
                let kind = name.trim_end_matches("_before").trim_end_matches("_after").replace("parent", "department");
                let (known, _) = self.known(&kind, &number.to_string());
                Some(
                    known
                        .unwrap_or_else(|| number.as_u64().map_or_else(|| number.to_string(), |all| texts.number(all))),
                )
            }
            other => Some(other.to_string()),
        }
    }

    fn word(&self, name: &str, text: &str) -> String {
        let (texts, zone) = (self.texts(), &self.visitor.zone);
        let coded = match name {
            "role" => Role::parse(text).map(|role| texts.t(role_key(role))),
            "language" => texts.maybe(&format!("people-language-{text}")),
            "rating" => texts.maybe(&format!("state-{text}")),
            "dataset" => texts.maybe(&format!("dataset-{}", text.replace('_', "-"))),
            "kind" => texts.maybe(&format!("audit-fact-{text}")),
            "how" => texts.maybe(&format!("notice-how-{}", text.replace('_', "-"))),
            "day" | "on" => text.parse().ok().map(|day| texts.day_year(day)),
            "type" => Some(commands::kind(texts, text)),
            "state" => texts.maybe(&format!("audit-state-{text}")),
            "alert" => texts.maybe(&format!("alerts-kind-{}", text.replace('_', "-"))),
            "gateway" => self.gateway(text).map(|gateway| gateway.name.to_string()),
            "code" => texts.maybe(&format!("refusal-{}", text.replace('_', "-"))),
            "from" | "to" | "taken_at" | "until" => text.parse::<Timestamp>().ok().map(|at| texts.moment(zone, at)),
            "fields" if text == "personnel_number" => texts.maybe("people-number"),
            "fields" => texts.maybe(&format!("people-{}", text.replace('_', "-"))),
            _ => None,
        };
        coded.unwrap_or_else(|| text.to_owned())
    }
}
