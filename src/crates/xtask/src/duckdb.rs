//! The shared library of DuckDB for development.
//!
//! Compiling DuckDB takes 25 minutes on two cores, so only `dist` does that. Everything else links the library that
//! DuckDB itself publishes in its npm package; other platforms than Linux on x86-64 compile it.

use std::env::consts::ARCH;
use std::env::consts::OS;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::npm;
use crate::paths;

const PACKAGE: npm::Package = npm::Package {
    name: "@duckdb/node-bindings-linux-x64@1.5.6-r.1",
    archive: "duckdb-node-bindings-linux-x64-1.5.6-r.1.tgz",
    sha256: "1b9f82478539bb9a1d1df44bd103121a12ae52142c07158dc52b97d2ec1d69ff",
};
const LIBRARY: &str = "libduckdb.so";
const LIBRARY_BYTES: u64 = 70_546_800;

/// Where the linker finds the library, in every profile. `.cargo/config.toml` says the same to plain cargo.
pub(crate) fn library_dir() -> PathBuf {
    paths::target().join("debug").join("deps")
}

fn is_published() -> bool {
    OS == "linux" && ARCH == "x86_64" && cfg!(target_env = "gnu")
}

/// The cargo features with which DuckDB builds on this platform.
pub(crate) fn features() -> &'static [&'static str] {
    if is_published() { &[] } else { &["--features", "bundled"] }
}

/// Puts the library into the `deps` folders, where cargo's own run path finds it.
pub(crate) fn provide() -> Result<()> {
    if !is_published() {
        eprintln!(
            "no shared library of DuckDB for {ARCH}-{OS}: it is compiled instead (--features bundled), which takes long"
        );
        return Ok(());
    }
    let wanted = [library_dir(), paths::target().join("release").join("deps")].map(|dir| dir.join(LIBRARY));
    if wanted.iter().all(|file| is_whole(file)) {
        return Ok(());
    }
    let library = fetch()?;
    for file in &wanted {
        place(&library, file)?;
    }
    Ok(())
}

fn is_whole(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|meta| meta.len() == LIBRARY_BYTES)
}

/// The checked library in the cache of xtask.
fn fetch() -> Result<PathBuf> {
    let dir = paths::tools().join("duckdb");
    PACKAGE.unpack(&dir)?;
    let library = dir.join("package").join(LIBRARY);
    if !is_whole(&library) {
        bail!("{} is not the library of DuckDB 1.5.6", library.display());
    }
    Ok(library)
}

fn place(library: &Path, file: &Path) -> Result<()> {
    let dir = file.parent().context("a library file is always in a folder")?;
    fs::create_dir_all(dir).with_context(|| format!("could not create {}", dir.display()))?;
    // Linked under another name and renamed, so that a running program never loses its library.
    let fresh = dir.join("libduckdb.so.new");
    if fresh.exists() {
        fs::remove_file(&fresh).with_context(|| format!("could not remove {}", fresh.display()))?;
    }
    if fs::hard_link(library, &fresh).is_err() {
        fs::copy(library, &fresh).with_context(|| format!("could not write {}", fresh.display()))?;
    }
    fs::rename(&fresh, file).with_context(|| format!("could not write {}", file.display()))?;
    eprintln!("{} is in place", file.display());
    Ok(())
}
