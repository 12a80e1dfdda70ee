//! The stream that tells an open page when to refresh itself.

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
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::monitoring::MonitoringError;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::Visitor;

/// Messages are at least this far apart.
const PACE: Duration = Duration::from_secs(1);
/// Also when nothing arrives, time goes on.
const QUIET: Duration = Duration::from_secs(30);
/// How long one stream lasts. The browser comes again by itself, and is asked again who it is.
const LASTS: Duration = Duration::from_secs(300);

struct Watch {
    changes: broadcast::Receiver<OrganizationId>,
    organization: OrganizationId,
    until: Instant,
    stop: CancellationToken,
}

/// Tells endless answers that the appliance stops; a layer around the routes.
#[derive(Debug, Clone, Default)]
pub struct Stopping(pub CancellationToken);

pub(super) async fn stream(
    State(app): State<App>,
    stopping: Option<Extension<Stopping>>,
    visitor: Visitor,
) -> Result<Response, PageFailure> {
    let allowed = visitor.actor().require(Permission::ReadMonitoring);
    allowed.map_err(|denied| visitor.failure(MonitoringError::from(denied)))?;
    let watch = Watch {
        changes: app.intake.changes(),
        organization: visitor.organization_id(),
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
    /// Waits for news of the organization; `None` when the stream has lasted long enough or the appliance stops.
    async fn next(&mut self) -> Option<()> {
        let not_before = Instant::now() + PACE;
        let quiet = (Instant::now() + QUIET).min(self.until);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep_until(quiet) => break,
                news = self.changes.recv() => match news {
                    Ok(organization) if organization != self.organization => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return None,
                },
            }
        }
        tokio::select! {
            () = self.stop.cancelled() => return None,
            () = tokio::time::sleep_until(not_before) => {}
        }
        // What came in the meantime is told by the same message.
        self.changes = self.changes.resubscribe();
        (Instant::now() < self.until).then_some(())
    }
}
