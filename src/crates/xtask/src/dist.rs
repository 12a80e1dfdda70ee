//! `dist`: the one file a customer installs.

use std::env::consts::ARCH;
use std::env::consts::OS;
use std::fs;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::npm;
use crate::paths;
use crate::process::cargo;
use crate::process::program;

pub(crate) fn build() -> Result<()> {
    build_web()?;
    cargo(&["build", "--profile", "dist", "--features", "bundled", "--bin", "nazorat", "--locked"]).run()?;
    let dir = paths::target().join("dist");
    let name = format!("nazorat-{}-{OS}-{ARCH}", env!("CARGO_PKG_VERSION"));
    let file = dir.join(&name);
    program("strip").args(["--strip-all", "-o"]).args([&file, &dir.join("nazorat")]).run()?;
    let libraries = program("ldd").args([&file]).output()?;
    if libraries.contains("libduckdb") {
        bail!("{name} is not self-contained: it wants libduckdb");
    }
    let sum = program("sha256sum").args([&name]).dir(&dir).output()?;
    let sum_file = dir.join(format!("{name}.sha256"));
    fs::write(&sum_file, &sum).with_context(|| format!("could not write {}", sum_file.display()))?;
    let bytes = fs::metadata(&file).with_context(|| format!("could not read {}", file.display()))?.len();
    eprintln!("{}: {:.1} MB", file.display(), bytes as f64 / 1e6);
    eprintln!("SHA-256 {}", sum.split_whitespace().next().unwrap_or_default());
    Ok(())
}

/// Builds web/ into static/. Answers whether there was anything to build.
pub(crate) fn build_web() -> Result<bool> {
    let web = paths::root().join("web");
    if !web.join("package.json").is_file() {
        return Ok(false);
    }
    npm::install_locked(&web)?;
    program("npm").args(["run", "--silent", "build"]).dir(&web).run()?;
    Ok(true)
}
