//! Everything that waits, piece by piece, for a person who carries it to the appliance.

use std::vec::IntoIter;

use bytes::Bytes;
use nazorat_wire::carry::Label;
use nazorat_wire::carry::Piece;
use tracing::warn;

use crate::runtime::blocking;
use crate::uplink::UplinkError;
use crate::uplink::carrier;
use crate::uplink::cuts::Cut;
use crate::uplink::line;
use crate::uplink::outbox::Outbox;
use crate::uplink::outbox::digest;
use crate::uplink::parcels::Parcels;
use crate::uplink::plan;

/// What waited when it was asked for. It is read piece by piece; the line goes on meanwhile.
pub struct Backlog {
    pub(super) outbox: Outbox,
    pub(super) source: String,
    pub(super) cuts: IntoIter<Cut>,
    parcels: Option<(Parcels, IntoIter<u64>)>,
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
    pub(super) fn new(outbox: Outbox, source: String, cuts: Vec<Cut>) -> Self {
        Self { outbox, source, cuts: cuts.into_iter(), parcels: None }
    }

    /// With the screenshots that wait as well.
    #[must_use]
    pub fn with(self, parcels: Parcels) -> Self {
        let numbers = parcels.numbers().into_iter();
        Self { parcels: Some((parcels, numbers)), ..self }
    }

    /// How many pieces are left.
    pub fn len(&self) -> usize {
        self.cuts.len() + self.parcels.as_ref().map_or(0, |(_, numbers)| numbers.len())
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next piece, if there is one: first the events, then the screenshots.
    pub async fn next(&mut self) -> Result<Option<Waiting>, UplinkError> {
        if let Some(cut) = self.cuts.next() {
            let (outbox, source) = (self.outbox.clone(), self.source.clone());
            return blocking(move || batch(&outbox, &source, &cut)).await.map(Some);
        }
        while let Some((parcels, numbers)) = &mut self.parcels {
            let Some(number) = numbers.next() else { return Ok(None) };
            let parcels = parcels.clone();
            let read = blocking(move || (parcels.get(number), parcels.folder())).await;
            match read {
                (Ok(Some((head, body))), _) => return Ok(Some(screenshot(carrier::forward(head, body)))),
                // The line was faster.
                (Ok(None), _) => {}
                (Err(source), path) => return Err(UplinkError::Parcels { path, source }),
            }
        }
        Ok(None)
    }
}

fn batch(outbox: &Outbox, source: &str, cut: &Cut) -> Result<Waiting, UplinkError> {
    let name = plan::name(source, &cut.epoch, cut.number);
    let gathered = outbox.gather_again(cut.start, cut.end)?;
    let body = gathered.body(&name);
    if digest(&body) != cut.digest {
        warn!("batch {name} cannot be carried: not all of it is there any more");
        return Ok(Waiting::Missing);
    }
    let label = Label::Batch { name, events: gathered.events as u64 };
    Ok(Waiting::Piece { piece: Piece { label, body: line::pack(&body)? }, came: gathered.came })
}

fn screenshot(forward: crate::uplink::hop::Forward) -> Waiting {
    let label = Label::Screenshot { path: forward.path, content_type: forward.content_type, name: forward.key };
    Waiting::Piece { piece: Piece { label, body: Bytes::into(forward.body) }, came: None }
}
