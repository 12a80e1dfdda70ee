//! What becomes of gateways and devices, from those who watch them into the durable line.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::mpsc;

use super::services::Core;
use crate::devices::watch as device;
use crate::fleet::presence::Note;
use crate::fleet::presence::Presence;
use crate::intake::Intake;
use crate::intake::NewDeviceStatus;
use crate::intake::NewStatus;
use crate::intake::Statuses;
use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::kernel::with_causes;
use crate::runtime::Lifecycle;

/// How long notes are gathered, so that many gateways share one batch.
const GATHER: Duration = Duration::from_secs(5);
/// The most notes of a batch.
const MOST: usize = 2_000;
/// How long it waits when the line takes nothing. Meanwhile notes wait in their queue, which has a bound.
const AGAIN: Duration = Duration::from_secs(10);

/// Keeps every note until the process stops: those of gateways, and those of devices.
pub(super) fn keep(presence: &Presence, devices: mpsc::Receiver<device::Note>, intake: &Intake, life: &Lifecycle) {
    if let Some(gateways) = presence.take_notes() {
        keep_all("gateway statuses", gateways, intake, life);
    }
    keep_all("device statuses", devices, intake, life);
}

/// What is kept among the statuses of its organization.
trait Kept: Send + 'static {
    fn organization(&self) -> OrganizationId;
    fn add_to(self, statuses: &mut Statuses);
}

impl Kept for Note {
    fn organization(&self) -> OrganizationId {
        self.peer.organization
    }

    fn add_to(self, statuses: &mut Statuses) {
        statuses.gateways.push(NewStatus { ts: self.at, account: self.account(), status: self.status() });
    }
}

impl Kept for device::Note {
    fn organization(&self) -> OrganizationId {
        self.organization
    }

    fn add_to(self, statuses: &mut Statuses) {
        statuses.devices.push(NewDeviceStatus { ts: self.at, device: self.device, status: self.status });
    }
}

fn keep_all<N: Kept>(name: &'static str, mut notes: mpsc::Receiver<N>, intake: &Intake, life: &Lifecycle) {
    let (intake, stop) = (intake.clone(), life.soft());
    life.spawn(name, async move {
        let mut stopping = false;
        while !stopping {
            let mut found = Vec::new();
            tokio::select! {
                count = notes.recv_many(&mut found, MOST) => {
                    if count == 0 {
                        return Ok(());
                    }
                    stopping = !pause(&stop, GATHER).await;
                }
                () = stop.cancelled() => stopping = true,
            }
            gather(&mut notes, &mut found);
            for (organization, statuses) in by_organization(found) {
                stopping |= !hand_over(&intake, organization, statuses, &stop).await;
            }
        }
        Ok::<_, Infallible>(())
    });
}

/// Forgets what is known of gateways that were removed.
pub(super) fn forget_removed(core: &Core, life: &Lifecycle) {
    let (core, stop, mut changed) = (core.clone(), life.soft(), core.fleet.watch());
    life.spawn("removed gateways", async move {
        loop {
            for organization in core.tenancy.list_all() {
                if let Err(problem) = forget(&core, organization.id).await {
                    tracing::error!("what is known of removed gateways stays for now: {problem:#}");
                }
            }
            tokio::select! {
                Ok(()) = changed.changed() => {}
                () = stop.cancelled() => return Ok::<_, Infallible>(()),
            }
        }
    });
}

async fn forget(core: &Core, organization: OrganizationId) -> anyhow::Result<()> {
    let there = core.fleet.list(&Actor::system(), organization).await?;
    let there: Vec<_> = there.into_iter().map(|gateway| gateway.id).collect();
    core.presence.forget_others(organization, &there).await?;
    core.commands.forget_others(organization, there).await?;
    Ok(())
}

/// Waits; false when the process stops meanwhile.
async fn pause(stop: &tokio_util::sync::CancellationToken, wait: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(wait) => true,
        () = stop.cancelled() => false,
    }
}

fn gather<N>(notes: &mut mpsc::Receiver<N>, found: &mut Vec<N>) {
    while found.len() < MOST {
        let Ok(note) = notes.try_recv() else { return };
        found.push(note);
    }
}

fn by_organization(notes: Vec<impl Kept>) -> BTreeMap<OrganizationId, Statuses> {
    let mut all: BTreeMap<OrganizationId, Statuses> = BTreeMap::new();
    for note in notes {
        let statuses = all.entry(note.organization()).or_default();
        note.add_to(statuses);
    }
    all
}

/// Tries until the line takes it; false when the process stops meanwhile.
async fn hand_over(
    intake: &Intake,
    organization: OrganizationId,
    statuses: Statuses,
    stop: &tokio_util::sync::CancellationToken,
) -> bool {
    loop {
        let Err(problem) = intake.note(organization, statuses.clone()).await else { return true };
        tracing::warn!("what became of gateways and devices waits: {}", with_causes(&problem));
        if !pause(stop, AGAIN).await {
            return false;
        }
    }
}
