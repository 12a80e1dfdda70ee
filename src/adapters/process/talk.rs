//! What is between a program and us while it runs: what it is to hear, who waits for its answers, what it complained.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use serde_json::Value;
use serde_json::json;
use tokio::process::ChildStderr;
use tokio::sync::Notify;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::lines::Ended;
use super::lines::Lines;
use super::protocol::Answer;
use crate::adapters::budget::Budget;

/// The longest line of what a program complains.
const MOST_COMPLAINT: usize = 4 << 10;
/// Lines that are written into our log at once, and in each second for long.
const LOGGED: (u32, f64) = (50, 1.0);
/// Refused events of which a program hears at once.
const MOST_REFUSED: usize = 16;

/// What is known of a program while it runs.
pub(super) struct Talk {
    device: u32,
    program: String,
    /// When it said something last.
    pub(super) heard: Mutex<Instant>,
    pub(super) pending: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    outgoing: Mutex<Outgoing>,
    /// There is something to say.
    pub(super) news: Notify,
    /// What it complained last.
    pub(super) complaint: Mutex<String>,
    logged: Mutex<Budget>,
}

/// What the program is to hear as soon as it reads. It never grows.
#[derive(Default)]
struct Outgoing {
    durable: u64,
    cursor: Option<Value>,
    must_ack: bool,
    refused: Vec<Value>,
}

impl Talk {
    pub(super) fn begin(device: u32, program: &str) -> Self {
        Self {
            device,
            program: program.to_owned(),
            heard: Mutex::new(Instant::now()),
            pending: Mutex::default(),
            outgoing: Mutex::default(),
            news: Notify::new(),
            complaint: Mutex::default(),
            logged: Mutex::new(Budget::new(LOGGED.0, LOGGED.1)),
        }
    }

    /// So many more events are durable, up to this place.
    pub(super) fn acknowledge(&self, count: u64, place: Option<Value>) {
        self.say(|outgoing| {
            outgoing.durable += count;
            outgoing.cursor = place.or(outgoing.cursor.take());
            outgoing.must_ack = true;
        });
    }

    /// An event cannot be read.
    pub(super) fn refuse(&self, message: Value) {
        self.say(|outgoing| {
            if outgoing.refused.len() < MOST_REFUSED {
                outgoing.refused.push(message);
            }
        });
    }

    fn say(&self, change: impl FnOnce(&mut Outgoing)) {
        change(&mut lock(&self.outgoing));
        self.news.notify_one();
    }

    /// What is to be said now.
    pub(super) fn take(&self) -> Vec<Value> {
        let mut outgoing = lock(&self.outgoing);
        let mut messages = std::mem::take(&mut outgoing.refused);
        if std::mem::take(&mut outgoing.must_ack) {
            messages.push(json!({ "type": "ack", "events": outgoing.durable, "cursor": outgoing.cursor }));
        }
        messages
    }

    /// Writes what a program complains into our log, a little of it.
    pub(super) async fn hear_complaints(&self, stderr: ChildStderr) -> Infallible {
        let mut lines = Lines::new(stderr, MOST_COMPLAINT);
        loop {
            match lines.next().await {
                Ok(line) => {
                    let text = plain(&String::from_utf8_lossy(&line), 200);
                    if !text.is_empty() {
                        self.log("", &text);
                        *lock(&self.complaint) = text;
                    }
                }
                Err(Ended::TooLong) => lines.give_up_line(),
                // It may go on without.
                Err(Ended::Closed) => return std::future::pending().await,
            }
        }
    }

    /// Whether something may be written into our log: it was not too much lately.
    pub(super) fn may_write(&self) -> bool {
        lock(&self.logged).spend()
    }

    /// Writes into our log, unless it was too much lately.
    pub(super) fn log(&self, level: &str, text: &str) {
        if !self.may_write() {
            return;
        }
        let (text, id, program) = (plain(text, 500), self.device, self.program.as_str());
        match level {
            "error" => tracing::error!(device.id = id, "{program}: {text}"),
            "warn" | "warning" => tracing::warn!(device.id = id, "{program}: {text}"),
            "debug" => tracing::debug!(device.id = id, "{program}: {text}"),
            _ => tracing::info!(device.id = id, "{program}: {text}"),
        }
    }
}

pub(super) fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The beginning of a text on one line.
pub(super) fn plain(text: &str, most: usize) -> String {
    text.trim().chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(most).collect()
}
