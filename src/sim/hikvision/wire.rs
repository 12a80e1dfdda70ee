//! Connections: accepted, refused, cut, and written in pieces.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use bytes::Bytes;
use http_body::Body as _;
use http_body::Frame;
use hyper::Request;
use hyper::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;

use super::Terminal;
use super::answer::Answer;
use super::faults::Split;
use super::faults::is_before;
use super::routes;
use crate::sim::chance::Chance;

/// The longest body of a request.
const MOST_BODY: usize = 1024 * 1024;

pub(super) async fn accept(terminal: Terminal, listener: TcpListener) {
    let inner = &terminal.0;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = inner.stop.cancelled() => return,
        };
        let Ok((socket, _)) = accepted else { continue };
        let (cut, split, seed) = {
            let mut state = inner.state();
            if is_before(inner.clock.now(), state.away_until) {
                continue;
            }
            (state.connections.clone(), state.faults.split, state.chance.next())
        };
        let served = terminal.clone();
        inner.tasks.spawn(async move {
            tokio::select! {
                () = serve(served, socket, split, seed) => {}
                () = cut.cancelled() => {}
            }
        });
    }
}

async fn serve(terminal: Terminal, socket: TcpStream, split: Split, seed: u64) {
    drop(socket.set_nodelay(true));
    let io = TokioIo::new(Chopped { socket, split, chance: Chance::of(&[seed]) });
    let service = service_fn(move |request: Request<Incoming>| {
        let terminal = terminal.clone();
        async move { Ok::<_, Infallible>(answer(terminal, request).await) }
    });
    // What a client does wrong is its own affair.
    drop(hyper::server::conn::http1::Builder::new().keep_alive(true).serve_connection(io, service).await);
}

async fn answer(terminal: Terminal, request: Request<Incoming>) -> Response<SimBody> {
    let (head, mut incoming) = request.into_parts();
    let mut body = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx)).await {
        let Ok(frame) = frame else { return Answer::status(400, "badXmlFormat").into_response() };
        if let Some(data) = frame.data_ref() {
            body.extend_from_slice(data);
        }
        if body.len() > MOST_BODY {
            return Answer::status(400, "badParameters").into_response();
        }
    }
    routes::answer(&terminal, &head, &body).await.into_response()
}

/// A whole body, or one that goes on.
pub(super) enum SimBody {
    Whole(Option<Bytes>),
    Stream(Receiver<Bytes>),
}

impl http_body::Body for SimBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            SimBody::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            SimBody::Stream(rx) => rx.poll_recv(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn size_hint(&self) -> http_body::SizeHint {
        match self {
            SimBody::Whole(bytes) => {
                http_body::SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            SimBody::Stream(_) => http_body::SizeHint::default(),
        }
    }
}

/// A socket that takes few bytes at once.
struct Chopped {
    socket: TcpStream,
    split: Split,
    chance: Chance,
}

impl AsyncRead for Chopped {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Chopped {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        let this = self.get_mut();
        let most = match this.split {
            Split::Whole => buf.len(),
            Split::Bytes => 1,
            Split::Random => 1 + this.chance.below(700),
        };
        Pin::new(&mut this.socket).poll_write(cx, buf.get(..most.min(buf.len())).unwrap_or(buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}
