//! Talking to the service manager, and the last words of a panic.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::runtime::Lifecycle;

/// Tells the service manager that everything answers, then that it still does, then that it stops.
pub fn ready(life: &Lifecycle) {
    tell(&[NotifyState::Ready]);
    let (stop, end) = (life.soft(), life.clone());
    let half = sd_notify::watchdog_enabled().map(|limit| limit / 2);
    life.spawn("service manager", async move {
        while !stop.is_cancelled() {
            if half.is_some() {
                tell(&[NotifyState::Watchdog]);
            }
            tokio::select! {
                () = tokio::time::sleep(half.unwrap_or(Duration::from_secs(3600))) => {}
                () = stop.cancelled() => {}
            }
        }
        // A manager that hears of a stop ends the process soon.
        if !end.starts_again() {
            tell(&[NotifyState::Stopping]);
        }
        Ok::<_, std::convert::Infallible>(())
    });
}

fn tell(state: &[NotifyState<'_>]) {
    // Without a service manager this does nothing; with one that went away there is nobody left to tell.
    if let Err(problem) = sd_notify::notify(state) {
        tracing::debug!("the service manager cannot be reached: {problem}");
    }
}

/// Panics go to the log like everything else. The text of a panic may hold data, so only its place is told.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        tracing::error!("panicked at {place}");
        tracing::debug!("{panic}");
    }));
}
