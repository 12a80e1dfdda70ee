//! How the people on devices are: what gateways told, beside what should be.

use nazorat_wire::MOST_TOLD;
use nazorat_wire::PeopleReport;
use tokio::sync::watch;

use crate::devices::Devices;
use crate::devices::DevicesError;
use crate::devices::access::Gates;
use crate::devices::access::Reach;
use crate::devices::access::groups;
use crate::devices::model::PeopleOn;
use crate::devices::records::DEVICES;
use crate::devices::records::REPORTS;
use crate::devices::records::ReportRecord;
use crate::devices::staff;
use crate::fleet::Peer;
use crate::kernel::Actor;
use crate::kernel::DeviceId;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::people::Employee;
use crate::store::Read as _;

impl Devices {
    /// Keeps what a gateway tells of the people on one of its devices.
    pub async fn keep_report(&self, peer: Peer, id: DeviceId, mut report: PeopleReport) -> Result<(), DevicesError> {
        report.problems.truncate(MOST_TOLD);
        report.strangers.truncate(MOST_TOLD);
        let tenant = Actor::system().tenant(peer.organization)?;
        let store = self.0.store.tenant(tenant);
        let kept = store.write(move |tx| {
            let record = tx.find(&DEVICES, &id)?.filter(|record| record.gateway == peer.gateway);
            record.ok_or(DevicesError::Unknown(id))?;
            Ok::<_, DevicesError>(tx.put(&REPORTS, &id, &ReportRecord { report })?)
        });
        kept.await?;
        self.0.told.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Tells when a gateway has told of the people on a device.
    pub fn watch_people(&self) -> watch::Receiver<u64> {
        self.0.told.subscribe()
    }

    /// All devices that keep people, with how those are.
    pub async fn people_on_devices(
        &self,
        actor: &Actor,
        organization: OrganizationId,
    ) -> Result<Vec<PeopleOn>, DevicesError> {
        actor.require(Permission::EditCredentials)?;
        let tenant = self.tenant(actor, organization, Permission::ReadDevices)?;
        let directory = self.0.people.directory(tenant).await?;
        let store = self.0.store.tenant(tenant);
        let read = store.read(|tx| Ok::<_, DevicesError>((tx.list(&DEVICES)?, tx.list(&REPORTS)?, groups(tx)?)));
        let (devices, reports, groups) = read.await?;
        let reach = Reach::of(&groups, &directory);
        let report_of = |id| reports.iter().find(|(other, _)| *other == id).map(|(_, record)| record.report.clone());
        // Once for all devices: there may be hundreds of them, and thousands of people.
        let people: Vec<(&Employee, Gates)> = directory.employees().map(|one| (one, reach.gates_of(one))).collect();
        let all = devices.into_iter().map(|(id, record)| {
            let device = record.to_model(id);
            let has_group = staff::has_group(&device, &reach);
            let told = self.standing(organization, &device).told;
            let passing = people.iter().filter(|(_, gates)| staff::passes(&device, gates)).map(|(one, _)| *one);
            let passing: Vec<&Employee> = passing.collect();
            PeopleOn {
                has_group,
                live: told.and_then(|(_, seen)| seen.people),
                report: report_of(id),
                unnumbered: if staff::is_managed(&device, &reach) { unnumbered(&passing) } else { Vec::new() },
                may_pass: passing.len(),
                device,
            }
        });
        Ok(all.collect())
    }

    /// One of them.
    pub async fn people_on_device(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: DeviceId,
    ) -> Result<PeopleOn, DevicesError> {
        let all = self.people_on_devices(actor, organization).await?;
        all.into_iter().find(|one| one.device.id == id).ok_or(DevicesError::Unknown(id))
    }
}

/// Who cannot be written on a device, because they have no number.
fn unnumbered(passing: &[&Employee]) -> Vec<EmployeeId> {
    let without = passing.iter().filter(|employee| employee.personnel_number.is_none());
    without.map(|employee| employee.id).collect()
}
