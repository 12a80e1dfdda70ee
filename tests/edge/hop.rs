//! A next hop in this process: it takes batches as the appliance does, or answers as it is told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::post;
use http::HeaderMap;
use http::StatusCode;
use serde_json::json;
use serde_json::value::RawValue;

use nazorat::kernel::SecretText;
use nazorat::uplink::HopConfig;

/// What the hop does with a batch.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// Takes it.
    Yes,
    /// Takes it, and the answer gets lost.
    YesUnheard,
    /// Refuses it with a status, the code of a problem and what `Retry-After` says.
    No(u16, Option<&'static str>, Option<u64>),
}

/// A request as it was seen.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) body: Bytes,
    pub(crate) events: Vec<String>,
    pub(crate) at: Instant,
}

type Rule = Box<dyn FnMut(&Seen) -> Said + Send>;

struct Inner {
    seen: Vec<Seen>,
    data: Data,
    /// Everything that was ever taken, also what is lost.
    ever: BTreeMap<String, Bytes>,
    life: Option<u64>,
    rule: Rule,
}

/// What a hop has on its disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Data {
    names: BTreeMap<String, Bytes>,
    taken: Vec<String>,
}

/// The hop. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Hop {
    pub(crate) address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
}

#[derive(serde::Deserialize)]
struct Batch {
    batch_id: String,
    events: Vec<Box<RawValue>>,
}

impl Hop {
    /// Listens on a free port and takes everything.
    #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends with it")]
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let rule: Rule = Box::new(|_| Said::Yes);
        let inner = Inner { seen: Vec::new(), data: Data::default(), ever: BTreeMap::new(), life: None, rule };
        let hop = Self { address, inner: Arc::new(Mutex::new(inner)) };
        let router = Router::new().route("/v2/ingest/logs", post(take)).with_state(hop.clone());
        let router = router.layer(axum::extract::DefaultBodyLimit::max(5_000_000));
        tokio::spawn(async move { axum::serve(listener, router).await });
        hop
    }

    pub(crate) fn rule(&self, rule: impl FnMut(&Seen) -> Said + Send + 'static) {
        self.inner.lock().unwrap().rule = Box::new(rule);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.inner.lock().unwrap().seen.clone()
    }

    /// Events in the order in which they were taken.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.inner.lock().unwrap().data.taken.clone()
    }

    /// A copy of its data.
    pub(crate) fn copy(&self) -> Data {
        self.inner.lock().unwrap().data.clone()
    }

    /// Starts again with an older copy of its data.
    pub(crate) fn restore(&self, data: Data) {
        let mut inner = self.inner.lock().unwrap();
        inner.data = data;
        inner.life = inner.life.map(|life| life + 1);
    }

    /// Tells from now on which of its lives it is in, as an appliance does.
    pub(crate) fn tell_lives(&self) {
        self.inner.lock().unwrap().life = Some(1);
    }

    /// Takes a batch that somebody has carried here; true when it was there already.
    pub(crate) fn import(&self, packed: &[u8]) -> bool {
        let body = Bytes::from(zstd::stream::decode_all(packed).unwrap());
        let batch: Batch = serde_json::from_slice(&body).unwrap();
        let mut inner = self.inner.lock().unwrap();
        if let Some(known) = inner.data.names.get(&batch.batch_id) {
            assert_eq!(*known, body, "{} has two contents", batch.batch_id);
            return true;
        }
        inner.data.taken.extend(batch.events.iter().map(|event| event.get().to_owned()));
        inner.data.names.insert(batch.batch_id.clone(), body.clone());
        inner.ever.insert(batch.batch_id, body);
        false
    }

    pub(crate) fn config(&self) -> HopConfig {
        HopConfig {
            url: format!("http://{}", self.address),
            key: SecretText::new("nzk_test"),
            authority: None,
            identity: None,
        }
    }

    fn answer(&self, seen: Seen) -> Response {
        let mut inner = self.inner.lock().unwrap();
        inner.seen.push(seen.clone());
        let said = (inner.rule)(&seen);
        let known = inner.data.names.get(&seen.name).cloned();
        let life = inner.life;
        // A server that has a batch, or had it, does not find it too large.
        let had = inner.ever.get(&seen.name) == Some(&seen.body);
        let said = if had && matches!(said, Said::No(413, ..)) { Said::Yes } else { said };
        match (said, known) {
            (Said::No(status, code, after), _) => refusal(status, code, after),
            (_, Some(body)) if body != seen.body => refusal(422, Some("key_reused"), None),
            (Said::Yes, Some(_)) => good(&seen, true, life),
            (said, known) => {
                if known.is_none() {
                    inner.data.taken.extend(seen.events.clone());
                    inner.data.names.insert(seen.name.clone(), seen.body.clone());
                    inner.ever.insert(seen.name.clone(), seen.body.clone());
                }
                match said {
                    Said::YesUnheard => StatusCode::BAD_GATEWAY.into_response(),
                    _ => good(&seen, false, life),
                }
            }
        }
    }
}

fn good(seen: &Seen, duplicate: bool, life: Option<u64>) -> Response {
    let (batch_id, accepted) = (&seen.name, seen.events.len());
    let life = life.map(|life| format!("{life:016x}"));
    axum::Json(json!({
        "batch_id": batch_id, "accepted": accepted, "duplicate": duplicate, "rejected": [], "life": life,
    }))
    .into_response()
}

fn refusal(status: u16, code: Option<&str>, after: Option<u64>) -> Response {
    let body = code.map(|code| json!({ "title": "t", "status": status, "code": code, "detail": "no" }));
    let mut response = (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response();
    if let Some(after) = after {
        response.headers_mut().insert("retry-after", after.into());
    }
    response
}

async fn take(State(hop): State<Hop>, headers: HeaderMap, body: Bytes) -> Response {
    assert_eq!(headers.get("authorization").unwrap(), "Bearer nzk_test");
    let body = Bytes::from(zstd::stream::decode_all(&*body).unwrap());
    let batch: Batch = serde_json::from_slice(&body).unwrap();
    let name = headers.get("idempotency-key").unwrap().to_str().unwrap().to_owned();
    assert_eq!(batch.batch_id, name);
    let events = batch.events.iter().map(|event| event.get().to_owned()).collect();
    hop.answer(Seen { name, body, events, at: Instant::now() })
}

/// Looks at a condition until it holds.
#[track_caller]
pub(crate) fn until(what: &'static str, mut condition: impl FnMut() -> bool) -> impl Future<Output = ()> {
    let place = std::panic::Location::caller();
    async move {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !condition() {
            assert!(Instant::now() < deadline, "{place}: {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
