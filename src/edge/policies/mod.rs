//! What the appliance lets be collected, on its way to a gateway or a computer: fetched, verified, kept, in force.
//!
//! ```text
//! appliance --list, sheets--> verify --> shelf (fsync) --> in force --> judged before any disk
//!                                             \--> the sheets of agents, passed on as they came
//! ```
//! Owns the folder `policies/` of an edge. Must never put in force what the appliance has not signed, never go back to an
//! older sheet, and never forget what holds because the line is down or the process began anew.
//!
//! ## Design notes
//! - A sheet is verified each time it is read from disk: a damaged one shows itself by its signature, and needs no
//!   checksum of ours.
//! - The last sheets of the edge itself stay on the shelf. If the newest is damaged the one before holds until it is
//!   fetched again; and a batch that was judged when it got its name can be made again, byte for byte.
//! - If sheets were there and none can be read, nothing is taken in until one is fetched: nobody knows what may be kept.
//!   That no sheet was ever there means that nothing was decided.
//! - An older sheet never replaces a newer one, whoever brings it, so a gateway cannot keep an agent at an old policy by
//!   giving it out again. Only a sheet that was given out by a clock far ahead of ours gives way to one that was not.
//! - The list is not signed, so it could make a gateway forget a sheet, but not follow a wrong one. It comes over a line
//!   on which both sides have proven who they are, and what the gateway lets pass the appliance judges again.

mod fetch;
mod force;
mod keys;
mod rules;
mod shelf;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::RwLockReadGuard;
use std::sync::RwLockWriteGuard;

use nazorat_wire::policy::Filters;
use nazorat_wire::policy::PolicyList;
use nazorat_wire::policy::Sheet;
use nazorat_wire::policy::SheetError;
use nazorat_wire::policy::SignedSheet;
use tokio::sync::watch;
use tracing::info;
use tracing::warn;

use self::force::Force;
use self::force::InForce;
pub use self::keys::points;
use self::rules::Weighed;
use self::rules::weigh;
use self::shelf::Held;
use self::shelf::Shelf;
use crate::kernel::Clock;
use crate::kernel::Timestamp;
use crate::runtime::Nudge;

/// The number of the edge's own sheet.
pub const OWN: u32 = 0;

/// Who may sign: uncompressed points of P-256.
pub type Keys = Arc<dyn Fn() -> Vec<Vec<u8>> + Send + Sync>;

/// Where sheets are kept, and whose are followed.
#[derive(Clone)]
pub struct PoliciesConfig {
    /// The folder.
    pub folder: PathBuf,
    /// Who may sign.
    pub keys: Keys,
    /// The computer whose sheet is the edge's own; none behind a gateway.
    pub computer_uid: Option<String>,
}

/// A sheet was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// It cannot be followed.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// It is of another computer.
    #[error("the policy is for another computer")]
    Other,
    /// There is a newer one.
    #[error("the policy of {came} is older than the one of {held} that holds here")]
    Older {
        /// When it was given out.
        came: Timestamp,
        /// When the one that holds was.
        held: Timestamp,
    },
    /// It cannot be written down.
    #[error("the policy cannot be written down: {0}")]
    Disk(#[from] std::io::Error),
}

/// What became of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It holds from now on.
    Applied,
    /// It held already.
    Known,
}

/// What holds, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was decided.
    Undecided,
    /// A sheet.
    Held {
        /// Its checksum.
        checksum: String,
        /// Since when, by our clock.
        since: Timestamp,
        /// What is wrong with what lies on the disk, if anything is.
        damage: Option<String>,
    },
    /// Nobody knows, and nothing is taken in.
    Unreadable(String),
}

/// The policies of an edge. Cheap to clone.
#[derive(Clone)]
pub struct Policies(Arc<Inner>);

/// Which list is held to, and which sheets there are.
#[derive(Default)]
struct Index {
    list: Option<String>,
    checksums: BTreeMap<u32, String>,
}

impl std::fmt::Debug for Policies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Policies").field(&self.standing()).finish()
    }
}

struct Inner {
    keys: Keys,
    computer_uid: Option<String>,
    clock: Clock,
    shelf: Mutex<Shelf>,
    /// What the shelf says, for those who cannot wait until it is written.
    index: RwLock<Index>,
    force: RwLock<Arc<Force>>,
    changed: watch::Sender<u64>,
    /// One fetch at a time, so that what is newest is what was asked for last.
    fetching: tokio::sync::Mutex<()>,
    nudge: Nudge,
}

impl Policies {
    /// Reads what is kept. Blocks.
    pub fn open(config: PoliciesConfig, clock: Clock) -> std::io::Result<Self> {
        let mut shelf = Shelf::open(&config.folder)?;
        let keys = shelf.keys((config.keys)());
        let force = Force::read(&mut shelf, &keys, config.computer_uid.as_deref());
        match &force {
            Force::Undecided => {}
            Force::Held { now, damage: None, .. } => info!("policy {} holds since {}", now.short(), now.since),
            Force::Held { now, damage: Some(damage), .. } => {
                warn!("policy {} of {} holds until the newest is fetched again: {damage}", now.short(), now.issued_at);
            }
            Force::Unreadable(problem) => {
                tracing::error!("nothing is taken in until the policy is fetched again: {problem}");
            }
        }
        Ok(Self(Arc::new(Inner {
            keys: config.keys,
            computer_uid: config.computer_uid,
            clock,
            index: RwLock::new(Index { list: shelf.list(), checksums: shelf.all() }),
            shelf: Mutex::new(shelf),
            force: RwLock::new(Arc::new(force)),
            changed: watch::Sender::new(0),
            fetching: tokio::sync::Mutex::default(),
            nudge: Nudge::default(),
        })))
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.0.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.0.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn force(&self) -> Arc<Force> {
        Arc::clone(&self.0.force.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The checksum of the list that is held to.
    pub fn list(&self) -> Option<String> {
        self.index().list.clone()
    }

    /// The checksum of a sheet that is kept.
    pub fn checksum(&self, subject: u32) -> Option<String> {
        self.index().checksums.get(&subject).cloned()
    }

    /// A sheet that is to be passed on. One that is damaged is forgotten, so that it is fetched again. Blocks.
    pub fn passed_on(&self, agent: u32) -> std::io::Result<Option<SignedSheet>> {
        let Some(checksum) = self.checksum(agent).filter(|_| agent != OWN) else { return Ok(None) };
        let mut shelf = self.shelf();
        match shelf.read_agent(agent) {
            // A newer one may have come just now.
            Ok(signed) if shelf.held(agent).is_some_and(|held| held.checksum == signed.checksum()) => Ok(Some(signed)),
            _ => {
                warn!("the policy {checksum} for agent {agent} is damaged and is fetched again");
                shelf.forget(agent)?;
                let mut index = self.index_mut();
                index.list = None;
                index.checksums.remove(&agent);
                self.0.nudge.now();
                Ok(None)
            }
        }
    }

    /// Changes with every sheet that comes or goes.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// What holds, for people.
    pub fn standing(&self) -> Standing {
        match &*self.force() {
            Force::Undecided => Standing::Undecided,
            Force::Held { now, damage, .. } => {
                Standing::Held { checksum: now.checksum.clone(), since: now.since, damage: damage.clone() }
            }
            Force::Unreadable(problem) => Standing::Unreadable(problem.clone()),
        }
    }

    /// The sheet that holds for the edge itself.
    pub fn sheet(&self) -> Option<Arc<Sheet>> {
        match &*self.force() {
            Force::Held { now, .. } => Some(Arc::clone(&now.sheet)),
            Force::Undecided | Force::Unreadable(_) => None,
        }
    }

    /// Whether anything may be kept away from anybody.
    pub fn decides(&self) -> bool {
        !matches!(&*self.force(), Force::Undecided)
    }

    /// Takes a sheet: verified, durable and in force on return, unless it is older than the one that holds. Blocks.
    pub fn put(&self, subject: u32, signed: &SignedSheet) -> Result<Put, PutError> {
        let checksum = signed.checksum();
        let keys = (self.0.keys)();
        let own = match signed.open(&keys) {
            Ok(sheet) => self.ready(subject, sheet)?,
            // A newer program may understand it.
            Err(SheetError::Shape(_)) if subject != OWN => None,
            Err(problem) => return Err(problem.into()),
        };
        let mut shelf = self.shelf();
        let held = shelf.held(subject).cloned();
        // Of a sheet that cannot be read only its name is known, which is nothing to hold to.
        let readable = subject != OWN || matches!(&*self.force(), Force::Held { damage: None, .. } | Force::Undecided);
        let known = held.as_ref().map(|held| (held.checksum.as_str(), held.issued_at));
        match weigh(known, (&checksum, signed.issued_at), self.0.clock.now()) {
            Weighed::Known if readable => return Ok(Put::Known),
            Weighed::Known | Weighed::Newer => {}
            Weighed::Older { held } => return Err(PutError::Older { came: signed.issued_at, held }),
        }
        let since = match held {
            Some(held) if held.checksum == checksum => held.since,
            _ => self.0.clock.now(),
        };
        shelf.keep(subject, Held { checksum: checksum.clone(), issued_at: signed.issued_at, since }, signed, &keys)?;
        {
            let mut index = self.index_mut();
            index.list = None;
            index.checksums.insert(subject, checksum.clone());
        }
        if let Some((sheet, filters)) = own {
            let now = InForce::new((sheet, filters), checksum, signed.issued_at, since);
            let earlier = shelf.earlier(&shelf.keys(keys), self.0.computer_uid.as_deref());
            info!("policy {} of {} holds from now on", now.short(), now.issued_at);
            self.set(Force::Held { now: Arc::new(now), earlier, damage: None });
        }
        drop(shelf);
        self.0.changed.send_modify(|changes| *changes += 1);
        Ok(Put::Applied)
    }

    /// An own sheet, ready to judge.
    fn ready(&self, subject: u32, sheet: Sheet) -> Result<Option<(Sheet, Filters)>, PutError> {
        if subject != OWN {
            return Ok(None);
        }
        if sheet.computer_uid != self.0.computer_uid {
            return Err(PutError::Other);
        }
        let filters = Filters::new(&sheet)?;
        Ok(Some((sheet, filters)))
    }

    /// Everything in a list is kept; what is not in it holds no more. Durable on return; blocks.
    pub fn settle(&self, list: &PolicyList) -> std::io::Result<()> {
        let mut shelf = self.shelf();
        let subjects: BTreeSet<u32> = list.items.iter().map(|item| item.subject).collect();
        shelf.settle(&subjects, &list.checksum)?;
        if self.decides() && !subjects.contains(&OWN) {
            warn!("the appliance has withdrawn the policy; nothing is decided from now on");
            self.set(Force::Undecided);
        }
        {
            let mut index = self.index_mut();
            index.list = Some(list.checksum.clone());
            index.checksums.retain(|subject, _| subjects.contains(subject));
        }
        drop(shelf);
        self.0.changed.send_modify(|changes| *changes += 1);
        Ok(())
    }

    fn set(&self, force: Force) {
        *self.0.force.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(force);
    }
}
