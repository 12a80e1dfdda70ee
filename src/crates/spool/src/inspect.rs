//! Walks the segments at opening: fills the index, sets damage aside, cuts what a crash left at the end.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::OpenError;
use crate::format::Gap;
use crate::format::Header;
use crate::format::Kind;
use crate::format::RECORD_HEADER;
use crate::format::SEGMENT_HEADER;
use crate::format::SegmentHead;
use crate::format::SegmentKey;
use crate::fs::File;
use crate::fs::Fs;
use crate::fs::read_full;
use crate::index::Index;
use crate::index::Segment;
use crate::quarantine::Quarantine;
use crate::state::Snapshot;
use crate::walk::Found;
use crate::walk::Payloads;
use crate::walk::Walk;

/// A segment file with what its head says.
pub(crate) struct Candidate {
    pub(crate) first_seq: u64,
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<dyn File>,
    pub(crate) size: u64,
    pub(crate) head: SegmentHead,
}

/// The walk over all segments.
pub(crate) struct Inspection<'a> {
    fs: &'a dyn Fs,
    dir: &'a Path,
    snapshot: &'a Snapshot,
    quarantine: &'a Quarantine,
    index: Index,
    gaps: Vec<Gap>,
    torn_bytes: u64,
}

/// Bytes behind the last thing in a segment that could be read.
struct Tail {
    len: u64,
    /// A header that is good, over a record that is not all there.
    header: Option<Header>,
}

impl<'a> Inspection<'a> {
    pub(crate) fn new(fs: &'a dyn Fs, dir: &'a Path, snapshot: &'a Snapshot, quarantine: &'a Quarantine) -> Self {
        let index = Index {
            segments: BTreeMap::new(),
            active: None,
            gaps: Arc::default(),
            floor: 0,
            damaged: 0,
            evicted: 0,
            torn_tails: 0,
        };
        Self { fs, dir, snapshot, quarantine, index, gaps: Vec::new(), torn_bytes: 0 }
    }

    /// Looks at all segments, oldest first; gives the index and how many bytes of an incomplete end were cut.
    pub(crate) fn run(mut self, found: Vec<Candidate>) -> Result<(Index, u64), OpenError> {
        let mut rest = found.into_iter().peekable();
        while let Some(candidate) = rest.next() {
            let next = rest.peek().map(|next| next.first_seq);
            let path = candidate.path.clone();
            self.load_segment(candidate, next).map_err(OpenError::io(&path))?;
        }
        self.index.set_floor(self.snapshot.floor);
        // Only now: a gap covers records of segments before its own.
        for gap in self.gaps {
            self.index.add_gap(gap);
        }
        Ok((self.index, self.torn_bytes))
    }

    fn load_segment(&mut self, candidate: Candidate, next: Option<u64>) -> io::Result<()> {
        let Candidate { first_seq, path, file, size, head } = candidate;
        let key = SegmentKey { epoch: self.snapshot.epoch, first_seq };
        let mut segment = Segment::new(key, path, Arc::clone(&file));
        let tail = self.walk(&mut segment, size, next)?;
        if head == SegmentHead::Damaged && segment.end > SEGMENT_HEADER as u64 {
            self.set_aside(&mut segment, 0, SEGMENT_HEADER as u64);
        }
        match next {
            None => self.finish_newest(segment, size, &tail),
            Some(limit) => {
                // Leftovers of a group that was refused: the next segment has these seqs.
                let leftover = tail.header.is_some_and(|header| header.seq >= limit);
                if tail.len > 0 && !leftover {
                    let end = segment.end;
                    self.set_aside(&mut segment, end, tail.len);
                }
                self.index.segments.insert(first_seq, segment);
                Ok(())
            }
        }
    }

    fn walk(&mut self, segment: &mut Segment, size: u64, next: Option<u64>) -> io::Result<Tail> {
        let checked = next.is_none() || segment.key.first_seq == self.snapshot.suspect;
        let payloads = if checked { Payloads::Read } else { Payloads::Skip };
        let file = Arc::clone(&segment.file);
        let range = (SEGMENT_HEADER as u64, size);
        let mut walk = Walk::new(&*file, segment.key, range, payloads).below(next.unwrap_or(u64::MAX));
        // Damage counts only if something valid stands behind it; else it is part of the tail.
        let mut doubtful = Vec::new();
        let mut header = None;
        loop {
            match walk.step()? {
                Found::Record { header, offset, payload } => {
                    segment.note(&header, offset);
                    if header.kind == Kind::Gap {
                        self.gaps.extend(Gap::decode(&payload));
                    }
                }
                Found::Damaged { offset, len, header } => {
                    doubtful.push((offset, len));
                    if let Some(header) = header {
                        segment.note_damaged(&header, offset);
                    }
                }
                Found::Torn { offset, header: torn } => {
                    header = torn.filter(|_| offset == segment.end);
                    break;
                }
                Found::End => break,
            }
        }
        let end = segment.end;
        for (offset, len) in doubtful.into_iter().filter(|(offset, _)| *offset < end) {
            self.set_aside(segment, offset, len);
        }
        Ok(Tail { len: size.saturating_sub(segment.end), header })
    }

    fn set_aside(&mut self, segment: &mut Segment, offset: u64, len: u64) {
        segment.damaged.insert(offset);
        self.index.damaged += 1;
        self.quarantine.keep(&*segment.file, segment.key.first_seq, offset, len);
    }

    /// Cuts what was not acknowledged and makes the rest durable before anybody sees it.
    fn finish_newest(&mut self, segment: Segment, size: u64, tail: &Tail) -> io::Result<()> {
        if tail.len > 0 {
            self.torn_bytes = tail.len;
            self.index.torn_tails = 1;
            if tail.header.is_none() && holds_something(&*segment.file, segment.end, tail.len)? {
                self.quarantine.keep(&*segment.file, segment.key.first_seq, segment.end, tail.len);
            }
        }
        if segment.end <= SEGMENT_HEADER as u64 {
            self.fs.remove(&segment.path)?;
            return self.fs.sync_dir(self.dir);
        }
        if size > segment.end {
            segment.file.set_len(segment.end)?;
        }
        segment.file.sync_all()?;
        self.index.segments.insert(segment.key.first_seq, segment);
        Ok(())
    }
}

/// Whether a tail without a readable header may once have been a record: long enough, and not the zeros that a file system
/// leaves when the size became durable before the contents.
fn holds_something(file: &dyn File, offset: u64, len: u64) -> io::Result<bool> {
    if len < RECORD_HEADER as u64 {
        return Ok(false);
    }
    let mut head = [0; RECORD_HEADER];
    let got = read_full(file, &mut head, offset)?;
    Ok(head[..got].iter().any(|byte| *byte != 0))
}
