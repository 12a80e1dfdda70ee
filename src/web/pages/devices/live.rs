//! The stream that tells an open page of devices when to look again.

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

use super::find;
use crate::devices::DevicesError;
use crate::fleet::Peer;
use crate::kernel::DeviceId;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::Stopping;
use crate::web::Visitor;
use crate::web::pages::gateways::live::concerns;

/// Messages about one device are at least this far apart.
const PACE: Duration = Duration::from_secs(1);
/// Those about all of them.
const PACE_OF_ALL: Duration = Duration::from_secs(3);
/// How long one stream lasts. The browser comes again by itself, and is asked again who it is.
const LASTS: Duration = Duration::from_secs(300);

/// About which device; about all without one.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    of: Option<DeviceId>,
}

struct Watch {
    organization: OrganizationId,
    /// The gateway of the one device.
    gateway: Option<GatewayId>,
    devices: watch::Receiver<u64>,
    people: watch::Receiver<u64>,
    presence: broadcast::Receiver<Peer>,
    commands: broadcast::Receiver<Peer>,
    applied: broadcast::Receiver<OrganizationId>,
    pace: Duration,
    until: Instant,
    stop: CancellationToken,
}

/// `GET /live/devices`.
pub(super) async fn stream(
    State(app): State<App>,
    stopping: Option<Extension<Stopping>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let allowed = visitor.actor().require(Permission::ReadDevices);
    allowed.map_err(|denied| visitor.failure(DevicesError::from(denied)))?;
    let gateway = match asked.of {
        Some(id) => Some(find(&app, &visitor, id).await?.gateway),
        None => None,
    };
    let mut devices = app.devices.watch();
    // What happened between two streams, or between the page and its stream, is told at once.
    devices.mark_changed();
    let watch = Watch {
        organization: visitor.organization_id(),
        gateway,
        devices,
        people: app.devices.watch_people(),
        presence: app.presence.changes(),
        commands: app.commands.changes(),
        applied: app.intake.changes(),
        pace: if asked.of.is_some() { PACE } else { PACE_OF_ALL },
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
        let not_before = Instant::now() + self.pace;
        loop {
            let concerns = tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep_until(self.until) => return None,
                news = self.devices.changed() => {
                    news.ok()?;
                    true
                }
                news = self.people.changed() => {
                    news.ok()?;
                    true
                }
                news = self.presence.recv() => concerns(self.organization, self.gateway, news)?,
                news = self.commands.recv() => concerns(self.organization, self.gateway, news)?,
                news = self.applied.recv() => match news {
                    Ok(organization) => self.gateway.is_some() && organization == self.organization,
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
