//! The stream behind the guard's desk. A pass is pushed as it is received, without a look into any file: it is on the screen
//! long before it is in a partition.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template as _;
use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::response::sse::Event;
use axum::response::sse::KeepAlive;
use axum::response::sse::Sse;
use futures_util::Stream;
use futures_util::future::BoxFuture;
use futures_util::stream;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use super::wall;
use super::wall::Recent;
use crate::doors::DoorsError;
use crate::doors::Feed;
use crate::doors::Pass;
use crate::fleet::Peer;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::Stopping;
use crate::web::Visitor;

/// What comes within this time is told at once together.
const TOGETHER: Duration = Duration::from_millis(80);
/// Messages are at least this far apart.
const PACE: Duration = Duration::from_millis(250);
/// After so long everything that was on its way when the stream began is stored.
const SETTLED: Duration = Duration::from_secs(4);
/// Also when nothing happens, time goes on.
const QUIET: Duration = Duration::from_secs(30);
/// How long one stream lasts. The browser comes again by itself, and is asked again who it is.
const LASTS: Duration = Duration::from_secs(300);

type Told = (Box<Feed>, Result<Option<Vec<Pass>>, DoorsError>);

struct Watch {
    app: App,
    visitor: Arc<Visitor>,
    recent: Recent,
    /// Never dropped on its way: what it has taken would be lost.
    next: BoxFuture<'static, Told>,
    presence: broadcast::Receiver<Peer>,
    devices: watch::Receiver<u64>,
    /// Look once more at what is stored.
    read_at: Option<Instant>,
    last: Instant,
    until: Instant,
    stop: CancellationToken,
}

/// `GET /live/doors`.
pub(super) async fn stream(
    State(app): State<App>,
    stopping: Option<Extension<Stopping>>,
    visitor: Visitor,
) -> Result<Response, PageFailure> {
    wall::check(&visitor).map_err(|problem| visitor.failure(problem))?;
    let feed = app.entry_log.feed(visitor.actor(), visitor.organization_id()).await;
    let feed = feed.map_err(|problem| visitor.failure(problem))?;
    let mut recent = Recent::default();
    recent.read(&app, &visitor).await.map_err(|problem| visitor.failure(problem))?;
    let mut devices = app.devices.watch();
    // What happened between the page and its stream is told at once.
    devices.mark_changed();
    let now = Instant::now();
    let watch = Watch {
        presence: app.presence.changes(),
        devices,
        app,
        visitor: Arc::new(visitor),
        recent,
        next: following(Box::new(feed)),
        read_at: Some(now + SETTLED),
        last: now,
        until: now + LASTS,
        stop: stopping.map(|Extension(Stopping(stop))| stop).unwrap_or_default(),
    };
    Ok(Sse::new(messages(watch)).keep_alive(KeepAlive::default()).into_response())
}

fn following(mut feed: Box<Feed>) -> BoxFuture<'static, Told> {
    Box::pin(async move {
        let told = feed.next().await;
        (feed, told)
    })
}

fn messages(watch: Watch) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(watch, |mut watch| async move {
        watch.next().await?;
        watch.last = Instant::now();
        let html = html(&watch.app, &watch.visitor, &watch.recent).await?;
        Some((Ok(Event::default().event("desk").data(html)), watch))
    })
}

impl Watch {
    /// Waits for news; `None` when the stream has lasted long enough, the appliance stops, or nothing can be read.
    async fn next(&mut self) -> Option<()> {
        let mut due = Instant::now() + QUIET;
        loop {
            let read_at = self.read_at.unwrap_or(self.until);
            let has_news = tokio::select! {
                () = self.stop.cancelled() => return None,
                () = sleep_until(self.until) => return None,
                () = sleep_until(due) => return Some(()),
                () = sleep_until(read_at), if self.read_at.is_some() => {
                    self.read_at = None;
                    self.recent.read(&self.app, &self.visitor).await.ok()?;
                    true
                }
                (feed, told) = &mut self.next => {
                    self.next = following(feed);
                    match told {
                        Ok(Some(passes)) => self.recent.take(passes),
                        // More came than could be told: what is stored soon has it.
                        Ok(None) => self.read_at = Some(Instant::now() + SETTLED),
                        Err(problem) => {
                            tracing::warn!("the guard's desk cannot follow: {problem}");
                            return None;
                        }
                    }
                    true
                }
                news = self.devices.changed() => {
                    news.ok()?;
                    true
                }
                news = self.presence.recv() => match news {
                    Ok(peer) => peer.organization == self.visitor.organization_id(),
                    Err(RecvError::Lagged(_)) => true,
                    Err(RecvError::Closed) => return None,
                },
            };
            if has_news {
                due = due.min((Instant::now() + TOGETHER).max(self.last + PACE));
            }
        }
    }
}

async fn html(app: &App, visitor: &Visitor, recent: &Recent) -> Option<String> {
    match wall::wall(app, visitor, recent).await {
        // A name that a terminal wrote can hold what a stream of events cannot carry.
        Ok(wall) => wall.render().ok().map(|html| html.replace('\r', " ")),
        Err(problem) => {
            tracing::warn!("the guard's desk cannot be drawn: {}", problem.detail);
            None
        }
    }
}
