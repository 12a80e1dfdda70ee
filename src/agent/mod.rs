//! Agent mode: the relay on a workplace computer. Watchers of this machine speak ActivityWatch to it, and it answers when
//! their events are on disk, whatever the network does.
//!
//! What may be collected is asked for at the gateway and held to before anything touches the disk.
//!
//! Owns `DATA/agent`. Knows the next hop (a gateway or the appliance) only by its address and a key, and listens to nobody
//! but programs of this machine: watchers have no keys.

mod beat;
mod join;
mod policy;
mod watcher;

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

pub use self::join::{Join, join};
use crate::edge;
use crate::edge::Edge;
use crate::edge::Policies;
use crate::edge::Process;
use crate::ingest::activitywatch;
use crate::ingest::activitywatch::ActivityWatch;
use crate::ingest::activitywatch::Stamp;
use crate::kernel::Clock;
use crate::kernel::OrganizationId;
use crate::runtime::Lifecycle;
use crate::runtime::machine;
use crate::runtime::telemetry::Telemetry;
use crate::uplink::Hop;
use crate::uplink::HopConfig;
use crate::web::listen::bind;

/// What an agent needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder.
    pub data_dir: PathBuf,
    /// Where watchers send to; a loopback address.
    pub listen: SocketAddr,
    /// The gateway or the appliance.
    pub hop: HopConfig,
    /// The most bytes that may wait.
    pub buffer_bytes: u64,
    /// The longest that something waits before it is given up.
    pub buffer_age: Duration,
    /// Whether the desktop is watched, without a watcher of ActivityWatch.
    pub watch: bool,
}

/// What a started agent tells whoever started it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Started {
    /// Where watchers send to.
    pub plain: SocketAddr,
    /// Where everything goes.
    pub forward_to: String,
    /// The id of this computer.
    pub computer_uid: String,
    /// The account whose activity it is.
    pub user_name: String,
}

/// Runs the agent until it is asked to stop. `announce` is called once, when everything answers.
pub async fn run(mut config: Config, telemetry: Telemetry, announce: impl FnOnce(&Started)) -> anyhow::Result<()> {
    let process = Process::begin(&config.data_dir, "agent")?;
    let own = process.own.clone();
    let stamp = Stamp { computer_uid: computer_uid(&own)?, user_name: machine::account() };
    let listener = bind(config.listen, "[agent] listen")?;
    let plain = listener.local_addr()?;
    let forward_to = config.hop.url.clone();
    let clock = Clock::system();
    let hop = Hop::open(&config.hop, clock.clone())?;
    let policies = policy::open(&own, &stamp.computer_uid, &clock)?;
    let account = policy::account(&stamp);
    let at_start = policy::at_start(policies.sheet().as_deref(), account);
    config.buffer_bytes = at_start.buffer_bytes.unwrap_or(config.buffer_bytes);
    let edge = open_edge(&config, &own, (&stamp, &policies), (hop.clone(), &clock), &process.life)?;
    let watch = open_watch(&own, &stamp, &edge, clock.clone())?;
    let upload_every = at_start.upload_every.unwrap_or(activitywatch::CUT_EVERY);
    process.life.spawn("activitywatch", watch.clone().run_every(upload_every, process.life.soft()));
    follow(&policies, &hop, &own, &process.life);
    if config.watch {
        let looking = move || policy::looking(&policies, account);
        let watcher = watcher::run(watch.clone(), clock.clone(), looking, process.life.soft());
        process.life.spawn("watcher", async move {
            watcher.await;
            Ok::<_, std::convert::Infallible>(())
        });
    }
    let status = edge::health(edge.clone()).merge(edge::inside(edge, telemetry));
    let router = activitywatch::router(watch).merge(activitywatch::local_only(status));
    process.serve("watchers", listener, router);
    let beats = beat::tell(hop, process.life.soft());
    process.life.spawn("heartbeat", async move {
        beats.await;
        Ok::<_, std::convert::Infallible>(())
    });
    let started = Started { plain, forward_to, computer_uid: stamp.computer_uid, user_name: stamp.user_name };
    announce(&started);
    process.live(&started).await
}

/// Begins to follow what the gateway says.
fn follow(policies: &Policies, hop: &Hop, own: &Path, life: &Lifecycle) {
    let follower = policy::Follower::new(policies.clone(), hop.clone(), own.to_owned(), life.clone());
    let following = follower.follow(life.soft());
    life.spawn("policy", async move {
        following.await;
        Ok::<_, std::convert::Infallible>(())
    });
}

fn open_edge(
    config: &Config,
    own: &Path,
    (stamp, policies): (&Stamp, &Policies),
    (hop, clock): (Hop, &Clock),
    life: &Lifecycle,
) -> anyhow::Result<Edge> {
    let edge = edge::Config {
        hop,
        folder: own.join("outbox"),
        source: format!("agent-{}", stamp.computer_uid),
        buffer_bytes: config.buffer_bytes,
        buffer_age: config.buffer_age,
        // The watchers' events are gathered before they get here.
        linger: Duration::ZERO,
        bytes_per_second: None,
        policies: Some(policies.clone()),
    };
    Ok(Edge::open(edge, clock, life)?)
}

fn open_watch(own: &Path, stamp: &Stamp, edge: &Edge, clock: Clock) -> anyhow::Result<ActivityWatch> {
    let config = activitywatch::Config {
        folder: own.join("activitywatch"),
        host: machine::host_name().unwrap_or_else(|| "localhost".to_owned()),
        // The key decides whose data it is when they arrive; here there is only one.
        home: Arc::new(|| Some(OrganizationId::new(1))),
        stamp: Some(stamp.clone()),
    };
    Ok(ActivityWatch::open(config, Arc::new(edge.outbox.clone()), clock)?)
}

/// The id under which this computer is known: the system's own, hashed, or one that is made once and kept.
fn computer_uid(own: &Path) -> anyhow::Result<String> {
    if let Some(id) = machine::installed_id() {
        return Ok(id);
    }
    edge::kept_id(&own.join("computer-id"), uuid::Uuid::new_v4()).context("the id of this computer cannot be kept")
}

#[cfg(test)]
mod tests {
    use super::computer_uid;

    #[test]
    fn a_computer_keeps_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let id = computer_uid(folder.path()).unwrap();
        assert_eq!(id.len(), 36);
        assert_eq!(computer_uid(folder.path()).unwrap(), id);
    }
}
