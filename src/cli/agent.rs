//! `nazorat agent`.

use std::path::Path;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Failure;
use super::Problem;
use super::say;
use crate::agent;
use crate::agent::Started;
use crate::config::Config;
use crate::runtime::telemetry::Telemetry;

/// A relay for the watchers of one person has little to do at once.
const THREADS: usize = 2;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Joins the gateway instead of running: file with its join code; - reads it from the standard input
    #[arg(long, value_name = "FILE")]
    join: Option<PathBuf>,
}

pub(super) fn run(args: &Args, config: &Config) -> Result<(), Failure> {
    if let Some(file) = &args.join {
        return join(file, config);
    }
    let (agent, telemetry) = (config.agent()?, config.telemetry()?);
    let telemetry = Telemetry::install(&telemetry).map_err(Problem)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build().map_err(Problem)?;
    let outcome = runtime.block_on(agent::run(agent, telemetry.clone(), announce));
    telemetry.shutdown();
    Ok(outcome.map_err(Problem)?)
}

fn join(file: &Path, config: &Config) -> Result<(), Failure> {
    let (join, code) = (config.agent_join()?, super::read_password(file)?);
    let report = format!("joined {}; the key is in {}", join.hop.url, join.key_file.display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Problem)?;
    runtime.block_on(agent::join(join, code.trim())).map_err(Problem)?;
    say(&report);
    Ok(())
}

fn announce(started: &Started) {
    say(&format!("Nazorat agent {} is ready", env!("CARGO_PKG_VERSION")));
    say(&format!("  watchers  http://{}", started.plain));
    say(&format!("  sends to  {}", started.forward_to));
    say(&format!("  computer  {}", started.computer_uid));
    say(&format!("  account   {}", started.user_name));
}
