//! The devices of the branch: which to serve, each in a life of its own, and everything they tell into the buffer.
//!
//! ```text
//! sheet (fetched, fsync) --> one life per device: address --> adapter --> session --> events --> buffer, cursor (fsync)
//!        command `device` -----------------------------------> session
//!        command `find_devices` --> who else is near
//! ```
//! Owns `DATA/gateway/devices`: `sheet.json` with the passwords of the devices, and a cursor for each. Must never connect to
//! an address that is no place of a device, never keep a cursor before the events behind it, never let one device hold up or
//! end another, and never try wrong credentials again by itself before long.

mod fetch;
mod find;
mod guard;
mod life;
mod listener;
mod orders;
mod shelf;
mod staff;
mod state;
mod taker;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use nazorat_wire::DeviceItem;
use nazorat_wire::DeviceSheet;
use nazorat_wire::SheetContent;
use nazorat_wire::frame::DeviceSeen;
use nazorat_wire::frame::MAX_DEVICES;
use tokio::sync::Notify;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use self::find::{Ground, Ways, search};
use self::life::Life;
pub(super) use self::listener::router;
use self::shelf::Shelf;
use crate::adapters::Adapter;
use crate::kernel::Clock;
use crate::uplink::Hop;
use crate::uplink::Outbox;
use crate::uplink::Parcels;

/// How long a device that is given up may take to be left as it was found.
const FAREWELL: Duration = Duration::from_secs(5);

/// What serving devices needs.
pub(super) struct Config {
    /// Where sheet and cursors are.
    pub(super) folder: PathBuf,
    /// Where events go.
    pub(super) outbox: Outbox,
    /// Where pictures go, where there is a place for them.
    pub(super) parcels: Option<Parcels>,
    /// What time it is.
    pub(super) clock: Clock,
    /// The appliance, where no device may be.
    pub(super) hop: Hop,
    /// The port at which devices come to us, if there is one.
    pub(super) listener: Option<u16>,
    /// The kinds that can be served.
    pub(super) adapters: Vec<Arc<dyn Adapter>>,
    /// Told when there is something that should not wait for the next heartbeat.
    pub(super) news: Arc<Notify>,
    /// How patient it is.
    pub(super) patience: Patience,
    /// How terminals are looked for.
    pub(super) ways: Ways,
    /// Ends everything.
    pub(super) stop: CancellationToken,
}

/// How patient it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// With credentials that were refused nothing is tried for so long: terminals lock accounts.
    pub(super) refused: Duration,
    /// A door that has not answered by then will not.
    pub(super) door: Duration,
    /// The same of everything else.
    pub(super) others: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let secs = Duration::from_secs;
        Self { refused: secs(600), door: secs(12), others: secs(110) }
    }
}

/// The devices that are served. Cheap to clone.
#[derive(Clone)]
pub(super) struct Devices(Arc<Inner>);

struct Inner {
    config: Config,
    shelf: Shelf,
    served: Mutex<BTreeMap<u32, Served>>,
    /// Who may pass which device, as the last sheet says.
    people: watch::Sender<Arc<SheetContent>>,
    /// One change of what is served at a time.
    turn: tokio::sync::Mutex<()>,
    /// One search at a time.
    finding: tokio::sync::Mutex<()>,
    news: Arc<AtomicBool>,
    /// Whether it is known what is to be served.
    has_begun: AtomicBool,
}

/// A device that is served, as it was described.
struct Served {
    item: DeviceItem,
    networks: Vec<String>,
    life: Arc<Life>,
    stop: CancellationToken,
    over: tokio::task::JoinHandle<()>,
}

impl Devices {
    /// Reads what was to be served. Blocks.
    pub(super) fn open(config: Config) -> anyhow::Result<Self> {
        let shelf = Shelf::open(&config.folder)?;
        let served = Mutex::default();
        let (turn, finding) = (tokio::sync::Mutex::default(), tokio::sync::Mutex::default());
        let (people, has_begun) = (watch::Sender::new(Arc::default()), AtomicBool::new(false));
        Ok(Self(Arc::new(Inner { config, shelf, served, people, turn, finding, news: Arc::default(), has_begun })))
    }

    /// Serves what the sheet says: what is new or described otherwise begins anew, what is gone ends, the rest goes on.
    async fn apply(&self, sheet: &DeviceSheet) {
        let _turn = self.0.turn.lock().await;
        let sheet = &sheet.content;
        let staff =
            SheetContent { people: sheet.people.clone(), barred: sheet.barred.clone(), ..SheetContent::default() };
        self.0.people.send_if_modified(|before| {
            let changed = **before != staff;
            *before = Arc::new(staff);
            changed
        });
        let stays = |id: &u32, served: &Served| {
            let item = sheet.devices.iter().find(|item| item.id == *id);
            item.is_some_and(|item| *item == served.item) && served.networks == sheet.networks
        };
        let gone: Vec<Served> = {
            let mut all = self.served();
            let ids: Vec<u32> = all.iter().filter(|(id, served)| !stays(id, served)).map(|(id, _)| *id).collect();
            ids.into_iter().filter_map(|id| all.remove(&id)).collect()
        };
        let is_gone = |served: &&Served| !sheet.devices.iter().any(|item| item.id == served.item.id);
        let leaving: Vec<_> = gone.iter().filter(is_gone).filter_map(|served| served.life.session()).collect();
        for served in &gone {
            served.stop.cancel();
        }
        // One connection at a time: many terminals refuse a second one.
        for served in gone {
            drop(served.over.await);
        }
        // Those that do not come back are left as they were found.
        let leave = leaving.iter().map(|session| tokio::time::timeout(FAREWELL, session.leave()));
        drop(futures_util::future::join_all(leave).await);
        self.0.shelf.keep_only(&sheet.devices.iter().map(|item| item.id).collect::<Vec<_>>());
        for item in &sheet.devices {
            if !self.served().contains_key(&item.id) {
                let served = self.serve(item.clone(), sheet.networks.clone());
                self.served().insert(item.id, served);
            }
        }
        self.0.has_begun.store(true, Ordering::Release);
        self.note();
    }

    #[expect(clippy::disallowed_methods, reason = "`apply` waits for it, and a defect in it ends no other device")]
    fn serve(&self, item: DeviceItem, networks: Vec<String>) -> Served {
        let stop = self.0.config.stop.child_token();
        let life = Arc::new(Life::new(self, &item, &networks));
        // Whatever an adapter does, it does it in its own task.
        let over = tokio::spawn(Arc::clone(&life).run(stop.clone()));
        Served { item, networks, life, stop, over }
    }

    /// How the devices are, as many as a heartbeat takes.
    pub(super) fn seen(&self) -> Vec<DeviceSeen> {
        self.served().values().take(MAX_DEVICES).map(|served| served.life.seen()).collect()
    }

    /// True once after something changed that the appliance should hear of.
    pub(super) fn take_news(&self) -> bool {
        self.0.news.swap(false, Ordering::AcqRel)
    }

    /// Whether what is served is being changed, or is not known yet.
    fn is_changing(&self) -> bool {
        !self.0.has_begun.load(Ordering::Acquire) || self.0.turn.try_lock().is_err()
    }

    fn note(&self) {
        note(&self.0.news, &self.0.config.news);
    }

    fn served_as(&self, id: u32) -> Option<Arc<Life>> {
        self.served().get(&id).map(|served| Arc::clone(&served.life))
    }

    fn served(&self) -> MutexGuard<'_, BTreeMap<u32, Served>> {
        self.0.served.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The appliance should hear of something.
fn note(news: &AtomicBool, came: &Notify) {
    news.store(true, Ordering::Release);
    came.notify_one();
}
