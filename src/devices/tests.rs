//! Tests of who may ask what of a device.

use std::collections::BTreeSet;

use nazorat_wire::DeviceAction;
use serde_json::Map;

use super::DevicesError;
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
