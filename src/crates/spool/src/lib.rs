//! The spool: Nazorat's one durable queue.
//!
//! The appliance, the gateway and the agent put a batch here and answer their client only after it is on disk; a consumer
//! (applier, uplink) reads the batches in order, and frees them once the next hop has them. The spool owns one directory
//! and never looks inside a payload.
//!
//! # What it promises
//! - An append that resolved with `Ok(seq)` survives a crash of the process and of the machine.
//! - `seq` counts from 1 without a gap within one epoch; the epoch is new when the directory is created anew.
//! - Readers see only durable records, in order, each once. What they do not see was freed, evicted (a gap record says so)
//!   or damaged (a copy is in `quarantine/` and it is counted).
//! - Bytes in flight, bytes on disk and bytes in quarantine are bounded.
//! - After a failed fsync nothing is acknowledged any more: the owner must end the process.
//!
//! # The directory
//! ```text
//! LOCK                        held with flock while a process has the spool open
//! state                       epoch, freed floor and cursors, in two slots that are written in turn
//! 00000000000000000001.seg    segment, named after the first seq it may hold
//! 00000000000000000412.seg    the newest segment is the one that grows
//! *.seg.tmp                   a segment being rewritten; removed at open
//! quarantine/SEGMENT-OFFSET.bin   the raw bytes of a damaged place
//! ```
//!
//! # The format, version 1
//! Integers are little-endian, times are microseconds since 1970 in UTC, checksums are CRC32C (Castagnoli).
//!
//! A segment begins with 64 bytes:
//! ```text
//!  0  8  magic "NZRSPOOL"
//!  8  2  version, 1
//! 10  6  zero
//! 16 16  epoch
//! 32  8  first seq, equal to the file name
//! 40  8  created at
//! 48 12  zero
//! 60  4  checksum of bytes 0..60
//! ```
//! Records follow without padding. Each has a header of 36 bytes and then its payload of at most 32 MiB:
//! ```text
//!  0  4  magic F5 4E 5A 52
//!  4  1  version, 1
//!  5  1  kind: 1 data, 2 gap
//!  6  1  class, 0 is the most important
//!  7  1  zero
//!  8  8  seq
//! 16  8  appended at
//! 24  4  payload length
//! 28  4  checksum of the payload
//! 32  4  checksum of: epoch (16), first seq of the segment (8), offset of this header in the file (8), bytes 0..32
//! ```
//! The last checksum binds a header to its place. Bytes that merely look like a record (a payload that contains one, a
//! leftover of another file) are therefore never taken for one when the reader looks for the next record behind damage.
//!
//! The payload of a gap record has 44 bytes and says: every data record of this class in this range of seq was evicted.
//! ```text
//!  0  1  class            1  3  zero
//!  4  8  from seq        12  8  to seq, inclusive
//! 20  8  from time       28  8  to time
//! 36  8  how many
//! ```
//! The file `state` has two slots of 4096 bytes, at 0 and 4096. The valid slot with the higher generation counts:
//! ```text
//!  0  8  magic "NZRSTATE"          8  2  version, 1      10  2  number of cursors   12  4  zero
//! 16 16  epoch                    32  8  generation      40  8  freed floor
//! 48  8  first seq of a suspect segment, or zero         56  8  created at
//! 64  .  cursors of 40 bytes: length of the name (1), name (31), seq (8)
//! 4092 4 checksum of bytes 0..4092
//! ```
//! The bytes of version 1 are kept in `tests/fixtures` and stay readable for ever.
//!
//! # Writing
//! One thread writes. It takes what is waiting (at most 8 MiB), writes it with one call, makes one fdatasync and answers
//! everybody. What arrives meanwhile forms the next group, so there is no timer: alone, an append costs one fdatasync;
//! together, many share it. A segment that is full is left behind; the next one is created, synced, and its directory
//! synced, before it takes a record.
//!
//! When the disk is full the half-written group is cut off; grace copies go, and without any the group is refused and the
//! next append simply tries again. When fdatasync fails for another reason the kernel may have dropped the pages and will
//! report success next time: the unsynced end is cut, the segment is marked suspect and the spool refuses all work until it
//! is opened again.
//!
//! # Opening
//! Headers of all segments are walked, payloads too in the newest (and in a suspect) one. An incomplete end of the newest
//! segment was never acknowledged and is cut. Everything else that does not check out is copied to `quarantine/`; the walk
//! goes on at the next valid header. The newest segment is then synced, because a killed process leaves records in the page
//! cache that nobody was promised but everybody could see.
//!
//! # Freeing and pressure
//! `free_through` moves a floor. Segments wholly below it are deleted, or kept as grace copies that can be sent again. From
//! 80 % of `max_bytes` grace copies go, oldest first; then, if the owner allows it, the oldest records of the least important
//! class. The gap record is what evicts: once it is durable the records it covers are not delivered any more, and the
//! rewriting of their segment merely gives the space back. What is older than `max_age` goes the same way, a whole segment
//! at a time, unless the wall clock jumped while the process ran. From 95 % appends are refused until the level is below 90 %.
//!
//! # Design notes
//! - The cursors live in two slots that are overwritten in place instead of a file that is replaced by rename: one
//!   fdatasync instead of three syncs, and it needs no free space, so a full disk can still be drained.
//! - No preallocation: the size is the proof of how far a segment was written, and a sync gets only 15 % faster by it.
//! - No memory map: a failed read must be an error, not a signal, and `unsafe` is forbidden here.

#![forbid(unsafe_code)]

pub mod fs;

mod append;
mod error;
mod format;
mod index;
mod inspect;
mod options;
mod pressure;
mod quarantine;
mod reader;
mod recovery;
mod shared;
mod spool;
mod state;
mod walk;
mod writer;

pub use append::Append;
pub use error::AppendError;
pub use error::OpenError;
pub use error::ReadError;
pub use error::StateError;
pub use format::Epoch;
pub use format::Gap;
pub use format::Kind;
pub use format::MAX_PAYLOAD;
pub use options::Clock;
pub use options::Evict;
pub use options::Grace;
pub use options::Options;
pub use options::Thresholds;
pub use reader::Batch;
pub use reader::Record;
pub use recovery::OpenReport;
pub use shared::NewRecord;
pub use spool::Spool;
pub use spool::Stats;
