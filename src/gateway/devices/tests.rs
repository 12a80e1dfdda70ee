//! The life of devices with an adapter of the test: it delivers, refuses, hangs and panics as it is told.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::BoxFuture;
use nazorat_wire::AccessEvent;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::DeviceAction;
use nazorat_wire::DeviceItem;
use nazorat_wire::DeviceOrder;
use nazorat_wire::DeviceSheet;
use nazorat_wire::Direction;
use serde_json::Value;
use serde_json::json;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Config;
use super::Devices;
use super::Patience;
use crate::adapters::Action;
use crate::adapters::Adapter;
use crate::adapters::Device;
use crate::adapters::DeviceError;
use crate::adapters::Feed;
use crate::adapters::Kind;
use crate::adapters::Number;
use crate::adapters::Person;
use crate::adapters::Probe;
use crate::adapters::Reply;
use crate::adapters::Session;
use crate::adapters::TerminalPerson;
use crate::edge::Serves as _;
use crate::kernel::Clock;
use crate::kernel::SecretText;
use crate::uplink::Hop;
use crate::uplink::HopConfig;
use crate::uplink::Outbox;
use crate::uplink::OutboxConfig;

/// Does what stands in the setting `does`.
#[derive(Default, Clone)]
struct Stage {
    opened: Arc<AtomicU32>,
    done: Arc<Mutex<Vec<Action>>>,
}

struct Actor {
    stage: Stage,
    device: Device,
    feed: Feed,
}

impl Adapter for Stage {
    fn kind(&self) -> Kind {
        let schema = json!({ "type": "object", "properties": { "does": { "type": "string" } } });
        Kind { word: "stage", vendor: "Test", version: "1", has_address: true, schema }
    }

    fn open(&self, device: &Device, feed: Feed) -> Result<Box<dyn Session>, DeviceError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Actor { stage: self.clone(), device: device.clone(), feed }))
    }
}

fn event(device: u32, number: u64) -> AccessEvent {
    AccessEvent {
        device,
        serial: format!("1:{number}"),
        ts: "2026-11-23T03:30:15Z".parse().unwrap(),
        seen_at: "2026-11-23T03:30:15Z".parse().unwrap(),
        door: 1,
        reader: 1,
        person: "1001".to_owned(),
        person_name: String::new(),
        card: String::new(),
        credential: Credential::Face,
        direction: Direction::In,
        outcome: AccessKind::Granted,
        reason: String::new(),
        code: "5/75".to_owned(),
        replayed: false,
        drift_ms: None,
    }
}

impl Session for Actor {
    fn run(&self, stop: CancellationToken) -> BoxFuture<'_, Result<(), DeviceError>> {
        Box::pin(async move {
            match self.device.settings.get("does").and_then(Value::as_str).unwrap_or_default() {
                "panics" => panic!("as it was told"),
                "refuses" => return Err(DeviceError::Credentials("the password was refused".to_owned())),
                _ => {}
            }
            let next = self.feed.cursor::<u64>().unwrap_or(0) + 1;
            self.feed.deliver(vec![event(self.device.id, next)], Some(next.into())).await?;
            self.feed.is_live();
            stop.cancelled().await;
            Ok(())
        })
    }

    fn execute(&self, action: Action) -> BoxFuture<'_, Result<Reply, DeviceError>> {
        Box::pin(async move {
            match self.device.settings.get("does").and_then(Value::as_str).unwrap_or_default() {
                "hangs" => std::future::pending::<()>().await,
                "panics later" => panic!("as it was told"),
                _ => {}
            }
            self.stage.done.lock().unwrap().push(action);
            Ok(Reply::new())
        })
    }

    fn probe(&self) -> BoxFuture<'_, Result<Probe, DeviceError>> {
        Box::pin(std::future::ready(Ok(Probe::default())))
    }

    fn people(&self) -> BoxFuture<'_, Result<Vec<TerminalPerson>, DeviceError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn put_person<'a>(&'a self, _: &'a Person) -> BoxFuture<'a, Result<(), DeviceError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn remove_person<'a>(&'a self, _: &'a Number) -> BoxFuture<'a, Result<(), DeviceError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

struct Branch {
    devices: Devices,
    outbox: Outbox,
    stage: Stage,
}

impl Branch {
    fn open(folder: &Path) -> Self {
        let clock = Clock::system();
        let spool =
            OutboxConfig { folder: folder.join("outbox"), max_bytes: 64 << 20, max_age: Duration::from_secs(9_000) };
        let outbox = Outbox::open(spool, clock.clone()).unwrap();
        let hop = HopConfig {
            url: "http://127.0.0.1:9".to_owned(),
            key: SecretText::new("nzg_test"),
            authority: None,
            identity: None,
        };
        let stage = Stage::default();
        let devices = Devices::open(Config {
            folder: folder.join("devices"),
            outbox: outbox.clone(),
            clock: clock.clone(),
            hop: Hop::open(&hop, clock).unwrap(),
            adapters: vec![Arc::new(stage.clone())],
            news: Arc::new(Notify::new()),
            patience: Patience { refused: Duration::from_secs(6), door: Duration::from_secs(1), ..Patience::default() },
            stop: CancellationToken::new(),
        });
        Self { devices: devices.unwrap(), outbox, stage }
    }

    async fn serve(&self, what: &[(u32, &str)]) {
        self.devices.apply(&sheet(what, &["127.0.0.0/8"])).await;
    }

    fn state(&self, id: u32) -> (String, Option<String>) {
        let seen = self.devices.seen().into_iter().find(|seen| seen.id == id).unwrap();
        (seen.state, seen.code)
    }

    async fn comes_to(&self, id: u32, state: &str) {
        for _ in 0..500 {
            if self.state(id).0 == state {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("device {id} is {:?} and not {state}", self.state(id));
    }

    async fn order(&self, device: u32, action: DeviceAction) -> Result<Option<Value>, (&'static str, String)> {
        self.devices.order(DeviceOrder { device, action }).await
    }
}

fn sheet(what: &[(u32, &str)], networks: &[&str]) -> DeviceSheet {
    let item = |(id, does): &(u32, &str)| DeviceItem {
        id: *id,
        name: format!("Door {id}"),
        kind: "stage".to_owned(),
        host: "127.0.0.1".to_owned(),
        settings: json!({ "does": does }).as_object().cloned().unwrap(),
        zone: "Asia/Tashkent".to_owned(),
        manages_people: false,
    };
    DeviceSheet::of(
        what.iter().map(item).collect(),
        networks.iter().map(|text| (*text).to_owned()).collect(),
        Vec::new(),
    )
}

#[tokio::test]
async fn events_are_in_the_buffer_before_their_place_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let branch = Branch::open(folder.path());
    for (number, does) in (1_u64..).zip(["tells", "tells again"]) {
        branch.serve(&[(7, does)]).await;
        branch.comes_to(7, "online").await;
        assert_eq!(branch.outbox.stats().records, number);
        assert_eq!(std::fs::read_to_string(folder.path().join("devices/cursor-7.json")).unwrap(), number.to_string());
        assert!(branch.devices.take_news() && !branch.devices.take_news());
    }
    // A device that is gone leaves no cursor behind.
    branch.serve(&[]).await;
    assert!(!folder.path().join("devices/cursor-7.json").exists());
}

#[tokio::test]
async fn an_adapter_that_panics_or_hangs_disturbs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let branch = Branch::open(folder.path());
    branch.serve(&[(1, "panics"), (2, "tells"), (3, "panics later"), (4, "hangs")]).await;
    branch.comes_to(1, "error").await;
    for id in 2..=4 {
        branch.comes_to(id, "online").await;
    }
    let open = DeviceAction::Open { door: 1 };
    assert_eq!(branch.order(3, open).await.unwrap_err().0, "device_nonsense");
    assert_eq!(branch.order(1, open).await.unwrap_err().0, "device_unreachable");
    assert_eq!(branch.order(9, open).await.unwrap_err().0, "unknown_device");
    let (slow, quick) = tokio::join!(branch.order(4, open), branch.order(2, open));
    assert_eq!(slow.unwrap_err().0, "device_unreachable");
    assert!(quick.unwrap().unwrap().get("took_ms").is_some());
    assert_eq!(*branch.stage.done.lock().unwrap(), [Action::Open { door: 1 }]);
}

#[tokio::test]
async fn refused_credentials_are_not_tried_again_for_long_and_at_once_when_they_are_new() {
    let folder = tempfile::tempdir().unwrap();
    let branch = Branch::open(folder.path());
    branch.serve(&[(1, "refuses")]).await;
    branch.comes_to(1, "error").await;
    assert_eq!(branch.state(1).1.as_deref(), Some("device_credentials"));
    // A line that breaks would be tried three times by then.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(branch.stage.opened.load(Ordering::Relaxed), 1);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(branch.stage.opened.load(Ordering::Relaxed), 2);
    branch.serve(&[(1, "tells")]).await;
    branch.comes_to(1, "online").await;
    assert_eq!(branch.stage.opened.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn f35_a_device_that_is_no_device_is_not_called() {
    let folder = tempfile::tempdir().unwrap();
    let branch = Branch::open(folder.path());
    branch.devices.apply(&sheet(&[(1, "tells")], &[])).await;
    branch.comes_to(1, "error").await;
    let seen = branch.devices.seen().remove(0);
    assert_eq!(
        seen.detail.as_deref(),
        Some(
            "127.0.0.1 is this machine itself; devices are expected in private networks, and an administrator can allow \
             others under Devices, Networks"
        )
    );
    assert_eq!(branch.stage.opened.load(Ordering::Relaxed), 0, "nothing was sent to it");
    // Allowed, it is served at once.
    branch.serve(&[(1, "tells")]).await;
    branch.comes_to(1, "online").await;
}

#[tokio::test]
async fn what_is_described_as_before_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let branch = Branch::open(folder.path());
    branch.serve(&[(1, "tells"), (2, "tells")]).await;
    branch.comes_to(2, "online").await;
    branch.comes_to(1, "online").await;
    branch.serve(&[(1, "tells"), (2, "tells more")]).await;
    branch.comes_to(2, "online").await;
    assert_eq!(branch.stage.opened.load(Ordering::Relaxed), 3);
}
