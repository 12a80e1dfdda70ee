//! The programs of `appliance/adapters`, put where a gateway of a test runs them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// Writes a program into a folder of programs.
pub(crate) fn write(folder: &Path, name: &str, text: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Puts one of ours there. It says in its working folder, in the file `pid`, which process it is.
pub(crate) fn put(folder: &Path, name: &str, change: impl FnOnce(String) -> String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("appliance/adapters").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let named =
        text.replace("def main():\n", "def main():\n    open('pid', 'w').write(str(__import__('os').getpid()))\n");
    assert_ne!(named, text, "{name} has a function main");
    write(folder, name, &change(named));
}

/// Ends a program like a power cut.
pub(crate) fn kill(pid: i32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}

/// A number in a file that a program wrote.
pub(crate) fn number(file: &Path) -> Option<i32> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// Whether a process runs; one that has ended and is not yet buried does not.
pub(crate) fn is_alive(pid: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}
