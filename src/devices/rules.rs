//! Decisions about devices, gates and what may be asked.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use nazorat_wire::DeviceAction;
use nazorat_wire::frame::DeviceSeen;
use serde_json::Map;
use serde_json::Value;

use crate::adapters::Field;
use crate::adapters::SettingError;
use crate::devices::DevicesError;
use crate::devices::model::Device;
use crate::devices::model::DeviceDoor;
use crate::devices::model::DeviceState;
use crate::devices::model::Gate;
use crate::devices::model::Standing;
use crate::fleet::presence::Liveness;
use crate::fleet::presence::Seen;
use crate::kernel::Actor;
use crate::kernel::GateId;
use crate::kernel::Permission;
use crate::kernel::random_bytes;

/// The most doors of a device.
const MOST_DOORS: u16 = 64;
/// How long a reason is.
const REASON: std::ops::RangeInclusive<usize> = 3..=200;
/// The longest time in which passes of one person are one.
const MOST_DEBOUNCE: u32 = 600;

/// Doors in their order, each once, at gates that exist.
pub(super) fn doors(
    mut typed: Vec<DeviceDoor>,
    exists: impl Fn(GateId) -> bool,
) -> Result<Vec<DeviceDoor>, DevicesError> {
    typed.sort_by_key(|door| door.number);
    let numbers: BTreeSet<u16> = typed.iter().map(|door| door.number).collect();
    if numbers.len() != typed.len() || numbers.iter().any(|number| !(1..=MOST_DOORS).contains(number)) {
        return Err(DevicesError::Doors);
    }
    match typed.iter().filter_map(|door| door.gate).find(|gate| !exists(*gate)) {
        Some(gate) => Err(DevicesError::UnknownGate(gate)),
        None => Ok(typed),
    }
}

pub(super) const fn debounce(secs: u32) -> Result<u32, DevicesError> {
    if secs <= MOST_DEBOUNCE { Ok(secs) } else { Err(DevicesError::Debounce) }
}

/// Makes up what nobody types: once, and it stays.
pub(super) fn make_up(
    fields: &[Field],
    typed: &mut Map<String, Value>,
    kept: &BTreeMap<String, String>,
) -> Result<(), Vec<SettingError>> {
    for field in fields.iter().filter(|field| field.made) {
        if typed.get(&field.name).is_some_and(|value| !value.is_null()) {
            return Err(vec![SettingError::new(&field.name, "made", "is made by the appliance; leave it out")]);
        }
        if !kept.contains_key(&field.name) {
            typed.insert(field.name.clone(), hex::encode(random_bytes::<20>()).into());
        }
    }
    Ok(())
}

pub(super) fn reason(text: &str) -> Result<String, DevicesError> {
    let text = text.trim();
    let fits = REASON.contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(DevicesError::Reason) }
}

/// Whether the actor may ask this of the device. Guards open doors, and only where the gate lets them.
pub(super) fn may_ask(
    actor: &Actor,
    device: &Device,
    action: &DeviceAction,
    gates: &[Gate],
) -> Result<(), DevicesError> {
    if !device.enabled {
        return Err(DevicesError::Disabled(device.name.to_string()));
    }
    if !device.obeys() {
        return Err(DevicesError::OnlyTells(device.name.to_string()));
    }
    if let Some(door) = action.door()
        && !device.doors.iter().any(|one| one.number == door)
    {
        return Err(DevicesError::NoDoor(door));
    }
    let door = match action {
        DeviceAction::Open { door } => *door,
        DeviceAction::Sync { .. } | DeviceAction::SyncPerson { .. } | DeviceAction::RemovePerson { .. } => {
            return Ok(actor.require(Permission::EditCredentials)?);
        }
        _ => return Ok(actor.require(Permission::EditDevices)?),
    };
    if actor.may(Permission::EditDevices) {
        return Ok(());
    }
    actor.require(Permission::OpenDoors)?;
    let gate = device.gate_of(door).and_then(|gate| gates.iter().find(|one| one.id == gate));
    match gate {
        Some(gate) if gate.opens_from_afar => Ok(()),
        Some(gate) => Err(DevicesError::NotFromAfar(gate.name.to_string())),
        None => Err(DevicesError::NotFromAfar(device.name.to_string())),
    }
}

/// How a device is by what its gateway said last.
pub(super) fn standing(device: &Device, gateway: Option<&Seen>) -> Standing {
    let told = gateway.and_then(|seen| {
        let (at, beat) = seen.beat.as_ref()?;
        let told: &DeviceSeen = beat.devices.iter().find(|told| told.id == device.id.get())?;
        Some((*at, told.clone()))
    });
    let heard = gateway.is_some_and(|seen| seen.liveness == Liveness::Online);
    let state = match &told {
        _ if !device.enabled => DeviceState::Disabled,
        Some((_, told)) if heard => DeviceState::parse(&told.state).unwrap_or(DeviceState::Unknown),
        _ => DeviceState::Unknown,
    };
    Standing { state, told }
}
