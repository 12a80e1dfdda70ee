//! Packets, and how TCP carries them.

use super::u16_at;
use super::u32_at;

/// What a TCP frame begins with.
pub const MAGIC: [u8; 4] = [0x50, 0x50, 0x82, 0x7d];

/// The longest payload that is taken. Devices send pieces of 64 KB.
pub const MOST: usize = 1 << 20;

/// The head of a packet.
const HEAD: usize = 8;

/// One message, either way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Command or reply.
    pub command: u16,
    /// Session; the event's bit in packets of events.
    pub session: u16,
    /// Number of the request that is answered; 0 in events.
    pub reply: u16,
    /// The rest.
    pub data: Vec<u8>,
}

/// What came in is no frame; nothing behind it can be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Another protocol, or bytes were lost.
    #[error("the device sent something else than frames of its protocol")]
    Magic,
    /// Too short for a head.
    #[error("the device sent a packet of {0} bytes, 8 are the least")]
    Short(usize),
    /// Too long.
    #[error("the device announced a packet of {0} bytes, {MOST} are the most")]
    Long(usize),
}

impl Packet {
    /// Reads a payload: a datagram, or what was in a TCP frame. Says as well whether the checksum was right.
    pub fn read(payload: &[u8]) -> Result<(Self, Checksum), FrameError> {
        if payload.len() > MOST {
            return Err(FrameError::Long(payload.len()));
        }
        let at = |place| u16_at(payload, place).ok_or(FrameError::Short(payload.len()));
        let told = at(2)?;
        let packet = Self {
            command: at(0)?,
            session: at(4)?,
            reply: at(6)?,
            data: payload.get(HEAD..).unwrap_or_default().to_vec(),
        };
        let right = told == checksum(payload);
        Ok((packet, if right { Checksum::Right } else { Checksum::Wrong }))
    }

    /// The payload.
    pub fn payload(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + self.data.len());
        for word in [self.command, 0, self.session, self.reply] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes.extend_from_slice(&self.data);
        let sum = checksum(&bytes).to_le_bytes();
        bytes[2] = sum[0];
        bytes[3] = sum[1];
        bytes
    }

    /// The payload as TCP carries it.
    pub fn frame(&self) -> Vec<u8> {
        let payload = self.payload();
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(&payload);
        bytes
    }
}

/// Whether what was told is what comes out. A few devices are said to tell nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// It is.
    Right,
    /// It is not; the packet is used all the same, and counted.
    Wrong,
}

/// The checksum of the internet over a payload, as if the field were 0.
pub fn checksum(payload: &[u8]) -> u16 {
    let mut sum: u64 = 0;
    for (place, pair) in payload.chunks(2).enumerate() {
        let low = pair.first().copied().unwrap_or(0);
        let high = pair.get(1).copied().unwrap_or(0);
        if place != 1 {
            sum += u64::from(u16::from_le_bytes([low, high]));
        }
    }
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(u16::MAX)
}

/// Cuts what TCP brings into packets, however it was split.
#[derive(Debug, Default)]
pub struct Decoder {
    held: Vec<u8>,
    done: usize,
    wrong: u64,
}

impl Decoder {
    /// More bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.done > 0 {
            self.held.drain(..self.done);
            self.done = 0;
        }
        self.held.extend_from_slice(bytes);
    }

    /// The next packet, when all of it is there.
    pub fn next_packet(&mut self) -> Result<Option<Packet>, FrameError> {
        let held = self.held.get(self.done..).unwrap_or_default();
        let begins = held.len().min(MAGIC.len());
        if held.get(..begins) != MAGIC.get(..begins) {
            return Err(FrameError::Magic);
        }
        let Some(length) = u32_at(held, 4) else { return Ok(None) };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > MOST {
            return Err(FrameError::Long(length));
        }
        if length < HEAD {
            return Err(FrameError::Short(length));
        }
        let Some(payload) = held.get(8..8 + length) else { return Ok(None) };
        let (packet, sum) = Packet::read(payload)?;
        self.wrong += u64::from(sum == Checksum::Wrong);
        self.done += 8 + length;
        Ok(Some(packet))
    }

    /// How many checksums were wrong.
    pub fn wrong_checksums(&self) -> u64 {
        self.wrong
    }
}
