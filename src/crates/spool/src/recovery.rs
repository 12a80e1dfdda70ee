//! Opening: which epoch it is, which segments are there, what a crash left at the end.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tracing::info;
use tracing::warn;

use crate::error::OpenError;
use crate::format::Epoch;
use crate::format::SEGMENT_HEADER;
use crate::format::SegmentHead;
use crate::format::decode_segment;
use crate::format::parse_segment_name;
use crate::format::segment_name;
use crate::fs::File;
use crate::fs::Fs;
use crate::fs::read_full;
use crate::index::Index;
use crate::inspect::Candidate;
use crate::inspect::Inspection;
use crate::options::Options;
use crate::quarantine::Quarantine;
use crate::shared::Place;
use crate::shared::Shared;
use crate::state::Snapshot;
use crate::state::StateFile;
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
    let (mut index, torn_bytes) = Inspection::new(&*fs, dir, &snapshot, &quarantine).run(found)?;
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
    let shared = Shared::new(Place { fs, dir: dir.to_path_buf(), quarantine }, options, index, state, last_seq);
    Ok(Recovered { shared, active, next_seq: last_seq + 1, report, lock })
}

fn take_lock(fs: &dyn Fs, dir: &Path) -> Result<Box<dyn Send + Sync>, OpenError> {
    let path = dir.join("LOCK");
    fs.lock(&path).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => OpenError::Locked { path: dir.to_path_buf() },
        _ => OpenError::io(&path)(error),
    })
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
