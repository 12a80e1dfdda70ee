//! The WebSocket of a gateway: handshake, limits, and the conversation.
//!
//! Limits: 128 KiB for a message, 256 KiB a second after the first MiB, 10 messages a second after the first 100, 1 MiB that
//! waits to be read by the other side. The handshake is our own, so that the stream below can be metered.

use std::collections::HashMap;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use futures_util::FutureExt as _;
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::StatusCode;
use http::header;
use hyper_util::rt::TokioIo;
use nazorat_wire::frame::Ack;
use nazorat_wire::frame::Downward;
use nazorat_wire::frame::Frame as _;
use nazorat_wire::frame::FrameError;
use nazorat_wire::frame::MAX_FRAME;
use nazorat_wire::frame::Outcome;
use nazorat_wire::frame::Ping;
use nazorat_wire::frame::Upward;
use nazorat_wire::frame::Welcome;
use tokio::sync::broadcast;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::bucket::Bucket;
use super::channel::Channel;
use super::channel::Entered;
use super::meter::Metered;
use super::outgoing::Outgoing;
use super::outgoing::farewell;
use super::outgoing::pump;
use crate::fleet::Peer;
use crate::fleet::commands::CommandError;
use crate::fleet::commands::Tries;
use crate::ingest::Refusal;
use crate::ingest::docs::ProblemBody;
use crate::kernel::CommandId;

/// How long the other side may take for the end of the handshake and for its first frame.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
const MESSAGES_PER_SECOND: u32 = 10;
const MESSAGES_BURST: u32 = 100;
/// Frames of a connection that cannot be read, before it is closed.
const MOST_WRONG: u32 = 20;
/// How often it is looked whether the gateway may still be connected, should nobody tell.
const STANDING: Duration = Duration::from_secs(2);
/// When the store fails it is tried again after so long.
const AGAIN: Duration = Duration::from_secs(5);

/// A stream after its handshake.
pub(super) type Socket = WebSocketStream<Metered<TokioIo<hyper::upgrade::Upgraded>>>;

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// The other side said goodbye, or is gone.
    Left,
    /// The process stops.
    Stopping,
    /// The gateway may not be connected any more.
    Barred,
    /// The gateway has connected anew.
    Replaced,
    /// Nothing came for too long.
    Silent,
    /// It does not read what it is sent.
    Slow,
    /// A message was too large.
    TooLarge,
    /// Too much came in too short a time.
    Flood,
    /// It does not speak as agreed.
    Wrong,
}

impl Why {
    /// Code of the close frame and the word beside it, which is also that of the metric.
    pub(super) const fn told(self) -> (u16, &'static str) {
        match self {
            Why::Left => (1000, "left"),
            Why::Stopping => (1001, "stopping"),
            Why::Barred => (1008, "barred"),
            Why::Replaced => (1008, "replaced"),
            Why::Silent => (1008, "silent"),
            Why::Slow => (1008, "slow"),
            Why::TooLarge => (1009, "too_large"),
            Why::Flood => (1008, "flood"),
            Why::Wrong => (1008, "wrong"),
        }
    }

    /// True when somebody should hear of it.
    const fn is_abuse(self) -> bool {
        matches!(self, Why::TooLarge | Why::Flood | Why::Wrong | Why::Slow)
    }
}

/// Open the control channel
///
/// A WebSocket over HTTP/1.1. Both sides send text messages of at most 128 KiB, each a JSON object with `v` and `type`.
/// The gateway begins with `hello` and is answered with `welcome`. It then sends `heartbeat`, `ack`, `result` and `event`, and
/// gets `command`, `policy`, `config` and `ping`.
#[utoipa::path(
    get,
    path = "/v2/gateway/socket",
    tag = "gateways",
    responses(
        (status = 101, description = "The channel is open"),
        (status = 400, description = "No WebSocket handshake", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No key, or a proof that is none", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Suspended or revoked", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Too many connect at once; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn open(State(channel): State<Channel>, peer: Peer, request: Request) -> Result<Response, Refusal> {
    upgrade(&channel, peer, request)
}

/// Opens the channel to a gateway that proved itself.
pub(super) fn upgrade(channel: &Channel, peer: Peer, mut request: Request) -> Result<Response, Refusal> {
    let accept = accept(request.headers())?;
    let place = channel.admit()?;
    let upgrade = hyper::upgrade::on(&mut request);
    let session = {
        let channel = channel.clone();
        async move {
            let Ok(Ok(upgraded)) = tokio::time::timeout(HELLO_WITHIN, upgrade).await else { return };
            let stream = Metered::new(TokioIo::new(upgraded));
            let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits())).await;
            serve(&channel, peer, socket).await;
            drop(place);
        }
    };
    channel.life().spawn("gateway socket", async move {
        // One bad connection must not stop the appliance.
        if AssertUnwindSafe(session).catch_unwind().await.is_err() {
            tracing::error!(gateway.id = %peer.gateway, "the connection of a gateway ended in a panic");
        }
        Ok::<_, Infallible>(())
    });
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (HeaderName::from_static("sec-websocket-accept"), accept),
    ];
    Ok((StatusCode::SWITCHING_PROTOCOLS, headers).into_response())
}

/// The answer to the key of a handshake.
fn accept(headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    let has = |name: HeaderName, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    let version = headers.get("sec-websocket-version").is_some_and(|version| version == "13");
    let key = headers.get("sec-websocket-key").filter(|key| key.len() == 24);
    // A browser names where its page is from; no gateway does.
    let foreign = headers.contains_key(header::ORIGIN);
    match key {
        Some(key) if has(header::CONNECTION, "upgrade") && has(header::UPGRADE, "websocket") && version && !foreign => {
            HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|_| no_handshake())
        }
        _ => Err(no_handshake()),
    }
}

fn no_handshake() -> Refusal {
    Refusal::bad("no_handshake", "send a WebSocket handshake of version 13 over HTTP/1.1, without an Origin")
}

fn limits() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(8 << 10)
        .write_buffer_size(0)
        .max_write_buffer_size(256 << 10)
        .max_message_size(Some(MAX_FRAME))
        .max_frame_size(Some(MAX_FRAME))
}

/// A connection from its first frame to its last.
async fn serve(channel: &Channel, peer: Peer, socket: Socket) {
    let entered = channel.enter(peer);
    let (mut sink, stream) = socket.split();
    let (out, queue) = Outgoing::new();
    let mut session = Session::new(channel, peer, stream, out);
    let soft = channel.life().soft();
    let why = tokio::select! {
        why = session.converse() => why,
        why = pump(&mut sink, queue) => why,
        why = barred(channel, peer, &entered) => why,
        () = soft.cancelled() => Why::Stopping,
    };
    let (code, word) = why.told();
    metrics::counter!("nazorat_control_closed_total", "reason" => word).increment(1);
    tracing::info!(gateway.id = %peer.gateway, "the connection of the gateway ended: {word}");
    if why.is_abuse() {
        channel.fleet().note_refusal(Some(peer), None, "control_abuse", word).await;
    }
    farewell(&mut sink, &mut session.stream, code, word).await;
}

/// Ends when the gateway may not be connected on this connection any more.
async fn barred(channel: &Channel, peer: Peer, entered: &Entered) -> Why {
    let mut changed = channel.fleet().watch();
    loop {
        if !channel.commands().may_connect(peer) {
            return Why::Barred;
        }
        tokio::select! {
            () = entered.replaced.cancelled() => return Why::Replaced,
            Ok(()) = changed.changed() => {}
            () = tokio::time::sleep(STANDING) => {}
        }
    }
}

struct Session<'a> {
    channel: &'a Channel,
    peer: Peer,
    stream: SplitStream<Socket>,
    out: Outgoing,
    changes: broadcast::Receiver<Peer>,
    tries: HashMap<CommandId, Tries>,
    bucket: Bucket,
    heard: Instant,
    pinged: Instant,
    look: Option<Instant>,
    greeted: bool,
    wrong: u32,
}

impl<'a> Session<'a> {
    fn new(channel: &'a Channel, peer: Peer, stream: SplitStream<Socket>, out: Outgoing) -> Self {
        let now = Instant::now();
        Self {
            channel,
            peer,
            stream,
            out,
            changes: channel.commands().changes(),
            tries: HashMap::new(),
            bucket: Bucket::new(MESSAGES_PER_SECOND, MESSAGES_BURST, now),
            heard: now,
            pinged: now,
            look: None,
            greeted: false,
            wrong: 0,
        }
    }

    async fn converse(&mut self) -> Why {
        loop {
            let silent = if self.greeted { self.channel.config().silent } else { HELLO_WITHIN };
            let (dead, ping) = (self.heard + silent, self.pinged + self.channel.config().ping);
            let look = self.look.unwrap_or(dead + silent);
            let outcome = tokio::select! {
                message = self.stream.next() => match message {
                    Some(Ok(message)) => self.take(message).await,
                    Some(Err(problem)) => Err(why(&problem)),
                    None => Err(Why::Left),
                },
                changed = self.changes.recv() => match changed {
                    Ok(peer) if peer != self.peer => Ok(()),
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => self.dispatch().await,
                    Err(broadcast::error::RecvError::Closed) => Err(Why::Stopping),
                },
                () = tokio::time::sleep_until(look) => self.dispatch().await,
                () = tokio::time::sleep_until(ping) => self.ping(),
                () = tokio::time::sleep_until(dead) => Err(Why::Silent),
            };
            if let Err(why) = outcome {
                return why;
            }
        }
    }

    async fn take(&mut self, message: Message) -> Result<(), Why> {
        let now = Instant::now();
        self.bucket.take(1.0, now).map_err(|_| Why::Flood)?;
        self.heard = now;
        let text = match message {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(()),
            Message::Close(_) => return Err(Why::Left),
            Message::Binary(_) => return Err(Why::Wrong),
        };
        match Upward::decode(&text) {
            Ok(read) => {
                if read.unknown > 0 {
                    metrics::counter!("nazorat_control_unknown_total").increment(u64::from(read.unknown));
                }
                match read.frame {
                    Some(frame) => self.obey(frame).await,
                    None => Ok(()),
                }
            }
            Err(FrameError::TooLarge(_)) => Err(Why::TooLarge),
            Err(problem) => {
                tracing::debug!(gateway.id = %self.peer.gateway, "a frame was not understood: {problem}");
                self.wrong += 1;
                if self.wrong >= MOST_WRONG { Err(Why::Wrong) } else { Ok(()) }
            }
        }
    }

    async fn obey(&mut self, frame: Upward) -> Result<(), Why> {
        let (peer, presence) = (self.peer, self.channel.presence());
        let kind = kind(&frame);
        metrics::counter!("nazorat_control_frames_total", "type" => kind).increment(1);
        match frame {
            Upward::Hello(hello) => {
                presence.hello(peer, &hello).await;
                self.greeted = true;
                tracing::info!(gateway.id = %peer.gateway, "the gateway is connected");
                let heartbeat = presence.interval().as_secs();
                self.say(&Downward::Welcome(Welcome {
                    clock: self.channel.now(),
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    heartbeat_secs: u32::try_from(heartbeat).unwrap_or(30),
                    silent_secs: u32::try_from(self.channel.config().silent.as_secs()).unwrap_or(45),
                }))?;
                self.dispatch().await
            }
            // Whoever does not introduce itself is not listened to.
            _ if !self.greeted => Err(Why::Wrong),
            Upward::Heartbeat(beat) => {
                presence.heartbeat(peer, *beat).await;
                Ok(())
            }
            Upward::Event(notice) => {
                presence.notice(peer, &notice).await;
                Ok(())
            }
            Upward::Ack(ack) => self.acked(ack).await,
            Upward::Result(outcome) => self.ended(outcome).await,
        }
    }

    async fn acked(&mut self, ack: Ack) -> Result<(), Why> {
        self.channel.presence().contact(self.peer).await;
        let acked = self.channel.commands().acked(self.peer, CommandId::new(ack.id), ack.checksum).await;
        self.settled(acked.map(drop))
    }

    async fn ended(&mut self, outcome: Outcome) -> Result<(), Why> {
        self.channel.presence().contact(self.peer).await;
        let ended = self.channel.commands().ended(self.peer, outcome).await;
        self.settled(ended.map(drop))
    }

    /// Answers to pings, to commands that are over and to those of others are normal, and nothing comes of them.
    fn settled(&mut self, outcome: Result<(), CommandError>) -> Result<(), Why> {
        match outcome {
            Ok(()) | Err(CommandError::Over(_) | CommandError::Unknown(_) | CommandError::TooLarge) => Ok(()),
            Err(problem) => {
                tracing::error!("what a gateway said of a command could not be kept: {problem}");
                // It is asked again by the next try.
                Ok(())
            }
        }
    }

    /// Sends what is due, and finds out when to look again.
    async fn dispatch(&mut self) -> Result<(), Why> {
        if !self.greeted {
            return Ok(());
        }
        match self.channel.due(self.peer, &mut self.tries).await {
            Ok(due) => {
                for command in due.commands {
                    self.say(&Downward::Command(command))?;
                }
                let now = self.channel.now();
                let wait = |until: crate::kernel::Timestamp| until.duration_since(now).unsigned_abs();
                self.look = due.next.map(|until| Instant::now() + wait(until.max(now)));
            }
            Err(problem) => {
                tracing::error!("commands of a gateway cannot be read: {problem}");
                self.look = Some(Instant::now() + AGAIN);
            }
        }
        Ok(())
    }

    fn ping(&mut self) -> Result<(), Why> {
        self.pinged = Instant::now();
        if !self.greeted {
            return Ok(());
        }
        self.say(&Downward::Ping(Ping { id: uuid::Uuid::now_v7(), clock: self.channel.now() }))
    }

    fn say(&self, frame: &Downward) -> Result<(), Why> {
        match frame.encode() {
            Ok(text) => self.out.push(text).map_err(|_| Why::Slow),
            Err(problem) => {
                tracing::error!("a frame to a gateway cannot be sent: {problem}");
                Ok(())
            }
        }
    }
}

const fn kind(frame: &Upward) -> &'static str {
    match frame {
        Upward::Hello(_) => "hello",
        Upward::Heartbeat(_) => "heartbeat",
        Upward::Ack(_) => "ack",
        Upward::Result(_) => "result",
        Upward::Event(_) => "event",
    }
}

fn why(problem: &tungstenite::Error) -> Why {
    match problem {
        tungstenite::Error::Capacity(_) => Why::TooLarge,
        tungstenite::Error::Io(problem) if problem.kind() == std::io::ErrorKind::QuotaExceeded => Why::Flood,
        tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => Why::Left,
        tungstenite::Error::Protocol(_) | tungstenite::Error::Utf8(_) | tungstenite::Error::AttackAttempt => Why::Wrong,
        _ => Why::Left,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::HeaderValue;

    use super::accept;

    #[test]
    fn only_a_handshake_of_a_program_is_answered() {
        let good = [
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let with = |change: Option<(&'static str, &'static str)>| {
            let mut headers = HeaderMap::new();
            for (name, value) in good.into_iter().chain(change) {
                headers.insert(name, HeaderValue::from_static(value));
            }
            accept(&headers).ok()
        };
        assert_eq!(with(None).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        for wrong in [
            ("connection", "close"),
            ("upgrade", "h2c"),
            ("sec-websocket-version", "8"),
            ("sec-websocket-key", "x"),
            ("origin", "https://evil.example"),
        ] {
            assert!(with(Some(wrong)).is_none(), "{wrong:?}");
        }
    }
}
