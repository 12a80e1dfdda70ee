//! `nazorat gateway`.

use std::path::Path;
use std::path::PathBuf;

use super::Failure;
use super::Problem;
use super::bar::Bar;
use super::bar::bytes;
use super::bar::whole_seconds;
use super::say;
use crate::config::Config;
use crate::gateway;
use crate::gateway::Exported;
use crate::gateway::Started;
use crate::runtime::telemetry;
use crate::runtime::telemetry::Telemetry;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Join an appliance first, with the token that its page Gateways shows for this box
    #[arg(long, value_name = "TOKEN", env = "NAZORAT_JOIN_TOKEN", hide_env_values = true)]
    join: Option<String>,
    /// Ends when the standard input ends, so that it does not outlive who started it
    #[arg(long, hide = true)]
    with_parent: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write what waits into a file, to carry it to the appliance while the line is dead
    ExportBuffer {
        /// The file, on a stick for example; it must not exist yet
        file: PathBuf,
    },
}

pub(super) fn run(args: &Args, config: &Config) -> Result<(), Failure> {
    if let Some(Command::ExportBuffer { file }) = &args.command {
        return export(file, config);
    }
    let (gateway, telemetry) = (config.gateway()?, config.telemetry()?);
    if let Some(token) = &args.join {
        if gateway.hop.is_some() {
            let told =
                "[gateway] server names an appliance already; remove it and key_file from the configuration to join";
            return Err(Failure::Usage(anyhow::anyhow!(told)));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Problem)?;
        let joined = runtime.block_on(gateway::join(&gateway.data_dir, token)).map_err(Problem)?;
        say(&format!("This box is the gateway {} of {} at {} now", joined.name, joined.organization, joined.server));
    }
    if args.with_parent {
        std::thread::Builder::new().name("parent".to_owned()).spawn(follow_parent).map_err(Problem)?;
    }
    go(gateway, &telemetry)
}

/// Runs the box of a branch.
pub(super) fn go(gateway: gateway::Config, telemetry: &telemetry::Config) -> Result<(), Failure> {
    let telemetry = Telemetry::install(telemetry).map_err(Problem)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Problem)?;
    let outcome = runtime.block_on(gateway::run(gateway, telemetry.clone(), announce));
    telemetry.shutdown();
    Ok(outcome.map_err(Problem)?)
}

fn export(file: &Path, config: &Config) -> Result<(), Failure> {
    let gateway = config.gateway()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Problem)?;
    let bar = Bar::new();
    let tell = |written| bar.show(&format!("{} written", bytes(written)));
    let exported = runtime.block_on(gateway::export(gateway, file, tell)).map_err(Problem)?;
    bar.clear();
    let Some(Exported { server, totals, bytes: size }) = exported else {
        say("Nothing waits on this gateway, so no file was written");
        return Ok(());
    };
    let came = match (totals.from, totals.to) {
        (Some(from), Some(to)) => format!("\n  come      from {} to {}", whole_seconds(from), whole_seconds(to)),
        _ => String::new(),
    };
    say(&format!("Written to {} ({})", file.display(), bytes(size)));
    say(&format!("  batches   {} with {} events{came}", totals.batches, totals.events));
    say(&format!("  pictures  {}", totals.screenshots));
    if totals.missing > 0 {
        say(&format!("  missing   {}, which were given up or damaged before they could be written", totals.missing));
    }
    say(&format!("  for       {server}, and sealed: nobody else can read it"));
    say(
        "Give it to that appliance with `nazorat import-buffer FILE`. Everything stays in the buffer of this gateway as well",
    );
    say("and is sent when the line is back; what arrives twice is stored once.");
    Ok(())
}

fn announce(started: &Started) {
    say(&format!("Nazorat gateway {} is ready", env!("CARGO_PKG_VERSION")));
    say(&format!("  agents    http://{}", started.plain));
    say(&format!("  sends to  {}", started.server));
    say(&format!("  join code in {}", started.join_code.display()));
}

/// Waits for the end of the standard input and then stops in good order.
fn follow_parent() {
    drop(std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()));
    if rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TERM).is_err() {
        std::process::exit(1);
    }
}
