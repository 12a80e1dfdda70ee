//! Cuts of batches: between which places of the spool a batch lies, so that it can be made once more, byte for byte.
//!
//! A file of cuts lies beside the plan. It only grows at its end; when it is full, its older half goes. Integers are
//! little-endian, and everything takes 104 bytes:
//! ```text
//! the head                                   a cut
//!  0  8  magic "NZRCUTS1"                     0 16  epoch of its number
//!                                           16  8  number, and the highest bit if it was carried
//!  8  2  version, 1      10  6  zero         24  8  seq and  32  4  event of the place before its first event
//! 16 16  epoch of the spool                  36  8  seq and  44  4  event of the place behind its last event
//! 32  8  ordinal of the first cut            48  8  when it left, microseconds since 1970
//! 40 56  zero                                56  8  life of the hop that took it, or zero
//!                                            64 32  SHA-256 of its body
//! both: 96  8  the first bytes of the SHA-256 of bytes 0..96
//! ```
//! The ordinal of a cut is its number in the order of leaving, whatever was removed before it.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

use nazorat_spool::Epoch;
use nazorat_spool::fs::Disk;
use nazorat_spool::fs::File;
use nazorat_spool::fs::Fs as _;
use sha2::Digest as _;
use sha2::Sha256;

use crate::store::write_durably;
use crate::uplink::rules::Point;

const MAGIC: [u8; 8] = *b"NZRCUTS1";
const VERSION: u16 = 1;
const BODY: usize = 96;
const LENGTH: usize = BODY + 8;
/// Numbers count from one and never get there.
const CARRIED: u64 = 1 << 63;
/// How many are read at once.
const CHUNK: usize = 512;

/// Where a batch lies, and what it was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) epoch: [u8; 16],
    pub(super) number: u64,
    /// It also stands in a file that somebody carries, so the next hop may have it although the line never brought it.
    pub(super) carried: bool,
    pub(super) start: Point,
    pub(super) end: Point,
    pub(super) at_us: i64,
    /// Which life of the next hop took it; zero if it told none.
    pub(super) life: u64,
    pub(super) digest: [u8; 32],
}

/// A file of cuts, open.
pub(super) struct Cuts {
    file: Box<dyn File>,
    path: PathBuf,
    spool: [u8; 16],
    first: u64,
    count: u64,
    most: u64,
}

impl Cuts {
    /// Opens or creates the file; what is of another spool, or of nobody, is begun anew. Blocks.
    pub(super) fn open(path: &Path, spool: Epoch, most: u64) -> io::Result<Self> {
        let spool = *spool.as_bytes();
        let found = match Disk.open(path) {
            Ok(file) => head(&*file)?.filter(|(epoch, _)| *epoch == spool).map(|(_, first)| (file, first)),
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => None,
            Err(problem) => return Err(problem),
        };
        let (file, first) = match found {
            Some(found) => found,
            None => (begin(path, &spool, 0, &[])?, 0),
        };
        let count = (file.size()? / LENGTH as u64).saturating_sub(1);
        let mut cuts = Self { file, path: path.to_owned(), spool, first, count, most };
        // An end that was not written to the last byte was never promised.
        while cuts.count > 0 && cuts.get(cuts.range().end - 1)?.is_none() {
            cuts.count -= 1;
        }
        Ok(cuts)
    }

    /// Puts these in the place of whatever is in the file; durable on return. Blocks.
    pub(super) fn write(path: &Path, spool: Epoch, cuts: &[Cut]) -> io::Result<()> {
        let bytes: Vec<u8> = cuts.iter().flat_map(Cut::encode).collect();
        begin(path, spool.as_bytes(), 0, &bytes).map(drop)
    }

    /// The ordinals of what is there.
    pub(super) const fn range(&self) -> Range<u64> {
        self.first..self.first + self.count
    }

    /// The next one makes others go.
    pub(super) const fn is_full(&self) -> bool {
        self.count >= self.most
    }

    /// A cut; `None` when it is not there any more, or damaged.
    pub(super) fn get(&self, ordinal: u64) -> io::Result<Option<Cut>> {
        Ok(self.some(ordinal, 1)?.into_iter().next().flatten())
    }

    /// The newest.
    pub(super) fn last(&self) -> io::Result<Option<Cut>> {
        self.range().end.checked_sub(1).map_or(Ok(None), |ordinal| self.get(ordinal))
    }

    /// Everything there is, in order.
    pub(super) fn all(&self) -> io::Result<Vec<Cut>> {
        let mut all = Vec::new();
        let range = self.range();
        for ordinal in range.step_by(CHUNK) {
            all.extend(self.some(ordinal, CHUNK)?.into_iter().flatten());
        }
        Ok(all)
    }

    /// The oldest that left at or behind a moment; the end of the range if there is none.
    pub(super) fn since(&self, at_us: i64) -> io::Result<u64> {
        for ordinal in self.range().step_by(CHUNK) {
            let found = self.some(ordinal, CHUNK)?;
            if let Some(at) = found.iter().position(|cut| cut.is_some_and(|cut| cut.at_us >= at_us)) {
                return Ok(ordinal + at as u64);
            }
        }
        Ok(self.range().end)
    }

    /// Adds one; durable on return. When there is no more room the older half goes, and
    /// whatever begins before the record `oldest`, which is the first that the spool still has. Blocks.
    pub(super) fn push(&mut self, cut: &Cut, oldest: u64) -> io::Result<()> {
        if self.is_full() {
            self.make_room(oldest)?;
        }
        let offset = (self.count + 1) * LENGTH as u64;
        let written = self.file.write_all_at(&cut.encode(), offset).and_then(|()| self.file.sync_data());
        if let Err(problem) = written {
            // Half a cut would be cut off at the next start; here it would only be in the way.
            drop(self.file.set_len(offset));
            return Err(problem);
        }
        self.count += 1;
        Ok(())
    }

    /// Removes everything.
    #[cfg(test)]
    pub(super) fn clear(&mut self) -> io::Result<()> {
        // Needs no room on a disk that may be full.
        self.file.set_len(LENGTH as u64)?;
        self.count = 0;
        self.file.sync_data()
    }

    fn make_room(&mut self, oldest: u64) -> io::Result<()> {
        let mut from = self.first + self.count / 2;
        while self.get(from)?.is_some_and(|cut| cut.start.seq < oldest) {
            from += 1;
        }
        let mut kept = Vec::new();
        for ordinal in (from..self.range().end).step_by(CHUNK) {
            let bytes = self.read(ordinal, CHUNK)?;
            kept.extend_from_slice(&bytes);
        }
        self.begin_anew(from, &kept)
    }

    fn begin_anew(&mut self, first: u64, cuts: &[u8]) -> io::Result<()> {
        self.file = begin(&self.path, &self.spool, first, cuts)?;
        (self.first, self.count) = (first, (cuts.len() / LENGTH) as u64);
        Ok(())
    }

    fn some(&self, ordinal: u64, most: usize) -> io::Result<Vec<Option<Cut>>> {
        let bytes = self.read(ordinal, most)?;
        Ok(bytes.chunks_exact(LENGTH).map(Cut::decode).collect())
    }

    /// The bytes of at most so many cuts.
    fn read(&self, ordinal: u64, most: usize) -> io::Result<Vec<u8>> {
        if !self.range().contains(&ordinal) {
            return Ok(Vec::new());
        }
        let count = usize::try_from(self.range().end - ordinal).unwrap_or(most).min(most);
        let mut bytes = vec![0; count * LENGTH];
        let read = fill(&*self.file, &mut bytes, (ordinal - self.first + 1) * LENGTH as u64)?;
        bytes.truncate(read / LENGTH * LENGTH);
        Ok(bytes)
    }
}

fn fill(file: &dyn File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < bytes.len() {
        match file.read_at(&mut bytes[read..], offset + read as u64)? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

/// The epoch of the spool, and the ordinal of the first cut.
fn head(file: &dyn File) -> io::Result<Option<([u8; 16], u64)>> {
    let mut raw = [0; LENGTH];
    let whole = fill(file, &mut raw, 0)? == LENGTH && raw[..8] == MAGIC && checked(&raw);
    if whole && u16::from_le_bytes(array(&raw, 8)) > VERSION {
        return Err(io::Error::other("it was written by a newer nazorat; start that version again"));
    }
    Ok(whole.then(|| (array(&raw, 16), u64::from_le_bytes(array(&raw, 32)))))
}

fn begin(path: &Path, spool: &[u8; 16], first: u64, cuts: &[u8]) -> io::Result<Box<dyn File>> {
    let mut raw = [0; LENGTH];
    raw[..8].copy_from_slice(&MAGIC);
    raw[8..10].copy_from_slice(&VERSION.to_le_bytes());
    raw[16..32].copy_from_slice(spool);
    raw[32..40].copy_from_slice(&first.to_le_bytes());
    check(&mut raw);
    write_durably(path, &[&raw, cuts].concat())?;
    Disk.open(path)
}

impl Cut {
    fn encode(&self) -> [u8; LENGTH] {
        let mut raw = [0; LENGTH];
        let mut put = |at: usize, bytes: &[u8]| raw[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.epoch);
        put(16, &(self.number | if self.carried { CARRIED } else { 0 }).to_le_bytes());
        put(24, &self.start.seq.to_le_bytes());
        put(32, &self.start.event.to_le_bytes());
        put(36, &self.end.seq.to_le_bytes());
        put(44, &self.end.event.to_le_bytes());
        put(48, &self.at_us.to_le_bytes());
        put(56, &self.life.to_le_bytes());
        put(64, &self.digest);
        check(&mut raw);
        raw
    }

    fn decode(raw: &[u8]) -> Option<Self> {
        let raw: &[u8; LENGTH] = raw.try_into().ok()?;
        let point = |at: usize| Point {
            seq: u64::from_le_bytes(array(raw, at)),
            event: u32::from_le_bytes(array(raw, at + 8)),
        };
        checked(raw).then(|| Self {
            epoch: array(raw, 0),
            number: u64::from_le_bytes(array(raw, 16)) & !CARRIED,
            carried: u64::from_le_bytes(array(raw, 16)) & CARRIED != 0,
            start: point(24),
            end: point(36),
            at_us: i64::from_le_bytes(array(raw, 48)),
            life: u64::from_le_bytes(array(raw, 56)),
            digest: array(raw, 64),
        })
    }
}

fn check(raw: &mut [u8; LENGTH]) {
    let digest = Sha256::digest(&raw[..BODY]);
    raw[BODY..].copy_from_slice(&digest[..8]);
}

fn checked(raw: &[u8; LENGTH]) -> bool {
    raw[BODY..] == Sha256::digest(&raw[..BODY])[..8]
}

fn array<const N: usize>(raw: &[u8; LENGTH], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&raw[at..at + N]);
    bytes
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use nazorat_spool::Epoch;

    use super::Cut;
    use super::Cuts;
    use super::LENGTH;
    use crate::uplink::rules::Point;

    fn open(path: &Path) -> Cuts {
        Cuts::open(path, Epoch::from_bytes([3; 16]), 4).unwrap()
    }

    fn cut(number: u64) -> Cut {
        Cut {
            epoch: [7; 16],
            number,
            carried: number % 2 == 1,
            start: Point { seq: number, event: 1 },
            end: Point { seq: number + 1, event: 2 },
            at_us: number as i64 * 10,
            life: 5,
            digest: [9; 32],
        }
    }

    #[test]
    fn cuts_come_back_in_order_and_a_torn_end_was_never_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("left");
        let mut cuts = open(&path);
        assert_eq!((cuts.range(), cuts.last().unwrap()), (0..0, None));
        for number in 1..=3 {
            cuts.push(&cut(number), 0).unwrap();
        }
        let whole = std::fs::read(&path).unwrap();
        for torn in 0..=LENGTH {
            std::fs::write(&path, &whole[..whole.len() - torn]).unwrap();
            let mut cuts = open(&path);
            let kept = if torn == 0 { 3 } else { 2 };
            assert_eq!(cuts.all().unwrap(), (1..=kept).map(cut).collect::<Vec<_>>(), "{torn}");
            cuts.push(&cut(8), 0).unwrap();
            assert_eq!((open(&path).last().unwrap(), open(&path).range().end), (Some(cut(8)), kept + 1));
        }
    }

    #[test]
    fn the_older_half_goes_when_there_is_no_room_and_ordinals_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("left");
        let mut cuts = open(&path);
        for number in 0..5 {
            cuts.push(&cut(number), 0).unwrap();
        }
        assert_eq!((cuts.range(), open(&path).range()), (2..5, 2..5));
        assert_eq!((cuts.get(1).unwrap(), cuts.get(4).unwrap()), (None, Some(cut(4))));
        cuts.push(&cut(5), 0).unwrap();
        // Of what lies in the spool no more, nothing has to stay.
        cuts.push(&cut(6), 6).unwrap();
        assert_eq!((cuts.range(), cuts.all().unwrap()), (6..7, vec![cut(6)]));
        cuts.clear().unwrap();
        assert_eq!(open(&path).range(), 6..6);
    }

    #[test]
    fn what_left_since_a_moment_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let mut cuts = Cuts::open(&folder.path().join("left"), Epoch::from_bytes([3; 16]), 2_000).unwrap();
        for number in 0..1_200 {
            cuts.push(&cut(number), 0).unwrap();
        }
        assert_eq!([0, 5, 10, 11_990, 11_991].map(|at| cuts.since(at).unwrap()), [0, 1, 1, 1_199, 1_200]);
    }

    #[test]
    fn another_spool_begins_anew_and_a_newer_file_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("left");
        open(&path).push(&cut(1), 0).unwrap();
        assert_eq!(Cuts::open(&path, Epoch::from_bytes([4; 16]), 4).unwrap().range(), 0..0);
        let mut newer = [0; LENGTH];
        newer[..LENGTH].copy_from_slice(&std::fs::read(&path).unwrap());
        newer[8] = 2;
        super::check(&mut newer);
        std::fs::write(&path, newer).unwrap();
        assert!(Cuts::open(&path, Epoch::from_bytes([4; 16]), 4).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), newer);
    }
}
