//! What waits to be read by the other side of a socket, up to a bound.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::SinkExt as _;
use futures_util::StreamExt as _;
use futures_util::stream::SplitSink;
use futures_util::stream::SplitStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::socket::Socket;
use super::socket::Why;

/// The most bytes that wait; whoever has more is closed and told again when it comes back.
const MOST_BYTES: usize = 1 << 20;
/// How long one message may take to leave.
const LEAVE_WITHIN: Duration = Duration::from_secs(20);
/// How long the last message may take, and the other side's answer to it.
const FAREWELL: Duration = Duration::from_secs(1);

/// Too much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

/// The end where messages go in.
pub(super) struct Outgoing {
    queue: mpsc::UnboundedSender<String>,
    bytes: Arc<AtomicUsize>,
}

/// The end where they come out.
pub(super) struct Queue {
    queue: mpsc::UnboundedReceiver<String>,
    bytes: Arc<AtomicUsize>,
}

impl Outgoing {
    pub(super) fn new() -> (Self, Queue) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let bytes = Arc::new(AtomicUsize::new(0));
        (Self { queue: sender, bytes: Arc::clone(&bytes) }, Queue { queue: receiver, bytes })
    }

    pub(super) fn push(&self, text: String) -> Result<(), Full> {
        let length = text.len();
        if self.bytes.fetch_add(length, Ordering::Relaxed) + length > MOST_BYTES {
            return Err(Full);
        }
        self.queue.send(text).map_err(|_| Full)
    }
}

/// Sends what waits, for as long as the other side reads.
pub(super) async fn pump(sink: &mut SplitSink<Socket, Message>, mut waiting: Queue) -> Why {
    while let Some(text) = waiting.queue.recv().await {
        let length = text.len();
        match tokio::time::timeout(LEAVE_WITHIN, sink.send(Message::text(text))).await {
            Ok(Ok(())) => waiting.bytes.fetch_sub(length, Ordering::Relaxed),
            Ok(Err(_)) => return Why::Left,
            Err(_) => return Why::Slow,
        };
    }
    Why::Left
}

/// Says why it is over, and waits a moment for the other side to hear it.
pub(super) async fn farewell(
    sink: &mut SplitSink<Socket, Message>,
    stream: &mut SplitStream<Socket>,
    code: u16,
    word: &'static str,
) {
    let close = CloseFrame { code: code.into(), reason: word.into() };
    let said = tokio::time::timeout(FAREWELL, sink.send(Message::Close(Some(close)))).await;
    if matches!(said, Ok(Ok(()))) {
        // A bound in messages too: who floods would otherwise be read for the whole moment.
        let rest = async { while let Some(Ok(_)) = stream.by_ref().take(1_000).next().await {} };
        drop(tokio::time::timeout(FAREWELL, rest).await);
    }
}

#[cfg(test)]
mod tests {
    use super::Full;
    use super::MOST_BYTES;
    use super::Outgoing;

    #[test]
    fn what_nobody_reads_has_a_bound() {
        let (out, _queue) = Outgoing::new();
        let half = "x".repeat(MOST_BYTES / 2);
        assert_eq!(out.push(half.clone()), Ok(()));
        assert_eq!(out.push(half), Ok(()));
        assert_eq!(out.push("x".to_owned()), Err(Full));
    }
}
