//! The certificate that the main listener shows, and its replacement while the listener runs.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use metrics::gauge;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

use super::names::Names;
use super::pki;
use super::pki::Pki;
use super::pki::PkiError;
use crate::kernel::Clock;
use crate::kernel::Fingerprint;
use crate::kernel::Timestamp;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::blocking;
use crate::runtime::every;

/// How often it is looked whether the certificate should be another.
const LOOK: Duration = Duration::from_secs(300);

/// The certificate cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {
    /// Files of the built-in CA.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// A file that the administrator named.
    #[error("certificate file {path} cannot be read")]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that the administrator named.
    #[error("{0} holds no certificate or no key in PEM form")]
    NotPem(PathBuf),
    /// The two do not make a pair.
    #[error("certificate and key of {path} cannot be used")]
    Refused {
        /// Where the certificate is.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

/// Where certificate and key come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// The built-in CA, for these additional names.
    BuiltIn(Pki, Vec<String>),
    /// Files of the administrator: chain and key.
    Own(PathBuf, PathBuf),
}

/// The certificate in use.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) rustls: RustlsConfig,
    source: Source,
    /// Who signs certificates of gateways.
    pki: Pki,
    shown: Arc<Mutex<Fingerprint>>,
    clock: Clock,
}

impl Tls {
    /// Reads or makes the certificate.
    pub(super) fn open(source: Source, pki: &Pki, clock: Clock) -> Result<Self, TlsError> {
        let (config, print) = load(&source, pki, clock.now())?;
        let shown = Arc::new(Mutex::new(print));
        Ok(Self { rustls: RustlsConfig::from_config(Arc::new(config)), source, pki: pki.clone(), shown, clock })
    }

    /// Full days for which the certificate is still valid.
    pub(super) fn days_left(&self) -> Result<i64, TlsError> {
        let path = match &self.source {
            Source::BuiltIn(pki, names) => pki.server(&Names::of_machine(names), self.clock.now())?,
            Source::Own(certificate, _) => certificate.clone(),
        };
        Ok(pki::facts_of(&path)?.days_left(self.clock.now()))
    }

    /// Keeps the certificate fresh while the process runs.
    pub(super) fn keep_fresh(&self, life: &Lifecycle) {
        let (tls, stop) = (self.clone(), life.soft());
        life.spawn("certificate", async move {
            let look = || {
                let tls = tls.clone();
                blocking(move || tls.refresh())
            };
            every(LOOK, Nudge::default(), stop, look).await;
            Ok::<_, std::convert::Infallible>(())
        });
    }

    fn refresh(&self) {
        match load(&self.source, &self.pki, self.clock.now()) {
            Ok((config, print)) => {
                let shown = self.shown.lock().map(|mut shown| std::mem::replace(&mut *shown, print));
                if shown.is_ok_and(|shown| shown != print) {
                    self.rustls.reload_from_config(Arc::new(config));
                    tracing::info!("server certificate was exchanged");
                }
            }
            Err(problem) => tracing::warn!("server certificate could not be read again and stays as it is: {problem}"),
        }
        self.publish();
    }

    fn publish(&self) {
        if let Ok(days) = self.days_left() {
            #[expect(clippy::cast_precision_loss, reason = "a count of days is small")]
            gauge!("nazorat_certificate_left_seconds").set(days as f64 * 86_400.0);
        }
    }
}

fn load(source: &Source, pki: &Pki, now: Timestamp) -> Result<(ServerConfig, Fingerprint), TlsError> {
    match source {
        Source::BuiltIn(own, names) => {
            let path = own.server(&Names::of_machine(names), now)?;
            config(&path, &path, pki)
        }
        Source::Own(certificate, key) => config(certificate, key, pki),
    }
}

/// Whoever shows a certificate must have it from our own roots; people show none.
fn config(certificate: &Path, key: &Path, pki: &Pki) -> Result<(ServerConfig, Fingerprint), TlsError> {
    let read = |path: &Path| std::fs::read(path).map_err(|source| TlsError::Read { path: path.to_owned(), source });
    let bytes = read(certificate)?;
    let mut roots = RootCertStore::empty();
    let mut shown = bytes.clone();
    for root in pki.roots()? {
        shown.extend_from_slice(&root);
        roots.add_parsable_certificates([root]);
    }
    let print = Fingerprint::of(&shown);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::NotPem(certificate.to_owned()))?;
    let key = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| TlsError::NotPem(key.to_owned()))?;
    let refused = |source| TlsError::Refused { path: certificate.to_owned(), source };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let gateways = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()
        .map_err(|problem| refused(rustls::Error::General(problem.to_string())))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(refused)?
        .with_client_cert_verifier(gateways)
        .with_single_cert(chain, key)
        .map_err(refused)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((config, print))
}
