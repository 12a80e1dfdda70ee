//! The watcher in the agent: which window is in front, and whether there is input, so that a Linux computer needs nothing
//! else. Off unless it is asked for.
//!
//! Owns nothing: what it sees goes the way of the heartbeats of any ActivityWatch watcher. `rules` decides what is said,
//! `x11` is the one place that knows the desktop. Reads names of windows and how long ago the last input was; never what
//! was typed, never what is on the screen. What the policy has no use for is not even looked at.

mod rules;
mod x11;

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::info;
use tracing::warn;

use crate::ingest::activitywatch::ActivityWatch;
use crate::kernel::Clock;
use crate::runtime::blocking;
use crate::runtime::machine;
use rules::Bucket;
use rules::Watch;
use x11::Desktop;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Nobody is signed in, or the desktop has ended.
const NO_DESKTOP: Duration = Duration::from_secs(30);

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Looking {
    /// The program in front.
    pub(super) windows: bool,
    /// The title of its window.
    pub(super) titles: bool,
    /// Without input for so long, there is none.
    pub(super) away_after: Duration,
}

impl Default for Looking {
    fn default() -> Self {
        Self { windows: true, titles: true, away_after: rules::AWAY_AFTER }
    }
}

/// What is seen at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    /// The window in front, if there is one.
    window: Option<Window>,
    /// How long ago the last input was.
    idle: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Window {
    app: String,
    title: String,
}

/// Watches until the token is cancelled.
pub(super) async fn run(watch: ActivityWatch, clock: Clock, looking: impl Fn() -> Looking, stop: CancellationToken) {
    let mut told = false;
    loop {
        let ended = match blocking(Desktop::open).await {
            Ok(desktop) => {
                info!("the desktop is watched: the window in front, and whether there is input");
                told = false;
                follow(desktop, (&watch, &looking), &clock, &stop).await
            }
            Err(problem) => problem,
        };
        if !std::mem::replace(&mut told, true) && !stop.is_cancelled() {
            warn!("there is no desktop to watch, it is looked for every {} s: {ended}", NO_DESKTOP.as_secs());
        }
        tokio::select! {
            () = tokio::time::sleep(NO_DESKTOP) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Looks once a second until the desktop ends; gives why.
async fn follow(
    mut desktop: Desktop,
    (watch, looking): (&ActivityWatch, &impl Fn() -> Looking),
    clock: &Clock,
    stop: &CancellationToken,
) -> String {
    let host = machine::host_name().unwrap_or_else(|| "localhost".to_owned());
    let mut rules = Watch::default();
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return "the agent stops".to_owned(),
        }
        let now = looking();
        let (back, look) = blocking(move || {
            let look = desktop.look(now);
            (desktop, look)
        })
        .await;
        desktop = back;
        let look = match look {
            Ok(look) => look,
            Err(problem) => return problem,
        };
        for (bucket, seen) in rules.step(&look, now.away_after, clock.now()) {
            let (id, bucket_type) = match bucket {
                Bucket::Window => (format!("nazorat-window_{host}"), "currentwindow"),
                Bucket::Input => (format!("nazorat-input_{host}"), "afkstatus"),
            };
            let taken = match watch.provide(&id, bucket_type).await {
                Ok(()) => watch.beat(&id, seen).await,
                Err(problem) => Err(problem),
            };
            if let Err(problem) = taken {
                warn!("what was seen on the desktop is lost: {problem}");
            }
        }
    }
}
