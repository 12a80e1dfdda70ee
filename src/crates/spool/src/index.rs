//! What is known in memory about the segments on disk.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::format::Gap;
use crate::format::Header;
use crate::format::Kind;
use crate::format::SEGMENT_HEADER;
use crate::format::SegmentKey;
use crate::fs::File;

/// A mark is kept for each piece of a segment this long.
const MARK_EVERY: u64 = 64 << 10;

/// A known record start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    seq: u64,
    offset: u64,
    at_us: i64,
}

/// One segment file. Bytes up to `end` are durable.
pub(crate) struct Segment {
    pub(crate) key: SegmentKey,
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<dyn File>,
    pub(crate) end: u64,
    pub(crate) last_seq: u64,
    pub(crate) records: u64,
    pub(crate) newest_us: i64,
    /// Bytes of data records by class.
    pub(crate) classes: BTreeMap<u8, u64>,
    /// Offsets of damage that was already counted.
    pub(crate) damaged: BTreeSet<u64>,
    /// Holds records that a gap covers.
    pub(crate) dirty: bool,
    marks: Vec<Mark>,
}

impl Segment {
    pub(crate) fn new(key: SegmentKey, path: PathBuf, file: Arc<dyn File>) -> Self {
        Self {
            key,
            path,
            file,
            end: SEGMENT_HEADER as u64,
            last_seq: key.first_seq - 1,
            records: 0,
            newest_us: i64::MIN,
            classes: BTreeMap::new(),
            damaged: BTreeSet::new(),
            dirty: false,
            marks: Vec::new(),
        }
    }

    /// Takes note of a record that is durable.
    pub(crate) fn note(&mut self, header: &Header, offset: u64) {
        let mark = self.marks.last().is_none_or(|last| offset >= last.offset + MARK_EVERY);
        if mark {
            self.marks.push(Mark { seq: header.seq, offset, at_us: header.at_us });
        }
        self.end = offset + header.record_len();
        self.last_seq = header.seq;
        self.records += 1;
        self.newest_us = self.newest_us.max(header.at_us);
        if header.kind == Kind::Data {
            *self.classes.entry(header.class).or_default() += header.record_len();
        }
    }

    /// Takes note of a record whose header is good and whose payload is not: its seq is not given to another one.
    pub(crate) fn note_damaged(&mut self, header: &Header, offset: u64) {
        self.end = offset + header.record_len();
        self.last_seq = header.seq;
    }

    fn mark(&self, seq: u64) -> Option<&Mark> {
        let behind = self.marks.partition_point(|mark| mark.seq <= seq);
        self.marks.get(behind.saturating_sub(1))
    }

    /// A record start at or before `seq`, near it.
    pub(crate) fn start_for(&self, seq: u64) -> u64 {
        match self.mark(seq) {
            Some(mark) if mark.seq <= seq => mark.offset,
            _ => SEGMENT_HEADER as u64,
        }
    }

    pub(crate) fn is_freed(&self, floor: u64) -> bool {
        self.last_seq <= floor
    }

    /// Records above the floor; exact unless some of them are missing.
    fn waiting(&self, floor: u64) -> u64 {
        self.records.min(self.last_seq.saturating_sub(floor))
    }
}

/// All segments, oldest first.
pub(crate) struct Index {
    pub(crate) segments: BTreeMap<u64, Segment>,
    /// The segment that grows; never freed or rewritten.
    pub(crate) active: Option<u64>,
    pub(crate) gaps: Arc<Vec<Gap>>,
    pub(crate) floor: u64,
    pub(crate) damaged: u64,
    pub(crate) evicted: u64,
    pub(crate) torn_tails: u64,
}

impl Index {
    pub(crate) fn used(&self) -> u64 {
        self.segments.values().map(|segment| segment.end).sum()
    }

    pub(crate) fn grace_bytes(&self) -> u64 {
        self.segments.values().filter(|segment| segment.is_freed(self.floor)).map(|segment| segment.end).sum()
    }

    pub(crate) fn waiting(&self) -> u64 {
        self.segments.values().map(|segment| segment.waiting(self.floor)).sum()
    }

    /// When the oldest record above the floor was appended, or a little earlier.
    pub(crate) fn oldest_us(&self) -> Option<i64> {
        let segment = self.segments.values().find(|segment| !segment.is_freed(self.floor))?;
        segment.mark(self.floor.saturating_add(1)).map(|mark| mark.at_us)
    }

    /// The oldest segment with something at or above `seq`.
    pub(crate) fn segment_for(&self, seq: u64) -> Option<&Segment> {
        let at = self.segments.range(..=seq).next_back().map_or(0, |(first, _)| *first);
        self.segments.range(at..).map(|(_, segment)| segment).find(|segment| segment.last_seq >= seq)
    }

    /// Freed segments that may be deleted, oldest first.
    pub(crate) fn grace_segments(&self) -> Vec<u64> {
        self.segments
            .iter()
            .filter(|(first, segment)| segment.is_freed(self.floor) && self.active != Some(**first))
            .map(|(first, _)| *first)
            .collect()
    }

    pub(crate) fn set_floor(&mut self, floor: u64) {
        self.floor = floor;
        if self.gaps.iter().any(|gap| gap.to_seq <= floor) {
            self.gaps = Arc::new(self.gaps.iter().copied().filter(|gap| gap.to_seq > floor).collect());
        }
    }

    /// From now on what `gap` covers is not delivered.
    pub(crate) fn add_gap(&mut self, gap: Gap) {
        if gap.to_seq <= self.floor {
            return;
        }
        let mut gaps = (*self.gaps).clone();
        gaps.push(gap);
        self.gaps = Arc::new(gaps);
        for segment in self.segments.values_mut() {
            let overlaps = segment.key.first_seq <= gap.to_seq && segment.last_seq >= gap.from_seq;
            if overlaps && segment.classes.contains_key(&gap.class) {
                segment.dirty = true;
            }
        }
    }
}
