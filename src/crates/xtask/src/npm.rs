//! Packages of npm that are unpacked as they are, and folders with a lock file.

use std::fs;
use std::path::Path;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::process::program;
use crate::tools;

/// One published package, pinned by its content.
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) archive: &'static str,
    pub(crate) sha256: &'static str,
}

impl Package {
    /// Fetches, checks and unpacks it into `dir/package`. A checked archive that is already there is used again.
    pub(crate) fn unpack(&self, dir: &Path) -> Result<()> {
        fs::create_dir_all(dir).with_context(|| format!("could not create {}", dir.display()))?;
        let archive = dir.join(self.archive);
        if !archive.is_file() || sha256(&archive)? != self.sha256 {
            program("npm").args(["pack", "--silent", self.name]).dir(dir).run()?;
            let found = sha256(&archive)?;
            if found != self.sha256 {
                bail!("{} has SHA-256 {found}, expected {}: not used", self.archive, self.sha256);
            }
        }
        program("tar").args(["-xzf", self.archive]).dir(dir).run()
    }
}

/// `npm ci`, unless the lock file is the one that was installed.
pub(crate) fn install_locked(dir: &Path) -> Result<()> {
    let lock = dir.join("package-lock.json");
    let stamp = dir.join("node_modules").join(".nazorat-lock");
    if tools::same_text(&lock, &stamp)? {
        return Ok(());
    }
    program("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).dir(dir).run()?;
    tools::remember(&lock, &stamp)
}

fn sha256(file: &Path) -> Result<String> {
    let line = program("sha256sum").args([file]).output()?;
    let sum = line.split_whitespace().next().context("sha256sum printed nothing")?;
    // A backslash marks a name with unusual letters.
    Ok(sum.trim_start_matches('\\').to_owned())
}
