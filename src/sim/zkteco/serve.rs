//! Port 4370 of a simulated terminal, over TCP and UDP, with everything that may go wrong.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nazorat_terminals::zkteco::code::command;
use nazorat_terminals::zkteco::code::reply;
use nazorat_terminals::zkteco::frame::Decoder;
use nazorat_terminals::zkteco::frame::Packet;
use nazorat_terminals::zkteco::realtime;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::net::UdpSocket;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::faults::Split;
use super::state::Shared;
use super::state::Told;
use super::talk::Talk;

/// The longest part of a long answer over UDP.
const UDP_PART: usize = 1_000;

/// Takes connections until it is stopped.
pub(super) async fn tcp(shared: Arc<Shared>, listener: TcpListener, tasks: TaskTracker, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else { continue };
        let full = {
            let state = shared.state();
            state.faults.one_client && state.clients > 0
        };
        if shared.is_down() || full {
            continue;
        }
        let client = Client::new(Arc::clone(&shared), stream);
        let stop = stop.clone();
        tasks.spawn(async move { stop.run_until_cancelled(client.serve()).await });
    }
}

/// A connection is of no use any more.
struct Gone;

struct Client {
    shared: Arc<Shared>,
    stream: TcpStream,
    talk: Talk,
    told: broadcast::Receiver<Told>,
    is_silent: bool,
}

impl Client {
    fn new(shared: Arc<Shared>, stream: TcpStream) -> Self {
        shared.state().clients += 1;
        let talk = Talk::new(Arc::clone(&shared), shared.config.part);
        let told = shared.told.subscribe();
        Self { shared, stream, talk, told, is_silent: false }
    }

    async fn serve(mut self) {
        // Whatever ends it: the connection is closed.
        let Gone = match self.talk_on().await {
            Ok(()) => Gone,
            Err(gone) => gone,
        };
    }

    async fn talk_on(&mut self) -> Result<(), Gone> {
        let mut starts = self.shared.starts.subscribe();
        let mut decoder = Decoder::default();
        let mut chunk = vec![0; 4_096];
        loop {
            tokio::select! {
                _ = starts.changed() => return Err(Gone),
                event = self.told.recv() => match event {
                    Ok(event) => self.tell(&event).await?,
                    // What was not told is in the log.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Err(Gone),
                },
                read = self.stream.read(&mut chunk) => {
                    let read = read.map_err(|_| Gone)?;
                    if read == 0 {
                        return Ok(());
                    }
                    decoder.push(chunk.get(..read).unwrap_or_default());
                    while let Some(asked) = decoder.next_packet().map_err(|_| Gone)? {
                        self.answer(&asked).await?;
                        if self.talk.has_left {
                            return Ok(());
                        }
                    }
                }
            }
        }
    }

    async fn answer(&mut self, asked: &Packet) -> Result<(), Gone> {
        let slow = self.shared.state().faults.slow;
        if slow > Duration::ZERO {
            tokio::time::sleep(slow).await;
        }
        let listened = self.talk.mask;
        for packet in self.talk.answer(asked) {
            self.send(&packet).await?;
            // Events come in between, also within a long answer.
            while let Ok(event) = self.told.try_recv() {
                self.tell(&event).await?;
            }
        }
        if asked.command == command::RESTART {
            self.shared.reboot();
            return Err(Gone);
        }
        if listened == 0 && self.talk.mask != 0 && self.shared.state().faults.replay {
            for logged in self.shared.kept() {
                self.tell(&Told::Logged(logged)).await?;
            }
        }
        Ok(())
    }

    async fn tell(&mut self, event: &Told) -> Result<(), Gone> {
        let Some(packet) = packet(&self.shared, self.talk.mask, event) else { return Ok(()) };
        let copies = copies(&self.shared);
        for _ in 0..copies {
            self.send(&packet).await?;
        }
        Ok(())
    }

    async fn send(&mut self, packet: &Packet) -> Result<(), Gone> {
        self.is_silent = self.is_silent || self.shared.happens(|faults| faults.silent);
        if self.is_silent {
            return Ok(());
        }
        if self.shared.happens(|faults| faults.close) {
            return Err(Gone);
        }
        if self.shared.happens(|faults| faults.reboot) {
            self.shared.reboot();
            return Err(Gone);
        }
        let bytes = packet.frame();
        let split = self.shared.state().faults.split;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let length = match split {
                Split::Whole => rest.len(),
                Split::Bytes => 1,
                Split::Random => 1 + self.shared.state().chance.below(rest.len()),
            };
            let (now, later) = rest.split_at(length);
            self.stream.write_all(now).await.map_err(|_| Gone)?;
            if !later.is_empty() {
                tokio::task::yield_now().await;
            }
            rest = later;
        }
        Ok(())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.shared.state().clients -= 1;
    }
}

/// Answers datagrams until it is stopped.
pub(super) async fn udp(shared: Arc<Shared>, socket: UdpSocket, stop: CancellationToken) {
    let mut told = shared.told.subscribe();
    let mut talks: HashMap<SocketAddr, Talk> = HashMap::new();
    let mut chunk = vec![0; 65_536];
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            event = told.recv() => {
                let Ok(event) = event else { continue };
                for (peer, talk) in &talks {
                    if let Some(packet) = packet(&shared, talk.mask, &event) {
                        for _ in 0..copies(&shared) {
                            drop(socket.send_to(&packet.payload(), peer).await);
                        }
                    }
                }
            }
            received = socket.recv_from(&mut chunk) => {
                let Ok((read, peer)) = received else { continue };
                let Ok((asked, _)) = Packet::read(chunk.get(..read).unwrap_or_default()) else { continue };
                if shared.is_down() || shared.happens(|faults| faults.close) {
                    continue;
                }
                let talk = talks.entry(peer).or_insert_with(|| Talk::new(Arc::clone(&shared), UDP_PART));
                for packet in talk.answer(&asked) {
                    drop(socket.send_to(&packet.payload(), peer).await);
                }
                if asked.command == command::RESTART {
                    shared.reboot();
                }
                if talk.has_left || asked.command == command::RESTART {
                    talks.remove(&peer);
                }
            }
        }
    }
}

/// How often an event is told.
fn copies(shared: &Shared) -> usize {
    if shared.happens(|faults| faults.lose) {
        return 0;
    }
    1 + usize::from(shared.happens(|faults| faults.duplicate))
}

/// An event as a packet, if somebody asked for it.
fn packet(shared: &Shared, mask: u32, event: &Told) -> Option<Packet> {
    let layout = shared.config.layout;
    let packet = match event {
        Told::Logged(logged) => {
            let length = if layout.bytes() < 40 { 12 } else { 32 };
            // Events name the number, whatever the log does.
            let punch = logged.punch(nazorat_terminals::zkteco::attendance::Layout::Text);
            realtime::write(&punch, length)
        }
        Told::Sign { mask, data } => {
            Packet { command: command::REG_EVENT, session: *mask, reply: 0, data: data.clone() }
        }
    };
    debug_assert_ne!(packet.command, reply::OK);
    (mask & u32::from(packet.session) != 0).then_some(packet)
}
