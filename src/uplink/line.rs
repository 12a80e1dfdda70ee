//! The blocking half of the uplink: what is sent next, under which number, and what is done with it afterwards.

use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use serde_json::value::RawValue;
use tracing::error;
use tracing::info;
use tracing::warn;

use nazorat_spool::fs::Disk;

use crate::kernel::Timestamp;
use crate::kernel::random_bytes;
use crate::uplink::UplinkError;
use crate::uplink::copies::Again;
use crate::uplink::copies::Copies;
use crate::uplink::copies::Resend;
use crate::uplink::cuts::Cut;
use crate::uplink::letters::Letter;
use crate::uplink::letters::LetterCount;
use crate::uplink::letters::Letters;
use crate::uplink::outbox::Gathered;
use crate::uplink::outbox::Outbox;
use crate::uplink::outbox::Until;
use crate::uplink::outbox::digest;
use crate::uplink::plan;
use crate::uplink::plan::Found;
use crate::uplink::plan::Pending;
use crate::uplink::plan::Plan;
use crate::uplink::plan::State;
use crate::uplink::rules::Limits;
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
    end: Point,
    names: Vec<String>,
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
    source: String,
    limits: Limits,
}

impl Line {
    /// Opens what lies beside the spool, and ends what a crash interrupted.
    pub(super) fn open(outbox: Outbox, source: String) -> Result<Self, UplinkError> {
        let folder = outbox.folder.join("dead-letters");
        let opened = Letters::open(&folder);
        let letters = opened.map_err(|source| UplinkError::Letters { path: folder, source })?;
        let path: PathBuf = outbox.folder.join("plan");
        let (mut plan, found) = Plan::open(&Disk, &path, outbox.epoch(), random_bytes())?;
        if found == Found::Lost {
            error!("the plan of the uplink was damaged; batches are numbered anew, and one may arrive twice");
        }
        let (stats, state) = (outbox.stats(), plan.state());
        let furthest = state.pending.map_or(state.done, |pending| pending.end.max(state.done));
        if furthest > Point::behind(stats.durable_seq) {
            warn!("the buffer is older than the plan of the uplink; batches are numbered anew");
            plan.renew(random_bytes(), Point::behind(stats.freed_seq))?;
        }
        let copies = Copies::open(&outbox.folder, outbox.epoch())?;
        let line = Self { outbox, plan, letters, copies, source, limits: Limits::USUAL };
        line.free_what_is_done(stats.freed_seq)?;
        Ok(line)
    }

    fn free_what_is_done(&self, freed: u64) -> Result<(), UplinkError> {
        let done = self.plan.state().done;
        if done.whole() > freed {
            let rest = self.outbox.gather(Point::behind(freed), Until::At(done))?;
            self.outbox.keep_names(&rest.names)?;
            self.outbox.let_go(done)?;
        }
        Ok(())
    }

    pub(super) fn letters(&self) -> LetterCount {
        self.letters.count()
    }

    /// The batch under way, or the next one, which gets its number now; `None` when nothing waits.
    pub(super) fn next(&mut self) -> Result<Option<Outgoing>, UplinkError> {
        let state = self.plan.state();
        match state.pending {
            Some(pending) => {
                let gathered = self.outbox.gather(state.done, Until::At(pending.end))?;
                if gathered.events == 0 {
                    warn!("nothing is left of a batch that was under way");
                    self.outbox.keep_names(&gathered.names)?;
                    self.plan.done()?;
                    self.outbox.let_go(pending.end)?;
                    return self.next();
                }
                let body = gathered.body(&state.name(&self.source));
                let changed = digest(&body) != pending.digest;
                Ok(Some(self.outgoing(gathered, &body, changed)?))
            }
            None => self.number(self.limits),
        }
    }

    /// Gives the next events a number; a batch under way gets another end under the number it has.
    fn number(&mut self, mut limits: Limits) -> Result<Option<Outgoing>, UplinkError> {
        let state = self.plan.state();
        let name = state.name(&self.source);
        loop {
            let gathered = self.outbox.gather(state.done, Until::Full(limits))?;
            if gathered.events == 0 {
                if gathered.end > state.done {
                    self.outbox.keep_names(&gathered.names)?;
                    self.plan.pass(gathered.end)?;
                    self.outbox.let_go(gathered.end)?;
                }
                return Ok(None);
            }
            let body = gathered.body(&name);
            let outgoing = self.outgoing(gathered, &body, false)?;
            let bomb = body.len() > BOMB_FROM && body.len() > outgoing.packed.len() * BOMB_RATIO;
            if outgoing.events > 1 && (bomb || outgoing.packed.len() > limits.wire) {
                limits = limits.half_of(outgoing.events);
                continue;
            }
            self.plan.plan(Pending { end: outgoing.end, digest: digest(&body) })?;
            return Ok(Some(outgoing));
        }
    }

    fn outgoing(&self, gathered: Gathered, body: &[u8], changed: bool) -> Result<Outgoing, UplinkError> {
        self.packed(self.plan.state().name(&self.source), gathered, body, changed)
    }

    fn packed(&self, name: String, gathered: Gathered, body: &[u8], changed: bool) -> Result<Outgoing, UplinkError> {
        let mut packed = Vec::with_capacity(body.len() / 8);
        let mut encoder = zstd::stream::read::Encoder::new(body, ZSTD_LEVEL).map_err(UplinkError::Pack)?;
        encoder.read_to_end(&mut packed).map_err(UplinkError::Pack)?;
        Ok(Outgoing {
            name,
            packed: packed.into(),
            events: gathered.events,
            gaps: gathered.gaps,
            changed,
            end: gathered.end,
            names: gathered.names,
        })
    }

    /// The next hop has it, in one of its lives.
    pub(super) fn taken(&mut self, batch: &Outgoing, life: u64) -> Result<(), UplinkError> {
        let State { epoch, number, done, pending, .. } = self.plan.state();
        // What it has is not what could be made again if a part of it was given up meanwhile.
        if let Some(pending) = pending.filter(|_| !batch.changed) {
            let at_us = self.outbox.now().as_microsecond();
            let Pending { end, digest } = pending;
            let cut = Cut { epoch, number: number + 1, start: done, end, at_us, life, digest };
            let outbox = &self.outbox;
            self.copies.left(&cut, || outbox.oldest())?;
        }
        self.gone(batch)
    }

    /// It is on the way no more. What is durable in which order: the names, the plan, the floor of the spool.
    fn gone(&mut self, batch: &Outgoing) -> Result<(), UplinkError> {
        self.outbox.keep_names(&batch.names)?;
        self.plan.done()?;
        self.outbox.let_go(batch.end)?;
        Ok(())
    }

    /// A batch of so many bytes took so long on its way.
    pub(super) fn pace(&mut self, bytes: usize, took: Duration) {
        self.limits = self.limits.paced(bytes, took);
    }

    /// The first half of a batch that was too large, under the same number; `None` when it is a single event.
    pub(super) fn halve(&mut self, batch: &Outgoing) -> Result<Option<Outgoing>, UplinkError> {
        if batch.events <= 1 {
            return Ok(None);
        }
        self.limits = self.limits.half_of(batch.events).thinner_than(batch.packed.len());
        info!("batch {} was too much at once, its first half is sent", batch.name);
        self.number(self.limits)
    }

    /// Puts a batch away for ever, so that the next one can go. False when there is no room for it just now.
    pub(super) fn set_aside(&mut self, batch: &Outgoing, reason: Reason<'_>) -> Result<bool, UplinkError> {
        let body = zstd::stream::decode_all(&*batch.packed).map_err(UplinkError::Pack)?;
        let body = String::from_utf8(body).unwrap_or_default();
        let kept = RawValue::from_string(body).map_err(std::io::Error::from).and_then(|body| {
            self.letters.keep(&Letter {
                name: &batch.name,
                hop: reason.hop,
                refused_at: reason.at.to_string(),
                status: reason.status,
                code: reason.code,
                detail: reason.detail,
                batch: &body,
            })
        });
        if let Err(problem) = kept {
            error!("refused batch {} could not be kept: {problem}", batch.name);
            return Ok(false);
        }
        error!(
            "batch {} with {} events was refused with status {} and lies in dead-letters now: {}",
            batch.name, batch.events, reason.status, reason.detail
        );
        self.gone(batch)?;
        Ok(true)
    }

    /// Everything that left since a moment is sent again.
    pub(super) fn ask_again(&mut self, since: Timestamp) -> Result<Resend, UplinkError> {
        self.copies.ask(since)
    }

    /// The next copy that is to be sent again, as it was.
    pub(super) fn next_copy(&mut self) -> Result<Option<Outgoing>, UplinkError> {
        while let Some(cut) = self.copies.next()? {
            if cut.start.seq >= self.outbox.oldest()? {
                let name = plan::name(&self.source, &cut.epoch, cut.number);
                let gathered = self.outbox.gather_again(cut.start, cut.end)?;
                let body = gathered.body(&name);
                if digest(&body) == cut.digest {
                    return Ok(Some(self.packed(name, gathered, &body, false)?));
                }
                warn!("batch {name} cannot be sent again: not all of it is there any more");
            }
            self.copies.step(Again::Gone)?;
        }
        Ok(None)
    }

    /// What became of the copy.
    pub(super) fn copied(&mut self, outcome: Again) -> Result<Option<Resend>, UplinkError> {
        self.copies.step(outcome)?;
        Ok(self.copies.resend())
    }

    pub(super) fn resend(&self) -> Option<Resend> {
        self.copies.resend()
    }

    /// The next hop knows another batch of this name, so it was not this one that it took: the numbers begin anew, once.
    pub(super) fn renew(&mut self) -> Result<bool, UplinkError> {
        let state = self.plan.state();
        if state.number == 0 {
            return Ok(false);
        }
        error!("the next hop knows other batches under our numbers (a copied disk?); they are numbered anew");
        self.plan.renew(random_bytes(), state.done)?;
        Ok(true)
    }
}
