//! What a guard sees: the last pass, those before it, and every gate with its state. Made anew whenever something happens.

use askama::Template;
use nazorat_wire::AccessKind;

use super::rows;
use super::rows::Row;
use crate::devices::Device;
use crate::devices::DeviceState;
use crate::devices::DevicesError;
use crate::devices::Gate;
use crate::devices::Standing;
use crate::doors::LogFilter;
use crate::doors::Pass;
use crate::doors::Person;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::web::App;
use crate::web::Failure;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::pages::devices::words;
use crate::web::pages::gateways::health;

/// So many passes are kept to know the last one of each gate.
const KEPT: usize = 200;
/// So many are listed.
const LISTED: usize = 10;
/// So far back passes are looked for.
const HOURS: i64 = 24;

/// The last pass, large.
struct Last {
    row: Row,
    /// Department and position.
    place: String,
}

/// A gate with what hangs at it.
struct Card {
    name: String,
    light: &'static str,
    state: String,
    /// `look` or `bad`, where somebody should look.
    tone: &'static str,
    last: String,
    /// What the door itself said last.
    door: String,
    open: String,
    /// Why it cannot be opened from here.
    why_not: String,
}

/// The part of the desk that changes.
#[derive(Template)]
#[template(path = "doors/wall.html")]
pub(super) struct Wall {
    texts: Texts,
    last: Option<Last>,
    passes: Vec<Row>,
    gates: Vec<Card>,
    can_edit: bool,
    as_of: String,
    /// How many devices are as they should be, and how many are not, as sentences.
    devices_fine: String,
    devices_broken: String,
}

impl Wall {
    fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }
}

/// The newest passes, each once, newest first.
#[derive(Default)]
pub(super) struct Recent(Vec<Pass>);

impl Recent {
    /// Takes passes that may be known already.
    pub(super) fn take(&mut self, passes: Vec<Pass>) {
        for pass in passes {
            let known = self.0.iter().any(|one| one.device == pass.device && one.serial == pass.serial);
            if !known {
                let place = self.0.partition_point(|one| one.at > pass.at);
                self.0.insert(place, pass);
            }
        }
        self.0.truncate(KEPT);
    }

    /// Reads what is stored.
    pub(super) async fn read(&mut self, app: &App, visitor: &Visitor) -> Result<(), Failure> {
        let now = app.clock.now();
        let from = now.checked_sub(jiff::SignedDuration::from_hours(HOURS)).unwrap_or(Timestamp::MIN);
        let to = now.checked_add(jiff::SignedDuration::from_mins(15)).unwrap_or(Timestamp::MAX);
        let none = LogFilter {
            from,
            to,
            device: None,
            gate: None,
            employee: None,
            outcomes: Vec::new(),
            text: None,
            repeated: false,
        };
        let request = PageRequest { limit: KEPT, after: None };
        let log = app.entry_log.log(visitor.actor(), visitor.organization_id(), none, request).await?;
        self.take(log.items);
        Ok(())
    }
}

/// Puts the wall together from what is known now.
pub(super) async fn wall(app: &App, visitor: &Visitor, recent: &Recent) -> Result<Wall, Failure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let (texts, now) = (visitor.texts, app.clock.now());
    let gates = app.devices.gates(actor, organization).await?;
    let devices = app.devices.list(actor, organization).await?;
    let people = |pass: &&Pass| matches!(pass.outcome, AccessKind::Granted | AccessKind::Denied | AccessKind::Alarm);
    let shown: Vec<&Pass> = recent.0.iter().filter(people).take(LISTED + 1).collect();
    let last = match shown.first() {
        Some(pass) => Some(last(app, visitor, pass, now).await?),
        None => None,
    };
    let states = devices.iter().map(|device| app.devices.standing(organization, device).state);
    let looked_at: Vec<DeviceState> = states.filter(|state| *state != DeviceState::Disabled).collect();
    let fine = looked_at.iter().filter(|state| **state == DeviceState::Online).count();
    let told = |key: &str, count: usize| if count > 0 { texts.count(key, count) } else { String::new() };
    Ok(Wall {
        texts,
        last,
        passes: shown.iter().skip(1).map(|pass| rows::row(visitor, pass, now)).collect(),
        gates: gates.iter().map(|gate| card((app, visitor), gate, &devices, recent, now)).collect(),
        can_edit: actor.may(Permission::EditDevices),
        as_of: texts.time_seconds(&visitor.zone, now),
        devices_fine: told("doors-devices-fine", fine),
        devices_broken: told("doors-devices-broken", looked_at.len() - fine),
    })
}

async fn last(app: &App, visitor: &Visitor, pass: &Pass, now: Timestamp) -> Result<Last, Failure> {
    let row = rows::row(visitor, pass, now);
    let (mut place, mut name) = (row.below.clone(), row.person.clone());
    if let Person::Employee { id, .. } = &pass.person {
        let view = app.people.view(visitor.actor(), visitor.organization_id()).await?;
        if let Ok(employee) = view.employee(*id) {
            let department = employee.department.and_then(|id| view.department(id).ok());
            let parts = [department.map(|department| department.name.clone()), Some(employee.position.clone())];
            place = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
            name = employee.given_first();
        }
    }
    Ok(Last { row: Row { person: name, ..row }, place })
}

fn card((app, visitor): (&App, &Visitor), gate: &Gate, devices: &[Device], recent: &Recent, now: Timestamp) -> Card {
    let texts = visitor.texts;
    let at_it: Vec<(&Device, Standing, u16)> = devices
        .iter()
        .filter_map(|device| {
            let door = device.doors.iter().find(|door| door.gate == Some(gate.id))?;
            Some((device, app.devices.standing(visitor.organization_id(), device), door.number))
        })
        .collect();
    let worst = at_it.iter().max_by_key(|(_, standing, _)| rank(standing.state));
    let (light, state, tone) = match worst {
        None => ("off", texts.t("doors-gate-empty"), ""),
        Some((_, standing, _)) => state_of(texts, standing, now),
    };
    let passes = || recent.0.iter().filter(|pass| pass.gate.as_ref().is_some_and(|(id, _)| *id == gate.id));
    let last = passes().find(|pass| pass.outcome == AccessKind::Granted).map(|pass| {
        let row = rows::row(visitor, pass, now);
        format!("{} {}", texts.time(&visitor.zone, pass.at), row.person)
    });
    let door = passes().find(|pass| matches!(pass.outcome, AccessKind::Door | AccessKind::Alarm));
    let alarmed = door.is_some_and(|pass| pass.outcome == AccessKind::Alarm);
    let door = door.map(|pass| format!("{} {}", texts.time(&visitor.zone, pass.at), rows::outcome(texts, pass)));
    let obeys = at_it.iter().any(|(device, ..)| device.obeys());
    let usable = at_it.iter().find(|(device, standing, _)| standing.state == DeviceState::Online && device.obeys());
    let opens = gate.opens_from_afar || visitor.actor().may(Permission::EditDevices);
    let may = visitor.actor().may(Permission::OpenDoors);
    Card {
        name: gate.name.to_string(),
        light: if alarmed { "bad" } else { light },
        state,
        tone: if alarmed { "bad" } else { tone },
        last: last.unwrap_or_default(),
        door: door.unwrap_or_default(),
        open: match usable.filter(|_| opens && may) {
            Some((device, _, door)) => format!("/doors/open?device={}&door={door}", device.id),
            None => String::new(),
        },
        why_not: match (at_it.is_empty(), opens, usable) {
            _ if !may => String::new(),
            (true, ..) => texts.t("doors-why-no-device"),
            _ if !obeys => texts.t("doors-why-only-tells"),
            (_, false, _) => texts.t("doors-why-not-allowed"),
            (_, _, None) => texts.t("doors-why-no-contact"),
            _ => String::new(),
        },
    }
}

/// The worst of several devices decides how a gate looks.
const fn rank(state: DeviceState) -> u8 {
    match state {
        DeviceState::Error => 5,
        DeviceState::Offline => 4,
        DeviceState::Unknown => 3,
        DeviceState::Connecting => 2,
        DeviceState::Disabled => 1,
        DeviceState::Online => 0,
    }
}

fn state_of(texts: Texts, standing: &Standing, now: Timestamp) -> (&'static str, String, &'static str) {
    let silent = standing.told.as_ref().and_then(|(_, told)| told.last_contact);
    let age = silent.map(|last| texts.age(health::secs_between(last, now)));
    let tone = if words::light(standing.state) == "bad" { "bad" } else { "" };
    let word = match (standing.state, age) {
        (DeviceState::Offline, Some(age)) => texts.with("doors-no-contact-since", [("age", age.into())]),
        (state, _) => words::state(texts, state),
    };
    (words::light(standing.state), word, tone)
}

/// Whether the visitor may sit here: whoever sees passes and devices.
pub(super) fn check(visitor: &Visitor) -> Result<(), DevicesError> {
    visitor.actor().require(Permission::ReadDevices)?;
    Ok(visitor.actor().require(Permission::ReadAccess)?)
}

#[cfg(test)]
mod tests {
    use super::rank;
    use crate::devices::DeviceState;

    #[test]
    fn one_broken_terminal_is_seen_beside_a_good_one() {
        let worst =
            [DeviceState::Online, DeviceState::Error, DeviceState::Disabled].into_iter().max_by_key(|s| rank(*s));
        assert_eq!(worst, Some(DeviceState::Error));
    }
}
