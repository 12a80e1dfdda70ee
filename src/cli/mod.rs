//! The command line: what can be asked for, and the exit codes 0 (done, stopped), 1 (failed) and 64 (bad usage or
//! configuration). Each mode is one file with one `run`.

mod doctor;
mod serve;
mod settings;

use std::ffi::OsString;
use std::future::Future;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::Subcommand;

use crate::config::Config;
use crate::config::ConfigError;
use crate::config::Sources;

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
    /// Check or show the configuration
    #[command(subcommand)]
    Config(settings::Command),
    /// Look whether everything is well; restore a damaged store
    Doctor(doctor::Args),
    /// Print the version
    Version,
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
        let sources = Sources::of_process(self.config, self.data_dir);
        match self.mode {
            Mode::Serve => serve::run(&sources.load()?),
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

/// Runs a short command on a small runtime.
fn wait_for<T>(work: impl Future<Output = anyhow::Result<T>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Problem)?;
    Ok(runtime.block_on(work).map_err(Problem)?)
}

/// What the commands that look at the appliance need.
fn appliance(config: &Config) -> Result<crate::appliance::Config, Failure> {
    Ok(config.appliance()?)
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
