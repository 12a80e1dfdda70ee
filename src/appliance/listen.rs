//! The listeners: bound before anything is announced, closed first when the process stops.
//!
//! Limits: TLS handshake 10 s, and those of `web::listen`.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum_server::accept::Accept;
use axum_server::tls_rustls::RustlsAcceptor;
use futures_util::future::BoxFuture;
use rustls::CertificateError;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use super::tls::Tls;
use crate::fleet::Fleet;
use crate::runtime::Lifecycle;
use crate::web::http::Channel;
use crate::web::http::harden;
use crate::web::limits::Gate;
use crate::web::listen::ListenError;
use crate::web::listen::bind;
use crate::web::listen::limited;

const HANDSHAKE: Duration = Duration::from_secs(10);

/// Where to listen, and with which certificate.
#[derive(Debug, Clone)]
pub struct ListenConfig {
    /// HTTPS.
    pub main: SocketAddr,
    /// Plain HTTP for this machine.
    pub plain: Option<SocketAddr>,
    /// Further DNS names for the built-in certificate.
    pub names: Vec<String>,
    /// The administrator's own certificate chain and key.
    pub own_certificate: Option<(PathBuf, PathBuf)>,
}

/// Bound sockets that do not accept yet.
pub(super) struct Listeners {
    main: TcpListener,
    plain: Option<TcpListener>,
}

impl Listeners {
    /// Takes all addresses, or none.
    pub(super) fn bind(config: &ListenConfig) -> Result<Self, ListenError> {
        Ok(Self {
            main: bind(config.main, "[http] listen")?,
            plain: config.plain.map(|address| bind(address, "[http] plain")).transpose()?,
        })
    }

    /// The addresses that were really taken.
    pub(super) fn addresses(&self) -> std::io::Result<(SocketAddr, Option<SocketAddr>)> {
        let plain = self.plain.as_ref().map(TcpListener::local_addr).transpose()?;
        Ok((self.main.local_addr()?, plain))
    }

    /// Accepts until the soft stop; running requests are drained. The plain listener serves `local` as well.
    pub(super) fn serve(self, life: &Lifecycle, (router, local): (&Router, Router), tls: &Tls, fleet: &Fleet) {
        let main = limited(self.main, life);
        let acceptor = RustlsAcceptor::new(tls.rustls.clone()).handshake_timeout(HANDSHAKE).acceptor(Gate::default());
        let acceptor = Noted { inner: acceptor, fleet: fleet.clone() };
        let service = harden(router.clone(), Channel::Https).into_make_service_with_connect_info::<SocketAddr>();
        life.spawn("https", async move { main.acceptor(acceptor).serve(service).await });
        if let Some(plain) = self.plain {
            let plain = limited(plain, life);
            let router = router.clone().merge(local);
            let service = harden(router, Channel::Plain).into_make_service_with_connect_info::<SocketAddr>();
            life.spawn("plain http", async move { plain.acceptor(Gate::default()).serve(service).await });
        }
    }
}

/// Remembers who showed a certificate that is not ours.
#[derive(Clone)]
struct Noted {
    inner: RustlsAcceptor<Gate>,
    fleet: Fleet,
}

impl<S: Send + 'static> Accept<TcpStream, S> for Noted {
    type Stream = <RustlsAcceptor<Gate> as Accept<TcpStream, S>>::Stream;
    type Service = <RustlsAcceptor<Gate> as Accept<TcpStream, S>>::Service;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let (peer, fleet) = (stream.peer_addr().ok(), self.fleet.clone());
        let accepting = self.inner.accept(stream, service);
        Box::pin(async move {
            let accepted = accepting.await;
            if let Err(problem) = &accepted
                && let Some((code, reason)) = certificate_problem(problem)
            {
                let address = peer.map(|peer| peer.ip().to_canonical());
                fleet.note_refusal(None, address, code, &reason).await;
            }
            accepted
        })
    }
}

/// Why a certificate of the other side was refused, if that is what went wrong.
fn certificate_problem(problem: &io::Error) -> Option<(&'static str, String)> {
    let rustls::Error::InvalidCertificate(reason) = problem.get_ref()?.downcast_ref::<rustls::Error>()? else {
        return None;
    };
    let code = match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired_certificate",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "early_certificate",
        _ => "foreign_certificate",
    };
    Some((code, format!("the certificate of the connection: {reason}")))
}
