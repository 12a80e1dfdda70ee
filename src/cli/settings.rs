//! `nazorat config check|show`.

use clap::Subcommand;

use super::Failure;
use super::say;
use crate::config;
use crate::config::Sources;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say whether the configuration can be used
    Check,
    /// Print the configuration in force
    Show {
        /// Print all keys with their defaults and what they mean
        #[arg(long)]
        defaults: bool,
    },
}

pub(super) fn run(command: &Command, sources: &Sources) -> Result<(), Failure> {
    match command {
        Command::Check => {
            let config = sources.load()?;
            config.appliance()?;
            // The other modes share the file; who does not use them has not filled in where they send to.
            if !config.gateway.server.trim().is_empty() {
                config.gateway()?;
            }
            if !config.agent.forward_to.trim().is_empty() {
                config.agent()?;
            }
            config.telemetry()?;
            say("the configuration can be used");
        }
        Command::Show { defaults: true } => say(config::template().trim_end()),
        Command::Show { defaults: false } => say(sources.load()?.show().trim_end()),
    }
    Ok(())
}
