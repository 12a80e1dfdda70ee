//! The stream that tells an open page of gateways or alerts when to look again.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::Query;
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
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::fleet::FleetError;
use crate::fleet::Peer;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::Stopping;
use crate::web::Visitor;

/// Messages about one gateway are at least this far apart.
const PACE: Duration = Duration::from_secs(1);
/// Those about all of them, of which there may be hundreds.
const PACE_OF_ALL: Duration = Duration::from_secs(3);
/// How long one stream lasts. The browser comes again by itself, and is asked again who it is.
const LASTS: Duration = Duration::from_secs(300);

/// About which gateway; about all without one.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    of: Option<GatewayId>,
}

struct Watch {
    organization: OrganizationId,
    of: Option<GatewayId>,
    fleet: watch::Receiver<u64>,
    presence: broadcast::Receiver<Peer>,
    commands: broadcast::Receiver<Peer>,
    alerts: broadcast::Receiver<OrganizationId>,
    until: Instant,
    stop: CancellationToken,
}

pub(super) async fn stream(
    State(app): State<App>,
    stopping: Option<Extension<Stopping>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let allowed = visitor.actor().require(Permission::ReadGateways);
    allowed.map_err(|denied| visitor.failure(FleetError::from(denied)))?;
    let mut fleet = app.fleet.watch();
    // What happened between two streams, or between the page and its stream, is told at once.
    fleet.mark_changed();
    let watch = Watch {
        organization: visitor.organization_id(),
        of: asked.of,
        fleet,
        presence: app.presence.changes(),
        commands: app.commands.changes(),
        alerts: app.alerts.changes(),
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
    /// Waits for news; `None` when the stream has lasted long enough or the appliance stops.
    async fn next(&mut self) -> Option<()> {
        let not_before = Instant::now() + if self.of.is_some() { PACE } else { PACE_OF_ALL };
        loop {
            let concerns = tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep_until(self.until) => return None,
                news = self.fleet.changed() => {
                    news.ok()?;
                    true
                }
                news = self.presence.recv() => concerns(self.organization, self.of, news)?,
                news = self.commands.recv() => concerns(self.organization, self.of, news)?,
                news = self.alerts.recv() => match news {
                    Ok(organization) => self.of.is_none() && organization == self.organization,
                    Err(RecvError::Lagged(_)) => true,
                    Err(RecvError::Closed) => return None,
                },
            };
            if concerns {
                break;
            }
        }
        tokio::select! {
            () = self.stop.cancelled() => return None,
            () = tokio::time::sleep_until(not_before) => {}
        }
        Some(())
    }
}

/// Whether news is of what somebody looks at; whoever missed some looks again. `None` when there will be no more.
pub(in crate::web::pages) fn concerns(
    organization: OrganizationId,
    of: Option<GatewayId>,
    news: Result<Peer, RecvError>,
) -> Option<bool> {
    match news {
        Ok(peer) => Some(peer.organization == organization && of.is_none_or(|of| of == peer.gateway)),
        Err(RecvError::Lagged(_)) => Some(true),
        Err(RecvError::Closed) => None,
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast::error::RecvError;

    use super::concerns;
    use crate::fleet::Peer;
    use crate::kernel::GatewayId;
    use crate::kernel::OrganizationId;

    #[test]
    fn nobody_hears_of_another_organization_or_of_what_is_not_looked_at() {
        let (own, other) = (OrganizationId::new(1), OrganizationId::new(2));
        let (one, another) = (GatewayId::random(), GatewayId::random());
        let peer = |organization, gateway| Ok(Peer { organization, gateway });
        assert_eq!(concerns(own, None, peer(own, one)), Some(true));
        assert_eq!(concerns(own, None, peer(other, one)), Some(false));
        assert_eq!(concerns(own, Some(one), peer(own, one)), Some(true));
        assert_eq!(concerns(own, Some(one), peer(own, another)), Some(false));
        assert_eq!(concerns(own, Some(one), Err(RecvError::Lagged(3))), Some(true));
        assert_eq!(concerns(own, None, Err(RecvError::Closed)), None);
    }
}
