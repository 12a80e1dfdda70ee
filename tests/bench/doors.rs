//! From a door to a guard's screen and back: terminals tell events, and the stream of the guard's desk shows them; doors are
//! opened over the API, and the terminals answer. Everything between is as in an office: the terminals' own protocol, a gateway
//! that has joined, mutual TLS, files that are made durable.

use std::collections::HashMap;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::ensure;
use nazorat::sim::hikvision::Pass;
use nazorat::sim::hikvision::Terminal;
use nazorat::sim::hikvision::TerminalConfig;
use serde_json::Value;
use serde_json::json;

use crate::appliance::Appliance;
use crate::gateway::Edge;
use crate::hardware;
use crate::policies::free;
use crate::table;
use crate::table::Table;

/// Longer than anything here takes.
const WITHIN: Duration = Duration::from_secs(60);

#[derive(clap::Args, Clone, Copy)]
pub(crate) struct Options {
    /// Terminals behind the gateway
    #[arg(long, default_value_t = 10)]
    terminals: u64,
    /// Events in a second, of all terminals together
    #[arg(long, default_value_t = 100)]
    per_second: u32,
    /// For how long
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// How often a door is opened
    #[arg(long, default_value_t = 100)]
    doors: u64,
}

/// When each event was first on the screen.
type Shown = Arc<Mutex<HashMap<String, Instant>>>;

pub(crate) fn run(options: &Options) -> Result<()> {
    let listen: &'static str = free()?.to_string().leak();
    let mut appliance = Appliance::start(&[("NAZORAT_HTTP__LISTEN", listen)])?;
    let dir = tempfile::Builder::new().prefix("nazorat-bench-").tempdir()?;
    let asked = json!({ "name": "Branch", "server": format!("https://{listen}") });
    let invited = appliance.connect()?.make("/api/v1/gateways", &appliance.token, &asked)?;
    let token = invited["token"].as_str().context("no token")?.to_owned();
    let gateway = ("NAZORAT_GATEWAY__LISTEN", free()?.to_string());
    let _gateway = Edge::start("gateway", &dir.path().join("box"), &[gateway, ("NAZORAT_JOIN_TOKEN", token)])?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let networks = json!({ "networks": ["127.0.0.0/8"] });
    appliance.connect()?.change("PUT", "/api/v1/device-networks", &appliance.token, &networks)?;
    let mut terminals = Vec::new();
    for number in 0..options.terminals {
        let config = TerminalConfig { serial: format!("BENCH{number:06}"), seed: number, ..TerminalConfig::default() };
        let terminal = runtime.block_on(Terminal::start(config))?;
        let settings = json!({
            "port": terminal.address().port(), "user": "gateway", "password": "Demo-Pass-7", "doors": 1,
        });
        let device = json!({
            "name": format!("Door {number}"), "kind": "hikvision", "gateway_id": invited["gateway"]["id"],
            "host": "127.0.0.1", "settings": settings, "doors": [{ "number": 1 }], "enabled": true,
        });
        let made = appliance.connect()?.make("/api/v1/devices", &appliance.token, &device)?;
        terminals.push((made["id"].as_u64().context("no id")?, terminal));
    }
    all_online(&appliance, terminals.len())?;
    let shown = Shown::default();
    watch(&appliance, Arc::clone(&shown))?;

    let begun = Instant::now();
    let mut happened = Vec::new();
    let pause = Duration::from_secs(1) / options.per_second.max(1);
    for turn in 0..options.per_second * options.seconds {
        let (id, terminal) = &terminals[turn as usize % terminals.len()];
        let at = Instant::now();
        let number = terminal.pass(Pass::face("1001", 1));
        happened.push((format!("{id}:1:{number}"), at));
        wait((pause * (turn + 1)).saturating_sub(begun.elapsed()));
    }
    let rate = table::per_second(happened.len() as u64, begun.elapsed());
    wait(Duration::from_secs(3));
    let found = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let seen = happened.iter().filter_map(|(key, at)| Some(found.get(key)?.duration_since(*at)));
    let mut seen: Vec<Duration> = seen.collect();
    ensure!(!seen.is_empty(), "nothing was shown; the stream told of {} events", found.len());
    let on_screen = seen.len();

    let mut opened = Vec::new();
    for turn in 0..options.doors {
        opened.push(open(&appliance, &terminals[turn as usize % terminals.len()])?);
    }

    let mut table = Table::new(&["what", "p95", "the longest", "bar, p95"]);
    let terminals = terminals.len();
    let what = format!(
        "{rate} events/s of {terminals} terminals until on a guard's screen ({on_screen} of {} stood there)",
        happened.len()
    );
    for (what, times, bar) in [
        (what, &mut seen, "500 ms"),
        (
            format!("a door, from the request until the terminal's answer is known, {} times", options.doors),
            &mut opened,
            "300 ms",
        ),
    ] {
        let (p95, longest) = (table::p95(times), table::percentile(times, 100));
        table.row(&[&what, &table::millis(p95), &table::millis(longest), &bar]);
    }
    eprintln!("{}\n\n{table}", hardware::line());
    appliance.stop()
}

/// Opens a door and waits until its terminal has answered.
fn open(appliance: &Appliance, (id, terminal): &(u64, Terminal)) -> Result<Duration> {
    let before = terminal.doors().len();
    let mut api = appliance.connect()?;
    let headers = format!("Content-Type: application/json\r\nAuthorization: Bearer {}\r\n", appliance.token);
    let order = json!({ "action": "open", "door": 1, "reason": "bench" }).to_string();
    let begun = Instant::now();
    let answer = api.send(&format!("/api/v1/devices/{id}/orders"), &headers, order.as_bytes())?;
    ensure!(answer.status == 202, "an order was answered with {}: {}", answer.status, answer.body);
    let made: Value = serde_json::from_str(&answer.body)?;
    let path = format!("/api/v1/devices/{id}/orders/{}", made["id"].as_str().context("no id")?);
    loop {
        let now: Value = serde_json::from_str(&api.get(&path, &appliance.token)?)?;
        match now["state"].as_str() {
            Some("succeeded") => break,
            Some("pending" | "sent" | "acked") => {}
            _ => anyhow::bail!("a door was not opened: {now}"),
        }
        ensure!(begun.elapsed() < WITHIN, "a door was never answered for");
        wait(Duration::from_millis(5));
    }
    let took = begun.elapsed();
    ensure!(terminal.doors().len() == before + 1, "the door was opened {} times", terminal.doors().len() - before);
    Ok(took)
}

fn all_online(appliance: &Appliance, wanted: usize) -> Result<()> {
    let begun = Instant::now();
    loop {
        let all: Value = serde_json::from_str(&appliance.connect()?.get("/api/v1/devices", &appliance.token)?)?;
        let items = all["items"].as_array().cloned().unwrap_or_default();
        if items.iter().filter(|one| one["standing"]["state"] == "online").count() == wanted {
            return Ok(());
        }
        ensure!(begun.elapsed() < WITHIN, "not all terminals come up: {all}");
        wait(Duration::from_millis(100));
    }
}

/// Looks at the guard's desk as a browser does, and notes when each event is there.
fn watch(appliance: &Appliance, shown: Shown) -> Result<()> {
    let cookies = appliance.sign_in(1)?;
    let mut stream = TcpStream::connect(appliance.plain)?;
    let head = format!("GET /live/doors HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n{cookies}\r\n");
    stream.write_all(head.as_bytes())?;
    let mut first = [0; 15];
    stream.read_exact(&mut first)?;
    ensure!(first.starts_with(b"HTTP/1.1 200"), "the stream was answered with {}", String::from_utf8_lossy(&first));
    std::thread::spawn(move || {
        let (mut text, mut bytes) = (String::new(), vec![0; 64 << 10]);
        while let Ok(read @ 1..) = stream.read(&mut bytes) {
            let now = Instant::now();
            text.push_str(&String::from_utf8_lossy(bytes.get(..read).unwrap_or_default()));
            // A message is there as a whole when its empty line is.
            let Some(end) = text.rfind("\n\n") else { continue };
            let rest = text.split_off(end);
            let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            for part in text.split("data-pass=\"").skip(1) {
                let key = part.split('"').next().unwrap_or_default().to_owned();
                shown.entry(key).or_insert(now);
            }
            text = rest;
        }
    });
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a bench waits for another process, or for time to pass")]
fn wait(time: Duration) {
    std::thread::sleep(time);
}
