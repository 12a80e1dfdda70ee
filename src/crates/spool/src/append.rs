//! The answer to an append: a future that can also be waited for on a plain thread.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::Wake;
use std::task::Waker;
use std::thread;
use std::thread::Thread;

use tokio::sync::AcquireError;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::TryAcquireError;
use tokio::sync::oneshot;

use crate::error::AppendError;
use crate::format::MAX_PAYLOAD;
use crate::shared::Answer;
use crate::shared::NewRecord;
use crate::shared::Shared;

/// Resolves to the record's seq once it is durable.
///
/// The record is on its way as soon as `append` returns, unless too many bytes are in flight; then it is on its way when
/// this is polled and there is room. Dropping this gives up the answer, not the record.
#[must_use = "a record is durable only when this has resolved"]
pub struct Append(State);

type Room = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>;

enum State {
    Refused(Option<AppendError>),
    Waiting { shared: Arc<Shared>, record: Option<NewRecord>, room: Room },
    Queued(oneshot::Receiver<Answer>),
}

impl Append {
    pub(crate) fn start(shared: &Arc<Shared>, record: NewRecord) -> Self {
        let bytes = record.payload.len();
        if bytes > MAX_PAYLOAD {
            return Self::refused(AppendError::TooLarge { bytes });
        }
        let cost = u32::try_from(record.cost()).unwrap_or(u32::MAX);
        match Arc::clone(&shared.room).try_acquire_many_owned(cost) {
            Ok(room) => match shared.enqueue(record, room) {
                Ok(answer) => Self(State::Queued(answer)),
                Err(error) => Self::refused(error),
            },
            Err(TryAcquireError::NoPermits) => Self(State::Waiting {
                shared: Arc::clone(shared),
                record: Some(record),
                room: Box::pin(Arc::clone(&shared.room).acquire_many_owned(cost)),
            }),
            Err(TryAcquireError::Closed) => Self::refused(shared.door_error().unwrap_or(AppendError::Closed)),
        }
    }

    fn refused(error: AppendError) -> Self {
        Self(State::Refused(Some(error)))
    }

    /// Waits on this thread; for threads that may block.
    pub fn wait(mut self) -> Result<u64, AppendError> {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match Pin::new(&mut self).poll(&mut context) {
                Poll::Ready(answer) => return answer,
                Poll::Pending => thread::park(),
            }
        }
    }
}

impl Future for Append {
    type Output = Result<u64, AppendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match &mut self.0 {
                State::Refused(error) => return Poll::Ready(Err(error.take().unwrap_or(AppendError::Closed))),
                State::Queued(answer) => {
                    let answer = std::task::ready!(Pin::new(answer).poll(context));
                    // The writer answers everything it takes; a lost answer means that it died.
                    return Poll::Ready(answer.unwrap_or_else(|_| Err(died())));
                }
                State::Waiting { shared, record, room } => {
                    let room = std::task::ready!(room.as_mut().poll(context));
                    let next = match (room, record.take()) {
                        (Ok(room), Some(record)) => shared.enqueue(record, room),
                        _ => Err(shared.door_error().unwrap_or(AppendError::Closed)),
                    };
                    self.0 = match next {
                        Ok(answer) => State::Queued(answer),
                        Err(error) => State::Refused(Some(error)),
                    };
                }
            }
        }
    }
}

fn died() -> AppendError {
    AppendError::Failed { reason: "the writer ended without an answer".into() }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
