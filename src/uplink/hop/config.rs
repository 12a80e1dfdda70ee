//! Where the next hop is, and how both sides know each other.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::ClientBuilder;
use reqwest::Url;

use crate::kernel::SecretText;
use crate::uplink::hop::Ready;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// A server waits 60 s for a body and then has to write it down.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);
/// Half-open connections are found within two of these.
const PING: Duration = Duration::from_secs(15);

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

    pub(super) fn address(&self) -> Option<Url> {
        let url = Url::parse(self.url.trim_end_matches('/')).ok()?;
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        (plain && url.has_host() && matches!(url.scheme(), "http" | "https")).then_some(url)
    }

    /// A client as both sides want it.
    pub(super) fn client(&self) -> Result<ClientBuilder, HopError> {
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
/// There are no pings of HTTP/2: they queue behind the batch that is being sent, and on a line of 64 kbit/s they are taken
/// for lost before they have left. That nobody acknowledges what was sent, the kernel sees better.
pub(in crate::uplink) fn plain_client() -> ClientBuilder {
    let builder = Client::builder();
    #[cfg(target_os = "linux")]
    let builder = builder.tcp_user_timeout(PING * 2);
    builder
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .tcp_nodelay(true)
        .tcp_keepalive(PING)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .user_agent(concat!("nazorat/", env!("CARGO_PKG_VERSION")))
}
