//! Background work as reconcilers: idempotent, on a timer and on a nudge, never twice at once.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Wakes a periodic task before its time.
#[derive(Clone, Debug, Default)]
pub struct Nudge(Arc<Notify>);

impl Nudge {
    /// Waits until somebody asks.
    pub async fn asked(&self) {
        self.0.notified().await;
    }

    /// Asks the task to run soon; many nudges before it runs count as one.
    pub fn now(&self) {
        self.0.notify_one();
    }
}

/// Runs `work` at once, then every `period` and on each nudge, until the token is cancelled.
pub async fn every<F: Future<Output = ()>>(
    period: Duration,
    nudge: Nudge,
    stop: CancellationToken,
    mut work: impl FnMut() -> F,
) {
    while !stop.is_cancelled() {
        work().await;
        tokio::select! {
            () = tokio::time::sleep(period) => {}
            () = nudge.0.notified() => {}
            () = stop.cancelled() => {}
        }
    }
}
