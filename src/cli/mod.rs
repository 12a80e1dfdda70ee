//! The command line: what can be asked for, and the exit codes 0 (done, stopped), 1 (failed) and 64 (bad usage or
//! configuration). Each mode is one file with one `run`.

mod agent;
mod api_key;
mod bar;
mod branch;
mod ca;
mod demo;
mod doctor;
mod doors;
mod gateway;
mod import;
mod init;
mod operator;
mod probe;
mod serve;
mod settings;
mod simulate;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use clap::Subcommand;

use crate::appliance::Answer;
use crate::appliance::Order;
use crate::appliance::carry_out;
use crate::config::Config;
use crate::config::ConfigError;
use crate::config::Sources;
use crate::gateway as gateway_mode;
use crate::kernel::Language;

/// Bad usage or configuration, as in BSD's sysexits.
const USAGE: u8 = 64;

/// Staff-control appliance in one self-contained binary.
#[derive(Debug, Parser)]
#[command(name = "nazorat", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// Configuration file [default: /etc/nazorat/nazorat.toml when it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder; wins over the configuration
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Debug, Subcommand)]
enum Mode {
    /// Run the appliance
    Serve,
    /// Run the box of a branch, which collects from agents and sends to the appliance
    Gateway(gateway::Args),
    /// Run the relay for the watchers of this computer
    Agent(agent::Args),
    /// Show an appliance with a simulated office
    Demo(demo::Args),
    /// Simulate what speaks to an appliance
    #[command(subcommand)]
    Simulate(simulate::Command),
    /// Do the first run from a script
    Init(init::Args),
    /// Check or show the configuration
    #[command(subcommand)]
    Config(settings::Command),
    /// Look whether everything is well; restore a damaged store
    Doctor(doctor::Args),
    /// Make operators, reset passwords, make personal tokens
    #[command(subcommand)]
    Operator(operator::Command),
    /// Make keys with which programs send
    #[command(subcommand)]
    ApiKey(api_key::Command),
    /// Take in what was carried here from a gateway whose line is dead
    ImportBuffer(import::Args),
    /// Exchange the root of the built-in certificate authority
    #[command(subcommand)]
    Ca(ca::Command),
    /// Print the version
    Version,
    #[command(hide = true)]
    ProbePartition(probe::Args),
}

/// A command that did not succeed.
#[derive(Debug)]
enum Failure {
    /// The caller can mend it by calling or configuring differently: 64.
    Usage(anyhow::Error),
    /// Something did not work: 1.
    Failed(anyhow::Error),
    /// Everything worth saying was said: 1.
    Silent,
}

impl From<ConfigError> for Failure {
    fn from(problem: ConfigError) -> Self {
        Self::Usage(problem.into())
    }
}

impl<E: Into<anyhow::Error>> From<Problem<E>> for Failure {
    fn from(problem: Problem<E>) -> Self {
        Self::Failed(problem.0.into())
    }
}

/// Marks an error as "did not work" for the question mark.
struct Problem<E>(E);

/// Runs what the arguments ask for.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(problem) => {
            // Help and version come this way too; they are no errors.
            drop(problem.print());
            return if problem.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Silent) => ExitCode::FAILURE,
        Err(Failure::Usage(problem)) => {
            complain(&problem);
            ExitCode::from(USAGE)
        }
        Err(Failure::Failed(problem)) => {
            complain(&problem);
            ExitCode::FAILURE
        }
    }
}

impl Cli {
    fn run(self) -> Result<(), Failure> {
        let own_folder = self.data_dir.is_some();
        let sources = Sources::of_process(self.config, self.data_dir);
        match self.mode {
            Mode::Serve => serve::run(&sources.load()?),
            Mode::Gateway(args) => gateway::run(&args, &sources.load()?),
            Mode::Agent(args) => agent::run(&args, &sources.load()?),
            Mode::Demo(args) => demo::run(&args, sources.load()?, own_folder),
            Mode::Simulate(command) => simulate::run(command),
            Mode::Init(args) => init::run(args, &sources.load()?),
            Mode::Operator(command) => operator::run(command, &sources.load()?),
            Mode::ApiKey(command) => api_key::run(command, &sources.load()?),
            Mode::ImportBuffer(args) => import::run(&args, &sources.load()?),
            Mode::Ca(command) => ca::run(&command, &sources.load()?),
            Mode::ProbePartition(args) => probe::run(&args),
            Mode::Config(command) => settings::run(&command, &sources),
            Mode::Doctor(args) => doctor::run(args, &sources.load()?),
            Mode::Version => {
                say(&format!("nazorat {}", env!("CARGO_PKG_VERSION")));
                Ok(())
            }
        }
    }
}

/// A line for the one who called. Whoever closed the pipe does not want it.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// The whole chain of reasons, once.
fn complain(problem: &anyhow::Error) {
    let mut text = format!("nazorat: {problem}");
    let mut before = problem.to_string();
    for reason in problem.chain().skip(1) {
        let reason = reason.to_string();
        // Transparent errors repeat what was said above them.
        if reason != before {
            text.push_str(": ");
            text.push_str(&reason);
        }
        before = reason;
    }
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// Has an order carried out and tells what came of it.
fn order(config: &Config, order: Order) -> Result<(), Failure> {
    match ask(config, order)? {
        Answer::Done { report } => say(&report),
        Answer::Secret { secret } => say(&secret),
        Answer::Refused { reason } => return Err(Failure::Failed(anyhow::anyhow!(reason))),
        Answer::Findings { findings } => return doctor::report(&findings),
    }
    Ok(())
}

fn ask(config: &Config, order: Order) -> Result<Answer, Failure> {
    let appliance = config.appliance()?;
    if gateway_mode::is_instead(&appliance.data_dir) {
        let told =
            "this box became a gateway in its first run; operators and keys are those of the appliance it sends to";
        return Err(Failure::Usage(anyhow::anyhow!(told)));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Problem)?;
    Ok(runtime.block_on(carry_out(&appliance, order)).map_err(Problem)?)
}

/// A password without the line break behind it.
fn read_password(file: &Path) -> Result<String, Failure> {
    let read = match file.to_str() {
        Some("-") => std::io::read_to_string(std::io::stdin()),
        _ => std::fs::read_to_string(file),
    };
    let text = read.with_context(|| format!("password file {} cannot be read", file.display()));
    let text = text.map_err(Failure::Usage)?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    Ok(password.strip_suffix('\r').unwrap_or(password).to_owned())
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "use uz, ru or en".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
