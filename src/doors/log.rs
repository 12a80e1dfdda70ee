//! The entry log, page by page.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use nazorat_timeseries::AccountSpan;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_timeseries::EventQuery;
use nazorat_timeseries::EventRow;
use nazorat_timeseries::Filter;
use nazorat_timeseries::Hub;
use nazorat_timeseries::Order;
use nazorat_timeseries::Position;
use nazorat_wire::AccessEvent;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;
use tokio::sync::broadcast;

use crate::adapters::Number;
use crate::audit::Audit;
use crate::audit::Entry;
use crate::devices::Device;
use crate::devices::Devices;
use crate::devices::Gate;
use crate::devices::Side;
use crate::doors::DoorsError;
use crate::doors::model::Log;
use crate::doors::model::LogFilter;
use crate::doors::model::Pass;
use crate::doors::model::Person;
use crate::doors::model::Unread;
use crate::doors::rules;
use crate::intake::Seen;
use crate::kernel::Actor;
use crate::kernel::Cursor;
use crate::kernel::CursorError;
use crate::kernel::DeviceId;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::people::Directory;
use crate::people::People;
use crate::runtime::blocking;

/// The longest stretch of one question.
const MOST_US: i64 = 400 * 86_400_000_000;
/// So many rows are looked at for one page; a question that finds little goes on with the next one.
const MOST_ROWS: usize = 20_000;
const PORTION: usize = 1_000;

/// What reading needs.
#[derive(Clone)]
pub struct Sources {
    /// The events.
    pub hub: Hub,
    /// Who is who.
    pub people: People,
    /// Which device is which gate.
    pub devices: Devices,
    /// Who looked at one person.
    pub audit: Audit,
    /// How far events are applied.
    pub applied_through: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// What has just come in.
    pub seen: Arc<dyn Fn() -> broadcast::Receiver<Arc<Seen>> + Send + Sync>,
}

/// Who passed which door. Cheap to clone.
#[derive(Clone)]
pub struct EntryLog {
    pub(super) from: Sources,
}

impl EntryLog {
    /// Put together from its parts.
    pub const fn new(from: Sources) -> Self {
        Self { from }
    }

    /// A page of passes, newest first.
    pub async fn log(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        filter: LogFilter,
        page: PageRequest,
    ) -> Result<Log, DoorsError> {
        let joined = Arc::new(self.joined(actor, organization).await?);
        let span = filter.to.as_microsecond() - filter.from.as_microsecond();
        if span <= 0 {
            return Err(DoorsError::EmptyRange);
        }
        if span > MOST_US {
            return Err(DoorsError::LongRange);
        }
        if let Some(employee) = filter.employee {
            joined.check(employee)?;
            let entry = Entry::new("doors.person").of(organization).on("employee", employee);
            self.from.audit.record(actor, entry).await;
        }
        let after = page.after.as_ref().map(position).transpose()?;
        let applied_through = (self.from.applied_through)();
        let hub = self.from.hub.clone();
        blocking(move || {
            let asked = joined.hub_filter(organization, &filter);
            let mut log = Log { items: Vec::new(), next: None, incomplete: Vec::new(), applied_through };
            let (mut after, mut looked_at) = (after, 0);
            loop {
                let query = EventQuery { filter: asked.clone(), order: Order::Newest, after, limit: PORTION };
                let found = hub.events(&query)?;
                log.incomplete = found.incomplete.iter().map(Unread::from).collect();
                looked_at += found.rows.len();
                for row in found.rows {
                    let place = row.position;
                    if let Some(pass) = joined.pass_of(row).filter(|pass| joined.wanted(pass, &filter)) {
                        if log.items.len() == page.limit {
                            log.next = after.map(|after| Cursor::new(after.encode()));
                            return Ok(log);
                        }
                        log.items.push(pass);
                    }
                    after = Some(place);
                }
                match found.next {
                    None => return Ok(log),
                    Some(next) if looked_at >= MOST_ROWS => {
                        log.next = Some(Cursor::new(next.encode()));
                        return Ok(log);
                    }
                    Some(next) => after = Some(next),
                }
            }
        })
        .await
    }

    /// Everything that passes are joined with, as the actor may see it.
    pub(super) async fn joined(&self, actor: &Actor, organization: OrganizationId) -> Result<Joined, DoorsError> {
        actor.require(Permission::ReadAccess)?;
        let tenant = actor.tenant(organization)?;
        let directory = self.from.people.directory(tenant).await?;
        let system = Actor::system();
        let devices = self.from.devices.names(organization).await?;
        let gates = self.from.devices.gates(&system, organization).await?;
        Ok(Joined::new(actor, &directory, devices, gates))
    }
}

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
    fn new(actor: &Actor, directory: &Directory, devices: BTreeMap<DeviceId, Device>, gates: Vec<Gate>) -> Self {
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

    fn check(&self, employee: EmployeeId) -> Result<(), DoorsError> {
        // Somebody without a number has no passes, which is no error; somebody outside of the view is.
        let known = self.people.values().any(|(id, _)| *id == employee);
        if known || !self.only_people { Ok(()) } else { Err(DoorsError::UnknownEmployee(employee)) }
    }

    fn hub_filter(&self, organization: OrganizationId, filter: &LogFilter) -> Filter {
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

    fn wanted(&self, pass: &Pass, filter: &LogFilter) -> bool {
        let is_person = |employee| matches!(pass.person, Person::Employee { id, .. } if id == employee);
        (filter.outcomes.is_empty() || filter.outcomes.contains(&pass.outcome))
            && filter.gate.is_none_or(|gate| pass.gate.as_ref().is_some_and(|(id, _)| *id == gate))
            && filter.employee.is_none_or(is_person)
            && self.visible(pass)
    }

    /// A lead sees the people of the own department, and nothing of doors by themselves.
    pub(super) fn visible(&self, pass: &Pass) -> bool {
        !self.only_people || matches!(pass.person, Person::Employee { .. })
    }

    fn pass_of(&self, row: EventRow) -> Option<Pass> {
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
        }
    }
}

fn position(cursor: &Cursor) -> Result<Position, CursorError> {
    std::str::from_utf8(cursor.as_bytes()).ok().and_then(Position::parse).ok_or(CursorError)
}
