//! From a decision to every computer: a policy is released again and again, and the agents behind several gateways say
//! when they hold to it. At last one gateway is away while something is decided, and comes back.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use nazorat_wire::policy::SignedSheet;
use serde_json::json;

use crate::appliance::Appliance;
use crate::gateway::Edge;
use crate::hardware;
use crate::table;
use crate::table::Table;

/// Longer than anything here takes.
const WITHIN: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_millis(50);

#[derive(clap::Args, Clone, Copy)]
pub(crate) struct Options {
    /// Gateways that have joined the appliance
    #[arg(long, default_value_t = 5)]
    gateways: u64,
    /// Agents behind each
    #[arg(long, default_value_t = 40)]
    agents: u64,
    /// How often something is decided
    #[arg(long, default_value_t = 10)]
    rounds: u64,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let listen: &'static str = free()?.to_string().leak();
    let mut appliance = Appliance::start(&[("NAZORAT_HTTP__LISTEN", listen)])?;
    let dir = tempfile::Builder::new().prefix("nazorat-bench-").tempdir()?;
    let (say, heard) = mpsc::channel();
    let mut branches = BTreeMap::new();
    for number in 0..options.gateways {
        let asked = json!({ "name": format!("Branch {number}"), "server": format!("https://{listen}") });
        let invited = appliance.connect()?.make("/api/v1/gateways", &appliance.token, &asked)?;
        let token = invited["token"].as_str().context("no token")?.to_owned();
        let branch = Branch { folder: dir.path().join(number.to_string()), listen: free()? };
        let gateway = branch.start(&[("NAZORAT_JOIN_TOKEN", token)])?;
        let code = std::fs::read_to_string(branch.folder.join("gateway/join-code"))?.trim().to_owned();
        for agent in 0..options.agents {
            let (key, address, say) =
                (gateway.join(&code, number * options.agents + agent)?, branch.listen, say.clone());
            std::thread::spawn(move || follow(address, &key, &say));
        }
        branches.insert(number, (branch, gateway));
    }
    let policy = appliance.connect()?.make(
        "/api/v1/policies",
        &appliance.token,
        &json!({ "applies_to": { "of": "organization" } }),
    )?;
    let at = format!("/api/v1/policies/{}", policy["id"]);
    let everybody = options.gateways * options.agents;

    // The first one makes the agents known to the appliance.
    decide(&appliance, &at, 0)?;
    arrive(&heard, everybody, Instant::now())?;
    let (mut times, mut known) = (Vec::new(), Vec::new());
    for round in 1..=options.rounds {
        let before = arrived(&appliance)?;
        let begun = decide(&appliance, &at, round)?;
        times.extend(arrive(&heard, everybody, begun)?);
        known.push(until_known(&appliance, before + everybody, begun)?);
    }

    let (branch, gateway) = branches.remove(&0).context("there is no gateway")?;
    drop(gateway);
    let begun = decide(&appliance, &at, options.rounds + 1)?;
    let mut others = arrive(&heard, everybody - options.agents, begun)?;
    let _gateway = branch.start(&[])?;
    let mut back = arrive(&heard, options.agents, Instant::now())?;

    let mut shown = Table::new(&["what", "p95", "the longest", "bar, p95"]);
    let who = format!("{everybody} agents behind {} gateways", options.gateways);
    for (what, times) in [
        (format!("released until held to, {who}, {} times", options.rounds), &mut times),
        ("the same until the appliance knows that all do".to_owned(), &mut known),
        ("released until held to, one gateway away".to_owned(), &mut others),
        ("the gateway that was away: up until all its agents hold to it".to_owned(), &mut back),
    ] {
        let (p95, longest) = (table::p95(times), table::percentile(times, 100));
        shown.row(&[&what, &table::millis(p95), &table::millis(longest), &"5 s"]);
    }
    eprintln!("{}\n\n{shown}", hardware::line());
    appliance.stop()
}

/// A gateway that can be started again where it was.
struct Branch {
    folder: PathBuf,
    listen: SocketAddr,
}

impl Branch {
    fn start(&self, more: &[(&'static str, String)]) -> Result<Edge> {
        // What the one before has told must not be taken for the new one.
        drop(std::fs::remove_file(self.folder.join("listen.json")));
        let listen = ("NAZORAT_GATEWAY__LISTEN", self.listen.to_string());
        Edge::start("gateway", &self.folder, &[&[listen], more].concat())
    }
}

pub(crate) fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Asks with what it has, as an agent does, until nobody listens any more.
#[expect(clippy::disallowed_methods, reason = "an agent waits before it tries again")]
fn follow(address: SocketAddr, key: &str, say: &mpsc::Sender<Instant>) {
    let mut have = String::new();
    loop {
        match Edge::policy_of(address, key, &have) {
            Ok(Some(text)) => {
                let Ok(sheet) = serde_json::from_str::<SignedSheet>(&text) else { return };
                have = sheet.checksum();
                if say.send(Instant::now()).is_err() {
                    return;
                }
            }
            Ok(None) => {}
            Err(_) => std::thread::sleep(AGAIN),
        }
    }
}

/// Releases something else than before; when that was asked for.
fn decide(appliance: &Appliance, at: &str, round: u64) -> Result<Instant> {
    let windows = if round.is_multiple_of(2) { "title" } else { "off" };
    let mut api = appliance.connect()?;
    let draft = json!({ "settings": { "windows": windows }, "version": round });
    api.change("PUT", &format!("{at}/draft"), &appliance.token, &draft)?;
    let begun = Instant::now();
    api.change("POST", &format!("{at}/release"), &appliance.token, &json!({ "reason": "bench", "version": round }))?;
    Ok(begun)
}

/// How long each took of so many agents.
fn arrive(heard: &mpsc::Receiver<Instant>, agents: u64, begun: Instant) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for _ in 0..agents {
        let Ok(held) = heard.recv_timeout(WITHIN) else { bail!("only {} of {agents} agents follow", times.len()) };
        times.push(held.duration_since(begun));
    }
    Ok(times)
}

/// How many agents hold to something else, as the appliance counts them.
fn arrived(appliance: &Appliance) -> Result<u64> {
    let text = appliance.connect()?.get("/metrics", &appliance.token)?;
    let name = "nazorat_policy_distribution_seconds_count ";
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
    Ok(found.unwrap_or(0.0) as u64)
}

#[expect(clippy::disallowed_methods, reason = "a bench waits for another process, with a deadline")]
fn until_known(appliance: &Appliance, wanted: u64, begun: Instant) -> Result<Duration> {
    loop {
        if arrived(appliance)? >= wanted {
            return Ok(begun.elapsed());
        }
        if begun.elapsed() > WITHIN {
            bail!("the appliance knows of {} of {wanted}", arrived(appliance)?);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
