//! The adapter for Hikvision against a simulated terminal.

mod calm;
mod counters;
mod curl;
mod doors;
mod faults;
mod logins;
mod people;
mod pinned;
mod pushes;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use std::time::Instant;

use futures_util::future::BoxFuture;
use nazorat::adapters::Device;
use nazorat::adapters::DeviceError;
use nazorat::adapters::Feed;
use nazorat::adapters::Session;
use nazorat::adapters::Taker;
use nazorat::adapters::hikvision::Pace;
use nazorat::adapters::hikvision::adapter_at;
use nazorat::kernel::Clock;
use nazorat::kernel::Zone;
use nazorat::sim::hikvision::Faults;
use nazorat::sim::hikvision::Passers;
use nazorat::sim::hikvision::Terminal;
use nazorat::sim::hikvision::TerminalConfig;
use nazorat_wire::AccessEvent;
use serde_json::Value;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What is durable, as a host would have it.
#[derive(Default)]
pub(super) struct Kept {
    events: Mutex<Vec<AccessEvent>>,
    cursor: Mutex<Option<Value>>,
    missed: Mutex<Vec<String>>,
    drift: Mutex<Option<i64>>,
    live: AtomicUsize,
    /// How many deliveries are still to fail.
    failing: AtomicUsize,
}

impl Taker for Kept {
    fn take(&self, events: Vec<AccessEvent>, cursor: Option<Value>) -> BoxFuture<'_, Result<(), DeviceError>> {
        if self.failing.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Box::pin(std::future::ready(Err(DeviceError::NotKept("the disk is full".to_owned()))));
        }
        self.events.lock().unwrap().extend(events);
        if cursor.is_some() {
            *self.cursor.lock().unwrap() = cursor;
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn cursor(&self) -> Option<Value> {
        self.cursor.lock().unwrap().clone()
    }

    fn heard(&self) {}

    fn is_live(&self) {
        self.live.fetch_add(1, SeqCst);
    }

    fn drift(&self, millis: i64) {
        *self.drift.lock().unwrap() = Some(millis);
    }

    fn answered(&self, _took: Duration) {}

    fn missed(&self, detail: String) {
        self.missed.lock().unwrap().push(detail);
    }
}

impl Kept {
    fn events(&self) -> Vec<AccessEvent> {
        self.events.lock().unwrap().clone()
    }

    fn missed(&self) -> Vec<String> {
        self.missed.lock().unwrap().clone()
    }

    fn serials(&self) -> Vec<String> {
        self.events().into_iter().map(|event| event.serial).collect()
    }
}

/// Everything is quicker than with real ones.
pub(super) fn pace() -> Pace {
    Pace {
        beside: Duration::from_secs(1),
        alone: Duration::from_millis(200),
        stream_again: Duration::from_secs(1),
        mute: Duration::from_secs(8),
        least_silence: Duration::from_millis(900),
        most_silence: Duration::from_secs(2),
        deaf: Duration::from_secs(2),
    }
}

pub(super) fn config() -> TerminalConfig {
    TerminalConfig { heartbeat: Duration::from_millis(200), nonce_uses: 25, doors: 2, ..TerminalConfig::default() }
}

pub(super) fn device(at: SocketAddr, settings: Value) -> Device {
    let mut all = json!({ "user": "gateway", "password": "Demo-Pass-7", "port": at.port(), "doors": 2 });
    for (name, value) in settings.as_object().unwrap() {
        all[name] = value.clone();
    }
    Device {
        id: 7,
        name: "Gate".to_owned(),
        address: Some(at.ip()),
        host: at.ip().to_string(),
        settings: all.as_object().unwrap().clone(),
        zone: Zone::default(),
        listener: None,
    }
}

pub(super) fn session(at: SocketAddr, settings: Value, kept: &Arc<Kept>) -> Box<dyn Session> {
    let feed = Feed::new(Arc::clone(kept) as Arc<dyn Taker>, Clock::system());
    adapter_at(pace()).open(&device(at, settings), feed).unwrap()
}

/// A session that is run again when it ends, as a host does.
pub(super) struct Served {
    pub(super) session: Arc<dyn Session>,
    stop: CancellationToken,
    tasks: JoinSet<Vec<DeviceError>>,
}

impl Served {
    pub(super) fn start(terminal: &Terminal, settings: Value, kept: &Arc<Kept>) -> Self {
        let session: Arc<dyn Session> = session(terminal.address(), settings, kept).into();
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let (served, stopped) = (Arc::clone(&session), stop.clone());
        tasks.spawn(async move {
            let mut ends = Vec::new();
            while !stopped.is_cancelled() {
                if let Err(problem) = served.run(stopped.clone()).await {
                    let is_final = matches!(problem, DeviceError::Credentials(_));
                    ends.push(problem);
                    if is_final {
                        return ends;
                    }
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            ends
        });
        Self { session, stop, tasks }
    }

    /// Stops it and gives the errors with which it ended in between.
    pub(super) async fn stop(mut self) -> Vec<DeviceError> {
        self.stop.cancel();
        self.tasks.join_next().await.unwrap().unwrap()
    }
}

/// Waits until something is so.
pub(super) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(40);
    while !is_so() {
        assert!(Instant::now() < deadline, "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// So many passages by chance, with a little time between them.
pub(super) async fn pass(terminal: &Terminal, passers: &mut Passers, count: usize) {
    let people = terminal.people();
    for _ in 0..count {
        terminal.pass(passers.next(&people));
        tokio::time::sleep(Duration::from_millis(8)).await;
    }
}

/// What the log of a terminal is called for ever, while its counter fell only at its end.
pub(super) fn names(terminal: &Terminal) -> Vec<String> {
    let (mut epoch, mut last) = (1, 0);
    let named = terminal.log().into_iter().map(|logged| {
        if logged.number < last {
            epoch += 1;
        }
        last = logged.number;
        format!("{epoch}:{}", logged.number)
    });
    named.collect()
}

/// Waits until everything that the terminal ever logged is there, and holds it against the log: each event under its own
/// name, with what the terminal said, first heard of in the order in which it happened.
pub(super) async fn complete(terminal: &Terminal, kept: &Kept) {
    let wanted = names(terminal);
    let missing = || {
        let have: std::collections::HashSet<String> = kept.serials().into_iter().collect();
        wanted.iter().filter(|name| !have.contains(*name)).count()
    };
    let deadline = Instant::now() + Duration::from_secs(40);
    while missing() > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut first: Vec<AccessEvent> = Vec::new();
    let mut seen = HashMap::new();
    for event in kept.events() {
        let again = seen.entry(event.serial.clone()).or_insert_with(|| (event.code.clone(), event.ts));
        assert_eq!((&again.0, again.1), (&event.code, event.ts), "{} means two things", event.serial);
        if !first.iter().any(|other| other.serial == event.serial) {
            first.push(event);
        }
    }
    let have: Vec<String> = first.iter().map(|event| event.serial.clone()).collect();
    assert_eq!(have, wanted, "missed: {:?}", kept.missed());
    for (event, logged) in first.iter().zip(terminal.log()) {
        assert_eq!((&event.code, &event.person, &event.card), (&logged.code, &logged.person, &logged.card));
        assert_eq!((event.door, &event.person_name), (logged.door, &logged.name));
    }
}

/// A terminal with faults, people who pass, and everything must arrive.
pub(super) async fn check(faults: Faults, config: TerminalConfig, settings: Value) -> Vec<DeviceError> {
    let terminal = Terminal::start(TerminalConfig { faults, ..config }).await.unwrap();
    let kept = Arc::new(Kept::default());
    let mut passers = Passers::new(5, 2);
    pass(&terminal, &mut passers, 45).await;
    let served = Served::start(&terminal, settings, &kept);
    pass(&terminal, &mut passers, 160).await;
    complete(&terminal, &kept).await;
    pass(&terminal, &mut passers, 20).await;
    complete(&terminal, &kept).await;
    let ends = served.stop().await;
    assert_eq!(kept.missed(), Vec::<String>::new());
    terminal.stop().await;
    ends
}
