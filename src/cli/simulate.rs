//! `nazorat simulate`: what speaks to an appliance, without being there. A simulated office over HTTP like any agent, and
//! terminals.

mod hikvision;
mod zkteco;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use clap::Subcommand;
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::Problem;
use super::say;
use crate::kernel::Clock;
use crate::kernel::SecretText;
use crate::kernel::Zone;
use crate::sim;
use crate::sim::After;
use crate::sim::Agents;
use crate::sim::Entry;
use crate::sim::Progress;
use crate::sim::Trust;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Workplace computers of an office
    Agents(Args),
    /// A door terminal of Hikvision
    Hikvision(hikvision::Args),
    /// A door terminal of ZKTeco
    Zkteco(zkteco::Args),
}

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Address of the appliance, such as https://appliance:8443 or http://127.0.0.1:8080
    #[arg(long, value_name = "URL")]
    server: String,
    /// File with the API key; - reads it from the standard input
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// PEM file with the appliance's roots; without one the system's own are trusted
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// How many people work in the office
    #[arg(long, value_name = "N", default_value_t = 60)]
    people: usize,
    /// Makes another office with the same words
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Whole days of history before today; older than the appliance accepts is refused by it
    #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=365))]
    history_days: u16,
    /// How many people have screenshots
    #[arg(long, value_name = "N", default_value_t = 4)]
    watched: usize,
    /// Ends when the history is sent, instead of going on live
    #[arg(long)]
    once: bool,
}

pub(super) fn run(command: Command) -> Result<(), Failure> {
    let args = match command {
        Command::Agents(args) => args,
        Command::Hikvision(args) => return hikvision::run(args),
        Command::Zkteco(args) => return zkteco::run(args),
    };
    let key = super::read_password(&args.key_file)?;
    let agents = Agents {
        server: args.server.trim_end_matches('/').to_owned(),
        entry: Entry::Key(SecretText::new(key.trim())),
        trust: args.ca.map_or(Trust::SystemRoots, Trust::Authority),
        people: args.people,
        seed: args.seed,
        zone: Zone::default(),
        history_days: args.history_days,
        watched: args.watched,
        after: if args.once { After::Stop } else { After::Live },
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Problem)?;
    runtime.block_on(send(agents)).map_err(Problem)?;
    Ok(())
}

async fn send(agents: Agents) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let progress = Arc::new(Progress::default());
    let shown = Arc::clone(&progress);
    let work = sim::run(agents, Clock::system(), &progress, stop.clone());
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tokio::pin!(work);
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        tokio::select! {
            outcome = &mut work => {
                tell(&shown);
                return outcome.context("the simulated office stopped");
            }
            _ = tick.tick() => tell(&shown),
            _ = &mut interrupt, if !stop.is_cancelled() => stop.cancel(),
        }
    }
}

fn tell(progress: &Progress) {
    let sent = progress.sent();
    say(&format!(
        "{} of {} days, {} events in {} batches, {} duplicates, {} refused, {} screenshots, {} retries",
        sent.days,
        sent.days_of_history,
        sent.events,
        sent.batches,
        sent.duplicates,
        sent.rejected,
        sent.screenshots,
        sent.retries
    ));
}
