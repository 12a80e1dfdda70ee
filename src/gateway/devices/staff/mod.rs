//! The people on devices: compared with who may pass them, and brought in order, again and again.
//!
//! ```text
//! sheet (who may pass) --+
//! people of the device --+--> plan --> removals, then writes, one by one --> people of the device again --> report
//! book (what is ours) ---+
//! ```
//! Owns `people-N.json`, the book of each device. Must never take off anybody whom neither the appliance names nor the book,
//! never take away a card or a face that we did not give, never take off suspiciously many before a person says so, and
//! never touch those who administer a device.
//!
//! ## Design notes
//! - What the device says is compared with what it said after we had written, not with what we wrote: terminals shorten
//!   names and drop zeros, and would be written anew for ever.
//! - Somebody who cannot be written is tried again later and later, and holds up nobody else.
//! - Faces are fetched when they are written and are nowhere on the gateway.

mod book;
mod memory;
mod plan;
mod round;
mod tell;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::FutureExt as _;
use nazorat_wire::DeviceItem;
use nazorat_wire::PeopleReport;
use tokio::sync::Notify;
use tokio::sync::watch;

use self::book::Book;
use self::memory::Memory;
use self::round::Asked;
use super::life::Life;
use crate::adapters::DeviceError;
use crate::adapters::Session;

/// A device is compared so often although nothing is known to have changed: somebody may have changed it there.
const LOOK: Duration = Duration::from_secs(1800);
/// After a round that could not be finished.
const AGAIN: Duration = Duration::from_secs(60);
/// How often it is looked whether a device is online.
const FIRST_LOOK: Duration = Duration::from_millis(250);

/// What keeping the people of one device needs.
pub(super) struct Desk {
    book: Book,
    /// One comparison at a time.
    turn: tokio::sync::Mutex<Memory>,
    /// So many may be taken off in the next round, as a person said.
    may_remove: Mutex<Option<u32>>,
    asked: Notify,
    /// Rounds that are over.
    over: watch::Sender<u64>,
    last: Mutex<PeopleReport>,
    untold: Mutex<Option<PeopleReport>>,
}

impl Desk {
    pub(super) fn new(folder: &Path, item: &DeviceItem) -> Self {
        Self {
            book: Book::of(folder, item),
            turn: tokio::sync::Mutex::default(),
            may_remove: Mutex::default(),
            asked: Notify::new(),
            over: watch::Sender::new(0),
            last: Mutex::default(),
            untold: Mutex::default(),
        }
    }
}

impl Life {
    /// As long as the session lives. Whatever goes wrong here ends nothing else.
    pub(super) async fn keeps_people(&self, session: &Arc<dyn Session>) -> Infallible {
        if !self.item.manages_people {
            return std::future::pending().await;
        }
        let mut people = self.host.0.people.subscribe();
        while !self.state().is_online() {
            tokio::time::sleep(FIRST_LOOK).await;
        }
        loop {
            drop(people.borrow_and_update());
            let may_remove = self.desk.may_remove.lock().unwrap_or_else(PoisonError::into_inner).take();
            let asked = Asked { by_person: may_remove.is_some(), may_remove: may_remove.unwrap_or(0), only: None };
            let round = AssertUnwindSafe(self.round(session, &asked)).catch_unwind().await;
            let wait = round.unwrap_or_else(|_| {
                tracing::error!(device.id = self.item.id, "the adapter {} panicked over its people", self.item.kind);
                self.could_not(&DeviceError::Nonsense("the adapter failed; this is a defect of ours".to_owned()));
                LOOK
            });
            self.desk.over.send_modify(|count| *count += 1);
            let wait = if self.tell().await { wait } else { wait.min(AGAIN) };
            tokio::select! {
                Ok(()) = people.changed() => {}
                () = self.desk.asked.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Has a round made now, and waits for its end, but not for ever.
    pub(super) async fn compares_now(&self, may_remove: u32, patience: Duration) -> Result<PeopleReport, DeviceError> {
        self.is_managed()?;
        let mut over = self.desk.over.subscribe();
        drop(over.borrow_and_update());
        *self.desk.may_remove.lock().unwrap_or_else(PoisonError::into_inner) = Some(may_remove);
        self.desk.asked.notify_one();
        loop {
            match tokio::time::timeout(patience, over.changed()).await {
                // The one that was running may not have known of this.
                Ok(Ok(())) if self.desk.may_remove.lock().unwrap_or_else(PoisonError::into_inner).is_some() => {}
                Ok(_) => return Ok(self.last_report()),
                Err(_) => return Err(DeviceError::Busy("there is much to do; it goes on".to_owned())),
            }
        }
    }

    pub(super) fn is_managed(&self) -> Result<(), DeviceError> {
        match self.item.manages_people {
            true => Ok(()),
            false => Err(DeviceError::Unsupported(
                "the people of this device are kept at the device; an administrator can change that in its settings"
                    .to_owned(),
            )),
        }
    }

    fn last_report(&self) -> PeopleReport {
        self.desk.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
