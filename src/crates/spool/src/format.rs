//! Bytes on disk, as the crate documentation describes them. Pure functions, no I/O.

use std::fmt;

/// Largest payload of one record.
pub const MAX_PAYLOAD: usize = 32 << 20;

pub(crate) const VERSION: u16 = 1;
pub(crate) const SEGMENT_HEADER: usize = 64;
pub(crate) const RECORD_HEADER: usize = 36;
pub(crate) const RECORD_MAGIC: [u8; 4] = [0xF5, 0x4E, 0x5A, 0x52];
const SEGMENT_MAGIC: [u8; 8] = *b"NZRSPOOL";
const GAP_LEN: usize = 44;

/// Names one life of a spool directory; seq counts from 1 within it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Epoch([u8; 16]);

impl Epoch {
    /// From its bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Epoch({self})")
    }
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A producer's record.
    Data,
    /// The spool's own note about records it gave up.
    Gap,
}

impl Kind {
    fn code(self) -> u8 {
        match self {
            Self::Data => 1,
            Self::Gap => 2,
        }
    }

    fn parse(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Data),
            2 => Some(Self::Gap),
            _ => None,
        }
    }
}

/// Where a record stands: part of its header's checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentKey {
    pub(crate) epoch: Epoch,
    pub(crate) first_seq: u64,
}

/// A record's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    pub(crate) class: u8,
    pub(crate) seq: u64,
    pub(crate) at_us: i64,
    pub(crate) payload_len: u32,
    pub(crate) payload_crc: u32,
}

impl Header {
    /// Bytes of the whole record.
    pub(crate) fn record_len(&self) -> u64 {
        RECORD_HEADER as u64 + u64::from(self.payload_len)
    }

    pub(crate) fn encode(&self, key: &SegmentKey, offset: u64) -> [u8; RECORD_HEADER] {
        let mut raw = [0; RECORD_HEADER];
        raw[0..4].copy_from_slice(&RECORD_MAGIC);
        raw[4] = VERSION as u8;
        raw[5] = self.kind.code();
        raw[6] = self.class;
        raw[8..16].copy_from_slice(&self.seq.to_le_bytes());
        raw[16..24].copy_from_slice(&self.at_us.to_le_bytes());
        raw[24..28].copy_from_slice(&self.payload_len.to_le_bytes());
        raw[28..32].copy_from_slice(&self.payload_crc.to_le_bytes());
        let crc = header_crc(&raw[..32], key, offset);
        raw[32..36].copy_from_slice(&crc.to_le_bytes());
        raw
    }

    /// `None` when this is not a record that was written at this place.
    pub(crate) fn decode(raw: &[u8], key: &SegmentKey, offset: u64) -> Option<Self> {
        if raw.len() < RECORD_HEADER || raw[0..4] != RECORD_MAGIC {
            return None;
        }
        if u32_at(raw, 32) != header_crc(&raw[..32], key, offset) || u16::from(raw[4]) != VERSION {
            return None;
        }
        let header = Self {
            kind: Kind::parse(raw[5])?,
            class: raw[6],
            seq: u64_at(raw, 8),
            at_us: i64::from_le_bytes(array(raw, 16)),
            payload_len: u32_at(raw, 24),
            payload_crc: u32_at(raw, 28),
        };
        (header.payload_len as usize <= MAX_PAYLOAD).then_some(header)
    }
}

fn header_crc(raw: &[u8], key: &SegmentKey, offset: u64) -> u32 {
    let crc = crc32c::crc32c(&key.epoch.0);
    let crc = crc32c::crc32c_append(crc, &key.first_seq.to_le_bytes());
    let crc = crc32c::crc32c_append(crc, &offset.to_le_bytes());
    crc32c::crc32c_append(crc, raw)
}

/// What the head of a segment file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SegmentHead {
    Valid { key: SegmentKey },
    Newer { version: u16 },
    Damaged,
}

pub(crate) fn encode_segment(key: &SegmentKey, created_us: i64) -> [u8; SEGMENT_HEADER] {
    let mut raw = [0; SEGMENT_HEADER];
    raw[0..8].copy_from_slice(&SEGMENT_MAGIC);
    raw[8..10].copy_from_slice(&VERSION.to_le_bytes());
    raw[16..32].copy_from_slice(&key.epoch.0);
    raw[32..40].copy_from_slice(&key.first_seq.to_le_bytes());
    raw[40..48].copy_from_slice(&created_us.to_le_bytes());
    let crc = crc32c::crc32c(&raw[..60]);
    raw[60..64].copy_from_slice(&crc.to_le_bytes());
    raw
}

pub(crate) fn decode_segment(raw: &[u8]) -> SegmentHead {
    if raw.len() < SEGMENT_HEADER || raw[0..8] != SEGMENT_MAGIC || u32_at(raw, 60) != crc32c::crc32c(&raw[..60]) {
        return SegmentHead::Damaged;
    }
    match u16::from_le_bytes(array(raw, 8)) {
        VERSION => SegmentHead::Valid { key: SegmentKey { epoch: Epoch(array(raw, 16)), first_seq: u64_at(raw, 32) } },
        version => SegmentHead::Newer { version },
    }
}

/// What was given up, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Class of the evicted records.
    pub class: u8,
    /// First evicted record.
    pub from_seq: u64,
    /// Last evicted record.
    pub to_seq: u64,
    /// When the first one was appended, in microseconds.
    pub from_us: i64,
    /// When the last one was appended, in microseconds.
    pub to_us: i64,
    /// How many there were; records of other classes lie between them.
    pub count: u64,
}

impl Gap {
    pub(crate) fn covers(&self, class: u8, seq: u64) -> bool {
        class == self.class && (self.from_seq..=self.to_seq).contains(&seq)
    }

    pub(crate) fn encode(&self) -> [u8; GAP_LEN] {
        let mut raw = [0; GAP_LEN];
        raw[0] = self.class;
        raw[4..12].copy_from_slice(&self.from_seq.to_le_bytes());
        raw[12..20].copy_from_slice(&self.to_seq.to_le_bytes());
        raw[20..28].copy_from_slice(&self.from_us.to_le_bytes());
        raw[28..36].copy_from_slice(&self.to_us.to_le_bytes());
        raw[36..44].copy_from_slice(&self.count.to_le_bytes());
        raw
    }

    /// Reads the payload of a gap record.
    pub fn decode(raw: &[u8]) -> Option<Self> {
        (raw.len() == GAP_LEN).then(|| Self {
            class: raw[0],
            from_seq: u64_at(raw, 4),
            to_seq: u64_at(raw, 12),
            from_us: i64::from_le_bytes(array(raw, 20)),
            to_us: i64::from_le_bytes(array(raw, 28)),
            count: u64_at(raw, 36),
        })
    }
}

pub(crate) fn array<const N: usize>(raw: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&raw[at..at + N]);
    out
}

pub(crate) fn u32_at(raw: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(raw, at))
}

pub(crate) fn u64_at(raw: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array(raw, at))
}

/// `00000000000000000001.seg`
pub(crate) fn segment_name(first_seq: u64) -> String {
    format!("{first_seq:020}.seg")
}

pub(crate) fn parse_segment_name(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".seg")?;
    let seq =
        (digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())??;
    (seq > 0).then_some(seq)
}

#[cfg(test)]
mod tests {
    use super::Gap;
    use super::parse_segment_name;
    use super::segment_name;

    #[test]
    fn a_gap_has_the_bytes_of_version_1() {
        let gap = Gap { class: 2, from_seq: 3, to_seq: 0x0405, from_us: 6, to_us: -1, count: 7 };
        let mut bytes = vec![2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5, 4, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend([0xFF; 8]);
        bytes.extend([7, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(gap.encode(), bytes[..]);
        assert_eq!(Gap::decode(&bytes), Some(gap));
        assert_eq!(Gap::decode(&bytes[1..]), None);
    }

    #[test]
    fn only_names_the_spool_gives_are_segments() {
        assert_eq!(parse_segment_name(&segment_name(412)), Some(412));
        for name in ["1.seg", "0000000000000000000x.seg", "00000000000000000000.seg", "00000000000000000001.seg.tmp"] {
            assert_eq!(parse_segment_name(name), None);
        }
    }
}
