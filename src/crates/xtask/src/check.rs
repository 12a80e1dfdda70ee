//! `test` and `ci`: what must hold before a change is shared.

use anyhow::Result;
use anyhow::bail;

use crate::deny;
use crate::dist;
use crate::duckdb;
use crate::paths;
use crate::process::Step;
use crate::process::cargo;
use crate::process::program;
use crate::tools;

/// Modules of this name hold the tests that only `--slow` runs. `.config/nextest.toml` says the same.
const SLOW: &str = "slow::";

#[derive(Clone, Copy, PartialEq)]
enum Depth {
    Usual,
    Slow,
}

/// All tests. What the runner prints last is the summary.
pub(crate) fn test(arguments: &[String]) -> Result<()> {
    let (flags, filters): (Vec<&String>, Vec<&String>) = arguments.iter().partition(|argument| *argument == "--slow");
    let depth = if flags.is_empty() { Depth::Usual } else { Depth::Slow };
    duckdb::provide()?;
    tools::provide_for_tests()?;
    let has_nextest = cargo(&["nextest", "--version"]).succeeds();
    let runner = if has_nextest { nextest(depth, &filters) } else { cargo_test(depth, &filters) };
    match depth {
        Depth::Usual => runner.run(),
        Depth::Slow => runner.env("NAZORAT_SLOW", "1").run(),
    }
}

fn nextest(depth: Depth, filters: &[&String]) -> Step {
    let step = cargo(&["nextest", "run", "--workspace", "--locked"]).args(duckdb::features());
    let step = if depth == Depth::Slow { step.args(["--profile", "slow"]) } else { step };
    step.args(filters)
}

fn cargo_test(depth: Depth, filters: &[&String]) -> Step {
    let step = cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]).args(duckdb::features()).args(filters);
    if depth == Depth::Slow { step } else { step.args(["--", "--skip", SLOW]) }
}

/// Everything, cheapest first.
pub(crate) fn ci() -> Result<()> {
    duckdb::provide()?;
    cargo(&["fmt", "--all", "--check"]).run()?;
    deny::check()?;
    static_is_what_web_builds_to()?;
    let lints = cargo(&["clippy", "--workspace", "--all-targets", "--locked"]).args(duckdb::features());
    lints.args(["--", "-D", "warnings"]).run()?;
    let docs = cargo(&["doc", "--workspace", "--no-deps", "--locked"]).args(duckdb::features());
    docs.env("RUSTDOCFLAGS", "-D warnings").run()?;
    test(&[])
}

fn static_is_what_web_builds_to() -> Result<()> {
    if !dist::build_web()? {
        return Ok(());
    }
    program("npm").args(["run", "--silent", "check"]).dir(&paths::root().join("web")).run()?;
    let changed = program("git").args(["-c", "safe.directory=*", "status", "--porcelain", "--", "static"]).output()?;
    if !changed.is_empty() {
        bail!("static/ is not what web/ builds to; commit the result of `npm run build`:\n{}", changed.trim_end());
    }
    Ok(())
}
