//! What is done for each command.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use nazorat_wire::Block;
use nazorat_wire::DeviceOrder;
use nazorat_wire::LogLevel;
use nazorat_wire::Order;
use nazorat_wire::frame::Heartbeat;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::ControlConfig;
use super::Gather;
use super::rules::without_addresses;
use super::tuning;
use crate::edge::Policies;
use crate::runtime::Lifecycle;
use crate::runtime::blocking;
use crate::runtime::telemetry::Telemetry;
use crate::uplink::Hop;

/// The most bytes that diagnostics may have.
const MOST_DIAGNOSTICS: usize = 200 << 10;

/// Why something was not done: a stable word and a sentence.
pub type Failed = (&'static str, String);

/// Who serves devices.
pub trait Serves: Send + Sync {
    /// Fetches what is to be served, and serves it; gives its checksum.
    fn apply(&self) -> BoxFuture<'_, Result<String, Failed>>;

    /// Looks for devices that are not served yet: in these networks, or in its own when there are none.
    fn find(&self, networks: Vec<Block>) -> BoxFuture<'_, Result<Value, Failed>>;

    /// Has a device do something. Several may be asked at once; each device does one thing at a time.
    fn order(&self, order: DeviceOrder) -> BoxFuture<'_, Result<Option<Value>, Failed>>;
}

/// How far something is.
pub(super) enum Done {
    /// It is over and has brought this.
    Now(Option<Value>),
    /// It is over when the next process finds that it was begun.
    WithTheNextStart,
}

/// The one who does what is asked.
pub(super) struct Hands {
    folder: PathBuf,
    telemetry: Telemetry,
    gather: Gather,
    settings: Map<String, Value>,
    life: Lifecycle,
    hop: Hop,
    policies: Option<Policies>,
    devices: Option<Arc<dyn Serves>>,
}

impl Hands {
    pub(super) fn new(config: &ControlConfig, life: Lifecycle) -> Self {
        Self {
            folder: config.folder.clone(),
            telemetry: config.telemetry.clone(),
            gather: config.gather.clone(),
            settings: config.settings.clone(),
            life,
            hop: config.hop.clone(),
            policies: config.policies.clone(),
            devices: config.devices.clone(),
        }
    }

    /// Goes on with something while the next is begun.
    pub(super) fn beside(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.life.spawn("device order", async move {
            work.await;
            Ok::<_, std::convert::Infallible>(())
        });
    }

    pub(super) async fn carry_out(&self, order: Order) -> Result<Done, Failed> {
        match order {
            Order::Ping => Ok(Done::Now(None)),
            Order::CollectDiagnostics { log_lines } => Ok(Done::Now(Some(self.diagnostics(log_lines).await))),
            Order::SetLogLevel { level, minutes } => self.set_log_level(level, minutes),
            Order::RestartAgent => {
                self.life.fail("the appliance asked for a restart".to_owned());
                Ok(Done::WithTheNextStart)
            }
            // Whichever list was meant: what is newest now is what holds.
            Order::ApplyPolicies { .. } => self.apply_policies().await,
            // Whichever list was meant: what is newest now is what is served.
            Order::ApplyDevices { .. } => {
                let checksum = self.serving()?.apply().await?;
                Ok(Done::Now(Some(json!({ "checksum": checksum }))))
            }
            Order::Device(order) => Ok(Done::Now(self.serving()?.order(order).await?)),
            Order::FindDevices { networks } => Ok(Done::Now(Some(self.serving()?.find(networks).await?))),
            Order::ApplyConfig(new) => {
                let folder = self.folder.clone();
                let kept = blocking(move || tuning::keep(&folder, new)).await;
                let kept = kept.map_err(|problem| ("not_kept", format!("settings cannot be written: {problem}")))?;
                Ok(Done::Now(Some(json!({ "checksum": kept.checksum(), "applied": "with_the_next_start" }))))
            }
        }
    }

    fn serving(&self) -> Result<&dyn Serves, Failed> {
        self.devices.as_deref().ok_or_else(|| ("not_served", "this program serves no devices".to_owned()))
    }

    async fn apply_policies(&self) -> Result<Done, Failed> {
        let Some(policies) = &self.policies else {
            return Err(("not_followed", "this program follows no policies".to_owned()));
        };
        let applied = policies.refresh(&self.hop).await;
        let checksum = applied.map_err(|problem| (problem.code, problem.detail))?;
        Ok(Done::Now(Some(json!({ "checksum": checksum }))))
    }

    /// How it is, without anything that was observed and without addresses.
    async fn diagnostics(&self, log_lines: u16) -> Value {
        let gather = self.gather.clone();
        let beat = Heartbeat { agents: Vec::new(), ..blocking(move || gather()).await };
        let mut lines: Vec<String> =
            self.telemetry.last_lines(usize::from(log_lines)).iter().map(|line| without_addresses(line)).collect();
        let mut size: usize = lines.iter().map(|line| line.len() + 8).sum();
        while size > MOST_DIAGNOSTICS && !lines.is_empty() {
            size -= lines.remove(0).len() + 8;
        }
        json!({ "version": env!("CARGO_PKG_VERSION"), "settings": self.settings, "state": beat, "log": lines })
    }

    fn set_log_level(&self, level: LogLevel, minutes: u16) -> Result<Done, Failed> {
        let turn = self.telemetry.set_level(level.name()).map_err(|problem| ("not_set", problem.to_string()))?;
        let (telemetry, stop) = (self.telemetry.clone(), self.life.soft());
        self.life.spawn("log level", async move {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(u64::from(minutes) * 60)) => telemetry.end_level(turn),
                () = stop.cancelled() => {}
            }
            Ok::<_, std::convert::Infallible>(())
        });
        Ok(Done::Now(None))
    }
}
