//! What a gateway and an agent share: the life of their process, the outbox as the place where batches go, its uplink,
//! how both are told of, the control channel to the appliance, and what the appliance lets be collected.
//!
//! Owns no data and no protocol; it puts `ingest` and `uplink` together, which do not know each other.

mod control;
mod health;
mod policies;
mod process;
mod sink;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

pub use control::{ControlConfig, Failed, Gather, News, Serves, apply_tuning, control, read_tuning};
pub use health::{health, inside};
pub use policies::{Keys, OWN, Policies, PoliciesConfig, Put, PutError, Standing, points};
pub use process::Process;

use crate::kernel::Clock;
use crate::runtime::Lifecycle;
use crate::store::write_durably;
use crate::uplink::Chance;
use crate::uplink::Hop;
use crate::uplink::Orders;
use crate::uplink::Outbox;
use crate::uplink::OutboxConfig;
use crate::uplink::Pace;
use crate::uplink::Status;
use crate::uplink::Uplink;
use crate::uplink::UplinkConfig;
use crate::uplink::UplinkError;

/// The id that a file holds, or else a new one, which it holds from now on. Blocks.
pub fn kept_id(path: &Path, new: uuid::Uuid) -> std::io::Result<String> {
    let found = std::fs::read_to_string(path).ok().and_then(|text| text.trim().parse::<uuid::Uuid>().ok());
    if let Some(id) = found {
        return Ok(id.to_string());
    }
    let id = new.to_string();
    write_durably(path, id.as_bytes())?;
    Ok(id)
}

/// What an edge needs to know of its way out.
#[derive(Debug, Clone)]
pub struct Config {
    /// The next hop.
    pub hop: Hop,
    /// Folder of everything that waits.
    pub folder: PathBuf,
    /// Our name in the names of batches.
    pub source: String,
    /// The most bytes that may wait.
    pub buffer_bytes: u64,
    /// The longest that something waits before it is given up.
    pub buffer_age: Duration,
    /// How long the first event of a batch may wait for others.
    pub linger: Duration,
    /// The most bytes on the wire in a second.
    pub bytes_per_second: Option<u64>,
    /// What may be collected, where somebody tells it.
    pub policies: Option<Policies>,
}

/// The way out of an edge. Cheap to clone.
#[derive(Clone)]
pub struct Edge {
    /// Takes batches in.
    pub outbox: Outbox,
    /// How the line is.
    pub status: watch::Receiver<Status>,
    /// What a person may ask of it.
    pub orders: Orders,
    /// What may be collected, where somebody tells it.
    pub policies: Option<Policies>,
}

impl Edge {
    /// Opens the outbox and begins to send. Blocks while it checks what is there.
    pub fn open(config: Config, clock: &Clock, life: &Lifecycle) -> Result<Self, UplinkError> {
        let (edge, uplink) = Self::prepare(config, clock)?;
        life.spawn("uplink", uplink.run(life.soft()));
        Ok(edge)
    }

    /// Opens everything of an edge that does not run, to look into it. Blocks.
    pub fn open_still(config: Config, clock: &Clock) -> Result<Self, UplinkError> {
        Ok(Self::prepare(config, clock)?.0)
    }

    /// Where it leads, for people.
    pub fn server(&self) -> String {
        self.status.borrow().server.clone()
    }

    fn prepare(config: Config, clock: &Clock) -> Result<(Self, Uplink), UplinkError> {
        let outbox = OutboxConfig { folder: config.folder, max_bytes: config.buffer_bytes, max_age: config.buffer_age };
        let mut outbox = Outbox::open(outbox, clock.clone())?;
        if let Some(policies) = &config.policies {
            outbox = outbox.holding_to(Arc::new(policies.clone()));
        }
        let uplink = UplinkConfig {
            hop: config.hop,
            source: config.source,
            linger: config.linger,
            bytes_per_second: config.bytes_per_second,
            pace: Pace::default(),
        };
        let uplink = Uplink::open(uplink, outbox.clone(), clock.clone(), Chance::system())?;
        let (status, orders) = (uplink.status(), uplink.orders());
        Ok((Self { outbox, status, orders, policies: config.policies }, uplink))
    }
}
