//! What becomes of gateways, from presence into the durable line.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::mpsc;

use super::services::Core;
use crate::fleet::presence::Note;
use crate::fleet::presence::Presence;
use crate::intake::Intake;
use crate::intake::NewStatus;
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

/// Keeps every note until the process stops.
pub(super) fn keep(presence: &Presence, intake: &Intake, life: &Lifecycle) {
    let Some(mut notes) = presence.take_notes() else { return };
    let (intake, stop) = (intake.clone(), life.soft());
    life.spawn("gateway statuses", async move {
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

fn gather(notes: &mut mpsc::Receiver<Note>, found: &mut Vec<Note>) {
    while found.len() < MOST {
        let Ok(note) = notes.try_recv() else { return };
        found.push(note);
    }
}

fn by_organization(notes: Vec<Note>) -> BTreeMap<OrganizationId, Vec<NewStatus>> {
    let mut all: BTreeMap<OrganizationId, Vec<NewStatus>> = BTreeMap::new();
    for note in notes {
        let status = NewStatus { ts: note.at, account: note.account(), status: note.status() };
        all.entry(note.peer.organization).or_default().push(status);
    }
    all
}

/// Tries until the line takes it; false when the process stops meanwhile.
async fn hand_over(
    intake: &Intake,
    organization: OrganizationId,
    statuses: Vec<NewStatus>,
    stop: &tokio_util::sync::CancellationToken,
) -> bool {
    loop {
        let Err(problem) = intake.note(organization, statuses.clone()).await else { return true };
        tracing::warn!("what became of gateways waits: {}", with_causes(&problem));
        if !pause(stop, AGAIN).await {
            return false;
        }
    }
}
