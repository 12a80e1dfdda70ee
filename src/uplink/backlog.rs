//! Everything that waits, piece by piece, for a person who carries it to the appliance.

use std::vec::IntoIter;

use bytes::Bytes;
use nazorat_wire::carry::Label;
use nazorat_wire::carry::Piece;
use tracing::warn;

use crate::runtime::blocking;
use crate::uplink::UplinkError;
use crate::uplink::carrier;
use crate::uplink::carrier::Inspect;
use crate::uplink::cuts::Cut;
use crate::uplink::line;
use crate::uplink::outbox::Judges;
use crate::uplink::outbox::Named;
use crate::uplink::outbox::Outbox;
use crate::uplink::parcels::Parcels;
use crate::uplink::plan;

/// What waited when it was asked for. It is read piece by piece; the line goes on meanwhile.
pub struct Backlog {
    pub(super) outbox: Outbox,
    pub(super) source: String,
    pub(super) cuts: IntoIter<Cut>,
    parcels: Option<(Parcels, IntoIter<u64>, Option<Inspect>)>,
    judges: Judges,
}

/// The next piece.
#[derive(Debug)]
pub enum Waiting {
    /// As the line would send it.
    Piece {
        /// The piece.
        piece: Piece,
        /// When the first and the last of its events had come, in microseconds.
        came: Option<(i64, i64)>,
    },
    /// A part of it was given up or is damaged, so it can never be what its name promises.
    Missing,
}

impl Backlog {
    pub(super) fn new(outbox: Outbox, source: String, cuts: Vec<Cut>, judges: Judges) -> Self {
        Self { outbox, source, cuts: cuts.into_iter(), parcels: None, judges }
    }

    /// With the screenshots that wait as well, as far as they may be passed on.
    #[must_use]
    pub fn with(self, parcels: Parcels, inspect: Option<Inspect>) -> Self {
        let numbers = parcels.numbers().into_iter();
        Self { parcels: Some((parcels, numbers, inspect)), ..self }
    }

    /// How many pieces are left.
    pub fn len(&self) -> usize {
        self.cuts.len() + self.parcels.as_ref().map_or(0, |(_, numbers, _)| numbers.len())
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next piece, if there is one: first the events, then the screenshots.
    pub async fn next(&mut self) -> Result<Option<Waiting>, UplinkError> {
        if let Some(cut) = self.cuts.next() {
            let (outbox, source, judges) = (self.outbox.clone(), self.source.clone(), self.judges.clone());
            return blocking(move || batch(&outbox, &source, &cut, &judges)).await.map(Some);
        }
        while let Some((parcels, numbers, inspect)) = &mut self.parcels {
            let Some(number) = numbers.next() else { return Ok(None) };
            let parcels = parcels.clone();
            let read = blocking(move || (parcels.get(number), parcels.folder())).await;
            match read {
                (Ok(Some((head, body))), _) => match carrier::is_withheld(inspect.as_ref(), &head, &body).await {
                    Ok(false) => return Ok(Some(screenshot(carrier::forward(head, body)))),
                    // The line removes it.
                    Ok(true) => {}
                    Err(problem) => return Err(UplinkError::Unjudged(problem)),
                },
                // The line was faster.
                (Ok(None), _) => {}
                (Err(source), path) => return Err(UplinkError::Parcels { path, source }),
            }
        }
        Ok(None)
    }
}

fn batch(outbox: &Outbox, source: &str, cut: &Cut, judges: &Judges) -> Result<Waiting, UplinkError> {
    let name = plan::name(source, &cut.epoch, cut.number);
    let named = Named { name: &name, start: cut.start, end: cut.end, digest: cut.digest };
    let Some((gathered, body)) = outbox.make_copy(&named, judges)? else {
        warn!("batch {name} cannot be carried: not all of it is there any more, or it was judged otherwise");
        return Ok(Waiting::Missing);
    };
    let label = Label::Batch { name, events: gathered.events as u64 };
    Ok(Waiting::Piece { piece: Piece { label, body: line::pack(&body)? }, came: gathered.came })
}

fn screenshot(forward: crate::uplink::hop::Forward) -> Waiting {
    let label = Label::Screenshot { path: forward.path, content_type: forward.content_type, name: forward.key };
    Waiting::Piece { piece: Piece { label, body: Bytes::into(forward.body) }, came: None }
}
