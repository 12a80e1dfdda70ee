//! `nazorat simulate hikvision`: a terminal that does not exist, for any client of ISAPI.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use clap::ValueEnum;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

use super::super::Failure;
use super::super::Problem;
use super::super::say;
use crate::kernel::SecretText;
use crate::kernel::random_bytes;
use crate::sim::hikvision;
use crate::sim::hikvision::Faults;
use crate::sim::hikvision::Hashes;
use crate::sim::hikvision::Passers;
use crate::sim::hikvision::Sadp;
use crate::sim::hikvision::Terminal;
use crate::sim::hikvision::TerminalConfig;

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Args {
    /// Where it listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8880")]
    listen: SocketAddr,
    /// How many people it knows, each with a card and a face
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(0..=3000))]
    people: u16,
    /// How often something happens at its doors
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=60_000))]
    events_per_minute: u32,
    /// How many doors it has
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=128))]
    doors: u16,
    /// How badly it behaves, words with commas: silence, close, reboot, lose-clock, duplicate, omit, replay, slow,
    /// split-bytes, split-random, one-client, all
    #[arg(long, value_name = "LIST", default_value = "", value_parser = Faults::parse)]
    faults: Faults,
    /// Makes other people and other chances with the same words
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How many events it keeps
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    capacity: usize,
    /// Its serial number
    #[arg(long, value_name = "TEXT")]
    serial: Option<String>,
    /// UDP port at which it answers searches for terminals (SADP); 0 is the number of its own port, and real programs ask at
    /// 37020
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    sadp_port: u16,
    /// Says that nobody has activated it yet
    #[arg(long)]
    not_activated: bool,
    /// Which logins it offers
    #[arg(long, value_enum, default_value_t = Digest::Both)]
    digest: Digest,
    /// Offers subscriptions beside the plain event stream
    #[arg(long)]
    subscriptions: bool,
    /// Name of the account that may ask it
    #[arg(long, value_name = "NAME", default_value = "gateway")]
    user: String,
    /// File with its password; - reads it from the standard input. Without one it makes one up and shows it
    #[arg(long, value_name = "FILE")]
    password_file: Option<std::path::PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Digest {
    Md5,
    Sha256,
    Both,
}

pub(in crate::cli) fn run(args: Args) -> Result<(), Failure> {
    let (password, shown) = match &args.password_file {
        Some(file) => (super::super::read_password(file)?.trim().to_owned(), "as in the file".to_owned()),
        None => {
            let password = format!("Sim-{}", hex::encode(random_bytes::<6>()));
            (password.clone(), password)
        }
    };
    let usual = TerminalConfig::default();
    let pace = args.events_per_minute;
    let config = TerminalConfig {
        listen: args.listen,
        serial: args.serial.unwrap_or(usual.serial),
        user: args.user.clone(),
        password: SecretText::new(password),
        hashes: match args.digest {
            Digest::Md5 => Hashes::Md5,
            Digest::Sha256 => Hashes::Sha256,
            Digest::Both => Hashes::Both,
        },
        doors: args.doors,
        people: hikvision::people(args.seed, usize::from(args.people)),
        capacity: args.capacity.max(1),
        seed: args.seed,
        faults: args.faults,
        subscribes: args.subscriptions,
        sadp: Some(Sadp { port: args.sadp_port, to_group: false }),
        activated: !args.not_activated,
        ..TerminalConfig::default()
    };
    let login = format!("user {}, password {shown}", args.user);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Problem)?;
    runtime.block_on(serve(config, pace, &login)).map_err(Problem)?;
    Ok(())
}

async fn serve(config: TerminalConfig, per_minute: u32, login: &str) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be waited for")?;
    let mut passers = Passers::new(config.seed, config.doors);
    let terminal = Terminal::start(config).await?;
    say(&format!("hikvision terminal listens on http://{}, {login}", terminal.address()));
    let pause = 60_000_u64.checked_div(u64::from(per_minute)).map(|millis| Duration::from_millis(millis.max(1)));
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        let wait = async {
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = wait => drop(terminal.pass(passers.next(&terminal.people()))),
            _ = terminate.recv() => break,
            _ = &mut interrupt => break,
        }
    }
    terminal.stop().await;
    Ok(())
}
