//! The stream that tells an open page of gateways when to look again.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::response::sse::Event;
use axum::response::sse::KeepAlive;
use axum::response::sse::Sse;
use futures_util::Stream;
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::fleet::FleetError;
use crate::kernel::Permission;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::Stopping;
use crate::web::Visitor;

/// Messages are at least this far apart.
const PACE: Duration = Duration::from_secs(1);
/// How long one stream lasts. The browser comes again by itself, and is asked again who it is.
const LASTS: Duration = Duration::from_secs(300);

struct Watch {
    changes: watch::Receiver<u64>,
    until: Instant,
    stop: CancellationToken,
}

pub(super) async fn stream(
    State(app): State<App>,
    stopping: Option<Extension<Stopping>>,
    visitor: Visitor,
) -> Result<Response, PageFailure> {
    let allowed = visitor.actor().require(Permission::ReadGateways);
    allowed.map_err(|denied| visitor.failure(FleetError::from(denied)))?;
    let mut changes = app.fleet.watch();
    // What happened between two streams, or between the page and its stream, is told at once.
    changes.mark_changed();
    let watch = Watch {
        changes,
        until: Instant::now() + LASTS,
        stop: stopping.map(|Extension(Stopping(stop))| stop).unwrap_or_default(),
    };
    Ok(Sse::new(messages(watch)).keep_alive(KeepAlive::default()).into_response())
}

fn messages(watch: Watch) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(watch, |mut watch| async move {
        watch.next().await?;
        Some((Ok(Event::default().event("changed").data("1")), watch))
    })
}

impl Watch {
    /// Waits for news of any gateway; `None` when the stream has lasted long enough or the appliance stops.
    async fn next(&mut self) -> Option<()> {
        let not_before = Instant::now() + PACE;
        tokio::select! {
            () = self.stop.cancelled() => return None,
            () = tokio::time::sleep_until(self.until) => return None,
            news = self.changes.changed() => news.ok()?,
        }
        tokio::select! {
            () = self.stop.cancelled() => return None,
            () = tokio::time::sleep_until(not_before) => {}
        }
        Some(())
    }
}
