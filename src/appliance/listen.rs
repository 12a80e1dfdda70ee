//! The listeners: bound before anything is announced, closed first when the process stops.
//!
//! Limits: TLS handshake 10 s, request head 10 s, first request 15 s, HTTP/2 ping every 20 s, and those of
//! `limits.rs`; the request body's is in `web::http`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::Server;
use axum_server::tls_rustls::RustlsAcceptor;
use tokio::net::TcpListener;
use tokio::net::TcpSocket;

use super::limits::Gate;
use super::tls::Tls;
use crate::runtime::Lifecycle;
use crate::web::http::Channel;
use crate::web::http::harden;

const HANDSHAKE: Duration = Duration::from_secs(10);
const HEAD: Duration = Duration::from_secs(10);
const FIRST_REQUEST: Duration = Duration::from_secs(15);
const PING: Duration = Duration::from_secs(20);
/// Requests that run when the process is asked to stop may take this long.
const DRAIN: Duration = Duration::from_secs(6);
const BACKLOG: u32 = 1_024;
const HEAD_BYTES: usize = 64 << 10;

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

/// An address cannot be listened at.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at {address} ({key} in the configuration)")]
pub struct ListenError {
    address: SocketAddr,
    key: &'static str,
    source: std::io::Error,
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
    pub(super) fn serve(self, life: &Lifecycle, router: &Router, local: Router, tls: &Tls) {
        let main = limited(self.main, life);
        let acceptor = RustlsAcceptor::new(tls.rustls.clone()).handshake_timeout(HANDSHAKE).acceptor(Gate::default());
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

fn bind(address: SocketAddr, key: &'static str) -> Result<TcpListener, ListenError> {
    let open = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    open().map_err(|source| ListenError { address, key, source })
}

fn limited(listener: TcpListener, life: &Lifecycle) -> Server<SocketAddr> {
    let handle = Handle::new();
    let mut server = Server::from_listener(listener).handle(handle.clone()).first_request_timeout(FIRST_REQUEST);
    let builder = server.http_builder();
    builder.http1().header_read_timeout(HEAD).max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .max_concurrent_streams(200)
        .max_header_list_size(u32::try_from(HEAD_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    let stop = life.soft();
    life.spawn("drain", async move {
        stop.cancelled().await;
        handle.graceful_shutdown(Some(DRAIN));
        Ok::<_, std::convert::Infallible>(())
    });
    server
}

/// Every connection is an open file; many systems begin with 1,024.
pub(super) fn raise_file_limit() {
    use rustix::process::Resource;
    use rustix::process::getrlimit;
    use rustix::process::setrlimit;
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(65_536).min(65_536);
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        if let Err(problem) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!("the limit of open files stays low: {problem}");
        }
    }
}
