//! An edge in this process: an outbox and its uplink, which can be cut off at any time and opened again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use sha2::Digest as _;
use sha2::Sha256;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use nazorat::intake::AcceptError;
use nazorat::intake::BatchKey;
use nazorat::intake::NewBatch;
use nazorat::intake::Rules;
use nazorat::intake::Source;
use nazorat::kernel::Clock;
use nazorat::kernel::OrganizationId;
use nazorat::uplink::Chance;
use nazorat::uplink::Hop;
use nazorat::uplink::HopConfig;
use nazorat::uplink::Orders;
use nazorat::uplink::Outbox;
use nazorat::uplink::OutboxConfig;
use nazorat::uplink::Pace;
use nazorat::uplink::Status;
use nazorat::uplink::Uplink;
use nazorat::uplink::UplinkConfig;
use nazorat::uplink::UplinkError;
use nazorat::uplink::Waiting;
use nazorat_wire::IngestAnswer;
use nazorat_wire::decode_logs;

/// The folder of a branch; it survives its processes.
pub(crate) struct Closed {
    pub(crate) folder: TempDir,
    pub(crate) max_bytes: u64,
    pub(crate) pace: Pace,
    pub(crate) clock: Clock,
    pub(crate) hop: HopConfig,
    /// What may be collected, if somebody has decided it.
    pub(crate) rules: Option<Arc<dyn Rules>>,
}

/// A running branch.
pub(crate) struct Branch {
    pub(crate) closed: Closed,
    pub(crate) outbox: Outbox,
    pub(crate) status: tokio::sync::watch::Receiver<Status>,
    pub(crate) orders: Orders,
    uplink: JoinHandle<Result<(), UplinkError>>,
    stop: CancellationToken,
}

impl Closed {
    pub(crate) fn new(hop: HopConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, max_bytes: 1 << 30, pace: Pace::default(), clock: Clock::system(), hop, rules: None }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Opens it; what a cut off process still holds is waited for, as a start after a kill does.
    #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends with it")]
    pub(crate) async fn open(self) -> Branch {
        let deadline = Instant::now() + Duration::from_secs(10);
        let outbox = loop {
            let config = OutboxConfig {
                folder: self.folder.path().to_owned(),
                max_bytes: self.max_bytes,
                max_age: Duration::from_secs(7 * 86_400),
            };
            match Outbox::open(config, self.clock.clone()) {
                Ok(outbox) => break outbox,
                Err(problem) => assert!(Instant::now() < deadline, "{problem:?}"),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let outbox = match &self.rules {
            Some(rules) => outbox.holding_to(Arc::clone(rules)),
            None => outbox,
        };
        let config = UplinkConfig {
            hop: Hop::open(&self.hop, Clock::system()).unwrap(),
            source: "branch".to_owned(),
            linger: Duration::ZERO,
            bytes_per_second: None,
            pace: self.pace,
        };
        let uplink = Uplink::open(config, outbox.clone(), self.clock.clone(), Chance::fixed(0.0)).unwrap();
        let (status, orders, stop) = (uplink.status(), uplink.orders(), CancellationToken::new());
        let uplink = tokio::spawn(uplink.run(stop.clone()));
        Branch { closed: self, outbox, status, orders, uplink, stop }
    }
}

impl Branch {
    /// A batch of an agent. Events are JSON texts.
    pub(crate) async fn accept(&self, name: &str, events: &[String]) -> Result<IngestAnswer, AcceptError> {
        self.accept_body(name, &format!("{{\"events\":[{}]}}", events.join(","))).await
    }

    /// The same, as it comes over the wire.
    pub(crate) async fn accept_body(&self, name: &str, body: &str) -> Result<IngestAnswer, AcceptError> {
        let decoded = decode_logs(body.as_bytes()).unwrap();
        let batch = NewBatch {
            organization: OrganizationId::new(1),
            source: Source::new("agent"),
            key: BatchKey::parse(name).unwrap(),
            digest: Sha256::digest(body.as_bytes()).into(),
            received_at: self.closed.clock.now(),
            events: decoded.events,
            rejected: decoded.rejected,
            accesses: Vec::new(),
            screenshots: Vec::new(),
        };
        self.outbox.accept(batch).await
    }

    /// Everything that waits, as somebody carries it: packed bodies.
    pub(crate) async fn carry(&self) -> Vec<Vec<u8>> {
        let (mut backlog, mut bodies) = (self.orders.backlog().await.unwrap(), Vec::new());
        while let Some(waiting) = backlog.next().await.unwrap() {
            match waiting {
                Waiting::Piece { piece, came } => {
                    assert!(came.is_some_and(|(first, last)| first <= last));
                    bodies.push(piece.body);
                }
                Waiting::Missing => panic!("nothing was given up"),
            }
        }
        bodies
    }

    /// Cuts it off in the middle of whatever it does.
    pub(crate) async fn cut(self) -> Closed {
        self.uplink.abort();
        drop(self.uplink.await);
        drop(self.orders);
        self.closed
    }

    /// Stops it in good order.
    pub(crate) async fn stop(self) -> Closed {
        self.stop.cancel();
        self.uplink.await.unwrap().unwrap();
        drop(self.orders);
        self.closed
    }

    /// Nothing is sent again, or it is all done.
    pub(crate) fn has_resent(&self) -> bool {
        self.status.borrow().resend.as_ref().is_none_or(|resend| resend.waiting == 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.outbox.stats().records == 0
    }
}

/// An event that can be told from all others.
pub(crate) fn event(number: usize) -> String {
    format!(
        "{{\"kind\":\"active_window\",\"ts\":\"2026-11-20T04:00:00Z\",\"computer_uid\":\"pc\",\
         \"duration_ms\":1,\"app\":\"app-{number}\"}}"
    )
}

pub(crate) fn events(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(event).collect()
}
