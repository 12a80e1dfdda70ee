//! What every listener of every mode has: limits on connections and on time, and a drain at the stop.
//!
//! Request head 10 s, first request 15 s, HTTP/2 ping every 20 s, and those of `limits.rs`; the request body's is in
//! `http.rs`.

use std::net::SocketAddr;
use std::time::Duration;

use axum_server::Handle;
use axum_server::Server;
use tokio::net::TcpListener;
use tokio::net::TcpSocket;

use crate::runtime::Lifecycle;

const HEAD: Duration = Duration::from_secs(10);
const FIRST_REQUEST: Duration = Duration::from_secs(15);
const PING: Duration = Duration::from_secs(20);
/// On a thin line the answer to a ping queues behind the body that is being sent, which may take a minute.
const PONG: Duration = Duration::from_secs(90);
/// Requests that run when the process is asked to stop may take this long.
const DRAIN: Duration = Duration::from_secs(6);
const BACKLOG: u32 = 1_024;
const HEAD_BYTES: usize = 64 << 10;

/// An address cannot be listened at.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at {address} ({key} in the configuration)")]
pub struct ListenError {
    address: SocketAddr,
    key: &'static str,
    source: std::io::Error,
}

/// Takes an address; `key` is where the administrator wrote it.
pub fn bind(address: SocketAddr, key: &'static str) -> Result<TcpListener, ListenError> {
    let open = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    open().map_err(|source| ListenError { address, key, source })
}

/// A server that keeps to the limits and drains at the soft stop.
pub fn limited(listener: TcpListener, life: &Lifecycle) -> Server<SocketAddr> {
    let handle = Handle::new();
    let mut server = Server::from_listener(listener).handle(handle.clone()).first_request_timeout(FIRST_REQUEST);
    let builder = server.http_builder();
    builder.http1().header_read_timeout(HEAD).max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .max_concurrent_streams(200)
        .max_header_list_size(u32::try_from(HEAD_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG);
    let stop = life.soft();
    life.spawn("drain", async move {
        stop.cancelled().await;
        handle.graceful_shutdown(Some(DRAIN));
        Ok::<_, std::convert::Infallible>(())
    });
    server
}
