//! Where things are.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;

/// What cargo and the developer's shell say. The product has a configuration instead.
#[expect(
    clippy::disallowed_methods,
    reason = "xtask has no configuration file; cargo talks to it through the environment"
)]
pub(crate) fn environment(key: &str) -> Option<OsString> {
    env::var_os(key)
}

/// The root of the repository this command was called in.
pub(crate) fn root() -> PathBuf {
    // Cargo tells it at run time; the path known at compile time may be another checkout's.
    let manifest = environment("CARGO_MANIFEST_DIR");
    let manifest = manifest.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&manifest).ancestors().nth(3);
    root.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The target folder, as cargo would choose it.
pub(crate) fn target() -> PathBuf {
    match environment("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// What xtask downloaded. `tests/support/tools.rs` looks here too.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// The first program of that name on the search path.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = environment("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}
