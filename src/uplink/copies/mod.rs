//! Copies of batches that have left: sent again when the next hop has lost what it had.
//!
//! The spool keeps what was freed while there is room, and the file `left` says between which places each batch lay. A
//! hop that was restored from an older copy of its data gets them once more, under the same names and with the same
//! bytes, so that it answers for those that it still has as duplicates.
//!
//! ## Design notes
//! - An appliance cannot know that its data are an older copy, but it was started with them: each of its lives answers
//!   with another word. When the word changes, the last batch of the life before goes again. Is it a duplicate, then
//!   nothing is missing; otherwise it is looked back in doubling steps for one that the hop still has, and everything
//!   behind that is sent. Comparing clocks or counting what was taken lost: clocks differ, and another gateway moves the
//!   count on before we look.
//! - A copy that was not there leaves once more, and stands at the end of what has left. Otherwise a hop that goes back a second
//!   time, to a copy of its data from the middle of the first filling, would show the last batch and lack older ones.
//! - How far it came is noted every few batches only; after a crash some go twice, which does no harm.

#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::path::PathBuf;

use nazorat_spool::Epoch;
use serde::Deserialize;
use serde::Serialize;
use tracing::error;
use tracing::info;
use tracing::warn;

use crate::kernel::Timestamp;
use crate::store::write_durably;
use crate::uplink::UplinkError;
use crate::uplink::cuts::Cut;
use crate::uplink::cuts::Cuts;

/// 27 MB of cuts: three days of a branch from which something comes every second.
const MOST: u64 = 1 << 18;
/// How many batches go before it is noted how far it came.
const NOTE_EVERY: u32 = 32;

/// What is sent again, for whoever looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resend {
    /// From when on somebody asked for it; nobody did if it was noticed that the next hop had gone back.
    pub since: Option<Timestamp>,
    /// Batches that are still to go.
    pub waiting: u64,
    /// Batches that the next hop did not have any more.
    pub restored: u64,
    /// Batches that it had.
    pub known: u64,
    /// Batches of which there is no copy any more.
    pub gone: u64,
}

/// What became of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// The next hop did not have it; now it has.
    Restored,
    /// It had it.
    Known,
    /// It has it, perhaps since an earlier try of this copy that it did not answer.
    Unclear,
    /// It cannot be made any more, or is not taken any more.
    Gone,
}

/// How far it came: the file `resend.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    since: Option<Timestamp>,
    next: u64,
    until: u64,
    look: Option<Look>,
    restored: u64,
    known: u64,
    gone: u64,
}

/// Looking for the newest that the next hop still has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Look {
    at: u64,
    step: u64,
}

/// The batches that have left.
pub(super) struct Copies {
    left: Cuts,
    folder: PathBuf,
    asked: Option<Asked>,
    finished: Option<Resend>,
    unnoted: u32,
    /// So many answers are not clear, because before a crash the same may have been sent without an answer.
    unclear: u32,
}

impl Copies {
    /// Opens what lies beside the spool. Blocks.
    pub(super) fn open(folder: &Path, spool: Epoch) -> Result<Self, UplinkError> {
        let path = folder.join("left");
        let left = Cuts::open(&path, spool, MOST).map_err(|source| UplinkError::Cuts { path, source })?;
        let path = folder.join("resend.json");
        let asked: Option<Asked> = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).ok(),
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(UplinkError::Cuts { path, source }),
        };
        let unclear = if asked.is_some() { NOTE_EVERY + 1 } else { 0 };
        Ok(Self { left, folder: folder.to_owned(), asked, finished: None, unnoted: 0, unclear })
    }

    /// What is being sent again, or was lately.
    pub(super) fn resend(&self) -> Option<Resend> {
        self.asked.as_ref().map(Asked::shown).or_else(|| self.finished.clone())
    }

    /// The next hop has a batch. `oldest` is asked for the first record that the spool still has.
    pub(super) fn left(
        &mut self,
        cut: &Cut,
        oldest: impl FnOnce() -> Result<u64, UplinkError>,
    ) -> Result<(), UplinkError> {
        self.look_back(cut.life)?;
        let oldest = if self.left.is_full() { oldest()? } else { 0 };
        match self.left.push(cut, oldest) {
            Err(problem) if is_full(&problem) => {
                error!("it could not be kept where batch {} lies, so it cannot be sent again: {problem}", cut.number);
                Ok(())
            }
            outcome => outcome.map_err(|source| self.failed("left", source)),
        }
    }

    /// In another life the next hop may have lost what it had in the one before.
    fn look_back(&mut self, life: u64) -> Result<(), UplinkError> {
        let last = self.left.last().map_err(|source| self.failed("left", source))?;
        let Some(last) = last.filter(|last| life != 0 && last.life != 0 && last.life != life) else { return Ok(()) };
        info!("the appliance was started again; whether it still has batch {} is looked at", last.number);
        let end = self.left.range().end;
        let asked = self.asked.get_or_insert(Asked::new(None, end));
        asked.until = end;
        asked.look = Some(Look { at: end - 1, step: 1 });
        self.note()
    }

    /// Everything that left since a moment goes again. Asking twice is asking once. Durable on return; blocks.
    pub(super) fn ask(&mut self, since: Timestamp) -> Result<Resend, UplinkError> {
        let from = self.left.since(since.as_microsecond()).map_err(|source| self.failed("left", source))?;
        let end = self.left.range().end;
        let asked = self.asked.get_or_insert(Asked::new(Some(since), from));
        asked.since = asked.since.map_or(Some(since), |before| Some(before.min(since)));
        asked.next = asked.next.min(from);
        asked.until = end;
        let shown = asked.shown();
        info!(resend.batches = shown.waiting, "{} batches that left since {since} are sent again", shown.waiting);
        self.write().map_err(|source| self.failed("resend.json", source))?;
        Ok(shown)
    }

    /// The cut of the next one, if any is to be sent.
    pub(super) fn next(&mut self) -> Result<Option<Cut>, UplinkError> {
        loop {
            let Some(asked) = &mut self.asked else { return Ok(None) };
            let first = self.left.range().start;
            if asked.look.is_none() && asked.next < first {
                asked.gone += first - asked.next;
                asked.next = first;
            }
            if asked.look.is_none() && asked.next >= asked.until {
                self.finish()?;
                return Ok(None);
            }
            let ordinal = asked.ordinal();
            let cut = self.left.get(ordinal).map_err(|source| self.failed("left", source))?;
            match cut {
                Some(cut) => return Ok(Some(cut)),
                None => self.move_on(Again::Gone, false)?,
            }
        }
    }

    /// What became of the one that `next` gave, in one of the next hop's lives, at a moment. What was not there has left once
    /// more, behind everything that left before: a hop that goes back again may lose it again.
    pub(super) fn step(&mut self, outcome: Again, life: u64, at_us: i64) -> Result<(), UplinkError> {
        let Some(ordinal) = self.asked.as_ref().map(Asked::ordinal) else { return Ok(()) };
        let cut = self.left.get(ordinal).map_err(|source| self.failed("left", source))?;
        let unclear = self.unclear > 0;
        self.unclear = self.unclear.saturating_sub(1);
        let outcome = if unclear && outcome == Again::Known { Again::Unclear } else { outcome };
        // Somebody may have carried it there, which says nothing of those before it.
        let proof = outcome == Again::Known && cut.is_some_and(|cut| !cut.carried);
        self.move_on(outcome, proof)?;
        match cut.filter(|_| life != 0 && matches!(outcome, Again::Restored | Again::Unclear)) {
            // What it makes room for is not asked for here: the older half goes in any case.
            Some(cut) => self.left(&Cut { life, at_us, ..cut }, || Ok(0)),
            None => Ok(()),
        }
    }

    fn move_on(&mut self, outcome: Again, proof: bool) -> Result<(), UplinkError> {
        let first = self.left.range().start;
        let Some(asked) = &mut self.asked else { return Ok(()) };
        match outcome {
            Again::Restored => asked.restored += 1,
            Again::Known | Again::Unclear => asked.known += 1,
            Again::Gone => asked.gone += 1,
        }
        match asked.look {
            Some(look) if proof || look.at <= first => {
                asked.look = None;
                asked.next = asked.next.min(look.at + 1);
                if asked.next < asked.until {
                    let count = asked.until - asked.next;
                    warn!("the appliance has lost what it had; {count} batches are sent again");
                }
                self.note()
            }
            Some(look) => {
                let at = look.at.saturating_sub(look.step).max(first);
                asked.look = Some(Look { at, step: look.step.saturating_mul(2) });
                self.note()
            }
            None => {
                asked.next += 1;
                self.unnoted += 1;
                if self.unnoted >= NOTE_EVERY { self.note() } else { Ok(()) }
            }
        }
    }

    fn finish(&mut self) -> Result<(), UplinkError> {
        let Some(asked) = self.asked.take() else { return Ok(()) };
        let shown = asked.shown();
        info!(
            "nothing is left to be sent again: the next hop lacked {} batches, had {}, and of {} there is no copy",
            shown.restored, shown.known, shown.gone
        );
        self.finished = Some(shown);
        match std::fs::remove_file(self.folder.join("resend.json")) {
            Err(problem) if problem.kind() != io::ErrorKind::NotFound => Err(self.failed("resend.json", problem)),
            // If the removal does not last, some batches go again.
            _ => Ok(()),
        }
    }

    fn note(&mut self) -> Result<(), UplinkError> {
        match self.write() {
            // Until there is room it is only in memory: after a crash some go twice, or somebody asks again.
            Err(problem) if is_full(&problem) => Ok(()),
            outcome => outcome.map_err(|source| self.failed("resend.json", source)),
        }
    }

    fn write(&mut self) -> io::Result<()> {
        self.unnoted = 0;
        write_durably(&self.folder.join("resend.json"), &serde_json::to_vec(&self.asked)?)
    }

    fn failed(&self, name: &str, source: io::Error) -> UplinkError {
        UplinkError::Cuts { path: self.folder.join(name), source }
    }
}

fn is_full(problem: &io::Error) -> bool {
    matches!(problem.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

impl Asked {
    const fn new(since: Option<Timestamp>, next: u64) -> Self {
        Self { since, next, until: next, look: None, restored: 0, known: 0, gone: 0 }
    }

    /// Which one is next.
    fn ordinal(&self) -> u64 {
        self.look.map_or(self.next, |look| look.at)
    }

    fn shown(&self) -> Resend {
        let looking = u64::from(self.look.is_some());
        Resend {
            since: self.since,
            waiting: self.until.saturating_sub(self.next) + looking,
            restored: self.restored,
            known: self.known,
            gone: self.gone,
        }
    }
}
