//! Which events went out under which number, and which have not left yet: the file `plan` beside the spool.
//!
//! Two slots are written in turn, as in the state file of the spool: one fdatasync for a change, no free space needed, and
//! a crash leaves the old or the new state whole. `slot.rs` says what stands in a slot.
//!
//! ## Design notes
//! - A plan is kept and not the body: the body is made of the spool again, byte for byte, and the digest proves it.
//! - The numbers have an epoch of their own. If the file is lost while the spool is not, numbers begin anew under another
//!   epoch instead of meaning something else under the old one; only the batch under way, and what had gone ahead of
//!   a backlog, is then sent twice.
//! - A number is given when a batch goes, not when its events came: the next hop hears numbers in their order, whichever
//!   stretch of the spool they are of.

mod slot;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::path::PathBuf;

use nazorat_spool::Epoch;
use nazorat_spool::fs::File;
use nazorat_spool::fs::Fs;

use crate::uplink::plan::slot::LONGEST;
use crate::uplink::plan::slot::Slot;
use crate::uplink::plan::slot::VERSION;
use crate::uplink::rules::Point;
use crate::uplink::unsent::Unsent;

/// Between the two slots.
const SLOT: u64 = 4096;

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
    /// The place before its first event, where a stretch begins.
    pub(super) start: Point,
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
    /// What the next hop does not have.
    pub(super) unsent: Unsent,
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
        let unsent = self.state.unsent.left(pending.start, pending.end);
        self.write(State { number, unsent, pending: None, ..self.state })
    }

    /// There is nothing to send between two places, of which the first is where a stretch begins.
    pub(super) fn pass(&mut self, start: Point, end: Point) -> Result<(), PlanError> {
        self.write(State { unsent: self.state.unsent.left(start, end), pending: None, ..self.state })
    }

    /// What comes from a record on is fresh, and what waits before it is backlog. Only when nothing is under way.
    pub(super) fn split(&mut self, at: u64) -> Result<(), PlanError> {
        match self.state.unsent.split(at).filter(|_| self.state.pending.is_none()) {
            Some(unsent) => self.write(State { unsent, ..self.state }),
            None => Ok(()),
        }
    }

    /// Begins to count anew; what was under way gets another name.
    pub(super) fn renew(&mut self, epoch: [u8; 16]) -> Result<(), PlanError> {
        self.write(State { epoch, number: 0, pending: None, ..self.state })
    }

    /// Begins anew from a place on.
    pub(super) fn restart(&mut self, epoch: [u8; 16], start: Point) -> Result<(), PlanError> {
        self.write(State { epoch, number: 0, unsent: Unsent::from(start), pending: None, ..self.state })
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

fn newest(file: &dyn File) -> io::Result<Option<Slot>> {
    let mut newest: Option<Slot> = None;
    for offset in [0, SLOT] {
        let mut raw = [0; LONGEST];
        let mut read = 0;
        while read < LONGEST {
            match file.read_at(&mut raw[read..], offset + read as u64)? {
                0 => break,
                more => read += more,
            }
        }
        if let Some(slot) = Slot::decode(&raw[..read])
            && newest.as_ref().is_none_or(|other| other.state.generation < slot.state.generation)
        {
            newest = Some(slot);
        }
    }
    Ok(newest)
}

impl State {
    const fn new(epoch: [u8; 16], spool: [u8; 16]) -> Self {
        let unsent = Unsent::from(Point::START);
        Self { epoch, spool, generation: 0, number: 0, unsent, pending: None }
    }

    /// Everything before it has left.
    pub(super) const fn done(&self) -> Point {
        self.unsent.oldest().start
    }

    /// The name of the next batch that gets a number of ours.
    pub(super) fn name(&self, source: &str) -> String {
        name(source, &self.epoch, self.number + 1)
    }
}

/// The name of a batch.
pub(super) fn name(source: &str, epoch: &[u8; 16], number: u64) -> String {
    format!("{source}:{}:{number}", hex::encode(epoch))
}
