//! What an adapter handed over, as a host keeps it, and a session that is run again whenever it ends.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use futures_util::future::BoxFuture;
use nazorat::adapters::Device;
use nazorat::adapters::DeviceError;
use nazorat::adapters::Feed;
use nazorat::adapters::Session;
use nazorat::adapters::Taker;
use nazorat::adapters::zkteco;
use nazorat::adapters::zkteco::Pace;
use nazorat::kernel::Clock;
use nazorat::kernel::Zone;
use nazorat_wire::AccessEvent;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// Takes everything, keeps each serial once, and counts what it is told.
#[derive(Default)]
pub(in crate::terminals) struct Kept {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// In the order in which they came, each once.
    events: Vec<AccessEvent>,
    known: HashMap<String, usize>,
    handed_over: usize,
    cursor: Option<Value>,
    live: usize,
    drift: Option<i64>,
    missed: Vec<String>,
    /// So many of the next deliveries are refused, as a full disk does.
    refuse: usize,
}

impl Kept {
    pub(in crate::terminals) fn events(&self) -> Vec<AccessEvent> {
        self.state.lock().unwrap().events.clone()
    }

    pub(in crate::terminals) fn serials(&self) -> Vec<String> {
        self.events().into_iter().map(|event| event.serial).collect()
    }

    pub(in crate::terminals) fn handed_over(&self) -> usize {
        self.state.lock().unwrap().handed_over
    }

    pub(in crate::terminals) fn live(&self) -> usize {
        self.state.lock().unwrap().live
    }

    pub(in crate::terminals) fn drift_ms(&self) -> Option<i64> {
        self.state.lock().unwrap().drift
    }

    pub(in crate::terminals) fn missed_anything(&self) -> Vec<String> {
        self.state.lock().unwrap().missed.clone()
    }

    pub(in crate::terminals) fn last_place(&self) -> Option<Value> {
        self.state.lock().unwrap().cursor.clone()
    }

    pub(in crate::terminals) fn refuse(&self, next: usize) {
        self.state.lock().unwrap().refuse = next;
    }
}

impl Taker for Kept {
    fn take(&self, events: Vec<AccessEvent>, cursor: Option<Value>) -> BoxFuture<'_, Result<(), DeviceError>> {
        let mut state = self.state.lock().unwrap();
        if state.refuse > 0 {
            state.refuse -= 1;
            return Box::pin(async { Err(DeviceError::NotKept("the disk is full".to_owned())) });
        }
        for event in events {
            assert_eq!(event.device, 7);
            assert!(event.serial.len() <= 96);
            state.handed_over += 1;
            if !state.known.contains_key(&event.serial) {
                let place = state.events.len();
                state.known.insert(event.serial.clone(), place);
                state.events.push(event);
            }
        }
        if cursor.is_some() {
            state.cursor = cursor;
        }
        Box::pin(async { Ok(()) })
    }

    fn cursor(&self) -> Option<Value> {
        self.last_place()
    }

    fn heard(&self) {}

    fn is_live(&self) {
        self.state.lock().unwrap().live += 1;
    }

    fn drift(&self, millis: i64) {
        self.state.lock().unwrap().drift = Some(millis);
    }

    fn answered(&self, _took: Duration) {}

    fn missed(&self, detail: String) {
        self.state.lock().unwrap().missed.push(detail);
    }
}

/// Everything in a hurry.
pub(in crate::terminals) fn hurried() -> Pace {
    Pace {
        connect: Duration::from_secs(2),
        answer: Duration::from_millis(1_500),
        long: Duration::from_secs(20),
        look: Duration::from_millis(150),
        reread: Duration::from_millis(300),
        poll: Duration::from_millis(100),
        silence: Duration::from_secs(20),
        count: Duration::from_secs(3_600),
    }
}

/// A session of either kind. With an address it is `zkteco`, without `zkteco_push`.
pub(in crate::terminals) fn open(address: Option<SocketAddr>, settings: Value, kept: &Arc<Kept>) -> Arc<dyn Session> {
    open_with(address, settings, kept, hurried())
}

pub(in crate::terminals) fn open_with(
    address: Option<SocketAddr>,
    mut settings: Value,
    kept: &Arc<Kept>,
    pace: Pace,
) -> Arc<dyn Session> {
    if let Some(address) = address {
        settings["port"] = address.port().into();
    }
    let device = Device {
        id: 7,
        name: "Door".to_owned(),
        address: address.map(|address| address.ip()),
        host: String::new(),
        settings: settings.as_object().unwrap().clone(),
        zone: Zone::default(),
        listener: None,
    };
    let word = if address.is_some() { "zkteco" } else { "zkteco_push" };
    let adapter = zkteco::with_pace(pace).into_iter().find(|adapter| adapter.kind().word == word).unwrap();
    Arc::from(adapter.open(&device, Feed::new(Arc::clone(kept) as Arc<dyn Taker>, Clock::system())).unwrap())
}

/// Runs a session until it is stopped, again after each end, as a host does.
pub(in crate::terminals) struct Running {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<Vec<DeviceError>>,
}

impl Running {
    #[expect(clippy::disallowed_methods, reason = "a test waits for it in `stop`")]
    pub(in crate::terminals) fn start(session: Arc<dyn Session>) -> Self {
        let stop = CancellationToken::new();
        let token = stop.clone();
        let task = tokio::spawn(async move {
            let mut problems = Vec::new();
            while !token.is_cancelled() {
                match session.run(token.clone()).await {
                    Ok(()) => {}
                    Err(problem @ DeviceError::Credentials(_)) => {
                        problems.push(problem);
                        return problems;
                    }
                    Err(problem) => problems.push(problem),
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            problems
        });
        Self { stop, task }
    }

    /// Why runs ended.
    pub(in crate::terminals) async fn stop(self) -> Vec<DeviceError> {
        self.stop.cancel();
        self.task.await.unwrap()
    }
}

/// Waits until something is so.
#[track_caller]
pub(in crate::terminals) fn until(
    what: &'static str,
    limit: Duration,
    is_so: impl Fn() -> bool,
) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let deadline = Instant::now() + limit;
        while !is_so() {
            assert!(Instant::now() < deadline, "{caller}: never {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
