//! Devices in words: kinds, states, what is wrong and what to do next, what was asked and what came of it.

use serde_json::Value;

use crate::devices::DeviceOrdered;
use crate::devices::DeviceState;
use crate::devices::Side;
use crate::devices::Standing;
use crate::fleet::commands::State;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::pages::gateways::commands;

/// The name of a kind; one that is not known here keeps its own.
pub(in crate::web::pages) fn kind(texts: Texts, kind: &str) -> String {
    texts.maybe(&format!("devices-kind-{}", kind.replace('_', "-"))).unwrap_or_else(|| kind.to_owned())
}

/// The picture of a kind.
pub(super) fn icon(kind: &str) -> &'static str {
    match kind {
        "webhook" => "link",
        "process" => "agents",
        _ => "device",
    }
}

/// How a device of a kind that has no address finds its gateway.
pub(super) fn comes(texts: Texts, kind: &str) -> String {
    let own = texts.maybe(&format!("devices-comes-hint-{}", kind.replace('_', "-")));
    own.unwrap_or_else(|| texts.t("devices-comes-hint"))
}

pub(in crate::web::pages) const fn light(state: DeviceState) -> &'static str {
    match state {
        DeviceState::Online => "ok",
        DeviceState::Connecting => "way",
        DeviceState::Offline | DeviceState::Error => "bad",
        DeviceState::Disabled | DeviceState::Unknown => "off",
    }
}

pub(in crate::web::pages) fn state(texts: Texts, state: DeviceState) -> String {
    texts.t(&format!("devices-state-{}", state.name()))
}

/// What the state means and what to do next.
pub(in crate::web::pages) fn next_step(texts: Texts, standing: &Standing) -> String {
    let told = standing.told.as_ref().map(|(_, told)| told);
    match standing.state {
        DeviceState::Online => match told.and_then(|told| told.detail.as_deref()).filter(|text| !text.is_empty()) {
            Some(detail) => texts.with("devices-next-online-but", [("detail", detail.into())]),
            None => texts.t("devices-next-online"),
        },
        DeviceState::Connecting => texts.t("devices-next-connecting"),
        DeviceState::Disabled => texts.t("devices-next-disabled"),
        DeviceState::Unknown if told.is_some() => texts.t("devices-next-gateway-silent"),
        DeviceState::Unknown => texts.t("devices-next-not-told"),
        DeviceState::Offline | DeviceState::Error => {
            let code = told.and_then(|told| told.code.as_deref()).unwrap_or("device_unreachable");
            texts
                .maybe(&format!("devices-next-{}", code.replace('_', "-")))
                .unwrap_or_else(|| texts.t("devices-next-other"))
        }
    }
}

/// The same for a kind that has its own words for it.
pub(super) fn next_step_of(texts: Texts, kind: &str, standing: &Standing) -> String {
    let told = standing.told.as_ref().and_then(|(_, told)| told.code.as_deref());
    let what = match standing.state {
        DeviceState::Offline | DeviceState::Error => told.unwrap_or("device_unreachable"),
        state => state.name(),
    };
    let own = texts.maybe(&format!("devices-next-{what}-{kind}").replace('_', "-"));
    own.unwrap_or_else(|| next_step(texts, standing))
}

/// What the device or its gateway said of it, for those who mend it; nothing where all is well.
pub(in crate::web::pages) fn detail(standing: &Standing) -> String {
    let broken = matches!(standing.state, DeviceState::Offline | DeviceState::Error | DeviceState::Connecting);
    let told = standing.told.as_ref().filter(|_| broken).and_then(|(_, told)| told.detail.clone());
    told.unwrap_or_default()
}

/// Why a device was as it was, in a few words; nothing where there is nothing to explain.
pub(in crate::web::pages) fn why(texts: Texts, code: &str) -> String {
    if code.is_empty() {
        return String::new();
    }
    let own = texts.maybe(&format!("devices-why-{}", code.replace('_', "-")));
    own.or_else(|| commands::code_words(texts, code)).unwrap_or_else(|| texts.t("devices-why-other"))
}

pub(in crate::web::pages) fn side(texts: Texts, side: Side) -> String {
    texts.t(&format!("devices-side-{}", side.name()))
}

/// What was asked for.
pub(in crate::web::pages) fn action(texts: Texts, ordered: &DeviceOrdered) -> String {
    let key = format!("devices-order-{}", ordered.action.replace('_', "-"));
    let name = texts.maybe(&key).unwrap_or_else(|| ordered.action.clone());
    match ordered.door {
        Some(door) => texts.with("devices-order-of-door", [("name", name.into()), ("door", u64::from(door).into())]),
        None => name,
    }
}

/// What came of it.
pub(in crate::web::pages) fn answer(visitor: &Visitor, ordered: &DeviceOrdered) -> String {
    let texts = visitor.texts;
    let time = || texts.time_seconds(&visitor.zone, ordered.command.changed_at);
    match (&ordered.command.state, ordered.action.as_str()) {
        (State::Succeeded, "open") => texts.with("devices-answer-opened", [("time", time().into())]),
        (State::Expired, "open") => texts.t("devices-answer-expired"),
        (State::Expired | State::Cancelled, _) => commands::state(texts, &ordered.command),
        (State::Failed { code, .. }, "open") if code == "not_acked" => texts.t("devices-answer-not-acked"),
        // The comparison does not end with the order that asked for it.
        (State::Failed { code, .. }, "sync") if code == "device_busy" => texts.t("devices-answer-goes-on"),
        (State::Pending | State::Sent, _) => texts.t("devices-answer-waits"),
        (State::Acked, _) => texts.t("devices-answer-acked"),
        _ => commands::state(texts, &ordered.command),
    }
}

/// What a device said, as lines of name and value. Only what stands at the top is read: numbers and words.
pub(in crate::web::pages) fn reply(texts: Texts, reply: &Value) -> Vec<(String, String)> {
    let Some(fields) = reply.as_object() else { return Vec::new() };
    let mut lines = Vec::new();
    // Which door was asked for what stands beside it already.
    for (name, value) in fields.iter().filter(|(name, _)| !matches!(name.as_str(), "door" | "done")) {
        let own = texts.maybe(&format!("devices-reply-{}", name.replace('_', "-")));
        let name = own.unwrap_or_else(|| name.replace('_', " "));
        match value {
            Value::String(text) if !text.is_empty() => lines.push((name, text.clone())),
            Value::Number(number) => lines.push((name, number.to_string())),
            Value::Bool(flag) => lines.push((name, texts.t(if *flag { "yes" } else { "no" }))),
            Value::Object(inner) => {
                let said = inner.iter().filter_map(|(name, value)| {
                    let own = texts.maybe(&format!("devices-reply-{}", name.replace('_', "-")));
                    let name = own.unwrap_or_else(|| name.replace('_', " "));
                    match value {
                        Value::String(text) if !text.is_empty() => Some(format!("{name}: {text}")),
                        Value::Number(number) => Some(format!("{name}: {number}")),
                        Value::Bool(flag) => Some(format!("{name}: {}", texts.t(if *flag { "yes" } else { "no" }))),
                        _ => None,
                    }
                });
                lines.push((name, said.collect::<Vec<_>>().join(", ")));
            }
            Value::Array(all) if !all.is_empty() => {
                let said = all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
                lines.push((name, said));
            }
            _ => {}
        }
    }
    lines.retain(|(_, value)| !value.is_empty());
    lines
}
