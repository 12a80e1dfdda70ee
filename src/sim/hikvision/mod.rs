//! A terminal of Hikvision that does not exist: doors, people, a log and an event stream, over real sockets.
//!
//! ```text
//! pass() --> State (log, ring, doors, people) --> streams of those who listen, pushes
//!                     ^
//! wire (cut, chopped) --> digest --> routes
//! ```
//! It keeps everything that it ever logged, so that a test can compare it with what arrived, and can be told to behave as
//! badly as real ones do. Chance comes from its seed. It knows nothing of the adapter; both speak through
//! `nazorat_terminals`.

mod answer;
mod config;
mod digest;
mod faults;
mod pass;
mod push;
mod routes;
mod search;
mod staff;
mod state;
mod stream;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use anyhow::Context as _;
use jiff::SignedDuration;
use nazorat_terminals::hikvision::push::Host;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::kernel::Clock;
use crate::kernel::Timestamp;

use state::Slot;
use state::State;

pub use config::{Hashes, Sadp, SimPerson, TerminalConfig, people};
pub use faults::{Faults, Split};
pub use pass::{DoorState, Logged, Pass, Passers};

/// A running terminal. Cheap to clone; it goes on until it is stopped.
#[derive(Clone)]
pub struct Terminal(Arc<Inner>);

struct Inner {
    config: TerminalConfig,
    address: SocketAddr,
    clock: Clock,
    tasks: TaskTracker,
    stop: CancellationToken,
    state: Mutex<State>,
}

impl Terminal {
    /// Binds and serves, in tasks of its own.
    pub async fn start(config: TerminalConfig) -> anyhow::Result<Self> {
        let listen = config.listen;
        let listener = TcpListener::bind(listen).await.with_context(|| format!("{listen} cannot be listened on"))?;
        let clock = Clock::system();
        let terminal = Self(Arc::new(Inner {
            address: listener.local_addr().context("a listener without an address")?,
            clock,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            state: Mutex::new(State::new(&config)),
            config,
        }));
        let served = terminal.clone();
        terminal.0.tasks.spawn(wire::accept(served, listener));
        if let Some(sadp) = terminal.0.config.sadp {
            let (socket, group) = search::listen(terminal.address(), sadp)?;
            let to = sadp.to_group.then_some(group);
            terminal.0.tasks.spawn(search::answer(terminal.clone(), socket, to));
        }
        let pushing = terminal.clone();
        terminal.0.tasks.spawn(push::run(pushing));
        Ok(terminal)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// Somebody, or nobody, at the door, now. Goes into the log and to those who listen; gives its number in the log.
    pub fn pass(&self, pass: Pass) -> u64 {
        let mut state = self.state();
        let logged = state.log(&self.0, pass);
        stream::tell(&self.0, &mut state, &logged);
        let wants_reboot = state.strikes_reboot();
        drop(state);
        if wants_reboot {
            self.reboot();
        }
        logged.number
    }

    /// Everything that it ever logged, also what its ring has forgotten.
    pub fn log(&self) -> Vec<Logged> {
        self.state().all.clone()
    }

    /// As they are on it now.
    pub fn people(&self) -> Vec<SimPerson> {
        self.state().people.clone()
    }

    /// What was done to its doors, and when.
    pub fn doors(&self) -> Vec<DoorState> {
        self.state().doors.clone()
    }

    /// From now on.
    pub fn set_faults(&self, faults: Faults) {
        self.state().faults = faults;
    }

    /// How many requests it has refused for their login.
    pub fn refusals(&self) -> u64 {
        self.state().refusals
    }

    /// How many requests it has answered.
    pub fn requests(&self) -> u64 {
        self.state().requests
    }

    /// How many listen to its events.
    pub fn listeners(&self) -> usize {
        self.state().listeners.len()
    }

    /// Where it pushes to, by place: address, port and path; empty where a place is free.
    pub fn push_hosts(&self) -> Vec<String> {
        let shown = |slot: &Slot| match slot.host.is_free() {
            true => String::new(),
            false => format!("{}:{}{}", slot.host.address, slot.host.port, slot.host.url),
        };
        self.state().slots.iter().map(shown).collect()
    }

    /// How many events were not taken at a place yet.
    pub fn unsent(&self, id: u32) -> usize {
        self.state().slots.iter().find(|slot| slot.host.id == id).map_or(0, |slot| slot.unsent.len())
    }

    /// Somebody else has it push elsewhere.
    pub fn set_push_host(&self, id: u32, address: &str, url: &str) {
        let host = Host { address: address.to_owned(), url: url.to_owned(), ..Host::free(id) };
        if let Some(slot) = self.state().slots.iter_mut().find(|slot| slot.host.id == id) {
            slot.host = host;
        }
    }

    /// Moves its clock away from the right time.
    pub fn set_clock_off(&self, by: SignedDuration) {
        self.state().clock_off = by;
    }

    /// Stops talking to those who listen; their connections stay.
    pub fn fall_silent(&self) {
        self.state().listeners.iter_mut().for_each(|listener| listener.is_silent = true);
    }

    /// Closes the streams.
    pub fn drop_streams(&self) {
        self.state().listeners.clear();
    }

    /// All connections end; for a while nobody gets through; then it is there again, with its log.
    pub fn reboot(&self) {
        let mut state = self.state();
        let away = state.faults.reboot_for;
        let now = self.0.clock.now();
        state.away_until = now.checked_add(away).ok();
        state.listeners.clear();
        state.nonces.clear();
        state.searches.clear();
        if state.faults.lose_clock {
            state.clock_off = lost(now);
        }
        std::mem::take(&mut state.connections).cancel();
    }

    /// Back to how it left the factory, but for its people: the log is empty and numbers begin at one.
    pub fn reset_log(&self) {
        let mut state = self.state();
        state.ring.clear();
        state.next = 1;
        drop(state);
        self.reboot();
    }

    /// Ends it and everything it serves.
    pub async fn stop(self) {
        self.0.stop.cancel();
        self.state().listeners.clear();
        self.state().connections.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state()
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock without a battery begins in the year 2000.
fn lost(now: Timestamp) -> SignedDuration {
    let begin = Timestamp::from_second(946_684_800).unwrap_or(now);
    begin.duration_since(now)
}

#[cfg(test)]
mod tests;
