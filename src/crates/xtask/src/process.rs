//! Running other programs: each step is announced, and fails by its exit status.

use std::env;
use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::duckdb;
use crate::paths;

pub(crate) struct Step {
    command: Command,
    shown: String,
}

/// A program, run in the root of the repository.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Step {
    let name = name.as_ref();
    let mut command = Command::new(name);
    command.current_dir(paths::root());
    Step { command, shown: name.to_string_lossy().into_owned() }
}

/// Cargo, in the environment it would have if the developer had called it.
pub(crate) fn cargo(arguments: &[&str]) -> Step {
    let name = paths::environment("CARGO").unwrap_or_else(|| "cargo".into());
    let mut step = program(name);
    step.shown = "cargo".to_owned();
    for (key, _) in env::vars_os() {
        let shown = key.to_string_lossy();
        if shown.starts_with("CARGO_PKG_") || shown.starts_with("CARGO_MANIFEST_") {
            step.command.env_remove(&key);
        }
    }
    step.command.env("DUCKDB_LIB_DIR", duckdb::library_dir());
    step.args(arguments)
}

impl Step {
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Step {
        for argument in arguments {
            let argument = argument.as_ref();
            self.shown.push(' ');
            self.shown.push_str(&argument.to_string_lossy());
            self.command.arg(argument);
        }
        self
    }

    pub(crate) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Step {
        self.command.env(key, value);
        self
    }

    pub(crate) fn dir(mut self, dir: &Path) -> Step {
        self.command.current_dir(dir);
        self
    }

    pub(crate) fn run(mut self) -> Result<()> {
        eprintln!("==> {}", self.shown);
        let status = self.command.status().with_context(|| format!("could not start `{}`", self.shown))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }

    /// Whether it ran and succeeded; says nothing.
    pub(crate) fn succeeds(mut self) -> bool {
        self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.command.status().is_ok_and(|status| status.success())
    }

    /// What it printed.
    pub(crate) fn output(mut self) -> Result<String> {
        let output = self.command.stderr(Stdio::inherit()).output();
        let output = output.with_context(|| format!("could not start `{}`", self.shown))?;
        if !output.status.success() {
            bail!("`{}` failed ({})", self.shown, output.status);
        }
        String::from_utf8(output.stdout).with_context(|| format!("`{}` printed no text", self.shown))
    }

    /// Becomes that program, so that signals and the exit status are the program's own.
    pub(crate) fn replace_this_process(mut self) -> Result<()> {
        eprintln!("==> {}", self.shown);
        let error = self.command.exec();
        Err(error).with_context(|| format!("could not start `{}`", self.shown))
    }
}
