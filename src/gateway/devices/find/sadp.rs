//! Terminals of Hikvision: one question to everybody on the network, and everybody says who they are.
//!
//! The newer ones answer to where the question came from, the older ones to the whole group. Hearing the group needs its
//! port; where another program holds that for itself, the older ones are found one by one, if at all.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::SocketAddrV4;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::future::join_all;
use nazorat_terminals::hikvision::sadp;
use nazorat_terminals::hikvision::sadp::Match;
use nazorat_wire::FoundDevice;
use socket2::Domain;
use socket2::Protocol;
use socket2::Socket;
use socket2::Type;
use tokio::net::UdpSocket;

use super::Ground;
use super::Ways;
use super::device;

/// Answers that are kept; a network of a thousand addresses has no more.
const MOST_HEARD: usize = 2_000;
/// Datagrams get lost, so it is asked so often.
const TIMES: u32 = 2;
/// After an error of a socket, so that it is not asked again at once.
const BREATH: Duration = Duration::from_millis(20);

/// The answers so far, and where each came from.
#[derive(Default)]
struct Heard(Mutex<Vec<(IpAddr, Match)>>);

pub(super) async fn ask(ways: &Ways, ground: &Ground) -> Vec<FoundDevice> {
    let uuid = uuid::Uuid::new_v4().to_string();
    let mouths = join_all(ground.via.iter().map(|address| UdpSocket::bind((*address, 0)))).await;
    let mouths: Vec<UdpSocket> = mouths.into_iter().flatten().collect();
    let ear = ear(ways.group, &ground.via)
        .inspect_err(|problem| tracing::info!("answers to {} are not heard: {problem}", ways.group))
        .ok();
    let heard = Heard::default();
    let hear = join_all(mouths.iter().chain(ear.as_ref()).map(|socket| heard.listen(socket, &uuid)));
    let say = async {
        for _ in 0..TIMES {
            for mouth in &mouths {
                // Where this does not go out nobody answers.
                drop(mouth.send_to(&sadp::inquiry(&uuid), ways.group).await);
            }
            tokio::time::sleep(ways.hears / TIMES).await;
        }
    };
    tokio::select! {
        _ = hear => {}
        () = say => {}
    }
    let heard = heard.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    heard.into_iter().filter_map(|(from, told)| found(from, told, ground)).collect()
}

/// A socket that hears what is said to the group, beside others that do.
fn ear(group: SocketAddrV4, via: &[Ipv4Addr]) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, group.port())).into())?;
    for address in via {
        // An interface that knows no groups takes nothing from the others.
        if let Err(problem) = socket.join_multicast_v4(group.ip(), address) {
            tracing::info!("{group} is not heard from {address}: {problem}");
        }
    }
    UdpSocket::from_std(socket.into())
}

impl Heard {
    async fn listen(&self, socket: &UdpSocket, uuid: &str) {
        let mut chunk = vec![0; sadp::MOST];
        loop {
            let Ok((length, from)) = socket.recv_from(&mut chunk).await else {
                tokio::time::sleep(BREATH).await;
                continue;
            };
            let told = Match::read(chunk.get(..length).unwrap_or_default());
            if let Ok(told) = told
                && told.answers(uuid)
            {
                self.keep(from.ip(), told);
            }
        }
    }

    fn keep(&self, from: IpAddr, told: Match) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = heard.iter().any(|(_, one)| one.serial == told.serial && one.address == told.address);
        if !known && heard.len() < MOST_HEARD {
            heard.push((from, told));
        }
    }
}

/// What is told of an answer. A place where no device may be is told to nobody, whoever claims to be there.
fn found(from: IpAddr, told: Match, ground: &Ground) -> Option<FoundDevice> {
    let from = match from {
        IpAddr::V4(from) => Some(from),
        IpAddr::V6(_) => None,
    };
    let address = told.address.or(from).filter(|address| (ground.may)(*address))?;
    Some(FoundDevice {
        serial: told.serial,
        model: told.model,
        firmware: told.firmware,
        mac: told.mac,
        activated: told.activated,
        elsewhere: !ground.holds(address),
        ..device("hikvision", address, told.http_port.unwrap_or(80))
    })
}
