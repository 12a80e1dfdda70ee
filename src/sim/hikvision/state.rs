//! What a terminal remembers.

use std::collections::HashMap;
use std::collections::VecDeque;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use nazorat_terminals::hikvision::push::Host;
use nazorat_terminals::hikvision::time;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::Inner;
use super::config::SimPerson;
use super::config::TerminalConfig;
use super::faults::Faults;
use super::pass::DoorState;
use super::pass::Logged;
use super::pass::Pass;
use crate::kernel::Timestamp;
use crate::sim::chance::Chance;

/// Nonces that are good at once.
const MOST_NONCES: usize = 64;

/// Searches that are remembered at once.
const MOST_SEARCHES: usize = 16;

pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) chance: Chance,
    pub(super) people: Vec<SimPerson>,
    pub(super) doors: Vec<DoorState>,
    /// What it still has.
    pub(super) ring: VecDeque<Logged>,
    /// What it ever had.
    pub(super) all: Vec<Logged>,
    pub(super) next: u64,
    pub(super) clock_off: SignedDuration,
    pub(super) storage: String,
    pub(super) listeners: Vec<Listener>,
    pub(super) nonces: HashMap<String, u32>,
    pub(super) searches: HashMap<String, Vec<Logged>>,
    pub(super) refusals: u64,
    pub(super) requests: u64,
    pub(super) wrong: u32,
    pub(super) locked_until: Option<Timestamp>,
    pub(super) away_until: Option<Timestamp>,
    /// Cancelled when all connections are to end.
    pub(super) connections: CancellationToken,
    pub(super) slots: Vec<Slot>,
    /// Looks at a removal until it is said to be over.
    pub(super) removal_looks: u32,
}

/// A place to push to, and what was not taken there yet.
pub(super) struct Slot {
    pub(super) host: Host,
    pub(super) unsent: VecDeque<Logged>,
}

/// Somebody who listens.
pub(super) struct Listener {
    pub(super) tx: Sender<bytes::Bytes>,
    pub(super) is_silent: bool,
}

impl State {
    pub(super) fn new(config: &TerminalConfig) -> Self {
        Self {
            faults: config.faults,
            chance: Chance::of(&[config.seed, 0x0048_494b]),
            people: config.people.clone(),
            doors: Vec::new(),
            ring: VecDeque::new(),
            all: Vec::new(),
            next: config.first,
            clock_off: SignedDuration::ZERO,
            storage: config.storage.clone(),
            listeners: Vec::new(),
            nonces: HashMap::new(),
            searches: HashMap::new(),
            refusals: 0,
            requests: 0,
            wrong: 0,
            locked_until: None,
            away_until: None,
            connections: CancellationToken::new(),
            slots: (1..=config.host_slots).map(|id| Slot { host: Host::free(id), unsent: VecDeque::new() }).collect(),
            removal_looks: 0,
        }
    }

    /// Writes into the log.
    pub(super) fn log(&mut self, inner: &Inner, pass: Pass) -> Logged {
        let config = &inner.config;
        let at = inner.clock.now();
        let shown = at.checked_add(self.clock_off).unwrap_or(at);
        let number = self.next;
        self.next = if number >= config.highest { 1 } else { number + 1 };
        let name = self.people.iter().find(|person| !pass.person.is_empty() && person.number == pass.person);
        let logged = Logged {
            number,
            time: time::with_offset(shown, &zone(config)),
            at,
            name: name.map(|person| person.name.clone()).unwrap_or_default(),
            person: pass.person,
            card: pass.card,
            door: pass.door,
            code: format!("{}/{}", pass.major, pass.minor),
            major: pass.major,
            minor: pass.minor,
            shown,
        };
        self.ring.push_back(logged.clone());
        while self.ring.len() > config.capacity {
            self.ring.pop_front();
        }
        self.all.push(logged.clone());
        for slot in self.slots.iter_mut().filter(|slot| !slot.host.is_free()) {
            slot.unsent.push_back(logged.clone());
        }
        logged
    }

    pub(super) fn strikes_reboot(&mut self) -> bool {
        let rate = self.faults.reboot;
        rate > 0 && self.chance.happens(rate)
    }

    pub(super) fn new_nonce(&mut self) -> String {
        if self.nonces.len() >= MOST_NONCES {
            self.nonces.clear();
        }
        let nonce = format!("{:016x}:{:016x}", self.chance.next(), self.chance.next());
        self.nonces.insert(nonce.clone(), 0);
        nonce
    }

    /// The result of a search, as it was when its first page was asked for. `None` when it is not known (any more).
    pub(super) fn search(&mut self, id: &str, position: u64, find: impl Fn(&Logged) -> bool) -> Option<&[Logged]> {
        if position == 0 {
            if self.searches.len() >= MOST_SEARCHES {
                self.searches.clear();
            }
            let found = self.ring.iter().filter(|logged| find(logged)).cloned().collect();
            self.searches.insert(id.to_owned(), found);
        }
        self.searches.get(id).map(Vec::as_slice)
    }
}

/// The zone of its wall clock.
pub(super) fn zone(config: &TerminalConfig) -> TimeZone {
    TimeZone::get(config.zone.name()).unwrap_or(TimeZone::UTC)
}
