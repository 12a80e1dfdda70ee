//! Presence with a clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use nazorat_wire::frame::AgentSeen;
use nazorat_wire::frame::Heartbeat;
use nazorat_wire::frame::Spool;
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::audit::Audit;
use crate::fleet::Peer;
use crate::fleet::alerts::AlertKind;
use crate::fleet::alerts::Alerts;
use crate::fleet::commands::Standing;
use crate::fleet::presence::Happening;
use crate::fleet::presence::Liveness;
use crate::fleet::presence::Note;
use crate::fleet::presence::Presence;
use crate::fleet::presence::PresenceConfig;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::GatewayId;
use crate::kernel::Kind;
use crate::kernel::Language;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::store::DataFolder;
use crate::store::Store;
use crate::tenancy::OrganizationName;
use crate::tenancy::Settings;
use crate::tenancy::Tenancy;

struct Office {
    folder: TempDir,
    clock: Clock,
    store: Store,
    alerts: Alerts,
    presence: Presence,
    barred: Arc<AtomicBool>,
    notes: mpsc::Receiver<Note>,
    peer: Peer,
}

impl Office {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Clock::fixed("2026-11-23T09:00:00Z".parse().unwrap());
        let store = Store::open(&DataFolder::lock(folder.path()).unwrap()).unwrap();
        let audit = Audit::new(folder.path(), store.clone(), clock.clone());
        let tenancy = Tenancy::open(store.clone(), clock.clone(), audit.clone()).unwrap();
        let name = OrganizationName::parse("Registon Savdo").unwrap();
        let settings = Settings { name, zone: Zone::default(), language: Language::Uz };
        let organization = tenancy.create(&Actor::system(), settings).await.unwrap().id;
        let alerts = Alerts::new(store.clone(), clock.clone(), audit);
        let peer = Peer { organization, gateway: GatewayId::random() };
        let barred = Arc::new(AtomicBool::new(false));
        let (presence, notes) = open(&store, &clock, (&alerts, &barred), folder.path());
        Self { folder, clock, store, alerts, presence, barred, notes, peer }
    }

    fn reopen(&mut self) {
        (self.presence, self.notes) = open(&self.store, &self.clock, (&self.alerts, &self.barred), self.folder.path());
    }

    async fn forward(&self, secs: i64) {
        self.clock.set(Timestamp::from_second(self.clock.now().as_second() + secs).unwrap());
        self.presence.sweep().await;
    }

    fn beat(&self) -> Heartbeat {
        let spool = Spool { batches: 1, bytes: 10, max_bytes: 100, ..Spool::default() };
        Heartbeat { version: "0.1.0".to_owned(), clock: self.clock.now(), spool, ..Heartbeat::default() }
    }

    async fn heartbeat(&self, beat: Heartbeat) {
        self.presence.heartbeat(self.peer, beat).await;
    }

    fn agent(&self, id: u32) -> AgentSeen {
        let last_contact = Some(self.clock.now());
        let interval_secs = Some(30);
        let (computer_uid, name) = (format!("u-{id}"), String::new());
        AgentSeen { id, computer_uid, name, version: None, last_contact, last_event: None, interval_secs, policy: None }
    }

    fn liveness(&self) -> Liveness {
        self.presence.find(&Actor::system(), self.peer).unwrap().unwrap().liveness
    }

    fn happenings(&mut self) -> Vec<(Option<u32>, Happening)> {
        std::iter::from_fn(|| self.notes.try_recv().ok()).map(|note| (note.agent, note.happening)).collect()
    }

    async fn open_alerts(&self) -> Vec<AlertKind> {
        let open = self.alerts.list_open(&Actor::system(), self.peer.organization).await.unwrap();
        open.into_iter().map(|alert| alert.kind).collect()
    }
}

fn open(
    store: &Store,
    clock: &Clock,
    (alerts, barred): (&Alerts, &Arc<AtomicBool>),
    folder: &std::path::Path,
) -> (Presence, mpsc::Receiver<Note>) {
    let audit = Audit::new(folder, store.clone(), clock.clone());
    let tenancy = Tenancy::open(store.clone(), clock.clone(), audit).unwrap();
    let config = PresenceConfig::default();
    let barred = Arc::clone(barred);
    let standing: Standing = Arc::new(move |_| !barred.load(Ordering::SeqCst));
    let told = (alerts.clone(), standing);
    let presence = Presence::open(store.clone(), clock.clone(), tenancy, told, config).unwrap();
    let notes = presence.take_notes().unwrap();
    (presence, notes)
}

#[tokio::test]
async fn a_silent_gateway_is_offline_with_an_alert_until_it_is_heard_again() {
    let mut office = Office::new().await;
    office.heartbeat(office.beat()).await;
    office.forward(60).await;
    assert_eq!(office.liveness(), Liveness::Online);
    office.forward(1).await;
    assert_eq!((office.liveness(), office.open_alerts().await), (Liveness::Offline, vec![AlertKind::GatewayOffline]));
    office.presence.contact(office.peer).await;
    assert_eq!((office.liveness(), office.open_alerts().await), (Liveness::Online, vec![]));
    let (online, offline, beat) = (Happening::Online, Happening::Offline, Happening::Heartbeat);
    let mut told = office.happenings();
    told.sort_by_key(|(_, happening)| happening.number());
    assert_eq!(told, [(None, beat), (None, online), (None, online), (None, offline)]);
}

#[tokio::test]
async fn nobody_is_told_that_a_suspended_gateway_is_silent() {
    let office = Office::new().await;
    office.heartbeat(office.beat()).await;
    office.forward(61).await;
    assert_eq!(office.open_alerts().await, [AlertKind::GatewayOffline]);
    office.barred.store(true, Ordering::SeqCst);
    office.presence.sweep().await;
    assert_eq!(office.open_alerts().await, []);
    let other = Peer { gateway: GatewayId::random(), ..office.peer };
    office.presence.heartbeat(other, office.beat()).await;
    office.forward(61).await;
    assert_eq!((office.liveness(), office.open_alerts().await), (Liveness::Offline, vec![]));
}

#[tokio::test]
async fn a_removed_gateway_is_forgotten_with_its_alerts() {
    let mut office = Office::new().await;
    office.heartbeat(office.beat()).await;
    office.forward(61).await;
    office.presence.write_down().await;
    office.presence.forget_others(office.peer.organization, &[GatewayId::random()]).await.unwrap();
    assert_eq!(office.presence.find(&Actor::system(), office.peer).unwrap(), None);
    assert_eq!(office.open_alerts().await, []);
    office.reopen();
    assert_eq!(office.presence.find(&Actor::system(), office.peer).unwrap(), None);
}

#[tokio::test]
async fn nobody_is_offline_because_the_appliance_was_away() {
    let mut office = Office::new().await;
    office.heartbeat(office.beat()).await;
    office.presence.write_down().await;
    office.clock.set(Timestamp::from_second(office.clock.now().as_second() + 3_600).unwrap());
    office.reopen();
    office.presence.sweep().await;
    assert_eq!(office.liveness(), Liveness::Online);
    office.forward(61).await;
    assert_eq!(office.liveness(), Liveness::Offline);
    office.presence.write_down().await;
    office.reopen();
    assert_eq!(office.liveness(), Liveness::Offline);
}

#[tokio::test]
async fn agents_are_seen_through_their_gateway() {
    let mut office = Office::new().await;
    let agents = vec![office.agent(1), office.agent(2)];
    office.heartbeat(Heartbeat { agents, ..office.beat() }).await;
    office.forward(50).await;
    let agents = vec![office.agent(1)];
    office.heartbeat(Heartbeat { agents, ..office.beat() }).await;
    drop(office.happenings());
    office.forward(11).await;
    let seen = office.presence.find(&Actor::system(), office.peer).unwrap().unwrap();
    assert_eq!((seen.agents_online(), seen.agents[&2].liveness), (1, Liveness::Offline));
    assert_eq!(office.happenings(), [(Some(2), Happening::Offline)]);
}

#[tokio::test]
async fn a_wrong_clock_of_a_gateway_makes_no_agent_silent() {
    let office = Office::new().await;
    let late = Timestamp::from_second(office.clock.now().as_second() - 4_000).unwrap();
    let agents = vec![AgentSeen { last_contact: Some(late), ..office.agent(1) }];
    office.heartbeat(Heartbeat { agents, clock: late, ..office.beat() }).await;
    let seen = office.presence.find(&Actor::system(), office.peer).unwrap().unwrap();
    assert_eq!((seen.agents_online(), seen.ahead_secs), (1, -4_000));
    assert_eq!(seen.agents[&1].told.last_contact, Some(office.clock.now()));
}

#[tokio::test]
async fn buffers_gaps_and_clocks_raise_alerts() {
    let office = Office::new().await;
    office.heartbeat(office.beat()).await;
    let full = Spool { bytes: 85, max_bytes: 100, evicted: 4, ..Spool::default() };
    let clock = Timestamp::from_second(office.clock.now().as_second() - 500).unwrap();
    office.heartbeat(Heartbeat { spool: full, clock, ..office.beat() }).await;
    let mut open = office.open_alerts().await;
    open.sort();
    assert_eq!(open, [AlertKind::BufferHigh, AlertKind::Gap, AlertKind::ClockSkew]);
    let empty = Spool { bytes: 5, ..full };
    office.heartbeat(Heartbeat { spool: empty, ..office.beat() }).await;
    assert_eq!(office.open_alerts().await, [AlertKind::Gap]);
}

#[tokio::test]
async fn only_ones_own_gateways_are_seen() {
    use crate::kernel::Classify as _;
    let office = Office::new().await;
    office.heartbeat(office.beat()).await;
    let of = |number, role| {
        let scope = Scope::Organization(OrganizationId::new(number));
        Actor::operator(OperatorId::new(1), "malika", role, scope)
    };
    let list = |actor: &Actor| office.presence.list(actor, office.peer.organization);
    assert_eq!(list(&of(1, Role::Hr)).unwrap().len(), 1);
    assert_eq!(list(&of(2, Role::Hr)).unwrap_err().kind(), Kind::NotFound);
    assert_eq!(list(&of(1, Role::Guard)).unwrap_err().kind(), Kind::Forbidden);
}
