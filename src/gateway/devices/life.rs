//! The life of one device: found, connected, served until the line breaks, and again. Whatever its adapter does, others do
//! not notice.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::FutureExt as _;
use nazorat_wire::DeviceItem;
use nazorat_wire::frame::DeviceSeen;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Devices;
use super::guard;
use super::note;
use super::staff::Desk;
use super::state::State;
use super::state::Turn;
use super::taker::feed;
use crate::adapters::Adapter;
use crate::adapters::Device;
use crate::adapters::DeviceError;
use crate::adapters::Session;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::uplink::Chance;

/// The first pause after a broken line, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// What nobody but a person can mend is looked at again so often.
const MENDED: Duration = Duration::from_secs(60);
/// A line that held so long was a good one.
const GOOD: Duration = Duration::from_secs(60);
/// After so long a silent session is ended from outside. Sessions watch their lines themselves; this is for defects.
const HANGS: Duration = Duration::from_secs(600);
/// How often it is looked whether a device is online, before it is asked who it is.
const FIRST_LOOK: Duration = Duration::from_millis(500);
/// How long a session may take to end.
const FAREWELL: Duration = Duration::from_secs(5);

/// One device.
pub(super) struct Life {
    pub(super) host: Devices,
    pub(super) item: DeviceItem,
    networks: Vec<String>,
    adapter: Option<Arc<dyn Adapter>>,
    state: Mutex<State>,
    session: Mutex<Option<Arc<dyn Session>>>,
    pub(super) desk: Desk,
}

impl Life {
    pub(super) fn new(host: &Devices, item: &DeviceItem, networks: &[String]) -> Self {
        let config = &host.0.config;
        let adapter = config.adapters.iter().find(|adapter| adapter.kind().word == item.kind).cloned();
        let kind = adapter.as_ref().map_or("unknown", |adapter| adapter.kind().word);
        let state = Mutex::new(State::new(item.id, kind, config.clock.now()));
        let (networks, session) = (networks.to_vec(), Mutex::new(None));
        let desk = Desk::new(&config.folder, item);
        Self { host: host.clone(), item: item.clone(), networks, adapter, state, session, desk }
    }

    pub(super) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let chance = Chance::system();
        let mut failures = 0_u32;
        while !stop.is_cancelled() {
            self.turn(Turn::Connecting, None);
            let begun = Instant::now();
            let why = tokio::select! {
                outcome = self.once(&stop) => outcome.err(),
                () = stop.cancelled() => break,
            };
            *self.slot() = None;
            if stop.is_cancelled() {
                break;
            }
            failures = if begun.elapsed() >= GOOD { 0 } else { failures.saturating_add(1) };
            let wait = match why {
                Some(DeviceError::Credentials(_)) => self.host.0.config.patience.refused,
                _ => pause(why.as_ref(), failures, chance.draw()),
            };
            let why = why.unwrap_or_else(|| DeviceError::Unreachable("the device ended the connection".to_owned()));
            let turn = if needs_a_person(&why) { Turn::Error } else { Turn::Offline };
            if self.turn(turn, Some(&why)) {
                tracing::warn!(device.id = self.item.id, "device is not served: {why}");
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled() => {}
            }
        }
        self.state().end();
    }

    /// One connection.
    async fn once(self: &Arc<Self>, stop: &CancellationToken) -> Result<(), DeviceError> {
        let adapter = self.adapter.as_ref().ok_or_else(|| {
            let kind = &self.item.kind;
            DeviceError::Unsupported(format!("this gateway does not know devices of kind {kind:?}; update it"))
        })?;
        let address = match adapter.kind().has_address {
            true => Some(
                guard::find(&self.item.host, &self.networks, &self.host.0.config.hop)
                    .await
                    .map_err(|problem| DeviceError::Settings(problem.to_string()))?,
            ),
            false => None,
        };
        let zone = Zone::parse(&self.item.zone).map_err(|problem| DeviceError::Settings(problem.to_string()))?;
        let device = Device {
            id: self.item.id,
            name: self.item.name.clone(),
            address,
            host: self.item.host.clone(),
            settings: self.item.settings.clone(),
            zone,
            listener: self.host.0.config.listener,
        };
        let session: Arc<dyn Session> = Arc::from(adapter.open(&device, feed(self))?);
        *self.slot() = Some(Arc::clone(&session));
        let child = stop.child_token();
        let run = AssertUnwindSafe(session.run(child.clone())).catch_unwind();
        tokio::pin!(run);
        let ended = tokio::select! {
            ended = &mut run => ended,
            never = self.asks_who_it_is(&session) => match never {},
            never = self.keeps_people(&session) => match never {},
            () = self.hangs() => {
                child.cancel();
                drop(tokio::time::timeout(FAREWELL, &mut run).await);
                return Err(DeviceError::Unreachable("nothing was heard of it for ten minutes".to_owned()));
            }
            () = stop.cancelled() => {
                drop(tokio::time::timeout(FAREWELL, &mut run).await);
                return Ok(());
            }
        };
        ended.unwrap_or_else(|_| {
            tracing::error!(device.id = self.item.id, "the adapter {} panicked", self.item.kind);
            Err(DeviceError::Nonsense("the adapter failed; this is a defect of ours".to_owned()))
        })
    }

    /// Once everything is fetched, so that it holds up nothing. A device that does not say is served all the same.
    async fn asks_who_it_is(&self, session: &Arc<dyn Session>) -> Infallible {
        while !self.state().is_online() {
            tokio::time::sleep(FIRST_LOOK).await;
        }
        if let Ok(Ok(probe)) = AssertUnwindSafe(session.probe()).catch_unwind().await {
            self.state().probed(&probe);
            self.note();
        }
        std::future::pending().await
    }

    /// Ends when nothing was heard for too long.
    async fn hangs(&self) {
        if self.adapter.as_ref().is_some_and(|adapter| !adapter.kind().has_address) {
            // Whoever comes to us comes when it likes.
            return std::future::pending().await;
        }
        let begun = self.now();
        loop {
            tokio::time::sleep(HANGS / 10).await;
            let last = self.state().seen().last_contact.unwrap_or(begun).max(begun);
            if self.now().duration_since(last) >= jiff::SignedDuration::try_from(HANGS).unwrap_or_default() {
                return;
            }
        }
    }

    /// The session, while there is one.
    pub(super) fn session(&self) -> Option<Arc<dyn Session>> {
        self.slot().clone()
    }

    pub(super) fn seen(&self) -> DeviceSeen {
        self.state().seen()
    }

    /// Writes down a change; true when it was one.
    pub(super) fn turn(&self, turn: Turn, why: Option<&DeviceError>) -> bool {
        let turned = self.state().turn(turn, why, self.now());
        if turned {
            self.note();
        }
        turned
    }

    pub(super) fn note(&self) {
        note(&self.host.0.news, &self.host.0.config.news);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.host.0.config.clock.now()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<dyn Session>>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What does not mend by itself.
const fn needs_a_person(why: &DeviceError) -> bool {
    matches!(
        why,
        DeviceError::Settings(_) | DeviceError::Credentials(_) | DeviceError::Unsupported(_) | DeviceError::Nonsense(_)
    )
}

/// How long to wait before the next try; `chance` is from 0 to 1.
fn pause(why: Option<&DeviceError>, failures: u32, chance: f64) -> Duration {
    match why {
        Some(DeviceError::Settings(_) | DeviceError::Unsupported(_)) => MENDED,
        _ => {
            let most = PAUSE.0.saturating_mul(1 << failures.min(6)).min(PAUSE.1);
            // Half of it always, so that nobody hammers; the rest by chance, so that not all come at once.
            most / 2 + (most / 2).mul_f64(chance)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::DeviceError;
    use super::pause;

    #[test]
    fn broken_lines_are_tried_again_soon_and_then_more_seldom() {
        let broken = DeviceError::Unreachable(String::new());
        assert_eq!(pause(Some(&broken), 0, 0.0), Duration::from_millis(500));
        assert_eq!(pause(Some(&broken), 1, 1.0), Duration::from_secs(2));
        assert_eq!(pause(Some(&broken), 99, 1.0), Duration::from_secs(60));
        assert_eq!(pause(None, 99, 0.0), Duration::from_secs(30));
    }
}
