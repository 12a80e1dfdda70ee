//! What a batch is made of: events of the spool, one behind the other, up to where it ends.

use std::sync::Arc;

use nazorat_spool::Record;

use crate::intake::Holding;
use crate::intake::Tally;
use crate::uplink::UplinkError;
use crate::uplink::records;
use crate::uplink::rules::Limits;
use crate::uplink::rules::Point;

/// Where a batch ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    /// As far as it may, and not into this record.
    Full(Limits, u64),
    /// Where it was planned to.
    At(Point),
}

/// A batch for the next hop that has no name yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gathered {
    pub(super) end: Point,
    pub(super) events: usize,
    /// How many of them tell what was given up.
    pub(super) gaps: u64,
    /// Names of the batches that lie wholly before its end.
    pub(super) names: Vec<String>,
    /// When the first and the last of its events had come, in microseconds.
    pub(super) came: Option<(i64, i64)>,
    /// What a policy that came since has left out.
    pub(super) tally: Tally,
    /// The events, with commas between.
    text: Vec<u8>,
}

impl Gathered {
    /// The body as it is sent under a name. The same name and events are always the same bytes.
    pub(super) fn body(&self, name: &str) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.text.len() + name.len() + 32);
        body.extend_from_slice(b"{\"batch_id\":\"");
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(b"\",\"events\":[");
        body.extend_from_slice(&self.text);
        body.extend_from_slice(b"]}");
        body
    }

    fn push(&mut self, event: &str, came_us: i64) {
        let (first, last) = self.came.unwrap_or((came_us, came_us));
        self.came = Some((first.min(came_us), last.max(came_us)));
        if self.events > 0 {
            self.text.push(b',');
        }
        self.text.extend_from_slice(event.as_bytes());
        self.events += 1;
    }
}

/// A batch that is being made.
pub(super) struct Gathering {
    start: Point,
    until: Until,
    /// What holds for it, if anything does.
    holding: Option<Arc<dyn Holding>>,
    gathered: Gathered,
}

impl Gathering {
    pub(super) fn new(start: Point, until: Until, holding: Option<Arc<dyn Holding>>) -> Self {
        let gathered = Gathered {
            end: start,
            events: 0,
            gaps: 0,
            names: Vec::new(),
            came: None,
            tally: Tally::default(),
            text: Vec::new(),
        };
        Self { start, until, holding, gathered }
    }

    /// What was gathered.
    pub(super) fn finish(self) -> Gathered {
        self.gathered
    }

    /// Takes what fits of a record; true when the batch ends in it or before it.
    pub(super) fn take(&mut self, record: &Record) -> Result<bool, UplinkError> {
        if let Until::Full(_, before) = self.until
            && record.seq >= before
        {
            self.gathered.end = Point { seq: before, event: 0 };
            return Ok(true);
        }
        let held = records::held(record).ok_or(UplinkError::Unknown(record.seq))?;
        let judged = held.judged(self.holding.as_deref(), &mut self.gathered.tally);
        let (name, events) = judged.map_err(UplinkError::Unjudged)?;
        let skip = if record.seq == self.start.seq { self.start.event } else { 0 };
        for (index, event) in (0_u32..).zip(&events).skip(skip as usize) {
            let here = Point { seq: record.seq, event: index };
            if self.ends_before(here, event.as_deref().unwrap_or_default()) {
                self.gathered.end = here;
                return Ok(true);
            }
            if let Some(event) = event {
                self.gathered.push(event, record.appended_at_us);
            }
        }
        if let Until::At(end) = self.until
            && end.seq <= record.seq
        {
            self.gathered.end = end;
            return Ok(true);
        }
        self.gathered.end = Point::behind(record.seq);
        match name {
            Some(name) => self.gathered.names.push(name),
            None => self.gathered.gaps += 1,
        }
        Ok(false)
    }

    fn ends_before(&self, here: Point, event: &str) -> bool {
        match self.until {
            Until::At(end) => here >= end,
            Until::Full(limits, _) => !limits.fits(self.gathered.events, self.gathered.text.len(), event.len()),
        }
    }

    /// There is nothing between the last record and `next`; true when the batch ends there.
    pub(super) fn ends_at(&mut self, next: u64) -> bool {
        let behind = Point { seq: next, event: 0 };
        match self.until {
            Until::At(end) if behind >= end => {
                self.gathered.end = end;
                true
            }
            Until::Full(_, before) if next >= before => {
                self.gathered.end = Point { seq: before, event: 0 };
                true
            }
            _ => {
                self.gathered.end = self.gathered.end.max(behind);
                false
            }
        }
    }
}
