//! What is done with a batch afterwards, and what is sent once more.

use std::time::Duration;

use serde_json::value::RawValue;
use tracing::error;
use tracing::warn;

use crate::kernel::Timestamp;
use crate::kernel::random_bytes;
use crate::uplink::UplinkError;
use crate::uplink::copies::Again;
use crate::uplink::copies::Resend;
use crate::uplink::cuts::Cut;
use crate::uplink::letters::Letter;
use crate::uplink::line::Line;
use crate::uplink::line::Outgoing;
use crate::uplink::line::Reason;
use crate::uplink::line::pack;
use crate::uplink::outbox::Named;
use crate::uplink::plan;
use crate::uplink::plan::Pending;
use crate::uplink::plan::State;
use crate::uplink::rules::Limits;

impl Line {
    /// The next hop has it, in one of its lives.
    pub(in crate::uplink) fn taken(&mut self, batch: &Outgoing, life: u64) -> Result<(), UplinkError> {
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
        batch.tally.count();
        self.outbox.keep_names(&batch.names)?;
        if let Some(pending) = self.plan.state().pending {
            self.plan.done(self.last_number(pending.start))?;
        }
        self.let_go()
    }

    /// A batch of so many bytes took so long on its way.
    pub(in crate::uplink) fn pace(&mut self, bytes: usize, took: Duration) {
        let paced = self.limits.paced(bytes, took);
        self.limits = Limits { events: paced.events.min(self.pace.events), ..paced };
    }

    /// Puts a batch away for ever, so that the next one can go. False when there is no room for it just now.
    pub(in crate::uplink) fn set_aside(&mut self, batch: &Outgoing, reason: Reason<'_>) -> Result<bool, UplinkError> {
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
    pub(in crate::uplink) fn ask_again(&mut self, since: Timestamp) -> Result<Resend, UplinkError> {
        self.copies.ask(since)
    }

    /// The next copy that is to be sent again, as it was.
    pub(in crate::uplink) fn next_copy(&mut self) -> Result<Option<Outgoing>, UplinkError> {
        while let Some(cut) = self.copies.next()? {
            if cut.start.seq >= self.outbox.oldest()? {
                let name = plan::name(&self.source, &cut.epoch, cut.number);
                let named = Named { name: &name, start: cut.start, end: cut.end, digest: cut.digest };
                if let Some((gathered, body)) = self.outbox.make_copy(&named, &self.judges)? {
                    let packed = pack(&body)?.into();
                    return Ok(Some(Outgoing::new(name, gathered, packed)));
                }
                warn!("batch {name} cannot be sent again: not all of it is there any more, or it was judged otherwise");
            }
            self.copies.step(Again::Gone, 0, 0)?;
        }
        Ok(None)
    }

    /// What became of the copy, in one of the next hop's lives.
    pub(in crate::uplink) fn copied(&mut self, outcome: Again, life: u64) -> Result<Option<Resend>, UplinkError> {
        self.copies.step(outcome, life, self.outbox.now().as_microsecond())?;
        Ok(self.copies.resend())
    }

    /// The next hop knows another batch of this name, so it was not this one that it took: the numbers begin anew, once.
    pub(in crate::uplink) fn renew(&mut self) -> Result<bool, UplinkError> {
        let state = self.plan.state();
        if state.number == 0 || self.is_carried() {
            return Ok(false);
        }
        error!("the next hop knows other batches under our numbers (a copied disk?); they are numbered anew");
        self.plan.renew(random_bytes())?;
        Ok(true)
    }
}
