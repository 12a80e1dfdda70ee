//! What a gateway says of itself: its machine, its buffer, its agents.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use nazorat_wire::frame::AgentSeen;
use nazorat_wire::frame::Heartbeat;
use nazorat_wire::frame::MAX_AGENTS;
use nazorat_wire::frame::PolicySeen;
use nazorat_wire::frame::Spool;

use super::Gateway;
use super::agents::Seen;
use super::devices::Devices;
use crate::kernel::Timestamp;
use crate::runtime::disk::Room;
use crate::runtime::machine;
use crate::runtime::machine::Busy;

/// News of so many bytes fit into one frame for certain.
const NEWS_BYTES: usize = 80 << 10;

/// Gathers heartbeats.
pub(super) struct Beats {
    gateway: Gateway,
    folder: PathBuf,
    started: Timestamp,
    told: Mutex<Told>,
}

/// What the appliance was told before.
#[derive(Default)]
struct Told {
    busy: Busy,
    contacts: HashMap<u32, Option<Timestamp>>,
    policies: HashMap<u32, PolicySeen>,
    /// How busy the machine was at the last heartbeat.
    cpu: Option<u16>,
    /// The agent with which the next turn begins.
    next: u32,
}

impl Beats {
    pub(super) fn new(gateway: &Gateway, folder: PathBuf) -> Self {
        let started = gateway.entry.clock.now();
        Self { gateway: gateway.clone(), folder, started, told: Mutex::default() }
    }

    /// How it is now. Blocks shortly.
    pub(super) fn gather(&self) -> Heartbeat {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let agents = self.gateway.agents.list();
        let total = agents.len();
        told.cpu = told.busy.look();
        let (cpu, agents) = (told.cpu, told.choose(agents));
        self.beat(cpu, total, agents)
    }

    /// A connection begins: nobody there knows what was told before.
    pub(super) fn begin(&self) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).policies.clear();
    }

    /// The agents that say something else of their policies, if there are any. Blocks shortly.
    pub(super) fn gather_news(&self) -> Option<Heartbeat> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let agents = self.gateway.agents.list();
        let total = agents.len();
        let news = told.news(agents);
        let cpu = told.cpu;
        let of_devices = self.gateway.devices.as_ref().is_some_and(Devices::take_news);
        (of_devices || !news.is_empty()).then(|| self.beat(cpu, total, news))
    }

    fn beat(&self, cpu_permille: Option<u16>, total: usize, agents: Vec<AgentSeen>) -> Heartbeat {
        let now = self.gateway.entry.clock.now();
        let room = Room::of(&self.folder).ok();
        Heartbeat {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: now,
            uptime_secs: u64::try_from(now.as_second() - self.started.as_second()).unwrap_or(0),
            cpu_permille,
            memory_bytes: machine::memory(),
            disk_free_bytes: room.map(|room| room.free),
            disk_bytes: room.map(|room| room.all),
            spool: self.spool(),
            agents_total: u32::try_from(total).unwrap_or(u32::MAX),
            agents,
            devices: self.gateway.devices.as_ref().map(Devices::seen).unwrap_or_default(),
            devices_at: self.gateway.pushes.map(listener).map(|at| at.to_string()),
        }
    }

    fn spool(&self) -> Spool {
        let (stats, parcels) = (self.gateway.edge.outbox.stats(), self.gateway.parcels.count());
        let refused = self.gateway.edge.status.borrow().dead_letters.kept as u64;
        Spool {
            batches: stats.records + parcels.waiting as u64,
            bytes: stats.bytes.saturating_sub(stats.grace_bytes),
            max_bytes: stats.max_bytes,
            oldest_secs: stats.oldest_age.filter(|_| stats.records > 0).map_or(0, |age| age.as_secs()),
            evicted: stats.evicted + parcels.evicted,
            given_up: refused + parcels.refused,
            refusing: stats.full || stats.failed,
        }
    }
}

/// Where a listener is found in the network. Nothing is sent to find it out: whoever listens on all addresses is found at
/// the one from which it would send to strangers.
fn listener(bound: SocketAddr) -> SocketAddr {
    if !bound.ip().is_unspecified() {
        return bound;
    }
    let own = || {
        let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
        socket.connect("192.0.2.1:9").ok()?;
        socket.local_addr().ok()
    };
    own().map_or(bound, |own| SocketAddr::new(own.ip(), bound.port()))
}

impl Told {
    /// Those of whom there is news, and of the others as many as have room, in turn.
    fn choose(&mut self, mut agents: Vec<Seen>) -> Vec<AgentSeen> {
        if agents.len() > MAX_AGENTS {
            let start = agents.iter().position(|agent| agent.id >= self.next).unwrap_or(0);
            agents.rotate_left(start);
            agents.sort_by_key(|agent| self.knows(agent));
            agents.truncate(MAX_AGENTS);
            let last = agents.iter().rfind(|agent| self.knows(agent)).map(|last| last.id + 1);
            self.next = last.unwrap_or(self.next);
        }
        self.contacts.extend(agents.iter().map(|agent| (agent.id, agent.last_seen)));
        // A long list may be cut before it leaves; what it said of policies is news until it was told by itself.
        agents.into_iter().map(seen).collect()
    }

    fn knows(&self, agent: &Seen) -> bool {
        self.contacts.get(&agent.id) == Some(&agent.last_seen)
    }

    /// Those who say something else of their policies than before, as many as fit for certain.
    fn news(&mut self, agents: Vec<Seen>) -> Vec<AgentSeen> {
        let (mut news, mut bytes) = (Vec::new(), 0);
        for agent in agents {
            let Some(policy) = agent.policy.clone() else { continue };
            if self.policies.get(&agent.id) == Some(&policy) {
                continue;
            }
            // Every letter of a name or a sentence may need six.
            let words = agent.name.len() + agent.computer_uid.len() + policy.error.as_ref().map_or(0, String::len);
            bytes += 600 + words * 6;
            if news.len() == MAX_AGENTS || (bytes > NEWS_BYTES && !news.is_empty()) {
                break;
            }
            self.policies.insert(agent.id, policy);
            news.push(seen(agent));
        }
        news
    }
}

fn seen(agent: Seen) -> AgentSeen {
    AgentSeen {
        id: agent.id,
        computer_uid: agent.computer_uid,
        name: agent.name,
        version: agent.version,
        last_contact: agent.last_seen,
        last_event: agent.last_event,
        interval_secs: agent.interval_secs,
        policy: agent.policy,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use nazorat_wire::frame::Frame as _;
    use nazorat_wire::frame::Heartbeat;
    use nazorat_wire::frame::PolicySeen;
    use nazorat_wire::frame::Upward;

    use super::MAX_AGENTS;
    use super::Seen;
    use super::Told;
    use crate::kernel::Timestamp;

    fn agents(last_seen: impl Fn(u32) -> i64) -> Vec<Seen> {
        let at = |second| Timestamp::from_second(second).unwrap();
        let agent = |id| Seen {
            id,
            name: format!("PC-{id}"),
            computer_uid: format!("uid-{id}"),
            joined_at: at(0),
            last_seen: Some(at(last_seen(id))),
            last_event: None,
            version: None,
            interval_secs: None,
            policy: None,
        };
        (1..=500).map(agent).collect()
    }

    #[test]
    fn the_appliance_hears_of_every_agent_in_turn_and_of_news_at_once() {
        let mut told = Told::default();
        let mut heard = BTreeSet::new();
        for _ in 0..3 {
            let chosen = told.choose(agents(|_| 5));
            assert_eq!(chosen.len(), MAX_AGENTS);
            heard.extend(chosen.iter().map(|agent| agent.id));
        }
        assert_eq!(heard.len(), 500);
        let chosen = told.choose(agents(|id| if id == 333 { 9 } else { 5 }));
        assert_eq!(chosen[0].id, 333);
        let turns: BTreeSet<u32> = (0..3).flat_map(|_| told.choose(agents(|_| 9))).map(|agent| agent.id).collect();
        assert_eq!(turns.len(), 500);
    }

    #[test]
    fn every_agent_with_another_policy_is_told_once_and_again_on_another_connection() {
        let holding = |have: &str| {
            let policy = Some(PolicySeen { have: Some(have.to_owned()), ..PolicySeen::default() });
            agents(|_| 5).into_iter().map(|agent| Seen { policy: policy.clone(), ..agent }).collect::<Vec<_>>()
        };
        let mut told = Told::default();
        assert!(told.news(agents(|_| 5)).is_empty(), "agents that follow none are no news");
        let tell_all = |told: &mut Told, have: &str| {
            let mut heard = Vec::new();
            loop {
                let news = told.news(holding(have));
                if news.is_empty() {
                    return heard;
                }
                let beat = Heartbeat { agents: news.clone(), ..Heartbeat::default() };
                assert!(Upward::Heartbeat(Box::new(beat)).encode().is_ok(), "it fits into a frame");
                heard.extend(news.into_iter().map(|agent| agent.id));
            }
        };
        let all: Vec<u32> = (1..=500).collect();
        assert_eq!(tell_all(&mut told, "a"), all);
        assert_eq!(tell_all(&mut told, "b"), all);
        told.policies.clear();
        assert_eq!(tell_all(&mut told, "b"), all);
    }
}
