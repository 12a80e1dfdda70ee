//! How a box comes by its certificate and key: with a token once, and with what it has from then on.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use nazorat_wire::JoinToken;
use rcgen::CertificateParams;
use rcgen::KeyPair;
use rcgen::PKCS_ECDSA_P256_SHA256;
use reqwest::Method;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;
use serde_json::json;

use crate::kernel::Clock;
use crate::kernel::Fingerprint;
use crate::kernel::SecretText;
use crate::kernel::with_causes;
use crate::uplink::hop::Authority;
use crate::uplink::hop::Hop;
use crate::uplink::hop::HopConfig;
use crate::uplink::hop::HopError;
use crate::uplink::hop::body_of;
use crate::uplink::hop::plain_client;

/// A certificate and a key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum EnrollError {
    /// The token or the configuration cannot be used.
    #[error(transparent)]
    Hop(#[from] HopError),
    /// A key could not be made.
    #[error("a key of this box could not be made")]
    Key(#[source] rcgen::Error),
    /// It does not answer.
    #[error("the appliance does not answer ({0}); check that this box reaches the address in the token")]
    Silent(String),
    /// Another one answered than the token says.
    #[error(
        "{0} shows another certificate authority than the token: it is another appliance, or somebody is in between; \
         make a new token, and if this stays, ask who owns that address"
    )]
    Stranger(String),
    /// It said no.
    #[error("the appliance refused with status {status}: {detail}")]
    Refused {
        /// The status.
        status: u16,
        /// What it said.
        detail: String,
    },
}

/// What the appliance gave.
#[derive(Debug, Clone, Deserialize)]
pub struct Granted {
    /// Which gateway we are.
    pub gateway_id: String,
    /// How people call it.
    pub name: String,
    /// Whose it is.
    pub organization: String,
    /// Our certificate, PEM.
    pub certificate: String,
    /// From when it holds.
    pub valid_from: Timestamp,
    /// Until when.
    pub valid_to: Timestamp,
    /// The authorities to believe, PEM.
    pub authorities: String,
    /// Our API key.
    pub api_key: String,
}

/// A key of this box that has no certificate yet.
pub struct NewKey(KeyPair);

impl NewKey {
    /// Makes one.
    pub fn generate() -> Result<Self, EnrollError> {
        KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map(Self).map_err(EnrollError::Key)
    }

    /// Reads one that was kept.
    pub fn parse(pem: &str) -> Result<Self, EnrollError> {
        KeyPair::from_pem(pem).map(Self).map_err(EnrollError::Key)
    }

    /// To be kept before it is used, so that a lost answer can be asked for again.
    pub fn pem(&self) -> SecretText {
        SecretText::new(self.0.serialize_pem())
    }

    fn request(&self, host: &str) -> Result<serde_json::Value, EnrollError> {
        let request = CertificateParams::default().serialize_request(&self.0).map_err(EnrollError::Key)?;
        Ok(json!({
            "certificate_request": STANDARD.encode(request.der()),
            "host": host,
            "version": env!("CARGO_PKG_VERSION"),
        }))
    }
}

/// Joins with a token.
pub async fn enroll(token: &JoinToken, key: &NewKey, host: &str) -> Result<Granted, EnrollError> {
    let authority = match &token.root {
        Some(root) => Some(Authority::Pem(find_root(&token.server, root).await?)),
        None => None,
    };
    let config = HopConfig { url: token.server.clone(), key: SecretText::new(""), authority, identity: None };
    let hop = Hop::open(&config, Clock::system())?;
    let mut body = key.request(host)?;
    if let Some(fields) = body.as_object_mut() {
        fields.insert("token".to_owned(), token.secret.clone().into());
    }
    granted(hop.ask(Method::POST, "/v2/gateway/enroll", body.to_string()).await)
}

/// Asks for another certificate with the one that we have.
pub async fn renew(hop: &Hop, key: &NewKey, host: &str) -> Result<Granted, EnrollError> {
    granted(hop.ask(Method::POST, "/v2/gateway/renew", key.request(host)?.to_string()).await)
}

fn granted(heard: Result<(u16, Vec<u8>), String>) -> Result<Granted, EnrollError> {
    let (status, body) = heard.map_err(EnrollError::Silent)?;
    if let (200, Ok(granted)) = (status, serde_json::from_slice(&body)) {
        return Ok(granted);
    }
    let problem = serde_json::from_slice::<nazorat_wire::Problem>(&body);
    let detail = problem.map_or_else(|_| "it is no Nazorat; check the address".to_owned(), |problem| problem.detail);
    Err(EnrollError::Refused { status, detail })
}

/// The root of which the token knows the fingerprint. It is fetched over a connection that proves nothing yet, and only
/// what has the fingerprint is believed from then on.
async fn find_root(server: &str, fingerprint: &str) -> Result<Arc<str>, EnrollError> {
    let address = || HopError::Address(server.to_owned());
    let mut url = reqwest::Url::parse(server).map_err(|_| address())?;
    url.set_path("/v2/gateway/authorities");
    let client = plain_client().tls_danger_accept_invalid_certs(true).build().map_err(HopError::Client)?;
    let silent = |problem: reqwest::Error| EnrollError::Silent(with_causes(&problem.without_url()));
    let response = client.get(url).send().await.map_err(silent)?;
    let body = body_of(response).await.map_err(silent)?;
    let roots = CertificateDer::pem_slice_iter(&body).filter_map(Result::ok);
    for root in roots {
        if Fingerprint::of(&root).to_string() == fingerprint.to_ascii_lowercase() {
            let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(&root));
            return Ok(pem.into());
        }
    }
    Err(EnrollError::Stranger(server.to_owned()))
}
