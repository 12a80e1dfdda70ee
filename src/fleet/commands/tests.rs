//! The verbs on a real store, with a clock that is moved by hand.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use nazorat_wire::Order;
use nazorat_wire::frame::Ending;
use nazorat_wire::frame::Outcome;
use serde_json::json;
use tempfile::TempDir;

use crate::audit::Audit;
use crate::fleet::Peer;
use crate::fleet::alerts::AlertKind;
use crate::fleet::alerts::Alerts;
use crate::fleet::commands::Command;
use crate::fleet::commands::CommandError;
use crate::fleet::commands::Commands;
use crate::fleet::commands::NewCommand;
use crate::fleet::commands::rules::MOST_BODIES;
use crate::fleet::commands::rules::MOST_OPEN;
use crate::kernel::Actor;
use crate::kernel::Classify as _;
use crate::kernel::Clock;
use crate::kernel::CommandId;
use crate::kernel::GatewayId;
use crate::kernel::Kind;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::kernel::Timestamp;
use crate::store::DataFolder;
use crate::store::Store;

struct Office {
    _folder: TempDir,
    clock: Clock,
    audit: Audit,
    alerts: Alerts,
    commands: Commands,
    peer: Peer,
}

impl Office {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Clock::fixed("2026-11-23T09:00:00Z".parse().unwrap());
        let store = Store::open(&DataFolder::lock(folder.path()).unwrap()).unwrap();
        let audit = Audit::new(folder.path(), store.clone(), clock.clone());
        let alerts = Alerts::new(store.clone(), clock.clone(), audit.clone());
        let peer = Peer { organization: OrganizationId::new(1), gateway: GatewayId::random() };
        let standing = Arc::new(move |asked| asked == peer);
        let commands = Commands::new(store, clock.clone(), audit.clone(), alerts.clone(), standing);
        Self { _folder: folder, clock, audit, alerts, commands, peer }
    }

    fn forward(&self, secs: i64) {
        self.clock.set(Timestamp::from_second(self.clock.now().as_second() + secs).unwrap());
    }

    async fn ping(&self) -> Command {
        self.commands.create(&Actor::system(), self.peer, NewCommand::new(Order::Ping)).await.unwrap()
    }

    async fn state(&self, id: CommandId) -> &'static str {
        self.commands.get(&Actor::system(), self.peer, id).await.unwrap().state.name()
    }

    async fn end(&self, id: CommandId, status: Ending) -> Result<Command, CommandError> {
        let body = Some(json!({ "version": "0.1.0" }));
        self.commands.ended(self.peer, Outcome { id: id.get(), status, code: None, detail: None, body }).await
    }
}

fn hr(organization: u32) -> Actor {
    Actor::operator(OperatorId::new(1), "malika", Role::Hr, Scope::Organization(OrganizationId::new(organization)))
}

#[tokio::test]
async fn a_command_goes_its_way_and_stands_in_the_log() {
    let office = Office::new();
    let mut changes = office.commands.changes();
    let ping = office.ping().await;
    assert_eq!(changes.try_recv(), Ok(office.peer));
    assert_eq!(office.commands.sent(office.peer, ping.id).await.unwrap().attempts, 1);
    assert_eq!(office.commands.sent(office.peer, ping.id).await.unwrap().attempts, 2);
    for _ in 0..2 {
        office.commands.acked(office.peer, ping.id, None).await.unwrap();
    }
    office.end(ping.id, Ending::Succeeded).await.unwrap();
    assert!(matches!(office.end(ping.id, Ending::Failed).await, Err(CommandError::Over(_))));
    assert_eq!(office.state(ping.id).await, "succeeded");
    assert!(office.commands.list_open(office.peer).await.unwrap().is_empty());
    let body = office.commands.body(&Actor::system(), office.peer, ping.id).await.unwrap().unwrap();
    assert_eq!(body["version"], "0.1.0");
    let page = PageRequest { limit: 9, after: None };
    let log = office.audit.list(&Actor::system(), Some(office.peer.organization), Default::default(), page).await;
    let actions: Vec<_> = log.unwrap().items.into_iter().map(|record| record.action).collect();
    assert_eq!(actions, ["command.end", "command.create"]);
}

#[tokio::test]
async fn what_has_expired_is_never_sent() {
    let office = Office::new();
    let new = NewCommand { lifetime: Duration::from_secs(60), ..NewCommand::new(Order::RestartAgent) };
    let command = office.commands.create(&Actor::system(), office.peer, new).await.unwrap();
    office.forward(60);
    assert!(matches!(office.commands.sent(office.peer, command.id).await, Err(CommandError::Over(_))));
    assert!(office.commands.list_open(office.peer).await.unwrap().is_empty());
    assert_eq!(office.state(command.id).await, "expired");
}

#[tokio::test]
async fn what_nobody_acknowledges_fails_with_an_alert_until_its_result_comes() {
    let office = Office::new();
    let ping = office.ping().await;
    office.commands.sent(office.peer, ping.id).await.unwrap();
    office.commands.gave_up(office.peer, ping.id).await.unwrap();
    assert_eq!(office.state(ping.id).await, "failed");
    let open = office.alerts.list_open(&hr(1), office.peer.organization).await.unwrap();
    assert_eq!((open.len(), open[0].kind), (1, AlertKind::CommandFailed));
    office.end(ping.id, Ending::Succeeded).await.unwrap();
    assert_eq!(office.state(ping.id).await, "succeeded");
}

#[tokio::test]
async fn a_full_queue_expires_the_oldest_that_waits() {
    let office = Office::new();
    let oldest = office.ping().await;
    office.commands.sent(office.peer, oldest.id).await.unwrap();
    let second = office.ping().await;
    for _ in 2..MOST_OPEN {
        office.ping().await;
    }
    office.ping().await;
    assert_eq!((office.state(oldest.id).await, office.state(second.id).await), ("sent", "expired"));
    assert_eq!(office.commands.list_open(office.peer).await.unwrap().len(), MOST_OPEN);
}

#[tokio::test]
async fn only_the_last_results_are_kept_whole() {
    let office = Office::new();
    let mut made = Vec::new();
    for _ in 0..=MOST_BODIES {
        let ping = office.ping().await;
        office.commands.sent(office.peer, ping.id).await.unwrap();
        office.end(ping.id, Ending::Succeeded).await.unwrap();
        made.push(ping.id);
    }
    let system = Actor::system();
    assert_eq!(office.commands.body(&system, office.peer, made[0]).await.unwrap(), None);
    assert!(!office.commands.get(&hr(1), office.peer, made[0]).await.unwrap().has_body);
    assert!(office.commands.body(&system, office.peer, made[1]).await.unwrap().is_some());
    let refused = office.commands.body(&hr(1), office.peer, made[1]).await;
    assert!(matches!(refused, Err(CommandError::Denied(_))), "lines of a log are for those who may ask");
}

#[tokio::test]
async fn what_was_asked_of_a_removed_gateway_goes_with_it() {
    let office = Office::new();
    let ping = office.ping().await;
    let organization = office.peer.organization;
    office.commands.forget_others(organization, vec![office.peer.gateway]).await.unwrap();
    assert_eq!(office.state(ping.id).await, "pending");
    office.commands.forget_others(organization, vec![GatewayId::random()]).await.unwrap();
    let gone = office.commands.get(&Actor::system(), office.peer, ping.id).await.unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);
}

#[tokio::test]
async fn commands_are_for_administrators_and_stay_in_their_organization() {
    let office = Office::new();
    let ping = office.ping().await;
    let new = || NewCommand::new(Order::Ping);
    let refused = office.commands.create(&hr(1), office.peer, new()).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden);
    let foreign = office.commands.get(&hr(2), office.peer, ping.id).await.unwrap_err();
    assert_eq!(foreign.kind(), Kind::NotFound);
    let other = Peer { gateway: GatewayId::random(), ..office.peer };
    assert_eq!(office.commands.create(&Actor::system(), other, new()).await.unwrap_err().kind(), Kind::NotFound);
    // Another gateway of the same organization says that it has done it.
    assert!(matches!(office.commands.acked(other, ping.id, None).await, Err(CommandError::Unknown(_))));
    let short = NewCommand { lifetime: Duration::from_secs(9), ..new() };
    let refused = office.commands.create(&Actor::system(), office.peer, short).await.unwrap_err();
    assert_eq!((refused.kind(), refused.field()), (Kind::Invalid, Some("lifetime")));
    assert_eq!(office.commands.cancel(&Actor::system(), office.peer, ping.id).await.unwrap().state.name(), "cancelled");
    let page = PageRequest { limit: 1, after: None };
    assert_eq!(office.commands.list(&hr(1), office.peer, page).await.unwrap().items[0].id, ping.id);
}

#[tokio::test]
async fn devices_are_not_asked_past_the_way_that_asks_why() {
    let office = Office::new();
    let order = Order::Device(nazorat_wire::DeviceOrder { device: 7, action: nazorat_wire::DeviceAction::Reboot });
    let refused = office.commands.create(&Actor::system(), office.peer, NewCommand::new(order.clone())).await;
    assert!(matches!(refused, Err(CommandError::OfDevice)));
    assert!(office.commands.create_for(&Actor::system(), office.peer, NewCommand::new(order)).await.is_ok());
    let search = NewCommand::new(Order::FindDevices { networks: Vec::new() });
    let refused = office.commands.create(&Actor::system(), office.peer, search).await;
    assert!(matches!(refused, Err(CommandError::OfDevice)));
}

#[tokio::test]
async fn what_is_kept_beside_a_command_is_forgotten_with_it() {
    static GONE: Mutex<Vec<CommandId>> = Mutex::new(Vec::new());
    let office = Office::new();
    office.commands.forget_with(|_, id| {
        GONE.lock().unwrap().push(id);
        Ok(())
    });
    let ping = office.ping().await;
    office.commands.forget_others(office.peer.organization, vec![office.peer.gateway]).await.unwrap();
    assert!(GONE.lock().unwrap().is_empty());
    office.commands.forget_others(office.peer.organization, Vec::new()).await.unwrap();
    assert_eq!(*GONE.lock().unwrap(), [ping.id]);
    assert!(matches!(
        office.commands.get(&Actor::system(), office.peer, ping.id).await,
        Err(CommandError::Unknown(id)) if id == ping.id
    ));
}
