//! Days at gates: what the others of a day say of a pass.

use std::collections::HashMap;
use std::collections::HashSet;

use nazorat_timeseries::AccountSpan;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Filter;
use nazorat_timeseries::Hub;
use nazorat_timeseries::HubError;
use nazorat_wire::AccessKind;

use crate::adapters::Number;
use crate::doors::joined::Joined;
use crate::doors::model::Pass;
use crate::doors::model::Person;
use crate::doors::ways::Mark;
use crate::doors::ways::Rule;
use crate::doors::ways::Step;
use crate::kernel::Day;
use crate::kernel::DeviceId;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;

/// A day with more passes is not decided: its passes say what they say by themselves.
const MOST_ROWS: usize = 100_000;

/// Whose passes belong together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Employee(EmployeeId),
    /// Whom only terminals know, by the number there.
    Number(String),
    Card(String),
}

impl Who {
    fn of(pass: &Pass) -> Option<Self> {
        match &pass.person {
            Person::Employee { id, .. } => Some(Self::Employee(*id)),
            Person::Stranger { number, .. } if !number.is_empty() => {
                Some(Self::Number(Number::bare(number).to_owned()))
            }
            _ if !pass.card.is_empty() => Some(Self::Card(pass.card.clone())),
            _ => None,
        }
    }
}

/// What tells a pass from all others.
type Name = (DeviceId, String);
/// One person's day at a gate.
type Place = (GateId, Day, Who);

/// Days as far as they were read.
#[derive(Default)]
pub(super) struct Days {
    read: HashSet<Day>,
    /// In the order of time.
    passes: HashMap<Place, Vec<(Step, Name)>>,
    decided: HashMap<Place, HashMap<Name, Mark>>,
}

/// With what days are read.
pub(super) struct Reader<'a> {
    pub(super) hub: &'a Hub,
    pub(super) organization: OrganizationId,
    pub(super) joined: &'a Joined,
    pub(super) zone: &'a Zone,
    pub(super) now: Timestamp,
}

impl Days {
    /// Decides a pass by its day, which is read when it is needed.
    pub(super) fn judge(&mut self, reader: &Reader<'_>, pass: &mut Pass) -> Result<(), HubError> {
        let Some((rule, place)) = place(reader, pass) else { return Ok(()) };
        let day = place.1;
        if self.read.insert(day) {
            self.read_day(reader, day)?;
        }
        self.apply(reader, (rule, place), pass);
        Ok(())
    }

    /// The same for one that is not stored yet, and may be among those that are.
    pub(super) fn add(&mut self, reader: &Reader<'_>, pass: &mut Pass) -> Result<(), HubError> {
        let Some((rule, place)) = place(reader, pass) else { return Ok(()) };
        if self.read.insert(place.1) {
            self.read_day(reader, place.1)?;
        }
        self.put(place.clone(), pass);
        self.apply(reader, (rule, place), pass);
        Ok(())
    }

    /// Forgets days before this one.
    pub(super) fn forget_before(&mut self, day: Day) {
        self.read.retain(|one| *one >= day);
        self.passes.retain(|(_, one, _), _| *one >= day);
        self.decided.retain(|(_, one, _), _| *one >= day);
    }

    fn put(&mut self, place: Place, pass: &Pass) {
        let name = (pass.device, pass.serial.clone());
        self.decided.remove(&place);
        let all = self.passes.entry(place).or_default();
        if all.iter().all(|(_, known)| *known != name) {
            let at = all.partition_point(|(step, known)| (step.at, known) <= (pass.at, &name));
            all.insert(at, (Step { at: pass.at, alone: pass.direction }, name));
        }
    }

    fn apply(&mut self, reader: &Reader<'_>, (rule, place): (Rule, Place), pass: &mut Pass) {
        let Some(all) = self.passes.get(&place) else { return };
        let is_over = reader.zone.span_of(place.1).to <= reader.now;
        let marks = self.decided.entry(place).or_insert_with(|| {
            let steps: Vec<Step> = all.iter().map(|(step, _)| *step).collect();
            let names = all.iter().map(|(_, name)| name.clone());
            names.zip(rule.marks(&steps, is_over)).collect()
        });
        if let Some(mark) = marks.get(&(pass.device, pass.serial.clone())) {
            (pass.direction, pass.pending, pass.repeated) = (mark.direction, mark.pending, mark.repeated);
        }
    }

    /// All passes of a day at gates whose rule needs them.
    fn read_day(&mut self, reader: &Reader<'_>, day: Day) -> Result<(), HubError> {
        let span = reader.zone.span_of(day);
        let (from_us, to_us) = (span.from.as_microsecond(), span.to.as_microsecond());
        let devices = reader.joined.devices_that_need_the_day();
        let who = devices.map(|device| AccountSpan { account: i64::from(device.get()), from_us, to_us }).collect();
        let filter = Filter {
            organization: reader.organization.get(),
            dataset: Dataset::AccessEvents,
            from_us,
            to_us,
            who: Some(who),
            q: None,
        };
        let mut found = HashMap::<Place, Vec<(Step, Name)>>::new();
        let extent = reader.hub.each_event(filter, MOST_ROWS, |row| {
            if let Some(pass) = reader.joined.pass_of(row)
                && let Some((_, place)) = place(reader, &pass)
            {
                let step = Step { at: pass.at, alone: pass.direction };
                found.entry(place).or_default().push((step, (pass.device, pass.serial)));
            }
        })?;
        if extent.cut {
            tracing::warn!("a day of doors has more than {MOST_ROWS} events; which way people went is not decided");
            return Ok(());
        }
        for (place, mut all) in found {
            all.sort_by(|(one, name), (other, another)| (one.at, name).cmp(&(other.at, another)));
            self.passes.insert(place, all);
        }
        Ok(())
    }
}

/// Whose day at which gate a pass is of, and the gate's rule; nothing where a pass needs no others.
fn place(reader: &Reader<'_>, pass: &Pass) -> Option<(Rule, Place)> {
    if pass.outcome != AccessKind::Granted {
        return None;
    }
    let (gate, _) = pass.gate.as_ref()?;
    let rule = reader.joined.rule(*gate).filter(|rule| rule.needs_the_day())?;
    Some((rule, (*gate, reader.zone.day_of(pass.at), Who::of(pass)?)))
}
