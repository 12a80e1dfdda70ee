//! The next hop over HTTP: one request, one reply, nothing decided.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use nazorat_wire::IngestAnswer;
use nazorat_wire::Problem;
use reqwest::Client;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::Url;
use reqwest::header::CONTENT_ENCODING;
use reqwest::header::CONTENT_TYPE;
use reqwest::header::RETRY_AFTER;
use sha2::Digest as _;
use sha2::Sha256;

use crate::kernel::SecretText;
use crate::kernel::with_causes;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// A server waits 60 s for a body and then has to write it down.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);
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
    /// PEM file with the only authorities that are believed; without one the system's own are.
    pub authority: Option<PathBuf>,
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
    /// The client cannot be made of all this.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

impl HopConfig {
    /// Refuses what could never work, before anything starts.
    pub fn check(&self) -> Result<(), HopError> {
        Hop::new(self).map(|_| ())
    }

    fn address(&self) -> Option<Url> {
        let url = Url::parse(self.url.trim_end_matches('/')).ok()?;
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        (plain && url.has_host() && matches!(url.scheme(), "http" | "https")).then_some(url)
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) answer: Option<IngestAnswer>,
    pub(super) problem: Option<Problem>,
}

/// A client of one next hop.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    client: Client,
    address: Url,
    key: SecretText,
    pub(super) shown: String,
}

impl Hop {
    pub(super) fn new(config: &HopConfig) -> Result<Self, HopError> {
        let address = config.address().ok_or_else(|| HopError::Address(config.url.clone()))?;
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .tcp_nodelay(true)
            .tcp_keepalive(PING)
            .http2_keep_alive_interval(PING)
            .http2_keep_alive_timeout(PING)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .user_agent(concat!("nazorat/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = &config.authority {
            let pem = std::fs::read(path).map_err(|source| HopError::Authority { path: path.clone(), source })?;
            let roots = reqwest::Certificate::from_pem_bundle(&pem).unwrap_or_default();
            if roots.is_empty() {
                return Err(HopError::NotPem { path: path.clone() });
            }
            builder = builder.tls_certs_only(roots);
        }
        let client = builder.build().map_err(HopError::Client)?;
        Ok(Self { client, address, key: config.key.clone(), shown: config.url.trim_end_matches('/').to_owned() })
    }

    /// Sends a packed body once. The error says in one line why there is no reply.
    pub(super) async fn send(&self, name: &str, packed: Bytes) -> Result<Reply, String> {
        let digest = STANDARD.encode(Sha256::digest(&packed));
        let request = self
            .post("/v2/ingest/logs", "application/json", Some(name))?
            .header("content-digest", format!("sha-256=:{digest}:"))
            .header(CONTENT_ENCODING, "zstd")
            .body(packed);
        reply(request).await
    }

    /// Sends a request on as it came.
    pub(super) async fn forward(&self, forward: &Forward) -> Result<Reply, String> {
        let request = self.post(&forward.path, &forward.content_type, forward.key.as_deref())?;
        reply(request.body(forward.body.clone())).await
    }

    /// Asks without a key: status and body.
    pub(super) async fn ask(&self, path: &str, body: String) -> Result<(u16, Vec<u8>), String> {
        let explain = |problem: reqwest::Error| with_causes(&problem.without_url());
        let url = self.address.join(path).map_err(|_| format!("{path} is no path"))?;
        let request = self.client.post(url).header(CONTENT_TYPE, "application/json").body(body);
        let response = request.send().await.map_err(explain)?;
        let status = response.status().as_u16();
        Ok((status, body_of(response).await.map_err(explain)?))
    }

    fn post(&self, path: &str, content_type: &str, key: Option<&str>) -> Result<RequestBuilder, String> {
        let url = self.address.join(path).map_err(|_| format!("{path} is no path"))?;
        let request = self.client.post(url).bearer_auth(self.key.expose()).header(CONTENT_TYPE, content_type);
        Ok(match key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        })
    }
}

/// A request of somebody else, word for word.
#[derive(Debug, Clone)]
pub(super) struct Forward {
    pub(super) path: String,
    pub(super) content_type: String,
    pub(super) key: Option<String>,
    pub(super) body: Bytes,
}

async fn reply(request: RequestBuilder) -> Result<Reply, String> {
    let explain = |problem: reqwest::Error| with_causes(&problem.without_url());
    read(request.send().await.map_err(explain)?).await.map_err(explain)
}

async fn body_of(mut response: Response) -> reqwest::Result<Vec<u8>> {
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
    use super::Hop;
    use super::HopConfig;
    use crate::kernel::SecretText;

    fn refused(url: &str) -> String {
        let config = HopConfig { url: url.to_owned(), key: SecretText::new("nzk_x"), authority: None };
        Hop::new(&config).err().map_or_else(String::new, |problem| problem.to_string())
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
        let config =
            HopConfig { url: "https://x".to_owned(), key: SecretText::new("nzk_x"), authority: Some(path.clone()) };
        assert!(config.check().unwrap_err().to_string().contains("ca.pem cannot be read"));
        std::fs::write(&path, "no certificate").unwrap();
        assert!(config.check().unwrap_err().to_string().contains("holds no certificate"));
    }
}
