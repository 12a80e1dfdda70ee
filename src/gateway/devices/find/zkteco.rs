//! Terminals of ZKTeco: each address is asked at port 4370, and whoever answers is asked for its name and let go.
//!
//! One that wants a key first says only that; it is shown none. A session that was begun is ended, also when the search is
//! cut off: such devices let few in.

use std::collections::HashMap;
use std::collections::HashSet;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::time::Duration;

use nazorat_terminals::zkteco::answer;
use nazorat_terminals::zkteco::code::reply;
use nazorat_terminals::zkteco::frame::Packet;
use nazorat_terminals::zkteco::request::Request;
use nazorat_wire::FoundDevice;
use tokio::net::UdpSocket;

use super::Ground;
use super::Ways;
use super::device;

/// So many are asked at once, with a pause, so that no network is flooded.
const AT_ONCE: usize = 32;
const PAUSE: Duration = Duration::from_millis(10);
/// The longest answer to a short question.
const MOST: usize = 2_048;

/// What is asked of whoever lets us in, one after the other.
const QUESTIONS: [Request<'static>; 4] =
    [Request::Option("~SerialNumber"), Request::Option("~DeviceName"), Request::Option("MAC"), Request::Version];

/// Somebody who answered.
struct Talk {
    session: u16,
    /// How many questions were asked.
    asked: u16,
    is_over: bool,
    found: FoundDevice,
}

struct Sweep {
    socket: UdpSocket,
    port: u16,
    talks: HashMap<Ipv4Addr, Talk>,
}

pub(super) async fn ask(ways: &Ways, ground: &Ground) -> Vec<FoundDevice> {
    let socket = match UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await {
        Ok(socket) => socket,
        Err(problem) => {
            tracing::warn!("terminals of ZKTeco cannot be looked for: {problem}");
            return Vec::new();
        }
    };
    let mut sweep = Sweep { socket, port: ways.zkteco, talks: HashMap::new() };
    let until = tokio::time::Instant::now() + pace(ground.each.len()) + ways.hears;
    // What it does is in `talks`; it ends by its time only.
    drop(tokio::time::timeout_at(until, sweep.run(&ground.each)).await);
    std::mem::take(&mut sweep.talks).into_values().map(|talk| sweep.ended(talk)).collect()
}

/// How long it takes to ask so many.
fn pace(addresses: usize) -> Duration {
    PAUSE * u32::try_from(addresses.div_ceil(AT_ONCE)).unwrap_or(u32::MAX)
}

impl Sweep {
    async fn run(&mut self, each: &[Ipv4Addr]) {
        let hello = Request::Connect.packet(0, 0).payload();
        let asked: HashSet<Ipv4Addr> = each.iter().copied().collect();
        let mut groups = each.chunks(AT_ONCE);
        let mut pause = tokio::time::interval(PAUSE);
        let mut chunk = vec![0; MOST];
        let mut is_asking = true;
        loop {
            tokio::select! {
                _ = pause.tick(), if is_asking => match groups.next() {
                    Some(group) => for address in group {
                        // Where nobody is, the system may say so; others are asked all the same.
                        drop(self.socket.send_to(&hello, (*address, self.port)).await);
                    },
                    None => is_asking = false,
                },
                received = self.socket.recv_from(&mut chunk) => match received {
                    Ok((length, SocketAddr::V4(from))) if from.port() == self.port && asked.contains(from.ip()) => {
                        if let Ok((packet, _)) = Packet::read(chunk.get(..length).unwrap_or_default()) {
                            self.hear(*from.ip(), &packet).await;
                        }
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(PAUSE).await,
                },
            }
        }
    }

    async fn hear(&mut self, from: Ipv4Addr, packet: &Packet) {
        let Some(talk) = self.talks.get_mut(&from) else {
            if let Some(talk) = begun(from, self.port, packet) {
                self.talks.insert(from, talk);
                self.go_on(from).await;
            }
            return;
        };
        // Repeats, and answers to nothing.
        if talk.is_over || packet.reply != talk.asked || packet.session != talk.session {
            return;
        }
        talk.take(packet);
        self.go_on(from).await;
    }

    /// The next question, or the end.
    async fn go_on(&mut self, from: Ipv4Addr) {
        let Some(talk) = self.talks.get_mut(&from) else { return };
        let next = QUESTIONS.get(usize::from(talk.asked)).filter(|_| !talk.found.needs_key);
        talk.asked += 1;
        talk.is_over = next.is_none();
        let packet = next.unwrap_or(&Request::Exit).packet(talk.session, talk.asked);
        drop(self.socket.send_to(&packet.payload(), (from, self.port)).await);
    }

    /// What is known of somebody who is let go.
    fn ended(&self, mut talk: Talk) -> FoundDevice {
        self.let_go(&mut talk);
        talk.found
    }

    fn let_go(&self, talk: &mut Talk) {
        if !talk.is_over {
            talk.is_over = true;
            let packet = Request::Exit.packet(talk.session, talk.asked + 1);
            let to = SocketAddr::new(IpAddr::V4(talk.found.address), self.port);
            // As far as that goes at once.
            drop(self.socket.try_send_to(&packet.payload(), to));
        }
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        for mut talk in std::mem::take(&mut self.talks).into_values() {
            self.let_go(&mut talk);
        }
    }
}

/// The answer to the first question, if it is one.
fn begun(from: Ipv4Addr, port: u16, packet: &Packet) -> Option<Talk> {
    let needs_key = match packet.command {
        _ if packet.reply != 0 => return None,
        reply::OK => false,
        reply::UNAUTH => true,
        _ => return None,
    };
    let found = FoundDevice { needs_key, ..device("zkteco", from, port) };
    Some(Talk { session: packet.session, asked: 0, is_over: false, found })
}

impl Talk {
    fn take(&mut self, packet: &Packet) {
        if packet.command != reply::OK {
            return;
        }
        let found = &mut self.found;
        match self.asked {
            1 => found.serial = answer::option(packet).unwrap_or_default(),
            2 => found.model = answer::option(packet).unwrap_or_default(),
            3 => found.mac = answer::option(packet).unwrap_or_default().to_ascii_lowercase(),
            _ => found.firmware = answer::words(packet),
        }
    }
}
