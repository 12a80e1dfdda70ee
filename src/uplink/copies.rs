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
//! - How far it came is noted every few batches only; after a crash some go twice, which does no harm.

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
        Ok(Self { left, folder: folder.to_owned(), asked, finished: None, unnoted: 0 })
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
            let ordinal = asked.look.map_or(asked.next, |look| look.at);
            let cut = self.left.get(ordinal).map_err(|source| self.failed("left", source))?;
            match cut {
                Some(cut) => return Ok(Some(cut)),
                None => self.step(Again::Gone)?,
            }
        }
    }

    /// What became of the one that `next` gave.
    pub(super) fn step(&mut self, outcome: Again) -> Result<(), UplinkError> {
        let first = self.left.range().start;
        // The next hop may have it from somebody who carried it, which says nothing of those before it.
        let doubtful = match self.asked.as_ref().and_then(|asked| asked.look) {
            Some(look) => self.left.get(look.at).map_err(|source| self.failed("left", source))?,
            None => None,
        };
        let doubtful = doubtful.is_some_and(|cut| cut.carried);
        let Some(asked) = &mut self.asked else { return Ok(()) };
        match outcome {
            Again::Restored => asked.restored += 1,
            Again::Known => asked.known += 1,
            Again::Gone => asked.gone += 1,
        }
        match asked.look {
            Some(look) if (outcome == Again::Known && !doubtful) || look.at <= first => {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use nazorat_spool::Epoch;

    use super::Again;
    use super::Copies;
    use crate::kernel::Timestamp;
    use crate::uplink::cuts::Cut;
    use crate::uplink::rules::Point;

    fn open(folder: &Path) -> Copies {
        Copies::open(folder, Epoch::from_bytes([3; 16])).unwrap()
    }

    fn left(copies: &mut Copies, numbers: std::ops::RangeInclusive<u64>, life: u64) {
        left_as(copies, numbers, life, false);
    }

    fn left_as(copies: &mut Copies, numbers: std::ops::RangeInclusive<u64>, life: u64, carried: bool) {
        for number in numbers {
            let (start, end) = (Point::behind(number), Point::behind(number + 1));
            let at_us = number as i64 * 1_000_000;
            let cut = Cut { epoch: [7; 16], number, carried, start, end, at_us, life, digest: [0; 32] };
            copies.left(&cut, || Ok(0)).unwrap();
        }
    }

    /// Sends again to a hop that has all but some, and gives what was sent.
    fn drain(copies: &mut Copies, lost: &mut Vec<u64>) -> Vec<u64> {
        let mut sent = Vec::new();
        while let Some(cut) = copies.next().unwrap() {
            sent.push(cut.number);
            let outcome = if lost.contains(&cut.number) { Again::Restored } else { Again::Known };
            lost.retain(|number| *number != cut.number);
            copies.step(outcome).unwrap();
        }
        sent
    }

    #[test]
    fn what_left_since_a_moment_goes_again_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mut copies = open(folder.path());
        left(&mut copies, 1..=100, 1);
        let since = Timestamp::from_second(41).unwrap();
        assert_eq!(copies.ask(since).unwrap().waiting, 60);
        for _ in 0..40 {
            copies.next().unwrap().unwrap();
            copies.step(Again::Restored).unwrap();
        }
        // What leaves meanwhile is not meant.
        left(&mut copies, 101..=110, 1);
        let mut copies = open(folder.path());
        let sent = drain(&mut copies, &mut Vec::new());
        assert_eq!((sent.first(), sent.last()), (Some(&73), Some(&100)), "it goes on where it was noted last");
        let shown = copies.resend().unwrap();
        assert_eq!((shown.waiting, shown.restored, shown.known), (0, 32, 28));
        assert_eq!(open(folder.path()).next().unwrap(), None);
        // Asked twice is asked once; an earlier moment widens it.
        copies.ask(since).unwrap();
        assert_eq!(copies.ask(since).unwrap().waiting, 70);
        assert_eq!(copies.ask(Timestamp::from_second(31).unwrap()).unwrap().waiting, 80);
    }

    #[test]
    fn a_hop_that_was_started_again_is_asked_for_the_last_batch_only() {
        let folder = tempfile::tempdir().unwrap();
        let mut copies = open(folder.path());
        left(&mut copies, 1..=50, 1);
        left(&mut copies, 51..=60, 1);
        assert_eq!(drain(&mut copies, &mut Vec::new()), [0; 0]);
        left(&mut copies, 61..=70, 2);
        assert_eq!(drain(&mut copies, &mut Vec::new()), [60]);
        left(&mut copies, 71..=80, 0);
        left(&mut copies, 81..=82, 3);
        assert_eq!(drain(&mut copies, &mut Vec::new()), [0; 0], "a hop that tells none is not looked at");
    }

    #[test]
    fn a_hop_that_went_back_gets_everything_behind_what_it_still_has() {
        for kept in [0, 1, 17, 40, 58, 59] {
            let folder = tempfile::tempdir().unwrap();
            let mut copies = open(folder.path());
            left(&mut copies, 1..=60, 1);
            left(&mut copies, 61..=62, 2);
            let mut lost: Vec<u64> = (kept + 1..=60).collect();
            copies.next().unwrap();
            // A crash in the middle of the search does no harm.
            let mut copies = open(folder.path());
            drain(&mut copies, &mut lost);
            assert_eq!(lost, [0; 0], "{kept}");
            assert_eq!(copies.resend().unwrap().restored, 60 - kept);
        }
    }

    #[test]
    fn what_somebody_has_carried_there_says_nothing_of_what_was_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut copies = open(folder.path());
        left(&mut copies, 1..=10, 1);
        left_as(&mut copies, 11..=14, 1, true);
        left(&mut copies, 15..=15, 2);
        let mut lost: Vec<u64> = (5..=10).collect();
        drain(&mut copies, &mut lost);
        assert_eq!(lost, [0; 0]);
    }

    #[test]
    fn a_second_fall_back_during_the_first_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut copies = open(folder.path());
        left(&mut copies, 1..=60, 1);
        left(&mut copies, 61..=61, 2);
        let mut lost: Vec<u64> = (20..=60).collect();
        for _ in 0..12 {
            let number = copies.next().unwrap().unwrap().number;
            copies.step(if lost.contains(&number) { Again::Restored } else { Again::Known }).unwrap();
            lost.retain(|other| *other != number);
        }
        // What was restored and what came since is gone again.
        lost = (20..=61).collect();
        left(&mut copies, 62..=62, 3);
        drain(&mut copies, &mut lost);
        assert_eq!(lost, [0; 0]);
    }
}
