//! What it says to those who look for it (SADP). Whatever else is asked there would change it, and is not answered.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::SocketAddrV4;

use anyhow::Context as _;
use nazorat_terminals::hikvision::sadp;
use nazorat_terminals::hikvision::sadp::Match;
use socket2::Domain;
use socket2::Protocol;
use socket2::Socket;
use socket2::Type;
use tokio::net::UdpSocket;

use super::Terminal;
use super::config::Sadp;
use super::faults::is_before;

/// A socket that hears the group beside others, and the group.
pub(super) fn listen(own: SocketAddr, sadp: Sadp) -> anyhow::Result<(UdpSocket, SocketAddrV4)> {
    let port = if sadp.port == 0 { own.port() } else { sadp.port };
    let told = || format!("UDP port {port} cannot be listened on for searches");
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).with_context(told)?;
    socket.set_reuse_address(true).with_context(told)?;
    socket.set_nonblocking(true).with_context(told)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into()).with_context(told)?;
    // Without a network that knows groups it still answers whoever asks it alone.
    let joined = socket.join_multicast_v4(&sadp::GROUP, &interface(own));
    if let Err(problem) = joined.and_then(|()| socket.set_multicast_if_v4(&interface(own))) {
        tracing::warn!("searches that go to everybody are not heard: {problem}");
    }
    let socket = UdpSocket::from_std(socket.into()).with_context(told)?;
    Ok((socket, SocketAddrV4::new(sadp::GROUP, port)))
}

/// Where the group is joined: of the interface with its own address.
fn interface(own: SocketAddr) -> Ipv4Addr {
    match own.ip() {
        IpAddr::V4(address) => address,
        IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
    }
}

/// Answers until it is stopped: to whoever asked, or to the whole group.
pub(super) async fn answer(terminal: Terminal, socket: UdpSocket, group: Option<SocketAddrV4>) {
    let mut chunk = vec![0; sadp::MOST];
    loop {
        let received = tokio::select! {
            received = socket.recv_from(&mut chunk) => received,
            () = terminal.0.stop.cancelled() => return,
        };
        let Ok((length, from)) = received else { continue };
        let Some(uuid) = sadp::asked(chunk.get(..length).unwrap_or_default()) else { continue };
        if is_before(terminal.0.clock.now(), terminal.state().away_until) {
            continue;
        }
        let told = told(&terminal, uuid).write();
        // Nobody waits for an answer that is lost.
        match group {
            Some(group) => drop(socket.send_to(&told, group).await),
            None => drop(socket.send_to(&told, from).await),
        }
    }
}

fn told(terminal: &Terminal, uuid: String) -> Match {
    let config = &terminal.0.config;
    Match {
        uuid,
        model: config.model.clone(),
        serial: config.serial.clone(),
        firmware: "V3.3.5build 240101".to_owned(),
        mac: "00:00:5e:00:53:01".to_owned(),
        address: Some(interface(terminal.address())),
        http_port: Some(terminal.address().port()),
        activated: Some(config.activated),
    }
}
