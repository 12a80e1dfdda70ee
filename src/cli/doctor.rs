//! `nazorat doctor`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Failure;
use super::Problem;
use super::order;
use super::say;
use crate::appliance::Finding;
use crate::appliance::Order;
use crate::appliance::State;
use crate::appliance::restore_export;
use crate::config::Config;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Put the tenant store back from an export, the newest one when no file is named; the appliance must be stopped
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    restore_export: Option<Option<PathBuf>>,
}

pub(super) fn run(args: Args, config: &Config) -> Result<(), Failure> {
    if let Some(file) = args.restore_export {
        let (file, report) = restore_export(&config.data_dir()?, file).map_err(Problem)?;
        say(&format!("restored {} records of {} from {}", report.records, report.at, file.display()));
        return Ok(());
    }
    order(config, Order::Doctor)
}

pub(super) fn report(findings: &[Finding]) -> Result<(), Failure> {
    for finding in findings {
        let state = match finding.state {
            State::Ok => "ok  ",
            State::Warn => "warn",
            State::Fail => "FAIL",
        };
        say(&format!("{state}  {:<12} {}", finding.check, finding.detail));
        if let Some(next) = &finding.next {
            say(&format!("      {:<12} -> {next}", ""));
        }
    }
    let failed = findings.iter().filter(|finding| finding.state == State::Fail).count();
    if failed == 0 { Ok(()) } else { Err(Failure::Silent) }
}
