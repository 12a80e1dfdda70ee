//! Terminals of ZKTeco that do not exist: at port 4370 over TCP and UDP, and as devices that come by themselves.
//!
//! A terminal owns its people, its log in a ring, its doors and its clock; whoever passes is in the log and is told to those
//! who listen. `talk` answers packets, `serve` carries them, `push` calls a server; `faults` says what goes wrong.
//! Nothing here knows anything of the adapters, except the protocol itself.

mod faults;
mod orders;
mod passes;
mod push;
mod serve;
mod state;
mod talk;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use nazorat_terminals::zkteco::attendance::Layout;
use nazorat_terminals::zkteco::users::Size;
use tokio::net::TcpListener;
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::state::Shared;
use crate::kernel::Zone;
use crate::sim::Office;

pub use faults::ClockFault;
pub use faults::Faults;
pub use faults::Split;
pub use passes::DoorState;
pub use passes::Logged;
pub use passes::Pass;
pub use passes::SimPerson;
pub use push::Dialect;
pub use push::PushTo;

/// What a terminal is.
#[derive(Debug, Clone)]
pub struct TerminalConfig {
    /// Where port 4370 is, over TCP and UDP; nothing for those that only call.
    pub listen: Option<SocketAddr>,
    /// Whom it calls.
    pub push: Option<PushTo>,
    /// Its serial number.
    pub serial: String,
    /// Its model.
    pub model: String,
    /// The key that is asked for; 0 is none.
    pub comm_key: u32,
    /// What its log is made of.
    pub layout: Layout,
    /// What its people are written in.
    pub users: Size,
    /// Whether it prepares no long answers.
    pub is_old: bool,
    /// The longest part of a long answer over TCP.
    pub part: usize,
    /// Whether its log has refusals and doors too, as that of access terminals.
    pub keeps_all: bool,
    /// Who may pass.
    pub people: Vec<SimPerson>,
    /// So many records fit; then the oldest go.
    pub capacity: usize,
    /// Its wall clock.
    pub zone: Zone,
    /// What its dice begin with.
    pub seed: u64,
    /// What goes wrong.
    pub faults: Faults,
}

impl Default for TerminalConfig {
    fn default() -> Self {
        Self {
            listen: None,
            push: None,
            serial: "SIM0000000001".to_owned(),
            model: "SpeedFace-V5L".to_owned(),
            comm_key: 0,
            layout: Layout::Text,
            users: Size::Long,
            is_old: false,
            part: 0xFFC0,
            keeps_all: false,
            people: Vec::new(),
            capacity: 100_000,
            zone: Zone::default(),
            seed: 1,
            faults: Faults::default(),
        }
    }
}

impl SimPerson {
    /// The people of a simulated office, with numbers from 1001 and cards. The first one administers the terminal.
    pub fn of_office(seed: u64, count: usize) -> Vec<Self> {
        let directory = Office::build(seed, count).directory();
        let people = directory.employees.iter().enumerate().map(|(at, employee)| {
            let number = u32::try_from(at).unwrap_or(0);
            Self {
                number: (1_001 + number).to_string(),
                name: format!("{} {}", employee.family_name, employee.given_name),
                card: 1_000_003 + number * 7_919,
                is_admin: at == 0,
            }
        });
        people.collect()
    }
}

/// A terminal that runs.
#[derive(Clone)]
pub struct Terminal {
    shared: Arc<Shared>,
    address: SocketAddr,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Terminal {
    /// Binds, and serves in tasks of its own.
    pub async fn start(config: TerminalConfig) -> anyhow::Result<Self> {
        let (listen, push) = (config.listen, config.push.clone());
        let shared = Arc::new(Shared::new(config)?);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let mut address = SocketAddr::from(([0, 0, 0, 0], 0));
        if let Some(listen) = listen {
            let (listener, socket) = bind(listen).await?;
            address = listener.local_addr().context("the terminal has no address")?;
            tasks.spawn(serve::tcp(Arc::clone(&shared), listener, tasks.clone(), stop.clone()));
            tasks.spawn(serve::udp(Arc::clone(&shared), socket, stop.clone()));
        }
        if let Some(to) = push {
            let caller = push::Caller::new(Arc::clone(&shared), to)?;
            let stop = stop.clone();
            tasks.spawn(async move { stop.run_until_cancelled(caller.call()).await });
        }
        Ok(Self { shared, address, tasks, stop })
    }

    /// Puts so many records of the past into the log, half a minute apart, without telling anybody.
    pub fn fill(&self, count: usize) {
        self.shared.fill(count);
    }

    /// The same, as if a server had acknowledged them: records that a server lost.
    pub fn fill_sent(&self, count: usize) {
        self.shared.fill_sent(count);
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Somebody, or nobody, at the door, now. Returns the number in the log; 0 if it is told only.
    pub fn pass(&self, pass: Pass) -> u64 {
        self.shared.pass(&pass)
    }

    /// Everything it ever logged.
    pub fn log(&self) -> Vec<Logged> {
        self.shared.state().log.clone()
    }

    /// What its log holds now.
    pub fn kept(&self) -> Vec<Logged> {
        self.shared.kept()
    }

    /// Erases the log, as somebody at the terminal may.
    pub fn erase_log(&self) {
        let mut state = self.shared.state();
        state.first = state.log.len();
    }

    /// Its people.
    pub fn people(&self) -> Vec<SimPerson> {
        let state = self.shared.state();
        let people = state.people.iter().map(|record| SimPerson {
            number: record.number(),
            name: record.name(),
            card: record.card(),
            is_admin: record.is_admin(),
        });
        people.collect()
    }

    /// What was done to its doors.
    pub fn doors(&self) -> Vec<DoorState> {
        self.shared.state().doors.clone()
    }

    /// How often somebody showed it a key.
    pub fn keys_shown(&self) -> u64 {
        self.shared.state().keys_shown
    }

    /// How many answers of a server it did not understand.
    pub fn misunderstood(&self) -> u64 {
        self.shared.state().misunderstood
    }

    /// What goes wrong from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.set_faults(faults);
    }

    /// Starts again: everything is closed, and for a while nobody is served.
    pub fn reboot(&self) {
        self.shared.reboot();
    }

    /// Ends, and waits until it has.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The same port over TCP and UDP. With port 0 the system chooses one that is free over TCP; it may be taken over UDP.
async fn bind(listen: SocketAddr) -> anyhow::Result<(TcpListener, UdpSocket)> {
    let mut tries = 0;
    loop {
        let listener = TcpListener::bind(listen).await.with_context(|| format!("{listen} cannot be listened on"))?;
        let chosen = listener.local_addr().context("the terminal has no address")?;
        match UdpSocket::bind(chosen).await {
            Ok(socket) => return Ok((listener, socket)),
            Err(_) if listen.port() == 0 && tries < 20 => tries += 1,
            Err(problem) => return Err(problem).with_context(|| format!("{chosen} cannot be listened on over UDP")),
        }
    }
}
