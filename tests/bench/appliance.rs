//! The appliance as a customer runs it: its own process, on a folder of its own, spoken to over HTTP only.

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use anyhow::ensure;

/// A running appliance. Dropping it ends the process and removes the files.
pub(crate) struct Appliance {
    process: Child,
    pub(crate) plain: SocketAddr,
    pub(crate) key: String,
    pub(crate) token: String,
    dir: tempfile::TempDir,
}

impl Appliance {
    /// Sets up a new folder and starts on it. `accept_days` widens the time in which events are believed.
    pub(crate) fn start(accept_days: u32) -> Result<Appliance> {
        let dir = tempfile::Builder::new().prefix("nazorat-bench-").tempdir().context("no folder for the appliance")?;
        let password = dir.path().join("password");
        std::fs::write(&password, "a password of the bench\n").context("could not write the password")?;
        let data = dir.path().join("data");
        let order = |arguments: &[&str]| ask(&data, arguments);
        let password = password.to_string_lossy().into_owned();
        order(&["init", "--organization", "Bench", "--admin", "admin", "--password-file", &password])?;
        let key = order(&["api-key", "create", "--organization", "1", "--name", "bench"])?;
        let token = order(&["operator", "token", "--operator", "admin"])?;
        let mut process = command(&data)
            .arg("serve")
            .env("NAZORAT_HTTP__LISTEN", "127.0.0.1:0")
            .env("NAZORAT_HTTP__PLAIN", "127.0.0.1:0")
            .env("NAZORAT_INGEST__ACCEPT_DAYS", accept_days.to_string())
            .env("NAZORAT_TELEMETRY__LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start nazorat")?;
        let out = process.stdout.take().context("nazorat has no standard output")?;
        let mut plain = None;
        for line in BufReader::new(out).lines() {
            let line = line.context("could not read from nazorat")?;
            if let Some(address) = line.trim().strip_prefix("plain") {
                plain = Some(address.trim().parse().context("nazorat printed no address")?);
                break;
            }
        }
        let plain = plain.context("nazorat ended before it listened")?;
        Ok(Appliance { process, plain, key, token, dir })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// A connection that stays open.
    pub(crate) fn connect(&self) -> Result<Connection> {
        Connection::open(self.plain)
    }

    /// One number out of `/metrics`.
    pub(crate) fn metric(&self, name: &str) -> Result<f64> {
        let answer = self.connect()?.get("/metrics", &self.token)?;
        let line = answer.lines().find(|line| line.split([' ', '{']).next() == Some(name));
        let value = line.and_then(|line| line.rsplit(' ').next());
        value.and_then(|value| value.parse().ok()).with_context(|| format!("/metrics has no {name}"))
    }

    /// Waits until everything that was acknowledged is in partitions.
    #[expect(clippy::disallowed_methods, reason = "a bench waits for another process, with a deadline")]
    pub(crate) fn settle(&self, limit: Duration) -> Result<()> {
        let deadline = Instant::now() + limit;
        loop {
            let events = self.metric("nazorat_ingest_events_total")?;
            let applied = self.metric("nazorat_apply_rows_total")?;
            if applied >= events {
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

/// One HTTP/1.1 connection of a client that does nothing else.
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).context("could not connect to nazorat")?;
        stream.set_nodelay(true).context("could not set up the connection")?;
        Ok(Connection { reader: BufReader::new(stream) })
    }

    /// Sends a body and gives the status; the answer's body is read and dropped.
    pub(crate) fn post(&mut self, path: &str, headers: &str, body: &[u8]) -> Result<u16> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        let stream = self.reader.get_mut();
        stream.write_all(head.as_bytes()).context("nazorat has gone")?;
        stream.write_all(body).context("nazorat has gone")?;
        Ok(self.answer()?.0)
    }

    pub(crate) fn get(&mut self, path: &str, token: &str) -> Result<String> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n");
        self.reader.get_mut().write_all(head.as_bytes()).context("nazorat has gone")?;
        let (status, body) = self.answer()?;
        ensure!(status == 200, "{path} was answered with {status}: {body}");
        Ok(body)
    }

    /// Has something made through the API and gives what came of it.
    pub(crate) fn make(&mut self, path: &str, token: &str, what: &serde_json::Value) -> Result<serde_json::Value> {
        let body = what.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Authorization: Bearer {token}\r\n\r\n{body}",
            body.len()
        );
        self.reader.get_mut().write_all(head.as_bytes()).context("nazorat has gone")?;
        let (status, body) = self.answer()?;
        ensure!(status == 201, "{path} was answered with {status}: {body}");
        serde_json::from_str(&body).with_context(|| format!("{path} was not answered with JSON"))
    }

    fn answer(&mut self) -> Result<(u16, String)> {
        let mut line = String::new();
        self.reader.read_line(&mut line).context("nazorat has gone")?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no HTTP answer")?;
        let mut length = None;
        let mut chunked = false;
        loop {
            line.clear();
            self.reader.read_line(&mut line).context("nazorat has gone")?;
            let text = line.trim_end().to_ascii_lowercase();
            if text.is_empty() {
                break;
            }
            length = text.strip_prefix("content-length:").and_then(|text| text.trim().parse().ok()).or(length);
            chunked |= text.starts_with("transfer-encoding:") && text.contains("chunked");
        }
        let body = if chunked { self.chunks()? } else { self.exactly(length.unwrap_or(0))? };
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    fn exactly(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body).context("nazorat has gone")?;
        Ok(body)
    }

    fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).context("nazorat has gone")?;
            let length = usize::from_str_radix(line.trim(), 16).context("a chunk has no length")?;
            body.extend(self.exactly(length)?);
            self.exactly(2)?;
            if length == 0 {
                return Ok(body);
            }
        }
    }
}

/// Has the command line do something and gives what it printed.
fn ask(data: &Path, arguments: &[&str]) -> Result<String> {
    let output = command(data).args(arguments).output().context("could not start nazorat")?;
    if !output.status.success() {
        bail!("nazorat {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The program beside this one: examples lie one folder below.
fn command(data: &Path) -> Command {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    let mut command = Command::new(folder.join("nazorat"));
    command.arg("--data-dir").arg(data).env("LD_LIBRARY_PATH", folder.join("deps"));
    command
}
