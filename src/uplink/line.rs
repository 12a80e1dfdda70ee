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
use crate::uplink::backlog::Backlog;
use crate::uplink::carried::Carried;
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

impl Outgoing {
    fn new(name: String, gathered: Gathered, packed: Bytes) -> Self {
        let Gathered { end, events, gaps, names, .. } = gathered;
        Self { name, packed, events, gaps, changed: false, end, names }
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
        let mut carried = Carried::open(&outbox.folder, outbox.epoch())?;
        let stats = outbox.stats();
        if found == Found::Lost {
            error!("the plan of the uplink was damaged; batches are numbered anew, and one may arrive twice");
            // What is carried goes under the names that it has, from the first one on that may not have left.
            if let Some(cut) = carried.first_behind(stats.freed_seq) {
                plan.pass(cut.start)?;
            }
        }
        let state = plan.state();
        let furthest = state.pending.map_or(state.done, |pending| pending.end.max(state.done));
        if furthest > Point::behind(stats.durable_seq) {
            warn!("the buffer is older than the plan of the uplink; batches are numbered anew");
            plan.renew(random_bytes(), Point::behind(stats.freed_seq))?;
            carried.replace(&[])?;
        }
        let copies = Copies::open(&outbox.folder, outbox.epoch())?;
        let line = Self { outbox, plan, letters, copies, carried, source, limits: Limits::USUAL };
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
        let carried = self.carried.find(state.done).copied();
        let pending = match (state.pending, carried) {
            (Some(pending), _) => pending,
            (None, Some(cut)) => Pending { end: cut.end, digest: cut.digest },
            (None, None) => return self.number(self.limits),
        };
        let gathered = self.outbox.gather(state.done, Until::At(pending.end))?;
        if gathered.events == 0 {
            warn!("nothing is left of a batch that was under way or is carried");
            self.outbox.keep_names(&gathered.names)?;
            match state.pending {
                Some(_) => self.plan.done(self.last_number())?,
                None => self.plan.pass(pending.end)?,
            }
            self.outbox.let_go(pending.end)?;
            return self.next();
        }
        if state.pending.is_none() {
            self.plan.plan(pending)?;
        }
        let name = self.name();
        let body = gathered.body(&name);
        let changed = digest(&body) != pending.digest;
        let packed = pack(&body)?.into();
        Ok(Some(Outgoing { changed, ..Outgoing::new(name, gathered, packed) }))
    }

    /// The name of the batch under way: the one under which it is carried, or the next number of ours.
    fn name(&self) -> String {
        let state = self.plan.state();
        match self.carried.find(state.done) {
            Some(cut) => plan::name(&self.source, &cut.epoch, cut.number),
            None => state.name(&self.source),
        }
    }

    /// The batch under way stands in a file that somebody carries, so it can only go as it is.
    pub(super) fn is_carried(&self) -> bool {
        self.carried.find(self.plan.state().done).is_some()
    }

    /// The last of our numbers that is used when the batch under way has left.
    fn last_number(&self) -> u64 {
        let state = self.plan.state();
        match self.carried.find(state.done) {
            Some(cut) if cut.epoch != state.epoch => state.number,
            _ => state.number + 1,
        }
    }

    /// Gives the next events a number; a batch under way gets another end under the number it has.
    fn number(&mut self, limits: Limits) -> Result<Option<Outgoing>, UplinkError> {
        let state = self.plan.state();
        let name = state.name(&self.source);
        let (gathered, body, packed) = self.cut(state.done, &name, limits)?;
        if gathered.events == 0 {
            if gathered.end > state.done {
                self.outbox.keep_names(&gathered.names)?;
                self.plan.pass(gathered.end)?;
                self.outbox.let_go(gathered.end)?;
            }
            return Ok(None);
        }
        self.plan.plan(Pending { end: gathered.end, digest: digest(&body) })?;
        Ok(Some(Outgoing::new(name, gathered, packed.into())))
    }

    /// The largest batch behind a place that every server takes under this name, its body, and the body packed.
    fn cut(&self, start: Point, name: &str, mut limits: Limits) -> Result<(Gathered, Vec<u8>, Vec<u8>), UplinkError> {
        loop {
            let gathered = self.outbox.gather(start, Until::Full(limits))?;
            if gathered.events == 0 {
                return Ok((gathered, Vec::new(), Vec::new()));
            }
            let body = gathered.body(name);
            let packed = pack(&body)?;
            let bomb = body.len() > BOMB_FROM && body.len() > packed.len() * BOMB_RATIO;
            if gathered.events > 1 && (bomb || packed.len() > limits.wire) {
                limits = limits.half_of(gathered.events);
                continue;
            }
            return Ok((gathered, body, packed));
        }
    }

    /// Gives everything that waits its name, so that it can be carried: from now on the line sends it so, too. Durable on
    /// return.
    pub(super) fn name_all(&mut self) -> Result<Backlog, UplinkError> {
        let state = self.plan.state();
        let (at_us, life) = (self.outbox.now().as_microsecond(), 0);
        let behind = Point::behind(self.outbox.stats().durable_seq);
        let (epoch, mut number): ([u8; 16], u64) = (random_bytes(), 0);
        let (mut cuts, mut start) = (Vec::new(), state.done);
        while start < behind {
            let pending = state.pending.filter(|_| start == state.done);
            let cut = match (self.carried.find(start), pending) {
                (Some(cut), _) => *cut,
                (None, Some(Pending { end, digest })) => {
                    Cut { epoch: state.epoch, number: state.number + 1, start, end, at_us, life, digest }
                }
                (None, None) => {
                    let name = plan::name(&self.source, &epoch, number + 1);
                    let (gathered, body, _) = self.cut(start, &name, Limits::CARRIED)?;
                    if gathered.events == 0 {
                        break;
                    }
                    number += 1;
                    Cut { epoch, number, start, end: gathered.end, at_us, life, digest: digest(&body) }
                }
            };
            cuts.push(cut);
            start = cut.end;
        }
        if !cuts.is_empty() {
            self.carried.replace(&cuts)?;
        }
        Ok(Backlog::new(self.outbox.clone(), self.source.clone(), cuts))
    }

    /// The next hop has it, in one of its lives.
    pub(super) fn taken(&mut self, batch: &Outgoing, life: u64) -> Result<(), UplinkError> {
        let State { epoch, number, done, pending, .. } = self.plan.state();
        // What it has is not what could be made again if a part of it was given up meanwhile.
        if let Some(pending) = pending.filter(|_| !batch.changed) {
            let at_us = self.outbox.now().as_microsecond();
            let Pending { end, digest } = pending;
            let (epoch, number) = self.carried.find(done).map_or((epoch, number + 1), |cut| (cut.epoch, cut.number));
            let cut = Cut { epoch, number, start: done, end, at_us, life, digest };
            let outbox = &self.outbox;
            self.copies.left(&cut, || outbox.oldest())?;
        }
        self.gone(batch)
    }

    /// It is on the way no more. What is durable in which order: the names, the plan, the floor of the spool.
    fn gone(&mut self, batch: &Outgoing) -> Result<(), UplinkError> {
        self.outbox.keep_names(&batch.names)?;
        self.plan.done(self.last_number())?;
        self.outbox.let_go(batch.end)?;
        self.carried.forget(self.plan.state().done);
        Ok(())
    }

    /// A batch of so many bytes took so long on its way.
    pub(super) fn pace(&mut self, bytes: usize, took: Duration) {
        self.limits = self.limits.paced(bytes, took);
    }

    /// The first half of a batch that was too large, under the same number; `None` when it is a single event, or carried.
    pub(super) fn halve(&mut self, batch: &Outgoing) -> Result<Option<Outgoing>, UplinkError> {
        if batch.events <= 1 || self.is_carried() {
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
                    let packed = pack(&body)?.into();
                    return Ok(Some(Outgoing::new(name, gathered, packed)));
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
        if state.number == 0 || self.is_carried() {
            return Ok(false);
        }
        error!("the next hop knows other batches under our numbers (a copied disk?); they are numbered anew");
        self.plan.renew(random_bytes(), state.done)?;
        Ok(true)
    }
}
