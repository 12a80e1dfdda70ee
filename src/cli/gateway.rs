//! `nazorat gateway`.

use super::Failure;
use super::Problem;
use super::say;
use crate::config::Config;
use crate::gateway;
use crate::gateway::Started;
use crate::runtime::telemetry::Telemetry;

pub(super) fn run(config: &Config) -> Result<(), Failure> {
    let (gateway, telemetry) = (config.gateway()?, config.telemetry()?);
    let telemetry = Telemetry::install(&telemetry).map_err(Problem)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Problem)?;
    let outcome = runtime.block_on(gateway::run(gateway, telemetry.clone(), announce));
    telemetry.shutdown();
    Ok(outcome.map_err(Problem)?)
}

fn announce(started: &Started) {
    say(&format!("Nazorat gateway {} is ready", env!("CARGO_PKG_VERSION")));
    say(&format!("  agents    http://{}", started.plain));
    say(&format!("  sends to  {}", started.server));
    say(&format!("  join code in {}", started.join_code.display()));
}
