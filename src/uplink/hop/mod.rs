//! The next hop over HTTP: one request, one reply, nothing decided.

mod config;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use nazorat_wire::IngestAnswer;
use nazorat_wire::Problem;
use nazorat_wire::Signable;
use reqwest::Client;
use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::Url;
use reqwest::header::CONNECTION;
use reqwest::header::CONTENT_ENCODING;
use reqwest::header::CONTENT_TYPE;
use reqwest::header::DATE;
use reqwest::header::RETRY_AFTER;
use reqwest::header::UPGRADE;
use sha2::Digest as _;
use sha2::Sha256;

use crate::kernel::Clock;
use crate::kernel::SecretText;
use crate::kernel::random_bytes;
use crate::kernel::with_causes;
use crate::uplink::signer::Signer;

pub(in crate::uplink) use config::plain_client;
pub use config::{Authority, ClientIdentity, HopConfig, HopError};

/// A socket that lives has no end, but its handshake has.
const UPGRADE_WITHIN: Duration = Duration::from_secs(20);
/// More than any answer to a batch of ours has.
const MOST_ANSWER: usize = 8 << 20;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) answer: Option<IngestAnswer>,
    pub(super) problem: Option<Problem>,
}

/// A client of one next hop. Cheap to clone; a change is seen by all clones, from the next request on.
#[derive(Debug, Clone)]
pub struct Hop(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ready: RwLock<Arc<Ready>>,
    clock: Clock,
    /// Seconds that the server's clock is ahead of ours, as it told when it refused a signature.
    ahead: AtomicI64,
}

/// Everything that changes together.
#[derive(Debug)]
struct Ready {
    client: Client,
    config: HopConfig,
    address: Url,
    key: SecretText,
    signer: Option<Signer>,
    shown: String,
}

/// A request before it is signed.
#[derive(Debug, Clone)]
pub(super) struct Outbound<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) content_type: &'a str,
    pub(super) encoding: Option<&'static str>,
    pub(super) name: Option<&'a str>,
    pub(super) body: Bytes,
}

impl Ready {
    fn new(config: &HopConfig) -> Result<Self, HopError> {
        let address = config.address().ok_or_else(|| HopError::Address(config.url.clone()))?;
        let client = config.client()?.build().map_err(HopError::Client)?;
        let signer = match &config.identity {
            Some(own) => Some(Signer::new(&own.key).ok_or(HopError::Identity)?),
            None => None,
        };
        let shown = config.url.trim_end_matches('/').to_owned();
        Ok(Self { client, config: config.clone(), address, key: config.key.clone(), signer, shown })
    }

    /// The request with its key and, where we have one, its signature.
    fn prepare(&self, client: &Client, outbound: &Outbound<'_>, second: i64) -> Result<RequestBuilder, String> {
        let url = self.address.join(outbound.path).map_err(|_| format!("{} is no path", outbound.path))?;
        let has_body = outbound.method != Method::GET;
        let digest = has_body.then(|| format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(&outbound.body))));
        let mut request = client.request(outbound.method.clone(), url.clone()).bearer_auth(self.key.expose());
        if let Some(digest) = &digest {
            request = request.header("content-digest", digest).header(CONTENT_TYPE, outbound.content_type);
            request = request.body(outbound.body.clone());
        }
        if let Some(encoding) = outbound.encoding {
            request = request.header(CONTENT_ENCODING, encoding);
        }
        if let Some(name) = outbound.name {
            request = request.header("idempotency-key", name);
        }
        if let Some(signer) = &self.signer {
            let signable = Signable {
                method: outbound.method.as_str(),
                path: url.path(),
                query: url.query(),
                digest: digest.as_deref(),
            };
            let signed = signer.sign(&signable, second)?;
            request = request.header("signature-input", signed.input).header("signature", signed.signature);
        }
        Ok(request)
    }
}

impl Hop {
    /// Refuses what could never work.
    pub fn open(config: &HopConfig, clock: Clock) -> Result<Self, HopError> {
        let ready = RwLock::new(Arc::new(Ready::new(config)?));
        Ok(Self(Arc::new(Inner { ready, clock, ahead: AtomicI64::new(0) })))
    }

    /// From now on another key or certificate.
    pub fn change(&self, config: &HopConfig) -> Result<(), HopError> {
        let ready = Arc::new(Ready::new(config)?);
        *self.0.ready.write().unwrap_or_else(PoisonError::into_inner) = ready;
        Ok(())
    }

    fn ready(&self) -> Arc<Ready> {
        Arc::clone(&self.0.ready.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The address, for people.
    pub fn shown(&self) -> String {
        self.ready().shown.clone()
    }

    /// Sends a packed body once. The error says in one line why there is no reply.
    pub(super) async fn send(&self, name: &str, packed: Bytes) -> Result<Reply, String> {
        let outbound = Outbound {
            method: Method::POST,
            path: "/v2/ingest/logs",
            content_type: "application/json",
            encoding: Some("zstd"),
            name: Some(name),
            body: packed,
        };
        read(self.request(&outbound).await?).await.map_err(explain)
    }

    /// Sends a request on as it came.
    pub(super) async fn forward(&self, forward: &Forward) -> Result<Reply, String> {
        let outbound = Outbound {
            method: Method::POST,
            path: &forward.path,
            content_type: &forward.content_type,
            encoding: None,
            name: forward.key.as_deref(),
            body: forward.body.clone(),
        };
        read(self.request(&outbound).await?).await.map_err(explain)
    }

    /// Asks with a small JSON body, or without one: status and body.
    pub async fn ask(&self, method: Method, path: &str, body: String) -> Result<(u16, Vec<u8>), String> {
        let outbound =
            Outbound { method, path, content_type: "application/json", encoding: None, name: None, body: body.into() };
        let response = self.request(&outbound).await?;
        let status = response.status().as_u16();
        Ok((status, body_of(response).await.map_err(explain)?))
    }

    /// Opens a WebSocket: the bare stream behind the handshake.
    pub async fn open_socket(&self, path: &str) -> Result<reqwest::Upgraded, String> {
        let ready = self.ready();
        let client = ready.config.client().and_then(|builder| {
            // An upgrade is of HTTP/1.1; and a socket that lives has no end.
            builder.http1_only().pool_max_idle_per_host(0).build().map_err(HopError::Client)
        });
        let client = client.map_err(|problem| with_causes(&problem))?;
        let outbound =
            Outbound { method: Method::GET, path, content_type: "", encoding: None, name: None, body: Bytes::new() };
        let response = self.try_twice(|second| {
            let request = ready.prepare(&client, &outbound, second)?;
            let request = request.header(CONNECTION, "Upgrade").header(UPGRADE, "websocket");
            let key = STANDARD.encode(random_bytes::<16>());
            Ok(request.header("sec-websocket-version", "13").header("sec-websocket-key", key).timeout(UPGRADE_WITHIN))
        });
        let response = response.await?;
        if response.status() != reqwest::StatusCode::SWITCHING_PROTOCOLS {
            let status = response.status().as_u16();
            let body = body_of(response).await.map_err(explain)?;
            let said = serde_json::from_slice::<Problem>(&body).map(|problem| problem.detail).unwrap_or_default();
            return Err(format!("it answered {status} {said}"));
        }
        response.upgrade().await.map_err(explain)
    }

    async fn request(&self, outbound: &Outbound<'_>) -> Result<Response, String> {
        let ready = self.ready();
        self.try_twice(|second| ready.prepare(&ready.client, outbound, second)).await
    }

    /// A signature counts by the server's clock, and a box without a battery may begin in another year: when the server
    /// says that a signature is stale, it also says what time it is.
    async fn try_twice(&self, prepare: impl Fn(i64) -> Result<RequestBuilder, String>) -> Result<Response, String> {
        let now = || self.0.clock.now().as_second();
        let response = prepare(now() + self.0.ahead.load(Ordering::Relaxed))?.send().await.map_err(explain)?;
        let Some(ahead) = refused_by_clock(&response, now()) else { return Ok(response) };
        self.0.ahead.store(ahead, Ordering::Relaxed);
        // One more than the server's clock, which may have started within this very second.
        prepare(now() + ahead + 1)?.send().await.map_err(explain)
    }
}

/// How far the server's clock is ahead, if that is why it did not take a signature.
fn refused_by_clock(response: &Response, now: i64) -> Option<i64> {
    let stale = response.headers().get("nazorat-problem")?.as_bytes() == b"stale_signature";
    let date = response.headers().get(DATE)?.to_str().ok()?;
    let server = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_second();
    stale.then_some(server - now)
}

/// A request of somebody else, word for word.
#[derive(Debug, Clone)]
pub(super) struct Forward {
    pub(super) path: String,
    pub(super) content_type: String,
    pub(super) key: Option<String>,
    pub(super) body: Bytes,
}

fn explain(problem: reqwest::Error) -> String {
    with_causes(&problem.without_url())
}

pub(super) async fn body_of(mut response: Response) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if body.len() + piece.len() > MOST_ANSWER {
            break;
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

async fn read(response: Response) -> reqwest::Result<Reply> {
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let body = body_of(response).await?;
    Ok(Reply {
        status,
        retry_after: retry_after.map(Duration::from_secs),
        answer: serde_json::from_slice(&body).ok(),
        problem: serde_json::from_slice(&body).ok(),
    })
}
