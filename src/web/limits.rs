//! Limits on connections: how many, from how many places, and how long a peer may refuse to read.

use std::collections::HashMap;
use std::future::Future;
use std::future::Ready;
use std::future::ready;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Context;
use std::task::Poll;
use std::task::ready as poll_ready;
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio::time::Sleep;

/// All connections of a listener together.
const CONNECTIONS: usize = 4_096;
/// Connections of one address; a branch office behind one address stays well below.
const CONNECTIONS_EACH: usize = 1_024;
/// How long a peer may leave an answer unread.
const UNREAD: Duration = Duration::from_secs(60);

/// Counts the connections of one listener. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    all: usize,
    each: HashMap<IpAddr, usize>,
}

impl Gate {
    fn enter(&self, peer: IpAddr) -> Option<Ticket> {
        let mut open = self.0.lock().ok()?;
        let each = open.each.get(&peer).copied().unwrap_or(0);
        if open.all >= CONNECTIONS || each >= CONNECTIONS_EACH {
            return None;
        }
        open.all += 1;
        open.each.insert(peer, each + 1);
        Some(Ticket { gate: self.clone(), peer })
    }

    fn leave(&self, peer: IpAddr) {
        let Ok(mut open) = self.0.lock() else { return };
        open.all = open.all.saturating_sub(1);
        match open.each.get_mut(&peer) {
            Some(each) if *each > 1 => *each -= 1,
            _ => drop(open.each.remove(&peer)),
        }
    }
}

/// One counted connection.
#[derive(Debug)]
struct Ticket {
    gate: Gate,
    peer: IpAddr,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.gate.leave(self.peer);
    }
}

impl<S> Accept<TcpStream, S> for Gate {
    type Stream = Counted;
    type Service = S;
    type Future = Ready<io::Result<(Counted, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let counted =
            stream.set_nodelay(true).and_then(|()| stream.peer_addr()).and_then(|peer| match self.enter(peer.ip()) {
                Some(ticket) => Ok(Counted { stream, unread: None, _ticket: ticket }),
                None => {
                    metrics::counter!("nazorat_http_connections_refused_total").increment(1);
                    Err(io::Error::other("too many connections"))
                }
            });
        ready(counted.map(|counted| (counted, service)))
    }
}

/// A connection that is counted, and closed when its peer does not read.
pub struct Counted {
    stream: TcpStream,
    unread: Option<Pin<Box<Sleep>>>,
    _ticket: Ticket,
}

impl Counted {
    /// Starts the clock when a write has to wait, stops it when it goes on.
    fn watch<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.unread = None;
            return outcome;
        }
        let unread = self.unread.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + UNREAD)));
        poll_ready!(unread.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer does not read its answer")))
    }
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, out)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.watch(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::CONNECTIONS_EACH;
    use super::Gate;

    #[test]
    fn one_address_cannot_take_all_connections() {
        let gate = Gate::default();
        let greedy = IpAddr::from([192, 0, 2, 1]);
        let mut tickets: Vec<_> = (0..CONNECTIONS_EACH).map(|_| gate.enter(greedy).unwrap()).collect();
        assert!(gate.enter(greedy).is_none());
        assert!(gate.enter(IpAddr::from([192, 0, 2, 2])).is_some());
        tickets.pop();
        assert!(gate.enter(greedy).is_some());
    }

    #[test]
    fn whoever_left_is_forgotten() {
        let gate = Gate::default();
        drop(gate.enter(IpAddr::from([192, 0, 2, 1])));
        let open = gate.0.lock().unwrap();
        assert!(open.all == 0 && open.each.is_empty());
    }
}
