//! What a simulated terminal knows: its people, its log, its doors and its clock.

use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Instant;

use jiff::ToSpan as _;
use jiff::civil::date;
use nazorat_terminals::zkteco::time::Stamp;
use nazorat_terminals::zkteco::users::Record;
use tokio::sync::broadcast;
use tokio::sync::watch;

use super::TerminalConfig;
use super::faults::ClockFault;
use super::faults::Faults;
use super::passes::DoorState;
use super::passes::Logged;
use super::passes::Pass;
use crate::kernel::Clock;
use crate::kernel::Timestamp;
use crate::sim::chance::Chance;

/// What listeners are told.
#[derive(Debug, Clone)]
pub(super) enum Told {
    Logged(Logged),
    Sign { mask: u16, data: Vec<u8> },
}

/// One terminal, for all who speak with it.
pub(super) struct Shared {
    pub(super) config: TerminalConfig,
    state: Mutex<State>,
    pub(super) told: broadcast::Sender<Told>,
    /// How often it started.
    pub(super) starts: watch::Sender<u64>,
}

pub(super) struct State {
    pub(super) people: Vec<Record>,
    pub(super) log: Vec<Logged>,
    /// The first one that is still in the ring.
    pub(super) first: usize,
    pub(super) doors: Vec<DoorState>,
    pub(super) faults: Faults,
    pub(super) chance: Chance,
    pub(super) clients: usize,
    /// The last record that a server acknowledged.
    pub(super) sent: u64,
    pub(super) misunderstood: u64,
    pub(super) keys_shown: u64,
    down_until: Option<Instant>,
    clock: Clock,
    ahead_secs: i64,
}

impl Shared {
    pub(super) fn new(config: TerminalConfig) -> anyhow::Result<Self> {
        let mut state = State {
            people: Vec::new(),
            log: Vec::new(),
            first: 0,
            doors: Vec::new(),
            faults: Faults::default(),
            chance: Chance::of(&[config.seed, 4_370]),
            clients: 0,
            sent: 0,
            misunderstood: 0,
            keys_shown: 0,
            down_until: None,
            clock: Clock::system(),
            ahead_secs: 0,
        };
        for (index, person) in config.people.iter().enumerate() {
            let mut record = Record::new(config.users, u16::try_from(index + 1)?, &person.number)?;
            record.set_name(&person.name);
            record.set_card((person.card > 0).then(|| person.card.to_string()).as_deref())?;
            record.set_privilege(if person.is_admin { 14 } else { 0 });
            state.people.push(record);
        }
        let faults = config.faults.clone();
        let shared = Self {
            config,
            state: Mutex::new(state),
            told: broadcast::Sender::new(4_096),
            starts: watch::Sender::new(0),
        };
        shared.set_faults(faults);
        Ok(shared)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_faults(&self, faults: Faults) {
        let mut state = self.state();
        let now = state.clock.now();
        match faults.clock {
            ClockFault::None => {}
            ClockFault::Jump(seconds) => state.ahead_secs += seconds,
            ClockFault::Lost => {
                let begin = self.config.zone.at(date(2000, 1, 1).at(0, 0, 0, 0));
                state.ahead_secs = begin.as_second() - now.as_second();
            }
        }
        state.faults = faults;
    }

    /// The terminal's local time.
    pub(super) fn now(&self, state: &State) -> Stamp {
        let now = state.clock.now().checked_add(state.ahead_secs.seconds()).unwrap_or(Timestamp::MIN);
        Stamp::of(self.config.zone.civil(now))
    }

    /// Sets the terminal's local time.
    pub(super) fn set_clock(&self, stamp: Stamp) {
        let mut state = self.state();
        if let Some(civil) = stamp.civil() {
            state.ahead_secs = self.config.zone.at(civil).as_second() - state.clock.now().as_second();
        }
    }

    pub(super) fn pass(&self, pass: &Pass) -> u64 {
        let mut state = self.state();
        let time = self.now(&state);
        let mut logged =
            Logged { number: 0, time, person: String::new(), uid: 0, card: 0, verify: 200, state: 255, code: 0 };
        let mut sign = None;
        match pass {
            Pass::Person { number, verify, state: key } => {
                let known = state.people.iter().find(|record| record.number() == *number);
                match known {
                    Some(record) => {
                        (logged.person, logged.uid) = (number.clone(), record.uid());
                        (logged.verify, logged.state) = (*verify, *key);
                        logged.card = if *verify == 2 || *verify == 4 { record.card() } else { 0 };
                    }
                    None => (logged.code, sign) = (27, Some((128, u32::MAX))),
                }
            }
            Pass::Stranger { card } => {
                (logged.card, logged.verify) = (*card, 4);
                (logged.code, sign) = (27, Some((128, u32::MAX)));
            }
            Pass::Button => (logged.code, sign) = (202, Some((512, 0x35))),
            Pass::DoorOpened => (logged.code, sign) = (200, Some((32, 0))),
        }
        let (Some((mask, word)), false) = (sign, self.config.keeps_all) else {
            return self.log(&mut state, logged);
        };
        let mut data = u32::to_le_bytes(word).to_vec();
        data.extend_from_slice(if mask == 128 { &[1] } else { &[] });
        // Nobody need listen.
        drop(self.told.send(Told::Sign { mask, data }));
        0
    }

    /// Puts something into the log. The same person in the same second is one.
    fn log(&self, state: &mut State, mut logged: Logged) -> u64 {
        let same = |other: &&Logged| {
            let key = |one: &Logged| (one.time, one.person.clone(), one.verify, one.state, one.code);
            key(other) == key(&logged)
        };
        if let Some(known) = state.log.iter().rev().take(1_000).find(same).filter(|_| !self.config.keeps_all) {
            return known.number;
        }
        logged.number = state.log.len() as u64 + 1;
        state.log.push(logged.clone());
        let over = (state.log.len() - state.first).saturating_sub(self.config.capacity.max(1));
        state.first += over;
        let number = logged.number;
        drop(self.told.send(Told::Logged(logged)));
        number
    }

    /// Records of the past, half a minute apart.
    pub(super) fn fill(&self, count: usize) {
        self.fill_into(&mut self.state(), count);
    }

    /// The same, acknowledged.
    pub(super) fn fill_sent(&self, count: usize) {
        let mut state = self.state();
        self.fill_into(&mut state, count);
        state.sent = state.log.len() as u64;
    }

    fn fill_into(&self, state: &mut State, count: usize) {
        let people: Vec<(String, u16)> = state.people.iter().map(|record| (record.number(), record.uid())).collect();
        let now = state.clock.now();
        for at in 0..count {
            let Some((person, uid)) = people.get(at % people.len().max(1)).cloned() else { return };
            let ago = i64::try_from(count - at).unwrap_or(0) * 30;
            let time = Stamp::of(self.config.zone.civil(now.checked_sub(ago.seconds()).unwrap_or(now)));
            let state_key = u8::from(at % 2 == 1);
            let number = state.log.len() as u64 + 1;
            state.log.push(Logged { number, time, person, uid, card: 0, verify: 15, state: state_key, code: 0 });
        }
        state.first = state.first.max(state.log.len().saturating_sub(self.config.capacity.max(1)));
    }

    /// What is still in the ring.
    pub(super) fn kept(&self) -> Vec<Logged> {
        let state = self.state();
        state.log.get(state.first..).unwrap_or_default().to_vec()
    }

    pub(super) fn open(&self, door: u16, what: String) {
        let mut state = self.state();
        let at = state.clock.now();
        state.doors.push(DoorState { door, at, what });
    }

    /// Ends all connections; for a while nobody is served.
    pub(super) fn reboot(&self) {
        let mut state = self.state();
        state.down_until = Instant::now().checked_add(state.faults.reboot_for);
        drop(state);
        self.starts.send_modify(|starts| *starts += 1);
    }

    pub(super) fn is_down(&self) -> bool {
        self.state().down_until.is_some_and(|until| until > Instant::now())
    }

    /// Throws the dice for something that happens so often.
    pub(super) fn happens(&self, rate: impl Fn(&Faults) -> u32) -> bool {
        let mut state = self.state();
        let rate = rate(&state.faults);
        rate > 0 && state.chance.happens(rate)
    }
}
