//! The programs the tests drive. `cargo xtask test` installs them; nothing here installs anything.

use std::env;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;

/// Debian's Chromium.
pub(crate) fn chromium() -> PathBuf {
    on_path("chromium")
}

/// Node with `playwright-core` and `axe-core` beside the scripts in `tests/browser`.
pub(crate) fn node() -> PathBuf {
    present(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/node_modules/playwright-core"));
    let own = downloaded().join("node");
    if own.is_file() { own } else { on_path("node") }
}

/// Prometheus' checker of metrics and rules.
pub(crate) fn promtool() -> PathBuf {
    find_on_path("promtool").unwrap_or_else(|| present(downloaded().join("promtool")))
}

/// The Python of the virtual environment that has `aw-client` in it.
pub(crate) fn python() -> PathBuf {
    present(downloaded().join("python/bin/python"))
}

pub(crate) fn schemathesis() -> PathBuf {
    present(downloaded().join("python/bin/schemathesis"))
}

pub(crate) fn strace() -> PathBuf {
    on_path("strace")
}

/// Runs a program that must succeed.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn downloaded() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().unwrap().join("tools")
}

fn on_path(name: &str) -> PathBuf {
    find_on_path(name).unwrap_or_else(|| missing(name))
}

#[expect(clippy::disallowed_methods, reason = "the search path is no setting of the product")]
fn find_on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

fn present(file: PathBuf) -> PathBuf {
    if file.exists() { file } else { missing(&file.display().to_string()) }
}

fn missing(what: &str) -> ! {
    panic!("{what} is missing: run `cargo xtask test` once, it installs what the tests need")
}
