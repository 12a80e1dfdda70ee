//! The process that may end badly.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use std::time::Instant;

use nazorat_terminals::fuzz::TARGETS;

use super::mutate;

/// What it is called with.
pub(crate) const WORD: &str = "--worker";

/// One by one, each number told before it is tried.
pub(crate) const CAREFUL: &str = "careful";

/// So many inputs between two numbers that are told.
const STEP: u64 = 1_000;

/// Longer than this is as bad as a panic.
const SLOW: Duration = Duration::from_secs(1);

/// The folder of a target's corpus.
pub(crate) fn folder(target: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/corpora");
    let root = root.canonicalize().unwrap_or(root);
    let makers = fs::read_dir(&root).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path().join(target)));
    makers.into_iter().find(|folder| folder.is_dir()).unwrap_or_else(|| root.join("unknown").join(target))
}

/// The files of a corpus, always in the same order.
pub(crate) fn corpus(folder: &Path) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files.iter().filter_map(|file| fs::read(file).ok()).collect()
}

/// Target, seed, first number, and milliseconds or [`CAREFUL`].
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let [target, seed, from, how] = arguments else { return ExitCode::from(64) };
    let (Ok(seed), Ok(from)) = (seed.parse::<u64>(), from.parse::<u64>()) else { return ExitCode::from(64) };
    let Some((_, run)) = TARGETS.iter().find(|(name, _)| name == target) else { return ExitCode::from(64) };
    let corpus = corpus(&folder(target));
    let (began, limit) = (Instant::now(), how.parse().ok().map(Duration::from_millis));
    let mut number = from;
    loop {
        let told = limit.is_none() || number.is_multiple_of(STEP);
        if told {
            tell(number);
        }
        let is_over = match limit {
            Some(limit) => told && began.elapsed() >= limit,
            None => number >= from + STEP,
        };
        if is_over {
            return ExitCode::SUCCESS;
        }
        let input = mutate::input(&corpus, seed, number);
        let started = Instant::now();
        run(&input);
        if started.elapsed() > SLOW {
            tell(number);
            return ExitCode::FAILURE;
        }
        number += 1;
    }
}

fn tell(number: u64) {
    let mut output = std::io::stdout().lock();
    // Whoever listened may have gone; then there is no use in going on.
    if writeln!(output, "{number}").and_then(|()| output.flush()).is_err() {
        std::process::exit(1);
    }
}
