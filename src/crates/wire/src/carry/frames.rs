//! A file taken apart without its key: head, frames, end.

use std::io::ErrorKind;
use std::io::Read;

use crate::carry::CarryError;
use crate::carry::END;
use crate::carry::Head;
use crate::carry::MAGIC;
use crate::carry::MAX_FRAME;
use crate::carry::MAX_HEAD;
use crate::carry::PIECE;
use crate::carry::Totals;

/// A frame as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where it begins.
    pub at: u64,
    /// What it is.
    pub letter: u8,
    /// Its bytes.
    pub body: Vec<u8>,
}

impl Frame {
    /// What the end tells; whether it is true is known only with the key.
    pub fn told(&self) -> Option<Totals> {
        let text = self.body.len().checked_sub(16).and_then(|at| self.body.get(..at))?;
        (self.letter == END).then(|| serde_json::from_slice(text).ok()).flatten()
    }
}

/// The frames of a file.
pub struct Frames<R> {
    file: R,
    raw: Vec<u8>,
    head: Head,
    at: u64,
    ended: bool,
}

impl<R: Read> Frames<R> {
    /// Reads the head.
    pub fn open(mut file: R) -> Result<Self, CarryError> {
        let mut start = [0; 12];
        file.read_exact(&mut start).map_err(|problem| match problem.kind() {
            ErrorKind::UnexpectedEof => CarryError::Foreign,
            _ => CarryError::Io(problem),
        })?;
        let (magic, length) = start.split_at(8);
        let length = length.first_chunk().map_or(0, |length| u32::from_le_bytes(*length)) as usize;
        if magic != MAGIC || length > MAX_HEAD {
            return Err(CarryError::Foreign);
        }
        let mut raw = vec![0; length];
        fill(&mut file, &mut raw, 12)?;
        let head = serde_json::from_slice(&raw).map_err(|_| CarryError::Damaged(12))?;
        Ok(Self { file, at: 12 + raw.len() as u64, raw, head, ended: false })
    }

    /// What anybody may know.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The head as it stands in the file.
    pub fn raw_head(&self) -> &[u8] {
        &self.raw
    }

    /// Up to where it was read.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// The next frame; none behind the end. A file without an end is cut short.
    pub fn read_next(&mut self) -> Result<Option<Frame>, CarryError> {
        if self.ended {
            let more = self.file.read(&mut [0]).map_err(CarryError::Io)?;
            return if more == 0 { Ok(None) } else { Err(CarryError::Damaged(self.at)) };
        }
        let mut start = [0; 5];
        fill(&mut self.file, &mut start, self.at)?;
        let [letter, length @ ..] = start;
        let length = u32::from_le_bytes(length) as usize;
        if !matches!(letter, PIECE | END) || length > MAX_FRAME {
            return Err(CarryError::Damaged(self.at));
        }
        let mut body = vec![0; length];
        fill(&mut self.file, &mut body, self.at)?;
        let frame = Frame { at: self.at, letter, body };
        self.at += 5 + length as u64;
        self.ended = letter == END;
        Ok(Some(frame))
    }
}

fn fill(file: &mut impl Read, bytes: &mut [u8], at: u64) -> Result<(), CarryError> {
    file.read_exact(bytes).map_err(|problem| match problem.kind() {
        ErrorKind::UnexpectedEof => CarryError::CutShort(at),
        _ => CarryError::Io(problem),
    })
}
