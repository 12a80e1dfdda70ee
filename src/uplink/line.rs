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
use crate::uplink::rules::Pace;
use crate::uplink::rules::Point;
use crate::uplink::unsent::Stretch;

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
}

impl Outgoing {
    fn new(name: String, gathered: Gathered, packed: Bytes) -> Self {
        let Gathered { events, gaps, names, .. } = gathered;
        Self { name, packed, events, gaps, changed: false, names }
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
            error!("the plan of the uplink was damaged; batches are numbered anew, and one may arrive twice");
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
        let line = Self { outbox, plan, letters, copies, carried, source, limits: pace.limits(), pace };
        line.free_what_is_done(stats.freed_seq)?;
        line.outbox.note_ahead(line.plan.state().unsent.ahead());
        Ok(line)
    }

    fn free_what_is_done(&self, freed: u64) -> Result<(), UplinkError> {
        let done = self.plan.state().done();
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
        loop {
            if let Some(pending) = self.plan.state().pending {
                match self.resume(pending)? {
                    Some(batch) => return Ok(Some(batch)),
                    None => continue,
                }
            }
            self.tell_fresh_from_old()?;
            // What is fresh goes first, and the backlog, oldest first, takes what room is left.
            let unsent = self.plan.state().unsent;
            let mut next = self.begin(unsent.newest())?;
            if next.is_none() && unsent.has_backlog() {
                next = self.begin(unsent.oldest())?;
            }
            if next.is_some() || !unsent.has_backlog() {
                return Ok(next);
            }
        }
    }

    /// When what waits has waited for long and is more than one batch, what comes from now on does not wait behind it.
    fn tell_fresh_from_old(&mut self) -> Result<(), UplinkError> {
        let unsent = self.plan.state().unsent;
        let (newest, behind) = (unsent.newest(), Point::behind(self.outbox.stats().durable_seq));
        if unsent.is_full() || newest.start >= behind {
            return Ok(());
        }
        if self.outbox.age(newest.start)?.is_none_or(|age| age < self.pace.behind) {
            return Ok(());
        }
        let one = self.outbox.gather(newest.start, Until::Full(self.limits, newest.before))?;
        if one.end < behind {
            info!("there is a backlog; what comes from now on goes before it");
            self.plan.split(behind.seq)?;
        }
        Ok(())
    }

    /// There is a backlog beside what is fresh.
    pub(super) fn has_backlog(&self) -> bool {
        self.plan.state().unsent.has_backlog()
    }

    /// The batch under way, as it was; `None` when nothing is left of it.
    fn resume(&mut self, pending: Pending) -> Result<Option<Outgoing>, UplinkError> {
        let gathered = self.outbox.gather(pending.start, Until::At(pending.end))?;
        if gathered.events == 0 {
            warn!("nothing is left of a batch that was under way or is carried");
            self.outbox.keep_names(&gathered.names)?;
            self.plan.done(self.last_number(pending.start))?;
            self.let_go()?;
            return Ok(None);
        }
        let name = self.name(pending.start);
        let body = gathered.body(&name);
        let changed = digest(&body) != pending.digest;
        let packed = pack(&body)?.into();
        Ok(Some(Outgoing { changed, ..Outgoing::new(name, gathered, packed) }))
    }

    /// The batch at the beginning of a stretch gets under way; `None` when there is none.
    fn begin(&mut self, stretch: Stretch) -> Result<Option<Outgoing>, UplinkError> {
        match self.carried.find(stretch.start) {
            Some(cut) => {
                let pending = Pending { start: stretch.start, end: cut.end, digest: cut.digest };
                self.plan.plan(pending)?;
                self.resume(pending)
            }
            None => self.number(stretch, self.limits),
        }
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

    /// Gives the next events of a stretch a number; a batch under way gets another end under the number it has.
    fn number(&mut self, stretch: Stretch, limits: Limits) -> Result<Option<Outgoing>, UplinkError> {
        let name = self.plan.state().name(&self.source);
        let (gathered, body, packed) = self.cut(stretch, &name, limits)?;
        if gathered.events == 0 {
            let end = stretch.end().unwrap_or(gathered.end);
            if end > stretch.start {
                self.outbox.keep_names(&gathered.names)?;
                self.plan.pass(stretch.start, end)?;
                self.let_go()?;
            }
            return Ok(None);
        }
        self.plan.plan(Pending { start: stretch.start, end: gathered.end, digest: digest(&body) })?;
        Ok(Some(Outgoing::new(name, gathered, packed.into())))
    }

    /// What has left, and everything before it as well, is let go.
    fn let_go(&mut self) -> Result<(), UplinkError> {
        let state = self.plan.state();
        self.outbox.note_ahead(state.unsent.ahead());
        self.carried.forget(state.done());
        self.outbox.let_go(state.done())
    }

    /// The largest batch at the beginning of a stretch that every server takes under this name, its body, and that packed.
    fn cut(
        &self,
        stretch: Stretch,
        name: &str,
        mut limits: Limits,
    ) -> Result<(Gathered, Vec<u8>, Vec<u8>), UplinkError> {
        loop {
            let gathered = self.outbox.gather(stretch.start, Until::Full(limits, stretch.before))?;
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
        let mut cuts = Vec::new();
        for stretch in self.plan.state().unsent.all() {
            self.name_stretch(*stretch, &mut cuts)?;
        }
        if !cuts.is_empty() {
            self.carried.replace(&cuts)?;
        }
        Ok(Backlog::new(self.outbox.clone(), self.source.clone(), cuts))
    }

    /// Each stretch has an epoch of its own: within one, numbers go over the line in their order.
    fn name_stretch(&self, stretch: Stretch, cuts: &mut Vec<Cut>) -> Result<(), UplinkError> {
        let state = self.plan.state();
        let (at_us, life) = (self.outbox.now().as_microsecond(), 0);
        let behind = stretch.end().unwrap_or(Point::behind(self.outbox.stats().durable_seq));
        let (epoch, mut number): ([u8; 16], u64) = (random_bytes(), 0);
        let mut start = stretch.start;
        while start < behind {
            let pending = state.pending.filter(|pending| pending.start == start);
            let cut = match (self.carried.find(start), pending) {
                (Some(cut), _) => *cut,
                (None, Some(Pending { end, digest, .. })) => {
                    let (epoch, number) = (state.epoch, state.number + 1);
                    Cut { epoch, number, carried: true, start, end, at_us, life, digest }
                }
                (None, None) => {
                    let name = plan::name(&self.source, &epoch, number + 1);
                    let (gathered, body, _) = self.cut(Stretch { start, ..stretch }, &name, Limits::CARRIED)?;
                    if gathered.events == 0 {
                        return Ok(());
                    }
                    number += 1;
                    let (end, digest) = (gathered.end, digest(&body));
                    Cut { epoch, number, carried: true, start, end, at_us, life, digest }
                }
            };
            cuts.push(cut);
            start = cut.end;
        }
        Ok(())
    }

    /// The next hop has it, in one of its lives.
    pub(super) fn taken(&mut self, batch: &Outgoing, life: u64) -> Result<(), UplinkError> {
        let State { epoch, number, pending, .. } = self.plan.state();
        // What it has is not what could be made again if a part of it was given up meanwhile.
        if let Some(Pending { start, end, digest }) = pending.filter(|_| !batch.changed) {
            let at_us = self.outbox.now().as_microsecond();
            let carried = self.carried.find(start);
            let (epoch, number) = carried.map_or((epoch, number + 1), |cut| (cut.epoch, cut.number));
            let cut = Cut { epoch, number, carried: carried.is_some(), start, end, at_us, life, digest };
            let outbox = &self.outbox;
            self.copies.left(&cut, || outbox.oldest())?;
        }
        self.gone(batch)
    }

    /// It is on the way no more. What is durable in which order: the names, the plan, the floor of the spool.
    fn gone(&mut self, batch: &Outgoing) -> Result<(), UplinkError> {
        self.outbox.keep_names(&batch.names)?;
        if let Some(pending) = self.plan.state().pending {
            self.plan.done(self.last_number(pending.start))?;
        }
        self.let_go()
    }

    /// A batch of so many bytes took so long on its way.
    pub(super) fn pace(&mut self, bytes: usize, took: Duration) {
        let paced = self.limits.paced(bytes, took);
        self.limits = Limits { events: paced.events.min(self.pace.events), ..paced };
    }

    /// The first half of a batch that was too large, under the same number; `None` when it is a single event, or carried.
    pub(super) fn halve(&mut self, batch: &Outgoing) -> Result<Option<Outgoing>, UplinkError> {
        let state = self.plan.state();
        let Some(pending) = state.pending.filter(|_| batch.events > 1 && !self.is_carried()) else { return Ok(None) };
        let of = state.unsent.all().iter().find(|stretch| stretch.start == pending.start);
        let stretch = of.copied().unwrap_or(state.unsent.newest());
        self.limits = self.limits.half_of(batch.events).thinner_than(batch.packed.len());
        info!("batch {} was too much at once, its first half is sent", batch.name);
        self.number(stretch, self.limits)
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
        self.plan.renew(random_bytes())?;
        Ok(true)
    }
}
