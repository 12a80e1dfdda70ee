//! What one gateway should hold to, and how far its agents are.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use metrics::histogram;
use nazorat_wire::policy::PolicyItem;
use nazorat_wire::policy::PolicyList;
use nazorat_wire::policy::Sheet;

use crate::fleet::Peer;
use crate::fleet::presence::AgentSeen;
use crate::fleet::presence::Liveness;
use crate::fleet::presence::Seen;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::people::Directory;
use crate::policy::collection::Released;
use crate::policy::distribution::AgentStanding;
use crate::policy::distribution::AgentState;
use crate::policy::distribution::DistributionError;
use crate::policy::distribution::rules;
use crate::policy::distribution::sheets::Making;

/// Links begin and end by the calendar: what was made is made anew after so long.
const FRESH_US: i64 = 600_000_000;

/// What a gateway should hold to, and of what that was made.
pub(super) struct Book {
    pub(super) released: Arc<Released>,
    pub(super) directory: Arc<Directory>,
    made_at: Timestamp,
    /// Its agents with the ids of their computers.
    agents: Vec<(u32, String)>,
    pub(super) list: PolicyList,
    /// Of each subject: since when the sheet of the list is wanted.
    since: HashMap<u32, Timestamp>,
    /// Agents of which it was counted how long it took.
    arrived: Mutex<HashMap<u32, String>>,
    /// Agents of which an alert says that they cannot follow.
    failing: Mutex<HashSet<u32>>,
}

impl Book {
    pub(super) fn new(
        peer: Peer,
        (released, directory): (Arc<Released>, Arc<Directory>),
        agents: Vec<(u32, String)>,
        (before, now): (Option<&Self>, Timestamp),
    ) -> Self {
        let making = Making::new(peer.organization, (&released, &directory), now);
        let item = |subject, sheet: Sheet| PolicyItem { subject, checksum: sheet.checksum() };
        let own = std::iter::once(item(0, making.of_gateway()));
        let list = PolicyList::of(
            own.chain(agents.iter().map(|(agent, uid)| item(*agent, making.of_computer(uid)))).collect(),
        );
        let same = |item: &PolicyItem| {
            let before = before.filter(|before| before.list.items.contains(item))?;
            before.since.get(&item.subject).copied()
        };
        let since = list.items.iter().map(|item| (item.subject, same(item).unwrap_or(now))).collect();
        let arrived = before.map(|before| before.arrived().clone()).unwrap_or_default();
        let failing = before.map(|before| before.failing().clone()).unwrap_or_default();
        drop(making);
        let (arrived, failing) = (Mutex::new(arrived), Mutex::new(failing));
        Self { released, directory, made_at: now, agents, list, since, arrived, failing }
    }

    pub(super) fn is_fresh(
        &self,
        released: &Arc<Released>,
        directory: &Arc<Directory>,
        agents: &[(u32, String)],
        now: Timestamp,
    ) -> bool {
        Arc::ptr_eq(&self.released, released)
            && Arc::ptr_eq(&self.directory, directory)
            && self.agents == agents
            && (now.as_microsecond() - self.made_at.as_microsecond()).abs() < FRESH_US
    }

    pub(super) fn sheet(
        &self,
        organization: OrganizationId,
        subject: u32,
        now: Timestamp,
    ) -> Result<Sheet, DistributionError> {
        let making = Making::new(organization, (&self.released, &self.directory), now);
        if subject == 0 {
            return Ok(making.of_gateway());
        }
        let found = self.agents.iter().find(|(agent, _)| *agent == subject);
        let (_, uid) = found.ok_or(DistributionError::Unknown(subject))?;
        Ok(making.of_computer(uid))
    }

    fn wanted(&self) -> impl Iterator<Item = &PolicyItem> {
        self.list.items.iter().filter(|item| item.subject != 0)
    }

    /// What is wanted of each agent that is known, the agent, and how far it is.
    fn judged<'a>(&'a self, seen: &'a Seen) -> impl Iterator<Item = (&'a PolicyItem, &'a AgentSeen, AgentState)> {
        self.wanted().filter_map(|item| {
            let agent = seen.agents.get(&item.subject)?;
            let state = rules::state(&item.checksum, liveness(seen, agent.liveness), agent.told.policy.as_ref());
            Some((item, agent, state))
        })
    }

    pub(super) fn states<'a>(&'a self, seen: &'a Seen) -> impl Iterator<Item = AgentState> + 'a {
        self.judged(seen).map(|(_, _, state)| state)
    }

    pub(super) fn standings(&self, seen: &Seen) -> Vec<AgentStanding> {
        let standing = |(item, agent, state): (&PolicyItem, &AgentSeen, AgentState)| {
            let told = agent.told.policy.as_ref();
            let wanted_since = self.since.get(&item.subject).copied().unwrap_or(self.made_at);
            let since = match &state {
                AgentState::Away => agent.told.last_contact.unwrap_or(agent.since),
                AgentState::Silent | AgentState::Behind => wanted_since,
                _ => told.and_then(|told| told.since).unwrap_or(agent.since),
            };
            AgentStanding {
                peer: seen.peer,
                agent: item.subject,
                computer_uid: agent.told.computer_uid.clone(),
                name: agent.told.name.clone(),
                wanted: item.checksum.clone(),
                wanted_since,
                have: told.and_then(|told| told.have.clone()),
                state,
                since,
            }
        };
        self.judged(seen).map(standing).collect()
    }

    /// Counts how long it took until agents held to what was wanted of them; with `first` also of those of which nothing
    /// was known before.
    pub(super) fn note_arrivals(&self, seen: &Seen, first: bool, now: Timestamp) {
        let mut arrived = self.arrived();
        for item in self.wanted() {
            let told = seen.agents.get(&item.subject).and_then(|agent| agent.told.policy.as_ref()?.have.as_deref());
            if told != Some(item.checksum.as_str()) || arrived.get(&item.subject) == Some(&item.checksum) {
                continue;
            }
            let known = arrived.insert(item.subject, item.checksum.clone()).is_some();
            if let Some(since) = self.since.get(&item.subject).filter(|_| known || first) {
                histogram!("nazorat_policy_distribution_seconds").record(now.duration_since(*since).as_secs_f64());
            }
        }
    }

    /// Agents that have begun or ceased to fail since the last look, with what they say.
    pub(super) fn note_failures(&self, seen: &Seen) -> Vec<(u32, Option<String>)> {
        let mut failing = self.failing();
        let mut turned = Vec::new();
        for (item, _, state) in self.judged(seen) {
            match state {
                AgentState::Failed(error) if failing.insert(item.subject) => turned.push((item.subject, Some(error))),
                // Of what is silent nobody knows whether it is better.
                AgentState::Failed(_) | AgentState::Away => {}
                _ if failing.remove(&item.subject) => turned.push((item.subject, None)),
                _ => {}
            }
        }
        turned
    }

    fn failing(&self) -> MutexGuard<'_, HashSet<u32>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arrived(&self) -> MutexGuard<'_, HashMap<u32, String>> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of agents behind a silent gateway nobody knows anything.
fn liveness(seen: &Seen, agent: Liveness) -> Liveness {
    if seen.liveness == Liveness::Online { agent } else { Liveness::Offline }
}
