//! A stream that ends when its peer sends faster than anybody needs to.
//!
//! The limits of a WebSocket are on messages. A message that never ends, cut into a million empty pieces, passes them all;
//! it does not pass here.

use std::io;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::time::Instant;

use super::bucket::Bucket;

/// Twice as much as a gateway says that has news of thousands of agents.
const BYTES_PER_SECOND: u32 = 256 << 10;
const BURST: u32 = 1 << 20;

/// The stream.
pub(super) struct Metered<S> {
    stream: S,
    bucket: Bucket,
}

impl<S> Metered<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, bucket: Bucket::new(BYTES_PER_SECOND, BURST, Instant::now()) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, out))?;
        let read = u32::try_from(out.filled().len() - before).unwrap_or(u32::MAX);
        match self.bucket.take(f64::from(read), Instant::now()) {
            Ok(()) => Poll::Ready(Ok(())),
            Err(_) => Poll::Ready(Err(io::Error::new(io::ErrorKind::QuotaExceeded, "the peer sends too much"))),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
