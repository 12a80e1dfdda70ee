//! Long answers: announced, read in pieces, and taken only when they are whole.

use super::code::command;
use super::code::reply;
use super::frame::Packet;
use super::u32_at;

/// The most bytes of one long answer.
pub const MOST: usize = 64 << 20;

/// The longest piece over TCP.
pub const TCP_PIECE: u32 = 0xFFC0;

/// The longest piece over UDP.
pub const UDP_PIECE: u32 = 16_384;

/// What a device answered when a long answer was to be prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// All of it.
    Whole(Vec<u8>),
    /// So many bytes can be read in pieces.
    Prepared(u32),
    /// It prepares nothing; older ones are asked in another way.
    Refused,
}

/// Why a long answer is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BulkError {
    /// Too much.
    #[error("the device announced {0} bytes, {MOST} are the most that are read")]
    Long(usize),
    /// Less, or more, than was announced.
    #[error("the device sent {got} of {wanted} bytes")]
    Incomplete {
        /// What came.
        got: usize,
        /// What was announced.
        wanted: usize,
    },
    /// Something else came in between.
    #[error("the device broke a long answer off with {0}")]
    Broken(u16),
}

/// Reads the answer to a preparation.
pub fn opening(answer: &Packet) -> Result<Opening, BulkError> {
    match answer.command {
        command::DATA => Ok(Opening::Whole(answer.data.clone())),
        reply::OK => match u32_at(&answer.data, 1) {
            Some(size) if size as usize > MOST => Err(BulkError::Long(size as usize)),
            Some(size) => Ok(Opening::Prepared(size)),
            None => Err(BulkError::Broken(reply::OK)),
        },
        _ => Ok(Opening::Refused),
    }
}

/// The pieces that make up so many bytes.
pub fn pieces(size: u32, longest: u32) -> impl Iterator<Item = (u32, u32)> {
    let longest = longest.max(1);
    (0..size.div_ceil(longest)).map(move |number| {
        let start = number * longest;
        (start, longest.min(size - start))
    })
}

/// One piece, or a whole answer of an older device, as its packets come in.
#[derive(Debug, Default)]
pub struct Piece {
    wanted: Option<usize>,
    got: Vec<u8>,
}

impl Piece {
    /// Takes a packet. The bytes when it was the last one.
    pub fn take(&mut self, packet: &Packet) -> Result<Option<Vec<u8>>, BulkError> {
        match (packet.command, self.wanted) {
            (command::PREPARE_DATA, None) => {
                let size = u32_at(&packet.data, 0).ok_or(BulkError::Broken(command::PREPARE_DATA))? as usize;
                if size > MOST {
                    return Err(BulkError::Long(size));
                }
                self.wanted = Some(size);
                Ok(None)
            }
            // Without an announcement it is all there is.
            (command::DATA, None) => Ok(Some(packet.data.clone())),
            (command::DATA, Some(wanted)) => {
                self.got.extend_from_slice(&packet.data);
                if self.got.len() > wanted {
                    return Err(BulkError::Incomplete { got: self.got.len(), wanted });
                }
                Ok(None)
            }
            (reply::OK, Some(wanted)) if self.got.len() == wanted => Ok(Some(std::mem::take(&mut self.got))),
            (reply::OK, Some(wanted)) => Err(BulkError::Incomplete { got: self.got.len(), wanted }),
            (other, _) => Err(BulkError::Broken(other)),
        }
    }
}

/// The records in a whole answer, which begins with how many bytes follow.
pub fn records(buffer: &[u8]) -> Result<&[u8], BulkError> {
    if buffer.is_empty() {
        return Ok(buffer);
    }
    let rest = buffer.get(4..).unwrap_or_default();
    let wanted = u32_at(buffer, 0).ok_or(BulkError::Incomplete { got: buffer.len(), wanted: 4 })? as usize;
    rest.get(..wanted).ok_or(BulkError::Incomplete { got: rest.len(), wanted })
}
