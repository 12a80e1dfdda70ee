//! Which events went out under which number: the file `plan` beside the spool.
//!
//! Two slots are written in turn, as in the state file of the spool: one fdatasync for a change, no free space needed, and
//! a crash leaves the old or the new state whole. Integers are little-endian.
//! ```text
//!   0  8  magic "NZRPLAN1"   8  2  version, 1   10  6  zero
//!  16 16  epoch of the numbers      32 16  epoch of the spool
//!  48  8  generation                56  8  number of the last batch that the next hop has
//!  64  8  seq and  72  4  event of the place behind it      76  4  one if a batch is under way, else zero
//!  80  8  seq and  88  4  event of the place behind that    92  4  zero
//!  96 32  SHA-256 of its body      128 32  SHA-256 of bytes 0..128
//! ```
//! ## Design notes
//! - A plan is kept and not the body: the body is made of the spool again, byte for byte, and the digest proves it.
//! - The numbers have an epoch of their own. If the file is lost while the spool is not, numbers begin anew under another
//!   epoch instead of meaning something else under the old one; at most the one batch under way is then sent twice.

use std::io;
use std::path::Path;
use std::path::PathBuf;

use nazorat_spool::Epoch;
use nazorat_spool::fs::File;
use nazorat_spool::fs::Fs;
use sha2::Digest as _;
use sha2::Sha256;

use crate::uplink::rules::Point;

const MAGIC: [u8; 8] = *b"NZRPLAN1";
const VERSION: u16 = 1;
const SLOT: u64 = 4096;
const BODY: usize = 128;
const LENGTH: usize = BODY + 32;

/// The plan cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The disk refused.
    #[error("plan of the uplink {path} cannot be used")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A newer program wrote it.
    #[error("plan of the uplink {0} was written by a newer nazorat; start that version again")]
    Newer(PathBuf),
    /// An earlier write failed; what is on disk is not known any more.
    #[error("plan of the uplink has failed and takes no more changes")]
    Failed,
}

/// A batch that was given its number and that the next hop may or may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pending {
    /// The place behind its last event.
    pub(super) end: Point,
    /// SHA-256 of its body when it got its number.
    pub(super) digest: [u8; 32],
}

/// What the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub(super) epoch: [u8; 16],
    spool: [u8; 16],
    generation: u64,
    /// Number of the last batch that the next hop has.
    pub(super) number: u64,
    /// The next hop has everything before it.
    pub(super) done: Point,
    pub(super) pending: Option<Pending>,
}

/// How the file was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// There was none, or it was of another spool.
    New,
    /// As it was left.
    Kept,
    /// It could not be read any more.
    Lost,
}

/// The plan, open.
pub(super) struct Plan {
    file: Box<dyn File>,
    path: PathBuf,
    state: State,
    failed: bool,
}

impl Plan {
    /// Opens the plan of a spool, or begins one under `fresh`. Blocks.
    pub(super) fn open(fs: &dyn Fs, path: &Path, spool: Epoch, fresh: [u8; 16]) -> Result<(Self, Found), PlanError> {
        let fail = |source| PlanError::Io { path: path.to_owned(), source };
        let (file, known) = match fs.open(path) {
            Ok(file) => (file, true),
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => (fs.create(path).map_err(fail)?, false),
            Err(problem) => return Err(fail(problem)),
        };
        let newest = newest(&*file).map_err(fail)?;
        if newest.as_ref().is_some_and(|slot| slot.version > VERSION) {
            return Err(PlanError::Newer(path.to_owned()));
        }
        let found = match &newest {
            Some(slot) if slot.state.spool == *spool.as_bytes() => Found::Kept,
            Some(_) => Found::New,
            None if known => Found::Lost,
            None => Found::New,
        };
        let generation = newest.as_ref().map_or(0, |slot| slot.state.generation);
        let state = match newest {
            Some(slot) if found == Found::Kept => slot.state,
            _ => State { generation, ..State::new(fresh, *spool.as_bytes()) },
        };
        let mut plan = Self { file, path: path.to_owned(), state, failed: false };
        if found != Found::Kept {
            // Both slots, so that no later change needs room on a disk that may be full by then.
            plan.write(state)?;
            plan.write(plan.state)?;
            plan.file.sync_all().map_err(fail)?;
            if let Some(folder) = path.parent() {
                fs.sync_dir(folder).map_err(fail)?;
            }
        }
        Ok((plan, found))
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    /// The next batch gets its number, or the batch under way another end. Durable on return; blocks.
    pub(super) fn plan(&mut self, pending: Pending) -> Result<(), PlanError> {
        self.write(State { pending: Some(pending), ..self.state })
    }

    /// The next hop has the batch under way, or it was set aside; `number` is now the last of ours that it has. Durable on
    /// return; blocks.
    pub(super) fn done(&mut self, number: u64) -> Result<(), PlanError> {
        let Some(pending) = self.state.pending else { return Ok(()) };
        self.write(State { number, done: pending.end, pending: None, ..self.state })
    }

    /// There is nothing to send up to here.
    pub(super) fn pass(&mut self, done: Point) -> Result<(), PlanError> {
        self.write(State { done, pending: None, ..self.state })
    }

    /// Begins to count anew from a place on; what was under way gets another name.
    pub(super) fn renew(&mut self, epoch: [u8; 16], done: Point) -> Result<(), PlanError> {
        self.write(State { epoch, number: 0, done, pending: None, ..self.state })
    }

    fn write(&mut self, next: State) -> Result<(), PlanError> {
        if self.failed {
            return Err(PlanError::Failed);
        }
        let next = State { generation: self.state.generation + 1, ..next };
        let offset = next.generation % 2 * SLOT;
        // Until the sync has succeeded nobody knows what the slot holds.
        self.failed = true;
        let written = self.file.write_all_at(&next.encode(), offset).and_then(|()| self.file.sync_data());
        written.map_err(|source| PlanError::Io { path: self.path.clone(), source })?;
        self.failed = false;
        self.state = next;
        Ok(())
    }
}

struct Slot {
    version: u16,
    state: State,
}

fn newest(file: &dyn File) -> io::Result<Option<Slot>> {
    let mut newest: Option<Slot> = None;
    for offset in [0, SLOT] {
        let mut raw = [0; LENGTH];
        let mut read = 0;
        while read < LENGTH {
            match file.read_at(&mut raw[read..], offset + read as u64)? {
                0 => break,
                more => read += more,
            }
        }
        let slot = if read == LENGTH { State::decode(&raw) } else { None };
        if let Some(slot) = slot
            && newest.as_ref().is_none_or(|other| other.state.generation < slot.state.generation)
        {
            newest = Some(slot);
        }
    }
    Ok(newest)
}

impl State {
    const fn new(epoch: [u8; 16], spool: [u8; 16]) -> Self {
        Self { epoch, spool, generation: 0, number: 0, done: Point::START, pending: None }
    }

    /// The name of the batch under way, or of the next one.
    pub(super) fn name(&self, source: &str) -> String {
        name(source, &self.epoch, self.number + 1)
    }

    fn encode(&self) -> [u8; LENGTH] {
        let mut raw = [0; LENGTH];
        let mut put = |at: usize, bytes: &[u8]| raw[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &MAGIC);
        put(8, &VERSION.to_le_bytes());
        put(16, &self.epoch);
        put(32, &self.spool);
        put(48, &self.generation.to_le_bytes());
        put(56, &self.number.to_le_bytes());
        put(64, &self.done.seq.to_le_bytes());
        put(72, &self.done.event.to_le_bytes());
        if let Some(pending) = &self.pending {
            put(76, &1_u32.to_le_bytes());
            put(80, &pending.end.seq.to_le_bytes());
            put(88, &pending.end.event.to_le_bytes());
            put(96, &pending.digest);
        }
        let digest = Sha256::digest(&raw[..BODY]);
        raw[BODY..].copy_from_slice(&digest);
        raw
    }

    fn decode(raw: &[u8; LENGTH]) -> Option<Slot> {
        if raw[..8] != MAGIC || raw[BODY..] != Sha256::digest(&raw[..BODY])[..] {
            return None;
        }
        let point = |at: usize| Point { seq: u64::from_le_bytes(array(raw, at)), event: number(raw, at + 8) };
        let pending = (number(raw, 76) == 1).then(|| Pending { end: point(80), digest: array(raw, 96) });
        let state = State {
            epoch: array(raw, 16),
            spool: array(raw, 32),
            generation: u64::from_le_bytes(array(raw, 48)),
            number: u64::from_le_bytes(array(raw, 56)),
            done: point(64),
            pending,
        };
        Some(Slot { version: u16::from_le_bytes(array(raw, 8)), state })
    }
}

/// The name of a batch.
pub(super) fn name(source: &str, epoch: &[u8; 16], number: u64) -> String {
    format!("{source}:{}:{number}", hex::encode(epoch))
}

fn number(raw: &[u8; LENGTH], at: usize) -> u32 {
    u32::from_le_bytes(array(raw, at))
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
    use nazorat_spool::fs::Disk;
    use nazorat_spool::fs::Fs as _;
    use proptest::prelude::any;
    use proptest::prop_oneof;
    use proptest::strategy::Just;
    use proptest::strategy::Strategy;

    use super::Found;
    use super::LENGTH;
    use super::Pending;
    use super::Plan;
    use super::PlanError;
    use super::SLOT;
    use super::State;
    use crate::uplink::rules::Point;

    const SPOOL: Epoch = Epoch::from_bytes([3; 16]);

    fn open(path: &Path, fresh: u8) -> (Plan, Found) {
        Plan::open(&Disk, path, SPOOL, [fresh; 16]).unwrap()
    }

    fn pending(seq: u64) -> Pending {
        Pending { end: Point { seq, event: 2 }, digest: [7; 32] }
    }

    #[test]
    fn a_batch_under_way_keeps_its_number_and_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        let (mut plan, found) = open(&path, 1);
        assert_eq!((found, plan.state().done), (Found::New, Point::START));
        plan.plan(pending(5)).unwrap();
        let (mut plan, found) = open(&path, 2);
        assert_eq!((found, plan.state().pending), (Found::Kept, Some(pending(5))));
        assert_eq!(plan.state().name("gw"), format!("gw:{}:1", "01".repeat(16)));
        plan.plan(pending(3)).unwrap();
        plan.done(plan.state().number + 1).unwrap();
        let state = open(&path, 2).0.state();
        assert_eq!((state.number, state.done, state.pending), (1, pending(3).end, None));
        assert_eq!(state.name("gw"), format!("gw:{}:2", "01".repeat(16)));
    }

    #[test]
    fn another_spool_or_a_lost_file_begins_another_epoch() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        open(&path, 1).0.plan(pending(5)).unwrap();
        let (plan, found) = Plan::open(&Disk, &path, Epoch::from_bytes([4; 16]), [2; 16]).unwrap();
        assert_eq!((found, plan.state().epoch, plan.state().pending), (Found::New, [2; 16], None));
        std::fs::write(&path, [0xa5; 9_000]).unwrap();
        let (plan, found) = open(&path, 6);
        assert_eq!((found, plan.state().epoch, plan.state().number), (Found::Lost, [6; 16], 0));
        assert_eq!(open(&path, 7).1, Found::Kept, "and it is written down at once");
    }

    #[test]
    fn a_newer_plan_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        let mut raw = State::new([1; 16], [3; 16]).encode();
        raw[8] = 2;
        let digest = <sha2::Sha256 as sha2::Digest>::digest(&raw[..super::BODY]);
        raw[super::BODY..].copy_from_slice(&digest);
        std::fs::write(&path, raw).unwrap();
        let refused = Plan::open(&Disk, &path, SPOOL, [1; 16]).err();
        assert!(matches!(refused, Some(PlanError::Newer(_))), "{refused:?}");
        assert_eq!(std::fs::read(&path).unwrap(), raw);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Plan(u64),
        Done,
        Pass(u64),
        Renew(u8),
        Restart,
        /// The power goes while the next slot is being written: so many of its bytes are new, the rest is old.
        Tear(u64, usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            any::<u64>().prop_map(Step::Plan),
            Just(Step::Done),
            any::<u64>().prop_map(Step::Pass),
            any::<u8>().prop_map(Step::Renew),
            Just(Step::Restart),
            (any::<u64>(), 0..LENGTH).prop_map(|(seq, bytes)| Step::Tear(seq, bytes)),
        ];
        proptest::collection::vec(step, 1..40)
    }

    /// What `State::encode` would write next, cut off.
    fn tear(path: &Path, state: State, seq: u64, bytes: usize) {
        let next = State { generation: state.generation + 1, pending: Some(pending(seq)), ..state };
        let file = Disk.open(path).unwrap();
        file.write_all_at(&next.encode()[..bytes], next.generation % 2 * SLOT).unwrap();
    }

    proptest::proptest! {
        /// Whatever happens, what was said to be durable is there, and a torn write is as if it never was.
        #[test]
        fn the_plan_is_never_older_than_what_was_said_and_never_half_of_something(steps in steps()) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("plan");
            let (mut plan, _) = open(&path, 1);
            let mut model = (plan.state().epoch, 0_u64, Point::START, None);
            for step in steps {
                match step {
                    Step::Plan(seq) => {
                        plan.plan(pending(seq)).unwrap();
                        model.3 = Some(pending(seq));
                    }
                    Step::Done => {
                        plan.done(plan.state().number + 1).unwrap();
                        if let Some(pending) = model.3.take() {
                            model = (model.0, model.1 + 1, pending.end, None);
                        }
                    }
                    Step::Pass(seq) => {
                        plan.pass(Point::behind(seq / 2)).unwrap();
                        model = (model.0, model.1, Point::behind(seq / 2), None);
                    }
                    Step::Renew(epoch) => {
                        plan.renew([epoch; 16], Point::behind(9)).unwrap();
                        model = ([epoch; 16], 0, Point::behind(9), None);
                    }
                    Step::Restart => plan = open(&path, 99).0,
                    Step::Tear(seq, bytes) => {
                        tear(&path, plan.state(), seq, bytes);
                        plan = open(&path, 99).0;
                    }
                }
                let state = plan.state();
                proptest::prop_assert_eq!((state.epoch, state.number, state.done, state.pending), model);
            }
        }
    }
}
