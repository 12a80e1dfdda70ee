//! Developer tooling: `cargo xtask <command>`.
//!
//! Owns everything a developer's machine needs beside Rust, a C compiler, Python and npm: it fetches the shared
//! library of DuckDB and the programs the tests drive, and knows in which order the checks run.
//! It depends on nothing of the app and on one crate, so that it compiles in seconds on a new machine.
//! It must never be needed by the product: what a customer runs is built by plain cargo.

use std::process::ExitCode;

use anyhow::Result;

mod bench;
mod check;
mod deny;
mod dist;
mod duckdb;
mod npm;
mod paths;
mod process;
mod tools;

const USAGE: &str = "\
usage: cargo xtask <command>

  duckdb                  put the shared library of DuckDB where the build looks for it
  demo [arguments]        build and run the demo: the appliance with a simulated office
  test [--slow] [filters] install what the tests need when it is missing, run all tests
  ci                      format, lints, tests, documentation, licences, web assets
  deny                    only the licences and the banned crates
  bench <what> [options]  build for release and measure (`bench --help` lists what)
  fuzz [target] [options] throw bytes at the parsers of terminals (`fuzz --help` lists targets and options)
  dist                    the self-contained binary, with DuckDB compiled in (takes half an hour)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else {
        eprint!("{USAGE}");
        return ExitCode::from(64);
    };
    match run(command, rest) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, rest: &[String]) -> Result<ExitCode> {
    match command {
        "duckdb" => duckdb::provide()?,
        "demo" => demo(rest)?,
        "test" => check::test(rest)?,
        "ci" => check::ci()?,
        "deny" => deny::check()?,
        "bench" => bench::run(rest)?,
        "fuzz" => fuzz(rest)?,
        "dist" => dist::build()?,
        "help" | "--help" | "-h" => eprint!("{USAGE}"),
        other => {
            eprint!("xtask: unknown command {other}\n\n{USAGE}");
            return Ok(ExitCode::from(64));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn fuzz(rest: &[String]) -> Result<()> {
    duckdb::provide()?;
    // Of the whole workspace, so that nothing is compiled again with other features.
    let build = process::cargo(&["build", "--workspace", "--locked", "--quiet", "--example", "fuzz"]);
    build.args(duckdb::features()).run()?;
    process::program(paths::target().join("debug/examples/fuzz")).args(rest).replace_this_process()
}

fn demo(rest: &[String]) -> Result<()> {
    duckdb::provide()?;
    process::cargo(&["run", "--locked", "--bin", "nazorat"])
        .args(duckdb::features())
        .args(["--", "demo"])
        .args(rest)
        .replace_this_process()
}
