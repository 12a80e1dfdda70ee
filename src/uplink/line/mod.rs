//! The blocking half of the uplink: what is sent next, under which number, and what is done with it afterwards.

mod leaving;
mod next;

use std::io::Read as _;
use std::path::PathBuf;

use bytes::Bytes;
use nazorat_spool::fs::Disk;
use tracing::error;
use tracing::warn;

use crate::intake::Tally;
use crate::kernel::Timestamp;
use crate::kernel::random_bytes;
use crate::uplink::UplinkError;
use crate::uplink::carried::Carried;
use crate::uplink::copies::Copies;
use crate::uplink::copies::Resend;
use crate::uplink::gathering::Gathered;
use crate::uplink::gathering::Until;
use crate::uplink::letters::LetterCount;
use crate::uplink::letters::Letters;
use crate::uplink::outbox::Judges;
use crate::uplink::outbox::Outbox;
use crate::uplink::plan;
use crate::uplink::plan::Found;
use crate::uplink::plan::Plan;
use crate::uplink::rules::Limits;
use crate::uplink::rules::Pace;
use crate::uplink::rules::Point;

/// Fast, and within a tenth of what the slow levels reach on such text.
const ZSTD_LEVEL: i32 = 3;
/// A server takes a body for a bomb that is larger than this and unpacks to more than 200 times its size.
const BOMB_FROM: usize = 1 << 20;
const BOMB_RATIO: usize = 150;

/// A batch with its number, ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) name: String,
    pub(super) packed: Bytes,
    pub(super) events: usize,
    pub(super) gaps: u64,
    /// It is not what it was when it got its number: the spool gave up or lost a part of it.
    pub(super) changed: bool,
    names: Vec<String>,
    /// What a policy that came since has left out of it.
    tally: Tally,
}

impl Outgoing {
    fn new(name: String, gathered: Gathered, packed: Bytes) -> Self {
        let Gathered { events, gaps, names, tally, .. } = gathered;
        Self { name, packed, events, gaps, changed: false, names, tally }
    }
}

/// A body as it goes over the wire.
pub(super) fn pack(body: &[u8]) -> Result<Vec<u8>, UplinkError> {
    let mut packed = Vec::with_capacity(body.len() / 8);
    let mut encoder = zstd::stream::read::Encoder::new(body, ZSTD_LEVEL).map_err(UplinkError::Pack)?;
    encoder.read_to_end(&mut packed).map_err(UplinkError::Pack)?;
    Ok(packed)
}

/// Why a batch is set aside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reason<'a> {
    pub(super) hop: &'a str,
    pub(super) at: Timestamp,
    pub(super) status: u16,
    pub(super) code: Option<&'a str>,
    pub(super) detail: &'a str,
}

/// The line, one batch at a time.
pub(super) struct Line {
    outbox: Outbox,
    plan: Plan,
    letters: Letters,
    copies: Copies,
    carried: Carried,
    source: String,
    pace: Pace,
    limits: Limits,
    judges: Judges,
}

impl Line {
    /// Opens what lies beside the spool, and ends what a crash interrupted.
    pub(super) fn open(outbox: Outbox, source: String, pace: Pace) -> Result<Self, UplinkError> {
        let folder = outbox.folder.join("dead-letters");
        let opened = Letters::open(&folder);
        let letters = opened.map_err(|source| UplinkError::Letters { path: folder, source })?;
        let path: PathBuf = outbox.folder.join("plan");
        let (mut plan, found) = Plan::open(&Disk, &path, outbox.epoch(), random_bytes())?;
        let mut carried = Carried::open(&outbox.folder, outbox.epoch())?;
        let stats = outbox.stats();
        if found == Found::Lost {
            error!(
                "the plan of the uplink was damaged; batches are numbered anew, and what was on its way or had gone ahead of a \
                 backlog may arrive twice"
            );
            // What is carried goes under the names that it has, from the first one on that may not have left.
            if let Some(cut) = carried.first_behind(stats.freed_seq) {
                plan.pass(Point::START, cut.start)?;
            }
        }
        let state = plan.state();
        let newest = state.unsent.newest().start;
        let furthest = state.pending.map_or(newest, |pending| pending.end.max(newest));
        if furthest > Point::behind(stats.durable_seq) {
            warn!("the buffer is older than the plan of the uplink; batches are numbered anew");
            plan.restart(random_bytes(), Point::behind(stats.freed_seq))?;
            carried.replace(&[])?;
        }
        let copies = Copies::open(&outbox.folder, outbox.epoch())?;
        let line = Self {
            outbox,
            plan,
            letters,
            copies,
            carried,
            source,
            limits: pace.limits(),
            pace,
            judges: Judges::default(),
        };
        line.free_what_is_done(stats.freed_seq)?;
        line.outbox.note_ahead(line.plan.state().unsent.ahead());
        Ok(line)
    }

    fn free_what_is_done(&self, freed: u64) -> Result<(), UplinkError> {
        let done = self.plan.state().done();
        if done.whole() > freed {
            let rest = self.outbox.gather(Point::behind(freed), Until::At(done), None)?;
            self.outbox.keep_names(&rest.names)?;
            self.outbox.let_go(done)?;
        }
        Ok(())
    }

    /// From now on these judge what gets a name.
    pub(super) fn judge_by(&mut self, judges: Judges) {
        self.judges = judges;
    }

    pub(super) fn letters(&self) -> LetterCount {
        self.letters.count()
    }

    /// The name of the batch at the beginning of a stretch: the one under which it is carried, or the next number of ours.
    fn name(&self, start: Point) -> String {
        match self.carried.find(start) {
            Some(cut) => plan::name(&self.source, &cut.epoch, cut.number),
            None => self.plan.state().name(&self.source),
        }
    }

    /// The batch under way stands in a file that somebody carries, so it can only go as it is.
    pub(super) fn is_carried(&self) -> bool {
        self.plan.state().pending.is_some_and(|pending| self.carried.find(pending.start).is_some())
    }

    /// The last of our numbers that is used when the batch at the beginning of a stretch has left.
    fn last_number(&self, start: Point) -> u64 {
        let state = self.plan.state();
        match self.carried.find(start) {
            Some(cut) if cut.epoch != state.epoch => state.number,
            _ => state.number + 1,
        }
    }

    /// What has left, and everything before it as well, is let go.
    fn let_go(&mut self) -> Result<(), UplinkError> {
        let state = self.plan.state();
        self.outbox.note_ahead(state.unsent.ahead());
        self.carried.forget(state.done());
        self.outbox.let_go(state.done())
    }

    pub(super) fn resend(&self) -> Option<Resend> {
        self.copies.resend()
    }
}
