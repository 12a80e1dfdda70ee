//! Where what came in goes to.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use nazorat_wire::IngestAnswer;

use crate::intake::AcceptError;
use crate::intake::Intake;
use crate::intake::NewBatch;
use crate::intake::Rules;
use crate::intake::ShotHead;

/// Takes decoded batches: the intake of the appliance, or the spool of a gateway or an agent.
///
/// `Ok` means that the batch is on disk and will be stored exactly once; a batch that came before under the same name
/// and with the same digest is answered as it was then, with `duplicate` set.
pub trait Sink: Send + Sync {
    /// Takes a batch in. The raw text of every event that could be read is one that `POST /v2/ingest/logs` takes.
    fn accept<'a>(&'a self, batch: NewBatch<'a>) -> BoxFuture<'a, Result<IngestAnswer, AcceptError>>;

    /// Whether a screenshot may not be kept. It is asked before the picture touches a disk.
    fn withholds<'a>(&'a self, _shot: ShotHead<'a>) -> BoxFuture<'a, Result<bool, AcceptError>> {
        Box::pin(std::future::ready(Ok(false)))
    }

    /// Who knows what may be kept, for those who keep something before they bring it.
    fn rules(&self) -> Option<&Arc<dyn Rules>> {
        None
    }
}

impl Sink for Intake {
    fn accept<'a>(&'a self, batch: NewBatch<'a>) -> BoxFuture<'a, Result<IngestAnswer, AcceptError>> {
        Box::pin(Intake::accept(self, batch))
    }

    fn withholds<'a>(&'a self, shot: ShotHead<'a>) -> BoxFuture<'a, Result<bool, AcceptError>> {
        Box::pin(Intake::withholds(self, shot))
    }

    fn rules(&self) -> Option<&Arc<dyn Rules>> {
        Intake::rules(self)
    }
}
