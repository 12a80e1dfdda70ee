//! The outbox as the place where batches go.

use futures_util::future::BoxFuture;
use nazorat_wire::IngestAnswer;

use crate::ingest::Sink;
use crate::intake::AcceptError;
use crate::intake::NewBatch;
use crate::uplink::Outbox;

impl Sink for Outbox {
    fn accept<'a>(&'a self, batch: NewBatch<'a>) -> BoxFuture<'a, Result<IngestAnswer, AcceptError>> {
        Box::pin(Outbox::accept(self, batch))
    }
}
