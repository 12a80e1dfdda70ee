//! Goes through the records of one segment and finds its way behind damage.

use std::io;

use bytes::Bytes;

use crate::format::Header;
use crate::format::Kind;
use crate::format::RECORD_HEADER;
use crate::format::RECORD_MAGIC;
use crate::format::SegmentKey;
use crate::fs::File;
use crate::fs::read_full;

const CHUNK: usize = 64 << 10;
/// When payloads this large are skipped, reading ahead is waste.
const LARGE: u64 = 16 << 10;

/// Which payloads are read and checked. Gap records always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payloads {
    Skip,
    Read,
}

/// The next thing in a segment.
#[derive(Debug)]
pub(crate) enum Found {
    /// A record; its payload is empty if it was skipped.
    Record { header: Header, offset: u64, payload: Bytes },
    /// Bytes that do not check out, with something valid behind them, or a readable header over a bad payload.
    Damaged { offset: u64, len: u64, header: Option<Header> },
    /// Nothing from here to the end belongs to this segment.
    Torn { offset: u64, header: Option<Header> },
    /// The end, cleanly.
    End,
}

/// A walk over `start..end` of a segment.
pub(crate) struct Walk<'a> {
    file: &'a dyn File,
    key: SegmentKey,
    payloads: Payloads,
    position: u64,
    end: u64,
    last_seq: u64,
    seq_limit: u64,
    ahead: usize,
    buffer: Vec<u8>,
    buffer_at: u64,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(file: &'a dyn File, key: SegmentKey, range: (u64, u64), payloads: Payloads) -> Self {
        Self {
            file,
            key,
            payloads,
            position: range.0,
            end: range.1,
            last_seq: 0,
            seq_limit: u64::MAX,
            ahead: CHUNK,
            buffer: Vec::new(),
            buffer_at: 0,
        }
    }

    /// Records from `seq_limit` on do not belong here: the next segment has them.
    pub(crate) fn below(mut self, seq_limit: u64) -> Self {
        self.seq_limit = seq_limit;
        self
    }

    pub(crate) fn step(&mut self) -> io::Result<Found> {
        let offset = self.position;
        if offset >= self.end {
            return Ok(Found::End);
        }
        let key = self.key;
        let Some(header) = Header::decode(self.window(offset, RECORD_HEADER)?, &key, offset) else {
            return self.skip_damage(offset);
        };
        if header.seq <= self.last_seq || header.seq >= self.seq_limit || header.record_len() > self.end - offset {
            return Ok(Found::Torn { offset, header: Some(header) });
        }
        self.position = offset + header.record_len();
        self.last_seq = header.seq;
        if self.payloads == Payloads::Skip && header.kind == Kind::Data {
            self.ahead = if header.record_len() > LARGE { RECORD_HEADER } else { CHUNK };
            return Ok(Found::Record { header, offset, payload: Bytes::new() });
        }
        let payload = self.payload(offset + RECORD_HEADER as u64, header.payload_len as usize)?;
        if payload.len() != header.payload_len as usize || crc32c::crc32c(&payload) != header.payload_crc {
            return Ok(Found::Damaged { offset, len: header.record_len(), header: Some(header) });
        }
        Ok(Found::Record { header, offset, payload })
    }

    fn skip_damage(&mut self, offset: u64) -> io::Result<Found> {
        match self.scan(offset + 1)? {
            Some(found) => {
                self.position = found;
                Ok(Found::Damaged { offset, len: found - offset, header: None })
            }
            None => Ok(Found::Torn { offset, header: None }),
        }
    }

    /// The next place at or behind `from` where a valid header stands.
    fn scan(&mut self, from: u64) -> io::Result<Option<u64>> {
        let key = self.key;
        let end = self.end;
        let (last_seq, seq_limit) = (self.last_seq, self.seq_limit);
        self.ahead = CHUNK;
        let mut at = from;
        while at + RECORD_HEADER as u64 <= end {
            let window = self.window(at, RECORD_HEADER)?;
            let Some(last) = window.len().checked_sub(RECORD_HEADER) else { break };
            let found = (0..=last).find(|&place| {
                window[place] == RECORD_MAGIC[0]
                    && Header::decode(&window[place..], &key, at + place as u64)
                        .is_some_and(|header| header.seq > last_seq && header.seq < seq_limit)
            });
            if let Some(place) = found {
                return Ok(Some(at + place as u64));
            }
            at += last as u64 + 1;
        }
        Ok(None)
    }

    fn payload(&mut self, at: u64, len: usize) -> io::Result<Bytes> {
        if len <= CHUNK / 2 {
            let window = self.window(at, len)?;
            return Ok(Bytes::copy_from_slice(&window[..len.min(window.len())]));
        }
        let mut payload = vec![0; len];
        let got = read_full(self.file, &mut payload, at)?;
        payload.truncate(got);
        Ok(Bytes::from(payload))
    }

    /// Everything buffered from `at`: at least `least` bytes unless the segment ends before.
    fn window(&mut self, at: u64, least: usize) -> io::Result<&[u8]> {
        let buffered = self.buffer_at + self.buffer.len() as u64;
        let wanted = (at + least as u64).min(self.end);
        if at < self.buffer_at || wanted > buffered {
            let room = usize::try_from(self.end - at).unwrap_or(usize::MAX);
            self.buffer.resize(self.ahead.max(least).min(room), 0);
            self.buffer_at = at;
            let got = read_full(self.file, &mut self.buffer, at)?;
            self.buffer.truncate(got);
        }
        let skip = usize::try_from(at - self.buffer_at).unwrap_or(usize::MAX).min(self.buffer.len());
        Ok(&self.buffer[skip..])
    }
}
