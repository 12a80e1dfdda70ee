//! `nazorat import-buffer`.

use std::path::PathBuf;

use super::Failure;
use super::Problem;
use super::bar::Bar;
use super::bar::whole_seconds;
use super::say;
use crate::appliance;
use crate::appliance::ImportError;
use crate::appliance::Imported;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file that `nazorat gateway export-buffer` wrote
    file: PathBuf,
}

pub(super) fn run(args: &Args, config: &Config) -> Result<(), Failure> {
    let appliance = config.appliance()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Problem)?;
    let bar = Bar::new();
    let tell = |at, size, tally: &appliance::Tally| {
        let text = format!("{} batches were new, {} were here already", tally.batches, tally.known);
        bar.fill(at, size, &text);
    };
    let outcome = runtime.block_on(appliance::import(&appliance, &args.file, tell));
    bar.clear();
    match outcome {
        Ok(imported) => {
            report(&imported);
            match imported.tally.reason {
                None => Ok(()),
                Some(reason) => Err(Failure::Failed(anyhow::anyhow!(
                    "{} batches and screenshots were refused for good, all others are in; the first: {reason}",
                    imported.tally.refused
                ))),
            }
        }
        Err(ImportError::Stopped { before, reason }) => {
            report(&before);
            Err(Failure::Failed(anyhow::anyhow!(reason)))
        }
        Err(ImportError::Refused(problem)) => Err(Failure::Failed(problem)),
    }
}

fn report(imported: &Imported) {
    let Imported { head, name, organization, tally } = imported;
    say(&format!("Backlog of {name} ({organization}), written {}", whole_seconds(head.made_at)));
    say(&format!(
        "  batches   {} were new with {} events, {} were here already",
        tally.batches, tally.events, tally.known
    ));
    say(&format!("  pictures  {} were new, {} were here already", tally.screenshots, tally.known_screenshots));
    if tally.set_aside > 0 {
        say(&format!("  set aside {} events, which an operator finds among the refused ones", tally.set_aside));
    }
}
