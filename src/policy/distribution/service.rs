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
use nazorat_wire::Order;
use nazorat_wire::policy::PolicyList;
use nazorat_wire::policy::SignedSheet;
use nazorat_wire::policy::signable;
use tokio::sync::broadcast::error::RecvError;

use crate::fleet::Peer;
use crate::fleet::alerts::AlertKind;
use crate::fleet::alerts::Alerts;
use crate::fleet::alerts::Subject;
use crate::fleet::commands::Commands;
use crate::fleet::commands::NewCommand;
use crate::fleet::presence::Liveness;
use crate::fleet::presence::Presence;
use crate::fleet::presence::Seen;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::people::People;
use crate::policy::collection::Policies;
use crate::policy::distribution::AgentStanding;
use crate::policy::distribution::DistributionError;
use crate::policy::distribution::Signer;
use crate::policy::distribution::book::Book;
use crate::policy::distribution::rules;
use crate::policy::distribution::rules::Told;
use crate::runtime::Lifecycle;
use crate::runtime::blocking;
use crate::tenancy::Tenancy;

/// How often it is looked at gateways of which nothing is heard.
const LOOK: Duration = Duration::from_secs(10);
/// The order that says that there is something to fetch.
const KIND: &str = "apply_policies";

/// What is handed out to gateways. Cheap to clone.
#[derive(Clone)]
pub struct Distribution(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) policies: Policies,
    pub(super) people: People,
    pub(super) presence: Presence,
    commands: Commands,
    alerts: Alerts,
    pub(super) tenancy: Tenancy,
    signer: Arc<dyn Signer>,
    pub(super) clock: Clock,
    /// Where something was in force before we began: when that arrived nobody knows.
    before_us: HashSet<OrganizationId>,
    books: Mutex<HashMap<Peer, Arc<Book>>>,
}

impl Distribution {
    /// Put together from its parts.
    pub fn new(
        (policies, people): (Policies, People),
        (presence, commands, alerts): (Presence, Commands, Alerts),
        tenancy: Tenancy,
        signer: Arc<dyn Signer>,
        clock: Clock,
    ) -> Self {
        let before_us = tenancy.list_all().into_iter().map(|organization| organization.id);
        let before_us = before_us.filter(|id| policies.in_force(*id).is_some()).collect();
        let books = Mutex::default();
        Self(Arc::new(Inner { policies, people, presence, commands, alerts, tenancy, signer, clock, before_us, books }))
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
            all.extend(book.standings(&seen));
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
            self.advance(one.map(|peer| peer.organization)).await;
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
        self.alert(seen, &book).await;
        book.note_arrivals(seen, !self.0.before_us.contains(&seen.peer.organization), self.0.clock.now());
        if seen.liveness == Liveness::Online
            && let Err(problem) = self.ask(seen, &book).await
        {
            tracing::error!(gateway.id = %seen.peer.gateway, "a gateway cannot be asked to fetch policies: {problem}");
        }
        Some(book)
    }

    /// Opens and ends alerts of agents that cannot follow.
    async fn alert(&self, seen: &Seen, book: &Book) {
        let Peer { organization, gateway } = seen.peer;
        for (agent, error) in book.note_failures(seen) {
            let subject = Subject::agent(gateway, agent);
            let Some(error) = error else {
                self.0.alerts.resolve(organization, AlertKind::PolicyFailed, subject).await;
                continue;
            };
            let name = seen.agents.get(&agent).map(|agent| agent.told.name.clone()).unwrap_or_default();
            let facts = [("computer".to_owned(), name.into()), ("error".to_owned(), error.into())].into();
            self.0.alerts.raise(organization, AlertKind::PolicyFailed, subject, facts).await;
        }
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
