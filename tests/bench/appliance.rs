//! The appliance as a customer runs it: its own process, on a folder of its own, spoken to over HTTP only.

use std::io::BufRead as _;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use anyhow::ensure;

use crate::connection::Connection;

/// The made-up events lie in the past; with this setting the appliance believes them.
pub(crate) const BELIEVES_THE_PAST: Setting = ("NAZORAT_INGEST__ACCEPT_DAYS", "3650");

/// What a form that is filled in comes with.
pub(crate) const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// The administrator's password.
const PASSWORD: &str = "a password of the bench";

/// Another program to measure than the one that was built for it.
pub(crate) static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// A setting, as a variable of the environment.
pub(crate) type Setting = (&'static str, &'static str);

/// A running appliance. Dropping it ends the process and removes the files.
pub(crate) struct Appliance {
    process: Child,
    pub(crate) plain: SocketAddr,
    pub(crate) key: String,
    pub(crate) token: String,
    settings: Vec<Setting>,
    dir: tempfile::TempDir,
}

impl Appliance {
    /// Sets up a new folder and starts on it.
    pub(crate) fn start(settings: &[Setting]) -> Result<Appliance> {
        let dir = tempfile::Builder::new().prefix("nazorat-bench-").tempdir().context("no folder for the appliance")?;
        let password = dir.path().join("password");
        std::fs::write(&password, format!("{PASSWORD}\n")).context("could not write the password")?;
        let data = dir.path().join("data");
        let password = password.to_string_lossy().into_owned();
        ask(&data, &["init", "--organization", "Bench", "--admin", "admin", "--password-file", &password])?;
        let key = ask(&data, &["api-key", "create", "--organization", "1", "--name", "bench"])?;
        let token = ask(&data, &["operator", "token", "--operator", "admin"])?;
        let (process, plain) = serve(&data, settings)?;
        Ok(Appliance { process, plain, key, token, settings: settings.to_vec(), dir })
    }

    /// Stops it cleanly and starts it on the same folder; how long that took until it said that it is ready.
    pub(crate) fn restart(&mut self) -> Result<Duration> {
        self.stop()?;
        let started = Instant::now();
        self.start_again()?;
        self.connect()?.get("/health/ready", "")?;
        Ok(started.elapsed())
    }

    /// A new key for the agents of an organization.
    pub(crate) fn key_of(&self, organization: u64) -> Result<String> {
        ask(&self.data(), &["api-key", "create", "--organization", &organization.to_string(), "--name", "bench"])
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Mebibytes of memory that it really holds.
    pub(crate) fn resident(&self) -> Result<u64> {
        resident(self.process.id())
    }

    /// Starts it again after a stop.
    pub(crate) fn start_again(&mut self) -> Result<()> {
        (self.process, self.plain) = serve(&self.data(), &self.settings)?;
        Ok(())
    }

    /// Signs the administrator in; the header with the cookies, for one organization.
    pub(crate) fn sign_in(&self, organization: u64) -> Result<String> {
        let login = format!("login=admin&password={}", PASSWORD.replace(' ', "+"));
        let answer = self.connect()?.send("/sign-in", FORM, login.as_bytes())?;
        ensure!(answer.status == 303 && !answer.cookies.is_empty(), "signing in was answered with {}", answer.status);
        Ok(format!("Cookie: {}; nz_org={organization}\r\n", answer.cookies.join("; ")))
    }

    /// A connection that stays open.
    pub(crate) fn connect(&self) -> Result<Connection> {
        Connection::open(self.plain)
    }

    /// One number out of `/metrics`; what was never counted is not listed there.
    pub(crate) fn metric(&self, name: &str) -> Result<f64> {
        let answer = self.connect()?.get("/metrics", &self.token)?;
        let Some(line) = answer.lines().find(|line| line.split([' ', '{']).next() == Some(name)) else {
            return Ok(0.0);
        };
        let value = line.rsplit(' ').next().and_then(|value| value.parse().ok());
        value.with_context(|| format!("/metrics has no number of {name}"))
    }

    /// Waits until everything that was acknowledged is in partitions.
    #[expect(clippy::disallowed_methods, reason = "a bench waits for another process, with a deadline")]
    pub(crate) fn settle(&self, limit: Duration) -> Result<()> {
        let deadline = Instant::now() + limit;
        loop {
            let events = self.metric("nazorat_ingest_events_total")?;
            let applied = self.metric("nazorat_apply_rows_total")?;
            if events > 0.0 && applied >= events {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "only {applied} of {events} events are stored");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops it cleanly and keeps its files until this is dropped.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let status = Command::new("kill").arg(self.process.id().to_string()).status().context("could not run kill")?;
        ensure!(status.success(), "nazorat could not be asked to stop");
        let ended = self.process.wait().context("nazorat was not there any more")?;
        ensure!(ended.success(), "nazorat ended with {ended}");
        Ok(())
    }
}

impl Drop for Appliance {
    fn drop(&mut self) {
        // Nothing to do when it has ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Mebibytes of memory that a process really holds.
pub(crate) fn resident(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).context("the process has gone")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes: u64 =
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).context("the process has no VmRSS")?;
    Ok(kibibytes / 1_024)
}

/// Starts the process and waits until it has said where it listens.
fn serve(data: &Path, settings: &[Setting]) -> Result<(Child, SocketAddr)> {
    let mut process = command(data)
        .arg("serve")
        .env("NAZORAT_HTTP__LISTEN", "127.0.0.1:0")
        .env("NAZORAT_HTTP__PLAIN", "127.0.0.1:0")
        .env("NAZORAT_TELEMETRY__LOG", "error")
        .envs(settings.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .context("could not start nazorat")?;
    let out = process.stdout.take().context("nazorat has no standard output")?;
    for line in BufReader::new(out).lines() {
        let line = line.context("could not read from nazorat")?;
        if let Some(address) = line.trim().strip_prefix("plain") {
            return Ok((process, address.trim().parse().context("nazorat printed no address")?));
        }
    }
    bail!("nazorat ended before it listened")
}

/// Has the command line do something and gives what it printed.
fn ask(data: &Path, arguments: &[&str]) -> Result<String> {
    let output = command(data).args(arguments).output().context("could not start nazorat")?;
    if !output.status.success() {
        bail!("nazorat {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The program that is measured: the one that was built beside this one, or another, such as that of `cargo xtask dist`.
pub(crate) fn command(data: &Path) -> Command {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    let program = PROGRAM.get().cloned().unwrap_or_else(|| folder.join("nazorat"));
    let mut command = Command::new(program);
    command.arg("--data-dir").arg(data).env("LD_LIBRARY_PATH", folder.join("deps"));
    command
}
