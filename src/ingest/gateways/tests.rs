//! The control channel over real sockets, with gateways that need no certificate.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::extract::Request;
use axum::routing::get;
use futures_util::SinkExt as _;
use futures_util::StreamExt as _;
use nazorat_wire::Order;
use nazorat_wire::frame::Ack;
use nazorat_wire::frame::Command;
use nazorat_wire::frame::Downward;
use nazorat_wire::frame::Ending;
use nazorat_wire::frame::Frame as _;
use nazorat_wire::frame::Heartbeat;
use nazorat_wire::frame::Hello;
use nazorat_wire::frame::MAX_FRAME;
use nazorat_wire::frame::Outcome;
use nazorat_wire::frame::Upward;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::Message;

use super::Channel;
use super::ChannelConfig;
use super::socket::upgrade;
use crate::audit::Audit;
use crate::fleet::Fleet;
use crate::fleet::Peer;
use crate::fleet::alerts::Alerts;
use crate::fleet::commands::Commands;
use crate::fleet::commands::NewCommand;
use crate::fleet::commands::Standing;
use crate::fleet::presence::Liveness;
use crate::fleet::presence::Presence;
use crate::fleet::presence::PresenceConfig;
use crate::fleet::tests::PlainIssuer;
use crate::ingest::Refusal;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::CommandId;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::runtime::Lifecycle;
use crate::store::DataFolder;
use crate::store::Store;
use crate::tenancy::Tenancy;

/// An appliance that believes every gateway its id.
struct World {
    _folder: TempDir,
    address: SocketAddr,
    commands: Commands,
    presence: Presence,
    life: Lifecycle,
    barred: Arc<AtomicBool>,
}

type Socket = WebSocketStream<TcpStream>;

fn config() -> ChannelConfig {
    ChannelConfig { ping: Duration::from_millis(200), silent: Duration::from_millis(900), ..ChannelConfig::default() }
}

impl World {
    async fn new(config: ChannelConfig) -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Clock::system();
        let store = Store::open(&DataFolder::lock(folder.path()).unwrap()).unwrap();
        let audit = Audit::new(folder.path(), store.clone(), clock.clone());
        let tenancy = Tenancy::open(store.clone(), clock.clone(), audit.clone()).unwrap();
        let issuer = Arc::new(PlainIssuer);
        let fleet = Fleet::open(store.clone(), clock.clone(), audit.clone(), tenancy.clone(), issuer).unwrap();
        let alerts = Alerts::new(store.clone(), clock.clone(), audit.clone());
        let barred = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&barred);
        let standing: Standing = Arc::new(move |_| !asked.load(Ordering::SeqCst));
        let commands = Commands::new(store.clone(), clock.clone(), audit, alerts.clone(), standing.clone());
        let presence =
            Presence::open(store, clock.clone(), tenancy, (alerts, standing), PresenceConfig::default()).unwrap();
        let life = Lifecycle::new();
        let channel = Channel::new(fleet, (commands.clone(), presence.clone()), clock, life.clone(), config);
        let open = async move |Path(id): Path<String>, request: Request| -> Result<_, Refusal> {
            upgrade(&channel, peer(id.parse().unwrap()), request)
        };
        let router = Router::new().route("/{id}", get(open));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = life.soft();
        life.spawn("listener", async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
        });
        Self { _folder: folder, address, commands, presence, life, barred }
    }

    async fn try_connect(&self, id: GatewayId) -> Result<Socket, tungstenite::Error> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let url = format!("ws://{}/{id}", self.address);
        tokio_tungstenite::client_async(url, stream).await.map(|(socket, _)| socket)
    }

    /// A gateway that has said hello.
    async fn connect(&self, id: GatewayId) -> Socket {
        let mut socket = self.try_connect(id).await.unwrap();
        say(&mut socket, &hello()).await;
        assert!(matches!(hear(&mut socket).await, Downward::Welcome(_)));
        socket
    }

    async fn command(&self, id: GatewayId) -> CommandId {
        let new = NewCommand::new(Order::Ping);
        self.commands.create(&Actor::system(), peer(id), new).await.unwrap().id
    }

    async fn state(&self, id: GatewayId, command: CommandId) -> &'static str {
        self.commands.get(&Actor::system(), peer(id), command).await.unwrap().state.name()
    }
}

fn peer(gateway: GatewayId) -> Peer {
    Peer { organization: OrganizationId::new(1), gateway }
}

fn hello() -> Upward {
    let now = Clock::system().now();
    Upward::Hello(Hello {
        version: "0.1.0".to_owned(),
        clock: now,
        started_at: now,
        frames: 1,
        config: None,
        policies: None,
    })
}

fn beat() -> Upward {
    let clock = Clock::system().now();
    Upward::Heartbeat(Box::new(Heartbeat { version: "0.1.0".to_owned(), clock, ..Heartbeat::default() }))
}

async fn say(socket: &mut Socket, frame: &Upward) {
    socket.send(Message::text(frame.encode().unwrap())).await.unwrap();
}

/// The next frame that is no ping; pings are answered.
async fn hear(socket: &mut Socket) -> Downward {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(10), socket.next()).await.unwrap();
        let text = message.unwrap().unwrap().into_text().unwrap();
        match Downward::decode(&text).unwrap().frame.unwrap() {
            Downward::Ping(ping) => say(socket, &Upward::Ack(Ack { id: ping.id, checksum: None })).await,
            frame => return frame,
        }
    }
}

async fn hear_command(socket: &mut Socket) -> Command {
    match hear(socket).await {
        Downward::Command(command) => command,
        other => panic!("{other:?}"),
    }
}

/// Reads until the end: the code and the word of the close frame, or nothing if there was none.
async fn end(socket: &mut Socket) -> Option<(u16, String)> {
    let mut closed = None;
    let read = async {
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Close(Some(close)) = message {
                closed = Some((u16::from(close.code), close.reason.to_string()));
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), read).await.expect("the connection does not end");
    closed
}

fn closed(code: u16, word: &str) -> Option<(u16, String)> {
    Some((code, word.to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_sent_acknowledged_and_done() {
    let world = World::new(config()).await;
    let id = GatewayId::random();
    let early = world.command(id).await;
    let mut socket = world.connect(id).await;
    let first = hear_command(&mut socket).await;
    assert_eq!((first.id, first.kind.as_str(), first.attempt), (early.get(), "ping", 1));
    // Nobody says that it came, so it comes again.
    let again = hear_command(&mut socket).await;
    assert_eq!((again.id, again.attempt), (early.get(), 2));
    say(&mut socket, &Upward::Ack(Ack { id: first.id, checksum: None })).await;
    let late = world.command(id).await;
    assert_eq!(hear_command(&mut socket).await.id, late.get());
    // The line breaks between acknowledgement and result: both are asked for again by id.
    drop(socket);
    let mut socket = world.connect(id).await;
    let asked = [hear_command(&mut socket).await.id, hear_command(&mut socket).await.id];
    assert_eq!(asked, [early.get(), late.get()]);
    for id in asked {
        let outcome = Outcome { id, status: Ending::Succeeded, code: None, detail: None, body: None };
        say(&mut socket, &Upward::Result(outcome.clone())).await;
        say(&mut socket, &Upward::Result(outcome)).await;
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    while world.state(id, late).await != "succeeded" {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(world.state(id, early).await, "succeeded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newer_connection_wins_and_whoever_is_barred_is_closed() {
    let world = World::new(ChannelConfig::default()).await;
    let id = GatewayId::random();
    let mut older = world.connect(id).await;
    let mut newer = world.connect(id).await;
    assert_eq!(end(&mut older).await, closed(1008, "replaced"));
    say(&mut newer, &beat()).await;
    world.barred.store(true, Ordering::SeqCst);
    let begun = Instant::now();
    assert_eq!(end(&mut newer).await, closed(1008, "barred"));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_says_goodbye_to_everybody() {
    let world = World::new(config()).await;
    let mut socket = world.connect(GatewayId::random()).await;
    world.life.stop();
    assert_eq!(end(&mut socket).await, closed(1001, "stopping"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_open_connection_is_found_and_one_that_answers_pings_lives() {
    let world = World::new(config()).await;
    let mut dead = world.connect(GatewayId::random()).await;
    let living = GatewayId::random();
    let mut alive = world.connect(living).await;
    let begun = Instant::now();
    // Pings of the appliance are answered by frames; only a program that runs does that.
    while begun.elapsed() < Duration::from_secs(2) {
        let message = alive.next().await.unwrap().unwrap().into_text().unwrap();
        if let Some(Downward::Ping(ping)) = Downward::decode(&message).unwrap().frame {
            say(&mut alive, &Upward::Ack(Ack { id: ping.id, checksum: None })).await;
        }
    }
    assert_eq!(end(&mut dead).await, closed(1008, "silent"));
    let seen = world.presence.find(&Actor::system(), peer(living)).unwrap().unwrap();
    assert_eq!((seen.liveness, seen.connected), (Liveness::Online, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f38_ws_flood_and_slow_consumer() {
    let world = World::new(ChannelConfig::default()).await;
    let bystander = GatewayId::random();
    let mut other = world.connect(bystander).await;
    // One byte too many.
    let mut socket = world.connect(GatewayId::random()).await;
    socket.send(Message::text("x".repeat(MAX_FRAME + 1))).await.unwrap();
    assert_eq!(end(&mut socket).await, closed(1009, "too_large"));
    // More messages than anybody needs.
    for message in [beat().encode().unwrap(), "{}".to_owned(), String::new()] {
        let mut socket = world.connect(GatewayId::random()).await;
        flood(&mut socket, &Message::text(message), 400).await;
        let (code, word) = end(&mut socket).await.unwrap_or((1008, "flood".to_owned()));
        assert!(code == 1008 && (word == "flood" || word == "wrong"), "{code} {word}");
    }
    // Pings, which would be answered.
    let mut socket = world.connect(GatewayId::random()).await;
    flood(&mut socket, &Message::Ping(vec![0; 100].into()), 10_000).await;
    assert_eq!(end(&mut socket).await.unwrap_or((1008, "flood".to_owned())).0, 1008);
    // A message that never ends, in empty pieces: no limit on messages sees it.
    let socket = world.connect(GatewayId::random()).await;
    assert!(endless(socket, &[]).await, "endless empty fragments are not stopped");
    let socket = world.connect(GatewayId::random()).await;
    assert!(endless(socket, &[b'x'; 100]).await, "endless fragments are not stopped");
    // Nobody introduces itself like that.
    let mut socket = world.try_connect(GatewayId::random()).await.unwrap();
    say(&mut socket, &beat()).await;
    assert_eq!(end(&mut socket).await, closed(1008, "wrong"));
    let mut socket = world.connect(GatewayId::random()).await;
    socket.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(end(&mut socket).await, closed(1008, "wrong"));
    // All that time the other one was served.
    let command = world.command(bystander).await;
    let begun = Instant::now();
    assert_eq!(hear_command(&mut other).await.id, command.get());
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

/// Sends until the other side has had enough.
async fn flood(socket: &mut Socket, message: &Message, count: usize) {
    for _ in 0..count {
        if socket.send(message.clone()).await.is_err() {
            return;
        }
    }
}

/// Sends pieces of one message for ever; true when the other side ends it.
async fn endless(mut socket: Socket, piece: &[u8]) -> bool {
    let length = u8::try_from(piece.len()).unwrap();
    let frame = |opcode: u8| {
        // Masked with zeros, which changes nothing.
        let mut frame = vec![opcode, 0x80 | length, 0, 0, 0, 0];
        frame.extend_from_slice(piece);
        frame
    };
    let stream = socket.get_mut();
    let many = frame(0x00).repeat(2_000);
    if stream.write_all(&frame(0x01)).await.is_err() {
        return true;
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        if stream.write_all(&many).await.is_err() {
            return true;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f15_many_at_once_are_told_when_to_come_again() {
    let world = World::new(ChannelConfig { per_second: 20, burst: 5, ..ChannelConfig::default() }).await;
    let mut sockets = Vec::new();
    let mut waits = Vec::new();
    for _ in 0..20 {
        match world.try_connect(GatewayId::random()).await {
            Ok(socket) => sockets.push(socket),
            Err(tungstenite::Error::Http(answer)) => {
                assert_eq!(answer.status(), 503);
                waits.push(answer.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap());
            }
            Err(problem) => panic!("{problem}"),
        }
    }
    assert!((5..20).contains(&sockets.len()) && waits.len() + sockets.len() == 20, "{} {waits:?}", sockets.len());
    assert!(waits.iter().all(|wait| (1..=30).contains(wait)), "{waits:?}");
    // Who comes later is let in.
    let deadline = Instant::now() + Duration::from_secs(10);
    while sockets.len() < 20 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(50)).await;
        sockets.extend(world.try_connect(GatewayId::random()).await);
    }
}
