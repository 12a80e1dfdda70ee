//! `bench`: builds what is measured and what measures it with the release profile, and becomes the latter.

use anyhow::Result;

use crate::duckdb;
use crate::process::cargo;
use crate::tools;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    duckdb::provide()?;
    tools::provide_for_benches()?;
    // One command, so that cargo resolves the features of both together and compiles everything once.
    let build = cargo(&["build", "--release", "--locked", "--bin", "nazorat", "--example", "bench"]);
    build.args(duckdb::features()).run()?;
    let measure = cargo(&["run", "--release", "--locked", "--quiet", "--example", "bench"]);
    measure.args(duckdb::features()).args(["--"]).args(arguments).replace_this_process()
}
