//! `nazorat serve`.

use super::Failure;
use super::Problem;
use super::say;
use crate::appliance;
use crate::appliance::Started;
use crate::config::Config;
use crate::runtime::telemetry::Telemetry;

pub(super) fn run(config: &Config) -> Result<(), Failure> {
    let (appliance, telemetry) = (config.appliance()?, config.telemetry()?);
    let telemetry = Telemetry::install(&telemetry).map_err(Problem)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Problem)?;
    let outcome = runtime.block_on(appliance::serve(appliance, telemetry.clone(), announce));
    telemetry.shutdown();
    Ok(outcome.map_err(Problem)?)
}

fn announce(started: &Started) {
    say(&format!("Nazorat {} is ready", env!("CARGO_PKG_VERSION")));
    say(&format!("  open      {}", started.url));
    say(&format!("  https     {}", started.main));
    if let Some(plain) = started.plain {
        say(&format!("  plain     {plain}"));
    }
    if let (Some(ca), Some(fingerprint)) = (&started.ca, &started.fingerprint) {
        say(&format!("  CA        {}", ca.display()));
        say(&format!("  SHA-256   {fingerprint}"));
    }
    if let Some(link) = &started.setup {
        say(&format!("  first run {link}"));
    }
}
