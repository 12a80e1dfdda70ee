//! F08: a branch that was cut off for seven days, and then is not.
//!
//! The edge is in this process, so that a week passes in a second; the appliance is a process. Between them stands a line that
//! can be cut, needs its time for each batch, and remembers which events went over it.

mod slow;

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::HeaderMap;
use http::StatusCode;
use nazorat::kernel::Clock;
use nazorat::kernel::SecretText;
use nazorat::kernel::Timestamp;
use nazorat::uplink::HopConfig;
use nazorat::uplink::Pace;
use tokio_util::sync::CancellationToken;

use super::journal::Batch;
use super::journal::Journal;
use super::office::Office;
use crate::edge::branch::Branch;
use crate::edge::branch::Closed;

/// How large the test is.
#[derive(Clone, Copy)]
struct Scale {
    /// Batches of agents in each hour of the outage, and events in each of them.
    hourly: u64,
    events: u64,
    /// The most events that leave at once.
    at_once: usize,
    /// How long a batch is on its way.
    slowness: Duration,
    /// What 95 of 100 questions to the appliance may take at most.
    patience: Duration,
}

/// A request that went over the line.
#[derive(Clone)]
struct Passed {
    titles: Vec<u64>,
    at: Instant,
}

#[derive(Default)]
struct Inner {
    open: bool,
    passed: Vec<Passed>,
}

/// The line. Cheap to clone.
#[derive(Clone)]
struct Wire {
    address: SocketAddr,
    to: String,
    slowness: Duration,
    http: reqwest::Client,
    inner: Arc<Mutex<Inner>>,
}

impl Wire {
    #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends with it")]
    async fn lay(office: &Office, slowness: Duration) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (to, http) = (office.ingest(), office.http.clone());
        let wire = Self { address, to, slowness, http, inner: Arc::default() };
        let router = Router::new().fallback(pass).with_state(wire.clone());
        let router = router.layer(axum::extract::DefaultBodyLimit::max(5_000_000));
        tokio::spawn(async move { axum::serve(listener, router).await });
        wire
    }

    fn open(&self) {
        self.inner.lock().unwrap().open = true;
    }

    fn passed(&self) -> Vec<Passed> {
        self.inner.lock().unwrap().passed.clone()
    }

    fn hop(&self, key: &str) -> HopConfig {
        let url = format!("http://{}", self.address);
        HopConfig { url, key: SecretText::new(key), authority: None, identity: None }
    }
}

async fn pass(State(wire): State<Wire>, headers: HeaderMap, body: Bytes) -> Response {
    if !wire.inner.lock().unwrap().open {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    tokio::time::sleep(wire.slowness).await;
    let mut request = wire.http.post(&wire.to).body(body.clone());
    for name in ["authorization", "content-type", "content-encoding", "content-digest", "idempotency-key"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.unwrap();
    let (status, told) = (answer.status(), answer.bytes().await.unwrap());
    if status == StatusCode::OK {
        let passed = Passed { titles: numbers(&body), at: Instant::now() };
        wire.inner.lock().unwrap().passed.push(passed);
    }
    (status, told).into_response()
}

/// Events of the journal happen a millisecond apart, so their times are their numbers.
fn numbers(packed: &[u8]) -> Vec<u64> {
    #[derive(serde::Deserialize)]
    struct Body {
        events: Vec<Event>,
    }
    #[derive(serde::Deserialize)]
    struct Event {
        ts: Timestamp,
    }
    let body: Body = serde_json::from_slice(&zstd::stream::decode_all(packed).unwrap()).unwrap();
    body.events.iter().map(|event| event.ts.as_millisecond() as u64).collect()
}

/// Asks the appliance all the time, and tells how long each answer took.
#[expect(clippy::disallowed_methods, reason = "the test waits for its end")]
fn ask_all_the_time(office: &Office, stop: &CancellationToken) -> tokio::task::JoinHandle<Vec<Duration>> {
    let (http, url, stop) = (office.http.clone(), office.appliance.plain("/health/ready"), stop.clone());
    tokio::spawn(async move {
        let mut took = Vec::new();
        while !stop.is_cancelled() {
            let begun = Instant::now();
            let answer = http.get(&url).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "the appliance is well all the time");
            took.push(begun.elapsed());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        took
    })
}

async fn take_in(branch: &Branch, journal: &mut Journal, batch: &Batch) {
    branch.accept_body(&batch.name, &batch.body).await.unwrap();
    journal.acknowledge(batch);
}

/// The moment at which each event of a batch had passed.
fn arrival(passed: &[Passed], base_ms: u64, numbers: &Range<u64>) -> Option<(usize, Instant)> {
    let wanted = base_ms + numbers.start;
    passed.iter().enumerate().find(|(_, one)| one.titles.contains(&wanted)).map(|(at, one)| (at, one.at))
}

async fn seven_days(scale: Scale) {
    let office = Office::new();
    let wire = Wire::lay(&office, scale.slowness).await;
    let now = Clock::system().now();
    let hours = 7 * 24 - 2;
    let mut journal = Journal::since(now.as_microsecond() - hours * 3_600_000_000);
    let base_ms = (journal.base_us() / 1_000) as u64;
    let clock = Clock::fixed(Timestamp::from_microsecond(journal.base_us()).unwrap());
    let pace = Pace { events: scale.at_once, ..Pace::default() };
    let closed = Closed { pace, clock: clock.clone(), ..Closed::new(wire.hop(&office.key)) };
    let mut branch = closed.open().await;
    for hour in 0..hours {
        clock.set(Timestamp::from_microsecond(journal.base_us() + hour * 3_600_000_000).unwrap());
        for _ in 0..scale.hourly {
            let batch = journal.batch(scale.events);
            take_in(&branch, &mut journal, &batch).await;
        }
        if hour % 50 == 25 {
            branch = branch.cut().await.open().await;
        }
    }
    clock.set(now);
    let stats = branch.outbox.stats();
    assert!(stats.bytes < stats.max_bytes / 5 * 4 && stats.evicted == 0 && stats.records > 0, "{stats:?}");
    let backlog = journal.acknowledged();

    let stop = CancellationToken::new();
    let asking = ask_all_the_time(&office, &stop);
    wire.open();
    let (mut fresh, begun) = (Vec::new(), Instant::now());
    while branch.outbox.stats().records > 0 {
        assert!(begun.elapsed() < Duration::from_secs(240), "{:?}", branch.status.borrow());
        // A branch that works on while its past is sent.
        if wire.passed().iter().map(|one| one.titles.len() as u64).sum::<u64>() < backlog {
            let batch = journal.batch(3);
            let before = wire.passed().len();
            take_in(&branch, &mut journal, &batch).await;
            fresh.push((batch.numbers, before));
        }
        tokio::time::sleep(scale.slowness * 2).await;
    }
    let passed = wire.passed();
    stop.cancel();
    let mut took = asking.await.unwrap();
    took.sort();
    let p95 = took[took.len() * 95 / 100];
    assert!(p95 < scale.patience, "{p95:?} of {}", took.len());

    // The batch that was on its way at that moment, one that had been made ready, then the fresh ones.
    let first = fresh.iter().position(|(_, before)| *before > 1).unwrap();
    assert!(fresh.len() - first > 3, "the backlog was gone too soon to see anything: {}", fresh.len());
    for (numbers, before) in &fresh[first..] {
        let (place, _) = arrival(&passed, base_ms, numbers).unwrap();
        assert!(place <= before + 2, "fresh events waited for {} batches", place - before);
    }
    let last = passed.iter().rposition(|one| one.titles.iter().any(|title| *title < base_ms + backlog)).unwrap();
    let ahead = fresh.iter().filter(|(numbers, _)| arrival(&passed, base_ms, numbers).unwrap().0 < last).count();
    assert!(ahead > 3, "{ahead} of {} fresh batches went before the end of the backlog", fresh.len());
    let old: Vec<u64> =
        passed.iter().flat_map(|one| one.titles.clone()).filter(|title| *title < base_ms + backlog).collect();
    assert!(old.is_sorted() && old.len() as u64 == backlog, "the backlog comes in its order, once");

    let stored = journal.acknowledged();
    branch.stop().await;
    let closed = office.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f08_gw_seven_day_offline_drain() {
    seven_days(Scale {
        hourly: 1,
        events: 20,
        at_once: 100,
        slowness: Duration::from_millis(30),
        patience: Duration::from_secs(1),
    })
    .await;
}
