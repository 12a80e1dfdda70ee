//! A slot of the plan. Integers are little-endian.
//!
//! ```text
//!   0  8  magic "NZRPLAN1"   8  2  version   10  6  zero
//!  16 16  epoch of the numbers      32 16  epoch of the spool
//!  48  8  generation                56  8  number of the last batch that the next hop has
//!  64  8  seq and  72  4  event of the place where the oldest stretch begins
//!  76  4  one if a batch is under way, else zero
//!  80  8  seq and  88  4  event of the place behind it      92  4  which stretch it is of, from 0
//!  96 32  SHA-256 of its body      128 32  SHA-256 of bytes 0..128
//! version 2 only, when there is more than one stretch:
//! 160  4  how many     164  4  zero
//! 168  .  up to eight stretches of 24 bytes: where each begins, 8 seq and 4 event, 4 zero, 8 the record before which it ends
//! 360 32  SHA-256 of bytes 0..360
//! ```
//! Version 1 is written as long as it can say everything, so that an older program reads what it can understand, and refuses
//! what it cannot.

use sha2::Digest as _;
use sha2::Sha256;

use crate::uplink::plan::Pending;
use crate::uplink::plan::State;
use crate::uplink::rules::Point;
use crate::uplink::unsent::MOST;
use crate::uplink::unsent::Stretch;
use crate::uplink::unsent::Unsent;

/// The newest that this program knows.
pub(super) const VERSION: u16 = 2;
pub(super) const LONGEST: usize = MORE + 32;

const MAGIC: [u8; 8] = *b"NZRPLAN1";
const BODY: usize = 128;
const SHORT: usize = BODY + 32;
const STRETCH: usize = 24;
const MORE: usize = SHORT + 8 + MOST * STRETCH;

/// What was read.
pub(super) struct Slot {
    pub(super) version: u16,
    pub(super) state: State,
}

impl State {
    pub(super) fn encode(&self) -> Vec<u8> {
        let stretches = self.unsent.all();
        let version: u16 = if stretches.len() == 1 { 1 } else { 2 };
        let mut raw = vec![0; if version == 1 { SHORT } else { LONGEST }];
        let mut put = |at: usize, bytes: &[u8]| raw[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &MAGIC);
        put(8, &version.to_le_bytes());
        put(16, &self.epoch);
        put(32, &self.spool);
        put(48, &self.generation.to_le_bytes());
        put(56, &self.number.to_le_bytes());
        put(64, &point(self.done()));
        if let Some(pending) = &self.pending {
            let of = stretches.iter().position(|stretch| stretch.start == pending.start).unwrap_or_default();
            put(76, &1_u32.to_le_bytes());
            put(80, &point(pending.end));
            put(92, &u32::try_from(of).unwrap_or_default().to_le_bytes());
            put(96, &pending.digest);
        }
        sign(&mut raw, BODY);
        if version == 2 {
            let count = u32::try_from(stretches.len()).unwrap_or_default().to_le_bytes();
            raw[SHORT..SHORT + 4].copy_from_slice(&count);
            for (raw, stretch) in raw[SHORT + 8..].chunks_exact_mut(STRETCH).zip(stretches) {
                raw[..12].copy_from_slice(&point(stretch.start));
                raw[16..].copy_from_slice(&stretch.before.to_le_bytes());
            }
            sign(&mut raw, MORE);
        }
        raw
    }
}

impl Slot {
    pub(super) fn decode(raw: &[u8]) -> Option<Self> {
        if !raw.starts_with(&MAGIC) || !signed(raw, BODY) {
            return None;
        }
        let version = u16::from_le_bytes(array(raw, 8)?);
        let unsent = match version {
            2 => stretches(raw)?,
            // Of a newer one it is only said that it is newer.
            _ => Unsent::from(read_point(raw, 64)?),
        };
        let pending = match u32::from_le_bytes(array(raw, 76)?) {
            1 => {
                let of = usize::try_from(u32::from_le_bytes(array(raw, 92)?)).ok()?;
                let start = unsent.all().get(of).or(unsent.all().first())?.start;
                Some(Pending { start, end: read_point(raw, 80)?, digest: array(raw, 96)? })
            }
            _ => None,
        };
        let state = State {
            epoch: array(raw, 16)?,
            spool: array(raw, 32)?,
            generation: u64::from_le_bytes(array(raw, 48)?),
            number: u64::from_le_bytes(array(raw, 56)?),
            unsent,
            pending,
        };
        Some(Self { version, state })
    }
}

fn stretches(raw: &[u8]) -> Option<Unsent> {
    if !signed(raw, MORE) {
        return None;
    }
    let count = usize::try_from(u32::from_le_bytes(array(raw, SHORT)?)).ok()?;
    let all: Option<Vec<Stretch>> = raw[SHORT + 8..MORE]
        .chunks_exact(STRETCH)
        .take(count)
        .map(|raw| Some(Stretch { start: read_point(raw, 0)?, before: u64::from_le_bytes(array(raw, 16)?) }))
        .collect();
    Unsent::of(&all?)
}

fn point(point: Point) -> [u8; 12] {
    let mut raw = [0; 12];
    raw[..8].copy_from_slice(&point.seq.to_le_bytes());
    raw[8..].copy_from_slice(&point.event.to_le_bytes());
    raw
}

fn read_point(raw: &[u8], at: usize) -> Option<Point> {
    Some(Point { seq: u64::from_le_bytes(array(raw, at)?), event: u32::from_le_bytes(array(raw, at + 8)?) })
}

fn sign(raw: &mut [u8], length: usize) {
    let digest = Sha256::digest(&raw[..length]);
    raw[length..length + 32].copy_from_slice(&digest);
}

fn signed(raw: &[u8], length: usize) -> bool {
    raw.get(length..length + 32).is_some_and(|digest| *digest == Sha256::digest(&raw[..length])[..])
}

fn array<const N: usize>(raw: &[u8], at: usize) -> Option<[u8; N]> {
    raw.get(at..at + N)?.try_into().ok()
}
