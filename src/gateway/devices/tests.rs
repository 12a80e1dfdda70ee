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
use nazorat_wire::PersonItem;
use nazorat_wire::SheetContent;
use serde_json::Value;
use serde_json::json;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Config;
use super::Devices;
use super::Patience;
use super::Ways;
use crate::adapters::Action;
use crate::adapters::Adapter;
use crate::adapters::Capabilities;
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
    /// Whom all of them know.
    people: Arc<Mutex<Vec<TerminalPerson>>>,
    writes: Arc<AtomicU32>,
}

struct Actor {
    stage: Stage,
    device: Device,
    feed: Feed,
}

impl Adapter for Stage {
    fn kind(&self) -> Kind {
        let schema = json!({ "type": "object", "properties": { "does": { "type": "string" } } });
        Kind { word: "stage", vendor: "Test", version: "1", has_address: true, obeys: true, schema }
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
        let capabilities = Capabilities { people: true, cards: true, ..Capabilities::default() };
        Box::pin(std::future::ready(Ok(Probe { capabilities, ..Probe::default() })))
    }

    fn people(&self) -> BoxFuture<'_, Result<Vec<TerminalPerson>, DeviceError>> {
        Box::pin(std::future::ready(Ok(self.stage.people.lock().unwrap().clone())))
    }

    fn put_person<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, Result<(), DeviceError>> {
        self.stage.writes.fetch_add(1, Ordering::Relaxed);
        if person.name == "Nobody" {
            let why = DeviceError::Refused("the device does not take this name".to_owned());
            return Box::pin(std::future::ready(Err(why)));
        }
        let mut people = self.stage.people.lock().unwrap();
        people.retain(|there| there.number != person.number.as_str());
        people.push(known(person.number.as_str(), &person.name, &person.cards));
        Box::pin(std::future::ready(Ok(())))
    }

    fn remove_person<'a>(&'a self, number: &'a Number) -> BoxFuture<'a, Result<(), DeviceError>> {
        self.stage.people.lock().unwrap().retain(|there| there.number != number.as_str());
        Box::pin(std::future::ready(Ok(())))
    }
}

fn known(number: &str, name: &str, cards: &[String]) -> TerminalPerson {
    let (number, name) = (number.to_owned(), name.to_owned());
    TerminalPerson { number, name, cards: Some(cards.to_vec()), has_face: None, is_admin: false }
}

pub(super) struct Branch {
    pub(super) devices: Devices,
    outbox: Outbox,
    stage: Stage,
}

impl Branch {
    fn open(folder: &Path) -> Self {
        Self::with(folder, Ways::default())
    }

    pub(super) fn with(folder: &Path, ways: Ways) -> Self {
        let clock = Clock::system();
        let spool =
            OutboxConfig { folder: folder.join("outbox"), max_bytes: 64 << 20, max_age: Duration::from_secs(9_000) };
        let outbox = Outbox::open(spool, clock.clone()).unwrap();
        let stage = Stage::default();
        let devices = Devices::open(Config {
            folder: folder.join("devices"),
            outbox: outbox.clone(),
            parcels: None,
            clock: clock.clone(),
            hop: hop("http://127.0.0.1:9"),
            listener: None,
            adapters: vec![Arc::new(stage.clone())],
            news: Arc::new(Notify::new()),
            patience: Patience { refused: Duration::from_secs(6), door: Duration::from_secs(1), ..Patience::default() },
            ways: Ways { hears: Duration::from_millis(300), ..ways },
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

pub(super) fn hop(url: &str) -> Hop {
    let hop = HopConfig { url: url.to_owned(), key: SecretText::new("nzg_test"), authority: None, identity: None };
    Hop::open(&hop, Clock::system()).unwrap()
}

pub(super) fn sheet(what: &[(u32, &str)], networks: &[&str]) -> DeviceSheet {
    let item = |(id, does): &(u32, &str)| DeviceItem {
        id: *id,
        name: format!("Door {id}"),
        kind: "stage".to_owned(),
        host: "127.0.0.1".to_owned(),
        settings: json!({ "does": does }).as_object().cloned().unwrap(),
        zone: "Asia/Tashkent".to_owned(),
        manages_people: false,
    };
    let networks = networks.iter().map(|text| (*text).to_owned()).collect();
    DeviceSheet::of(SheetContent { devices: what.iter().map(item).collect(), networks, ..SheetContent::default() })
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
    let open = || DeviceAction::Open { door: 1 };
    assert_eq!(branch.order(3, open()).await.unwrap_err().0, "device_nonsense");
    assert_eq!(branch.order(1, open()).await.unwrap_err().0, "device_unreachable");
    assert_eq!(branch.order(9, open()).await.unwrap_err().0, "unknown_device");
    let (slow, quick) = tokio::join!(branch.order(4, open()), branch.order(2, open()));
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

fn staffed(people: &[(&str, &str, &[&str])]) -> DeviceSheet {
    let mut content = sheet(&[(1, "tells")], &["127.0.0.0/8"]).content;
    content.devices[0].manages_people = true;
    let item = |(number, name, cards): &(&str, &str, &[&str])| PersonItem {
        number: (*number).to_owned(),
        name: (*name).to_owned(),
        cards: cards.iter().map(|card| (*card).to_owned()).collect(),
        devices: if name.is_empty() { Vec::new() } else { vec![1] },
        ..PersonItem::default()
    };
    content.people = people.iter().map(item).collect();
    DeviceSheet::of(content)
}

impl Branch {
    async fn people_come_to(&self, right: u32, wanted: u32) {
        let told = || self.devices.seen().into_iter().find(|seen| seen.id == 1).and_then(|seen| seen.people);
        for _ in 0..500 {
            if told() == Some((right, wanted)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("people are {:?} and not {right} of {wanted}", told());
    }

    fn on_device(&self) -> Vec<(String, Vec<String>)> {
        let people = self.stage.people.lock().unwrap();
        let mut all: Vec<_> = people.iter().map(|one| (one.number.clone(), one.cards.clone().unwrap())).collect();
        all.sort();
        all
    }

    fn knows(&self, expected: &[(&str, &[&str])]) {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let expected: Vec<_> = expected.iter().map(|(number, cards)| ((*number).to_owned(), texts(cards))).collect();
        assert_eq!(self.on_device(), expected);
    }
}

#[tokio::test]
async fn people_are_brought_in_order_and_stay_so() {
    let folder = tempfile::tempdir().unwrap();
    let branch = Branch::open(folder.path());
    branch.stage.people.lock().unwrap().push(known("900", "Cleaner", &["5".to_owned()]));
    branch.devices.apply(&staffed(&[("1001", "Karimov", &["77"]), ("1002", "Petrova", &[])])).await;
    branch.people_come_to(2, 2).await;
    branch.knows(&[("1001", &["77"]), ("1002", &[]), ("900", &["5"])]);
    // A card less, a person less: the device follows, and whom nobody named stays.
    branch.devices.apply(&staffed(&[("1001", "Karimov", &[]), ("1002", "", &[])])).await;
    branch.people_come_to(1, 1).await;
    branch.knows(&[("1001", &[]), ("900", &["5"])]);
    // Nothing differs: nothing is written, also after a restart.
    let writes = branch.stage.writes.load(Ordering::Relaxed);
    let again = branch.order(1, DeviceAction::Sync { may_remove: 0 }).await.unwrap().unwrap();
    assert_eq!(
        (again["right"].clone(), again["wanted"].clone(), again["on_device"].clone()),
        (1.into(), 1.into(), 2.into())
    );
    branch.devices.apply(&sheet(&[], &[])).await;
    branch.devices.apply(&staffed(&[("1001", "Karimov", &[]), ("1002", "", &[])])).await;
    branch.people_come_to(1, 1).await;
    assert_eq!(branch.stage.writes.load(Ordering::Relaxed), writes);
    // Somebody changes it at the device.
    branch.stage.people.lock().unwrap().retain(|one| one.number != "1001");
    branch.order(1, DeviceAction::Sync { may_remove: 0 }).await.unwrap();
    branch.knows(&[("1001", &[]), ("900", &["5"])]);
    // Whoever is taken off is not counted any more, also where nobody is written.
    branch.stage.people.lock().unwrap().push(known("1002", "Petrova", &[]));
    let after = branch.order(1, DeviceAction::Sync { may_remove: 0 }).await.unwrap().unwrap();
    assert_eq!(after["on_device"], 2);
    branch.knows(&[("1001", &[]), ("900", &["5"])]);
}

#[tokio::test]
async fn one_who_cannot_be_written_holds_up_nobody_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let branch = Branch::open(folder.path());
    branch.devices.apply(&staffed(&[("1001", "Nobody", &[]), ("1002", "Petrova", &[])])).await;
    branch.people_come_to(1, 2).await;
    branch.knows(&[("1002", &[])]);
    let anew = |number: &str| DeviceAction::SyncPerson { number: number.to_owned() };
    assert_eq!(branch.order(1, anew("1002")).await.unwrap().unwrap().get("code"), None);
    let refused = branch.order(1, anew("1001")).await.unwrap_err();
    assert_eq!(refused, ("device_refused", "the device does not take this name".to_owned()));
    assert!(branch.order(1, anew("900")).await.unwrap_err().1.contains("may not pass here"));
    // Somebody unknown is taken off when a person says so; somebody who may pass is not.
    branch.stage.people.lock().unwrap().push(known("900", "Cleaner", &[]));
    let off = |number: &str| DeviceAction::RemovePerson { number: number.to_owned() };
    assert!(branch.order(1, off("1002")).await.unwrap_err().1.contains("may pass here"));
    branch.order(1, off("900")).await.unwrap();
    branch.knows(&[("1002", &[])]);
}

#[tokio::test]
async fn a_device_whose_people_are_its_own_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let branch = Branch::open(folder.path());
    let mut content = staffed(&[("1001", "Karimov", &[]), ("900", "", &[])]).content;
    content.devices[0].manages_people = false;
    branch.stage.people.lock().unwrap().push(known("900", "Cleaner", &[]));
    branch.devices.apply(&DeviceSheet::of(content)).await;
    branch.comes_to(1, "online").await;
    assert_eq!(branch.order(1, DeviceAction::Sync { may_remove: 9 }).await.unwrap_err().0, "device_cannot");
    branch.knows(&[("900", &[])]);
}
