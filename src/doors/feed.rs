//! What happens at the doors, as it happens: told when it is durable, before it is in a partition.

use std::collections::HashSet;
use std::collections::VecDeque;
use std::sync::Arc;

use nazorat_timeseries::HubError;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::doors::DoorsError;
use crate::doors::days::Days;
use crate::doors::days::Reader;
use crate::doors::joined::Joined;
use crate::doors::log::EntryLog;
use crate::doors::model::Pass;
use crate::intake::Seen;
use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::kernel::Zone;
use crate::runtime::blocking;

/// So many events are remembered, so that what is told twice is shown once.
const REMEMBERED: usize = 4_096;

/// Passes of one organization, for one who looks.
pub struct Feed {
    doors: EntryLog,
    actor: Actor,
    organization: OrganizationId,
    seen: broadcast::Receiver<Arc<Seen>>,
    devices: tokio::sync::watch::Receiver<u64>,
    joined: Arc<Joined>,
    days: Days,
    zone: Zone,
    told: Told,
}

/// What was told already.
#[derive(Default)]
struct Told {
    known: HashSet<(u32, String)>,
    order: VecDeque<(u32, String)>,
}

impl Told {
    /// True the first time.
    fn note(&mut self, device: u32, serial: &str) -> bool {
        let name = (device, serial.to_owned());
        if !self.known.insert(name.clone()) {
            return false;
        }
        self.order.push_back(name);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

impl EntryLog {
    /// Begins to tell.
    pub async fn feed(&self, actor: &Actor, organization: OrganizationId) -> Result<Feed, DoorsError> {
        // Listening begins before anything is read, so that nothing falls between.
        let seen = (self.from.seen)();
        let mut devices = self.from.devices.watch();
        devices.borrow_and_update();
        let joined = Arc::new(self.joined(actor, organization).await?);
        let zone = self.zone(actor, organization)?;
        let (doors, actor, days, told) = (self.clone(), actor.clone(), Days::default(), Told::default());
        Ok(Feed { doors, actor, organization, seen, devices, joined, days, zone, told })
    }
}

impl Feed {
    /// Waits for the next passes. `None` when more came than could be told: what is shown must be read anew.
    pub async fn next(&mut self) -> Result<Option<Vec<Pass>>, DoorsError> {
        loop {
            let seen = match self.seen.recv().await {
                Ok(seen) if seen.organization == self.organization => seen,
                Ok(_) => continue,
                Err(RecvError::Lagged(_)) => return Ok(None),
                // The process ends.
                Err(RecvError::Closed) => return std::future::pending().await,
            };
            if self.devices.has_changed().unwrap_or(false) {
                self.devices.borrow_and_update();
                self.joined = Arc::new(self.doors.joined(&self.actor, self.organization).await?);
                self.days = Days::default();
            }
            let fresh = seen.events.iter().filter(|event| self.told.note(event.device, &event.serial)).cloned();
            let passes: Vec<Pass> =
                fresh.collect::<Vec<_>>().into_iter().map(|event| self.joined.pass(event, seen.received_at)).collect();
            let passes = self.judged(passes).await?;
            let shown = |pass: &Pass| self.joined.visible(pass) && !pass.repeated;
            let passes: Vec<Pass> = passes.into_iter().filter(shown).collect();
            if !passes.is_empty() {
                return Ok(Some(passes));
            }
        }
    }

    /// Decided by the days as they are now. One that was told before keeps what it was told with, until it is read again.
    async fn judged(&mut self, mut passes: Vec<Pass>) -> Result<Vec<Pass>, DoorsError> {
        let (hub, organization) = (self.doors.from.hub.clone(), self.organization);
        let (joined, zone, now) = (Arc::clone(&self.joined), self.zone.clone(), self.doors.from.clock.now());
        let mut days = std::mem::take(&mut self.days);
        let (days, passes) = blocking(move || {
            let reader = Reader { hub: &hub, organization, joined: &joined, zone: &zone, now };
            let today = zone.day_of(now);
            let oldest = today.yesterday().unwrap_or(today);
            days.forget_before(oldest);
            // A terminal that is met for the first time tells of months; nobody waits for those before a screen.
            let mut recent = passes.iter_mut().filter(|pass| zone.day_of(pass.at) >= oldest);
            recent.try_for_each(|pass| days.add(&reader, pass))?;
            Ok::<_, HubError>((days, passes))
        })
        .await?;
        self.days = days;
        Ok(passes)
    }
}
