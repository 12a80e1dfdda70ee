//! Tests of who may ask what of a device.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use nazorat_wire::DeviceAction;
use nazorat_wire::FoundDevice;
use serde_json::Map;

use super::DevicesError;
use super::Known;
use super::find;
use super::model::Device;
use super::model::DeviceDoor;
use super::model::Gate;
use super::model::Passing;
use super::model::Side;
use super::rules;
use crate::identity::DisplayName;
use crate::kernel::Actor;
use crate::kernel::DeviceId;
use crate::kernel::GateId;
use crate::kernel::GatewayId;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::kernel::Timestamp;

fn device(enabled: bool) -> Device {
    let door = |number, gate| DeviceDoor { number, gate: Some(GateId::new(gate)), side: Side::Both };
    Device {
        id: DeviceId::new(7),
        name: DisplayName::parse("Kirish").unwrap(),
        kind: "hikvision".to_owned(),
        gateway: GatewayId::random(),
        host: "192.168.1.20".to_owned(),
        settings: Map::new(),
        secrets: BTreeSet::new(),
        doors: vec![door(1, 1), door(2, 2)],
        enabled,
        manages_people: false,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn gates() -> [Gate; 2] {
    [(1, true), (2, false)].map(|(id, opens_from_afar)| Gate {
        id: GateId::new(id),
        name: DisplayName::parse(&format!("Gate {id}")).unwrap(),
        passing: Passing::BySide,
        debounce_secs: 5,
        opens_from_afar,
    })
}

fn asked(role: Role, device: &Device, action: &DeviceAction) -> Result<(), DevicesError> {
    let scope = Scope::Organization(OrganizationId::new(1));
    let actor = Actor::operator(OperatorId::new(1), "botir", role, scope);
    rules::may_ask(&actor, device, action, &gates())
}

#[test]
fn guards_open_doors_where_the_gate_lets_them_and_do_nothing_else() {
    let device = device(true);
    assert!(asked(Role::Guard, &device, &DeviceAction::Open { door: 1 }).is_ok());
    let refused = asked(Role::Guard, &device, &DeviceAction::Open { door: 2 });
    assert!(matches!(refused, Err(DevicesError::NotFromAfar(gate)) if gate == "Gate 2"));
    for action in [DeviceAction::HoldOpen { door: 1 }, DeviceAction::Lock { door: 1 }, DeviceAction::Reboot] {
        assert!(matches!(asked(Role::Guard, &device, &action), Err(DevicesError::Denied(_))), "{action:?}");
        assert!(matches!(asked(Role::Hr, &device, &action), Err(DevicesError::Denied(_))), "{action:?}");
        assert!(asked(Role::Admin, &device, &action).is_ok(), "{action:?}");
    }
    assert!(matches!(asked(Role::Hr, &device, &DeviceAction::Open { door: 1 }), Err(DevicesError::Denied(_))));
    assert!(asked(Role::Admin, &device, &DeviceAction::Open { door: 2 }).is_ok());
}

#[test]
fn what_is_not_there_or_switched_off_is_not_asked() {
    let missing = asked(Role::Admin, &device(true), &DeviceAction::Open { door: 3 });
    assert!(matches!(missing, Err(DevicesError::NoDoor(3))));
    let off = asked(Role::Admin, &device(false), &DeviceAction::Probe);
    assert!(matches!(off, Err(DevicesError::Disabled(name)) if name == "Kirish"));
}

#[test]
fn doors_have_numbers_of_their_own_and_gates_that_exist() {
    let door = |number, gate| DeviceDoor { number, gate, side: Side::Entry };
    let known = |gate: GateId| gate == GateId::new(1);
    let sorted = rules::doors(vec![door(2, None), door(1, Some(GateId::new(1)))], known).unwrap();
    assert_eq!(sorted.iter().map(|door| door.number).collect::<Vec<_>>(), [1, 2]);
    for wrong in [vec![door(0, None)], vec![door(65, None)], vec![door(1, None), door(1, None)]] {
        assert!(matches!(rules::doors(wrong, known), Err(DevicesError::Doors)));
    }
    assert!(matches!(rules::doors(vec![door(1, Some(GateId::new(2)))], known), Err(DevicesError::UnknownGate(_))));
}

#[test]
fn a_reason_is_a_reason() {
    assert_eq!(rules::reason("  a visitor ").unwrap(), "a visitor");
    for text in ["", "ab", "a\nb c", &"x".repeat(201)] {
        assert!(rules::reason(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_terminal_that_is_found_is_ours_by_its_number_or_where_it_has_none_by_its_place() {
    let ours = device(true);
    let serials = BTreeMap::from([(ours.id, "DS-1".to_owned())]);
    let known = |kind: &str, address: &str, serial: &str, serials: &BTreeMap<DeviceId, String>| {
        let told = serde_json::json!({ "kind": kind, "address": address, "port": 80, "serial": serial });
        let found: FoundDevice = serde_json::from_value(told).unwrap();
        find::known(&found, ours.gateway, std::slice::from_ref(&ours), serials)
    };
    let none = BTreeMap::new();
    for (kind, address, serial, serials, expected) in [
        ("hikvision", "192.168.1.20", "ds-1", &serials, Known::Added(ours.id)),
        ("hikvision", "192.168.1.21", "DS-1", &serials, Known::Moved(ours.id)),
        ("hikvision", "192.168.1.20", "DS-2", &serials, Known::New),
        ("hikvision", "192.168.1.20", "DS-2", &none, Known::Added(ours.id)),
        ("hikvision", "192.168.1.20", "", &serials, Known::Added(ours.id)),
        ("zkteco", "192.168.1.20", "", &serials, Known::New),
        ("hikvision", "192.168.1.21", "", &serials, Known::New),
    ] {
        assert_eq!(known(kind, address, serial, serials), expected, "{kind} {address} {serial}");
    }
    // The same address behind another gateway is another place.
    let told = serde_json::json!({ "kind": "hikvision", "address": "192.168.1.20", "port": 80 });
    let found: FoundDevice = serde_json::from_value(told).unwrap();
    assert_eq!(find::known(&found, GatewayId::random(), std::slice::from_ref(&ours), &none), Known::New);
}

#[test]
fn f35_terminals_are_looked_for_only_where_devices_may_be() {
    let judged = |block: &str, allowed: &[&str]| {
        let allowed = crate::adapters::Allowed(allowed.iter().map(|text| text.parse().unwrap()).collect());
        find::judge(&[block.parse().unwrap()], &allowed)
    };
    for block in [
        "127.0.0.0/28",
        "8.8.8.0/24",
        "169.254.0.0/24",
        "224.0.0.0/24",
        "0.0.0.0/24",
        "255.255.255.255/32",
        "100.64.0.0/24",
        "192.0.2.0/24",
    ] {
        assert!(matches!(judged(block, &[]), Err(DevicesError::SearchPlace(_))), "{block}");
    }
    assert!(judged("192.168.1.0/24", &[]).is_ok() && judged("127.0.0.0/28", &["127.0.0.0/8"]).is_ok());
    // One address that nobody has allowed is enough.
    assert!(judged("203.0.113.0/28", &["203.0.113.0/29"]).is_err());
    assert!(judged("224.0.0.0/28", &["224.0.0.0/4"]).is_err());
}
