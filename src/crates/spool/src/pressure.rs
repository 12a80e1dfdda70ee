//! Giving space back: freed segments first, then, if the owner allows it, records of the least important class.

use std::sync::Arc;

use tracing::info;
use tracing::warn;

use crate::error::StateError;
use crate::format::Gap;
use crate::format::Header;
use crate::format::Kind;
use crate::format::SEGMENT_HEADER;
use crate::format::SegmentKey;
use crate::format::encode_segment;
use crate::fs::File;
use crate::index::Index;
use crate::index::Segment;
use crate::options::Evict;
use crate::options::Grace;
use crate::shared::Shared;
use crate::shared::lock;
use crate::walk::Found;
use crate::walk::Payloads;
use crate::walk::Walk;
use crate::writer::Draft;
use crate::writer::Writer;

/// So much is made free at once when the disk is full.
const ROOM: u64 = 16 << 20;
const REWRITE_CHUNK: usize = 1 << 20;

/// After each group: cheap unless the level is high.
pub(crate) fn after_write(writer: &mut Writer) {
    let options = &writer.shared.options;
    if writer.shared.used() >= options.level(options.thresholds.high) {
        relieve(writer);
    }
}

/// Now and then, and when somebody asked.
pub(crate) fn tick(writer: &mut Writer) {
    let shared = Arc::clone(&writer.shared);
    let oldest = oldest_allowed(writer);
    seal_if_over(writer, oldest);
    {
        let _maintenance = lock(&shared.maintenance);
        let keep = |_: &Index, segment: &Segment| shared.options.grace == Grace::Keep && segment.newest_us >= oldest;
        log(drop_freed(&shared, keep));
        if shared.options.evict == Evict::LeastImportant {
            evict(writer, |index| too_old(index, oldest));
        }
    }
    after_write(writer);
}

fn oldest_allowed(writer: &Writer) -> i64 {
    let options = &writer.shared.options;
    match options.max_age {
        Some(age) if !writer.clock_jumped() => {
            options.now_us().saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX))
        }
        _ => i64::MIN,
    }
}

fn log(result: Result<(), StateError>) {
    if let Err(error) = result {
        warn!("freed segments could not be removed: {error:?}");
    }
}

/// A freed or old active segment would otherwise stay for ever on a quiet spool.
fn seal_if_over(writer: &mut Writer, oldest: i64) {
    let enough = writer.shared.options.segment_limit() / 4;
    let Some(active) = writer.active() else { return };
    let (first, len) = (active.key.first_seq, active.len);
    let over = {
        let index = writer.shared.read_index();
        index
            .segments
            .get(&first)
            .is_some_and(|segment| segment.newest_us < oldest || (segment.is_freed(index.floor) && len >= enough))
    };
    if over {
        writer.seal();
    }
}

/// Brings the level from the upper threshold to where it may rest.
fn relieve(writer: &mut Writer) {
    let shared = Arc::clone(&writer.shared);
    let target = shared.options.level(shared.options.thresholds.high_resume);
    let _maintenance = lock(&shared.maintenance);
    log(drop_freed(&shared, |index, _| index.used() <= target));
    if shared.options.evict == Evict::LeastImportant {
        evict(writer, |index| if index.used() > target { least_important(index) } else { None });
    }
}

/// The disk is full, whatever the thresholds say: the oldest copies of what has left go. False when there were none.
pub(crate) fn make_room(writer: &mut Writer) -> bool {
    let shared = Arc::clone(&writer.shared);
    let over = {
        let index = shared.read_index();
        index.active.and_then(|first| index.segments.get(&first)).is_some_and(|active| active.is_freed(index.floor))
    };
    if over {
        writer.seal();
    }
    let _maintenance = lock(&shared.maintenance);
    let before = shared.used();
    log(drop_freed(&shared, |index, _| index.used() + ROOM <= before));
    shared.used() < before
}

/// Deletes freed segments, oldest first, until `keep` says stop. The caller holds the maintenance lock.
pub(crate) fn drop_freed(shared: &Shared, keep: impl Fn(&Index, &Segment) -> bool) -> Result<(), StateError> {
    let freed = shared.read_index().grace_segments();
    let mut removed = false;
    for first in freed {
        let path = {
            let index = shared.read_index();
            match index.segments.get(&first) {
                Some(segment) if !keep(&index, segment) => segment.path.clone(),
                _ => break,
            }
        };
        let fail = |source| StateError::Io { path: path.clone(), source };
        shared.fs.remove(&path).or_else(missing_is_removed).map_err(fail)?;
        shared.change_index(|index| index.segments.remove(&first));
        removed = true;
    }
    if removed {
        let fail = |source| StateError::Io { path: shared.dir.clone(), source };
        shared.fs.sync_dir(&shared.dir).map_err(fail)?;
    }
    Ok(())
}

fn missing_is_removed(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Writes gap records and takes out what they cover, as long as `choose` names a class and a segment.
fn evict(writer: &mut Writer, choose: impl Fn(&Index) -> Option<(u8, u64)>) {
    let shared = Arc::clone(&writer.shared);
    loop {
        let (choice, dirty) = {
            let index = shared.read_index();
            (choose(&index), index.segments.values().find(|segment| segment.dirty).map(|segment| segment.key.first_seq))
        };
        let Some((class, first)) = choice else { return };
        // What is evicted already gives space without a loss.
        let done = match dirty {
            Some(first) => take_out(writer, first),
            None => give_up(writer, first, class),
        };
        if let Err(error) = done {
            warn!("spool {} cannot evict now: {error}", shared.dir.display());
            return;
        }
    }
}

fn take_out(writer: &mut Writer, first: u64) -> std::io::Result<()> {
    if writer.active().is_some_and(|active| active.key.first_seq == first) {
        writer.seal();
    }
    rewrite(&writer.shared, first)
}

/// Writes the gap record for one class of one segment.
fn give_up(writer: &mut Writer, first: u64, class: u8) -> std::io::Result<()> {
    let shared = Arc::clone(&writer.shared);
    let Some(gap) = survey(&shared, first, class)? else {
        shared.change_index(|index| index.segments.get_mut(&first).map(|segment| segment.classes.remove(&class)));
        return Ok(());
    };
    let draft = Draft { kind: Kind::Gap, class: 0, payload: &gap.encode() };
    writer.write(&[draft]).map_err(std::io::Error::other)?;
    info!(class, records = gap.count, "evicted {} records of class {class}", gap.count);
    Ok(())
}

/// The oldest segment that nobody took although all of it is older than it may be.
fn too_old(index: &Index, oldest: i64) -> Option<(u8, u64)> {
    let old = |segment: &&Segment| !segment.is_freed(index.floor) && segment.newest_us < oldest;
    index
        .segments
        .values()
        .filter(old)
        .find_map(|segment| Some((*segment.classes.keys().next()?, segment.key.first_seq)))
}

/// The class that matters least among records nobody took, and the oldest segment that has it.
fn least_important(index: &Index) -> Option<(u8, u64)> {
    let waiting = || index.segments.values().filter(|segment| !segment.is_freed(index.floor));
    let class = waiting().filter_map(|segment| segment.classes.keys().next_back()).max().copied()?;
    waiting().find(|segment| segment.classes.contains_key(&class)).map(|segment| (class, segment.key.first_seq))
}

/// What would be lost if `class` went from a segment.
fn survey(shared: &Shared, first: u64, class: u8) -> std::io::Result<Option<Gap>> {
    let Some((file, key, end, floor)) = open_segment(shared, first) else { return Ok(None) };
    let gaps = Arc::clone(&shared.read_index().gaps);
    let mut walk = Walk::new(&*file, key, (SEGMENT_HEADER as u64, end), Payloads::Skip);
    let mut total: Option<Gap> = None;
    loop {
        match walk.step()? {
            Found::Record { header, .. } => {
                if header.kind == Kind::Data && header.class == class && is_kept(&header, floor, &gaps) {
                    total = Some(extend(total, &header));
                }
            }
            Found::Damaged { .. } => {}
            Found::Torn { .. } | Found::End => return Ok(total),
        }
    }
}

fn extend(gap: Option<Gap>, header: &Header) -> Gap {
    let Header { class, seq, at_us, .. } = *header;
    match gap {
        None => Gap { class, from_seq: seq, to_seq: seq, from_us: at_us, to_us: at_us, count: 1 },
        Some(gap) => Gap { to_seq: seq, to_us: at_us, count: gap.count + 1, ..gap },
    }
}

fn is_kept(header: &Header, floor: u64, gaps: &[Gap]) -> bool {
    let evicted = header.kind == Kind::Data && gaps.iter().any(|gap| gap.covers(header.class, header.seq));
    header.seq > floor && !evicted
}

fn open_segment(shared: &Shared, first: u64) -> Option<(Arc<dyn File>, SegmentKey, u64, u64)> {
    let index = shared.read_index();
    let segment = index.segments.get(&first)?;
    Some((Arc::clone(&segment.file), segment.key, segment.end, index.floor))
}

/// Replaces a segment by a copy without evicted and freed records. The caller holds the maintenance lock.
fn rewrite(shared: &Shared, first: u64) -> std::io::Result<()> {
    let Some((file, key, end, floor)) = open_segment(shared, first) else { return Ok(()) };
    let (path, gaps) = {
        let index = shared.read_index();
        let path = index.segments.get(&first).map(|segment| segment.path.clone()).unwrap_or_default();
        (path, Arc::clone(&index.gaps))
    };
    let copy_path = path.with_extension("seg.tmp");
    let copy: Arc<dyn File> = Arc::from(shared.fs.create(&copy_path)?);
    let copied = Copy::new(Segment::new(key, path.clone(), Arc::clone(&copy)), shared.options.now_us()).fill(
        shared,
        (&*file, end),
        |header| is_kept(header, floor, &gaps),
    );
    let segment = match copied {
        Ok(segment) => segment,
        Err(error) => {
            shared.fs.remove(&copy_path).ok();
            return Err(error);
        }
    };
    if segment.records == 0 {
        shared.fs.remove(&copy_path)?;
        shared.fs.remove(&path)?;
        shared.change_index(|index| index.segments.remove(&first));
    } else {
        copy.sync_all()?;
        shared.fs.rename(&copy_path, &path)?;
        shared.change_index(|index| index.segments.insert(first, segment));
    }
    shared.fs.sync_dir(&shared.dir)
}

/// A segment being written anew.
struct Copy {
    segment: Segment,
    buffer: Vec<u8>,
    written: u64,
}

impl Copy {
    fn new(segment: Segment, created_us: i64) -> Self {
        let buffer = encode_segment(&segment.key, created_us).to_vec();
        Self { segment, buffer, written: 0 }
    }

    fn fill(
        mut self,
        shared: &Shared,
        (file, end): (&dyn File, u64),
        keep: impl Fn(&Header) -> bool,
    ) -> std::io::Result<Segment> {
        let key = self.segment.key;
        let mut walk = Walk::new(file, key, (SEGMENT_HEADER as u64, end), Payloads::Read);
        loop {
            match walk.step()? {
                Found::Record { header, payload, .. } if keep(&header) => self.put(&header, &payload)?,
                Found::Record { .. } => {}
                Found::Damaged { offset, len, .. } => shared.note_damage(file, key.first_seq, offset, len),
                Found::Torn { offset, .. } => {
                    shared.note_damage(file, key.first_seq, offset, end - offset);
                    break;
                }
                Found::End => break,
            }
        }
        self.flush()?;
        Ok(self.segment)
    }

    fn put(&mut self, header: &Header, payload: &[u8]) -> std::io::Result<()> {
        let offset = self.written + self.buffer.len() as u64;
        self.buffer.extend_from_slice(&header.encode(&self.segment.key, offset));
        self.buffer.extend_from_slice(payload);
        self.segment.note(header, offset);
        if self.buffer.len() >= REWRITE_CHUNK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.segment.file.write_all_at(&self.buffer, self.written)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
