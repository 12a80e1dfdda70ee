//! What carries packets: a stream that may be cut anywhere, or datagrams that may be lost.

use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::time::Duration;

use nazorat_terminals::zkteco::frame::Decoder;
use nazorat_terminals::zkteco::frame::Packet;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::UdpSocket;

use super::settings::Transport;
use crate::adapters::DeviceError;

pub(super) enum Wire {
    Tcp { stream: TcpStream, decoder: Decoder, chunk: Vec<u8> },
    Udp { socket: UdpSocket, chunk: Vec<u8> },
}

impl Wire {
    /// To exactly this address; nobody is asked for it again.
    pub(super) async fn connect(
        address: SocketAddr,
        transport: Transport,
        limit: Duration,
    ) -> Result<Self, DeviceError> {
        let chunk = vec![0; 65_536];
        let attempt = async {
            Ok(match transport {
                Transport::Tcp => {
                    let stream = TcpStream::connect(address).await?;
                    stream.set_nodelay(true)?;
                    Self::Tcp { stream, decoder: Decoder::default(), chunk }
                }
                Transport::Udp => {
                    let any: SocketAddr = match address {
                        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
                    };
                    let socket = UdpSocket::bind(any).await?;
                    socket.connect(address).await?;
                    Self::Udp { socket, chunk }
                }
            })
        };
        match tokio::time::timeout(limit, attempt).await {
            Ok(outcome) => outcome.map_err(|problem: std::io::Error| {
                DeviceError::Unreachable(format!("{address} cannot be reached: {problem}"))
            }),
            Err(_) => {
                Err(DeviceError::Unreachable(format!("{address} did not answer within {} s", limit.as_secs_f32())))
            }
        }
    }

    /// Whether something that was sent may never arrive.
    pub(super) fn loses_packets(&self) -> bool {
        matches!(self, Self::Udp { .. })
    }

    /// Sends without waiting, as far as that goes.
    pub(super) fn try_send(&self, packet: &Packet) {
        match self {
            Self::Tcp { stream, .. } => drop(stream.try_write(&packet.frame())),
            Self::Udp { socket, .. } => drop(socket.try_send(&packet.payload())),
        }
    }

    pub(super) async fn send(&mut self, packet: &Packet) -> std::io::Result<()> {
        match self {
            Self::Tcp { stream, .. } => stream.write_all(&packet.frame()).await,
            Self::Udp { socket, .. } => socket.send(&packet.payload()).await.map(|_| ()),
        }
    }

    /// The next packet. May be cut off at any time; what was read stays.
    pub(super) async fn receive(&mut self) -> Result<Packet, DeviceError> {
        let lost = |problem: std::io::Error| DeviceError::Unreachable(format!("the connection broke: {problem}"));
        match self {
            Self::Tcp { stream, decoder, chunk } => loop {
                match decoder.next_packet() {
                    Ok(Some(packet)) => return Ok(packet),
                    Ok(None) => {}
                    Err(problem) => return Err(DeviceError::Nonsense(problem.to_string())),
                }
                let read = stream.read(chunk).await.map_err(lost)?;
                if read == 0 {
                    return Err(DeviceError::Unreachable(
                        "the device closed the connection; it may serve another program".to_owned(),
                    ));
                }
                decoder.push(chunk.get(..read).unwrap_or_default());
            },
            Self::Udp { socket, chunk } => loop {
                let read = socket.recv(chunk).await.map_err(lost)?;
                // A datagram that is none of the protocol is nobody's answer.
                if let Ok((packet, _)) = Packet::read(chunk.get(..read).unwrap_or_default()) {
                    return Ok(packet);
                }
            },
        }
    }
}
