//! The control channel as an edge sees it: it stays connected to the appliance, says how it is, and does what it is asked.
//!
//! ```text
//! socket --> command --> journal (fsync) --> ack --> worker --> journal (fsync) --> result
//!   \ fails three times: the same by polling, until it opens again
//! ```
//! Owns `commands.log` and `tuning.json` in the edge's folder. Must never do the same command twice, also when it is
//! killed between any two of these steps; never begin one that has expired by the appliance's clock; and never tell
//! what was observed of a person.
//!
//! ## Design notes
//! - Results are not kept until somebody confirms them. The appliance asks again for everything that is not over when a
//!   connection opens, and is answered from the journal.
//! - A command that was begun by a process that is gone is told as interrupted, not begun again: whether it was done
//!   nobody knows, and a door opened twice is worse than one that somebody has to ask for again.

mod conversation;
mod hands;
mod journal;
mod ledger;
mod rules;
mod tuning;

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use nazorat_wire::frame::Heartbeat;
use serde_json::Map;
use serde_json::Value;
use tokio::sync::Notify;

use self::conversation::Line;
use self::hands::Hands;
pub use self::hands::{Failed, Serves};
use self::ledger::Ledger;
pub use self::tuning::{apply_tuning, read_tuning};
use crate::edge::Policies;
use crate::kernel::Clock;
use crate::runtime::Lifecycle;
use crate::runtime::telemetry::Telemetry;
use crate::uplink::Hop;

/// How an edge is just now.
pub type Gather = Arc<dyn Fn() -> Heartbeat + Send + Sync>;

/// What is told as soon as it happens, beside the heartbeats.
#[derive(Clone)]
pub struct News {
    /// Something happened.
    pub came: Arc<Notify>,
    /// A connection begins: nothing was told yet.
    pub begin: Arc<dyn Fn() + Send + Sync>,
    /// What there is to tell, if anything; what has no room is told the next time.
    pub gather: Arc<dyn Fn() -> Option<Heartbeat> + Send + Sync>,
}

/// What the channel needs of its edge.
#[derive(Clone)]
pub struct ControlConfig {
    /// The appliance.
    pub hop: Hop,
    /// The edge's own folder.
    pub folder: PathBuf,
    /// What time it is.
    pub clock: Clock,
    /// Logs.
    pub telemetry: Telemetry,
    /// How it is.
    pub gather: Gather,
    /// Its settings without secrets, for diagnostics.
    pub settings: Map<String, Value>,
    /// What does not wait for the next heartbeat.
    pub news: Option<News>,
    /// What may be collected.
    pub policies: Option<Policies>,
    /// Who serves devices.
    pub devices: Option<Arc<dyn Serves>>,
}

/// Begins to stay connected. Blocks while it reads what was done before.
pub fn control(config: ControlConfig, life: &Lifecycle) -> anyhow::Result<()> {
    let hands = Hands::new(&config, life.clone());
    let (ledger, worker, done) = Ledger::open(&config, hands)?;
    life.spawn("commands", worker.run(life.soft()));
    let line = Line::new(config, ledger, done);
    let soft = life.soft();
    life.spawn("control channel", async move {
        line.run(soft).await;
        Ok::<_, Infallible>(())
    });
    Ok(())
}
