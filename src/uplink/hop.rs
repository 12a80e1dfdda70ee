//! The next hop over HTTP: one request, one reply, nothing decided.

use std::path::PathBuf;
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
use reqwest::ClientBuilder;
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

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// A server waits 60 s for a body and then has to write it down.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);
/// A socket that lives has no end, but its handshake has.
const UPGRADE_WITHIN: Duration = Duration::from_secs(20);
/// Half-open connections are found within two of these.
const PING: Duration = Duration::from_secs(15);
/// More than any answer to a batch of ours has.
const MOST_ANSWER: usize = 8 << 20;

/// Where batches go, and how both sides know each other.
#[derive(Debug, Clone)]
pub struct HopConfig {
    /// `https://HOST:PORT`, without a path.
    pub url: String,
    /// API key.
    pub key: SecretText,
    /// The only authorities that are believed; without them the system's own are.
    pub authority: Option<Authority>,
    /// What we show on the connection and sign requests with.
    pub identity: Option<ClientIdentity>,
}

/// Authorities in PEM form.
#[derive(Debug, Clone)]
pub enum Authority {
    /// In a file of the administrator.
    File(PathBuf),
    /// As the appliance gave them.
    Pem(Arc<str>),
}

/// A client's certificate with its key, both in PEM form.
#[derive(Debug, Clone)]
pub struct ClientIdentity {
    /// The certificate.
    pub certificate: Arc<str>,
    /// Its key, PKCS#8.
    pub key: SecretText,
}

/// The next hop cannot even be tried.
#[derive(Debug, thiserror::Error)]
pub enum HopError {
    /// The address is none.
    #[error("{0:?} is not an address of a Nazorat; write https://HOST:PORT or http://HOST:PORT, without a path")]
    Address(String),
    /// The file of authorities cannot be read.
    #[error("the certificate authority {path} cannot be read")]
    Authority {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It holds nothing that can be used.
    #[error("the certificate authority {path} holds no certificate in PEM form")]
    NotPem {
        /// Which file.
        path: PathBuf,
    },
    /// Our own certificate or key cannot be used.
    #[error("the certificate of this box or its key cannot be used; join again with a new token")]
    Identity,
    /// The client cannot be made of all this.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

impl HopConfig {
    /// Refuses what could never work, before anything starts.
    pub fn check(&self) -> Result<(), HopError> {
        Ready::new(self).map(drop)
    }

    fn address(&self) -> Option<Url> {
        let url = Url::parse(self.url.trim_end_matches('/')).ok()?;
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        (plain && url.has_host() && matches!(url.scheme(), "http" | "https")).then_some(url)
    }

    /// A client as both sides want it.
    fn client(&self) -> Result<ClientBuilder, HopError> {
        let mut builder = plain_client();
        if let Some(authority) = &self.authority {
            let (pem, path) = match authority {
                Authority::File(path) => {
                    let read = std::fs::read(path);
                    (read.map_err(|source| HopError::Authority { path: path.clone(), source })?, path.clone())
                }
                Authority::Pem(pem) => (pem.as_bytes().to_vec(), PathBuf::new()),
            };
            let roots = reqwest::Certificate::from_pem_bundle(&pem).unwrap_or_default();
            if roots.is_empty() {
                return Err(HopError::NotPem { path });
            }
            builder = builder.tls_certs_only(roots);
        }
        if let Some(own) = &self.identity {
            let pem = SecretText::new(format!("{}\n{}", own.key.expose(), own.certificate));
            let identity = reqwest::Identity::from_pem(pem.expose().as_bytes()).map_err(|_| HopError::Identity)?;
            builder = builder.identity(identity);
        }
        Ok(builder)
    }
}

/// Limits and manners of every client of ours.
///
/// HTTP/1.1: a ping of HTTP/2 queues behind the batch that is being sent, and on a line of 64 kbit/s it is taken for lost
/// before it has left. That bytes are acknowledged at all, the kernel sees better.
pub(super) fn plain_client() -> ClientBuilder {
    let builder = Client::builder();
    #[cfg(target_os = "linux")]
    let builder = builder.tcp_user_timeout(PING * 2);
    builder
        .http1_only()
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .tcp_nodelay(true)
        .tcp_keepalive(PING)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .user_agent(concat!("nazorat/", env!("CARGO_PKG_VERSION")))
}

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

#[cfg(test)]
mod tests {
    use super::Authority;
    use super::HopConfig;
    use crate::kernel::SecretText;

    fn refused(url: &str) -> String {
        let config = HopConfig { url: url.to_owned(), key: SecretText::new("nzk_x"), authority: None, identity: None };
        config.check().err().map_or_else(String::new, |problem| problem.to_string())
    }

    #[test]
    fn an_address_is_a_scheme_a_host_and_a_port() {
        for good in ["https://nazorat.example.com:8443", "http://127.0.0.1:4100/", "https://[::1]:8443"] {
            assert_eq!(refused(good), "", "{good}");
        }
        for bad in ["", "nazorat.example.com:8443", "ftp://x", "https://x/path", "https://x?y", "https://a@x"] {
            assert!(refused(bad).contains("write https://HOST:PORT"), "{bad}");
        }
    }

    #[test]
    fn authorities_that_are_none_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let authority = Some(Authority::File(path.clone()));
        let config =
            HopConfig { url: "https://x".to_owned(), key: SecretText::new("nzk_x"), authority, identity: None };
        assert!(config.check().unwrap_err().to_string().contains("ca.pem cannot be read"));
        std::fs::write(&path, "no certificate").unwrap();
        assert!(config.check().unwrap_err().to_string().contains("holds no certificate"));
    }
}
