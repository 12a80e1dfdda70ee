//! `nazorat ca`: the built-in certificate authority.

use clap::Subcommand;

use super::Failure;
use super::order;
use crate::appliance::Order;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Let the second root, which every client knows, sign from now on, and make another one that stands by
    Exchange {
        /// Also when there are gateways that would be cut off
        #[arg(long)]
        force: bool,
    },
}

pub(super) fn run(command: &Command, config: &Config) -> Result<(), Failure> {
    match *command {
        Command::Exchange { force } => order(config, Order::CaExchange { force }),
    }
}
