//! What the channel tells, and what the pages ask.

use std::collections::HashMap;
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use nazorat_wire::frame;
use nazorat_wire::frame::Heartbeat;
use nazorat_wire::frame::Hello;
use nazorat_wire::frame::Notice;
use tokio::sync::broadcast;
use tokio::sync::mpsc;

use crate::fleet::FleetError;
use crate::fleet::Peer;
use crate::fleet::alerts::AlertKind;
use crate::fleet::alerts::Alerts;
use crate::fleet::alerts::Facts;
use crate::fleet::commands::Standing;
use crate::fleet::presence::gauges;
use crate::fleet::presence::model::AgentSeen;
use crate::fleet::presence::model::Happening;
use crate::fleet::presence::model::Liveness;
use crate::fleet::presence::model::Note;
use crate::fleet::presence::model::Seen;
use crate::fleet::presence::model::Told;
use crate::fleet::presence::records::PRESENCE;
use crate::fleet::presence::records::PresenceRecord;
use crate::fleet::presence::rules;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::blocking;
use crate::runtime::every;
use crate::store::Read as _;
use crate::store::Store;
use crate::store::StoreError;
use crate::tenancy::Tenancy;

/// How often it is looked who is silent.
const LOOK: Duration = Duration::from_secs(5);
/// How often what was heard is written down.
const WRITE_EVERY_US: i64 = 60_000_000;
/// How often the state of a gateway becomes an event.
const NOTE_EVERY_US: i64 = 55_000_000;
/// Agents of one gateway that are remembered.
const MOST_AGENTS: usize = 2_000;
/// Notes that wait for the durable line; more are given up, the newest first.
const MOST_NOTES: usize = 10_000;

/// What presence needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresenceConfig {
    /// How often a gateway says how it is.
    pub interval: Duration,
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self { interval: Duration::from_secs(30) }
    }
}

/// Who is heard. Cheap to clone.
#[derive(Clone)]
pub struct Presence(Arc<Inner>);

struct Inner {
    config: PresenceConfig,
    store: Store,
    clock: Clock,
    tenancy: Tenancy,
    alerts: Alerts,
    standing: Standing,
    known: Mutex<HashMap<Peer, Known>>,
    notes: mpsc::Sender<Note>,
    waiting: Mutex<Option<mpsc::Receiver<Note>>>,
    changes: broadcast::Sender<Peer>,
}

struct Known {
    seen: Seen,
    /// What is written in the store is older than this.
    dirty: bool,
    /// When its state last became an event.
    noted_us: i64,
    high: bool,
    skewed: bool,
    /// It may not be connected, so that it is silent is no surprise.
    barred: bool,
    /// It was not heard since we began, so alerts of before may be open without a cause.
    unsure: bool,
    /// Batches that were given up and nobody was told of.
    lost: Option<u64>,
}

/// An alert to open or to end, decided under the lock and done behind it.
struct Due {
    peer: Peer,
    kind: AlertKind,
    facts: Option<Facts>,
}

impl Presence {
    /// Reads what was last heard. Whoever was online then has until the next heartbeat to be so again. Blocks.
    pub fn open(
        store: Store,
        clock: Clock,
        tenancy: Tenancy,
        (alerts, standing): (Alerts, Standing),
        config: PresenceConfig,
    ) -> Result<Self, StoreError> {
        let now = clock.now();
        let mut known = HashMap::new();
        for organization in tenancy.list_all() {
            let Ok(tenant) = Actor::system().tenant(organization.id) else { continue };
            let found = store.tenant(tenant).read_now(|tx| tx.list(&PRESENCE))?;
            for (gateway, record) in found {
                let mut seen = record.into_model(organization.id, gateway);
                if seen.liveness == Liveness::Online {
                    seen.last_contact = now;
                }
                known.insert(seen.peer, Known::restored(seen));
            }
        }
        let (notes, waiting) = mpsc::channel(MOST_NOTES);
        let (known, waiting) = (Mutex::new(known), Mutex::new(Some(waiting)));
        let changes = broadcast::channel(256).0;
        Ok(Self(Arc::new(Inner { config, store, clock, tenancy, alerts, standing, known, notes, waiting, changes })))
    }

    /// How often a gateway says how it is.
    pub fn interval(&self) -> Duration {
        self.0.config.interval
    }

    /// What is to be kept as events, for the one who keeps it.
    pub fn take_notes(&self) -> Option<mpsc::Receiver<Note>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Told of whom there is news. Whoever missed some looks at its own.
    pub fn changes(&self) -> broadcast::Receiver<Peer> {
        self.0.changes.subscribe()
    }

    /// Starts to look who is silent.
    pub fn start(&self, life: &Lifecycle) {
        let (presence, stop) = (self.clone(), life.soft());
        life.spawn("gateway presence", async move {
            let mut written = presence.0.clock.now();
            let work = || {
                let now = presence.0.clock.now();
                let write = now.as_microsecond() - written.as_microsecond() >= WRITE_EVERY_US;
                if write {
                    written = now;
                }
                let presence = presence.clone();
                async move {
                    presence.sweep().await;
                    if write {
                        presence.write_down().await;
                    }
                }
            };
            every(LOOK, Nudge::default(), stop, work).await;
            presence.write_down().await;
            Ok::<_, Infallible>(())
        });
    }

    /// A gateway has connected.
    pub async fn hello(&self, peer: Peer, hello: &Hello) {
        let now = self.0.clock.now();
        let due = self.heard(peer, now, |known| {
            known.seen.version.clone_from(&hello.version);
            known.seen.config.clone_from(&hello.config);
            known.seen.told = Some(Told { at: now, policies: hello.policies.clone() });
            known.seen.connected = true;
            known.seen.ahead_secs = hello.clock.as_second().saturating_sub(now.as_second());
        });
        self.settle(due).await;
        self.changed(peer);
    }

    /// A gateway said how it is.
    pub async fn heartbeat(&self, peer: Peer, beat: Heartbeat) {
        let now = self.0.clock.now();
        let mut note = None;
        let due = self.heard(peer, now, |known| {
            let before = known.seen.beat.as_ref().map(|(_, beat)| beat.spool.evicted);
            known.seen.ahead_secs = beat.clock.as_second().saturating_sub(now.as_second());
            known.seen.version.clone_from(&beat.version);
            self.tell_agents(&mut known.seen, &beat, now);
            let evicted = beat.spool.evicted;
            known.seen.beat = Some((now, Heartbeat { agents: Vec::new(), ..beat }));
            known.lost = before.map(|before| evicted.saturating_sub(before)).filter(|lost| *lost > 0);
            if now.as_microsecond() - known.noted_us >= NOTE_EVERY_US {
                known.noted_us = now.as_microsecond();
                note = Some(note_of(&known.seen, None, Happening::Heartbeat, now));
            }
        });
        note.into_iter().for_each(|note| self.note(note));
        self.settle(due).await;
        self.changed(peer);
    }

    /// A gateway said anything else.
    pub async fn contact(&self, peer: Peer) {
        let due = self.heard(peer, self.0.clock.now(), |_| {});
        self.settle(due).await;
    }

    /// A gateway told of something that a person should see.
    pub async fn notice(&self, peer: Peer, notice: &Notice) {
        self.contact(peer).await;
        if notice.code == "gap" {
            let numbers = notice.numbers.iter().map(|(name, number)| (name.clone(), (*number).into()));
            self.0.alerts.raise(peer.organization, AlertKind::Gap, peer.gateway, numbers.collect()).await;
        }
    }

    /// The connection of a gateway has ended. That alone says nothing: it may be back in a moment.
    pub fn gone(&self, peer: Peer) {
        if let Some(known) = self.known().get_mut(&peer) {
            known.seen.connected = false;
        }
        self.changed(peer);
    }

    /// The gateways of an organization that were ever heard.
    pub fn list(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<Seen>, FleetError> {
        actor.require(Permission::ReadGateways)?;
        actor.tenant(organization)?;
        let mut found: Vec<Seen> = self
            .known()
            .values()
            .filter(|known| known.seen.peer.organization == organization)
            .map(|known| known.seen.clone())
            .collect();
        found.sort_by_key(|seen| seen.peer.gateway);
        Ok(found)
    }

    /// One gateway; nothing when it was never heard.
    pub fn find(&self, actor: &Actor, peer: Peer) -> Result<Option<Seen>, FleetError> {
        actor.require(Permission::ReadGateways)?;
        actor.tenant(peer.organization)?;
        Ok(self.known().get(&peer).map(|known| known.seen.clone()))
    }

    /// Looks at a gateway without copying what is known of it. For those who have found out whose it is; it must be quick.
    pub fn with<T>(&self, peer: Peer, look: impl FnOnce(Option<&Seen>) -> T) -> T {
        look(self.known().get(&peer).map(|known| &known.seen))
    }

    /// Forgets gateways of an organization that are not there any more, and ends their alerts.
    pub async fn forget_others(&self, organization: OrganizationId, there: &[GatewayId]) -> Result<(), StoreError> {
        let gone = |peer: &Peer| peer.organization == organization && !there.contains(&peer.gateway);
        let gone: Vec<Peer> = self.known().keys().copied().filter(gone).collect();
        let Ok(tenant) = Actor::system().tenant(organization) else { return Ok(()) };
        for peer in gone {
            self.known().remove(&peer);
            let store = self.0.store.tenant(tenant);
            store.write(move |tx| tx.remove(&PRESENCE, &peer.gateway).map(drop)).await?;
            for kind in AlertKind::ALL {
                self.0.alerts.resolve(organization, kind, peer.gateway).await;
            }
        }
        Ok(())
    }

    /// Finds out who is silent.
    pub async fn sweep(&self) {
        let now = self.0.clock.now();
        let open: HashSet<_> = self.0.tenancy.list_all().into_iter().map(|organization| organization.id).collect();
        let (mut due, mut notes) = (Vec::new(), Vec::new());
        {
            let mut all = self.known();
            all.retain(|peer, _| open.contains(&peer.organization));
            for (peer, known) in all.iter_mut() {
                let barred = !(self.0.standing)(*peer);
                if barred && !known.barred {
                    let own = AlertKind::ALL.into_iter().filter(|kind| kind.ends_by_itself());
                    due.extend(own.map(|kind| Due { peer: *peer, kind, facts: None }));
                }
                known.barred = barred;
                let interval = self.0.config.interval;
                let silent = rules::is_silent(known.seen.last_contact, interval, now);
                if silent && known.seen.liveness == Liveness::Online {
                    known.turn(Liveness::Offline, now);
                    notes.push(note_of(&known.seen, None, Happening::Offline, now));
                    if !known.barred {
                        let since = known.seen.last_contact.to_string();
                        let facts = Some([("last_contact".to_owned(), since.into())].into());
                        due.push(Due { peer: *peer, kind: AlertKind::GatewayOffline, facts });
                    }
                }
                // Of agents behind a silent gateway nobody knows anything.
                if known.seen.liveness == Liveness::Online {
                    silent_agents(known, now, &mut notes);
                }
            }
            gauges::report(all.values().map(|known| &known.seen));
        }
        let turned: HashSet<_> = notes.iter().map(|note| note.peer).collect();
        notes.into_iter().for_each(|note| self.note(note));
        self.settle(due).await;
        turned.into_iter().for_each(|peer| self.changed(peer));
    }

    /// Writes down what was heard since the last time. It may be forgotten at a power cut.
    pub async fn write_down(&self) {
        let presence = self.clone();
        let written: Result<(), StoreError> = blocking(move || {
            let mut records: HashMap<OrganizationId, Vec<(GatewayId, PresenceRecord)>> = HashMap::new();
            for (peer, known) in presence.known().iter_mut().filter(|(_, known)| known.dirty) {
                known.dirty = false;
                let record = PresenceRecord::from(&known.seen);
                records.entry(peer.organization).or_default().push((peer.gateway, record));
            }
            for (organization, records) in records {
                let Ok(tenant) = Actor::system().tenant(organization) else { continue };
                presence.0.store.tenant(tenant).touch_now(|tx| {
                    records.iter().try_for_each(|(gateway, record)| tx.put(&PRESENCE, gateway, record))
                })?;
            }
            Ok(())
        })
        .await;
        if let Err(problem) = written {
            tracing::error!("when gateways were last heard could not be written down: {problem}");
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Peer, Known>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a contact and what came with it; tells which alerts open or end by it.
    fn heard(&self, peer: Peer, now: Timestamp, learn: impl FnOnce(&mut Known)) -> Vec<Due> {
        let mut all = self.known();
        let known = all.entry(peer).or_insert_with(|| Known::new(peer, now));
        let back = known.seen.liveness == Liveness::Offline;
        known.seen.last_contact = now;
        known.dirty = true;
        learn(known);
        let mut due = Vec::new();
        if back || std::mem::take(&mut known.unsure) {
            due.push(Due { peer, kind: AlertKind::GatewayOffline, facts: None });
        }
        if back {
            known.turn(Liveness::Online, now);
            self.note(note_of(&known.seen, None, Happening::Online, now));
        }
        known.conditions(&mut due);
        due
    }

    fn tell_agents(&self, seen: &mut Seen, beat: &Heartbeat, now: Timestamp) {
        for told in &beat.agents {
            let told = &by_our_clock(told, seen.ahead_secs);
            let silent = is_agent_silent(told, now);
            let liveness = if silent { Liveness::Offline } else { Liveness::Online };
            let known = seen.agents.get(&told.id).map(|agent| (agent.liveness, agent.since));
            if known.is_none() && seen.agents.len() >= MOST_AGENTS {
                continue;
            }
            let since = known.filter(|(before, _)| *before == liveness).map_or(now, |(_, since)| since);
            seen.agents.insert(told.id, AgentSeen { liveness, since, told: told.clone() });
            let turned = known.is_none_or(|(before, _)| before != liveness);
            if turned && (known.is_some() || liveness == Liveness::Online) {
                self.note(note_of(seen, Some(told.id), happening(liveness), now));
            }
        }
    }

    fn changed(&self, peer: Peer) {
        // Nobody may listen just now.
        drop(self.0.changes.send(peer));
    }

    fn note(&self, note: Note) {
        if self.0.notes.try_send(note).is_err() {
            tracing::debug!("a status of a gateway is not kept: too many wait");
        }
    }

    async fn settle(&self, due: Vec<Due>) {
        for Due { peer, kind, facts } in due {
            match facts {
                Some(facts) => self.0.alerts.raise(peer.organization, kind, peer.gateway, facts).await,
                None => self.0.alerts.resolve(peer.organization, kind, peer.gateway).await,
            }
        }
    }
}

impl Known {
    /// Somebody who was never heard is offline until this moment.
    fn new(peer: Peer, now: Timestamp) -> Self {
        let seen = Seen {
            peer,
            liveness: Liveness::Offline,
            since: now,
            last_contact: now,
            connected: false,
            version: String::new(),
            config: None,
            told: None,
            beat: None,
            ahead_secs: 0,
            agents: Default::default(),
        };
        Self { seen, dirty: true, noted_us: 0, high: false, skewed: false, barred: false, unsure: false, lost: None }
    }

    fn restored(seen: Seen) -> Self {
        Self { seen, dirty: false, noted_us: 0, high: true, skewed: true, barred: false, unsure: true, lost: None }
    }

    fn turn(&mut self, liveness: Liveness, now: Timestamp) {
        (self.seen.liveness, self.seen.since, self.dirty) = (liveness, now, true);
        tracing::info!(gateway.id = %self.seen.peer.gateway, "gateway is {}", liveness.name());
    }

    /// Alerts that open or end by what was heard last.
    fn conditions(&mut self, due: &mut Vec<Due>) {
        let peer = self.seen.peer;
        let mut turn = |kind, is: bool, was: &mut bool, facts: Facts| {
            if is != *was {
                *was = is;
                due.push(Due { peer, kind, facts: is.then_some(facts) });
            }
        };
        let percent = self.seen.beat.as_ref().and_then(|(_, beat)| rules::percent(&beat.spool));
        if let Some(percent) = percent {
            let shown = i64::try_from(percent).unwrap_or(i64::MAX);
            let facts = [("percent".to_owned(), shown.into())].into();
            turn(AlertKind::BufferHigh, rules::is_high(percent, self.high), &mut self.high, facts);
        }
        let ahead = self.seen.ahead_secs;
        let facts = [("ahead_secs".to_owned(), ahead.into())].into();
        turn(AlertKind::ClockSkew, rules::is_skewed(ahead), &mut self.skewed, facts);
        if let Some(lost) = self.lost.take() {
            let lost = i64::try_from(lost).unwrap_or(i64::MAX);
            due.push(Due { peer, kind: AlertKind::Gap, facts: Some([("batches".to_owned(), lost.into())].into()) });
        }
    }
}

fn silent_agents(known: &mut Known, now: Timestamp, notes: &mut Vec<Note>) {
    let silent = known.seen.agents.values().filter(|agent| agent.liveness == Liveness::Online);
    let silent: Vec<u32> =
        silent.filter(|agent| is_agent_silent(&agent.told, now)).map(|agent| agent.told.id).collect();
    for id in silent {
        if let Some(agent) = known.seen.agents.get_mut(&id) {
            (agent.liveness, agent.since) = (Liveness::Offline, now);
            known.dirty = true;
        }
        notes.push(note_of(&known.seen, Some(id), Happening::Offline, now));
    }
}

/// The times of an agent are by the clock of its gateway.
fn by_our_clock(told: &frame::AgentSeen, ahead_secs: i64) -> frame::AgentSeen {
    let ours = |at: Timestamp| Timestamp::from_second(at.as_second().saturating_sub(ahead_secs)).unwrap_or(at);
    let (last_contact, last_event) = (told.last_contact.map(ours), told.last_event.map(ours));
    frame::AgentSeen { last_contact, last_event, ..told.clone() }
}

fn is_agent_silent(told: &frame::AgentSeen, now: Timestamp) -> bool {
    let interval = told.interval_secs.map_or(rules::AGENT_INTERVAL, |secs| Duration::from_secs(u64::from(secs)));
    told.last_contact.is_none_or(|last| rules::is_silent(last, interval, now))
}

const fn happening(liveness: Liveness) -> Happening {
    match liveness {
        Liveness::Online => Happening::Online,
        Liveness::Offline => Happening::Offline,
    }
}

fn note_of(seen: &Seen, agent: Option<u32>, happening: Happening, at: Timestamp) -> Note {
    let beat = seen.beat.as_ref().filter(|_| agent.is_none()).map(|(_, beat)| Box::new(beat.clone()));
    let agents_online = u32::try_from(seen.agents_online()).unwrap_or(u32::MAX);
    Note { peer: seen.peer, agent, happening, at, beat, agents_online }
}
