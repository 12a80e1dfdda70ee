//! What a person may ask of an uplink that runs.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use tokio::sync::Notify;
use tokio::sync::watch;

use crate::kernel::Timestamp;
use crate::runtime::blocking;
use crate::uplink::UplinkError;
use crate::uplink::backlog::Backlog;
use crate::uplink::copies::Resend;
use crate::uplink::line::Line;
use crate::uplink::outbox::Outbox;
use crate::uplink::status::Status;

/// Takes orders. Cheap to clone.
#[derive(Clone)]
pub struct Orders {
    pub(super) outbox: Outbox,
    pub(super) line: Arc<Mutex<Line>>,
    pub(super) came: Arc<Notify>,
    pub(super) status: watch::Sender<Status>,
}

impl Orders {
    /// Everything that left since a moment goes once more, behind what is new and under the same names, as far as there
    /// are copies. Durable on return; asking twice is asking once.
    pub async fn resend(&self, since: Timestamp) -> Result<Resend, UplinkError> {
        let asked = self.with_line(move |line| line.ask_again(since)).await?;
        self.status.send_modify(|status| status.resend = Some(asked.clone()));
        self.came.notify_one();
        Ok(asked)
    }

    /// Everything that waits, under the names that it has from now on, for a person who carries it to the appliance. What
    /// of it the line sends as well is the same once more.
    pub async fn backlog(&self) -> Result<Backlog, UplinkError> {
        let judges = self.outbox.judges().await.map_err(UplinkError::Unjudged)?;
        let name_all = |line: &mut Line| {
            line.judge_by(judges);
            line.name_all()
        };
        self.with_line(name_all).await
    }

    pub(super) async fn with_line<T: Send + 'static>(&self, work: impl FnOnce(&mut Line) -> T + Send + 'static) -> T {
        let line = Arc::clone(&self.line);
        blocking(move || work(&mut line.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}
