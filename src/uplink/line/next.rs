//! What goes next, and under which name.

use tracing::info;
use tracing::warn;

use crate::kernel::random_bytes;
use crate::uplink::UplinkError;
use crate::uplink::backlog::Backlog;
use crate::uplink::cuts::Cut;
use crate::uplink::gathering::Gathered;
use crate::uplink::gathering::Until;
use crate::uplink::line::BOMB_FROM;
use crate::uplink::line::BOMB_RATIO;
use crate::uplink::line::Line;
use crate::uplink::line::Outgoing;
use crate::uplink::line::pack;
use crate::uplink::outbox::Named;
use crate::uplink::outbox::digest;
use crate::uplink::plan;
use crate::uplink::plan::Pending;
use crate::uplink::rules::Limits;
use crate::uplink::rules::Point;
use crate::uplink::unsent::Stretch;

impl Line {
    /// The batch under way, or the next one, which gets its number now; `None` when nothing waits.
    pub(in crate::uplink) fn next(&mut self) -> Result<Option<Outgoing>, UplinkError> {
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
        let one = self.outbox.gather(newest.start, Until::Full(self.limits, newest.before), None)?;
        if one.end < behind {
            info!("there is a backlog; what comes from now on goes before it");
            self.plan.split(behind.seq)?;
        }
        Ok(())
    }

    /// There is a backlog beside what is fresh.
    pub(in crate::uplink) fn has_backlog(&self) -> bool {
        self.plan.state().unsent.has_backlog()
    }

    /// The batch under way, as it was; `None` when nothing is left of it.
    fn resume(&mut self, pending: Pending) -> Result<Option<Outgoing>, UplinkError> {
        let name = self.name(pending.start);
        let named = Named { name: &name, start: pending.start, end: pending.end, digest: pending.digest };
        if let Some((gathered, body)) = self.outbox.make_again(&named, &self.judges)?
            && gathered.events > 0
        {
            let packed = pack(&body)?.into();
            return Ok(Some(Outgoing::new(name, gathered, packed)));
        }
        let gathered = self.outbox.gather(pending.start, Until::At(pending.end), self.judges.now.clone())?;
        if gathered.events == 0 {
            warn!("nothing is left of a batch that was under way or is carried");
            self.outbox.keep_names(&gathered.names)?;
            self.plan.done(self.last_number(pending.start))?;
            self.let_go()?;
            return Ok(None);
        }
        let packed = pack(&gathered.body(&name))?.into();
        Ok(Some(Outgoing { changed: true, ..Outgoing::new(name, gathered, packed) }))
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

    /// Gives the next events of a stretch a number; a batch under way gets another end under the number it has.
    fn number(&mut self, stretch: Stretch, limits: Limits) -> Result<Option<Outgoing>, UplinkError> {
        let name = self.plan.state().name(&self.source);
        let (gathered, body, packed) = self.cut(stretch, &name, limits)?;
        if gathered.events == 0 {
            let end = stretch.end().unwrap_or(gathered.end);
            if end > stretch.start {
                gathered.tally.count();
                self.outbox.keep_names(&gathered.names)?;
                self.plan.pass(stretch.start, end)?;
                self.let_go()?;
            }
            return Ok(None);
        }
        self.plan.plan(Pending { start: stretch.start, end: gathered.end, digest: digest(&body) })?;
        Ok(Some(Outgoing::new(name, gathered, packed.into())))
    }

    /// The largest batch at the beginning of a stretch that every server takes under this name, its body, and that packed.
    fn cut(
        &self,
        stretch: Stretch,
        name: &str,
        mut limits: Limits,
    ) -> Result<(Gathered, Vec<u8>, Vec<u8>), UplinkError> {
        loop {
            let gathered =
                self.outbox.gather(stretch.start, Until::Full(limits, stretch.before), self.judges.now.clone())?;
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
    pub(in crate::uplink) fn name_all(&mut self) -> Result<Backlog, UplinkError> {
        let mut cuts = Vec::new();
        for stretch in self.plan.state().unsent.all() {
            self.name_stretch(*stretch, &mut cuts)?;
        }
        if !cuts.is_empty() {
            self.carried.replace(&cuts)?;
        }
        Ok(Backlog::new(self.outbox.clone(), self.source.clone(), cuts, self.judges.clone()))
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

    /// The first half of a batch that was too large, under the same number; `None` when it is a single event, or carried.
    pub(in crate::uplink) fn halve(&mut self, batch: &Outgoing) -> Result<Option<Outgoing>, UplinkError> {
        let state = self.plan.state();
        let Some(pending) = state.pending.filter(|_| batch.events > 1 && !self.is_carried()) else { return Ok(None) };
        let of = state.unsent.all().iter().find(|stretch| stretch.start == pending.start);
        let stretch = of.copied().unwrap_or(state.unsent.newest());
        self.limits = self.limits.half_of(batch.events).thinner_than(batch.packed.len());
        info!("batch {} was too much at once, its first half is sent", batch.name);
        self.number(stretch, self.limits)
    }
}
