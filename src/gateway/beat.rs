//! What a gateway says of itself: its machine, its buffer, its agents.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use nazorat_wire::frame::AgentSeen;
use nazorat_wire::frame::Heartbeat;
use nazorat_wire::frame::MAX_AGENTS;
use nazorat_wire::frame::Spool;

use super::Gateway;
use super::agents::Seen;
use crate::kernel::Timestamp;
use crate::runtime::disk::Room;
use crate::runtime::machine;
use crate::runtime::machine::Busy;

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
        let now = self.gateway.entry.clock.now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let agents = self.gateway.agents.list();
        let room = Room::of(&self.folder).ok();
        Heartbeat {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: now,
            uptime_secs: u64::try_from(now.as_second() - self.started.as_second()).unwrap_or(0),
            cpu_permille: told.busy.look(),
            memory_bytes: machine::memory(),
            disk_free_bytes: room.map(|room| room.free),
            disk_bytes: room.map(|room| room.all),
            spool: self.spool(),
            agents_total: u32::try_from(agents.len()).unwrap_or(u32::MAX),
            agents: told.choose(agents),
            devices: Vec::new(),
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

impl Told {
    /// Those of whom there is news, and of the others as many as have room, in turn.
    fn choose(&mut self, mut agents: Vec<Seen>) -> Vec<AgentSeen> {
        if agents.len() > MAX_AGENTS {
            let start = agents.iter().position(|agent| agent.id >= self.next).unwrap_or(0);
            agents.rotate_left(start);
            agents.sort_by_key(|agent| self.contacts.get(&agent.id) == Some(&agent.last_seen));
            agents.truncate(MAX_AGENTS);
            let known = |agent: &&Seen| self.contacts.get(&agent.id) == Some(&agent.last_seen);
            self.next = agents.iter().rfind(known).map_or(self.next, |last| last.id + 1);
        }
        let told = agents.iter().map(|agent| (agent.id, agent.last_seen));
        self.contacts.extend(told);
        agents.into_iter().map(seen).collect()
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
        policy: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
}
