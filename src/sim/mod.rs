//! Simulators: an office that does not exist, over the real wire. The sender knows no more of the server than any agent does.
//!
//! `Office` is built from a seed and is the same every time; so are its people's days. What is sent carries a key made of
//! seed, day, person and computer, so that sending whole days again is answered as a duplicate. Only a day that is not over
//! has keys of the moment: starting twice on one day with a history sends that day's morning twice.
//!
//! How old an event may be is the server's decision (60 days unless it is told otherwise); what is older lands in its
//! `rejected_events` and is counted in `Sent::rejected`.

mod batch;
mod calendar;
mod catalogue;
mod chance;
mod day;
mod follow;
pub mod hikvision;
mod history;
mod live;
mod office;
mod presence;
mod screen;
mod send;
mod windows;
pub mod zkteco;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::ToSpan as _;
use tokio_util::sync::CancellationToken;

use crate::kernel::Clock;
use crate::kernel::SecretText;
use crate::kernel::Zone;
use crate::sim::follow::Followed;
use crate::sim::history::Past;
use crate::sim::live::Pace;
use crate::sim::live::Present;
use crate::sim::office::Desks;
use crate::sim::send::Sender;

pub use office::Account;
pub use office::Computer;
pub use office::Directory;
pub use office::Employee;
pub use office::Office;
pub use send::Progress;
pub use send::Sent;

/// What the simulated agents of one organization do.
#[derive(Debug, Clone)]
pub struct Agents {
    /// `https://appliance:8443` or `http://127.0.0.1:8080`
    pub server: String,
    pub entry: Entry,
    pub trust: Trust,
    pub people: usize,
    pub seed: u64,
    pub zone: Zone,
    /// Whole days before today; with them comes what of today is over.
    pub history_days: u16,
    /// How many people have screenshots.
    pub watched: usize,
    pub after: After,
}

/// How the agents come by their keys.
#[derive(Debug, Clone)]
pub enum Entry {
    /// All have this one.
    Key(SecretText),
    /// Each computer joins a gateway with this code.
    JoinCode(SecretText),
}

/// Whose certificate is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    SystemRoots,
    /// PEM file of a certificate authority.
    Authority(PathBuf),
    /// For a server on the same machine whose certificate nobody knows.
    Anyone,
}

/// What comes when the history is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Stop,
    /// The present, second by second.
    Live,
    /// Today from early morning, so many times as fast, then the present.
    Replay(u32),
}

#[derive(Debug, thiserror::Error)]
pub enum SimError {
    #[error("the certificate authority {} cannot be read", path.display())]
    Authority { path: PathBuf, source: std::io::Error },
    #[error("the HTTP client cannot be set up, look at the server's address and certificate")]
    Client(#[source] reqwest::Error),
    #[error("the server refused with status {status}: {detail}")]
    Refused { status: u16, detail: String },
    #[error("the server's answer is not what the contract says")]
    Answer(#[source] reqwest::Error),
    #[error("a batch cannot be written")]
    Encode(#[source] std::io::Error),
    #[error("a screenshot cannot be drawn")]
    Draw(#[source] image::ImageError),
}

/// Sends the history, then what `after` says, until it is done or `stop` is cancelled. What a batch has not reached the
/// server by then is generated again by the next run.
pub async fn run(agents: Agents, clock: Clock, progress: &Progress, stop: CancellationToken) -> Result<(), SimError> {
    stop.run_until_cancelled(send(agents, clock, progress)).await.unwrap_or(Ok(()))
}

async fn send(agents: Agents, clock: Clock, progress: &Progress) -> Result<(), SimError> {
    let office = Arc::new(Office::build(agents.seed, agents.people));
    let mut sender = Sender::new(&agents.server, &agents.trust, progress)?;
    sender.enter(&office, agents.entry).await?;
    let watched = watched(&office, agents.watched);
    let began = clock.now();
    let today = agents.zone.day_of(began);
    let dawn = live::dawn(today, &agents.zone).min(began);
    let (from, speed) = match agents.after {
        After::Replay(speed) => (dawn, speed),
        After::Live | After::Stop => (began, 1),
    };
    if agents.history_days > 0 {
        let first = today.saturating_sub(i32::from(agents.history_days).days());
        let past = Past { first, last: today, until: from, zone: agents.zone.clone() };
        history::send(&office, &past, &sender).await?;
        history::send_screenshots(&office, &past, &watched, &sender).await?;
        tell(progress);
    }
    if agents.after == After::Stop {
        return Ok(());
    }
    // A replay begins when the history is sent; the present began when the history was cut off.
    let began = if speed > 1 { clock.now() } else { began };
    let present = Present { pace: Pace { began, from, speed }, clock, zone: agents.zone, watched };
    let followed = Followed::new(&office);
    tokio::select! {
        outcome = live::send(&office, (&present, &followed), &sender) => outcome,
        never = sender.keep_heard() => match never {},
        never = followed.keep(&sender) => match never {},
    }
}

/// People with screenshots, spread over the departments.
fn watched(office: &Office, count: usize) -> Vec<usize> {
    let with_desk: Vec<usize> = office
        .people
        .iter()
        .filter(|person| !matches!(person.desks, Desks::None | Desks::Shared(..)))
        .map(|person| person.index)
        .collect();
    let count = count.min(with_desk.len());
    (0..count).map(|place| with_desk[place * with_desk.len() / count]).collect()
}

fn tell(progress: &Progress) {
    let Sent { events, batches, duplicates, rejected, screenshots, .. } = progress.sent();
    tracing::info!(
        sim.events = events,
        sim.batches = batches,
        sim.rejected = rejected,
        "history is sent: {events} events, {screenshots} screenshots"
    );
    if duplicates > 0 || rejected > 0 {
        tracing::info!("{duplicates} batches were known already, {rejected} events were put aside by the server");
    }
}

#[cfg(test)]
mod tests;
