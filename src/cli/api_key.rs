//! `nazorat api-key`: keys with which programs send.

use clap::Subcommand;

use super::Failure;
use super::order;
use crate::appliance::Order;
use crate::config::Config;
use crate::kernel::OrganizationId;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key and print it once
    Create {
        /// Number of the organization whose data come with this key
        #[arg(long, value_name = "ID")]
        organization: OrganizationId,
        /// What it is for
        #[arg(long)]
        name: String,
    },
}

pub(super) fn run(command: Command, config: &Config) -> Result<(), Failure> {
    match command {
        Command::Create { organization, name } => order(config, Order::ApiKeyCreate { organization, name }),
    }
}
