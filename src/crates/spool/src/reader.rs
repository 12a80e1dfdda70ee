//! Reading durable records in order, past what was freed, evicted or damaged.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use crate::error::ReadError;
use crate::format::Gap;
use crate::format::Header;
use crate::format::Kind;
use crate::format::SegmentKey;
use crate::fs::File;
use crate::shared::Shared;
use crate::walk::Found;
use crate::walk::Payloads;
use crate::walk::Walk;

/// A durable record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number, gap-free within the epoch.
    pub seq: u64,
    /// Whether a producer wrote it or the spool itself.
    pub kind: Kind,
    /// Importance; 0 is the most important.
    pub class: u8,
    /// When it was written, in microseconds.
    pub appended_at_us: i64,
    /// The bytes.
    pub payload: Bytes,
}

impl Record {
    /// What was evicted, if this is a gap record.
    pub fn gap(&self) -> Option<Gap> {
        (self.kind == Kind::Gap).then(|| Gap::decode(&self.payload)).flatten()
    }
}

/// Some records, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// In order of seq; seqs that are missing were freed, evicted or damaged.
    pub records: Vec<Record>,
    /// Read from here next. It moves past missing records, so it may advance although there are no records.
    pub next: u64,
}

/// Whether freed records that are still there are read too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freed {
    Skip,
    Include,
}

/// Bounds of one read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

/// A piece of one segment. Its handle stays good if the segment is removed or rewritten meanwhile.
struct Span {
    key: SegmentKey,
    path: PathBuf,
    file: Arc<dyn File>,
    range: (u64, u64),
    last_seq: u64,
    gaps: Arc<Vec<Gap>>,
}

pub(crate) fn read(shared: &Shared, from: u64, limits: Limits, freed: Freed) -> Result<Batch, ReadError> {
    // Taken first: everything up to here is in the index by now, what comes later may or may not be.
    let durable = shared.durable_seq();
    let mut reading = Reading { shared, limits, bytes: 0, batch: Batch { records: Vec::new(), next: from.max(1) } };
    while reading.batch.records.len() < limits.records {
        let Some(span) = find_span(shared, &mut reading.batch.next, freed) else {
            reading.batch.next = reading.batch.next.max(durable + 1);
            break;
        };
        let full = reading.take(&span).map_err(|source| ReadError::Io { path: span.path.clone(), source })?;
        if full {
            break;
        }
    }
    Ok(reading.batch)
}

fn find_span(shared: &Shared, next: &mut u64, freed: Freed) -> Option<Span> {
    let index = shared.read_index();
    if freed == Freed::Skip {
        *next = (*next).max(index.floor + 1);
    }
    let segment = index.segment_for(*next)?;
    Some(Span {
        key: segment.key,
        path: segment.path.clone(),
        file: Arc::clone(&segment.file),
        range: (segment.start_for(*next), segment.end),
        last_seq: segment.last_seq,
        gaps: Arc::clone(&index.gaps),
    })
}

struct Reading<'a> {
    shared: &'a Shared,
    limits: Limits,
    bytes: usize,
    batch: Batch,
}

impl Reading<'_> {
    /// Takes what fits from one segment; true when no more fits.
    fn take(&mut self, span: &Span) -> io::Result<bool> {
        let mut walk = Walk::new(&*span.file, span.key, span.range, Payloads::Read);
        loop {
            match walk.step()? {
                Found::Record { header, payload, .. } => {
                    if self.put(&header, payload, &span.gaps) {
                        return Ok(true);
                    }
                }
                Found::Damaged { offset, len, .. } => {
                    self.shared.note_damage(&*span.file, span.key.first_seq, offset, len);
                }
                Found::Torn { offset, .. } => {
                    // Inside the durable range nothing is torn: the rest of the segment is damaged.
                    self.shared.note_damage(&*span.file, span.key.first_seq, offset, span.range.1 - offset);
                    break;
                }
                Found::End => break,
            }
        }
        self.batch.next = self.batch.next.max(span.last_seq + 1);
        Ok(false)
    }

    /// True when this record did not fit.
    fn put(&mut self, header: &Header, payload: Bytes, gaps: &[Gap]) -> bool {
        if header.seq < self.batch.next {
            return false;
        }
        let evicted = header.kind == Kind::Data && gaps.iter().any(|gap| gap.covers(header.class, header.seq));
        if !evicted {
            let too_much = self.bytes.saturating_add(payload.len()) > self.limits.bytes;
            let full = self.batch.records.len() >= self.limits.records;
            if full || (too_much && !self.batch.records.is_empty()) {
                return true;
            }
            self.bytes += payload.len();
            self.batch.records.push(Record {
                seq: header.seq,
                kind: header.kind,
                class: header.class,
                appended_at_us: header.at_us,
                payload,
            });
        }
        self.batch.next = header.seq + 1;
        false
    }
}
