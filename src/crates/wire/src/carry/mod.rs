//! A backlog as a file that a person carries: what a gateway could not send, sealed for its appliance.
//!
//! Both sides know the SHA-256 of the gateway's API key, and nobody else does; the key of a file is made of it. So whoever
//! finds the stick reads nothing, and whoever made the file is known. Integers are little-endian.
//! ```text
//! magic "NZRCARR1", 4 bytes of length, the head: JSON that anybody may read
//! frames: a letter, 4 bytes of length, that many bytes
//!   'P'  a piece, sealed: 4 bytes of length, a label (JSON), a body
//!   'E'  the end: JSON that anybody may read, and a tag of 16 bytes over it
//! ```
//! Frames are sealed with AES-256-GCM under HKDF-SHA256(salt of the head, secret, "nazorat carry 1"). The nonce is the number
//! of the frame, counted from 0; the SHA-256 of the head, the letter and, at the end, the JSON are sealed with them.
//! So a frame that was changed, left out, moved or taken from another file is noticed where it stands, and a file without
//! its end is known to be cut short.
//!
//! ## Design notes
//! - A body is a batch word for word as the line would have sent it, under the same name. What the line sends later is
//!   then a repeat, in whatever order both arrive.
//! - Sealing for a public key of the appliance lost: everybody may know that key, so it would have to be signed as well.

mod frames;
mod seal;

pub use frames::{Frame, Frames};
pub use seal::{Opened, Opener, Sealer, key_id};

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// The most bytes that a frame may have.
pub const MAX_FRAME: usize = 8 << 20;

const MAGIC: [u8; 8] = *b"NZRCARR1";
const MAX_HEAD: usize = 4 << 10;
const PIECE: u8 = b'P';
const END: u8 = b'E';

/// What anybody may know of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Who made it, as in the names of its batches.
    pub source: String,
    /// For which appliance.
    pub server: String,
    /// When.
    pub made_at: Timestamp,
    /// With which version.
    pub made_with: String,
    /// Which key seals it, see [`key_id`].
    pub key: String,
    /// Random, 64 hexadecimal digits.
    pub salt: String,
}

/// What a file holds, at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Batches of events.
    pub batches: u64,
    /// Events in them.
    pub events: u64,
    /// Screenshots.
    pub screenshots: u64,
    /// Bytes of all bodies.
    pub bytes: u64,
    /// When the first of the events had come.
    pub from: Option<Timestamp>,
    /// When the last had come.
    pub to: Option<Timestamp>,
    /// Batches that were given up or damaged while the file was made.
    pub missing: u64,
}

/// What stands on a piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Label {
    /// The body of `POST /v2/ingest/logs`, packed with zstd.
    Batch {
        /// The name of the batch.
        name: String,
        /// How many events it has.
        events: u64,
    },
    /// The body of another request, as it came.
    Screenshot {
        /// The path of the request.
        path: String,
        /// `Content-Type`, with its boundary.
        content_type: String,
        /// The name under which the line would send it.
        name: Option<String>,
    },
}

/// Something that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub label: Label,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// A file cannot be used, from some place on.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// It is something else.
    #[error("it is no backlog of a gateway")]
    Foreign,
    /// It ends where something should be.
    #[error("it is cut short at byte {0}")]
    CutShort(u64),
    /// Bytes were changed.
    #[error("it is damaged at byte {0}")]
    Damaged(u64),
    /// A frame does not open.
    #[error("it was changed, or is sealed with another key")]
    Sealed,
    /// A piece is larger than any can be.
    #[error("a piece of {0} bytes does not fit")]
    TooLarge(usize),
    /// The disk refused.
    #[error("it cannot be read")]
    Io(#[source] std::io::Error),
}

#[cfg(test)]
mod tests;
