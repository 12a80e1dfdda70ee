//! The connection to a device at port 4370: one question at a time, and what it tells in between.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;
use std::time::Instant;

use nazorat_terminals::zkteco::bulk;
use nazorat_terminals::zkteco::bulk::BulkError;
use nazorat_terminals::zkteco::bulk::Opening;
use nazorat_terminals::zkteco::code::reply;
use nazorat_terminals::zkteco::frame::Packet;
use nazorat_terminals::zkteco::realtime;
use nazorat_terminals::zkteco::request::Request;
use nazorat_terminals::zkteco::request::next_reply;

use super::Pace;
use super::settings::Transport;
use super::wire::Wire;
use crate::adapters::DeviceError;
use crate::adapters::Feed;

/// The most events that wait while something else is read. More are found in the log.
const MOST_HELD: usize = 10_000;

/// The most packets that answer nothing while one answer is awaited.
const MOST_STRAY: usize = 1_000;

/// How often a piece is asked for over UDP, which loses packets.
const UDP_TRIES: u32 = 3;

/// A long answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Long {
    /// The log.
    Log,
    /// The people.
    Users,
}

/// A device that has let us in.
pub(super) struct Line {
    wire: Wire,
    session: u16,
    reply: u16,
    held: VecDeque<Packet>,
    feed: Feed,
    pace: Pace,
    has_left: bool,
}

impl Line {
    /// Connects, and shows the key if it is asked for. A key that is not taken is shown once.
    pub(super) async fn open(
        address: SocketAddr,
        transport: Transport,
        key: u32,
        (feed, pace): (Feed, Pace),
    ) -> Result<Self, DeviceError> {
        let wire = Wire::connect(address, transport, pace.connect).await?;
        let mut line = Self { wire, session: 0, reply: u16::MAX, held: VecDeque::new(), feed, pace, has_left: false };
        let hello = line.ask(Request::Connect).await?;
        line.session = hello.session;
        let answer = match hello.command {
            reply::UNAUTH => line.ask(Request::Auth(key)).await?,
            _ => hello,
        };
        match answer.command {
            reply::OK => Ok(line),
            reply::UNAUTH => {
                // Nothing more is said: it might count.
                line.has_left = true;
                Err(DeviceError::Credentials("the device does not take the communication key".to_owned()))
            }
            other => {
                line.leave().await;
                Err(DeviceError::Busy(format!("the device does not let anybody in now (code {other})")))
            }
        }
    }

    /// Asks one thing. What the device tells by itself meanwhile waits in [`Line::told`].
    pub(super) async fn ask(&mut self, request: Request<'_>) -> Result<Packet, DeviceError> {
        let began = Instant::now();
        self.reply = next_reply(self.reply);
        let packet = request.packet(self.session, self.reply);
        let again = self.wire.loses_packets() && request.is_reading();
        let tries = if again { UDP_TRIES } else { 1 };
        for _ in 0..tries {
            self.send(&packet).await?;
            if let Ok(answer) = tokio::time::timeout(self.pace.answer / tries, self.answer()).await {
                self.feed.answered(began.elapsed());
                return answer;
            }
        }
        Err(DeviceError::Unreachable(format!("the device did not answer within {} s", self.pace.answer.as_secs_f32())))
    }

    /// Asks for something that must be answered with yes.
    pub(super) async fn order(&mut self, request: Request<'_>, what: &str) -> Result<Packet, DeviceError> {
        let answer = self.ask(request).await?;
        match answer.command {
            reply::OK => Ok(answer),
            reply::UNAUTH => Err(DeviceError::Refused(format!("the device does not allow us to {what}"))),
            other => Err(DeviceError::Refused(format!("the device would not {what} (code {other})"))),
        }
    }

    /// Reads a long answer, and takes it only when it is whole.
    pub(super) async fn read_long(&mut self, what: Long) -> Result<Vec<u8>, DeviceError> {
        let limit = self.pace.long;
        let whole = tokio::time::timeout(limit, self.read_pieces(what)).await;
        let buffer = whole
            .map_err(|_| DeviceError::Unreachable("the device took too long for one long answer".to_owned()))??;
        let records = bulk::records(&buffer).map_err(broken)?;
        Ok(records.to_vec())
    }

    async fn read_pieces(&mut self, what: Long) -> Result<Vec<u8>, DeviceError> {
        let prepare = match what {
            Long::Log => Request::PrepareLog,
            Long::Users => Request::PrepareUsers,
        };
        let answer = self.ask(prepare).await?;
        match bulk::opening(&answer).map_err(broken)? {
            Opening::Whole(buffer) => Ok(buffer),
            Opening::Prepared(size) => {
                let read = self.read_prepared(size).await;
                // Whatever came of it, the device shall not keep it.
                let freed = self.ask(Request::FreeData).await;
                let buffer = read?;
                freed.map(|_| buffer)
            }
            Opening::Refused => {
                let old = match what {
                    Long::Log => Request::OldLog,
                    Long::Users => Request::OldUsers,
                };
                self.read_piece(old).await
            }
        }
    }

    async fn read_prepared(&mut self, size: u32) -> Result<Vec<u8>, DeviceError> {
        let (longest, tries) =
            if self.wire.loses_packets() { (bulk::UDP_PIECE, UDP_TRIES) } else { (bulk::TCP_PIECE, 1) };
        let mut buffer = Vec::new();
        for (start, length) in bulk::pieces(size, longest) {
            let mut piece = Err(DeviceError::Nonsense("nothing was asked".to_owned()));
            for _ in 0..tries {
                piece = self.read_piece(Request::Piece { start, length }).await;
                if piece.as_ref().is_ok_and(|bytes| bytes.len() == length as usize) {
                    break;
                }
            }
            let piece = piece?;
            if piece.len() != length as usize {
                return Err(broken(BulkError::Incomplete { got: piece.len(), wanted: length as usize }));
            }
            buffer.extend_from_slice(&piece);
        }
        Ok(buffer)
    }

    async fn read_piece(&mut self, request: Request<'_>) -> Result<Vec<u8>, DeviceError> {
        let mut piece = bulk::Piece::default();
        let mut packet = self.ask(request).await?;
        loop {
            if let Some(bytes) = piece.take(&packet).map_err(broken)? {
                return Ok(bytes);
            }
            let next = tokio::time::timeout(self.pace.answer, self.answer()).await;
            packet =
                next.map_err(|_| DeviceError::Unreachable("the device stopped within a long answer".to_owned()))??;
        }
    }

    /// The next packet that is an answer to what was asked last.
    async fn answer(&mut self) -> Result<Packet, DeviceError> {
        for _ in 0..MOST_STRAY {
            let packet = self.wire.receive().await?;
            self.feed.heard();
            if realtime::is_event(&packet) {
                self.hear(packet);
            } else if packet.reply == self.reply {
                return Ok(packet);
            }
        }
        Err(DeviceError::Nonsense("the device answers questions that nobody asked".to_owned()))
    }

    fn hear(&mut self, packet: Packet) {
        if self.held.len() < MOST_HELD {
            self.held.push_back(packet);
        }
    }

    /// Waits for the next event. What is cut off here is not lost, and nothing is sent that could be cut in the middle.
    pub(super) async fn listen(&mut self) -> Result<(), DeviceError> {
        let packet = self.wire.receive().await?;
        self.feed.heard();
        if realtime::is_event(&packet) {
            self.hear(packet);
        }
        Ok(())
    }

    /// An event that waits. The device hears that it was heard.
    pub(super) async fn told(&mut self) -> Result<Option<Packet>, DeviceError> {
        let Some(packet) = self.held.pop_front() else { return Ok(None) };
        let thanks = Request::Acknowledge.packet(self.session, 0);
        self.send(&thanks).await?;
        Ok(Some(packet))
    }

    /// Says goodbye, so that the device lets others in.
    pub(super) async fn leave(&mut self) {
        if self.has_left {
            return;
        }
        self.has_left = true;
        self.reply = next_reply(self.reply);
        let packet = Request::Exit.packet(self.session, self.reply);
        let said = async {
            self.send(&packet).await?;
            self.answer().await
        };
        // Whether it hears that makes no difference any more.
        drop(tokio::time::timeout(Duration::from_secs(1), said).await);
    }

    async fn send(&mut self, packet: &Packet) -> Result<(), DeviceError> {
        let sent = tokio::time::timeout(self.pace.answer, self.wire.send(packet)).await;
        let sent = sent.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
        sent.map_err(|problem| DeviceError::Unreachable(format!("nothing can be sent to the device: {problem}")))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.has_left {
            let packet = Request::Exit.packet(self.session, next_reply(self.reply));
            // Whoever was cut off says goodbye all the same, as far as that goes at once.
            self.wire.try_send(&packet);
        }
    }
}

fn broken(problem: BulkError) -> DeviceError {
    DeviceError::Nonsense(problem.to_string())
}
