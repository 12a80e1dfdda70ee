//! One pass as a row: when, who, where, which way, and whether somebody should look.

use nazorat_wire::AccessKind;
use nazorat_wire::Direction;

use crate::doors::Pass;
use crate::doors::Person;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::web::Texts;
use crate::web::Visitor;

/// A row.
pub(in crate::web::pages) struct Row {
    pub(in crate::web::pages) time: String,
    /// The day, where it is not today.
    pub(in crate::web::pages) day: String,
    pub(in crate::web::pages) person: String,
    pub(in crate::web::pages) person_href: String,
    /// The number or the card under the name.
    pub(in crate::web::pages) below: String,
    /// Only the device knows who this is.
    pub(in crate::web::pages) is_stranger: bool,
    pub(in crate::web::pages) is_nobody: bool,
    pub(in crate::web::pages) place: String,
    /// The device, where a gate stands before it.
    pub(in crate::web::pages) device: String,
    pub(in crate::web::pages) device_href: String,
    pub(in crate::web::pages) icon: &'static str,
    pub(in crate::web::pages) way: String,
    /// Why the way is not known yet.
    pub(in crate::web::pages) way_note: String,
    /// It is the same pass as one before it.
    pub(in crate::web::pages) repeated: bool,
    pub(in crate::web::pages) shown: String,
    pub(in crate::web::pages) light: &'static str,
    pub(in crate::web::pages) tone: &'static str,
    pub(in crate::web::pages) outcome: String,
    pub(in crate::web::pages) late: String,
    /// Where its picture is looked at, if one is kept.
    pub(in crate::web::pages) picture: String,
    /// Names the pass for scripts.
    pub(in crate::web::pages) key: String,
    pub(in crate::web::pages) is_refused: bool,
}

pub(in crate::web::pages) fn row(visitor: &Visitor, pass: &Pass, now: Timestamp) -> Row {
    let (texts, zone) = (visitor.texts, &visitor.zone);
    let day = zone.day_of(pass.at);
    let (person, below, person_href) = person(visitor, pass);
    let device = pass.device_name.clone().unwrap_or_else(|| texts.t("doors-device-gone"));
    let known = pass.device_name.is_some() && visitor.actor().may(Permission::ReadDevices);
    let (place, device) = match &pass.gate {
        Some((_, gate)) if *gate == device => (gate.clone(), String::new()),
        Some((_, gate)) => (gate.clone(), device),
        None => (device, String::new()),
    };
    let passed = pass.outcome == AccessKind::Granted;
    let (icon, way) = match pass.direction {
        Direction::In => ("enter", texts.t("doors-in")),
        Direction::Out => ("exit", texts.t("doors-out")),
        Direction::Unknown if passed => ("door", texts.t("doors-way-unknown")),
        Direction::Unknown => ("", String::new()),
    };
    Row {
        time: texts.time_seconds(zone, pass.at),
        day: if day == zone.day_of(now) { String::new() } else { texts.day_short(day) },
        is_stranger: matches!(pass.person, Person::Stranger { .. }),
        is_nobody: matches!(pass.person, Person::Nobody),
        person,
        person_href,
        below,
        place,
        device,
        device_href: if known { format!("/devices/{}", pass.device) } else { String::new() },
        icon,
        way,
        way_note: if pass.pending { texts.t("doors-way-pending") } else { String::new() },
        repeated: pass.repeated,
        shown: credential(texts, pass),
        light: light(pass.outcome),
        tone: tone(pass.outcome),
        outcome: outcome(texts, pass),
        late: match pass.replayed {
            true => texts.with("doors-late", [("time", texts.time_seconds(zone, pass.received_at).into())]),
            false => String::new(),
        },
        picture: String::new(),
        key: format!("{}:{}", pass.device, pass.serial),
        is_refused: matches!(pass.outcome, AccessKind::Denied | AccessKind::Alarm),
    }
}

/// The name, the small line under it, and where the person's day is.
fn person(visitor: &Visitor, pass: &Pass) -> (String, String, String) {
    let texts = visitor.texts;
    let card = match pass.card.as_str() {
        "" => String::new(),
        card => texts.with("doors-card", [("card", card.into())]),
    };
    match &pass.person {
        Person::Employee { id, name } => {
            let href = match visitor.actor().may(Permission::ReadMonitoring) {
                true => format!("/people/{id}?day={}", visitor.zone.day_of(pass.at)),
                false => String::new(),
            };
            (name.clone(), String::new(), href)
        }
        Person::Stranger { number, name } => {
            let number = match number.as_str() {
                "" => card,
                number => texts.with("doors-number", [("number", number.into())]),
            };
            match name.is_empty() {
                true => (number, String::new(), String::new()),
                false => (name.clone(), number, String::new()),
            }
        }
        // Doors and devices do things by themselves.
        Person::Nobody if matches!(pass.outcome, AccessKind::Door | AccessKind::Info) => {
            ("\u{2013}".to_owned(), card, String::new())
        }
        Person::Nobody if card.is_empty() => (texts.t("doors-nobody"), String::new(), String::new()),
        Person::Nobody => (texts.t("doors-unknown"), card, String::new()),
    }
}

fn credential(texts: Texts, pass: &Pass) -> String {
    texts.maybe(&format!("doors-by-{}", pass.credential.word())).unwrap_or_default()
}

pub(in crate::web::pages) const fn light(outcome: AccessKind) -> &'static str {
    match outcome {
        AccessKind::Granted => "ok",
        AccessKind::Denied | AccessKind::Alarm => "bad",
        AccessKind::Door | AccessKind::Info => "off",
    }
}

const fn tone(outcome: AccessKind) -> &'static str {
    match outcome {
        AccessKind::Denied | AccessKind::Alarm => "bad",
        AccessKind::Granted | AccessKind::Door | AccessKind::Info => "",
    }
}

/// What happened, and why, where that is told.
pub(in crate::web::pages) fn outcome(texts: Texts, pass: &Pass) -> String {
    let word = texts.t(&format!("doors-outcome-{}", pass.outcome.word()));
    match reason(texts, &pass.reason) {
        None => word,
        Some(reason) if matches!(pass.outcome, AccessKind::Door | AccessKind::Info) => reason,
        Some(reason) => texts.with("doors-outcome-why", [("outcome", word.into()), ("reason", reason.into())]),
    }
}

/// The word of an adapter for a reason; one that is not known here is shown as it is.
pub(in crate::web::pages) fn reason(texts: Texts, reason: &str) -> Option<String> {
    if reason.is_empty() {
        return None;
    }
    let own = texts.maybe(&format!("doors-reason-{}", reason.replace('_', "-")));
    Some(own.unwrap_or_else(|| reason.replace('_', " ")))
}
