//! Whom the devices of a gateway are to know.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use nazorat_wire::PersonItem;

use crate::adapters::Number;
use crate::credentials::Held;
use crate::devices::access::Gates;
use crate::devices::access::Reach;
use crate::devices::model::Device;
use crate::kernel::EmployeeId;
use crate::kernel::Zone;
use crate::people::Directory;
use crate::people::Employee;

/// What it follows from.
pub(super) struct Staff<'a> {
    /// Those whose people are ours to keep.
    pub(super) devices: &'a [Device],
    pub(super) directory: &'a Directory,
    pub(super) reach: &'a Reach<'a>,
    pub(super) held: BTreeMap<EmployeeId, Held>,
    /// Cards that are blocked.
    pub(super) blocked: Vec<String>,
    /// Where days begin and end.
    pub(super) zone: Option<Zone>,
}

/// Whether any group leads to one of the gates of a device.
pub(super) fn has_group(device: &Device, reach: &Reach<'_>) -> bool {
    device.doors.iter().filter_map(|door| door.gate).any(|gate| reach.leads_to(gate))
}

/// Whether those whom a device knows follow from who may pass.
pub(super) fn is_managed(device: &Device, reach: &Reach<'_>) -> bool {
    device.manages_people && has_group(device, reach)
}

/// Whether somebody with these gates may pass a device.
pub(super) fn passes(device: &Device, gates: &Gates) -> bool {
    device.doors.iter().filter_map(|door| door.gate).any(|gate| gates.contains(gate))
}

impl Staff<'_> {
    /// Everybody with a number whom a device could know, and the cards with which nobody passes there. Of those who may pass
    /// none of the devices only the number is told: it is enough to take them off.
    pub(super) fn gather(mut self) -> (Vec<PersonItem>, Vec<String>) {
        let mut people = BTreeMap::new();
        let mut barred: BTreeSet<String> = std::mem::take(&mut self.blocked).into_iter().collect();
        for employee in self.directory.employees() {
            let held = self.held.remove(&employee.id).unwrap_or_default();
            let Some(number) = employee.personnel_number.as_deref() else { continue };
            let item = self.item(employee, number, held);
            if item.devices.is_empty() {
                barred.extend(item.cards);
                let nobody = PersonItem { number: number.to_owned(), ..PersonItem::default() };
                people.entry(Number::bare(number)).or_insert(nobody);
            } else {
                people.insert(Number::bare(number), item);
            }
        }
        (people.into_values().collect(), barred.into_iter().collect())
    }

    fn item(&self, employee: &Employee, number: &str, held: Held) -> PersonItem {
        let gates = self.reach.gates_of(employee);
        let devices = self.devices.iter().filter(|device| passes(device, &gates));
        let begins = |day| self.zone.as_ref().map(|zone| zone.span_of(day).from);
        let ends = |day| self.zone.as_ref().map(|zone| zone.span_of(day).to);
        PersonItem {
            number: number.to_owned(),
            name: employee.surname_first(),
            cards: held.cards,
            face: held.face,
            from: employee.hired_on.and_then(begins),
            until: employee.left_on.and_then(ends),
            devices: devices.map(|device| device.id.get()).collect(),
        }
    }
}
