//! How the line is, for whoever looks at it.

use std::time::Duration;

use crate::kernel::Timestamp;
use crate::uplink::copies::Resend;
use crate::uplink::letters::LetterCount;

/// The state of the line to the next hop.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Link {
    /// Nothing was sent since the start.
    Unknown,
    /// The last batch was taken.
    Up,
    /// The next hop does not take anything just now.
    Down {
        /// Why, and what to do about it.
        reason: String,
    },
    /// The next hop refuses the key.
    Locked {
        /// Why, and what to do about it.
        reason: String,
    },
}

/// What the uplink did since the process began, and what it is at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// The line.
    pub link: Link,
    /// Where it leads.
    pub server: String,
    /// When the line last changed its state.
    pub since: Option<Timestamp>,
    /// When a batch was last taken.
    pub last_upload: Option<Timestamp>,
    /// When the next try is due, while the line is down.
    pub next_try: Option<Timestamp>,
    /// Batches that were taken.
    pub batches: u64,
    /// Events in them.
    pub events: u64,
    /// Batches that the next hop had already.
    pub duplicates: u64,
    /// Events that the next hop set aside.
    pub rejected: u64,
    /// Notes of given up batches that were handed on.
    pub gaps: u64,
    /// Tries that had to be made again.
    pub retries: u64,
    /// There is a backlog, which takes what room fresh events leave on the line.
    pub catching_up: bool,
    /// Batches that will never be taken.
    pub dead_letters: LetterCount,
    /// What is sent again to a hop that has lost what it had, or was so since the start.
    pub resend: Option<Resend>,
}

impl Status {
    pub(super) fn new(server: &str, dead_letters: LetterCount) -> Self {
        Self {
            link: Link::Unknown,
            server: server.to_owned(),
            since: None,
            last_upload: None,
            next_try: None,
            batches: 0,
            events: 0,
            duplicates: 0,
            rejected: 0,
            gaps: 0,
            retries: 0,
            catching_up: false,
            dead_letters,
            resend: None,
        }
    }

    /// True when the state of the line is another one than before.
    pub(super) fn turn(&mut self, link: Link, now: Timestamp) -> bool {
        let other = std::mem::discriminant(&self.link) != std::mem::discriminant(&link);
        if other {
            self.since = Some(now);
        }
        self.link = link;
        other
    }

    pub(super) fn try_after(&mut self, pause: Duration, now: Timestamp) {
        self.retries += 1;
        self.next_try = now.checked_add(pause).ok();
    }
}
