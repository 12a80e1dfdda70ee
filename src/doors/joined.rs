//! What passes are joined with when they are read: devices, gates and people at one moment.

use std::collections::BTreeMap;
use std::collections::HashMap;

use nazorat_timeseries::AccountSpan;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_timeseries::EventRow;
use nazorat_timeseries::Filter;
use nazorat_wire::AccessEvent;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;

use crate::adapters::Number;
use crate::devices::Device;
use crate::devices::Gate;
use crate::devices::Side;
use crate::doors::DoorsError;
use crate::doors::model::LogFilter;
use crate::doors::model::Pass;
use crate::doors::model::Person;
use crate::doors::rules;
use crate::doors::ways::Rule;
use crate::kernel::Actor;
use crate::kernel::DeviceId;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::people::Directory;

/// Devices, gates and people at one moment.
pub(super) struct Joined {
    devices: BTreeMap<DeviceId, Device>,
    gates: HashMap<GateId, Gate>,
    /// Whose number it is, without leading zeros.
    people: HashMap<String, (EmployeeId, String)>,
    /// Whether only passes of these people may be seen.
    only_people: bool,
}

impl Joined {
    pub(super) fn new(
        actor: &Actor,
        directory: &Directory,
        devices: BTreeMap<DeviceId, Device>,
        gates: Vec<Gate>,
    ) -> Self {
        let department = actor.department();
        let visible = match department {
            Some(department) => directory.employees_below(department),
            None => directory.employees().collect(),
        };
        let people = visible.into_iter().filter_map(|employee| {
            let number = Number::bare(employee.personnel_number.as_deref()?).to_owned();
            Some((number, (employee.id, employee.surname_first())))
        });
        Self {
            devices,
            gates: gates.into_iter().map(|gate| (gate.id, gate)).collect(),
            people: people.collect(),
            only_people: department.is_some(),
        }
    }

    pub(super) fn check(&self, employee: EmployeeId) -> Result<(), DoorsError> {
        // Somebody without a number has no passes, which is no error; somebody outside of the view is.
        let known = self.people.values().any(|(id, _)| *id == employee);
        if known || !self.only_people { Ok(()) } else { Err(DoorsError::UnknownEmployee(employee)) }
    }

    pub(super) fn hub_filter(&self, organization: OrganizationId, filter: &LogFilter) -> Filter {
        let (from_us, to_us) = (filter.from.as_microsecond(), filter.to.as_microsecond());
        let span = |device: DeviceId| AccountSpan { account: i64::from(device.get()), from_us, to_us };
        let who = match (filter.device, filter.gate) {
            (Some(device), _) => Some(vec![span(device)]),
            (None, Some(gate)) => {
                let at_it = |device: &&Device| device.doors.iter().any(|door| door.gate == Some(gate));
                Some(self.devices.values().filter(at_it).map(|device| span(device.id)).collect())
            }
            (None, None) => None,
        };
        Filter {
            organization: organization.get(),
            dataset: Dataset::AccessEvents,
            from_us,
            to_us,
            who,
            q: filter.text.clone(),
        }
    }

    pub(super) fn wanted(&self, pass: &Pass, filter: &LogFilter) -> bool {
        let is_person = |employee| matches!(pass.person, Person::Employee { id, .. } if id == employee);
        (filter.outcomes.is_empty() || filter.outcomes.contains(&pass.outcome))
            && filter.gate.is_none_or(|gate| pass.gate.as_ref().is_some_and(|(id, _)| *id == gate))
            && filter.employee.is_none_or(is_person)
            && self.visible(pass)
    }

    /// The rule of a gate.
    pub(super) fn rule(&self, gate: GateId) -> Option<Rule> {
        let gate = self.gates.get(&gate)?;
        Some(Rule { passing: gate.passing, debounce_secs: gate.debounce_secs })
    }

    /// Devices at gates whose passes need the others of their day.
    pub(super) fn devices_that_need_the_day(&self) -> impl Iterator<Item = DeviceId> {
        let needs = |gate| self.rule(gate).is_some_and(Rule::needs_the_day);
        let at_one = move |device: &&Device| device.doors.iter().filter_map(|door| door.gate).any(needs);
        self.devices.values().filter(at_one).map(|device| device.id)
    }

    /// A lead sees the people of the own department, and nothing of doors by themselves.
    pub(super) fn visible(&self, pass: &Pass) -> bool {
        !self.only_people || matches!(pass.person, Person::Employee { .. })
    }

    pub(super) fn pass_of(&self, row: EventRow) -> Option<Pass> {
        let Event::Access(event) = row.event else { return None };
        let at = |us| Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH);
        let event = AccessEvent {
            device: u32::try_from(row.account).ok()?,
            serial: event.serial,
            ts: at(row.ts_us),
            seen_at: at(event.seen_at_us),
            door: event.door,
            reader: event.reader,
            person: event.person,
            person_name: event.person_name,
            card: event.card,
            credential: Credential::from_number(event.credential).unwrap_or(Credential::Unknown),
            direction: Direction::from_number(event.direction).unwrap_or(Direction::Unknown),
            outcome: AccessKind::from_number(event.outcome).unwrap_or(AccessKind::Info),
            reason: event.reason,
            code: event.code,
            replayed: event.replayed,
            drift_ms: event.drift_ms,
        };
        Some(self.pass(event, at(row.received_at_us)))
    }

    /// An event with what it is joined with.
    pub(super) fn pass(&self, event: AccessEvent, received_at: Timestamp) -> Pass {
        let id = DeviceId::new(event.device);
        let device = self.devices.get(&id);
        let gate = device.and_then(|device| self.gates.get(&device.gate_of(event.door.max(1))?));
        let side = device.map_or(Side::Both, |device| device.side_of(event.door.max(1)));
        let person = match self.people.get(Number::bare(&event.person)).filter(|_| !event.person.is_empty()) {
            Some((id, name)) => Person::Employee { id: *id, name: name.clone() },
            None if event.person.is_empty() && event.person_name.is_empty() => Person::Nobody,
            None => Person::Stranger { number: event.person, name: event.person_name },
        };
        Pass {
            at: event.ts,
            seen_at: event.seen_at,
            received_at,
            device: id,
            device_name: device.map(|device| device.name.to_string()),
            door: event.door,
            gate: gate.map(|gate| (gate.id, gate.name.to_string())),
            serial: event.serial,
            person,
            card: event.card,
            credential: event.credential,
            direction: rules::direction(event.outcome, gate.map(|gate| gate.passing), side, event.direction),
            outcome: event.outcome,
            reason: event.reason,
            code: event.code,
            replayed: event.replayed,
            drift_ms: event.drift_ms,
            pending: false,
            repeated: false,
        }
    }
}
