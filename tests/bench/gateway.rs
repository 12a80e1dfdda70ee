//! The box of a branch: small requests of many agents to durable 2xx, with the line cut and with it up, the drain of what
//! has piled up over mutual TLS, and what gateway and agent hold in memory when nothing happens.

use std::net::SocketAddr;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Stdio;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use anyhow::ensure;
use serde_json::Value;
use serde_json::json;

use crate::appliance::Appliance;
use crate::appliance::BELIEVES_THE_PAST;
use crate::appliance::command;
use crate::connection::Connection;
use crate::hardware;
use crate::postgres::store;
use crate::rows;
use crate::table;
use crate::table::Table;

/// Longer than any start takes.
const START: Duration = Duration::from_secs(60);
/// The gateway tries a line that was down again within five minutes at most.
const DRAIN: Duration = Duration::from_secs(900);
const LOOK: Duration = Duration::from_millis(50);

#[derive(clap::Args, Clone, Copy)]
pub(crate) struct Options {
    /// How many events with the line cut, and as many with it up
    #[arg(long, default_value_t = 2_000_000)]
    events: u64,
    /// Events in one request
    #[arg(long, default_value_t = 20)]
    batch: u64,
    /// Agents that send at the same time
    #[arg(long, default_value_t = 64)]
    agents: u64,
    /// Seconds without work before the memory is looked at
    #[arg(long, default_value_t = 60)]
    rest: u64,
}

/// A gateway or an agent: its own process on a folder of its own.
pub(crate) struct Edge {
    process: Child,
    plain: SocketAddr,
}

#[expect(clippy::disallowed_methods, reason = "the processes live in real time; rest is time that passes for them")]
pub(crate) fn run(options: &Options) -> Result<()> {
    // The gateway knows the appliance by its address, which must be the same after a restart.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let listen: &'static str = format!("127.0.0.1:{port}").leak();
    let mut appliance = Appliance::start(&[BELIEVES_THE_PAST, ("NAZORAT_HTTP__LISTEN", listen)])?;
    let dir = tempfile::Builder::new().prefix("nazorat-bench-").tempdir()?;
    let invited = appliance.connect()?.make(
        "/api/v1/gateways",
        &appliance.token,
        &json!({ "name": "Bench", "server": format!("https://{listen}") }),
    )?;
    let token = invited["token"].as_str().context("no token")?.to_owned();
    let folder = dir.path().join("gateway");
    let gateway =
        Edge::start("gateway", &folder, &[("NAZORAT_JOIN_TOKEN", token), ("NAZORAT_GATEWAY__LISTEN", free())])?;
    let code = std::fs::read_to_string(folder.join("gateway/join-code"))?.trim().to_owned();
    let agent = join_agent(dir.path(), &gateway, &code)?;
    std::thread::sleep(Duration::from_secs(options.rest));
    let resting = (gateway.resident()?, agent.resident()?);
    drop(agent);

    let keys = (0..options.agents).map(|number| gateway.join(&code, number)).collect::<Result<Vec<_>>>()?;
    appliance.stop()?;
    let (cut, cut_p95) = send(&gateway, &keys, options, 0)?;
    let left = gateway.left()?;
    appliance.start_again()?;
    let drain = gateway.drained(left)?;
    let (up, up_p95) = send(&gateway, &keys, options, options.events.div_ceil(options.batch))?;
    let after = Instant::now();
    gateway.wait_empty()?;
    let rest_of_drain = after.elapsed();
    appliance.settle(Duration::from_secs(300))?;
    let counted = crate::ingest::count(&appliance)?;
    ensure!(counted == options.events * 2, "{counted} of {} events are stored", options.events * 2);

    let mut shown = Table::new(&["what", "measured", "p95 of a request", "bar"]);
    let name = |line: &str| format!("gateway, requests of {} events to durable 2xx, {line}", options.batch);
    let rate = |rate: u64| format!("{} events/s", table::grouped(rate));
    shown.row(&[&name("line cut"), &rate(cut), &table::millis(cut_p95), &"40,000/s"]);
    shown.row(&[&name("line up"), &rate(up), &table::millis(up_p95), &"40,000/s"]);
    shown.row(&[&"drain to the appliance over mTLS", &rate(drain), &"", &"60,000/s"]);
    shown.row(&[&format!("gateway, memory, idle for {} s", options.rest), &format!("{} MB", resting.0), &"", &"40 MB"]);
    shown.row(&[&format!("agent, memory, idle for {} s", options.rest), &format!("{} MB", resting.1), &"", &"30 MB"]);
    eprintln!("{}\nwith the line up, the buffer was empty {rest_of_drain:.1?} after the last 2xx\n", hardware::line());
    eprintln!("{shown}");
    appliance.stop()
}

/// An address that nobody has just now.
fn free() -> String {
    "127.0.0.1:0".to_owned()
}

/// The relay of a computer, behind the gateway.
fn join_agent(dir: &Path, gateway: &Edge, code: &str) -> Result<Edge> {
    let (folder, key, file) = (dir.join("agent"), dir.join("agent-key"), dir.join("code"));
    std::fs::write(&file, code)?;
    let settings = [
        ("NAZORAT_AGENT__FORWARD_TO", format!("http://{}", gateway.plain)),
        ("NAZORAT_AGENT__KEY_FILE", key.to_string_lossy().into_owned()),
        ("NAZORAT_AGENT__LISTEN", free()),
    ];
    let joined = command(&folder).args(["agent", "--join"]).arg(file).envs(settings.clone()).output()?;
    ensure!(joined.status.success(), "{}", String::from_utf8_lossy(&joined.stderr));
    Edge::start("agent", &folder, &settings)
}

/// All agents send until the events are sent; the rate, and the 95th percentile of a request.
fn send(gateway: &Edge, keys: &[String], options: &Options, first: u64) -> Result<(u64, Duration)> {
    let requests = options.events.div_ceil(options.batch);
    let next = AtomicU64::new(0);
    let started = Instant::now();
    let mut times = std::thread::scope(|scope| -> Result<Vec<Duration>> {
        let (next, first) = (&next, first);
        let agent = |key: &String| {
            let headers = format!("Authorization: Bearer {key}\r\n");
            scope.spawn(move || -> Result<Vec<Duration>> {
                let mut connection = Connection::open(gateway.plain)?;
                let mut times = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= requests {
                        return Ok(times);
                    }
                    let events = (first + number) * options.batch..(first + number + 1) * options.batch;
                    let events = events.map(|event| rows::active_window(event, options.agents));
                    let body = store::body(first + number, events);
                    let sent = Instant::now();
                    let status = connection.post("/local/agent/logs", &headers, body.as_bytes())?;
                    ensure!(status == 200, "a request was answered with {status}");
                    times.push(sent.elapsed());
                }
            })
        };
        let agents: Vec<_> = keys.iter().map(agent).collect();
        let mut times = Vec::new();
        for agent in agents {
            times.extend(agent.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(times)
    })?;
    let rate = table::per_second(requests * options.batch, started.elapsed());
    Ok((rate, table::p95(&mut times)))
}

impl Edge {
    #[expect(clippy::disallowed_methods, reason = "a bench waits for another process, with a deadline")]
    pub(crate) fn start(mode: &str, folder: &Path, settings: &[(&'static str, String)]) -> Result<Edge> {
        let mut process = command(folder)
            .arg(mode)
            .env("NAZORAT_TELEMETRY__LOG", "error")
            .envs(settings.iter().cloned())
            .stdout(Stdio::null())
            .spawn()
            .context("could not start nazorat")?;
        let note: PathBuf = folder.join("listen.json");
        let deadline = Instant::now() + START;
        loop {
            if let Ok(bytes) = std::fs::read(&note) {
                let told: Value = serde_json::from_slice(&bytes)?;
                let plain = told["plain"].as_str().context("it does not say where it listens")?.parse()?;
                return Ok(Edge { process, plain });
            }
            if let Some(status) = process.try_wait()? {
                bail!("nazorat {mode} ended with {status}");
            }
            ensure!(Instant::now() < deadline, "nazorat {mode} does not come up");
            std::thread::sleep(LOOK);
        }
    }

    /// Has an agent join; its key.
    pub(crate) fn join(&self, code: &str, number: u64) -> Result<String> {
        let uid = format!("bench-{number}");
        let body = json!({ "join_code": code, "computer_uid": uid, "name": uid }).to_string();
        let headers = "Content-Type: application/json\r\n";
        let answer = Connection::open(self.plain)?.send("/local/agent/join", headers, body.as_bytes())?;
        let joined: Value = serde_json::from_str(&answer.body)?;
        Ok(joined["key"].as_str().with_context(|| answer.body.clone())?.to_owned())
    }

    /// What an agent is to hold to instead of what it has, as soon as there is something.
    pub(crate) fn policy_of(address: SocketAddr, key: &str, have: &str) -> Result<Option<String>> {
        let path = format!("/local/agent/policy?have={have}&wait=25");
        let answer = Connection::open(address)?.ask(&path, &format!("Authorization: Bearer {key}\r\n"))?;
        match answer.status {
            200 => Ok(Some(answer.body)),
            204 => Ok(None),
            status => bail!("the gateway answered {status}: {}", answer.body),
        }
    }

    fn status(&self) -> Result<Value> {
        Ok(serde_json::from_str(&Connection::open(self.plain)?.get_with("/status", "")?)?)
    }

    fn left(&self) -> Result<u64> {
        self.status()?["uplink"]["events"].as_u64().context("the status does not say how many events have left")
    }

    fn is_empty(&self) -> Result<bool> {
        Ok(self.status()?["buffer"]["batches"] == 0)
    }

    #[expect(clippy::disallowed_methods, reason = "a bench waits for another process, with a deadline")]
    fn wait_empty(&self) -> Result<()> {
        let deadline = Instant::now() + DRAIN;
        while !self.is_empty()? {
            ensure!(Instant::now() < deadline, "the buffer is not drained: {}", self.status()?);
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Events that leave in a second, from the first that are seen to leave until nothing waits any more.
    #[expect(clippy::disallowed_methods, reason = "a bench waits for another process, with a deadline")]
    fn drained(&self, before: u64) -> Result<u64> {
        let deadline = Instant::now() + DRAIN;
        while self.left()? == before {
            ensure!(Instant::now() < deadline, "nothing leaves: {}", self.status()?);
            std::thread::sleep(LOOK);
        }
        let (begun, first) = (Instant::now(), self.left()?);
        self.wait_empty()?;
        Ok(table::per_second(self.left()? - first, begun.elapsed()))
    }

    /// Mebibytes of memory that it really holds.
    fn resident(&self) -> Result<u64> {
        crate::appliance::resident(self.process.id())
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        // Nothing to do when it has ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
