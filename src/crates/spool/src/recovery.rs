//! Opening: which epoch it is, which segments are there, what a crash left at the end.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::RwLock;
use std::sync::atomic::AtomicU64;

use tokio::sync::Semaphore;
use tokio::sync::watch;
use tracing::info;
use tracing::warn;

use crate::error::OpenError;
use crate::format::Epoch;
use crate::format::Gap;
use crate::format::Header;
use crate::format::Kind;
use crate::format::RECORD_HEADER;
use crate::format::SEGMENT_HEADER;
use crate::format::SegmentHead;
use crate::format::SegmentKey;
use crate::format::decode_segment;
use crate::format::parse_segment_name;
use crate::format::segment_name;
use crate::fs::File;
use crate::fs::Fs;
use crate::fs::read_full;
use crate::index::Index;
use crate::index::Segment;
use crate::options::Options;
use crate::quarantine::Quarantine;
use crate::shared::Queue;
use crate::shared::Shared;
use crate::state::Snapshot;
use crate::state::StateFile;
use crate::walk::Found;
use crate::walk::Payloads;
use crate::walk::Walk;
use crate::writer::Active;

/// What was found when the spool was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReport {
    /// The epoch its seqs belong to.
    pub epoch: Epoch,
    /// There was nothing: the epoch is new and seq begins at 1.
    pub created: bool,
    /// The state file was lost or damaged and made again from the segments; cursors are at zero.
    pub state_rebuilt: bool,
    /// Segments that are there.
    pub segments: u64,
    /// Records above the freed floor.
    pub records: u64,
    /// Oldest seq that may be there.
    pub first_seq: Option<u64>,
    /// Newest seq that was ever given out, zero if none.
    pub last_seq: u64,
    /// Bytes of an incomplete end that were cut; they had not been acknowledged.
    pub torn_bytes: u64,
    /// Damaged places set aside in `quarantine/`. Payloads of older segments are checked when they are read.
    pub set_aside: u64,
    /// Segments of another spool moved to `quarantine/`.
    pub foreign: u64,
    /// The process before this one ended because a sync failed; the segment was read back.
    pub suspect: bool,
}

pub(crate) struct Recovered {
    pub(crate) shared: Shared,
    pub(crate) active: Option<Active>,
    pub(crate) next_seq: u64,
    pub(crate) report: OpenReport,
    pub(crate) lock: Box<dyn Send + Sync>,
}

pub(crate) fn open(fs: Arc<dyn Fs>, dir: &Path, options: Options) -> Result<Recovered, OpenError> {
    let quarantine_dir = dir.join("quarantine");
    fs.create_dir_all(&quarantine_dir).map_err(OpenError::io(&quarantine_dir))?;
    fs.sync_dir(dir).map_err(OpenError::io(dir))?;
    let lock = take_lock(&*fs, dir)?;
    let mut found = list_segments(&*fs, dir)?;
    let (mut state, origin) = open_state(&*fs, dir, &found, options.now_us())?;
    let snapshot = state.snapshot().clone();
    let quarantine = Quarantine::open(Arc::clone(&fs), &quarantine_dir, options.quarantine_bytes)
        .map_err(OpenError::io(&quarantine_dir))?;
    let foreign = move_foreign(&*fs, dir, &mut found, snapshot.epoch)?;
    let mut recovery = Recovery::new(&*fs, dir, &snapshot, &quarantine);
    recovery.load(found)?;
    let Recovery { mut index, torn_bytes, gaps, .. } = recovery;
    index.set_floor(snapshot.floor);
    gaps.into_iter().for_each(|gap| index.add_gap(gap));
    if snapshot.suspect != 0 {
        let path = dir.join("state");
        state.set_suspect(0).map_err(|error| OpenError::io(&path)(io::Error::other(error)))?;
    }
    let last_seq = last_seq(&index, &snapshot);
    let active = reopen_newest(&mut index, &options, snapshot.suspect);
    let report = OpenReport {
        epoch: snapshot.epoch,
        created: origin == Origin::Created,
        state_rebuilt: origin == Origin::Rebuilt,
        segments: index.segments.len() as u64,
        records: index.waiting(),
        first_seq: index.segments.keys().next().copied(),
        last_seq,
        torn_bytes,
        set_aside: index.damaged,
        foreign,
        suspect: snapshot.suspect != 0,
    };
    log_report(dir, &report);
    let shared = Shared {
        room: Arc::new(Semaphore::new(options.in_flight_limit())),
        options,
        dir: dir.to_path_buf(),
        epoch: snapshot.epoch,
        queue: Mutex::new(Queue::new()),
        work: Condvar::new(),
        used: AtomicU64::new(index.used()),
        index: RwLock::new(index),
        state: Mutex::new(state),
        quarantine,
        maintenance: Mutex::new(()),
        durable: watch::Sender::new(last_seq),
        failure: watch::Sender::new(None),
        fs,
    };
    Ok(Recovered { shared, active, next_seq: last_seq + 1, report, lock })
}

fn take_lock(fs: &dyn Fs, dir: &Path) -> Result<Box<dyn Send + Sync>, OpenError> {
    let path = dir.join("LOCK");
    fs.lock(&path).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => OpenError::Locked { path: dir.to_path_buf() },
        _ => OpenError::io(&path)(error),
    })
}

/// A segment file with what its head says.
struct Candidate {
    first_seq: u64,
    path: PathBuf,
    file: Arc<dyn File>,
    size: u64,
    head: SegmentHead,
}

/// Opens all segments, oldest first, and removes what a rewriting left behind.
fn list_segments(fs: &dyn Fs, dir: &Path) -> Result<Vec<Candidate>, OpenError> {
    let mut found = Vec::new();
    for name in fs.list(dir).map_err(OpenError::io(dir))? {
        let path = dir.join(&name);
        if name.ends_with(".seg.tmp") {
            fs.remove(&path).map_err(OpenError::io(&path))?;
        }
        let Some(first_seq) = parse_segment_name(&name) else { continue };
        let file: Arc<dyn File> = Arc::from(fs.open(&path).map_err(OpenError::io(&path))?);
        let size = file.size().map_err(OpenError::io(&path))?;
        let mut raw = [0; SEGMENT_HEADER];
        let got = read_full(&*file, &mut raw, 0).map_err(OpenError::io(&path))?;
        let head = decode_segment(&raw[..got]);
        if let SegmentHead::Newer { version } = head {
            return Err(OpenError::Newer { path, version });
        }
        found.push(Candidate { first_seq, path, file, size, head });
    }
    found.sort_by_key(|candidate| candidate.first_seq);
    Ok(found)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Found,
    Rebuilt,
    Created,
}

/// Reads the state file, or makes it: with the epoch of the segments if there are any, else with a new one.
fn open_state(fs: &dyn Fs, dir: &Path, found: &[Candidate], now_us: i64) -> Result<(StateFile, Origin), OpenError> {
    let path = dir.join("state");
    if let Some(state) = StateFile::load(fs, &path)? {
        return Ok((state, Origin::Found));
    }
    let known = found.iter().rev().find_map(|candidate| match candidate.head {
        SegmentHead::Valid { key } => Some(key.epoch),
        _ => None,
    });
    let (epoch, origin) = match known {
        Some(epoch) => (epoch, Origin::Rebuilt),
        None => (Epoch::random().map_err(OpenError::Random)?, Origin::Created),
    };
    let state = StateFile::create(fs, &path, Snapshot::new(epoch, now_us)).map_err(OpenError::io(&path))?;
    fs.sync_dir(dir).map_err(OpenError::io(dir))?;
    Ok((state, origin))
}

/// A segment of another epoch was put here by hand; it is not ours to deliver.
fn move_foreign(fs: &dyn Fs, dir: &Path, found: &mut Vec<Candidate>, epoch: Epoch) -> Result<u64, OpenError> {
    let (ours, foreign): (Vec<_>, Vec<_>) = std::mem::take(found).into_iter().partition(|candidate| {
        !matches!(candidate.head, SegmentHead::Valid { key } if key.epoch != epoch || key.first_seq != candidate.first_seq)
    });
    *found = ours;
    let quarantine = dir.join("quarantine");
    for candidate in &foreign {
        let to = quarantine.join(segment_name(candidate.first_seq));
        fs.rename(&candidate.path, &to).map_err(OpenError::io(&candidate.path))?;
        fs.sync_dir(&quarantine).and_then(|()| fs.sync_dir(dir)).map_err(OpenError::io(dir))?;
    }
    Ok(foreign.len() as u64)
}

/// Walks the segments and fills the index.
struct Recovery<'a> {
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

impl<'a> Recovery<'a> {
    fn new(fs: &'a dyn Fs, dir: &'a Path, snapshot: &'a Snapshot, quarantine: &'a Quarantine) -> Self {
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

    fn load(&mut self, found: Vec<Candidate>) -> Result<(), OpenError> {
        let mut rest = found.into_iter().peekable();
        while let Some(candidate) = rest.next() {
            let next = rest.peek().map(|next| next.first_seq);
            let path = candidate.path.clone();
            self.load_segment(candidate, next).map_err(OpenError::io(&path))?;
        }
        Ok(())
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

/// The newest seq ever given out, as far as anything on disk knows.
fn last_seq(index: &Index, snapshot: &Snapshot) -> u64 {
    let stored = index.segments.values().map(|segment| segment.last_seq).max().unwrap_or(0);
    let known = snapshot.cursors.values().copied().max().unwrap_or(0);
    stored.max(known).max(snapshot.floor)
}

/// Appending goes on in the newest segment if it has room and nothing speaks against it.
fn reopen_newest(index: &mut Index, options: &Options, suspect: u64) -> Option<Active> {
    let (first, segment) = index.segments.iter().next_back()?;
    // A longer file has leftovers of a refused group behind the end; they must not end up between records.
    let clean = segment.file.size().is_ok_and(|size| size == segment.end);
    if !clean || *first == suspect || segment.end >= options.segment_limit() {
        return None;
    }
    let active =
        Active { key: segment.key, file: Arc::clone(&segment.file), path: segment.path.clone(), len: segment.end };
    index.active = Some(*first);
    Some(active)
}

fn log_report(dir: &Path, report: &OpenReport) {
    info!(
        spool.epoch = %report.epoch,
        spool.records = report.records,
        spool.last_seq = report.last_seq,
        "spool {} is open",
        dir.display()
    );
    if report.torn_bytes > 0 {
        warn!(bytes = report.torn_bytes, "an incomplete end was cut from spool {}", dir.display());
    }
    if report.set_aside > 0 || report.state_rebuilt || report.foreign > 0 || report.suspect {
        warn!("spool {} was damaged: {report:?}", dir.display());
    }
}
