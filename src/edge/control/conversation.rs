//! The conversation with the appliance: by socket as long as that opens, else by polling.

use std::sync::Arc;
use std::time::Duration;

use futures_util::SinkExt as _;
use futures_util::StreamExt as _;
use nazorat_wire::frame::Ack;
use nazorat_wire::frame::Command;
use nazorat_wire::frame::Downward;
use nazorat_wire::frame::Frame as _;
use nazorat_wire::frame::Hello;
use nazorat_wire::frame::MAX_FRAME;
use nazorat_wire::frame::Outcome;
use nazorat_wire::frame::Upward;
use nazorat_wire::frame::Welcome;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use tracing::info;
use tracing::warn;

use super::ControlConfig;
use super::News;
use super::ledger::Ledger;
use super::ledger::Said;
use super::ledger::is_large;
use super::ledger::tell;
use super::read_tuning;
use super::rules;
use crate::edge::Policies;
use crate::kernel::Timestamp;
use crate::kernel::random_bytes;
use crate::runtime::blocking;

const SOCKET: &str = "/v2/gateway/socket";
const COMMANDS: &str = "/v2/gateway/commands";
/// How long the appliance may take to say welcome.
const WELCOME_WITHIN: Duration = Duration::from_secs(20);
/// How long a message may take to leave; a line that takes none for so long is dead.
const LEAVE_WITHIN: Duration = Duration::from_secs(30);
/// What happens within so long is told together.
const GATHERED: Duration = Duration::from_millis(200);
/// A connection that held for so long was a good one.
const HELD: Duration = Duration::from_secs(60);

type Socket = WebSocketStream<reqwest::Upgraded>;

/// The line to the appliance.
pub(super) struct Line {
    config: ControlConfig,
    ledger: Ledger,
    done: mpsc::Receiver<Outcome>,
    started_at: Timestamp,
    /// How far the appliance's clock is ahead of ours.
    ahead_us: i64,
}

/// What the appliance answers to a poll.
#[derive(Deserialize)]
struct Waiting {
    clock: Timestamp,
    poll_secs: u64,
    items: Vec<Command>,
}

impl Line {
    pub(super) fn new(config: ControlConfig, ledger: Ledger, done: mpsc::Receiver<Outcome>) -> Self {
        let started_at = config.clock.now();
        Self { config, ledger, done, started_at, ahead_us: 0 }
    }

    /// Stays connected until the token is cancelled.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        tokio::select! {
            () = self.live() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn live(&mut self) {
        let mut failures = 0_u32;
        loop {
            let begun = Instant::now();
            let problem = match self.config.hop.open_socket(SOCKET).await {
                Ok(stream) => self.converse(stream).await,
                Err(problem) => problem,
            };
            failures = if begun.elapsed() >= HELD { 1 } else { failures.saturating_add(1) };
            if failures == 1 {
                info!("the control channel is closed: {problem}");
            } else {
                debug!("the control channel does not open: {problem}");
            }
            let mut pause = rules::pause(failures, chance());
            if failures >= rules::POLL_AFTER
                && let Some(asked) = self.poll().await
            {
                pause = pause.max(asked);
            }
            self.rest(pause).await;
        }
    }

    /// Waits; results that come meanwhile are told by requests of their own.
    async fn rest(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return,
                Some(outcome) = self.done.recv() => {
                    tell(&self.config.hop, &outcome).await;
                }
            }
        }
    }

    /// One connection; says why it ended.
    async fn converse(&mut self, stream: reqwest::Upgraded) -> String {
        let limits = WebSocketConfig::default()
            .read_buffer_size(8 << 10)
            .write_buffer_size(0)
            .max_write_buffer_size(1 << 20)
            .max_message_size(Some(MAX_FRAME))
            .max_frame_size(Some(MAX_FRAME));
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, Some(limits)).await;
        let outcome = match self.greet(&mut socket).await {
            Ok(welcome) => self.talk(&mut socket, &welcome).await,
            Err(problem) => Err(problem),
        };
        drop(tokio::time::timeout(Duration::from_secs(1), socket.close(None)).await);
        outcome.err().unwrap_or_else(|| "it ended".to_owned())
    }

    async fn greet(&mut self, socket: &mut Socket) -> Result<Welcome, String> {
        let folder = self.config.folder.clone();
        let config = blocking(move || read_tuning(&folder)).await.map(nazorat_wire::Tuning::checksum);
        let hello = Hello {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: self.config.clock.now(),
            started_at: self.started_at,
            frames: nazorat_wire::frame::FRAME_VERSION,
            config,
            policies: self.config.policies.as_ref().and_then(Policies::list),
        };
        say(socket, &Upward::Hello(hello)).await?;
        let deadline = Instant::now() + WELCOME_WITHIN;
        loop {
            let message = tokio::time::timeout_at(deadline, socket.next()).await;
            let message = message.map_err(|_| "the appliance does not say welcome".to_owned())?;
            if let Some(Downward::Welcome(welcome)) = self.read(message)? {
                self.set_clock(welcome.clock);
                info!("the control channel is open");
                return Ok(welcome);
            }
        }
    }

    async fn talk(&mut self, socket: &mut Socket, welcome: &Welcome) -> Result<(), String> {
        let interval = Duration::from_secs(u64::from(welcome.heartbeat_secs));
        let silent = Duration::from_secs(u64::from(welcome.silent_secs));
        let mut beat = Instant::now();
        let mut heard = Instant::now();
        let news = self.config.news.clone();
        let (mut due, mut earliest) = (None, Instant::now());
        if let Some(news) = &news {
            (news.begin)();
        }
        loop {
            tokio::select! {
                () = came(news.as_ref()), if due.is_none() => due = Some(earliest.max(Instant::now() + GATHERED)),
                () = tokio::time::sleep_until(due.unwrap_or(beat)), if due.is_some() => {
                    let told = self.tell_news(socket, news.as_ref()).await?;
                    earliest = Instant::now() + rules::news_pause(told.unwrap_or_default());
                    // What had no room goes next.
                    due = told.map(|_| earliest);
                }
                message = socket.next() => {
                    heard = Instant::now();
                    if let Some(frame) = self.read(message)? {
                        self.answer(socket, frame).await?;
                    }
                }
                () = tokio::time::sleep_until(beat) => {
                    beat = Instant::now() + interval;
                    self.heartbeat(socket).await?;
                }
                Some(outcome) = self.done.recv() => self.result(socket, outcome).await?,
                () = tokio::time::sleep_until(heard + silent) => {
                    return Err(format!("nothing came for {} s", silent.as_secs()));
                }
            }
        }
    }

    /// The frame in a message, if it is one that we know.
    fn read(
        &self,
        message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
    ) -> Result<Option<Downward>, String> {
        match message {
            Some(Ok(Message::Text(text))) => match Downward::decode(&text) {
                Ok(read) => Ok(read.frame),
                Err(problem) => {
                    warn!("a frame of the appliance was not understood: {problem}");
                    Ok(None)
                }
            },
            Some(Ok(Message::Close(Some(close)))) => Err(format!("the appliance closed it: {}", close.reason)),
            Some(Ok(Message::Close(None))) | None => Err("the appliance closed it".to_owned()),
            Some(Ok(_)) => Ok(None),
            Some(Err(problem)) => Err(problem.to_string()),
        }
    }

    async fn answer(&mut self, socket: &mut Socket, frame: Downward) -> Result<(), String> {
        match frame {
            Downward::Ping(ping) => {
                self.set_clock(ping.clock);
                say(socket, &Upward::Ack(Ack { id: ping.id, checksum: None })).await
            }
            Downward::Command(command) => {
                let id = command.id;
                match self.ledger.receive(command, self.theirs()).await {
                    Said::Ack(checksum) => say(socket, &Upward::Ack(Ack { id, checksum })).await,
                    Said::Result(outcome) => self.result(socket, outcome).await,
                    Said::Nothing => Ok(()),
                }
            }
            // Nothing of these is known yet; the appliance sees that nobody acknowledges them.
            Downward::Policy(_) | Downward::Config(_) | Downward::Welcome(_) => Ok(()),
        }
    }

    async fn result(&self, socket: &mut Socket, outcome: Outcome) -> Result<(), String> {
        if is_large(&outcome) {
            // The socket waits meanwhile; a line that takes longer than it may be silent is opened anew.
            tell(&self.config.hop, &outcome).await;
            return Ok(());
        }
        say(socket, &Upward::Result(outcome)).await
    }

    async fn heartbeat(&self, socket: &mut Socket) -> Result<(), String> {
        let gather = self.config.gather.clone();
        let text = blocking(move || rules::fitting(gather())).await;
        match text {
            Some(text) => send(socket, text).await,
            None => Ok(()),
        }
    }

    /// Tells what there is to tell; how many bytes that were.
    async fn tell_news(&self, socket: &mut Socket, news: Option<&News>) -> Result<Option<usize>, String> {
        let Some(gather) = news.map(|news| Arc::clone(&news.gather)) else { return Ok(None) };
        let text = blocking(move || gather().and_then(rules::fitting)).await;
        let Some(text) = text else { return Ok(None) };
        let bytes = text.len();
        send(socket, text).await?;
        Ok(Some(bytes))
    }

    /// Asks for commands and answers them; says when to ask again, if the appliance answered.
    async fn poll(&mut self) -> Option<Duration> {
        let (status, body) = self.config.hop.ask(http::Method::GET, COMMANDS, String::new()).await.ok()?;
        if status != 200 {
            return None;
        }
        let waiting: Waiting = serde_json::from_slice(&body).ok()?;
        self.set_clock(waiting.clock);
        // Without a socket nobody hears which policies are here.
        if let Some(policies) = &self.config.policies {
            policies.look();
        }
        for command in waiting.items {
            let id = command.id;
            match self.ledger.receive(command, self.theirs()).await {
                Said::Ack(checksum) => {
                    let body = serde_json::json!({ "checksum": checksum }).to_string();
                    let path = format!("{COMMANDS}/{id}/ack");
                    if let Err(problem) = self.config.hop.ask(http::Method::POST, &path, body).await {
                        debug!("a command could not be acknowledged: {problem}");
                    }
                }
                Said::Result(outcome) => drop(tell(&self.config.hop, &outcome).await),
                Said::Nothing => {}
            }
        }
        Some(Duration::from_secs(waiting.poll_secs.clamp(5, 3_600)))
    }

    fn set_clock(&mut self, theirs: Timestamp) {
        self.ahead_us = theirs.as_microsecond().saturating_sub(self.config.clock.now().as_microsecond());
    }

    fn theirs(&self) -> Timestamp {
        rules::theirs(self.config.clock.now(), self.ahead_us)
    }
}

/// Waits until there is something to tell.
async fn came(news: Option<&News>) {
    match news {
        Some(news) => news.came.notified().await,
        None => std::future::pending().await,
    }
}

async fn say(socket: &mut Socket, frame: &Upward) -> Result<(), String> {
    match frame.encode() {
        Ok(text) => send(socket, text).await,
        Err(problem) => {
            warn!("a frame cannot be sent: {problem}");
            Ok(())
        }
    }
}

async fn send(socket: &mut Socket, text: String) -> Result<(), String> {
    match tokio::time::timeout(LEAVE_WITHIN, socket.send(Message::text(text))).await {
        Ok(sent) => sent.map_err(|problem| problem.to_string()),
        Err(_) => Err("nothing leaves any more".to_owned()),
    }
}

fn chance() -> f64 {
    f64::from(u32::from_le_bytes(random_bytes())) / f64::from(u32::MAX)
}
