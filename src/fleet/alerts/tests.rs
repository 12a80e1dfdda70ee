//! The verbs on a real store.

use tempfile::TempDir;

use crate::audit::Audit;
use crate::fleet::Peer;
use crate::fleet::alerts::AlertKind;
use crate::fleet::alerts::Alerts;
use crate::fleet::alerts::Facts;
use crate::kernel::Actor;
use crate::kernel::Classify as _;
use crate::kernel::Clock;
use crate::kernel::GatewayId;
use crate::kernel::Kind;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::store::DataFolder;
use crate::store::Store;

fn alerts() -> (TempDir, Alerts, Peer) {
    let folder = TempDir::new().unwrap();
    let (alerts, peer) = open(&folder);
    (folder, alerts, peer)
}

fn open(folder: &TempDir) -> (Alerts, Peer) {
    let clock = Clock::fixed("2026-11-23T09:00:00Z".parse().unwrap());
    let store = Store::open(&DataFolder::lock(folder.path()).unwrap()).unwrap();
    let audit = Audit::new(folder.path(), store.clone(), clock.clone());
    let peer = Peer { organization: OrganizationId::new(1), gateway: GatewayId::random() };
    (Alerts::new(store, clock, audit), peer)
}

fn percent(number: i64) -> Facts {
    [("percent".to_owned(), number.into())].into()
}

fn hr(organization: u32) -> Actor {
    let scope = Scope::Organization(OrganizationId::new(organization));
    Actor::operator(OperatorId::new(1), "malika", Role::Hr, scope)
}

#[tokio::test]
async fn what_goes_on_is_one_alert_and_ends_when_its_cause_is_gone() {
    let (_folder, alerts, peer) = alerts();
    let system = Actor::system();
    for number in [81, 85] {
        alerts.raise(peer.organization, AlertKind::BufferHigh, peer.gateway, percent(number)).await;
    }
    let open = alerts.list_open(&hr(1), peer.organization).await.unwrap();
    assert_eq!((open.len(), &open[0].facts), (1, &percent(85)));
    alerts.resolve(peer.organization, AlertKind::BufferHigh, peer.gateway).await;
    assert_eq!(alerts.list_open(&system, peer.organization).await.unwrap(), []);
    alerts.raise(peer.organization, AlertKind::BufferHigh, peer.gateway, percent(90)).await;
    let page = alerts.list(&system, peer.organization, PageRequest { limit: 1, after: None }).await.unwrap();
    assert!(page.items[0].is_open() && page.next.is_some());
    let rest = PageRequest { limit: 1, after: page.next };
    assert!(!alerts.list(&system, peer.organization, rest).await.unwrap().items[0].is_open());
}

#[tokio::test]
async fn alerts_belong_to_their_organization() {
    let (_folder, alerts, peer) = alerts();
    alerts.raise(peer.organization, AlertKind::Gap, peer.gateway, percent(1)).await;
    let foreign = alerts.list_open(&hr(2), peer.organization).await.unwrap_err();
    assert_eq!(foreign.kind(), Kind::NotFound);
    let id = alerts.list_open(&hr(1), peer.organization).await.unwrap()[0].id;
    assert_eq!(alerts.dismiss(&hr(1), peer.organization, id).await.unwrap_err().kind(), Kind::Forbidden);
    alerts.dismiss(&Actor::system(), peer.organization, id).await.unwrap();
    assert!(alerts.list_open(&hr(1), peer.organization).await.unwrap().is_empty());
}

#[tokio::test]
async fn open_alerts_are_counted_also_after_a_restart_and_told_of() {
    let (folder, alerts, peer) = alerts();
    let mut changes = alerts.changes();
    assert_eq!(alerts.count_open(&hr(1), peer.organization).await.unwrap(), 0);
    alerts.raise(peer.organization, AlertKind::BufferHigh, peer.gateway, percent(81)).await;
    alerts.raise(peer.organization, AlertKind::Gap, peer.gateway, Facts::new()).await;
    assert_eq!(changes.recv().await.unwrap(), peer.organization);
    assert_eq!(alerts.count_open(&hr(1), peer.organization).await.unwrap(), 2);
    alerts.resolve(peer.organization, AlertKind::BufferHigh, peer.gateway).await;
    assert_eq!(alerts.count_open(&hr(1), peer.organization).await.unwrap(), 1);
    let over = alerts.list_over(&hr(1), peer.organization).await.unwrap();
    assert_eq!(over.iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::BufferHigh]);
    assert_eq!(alerts.count_open(&hr(2), peer.organization).await.unwrap_err().kind(), Kind::NotFound);
    drop(alerts);
    let (alerts, _) = open(&folder);
    assert_eq!(alerts.count_open(&hr(1), peer.organization).await.unwrap(), 1);
}
