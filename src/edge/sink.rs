//! The outbox as the place where batches go.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use nazorat_wire::IngestAnswer;

use crate::ingest::Sink;
use crate::intake::AcceptError;
use crate::intake::NewBatch;
use crate::intake::Rules;
use crate::intake::ShotHead;
use crate::uplink::Outbox;

impl Sink for Outbox {
    fn accept<'a>(&'a self, batch: NewBatch<'a>) -> BoxFuture<'a, Result<IngestAnswer, AcceptError>> {
        Box::pin(Outbox::accept(self, batch))
    }

    fn withholds<'a>(&'a self, shot: ShotHead<'a>) -> BoxFuture<'a, Result<bool, AcceptError>> {
        Box::pin(Outbox::withholds(self, shot))
    }

    fn rules(&self) -> Option<&Arc<dyn Rules>> {
        Outbox::rules(self)
    }
}
