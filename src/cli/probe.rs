//! The hidden child of the appliance that tries an event file which may be damaged: `probe-partition FILE`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Failure;
use super::Problem;
use super::say;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let report = nazorat_timeseries::probe::run(&args.file);
    say(&serde_json::to_string(&report).map_err(Problem)?);
    Ok(())
}
