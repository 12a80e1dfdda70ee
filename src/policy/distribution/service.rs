//! The verbs: what a gateway fetches, what the pages ask, and the task that sees to it that everything arrives.

use std::collections::HashMap;
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use metrics::counter;
use metrics::gauge;
use metrics::histogram;
use nazorat_wire::Order;
use nazorat_wire::policy::PolicyItem;
use nazorat_wire::policy::PolicyList;
use nazorat_wire::policy::Sheet;
use nazorat_wire::policy::SignedSheet;
use nazorat_wire::policy::signable;
use tokio::sync::broadcast::error::RecvError;

use crate::fleet::Peer;
use crate::fleet::commands::Commands;
use crate::fleet::commands::NewCommand;
use crate::fleet::presence::Liveness;
use crate::fleet::presence::Presence;
use crate::fleet::presence::Seen;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::people::Directory;
use crate::people::People;
use crate::policy::collection::Policies;
use crate::policy::collection::Released;
use crate::policy::distribution::AgentStanding;
use crate::policy::distribution::AgentState;
use crate::policy::distribution::DistributionError;
use crate::policy::distribution::Signer;
use crate::policy::distribution::rules;
use crate::policy::distribution::rules::Told;
use crate::policy::distribution::sheets::Making;
use crate::runtime::Lifecycle;
use crate::runtime::blocking;
use crate::tenancy::Tenancy;

/// How often it is looked at gateways of which nothing is heard.
const LOOK: Duration = Duration::from_secs(10);
/// Links begin and end by the calendar: what was made is made anew after so long.
const FRESH_US: i64 = 600_000_000;
/// The order that says that there is something to fetch.
const KIND: &str = "apply_policies";

/// What is handed out to gateways. Cheap to clone.
#[derive(Clone)]
pub struct Distribution(Arc<Inner>);

struct Inner {
    policies: Policies,
    people: People,
    presence: Presence,
    commands: Commands,
    tenancy: Tenancy,
    signer: Arc<dyn Signer>,
    clock: Clock,
    /// Where something was in force before we began: when that arrived nobody knows.
    before_us: HashSet<OrganizationId>,
    books: Mutex<HashMap<Peer, Arc<Book>>>,
}

/// What a gateway should hold to, and of what that was made.
struct Book {
    released: Arc<Released>,
    directory: Arc<Directory>,
    made_at: Timestamp,
    /// Its agents with the ids of their computers.
    agents: Vec<(u32, String)>,
    list: PolicyList,
    /// Of each subject: since when the sheet of the list is wanted.
    since: HashMap<u32, Timestamp>,
    /// Agents of which it was counted how long it took.
    arrived: Mutex<HashMap<u32, String>>,
}

impl Distribution {
    /// Put together from its parts.
    pub fn new(
        (policies, people): (Policies, People),
        (presence, commands): (Presence, Commands),
        tenancy: Tenancy,
        signer: Arc<dyn Signer>,
        clock: Clock,
    ) -> Self {
        let before_us = tenancy.list_all().into_iter().map(|organization| organization.id);
        let before_us = before_us.filter(|id| policies.in_force(*id).is_some()).collect();
        let books = Mutex::default();
        Self(Arc::new(Inner { policies, people, presence, commands, tenancy, signer, clock, before_us, books }))
    }

    /// What a gateway should hold to; empty while nothing was released.
    pub async fn list(&self, peer: Peer) -> Result<PolicyList, DistributionError> {
        let seen = self.0.presence.find(&Actor::system(), peer)?;
        let book = self.book(peer, seen.as_ref()).await?;
        Ok(book.map_or_else(|| PolicyList::of(Vec::new()), |book| book.list.clone()))
    }

    /// One of the sheets, signed as of now. Subject 0 is the gateway's own.
    pub async fn sheet(&self, peer: Peer, subject: u32) -> Result<SignedSheet, DistributionError> {
        let seen = self.0.presence.find(&Actor::system(), peer)?;
        let book = self.book(peer, seen.as_ref()).await?.ok_or(DistributionError::Unknown(subject))?;
        let (signer, now) = (Arc::clone(&self.0.signer), self.0.clock.now());
        let signed = blocking(move || {
            let sheet = book.sheet(peer.organization, subject, now)?.text();
            let signature = signer.sign(&signable(&sheet, now)).map_err(DistributionError::Sign)?;
            Ok(SignedSheet { sheet, issued_at: now, signature: STANDARD.encode(signature) })
        });
        let signed: Result<_, DistributionError> = signed.await;
        counter!("nazorat_policy_sheets_total").increment(u64::from(signed.is_ok()));
        signed
    }

    /// How far the agents of an organization are; empty while nothing was released.
    pub async fn standings(
        &self,
        actor: &Actor,
        organization: OrganizationId,
    ) -> Result<Vec<AgentStanding>, DistributionError> {
        actor.require(Permission::ReadPolicies).map_err(crate::fleet::FleetError::from)?;
        let tenant = actor.tenant(organization).map_err(crate::fleet::FleetError::from)?;
        let mut all = Vec::new();
        for seen in self.0.presence.list(&Actor::system(), tenant.organization())? {
            let Some(book) = self.book(seen.peer, Some(&seen)).await? else { continue };
            let now = self.0.clock.now();
            all.extend(blocking(move || book.standings(&seen, now)).await);
        }
        Ok(all)
    }

    /// Starts to see to it that everything arrives.
    pub fn start(&self, life: &Lifecycle) {
        let (distribution, stop) = (self.clone(), life.soft());
        life.spawn("policy distribution", async move {
            tokio::select! {
                () = distribution.follow() => {}
                () = stop.cancelled() => {}
            }
            Ok::<_, Infallible>(())
        });
    }

    async fn follow(&self) {
        let mut released = self.0.policies.watch();
        let (mut heard, mut ordered) = (self.0.presence.changes(), self.0.commands.changes());
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let one = tokio::select! {
                _ = look.tick() => None,
                Ok(()) = released.changed() => None,
                peer = heard.recv() => match peer {
                    Ok(peer) => Some(peer),
                    Err(RecvError::Lagged(_)) => None,
                    Err(RecvError::Closed) => return,
                },
                peer = ordered.recv() => match peer {
                    Ok(peer) => Some(peer),
                    Err(RecvError::Lagged(_)) => None,
                    Err(RecvError::Closed) => return,
                },
            };
            match one {
                Some(peer) => self.see_to(peer).await,
                None => self.see_to_all().await,
            }
        }
    }

    /// Looks at every gateway.
    pub async fn see_to_all(&self) {
        let mut counted: HashMap<&'static str, f64> = HashMap::new();
        for organization in self.0.tenancy.list_all() {
            let Ok(all) = self.0.presence.list(&Actor::system(), organization.id) else { continue };
            for seen in all {
                let Some(book) = self.look_at(&seen).await else { continue };
                for state in book.states(&seen) {
                    *counted.entry(state.name()).or_default() += 1.0;
                }
            }
        }
        for state in ["in_force", "waiting", "failed", "behind", "away", "silent"] {
            gauge!("nazorat_policy_agents", "state" => state).set(counted.get(state).copied().unwrap_or(0.0));
        }
    }

    /// Looks at one gateway.
    pub async fn see_to(&self, peer: Peer) {
        if let Ok(Some(seen)) = self.0.presence.find(&Actor::system(), peer) {
            self.look_at(&seen).await;
        }
    }

    async fn look_at(&self, seen: &Seen) -> Option<Arc<Book>> {
        let book = match self.book(seen.peer, Some(seen)).await {
            Ok(book) => book?,
            Err(problem) => {
                tracing::error!(gateway.id = %seen.peer.gateway, "policies of a gateway cannot be made: {problem}");
                return None;
            }
        };
        book.note_arrivals(seen, !self.0.before_us.contains(&seen.peer.organization), self.0.clock.now());
        if seen.liveness == Liveness::Online
            && let Err(problem) = self.ask(seen, &book).await
        {
            tracing::error!(gateway.id = %seen.peer.gateway, "a gateway cannot be asked to fetch policies: {problem}");
        }
        Some(book)
    }

    /// Asks a gateway to fetch, when it should hold to something else.
    async fn ask(&self, seen: &Seen, book: &Book) -> Result<(), crate::fleet::commands::CommandError> {
        let told = seen.told.as_ref().map(|told| Told { list: told.policies.as_deref(), at: told.at });
        let before = self.0.commands.of_kind(seen.peer, KIND).await?;
        if !rules::must_ask(&book.list.checksum, told, &before, self.0.clock.now()) {
            return Ok(());
        }
        let order = Order::ApplyPolicies { checksum: book.list.checksum.clone() };
        self.0.commands.create(&Actor::system(), seen.peer, NewCommand::new(order)).await?;
        Ok(())
    }

    /// What a gateway should hold to now; `None` while nothing was released.
    async fn book(&self, peer: Peer, seen: Option<&Seen>) -> Result<Option<Arc<Book>>, DistributionError> {
        let Some(released) = self.0.policies.in_force(peer.organization) else { return Ok(None) };
        let tenant = Actor::system().tenant(peer.organization).map_err(crate::fleet::FleetError::from)?;
        let directory = self.0.people.directory(tenant).await?;
        let agents = seen.map(|seen| seen.agents.iter().map(|(id, agent)| (*id, agent.told.computer_uid.clone())));
        let agents: Vec<_> = agents.into_iter().flatten().collect();
        let now = self.0.clock.now();
        let before = self.books().get(&peer).cloned();
        if let Some(before) = &before
            && before.is_fresh(&released, &directory, &agents, now)
        {
            return Ok(Some(Arc::clone(before)));
        }
        let made = blocking(move || Book::new(peer, (released, directory), agents, (before.as_deref(), now))).await;
        let made = Arc::new(made);
        self.books().insert(peer, Arc::clone(&made));
        Ok(Some(made))
    }

    fn books(&self) -> MutexGuard<'_, HashMap<Peer, Arc<Book>>> {
        self.0.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn new(
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
        drop(making);
        Self { released, directory, made_at: now, agents, list, since, arrived: Mutex::new(arrived) }
    }

    fn is_fresh(
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

    fn sheet(&self, organization: OrganizationId, subject: u32, now: Timestamp) -> Result<Sheet, DistributionError> {
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

    fn states<'a>(&'a self, seen: &'a Seen) -> impl Iterator<Item = AgentState> + 'a {
        self.wanted().filter_map(|item| {
            let agent = seen.agents.get(&item.subject)?;
            Some(rules::state(&item.checksum, liveness(seen, agent.liveness), agent.told.policy.as_ref()))
        })
    }

    fn standings(&self, seen: &Seen, now: Timestamp) -> Vec<AgentStanding> {
        let making = Making::new(seen.peer.organization, (&self.released, &self.directory), now);
        let standing = |item: &PolicyItem| {
            let agent = seen.agents.get(&item.subject)?;
            let told = agent.told.policy.as_ref();
            let state = rules::state(&item.checksum, liveness(seen, agent.liveness), told);
            let wanted_since = self.since.get(&item.subject).copied().unwrap_or(self.made_at);
            let since = match &state {
                AgentState::Away => agent.told.last_contact.unwrap_or(agent.since),
                AgentState::Silent | AgentState::Behind => wanted_since,
                _ => told.and_then(|told| told.since).unwrap_or(agent.since),
            };
            Some(AgentStanding {
                peer: seen.peer,
                agent: item.subject,
                computer_uid: agent.told.computer_uid.clone(),
                name: agent.told.name.clone(),
                sheet: making.of_computer(&agent.told.computer_uid),
                wanted: item.checksum.clone(),
                wanted_since,
                have: told.and_then(|told| told.have.clone()),
                state,
                since,
            })
        };
        self.wanted().filter_map(standing).collect()
    }

    /// Counts how long it took until agents held to what was wanted of them; with `first` also of those of which nothing
    /// was known before.
    fn note_arrivals(&self, seen: &Seen, first: bool, now: Timestamp) {
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

    fn arrived(&self) -> MutexGuard<'_, HashMap<u32, String>> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of agents behind a silent gateway nobody knows anything.
fn liveness(seen: &Seen, agent: Liveness) -> Liveness {
    if seen.liveness == Liveness::Online { agent } else { Liveness::Offline }
}
