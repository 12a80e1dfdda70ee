//! A peer that writes its own bytes: no library between it and the socket that would mend them.

use std::io::Read as _;
use std::io::Write as _;
use std::net::Shutdown;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::time::Duration;

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// A connection.
pub(crate) struct Peer(TcpStream);

impl Peer {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(stream)
    }

    /// Sends; false when the other side has had enough.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).is_ok()
    }

    /// Says that nothing more will come.
    pub(crate) fn end(&mut self) {
        drop(self.0.shutdown(Shutdown::Write));
    }

    /// Reads one answer, however it ends.
    pub(crate) fn answer(&mut self) -> Raw {
        let mut bytes = Vec::new();
        let mut part = [0; 16 << 10];
        while !whole(&bytes) {
            match self.0.read(&mut part) {
                Ok(0) | Err(_) => break,
                Ok(count) => bytes.extend_from_slice(&part[..count]),
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        Raw { status: status.unwrap_or_else(|| panic!("no answer: {text:?}")), text }
    }
}

/// True when the head and as many bytes as it announces are there.
fn whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| bytes.len() >= head.len() + 4 + length)
}

/// The head of a batch, without its last empty line.
pub(crate) fn head(key: &str, more: &str) -> String {
    format!("POST /v2/ingest/logs HTTP/1.1\r\nHost: office\r\nAuthorization: Bearer {key}\r\n{more}")
}
