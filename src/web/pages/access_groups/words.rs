//! Groups in words: who belongs to them, where they lead, and what they come to.

use std::collections::BTreeMap;

use crate::devices::Effect;
use crate::devices::Gate;
use crate::devices::Gates;
use crate::devices::Members;
use crate::kernel::GateId;
use crate::people::View;
use crate::web::Crumb;
use crate::web::Texts;

/// Who belongs to a group.
pub(super) fn who(texts: Texts, members: &Members, view: &View) -> String {
    if members.everyone {
        return texts.t("access-groups-everyone");
    }
    let departments = members.departments.iter().filter_map(|id| view.department(*id).ok());
    let mut named: Vec<String> = departments.map(|department| department.name.clone()).collect();
    match members.employees.len() {
        0 => {}
        count => named.push(texts.count("people-count", count)),
    }
    if named.is_empty() { texts.t("access-groups-nobody") } else { named.join(", ") }
}

/// Where it leads.
pub(super) fn at(texts: Texts, own: &Gates, gates: &BTreeMap<GateId, Gate>) -> String {
    if own.all {
        return texts.t("access-groups-all-gates");
    }
    let names: Vec<&str> = own.some.iter().filter_map(|id| gates.get(id)).map(|gate| gate.name.as_str()).collect();
    if names.is_empty() { texts.t("access-groups-nowhere") } else { names.join(", ") }
}

/// What is to be looked at; nothing where all is well.
pub(super) fn note(texts: Texts, effect: Effect) -> String {
    match effect {
        Effect { people: 0, .. } => texts.t("access-groups-note-nobody"),
        Effect { gates: 0, .. } => texts.t("access-groups-note-nowhere"),
        Effect { unnumbered: 0, .. } => String::new(),
        Effect { unnumbered, .. } => texts.count("access-groups-note-unnumbered", unnumbered),
    }
}

/// What a group comes to, and what is to be looked at before it is saved.
pub(super) struct Meaning {
    pub(super) sentence: String,
    pub(super) warnings: Vec<Warning>,
}

/// A sentence with the way out.
pub(super) struct Warning {
    pub(super) text: String,
    pub(super) link: Option<Crumb>,
}

impl Meaning {
    pub(super) fn new(texts: Texts, effect: Effect) -> Self {
        let Effect { people, unnumbered, gates, devices, left } = effect;
        let numbers = [("people", people.into()), ("gates", gates.into()), ("devices", devices.into())];
        let mut warnings = Vec::new();
        let mut warn = |text: String, link: Option<Crumb>| warnings.push(Warning { text, link });
        if people == 0 {
            warn(texts.t("access-groups-warn-nobody"), None);
        }
        if gates == 0 {
            warn(texts.t("access-groups-warn-nowhere"), None);
        }
        if unnumbered > 0 {
            warn(texts.count("access-groups-warn-unnumbered", unnumbered), None);
        }
        if left > 0 {
            let board = Crumb { href: "/devices/people".to_owned(), label: texts.t("device-people-title") };
            warn(texts.count("access-groups-warn-left", left), Some(board));
        }
        let sentence = match (people, gates) {
            (0, _) | (_, 0) => texts.t("access-groups-means-nothing"),
            _ => texts.with("access-groups-means", numbers),
        };
        Self { sentence, warnings }
    }
}
