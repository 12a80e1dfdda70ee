//! The one thread that writes: group commit, segments, and what to do when the disk refuses.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use tracing::error;
use tracing::warn;

use crate::error::AppendError;
use crate::format::Gap;
use crate::format::Header;
use crate::format::Kind;
use crate::format::SEGMENT_HEADER;
use crate::format::SegmentKey;
use crate::format::encode_segment;
use crate::format::segment_name;
use crate::fs::File;
use crate::fs::is_full;
use crate::index::Segment;
use crate::pressure;
use crate::shared::Pending;
use crate::shared::Shared;
use crate::shared::Work;

/// Bound of one write, so that the first of many producers is answered soon.
const GROUP_BYTES: u64 = 8 << 20;
/// How often age and leftovers are looked at when nothing happens.
const IDLE: Duration = Duration::from_secs(60);
const CLOCK_JUMP: Duration = Duration::from_secs(3600);

/// A record before it has a seq.
pub(crate) struct Draft<'a> {
    pub(crate) kind: Kind,
    pub(crate) class: u8,
    pub(crate) payload: &'a [u8],
}

/// The segment that grows. `len` is its durable length.
pub(crate) struct Active {
    pub(crate) key: SegmentKey,
    pub(crate) file: Arc<dyn File>,
    pub(crate) path: PathBuf,
    pub(crate) len: u64,
}

pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    active: Option<Active>,
    next_seq: u64,
    buffer: Vec<u8>,
    /// The wall clock and the steady one when this began; they should stay together.
    began: (i64, Instant),
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, active: Option<Active>, next_seq: u64) -> Self {
        let began = (shared.options.now_us(), Instant::now());
        Self { shared, active, next_seq, buffer: Vec::new(), began }
    }

    /// Whether somebody turned the wall clock since this began. Nothing may be called old by such a clock.
    pub(crate) fn clock_jumped(&self) -> bool {
        let wall = self.shared.options.now_us().saturating_sub(self.began.0);
        let steady = i64::try_from(self.began.1.elapsed().as_micros()).unwrap_or(i64::MAX);
        wall.abs_diff(steady) > CLOCK_JUMP.as_micros() as u64
    }

    /// Works until the spool is closed and drained, or has failed.
    pub(crate) fn run(mut self) {
        let _alarm = PanicAlarm(Arc::clone(&self.shared));
        pressure::tick(&mut self);
        loop {
            match self.shared.next_work(self.group_limit(), IDLE) {
                Work::Group(group) => {
                    self.commit(group);
                    pressure::after_write(&mut self);
                }
                Work::Maintain => pressure::tick(&mut self),
                Work::End => return,
            }
        }
    }

    /// A group does not cross the end of a segment.
    fn group_limit(&self) -> u64 {
        let used = self.active.as_ref().map_or(SEGMENT_HEADER as u64, |active| active.len);
        match self.shared.options.segment_limit().saturating_sub(used) {
            0 => GROUP_BYTES,
            room => room.min(GROUP_BYTES),
        }
    }

    fn commit(&mut self, group: Vec<Pending>) {
        let bytes = group.iter().map(|pending| pending.record.cost()).sum();
        let drafts: Vec<Draft<'_>> = group
            .iter()
            .map(|pending| Draft { kind: Kind::Data, class: pending.record.class, payload: &pending.record.payload })
            .collect();
        let mut written = self.write(&drafts);
        while matches!(written, Err(AppendError::DiskFull { .. })) && pressure::make_room(self) {
            written = self.write(&drafts);
        }
        drop(drafts);
        self.shared.group_done(bytes);
        for (place, pending) in (0..).zip(group) {
            drop(pending.room);
            pending.answer.send(written.clone().map(|first: u64| first + place)).ok();
        }
    }

    /// Makes records durable and visible; returns the seq of the first.
    pub(crate) fn write(&mut self, drafts: &[Draft<'_>]) -> Result<u64, AppendError> {
        let (key, file, start) = self.segment_for(drafts)?;
        let headers = self.encode(drafts, &key, start);
        if let Err(error) = file.write_all_at(&self.buffer, start) {
            return Err(self.write_failed(&error));
        }
        if let Err(error) = file.sync_data() {
            return Err(self.sync_failed(&error));
        }
        let first = self.next_seq;
        self.next_seq += drafts.len() as u64;
        if let Some(active) = &mut self.active {
            active.len = start + self.buffer.len() as u64;
        }
        self.publish(&headers, drafts, &key);
        self.buffer.shrink_to(GROUP_BYTES as usize * 2);
        Ok(first)
    }

    fn encode(&mut self, drafts: &[Draft<'_>], key: &SegmentKey, start: u64) -> Vec<(Header, u64)> {
        let at_us = self.shared.options.now_us();
        self.buffer.clear();
        let mut headers = Vec::with_capacity(drafts.len());
        for (seq, draft) in (self.next_seq..).zip(drafts) {
            let header = Header {
                kind: draft.kind,
                class: draft.class,
                seq,
                at_us,
                payload_len: draft.payload.len() as u32,
                payload_crc: crc32c::crc32c(draft.payload),
            };
            let offset = start + self.buffer.len() as u64;
            self.buffer.extend_from_slice(&header.encode(key, offset));
            self.buffer.extend_from_slice(draft.payload);
            headers.push((header, offset));
        }
        headers
    }

    fn publish(&self, headers: &[(Header, u64)], drafts: &[Draft<'_>], key: &SegmentKey) {
        self.shared.change_index(|index| {
            if let Some(segment) = index.segments.get_mut(&key.first_seq) {
                headers.iter().for_each(|(header, offset)| segment.note(header, *offset));
            }
            for gap in
                drafts.iter().filter(|draft| draft.kind == Kind::Gap).filter_map(|draft| Gap::decode(draft.payload))
            {
                index.add_gap(gap);
                index.evicted += gap.count;
            }
        });
        self.shared.durable.send_replace(self.next_seq - 1);
    }

    /// The segment the drafts go to, and where they begin.
    fn segment_for(&mut self, drafts: &[Draft<'_>]) -> Result<(SegmentKey, Arc<dyn File>, u64), AppendError> {
        let bytes: u64 = drafts.iter().map(|draft| (crate::format::RECORD_HEADER + draft.payload.len()) as u64).sum();
        let limit = self.shared.options.segment_limit();
        if self.active.as_ref().is_some_and(|active| active.len > SEGMENT_HEADER as u64 && active.len + bytes > limit) {
            self.seal();
        }
        let active = match self.active.take() {
            Some(active) => active,
            None => self.begin()?,
        };
        let place = (active.key, Arc::clone(&active.file), active.len);
        self.active = Some(active);
        Ok(place)
    }

    /// Creates the next segment; it and its name are durable before it takes a record.
    fn begin(&mut self) -> Result<Active, AppendError> {
        let shared = Arc::clone(&self.shared);
        let key = SegmentKey { epoch: shared.epoch, first_seq: self.next_seq };
        let path = shared.dir.join(segment_name(key.first_seq));
        let created = shared.fs.create(&path).and_then(|file| {
            file.write_all_at(&encode_segment(&key, shared.options.now_us()), 0)?;
            file.sync_all()?;
            shared.fs.sync_dir(&shared.dir)?;
            Ok(file)
        });
        let file: Arc<dyn File> = match created {
            Ok(file) => Arc::from(file),
            Err(error) => {
                shared.fs.remove(&path).ok();
                return Err(self.refuse(&error, "segment could not be created"));
            }
        };
        shared.change_index(|index| {
            index.segments.insert(key.first_seq, Segment::new(key, path.clone(), Arc::clone(&file)));
            index.active = Some(key.first_seq);
        });
        Ok(Active { key, file, path, len: SEGMENT_HEADER as u64 })
    }

    /// Leaves the active segment behind; the next record begins a new one.
    pub(crate) fn seal(&mut self) {
        let Some(active) = self.active.take() else { return };
        let empty = active.len <= SEGMENT_HEADER as u64;
        self.shared.change_index(|index| {
            index.active = None;
            if empty {
                index.segments.remove(&active.key.first_seq);
            }
        });
        if empty {
            self.shared.fs.remove(&active.path).ok();
        }
    }

    pub(crate) fn active(&self) -> Option<&Active> {
        self.active.as_ref()
    }

    /// Part of the group may be in the file; it is cut off.
    fn write_failed(&mut self, error: &io::Error) -> AppendError {
        let cut = self.active.as_ref().map_or(Ok(()), |active| active.file.set_len(active.len));
        match cut {
            Ok(()) => self.refuse(error, "segment could not be written"),
            Err(cut) => self.fail(&format!("half a record could not be cut off: {cut}")),
        }
    }

    /// The kernel reports a lost page once; this file must never be synced again.
    fn sync_failed(&mut self, error: &io::Error) -> AppendError {
        if let Some(active) = &self.active {
            active.file.set_len(active.len).ok();
            if !is_full(error) {
                self.shared.change_state(|state| state.set_suspect(active.key.first_seq)).ok();
            }
        }
        self.seal();
        self.refuse(error, "segment could not be synced")
    }

    fn refuse(&self, error: &io::Error, what: &str) -> AppendError {
        if is_full(error) {
            warn!("{what}, the disk is full: {error}");
            return AppendError::DiskFull { retry_after: self.shared.options.retry_after };
        }
        self.fail(&format!("{what}: {error}"))
    }

    fn fail(&self, reason: &str) -> AppendError {
        error!("spool {} failed: {reason}", self.shared.dir.display());
        self.shared.fail(reason);
        AppendError::Failed { reason: reason.into() }
    }
}

/// Tells the producers if the writer dies of a bug.
struct PanicAlarm(Arc<Shared>);

impl Drop for PanicAlarm {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fail("the writer panicked");
        }
    }
}
