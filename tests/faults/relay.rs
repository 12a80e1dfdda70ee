//! The real client of ActivityWatch and the relay, while everything behind them, and the relay itself, comes and goes.
//! Pointed at a server without a relay this client loses what it has at each restart; here nothing may be missing.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::io::BufReader;
use std::net::SocketAddr;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use serde_json::Value;

use super::journal::hub;
use super::journal::rows;
use super::office::Closed;
use super::office::Office;
use crate::support::agent::Agent;
use crate::support::agent::Desk;
use crate::support::agent::free_port;
use crate::support::appliance::Options;
use crate::support::appliance::said;
use crate::support::tools;

/// At which window, and what.
type Happening = (usize, fn(&mut World));

/// An appliance that is found at the same place after each start, and a computer that sends to it.
struct World {
    main: SocketAddr,
    appliance: Option<Office>,
    closed: Option<Closed>,
    agent: Option<Agent>,
    /// The box of the branch, if there is one between the two.
    gateway: Option<Agent>,
    /// The same when it does not run.
    switched_off: Option<Desk>,
    home: tempfile::TempDir,
}

impl World {
    fn opened() -> Self {
        let closed = Some(Closed::new());
        let home = tempfile::tempdir().unwrap();
        let (appliance, agent, gateway, switched_off) = (None, None, None, None);
        let mut world = Self { main: free_port(), appliance, closed, agent, gateway, switched_off, home };
        world.open();
        world
    }

    fn new() -> Self {
        let mut world = Self::opened();
        let office = world.appliance.as_ref().unwrap();
        let desk = Desk::new(&office.appliance.https(""), &office.key, Some(office.appliance.ca()));
        world.agent = Some(desk.start());
        world
    }

    /// The computer sends to the gateway of a branch.
    async fn with_branch() -> Self {
        let mut world = Self::opened();
        let (_, token) = world.appliance.as_ref().unwrap().invite("Chilonzor").await;
        let gateway = Desk::joining(&token).start();
        let desk = Desk::new(&format!("http://{}", gateway.desk().address()), "", None);
        let code = gateway.desk().data().join("gateway/join-code");
        let joined = desk.command().arg("--join").arg(code).output().unwrap();
        assert!(joined.status.success(), "{}", said(&joined));
        world.gateway = Some(gateway);
        world.agent = Some(desk.start());
        world
    }

    fn kill_gateway(&mut self) {
        self.switched_off = Some(self.gateway.take().unwrap().kill());
    }

    fn start_gateway(&mut self) {
        self.gateway = Some(self.switched_off.take().unwrap().start());
    }

    fn restart_gateway(&mut self) {
        let desk = self.gateway.take().unwrap().stop();
        self.gateway = Some(desk.start());
    }

    fn open(&mut self) {
        let environment = vec![("NAZORAT_HTTP__LISTEN", self.main.to_string())];
        let closed = self.closed.take().unwrap();
        self.appliance = Some(closed.open_with(Options { environment, ..Options::default() }));
    }

    fn kill_appliance(&mut self) {
        self.closed = Some(self.appliance.take().unwrap().kill());
    }

    fn stop_appliance(&mut self) {
        self.closed = Some(self.appliance.take().unwrap().stop());
    }

    fn kill_agent(&mut self) {
        let desk = self.agent.take().unwrap().kill();
        self.agent = Some(desk.start());
    }

    fn restart_agent(&mut self) {
        let desk = self.agent.take().unwrap().stop();
        self.agent = Some(desk.start());
    }

    /// A watcher that tells which window it is at.
    fn watcher(&self, mode: &str, windows: std::ops::Range<usize>) -> (Child, BufReader<std::process::ChildStdout>) {
        let address = self.agent.as_ref().unwrap().desk().address();
        let mut script = Command::new(tools::python());
        script.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/relay.py"));
        script.args([mode, &address.ip().to_string(), &address.port().to_string()]);
        script.args([windows.start.to_string(), windows.len().to_string()]);
        script.env("HOME", self.home.path()).env_remove("XDG_DATA_HOME").stdout(Stdio::piped());
        let mut child = script.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        (child, lines)
    }

    /// Plays the watcher to its end; something happens at some of the windows.
    fn play(&mut self, mode: &str, windows: std::ops::Range<usize>, at: &[Happening]) {
        let (mut child, lines) = self.watcher(mode, windows);
        for line in lines.lines() {
            let window: usize = line.unwrap().parse().unwrap();
            for (_, happens) in at.iter().filter(|(when, _)| *when == window) {
                happens(self);
            }
        }
        assert!(child.wait().unwrap().success());
    }

    /// Waits until the relay has nothing left.
    async fn drained(&mut self) {
        // A stop in good order lets go of what is still open.
        self.restart_agent();
        for hop in self.agent.iter().chain(&self.gateway) {
            emptied(hop).await;
        }
    }

    /// Every window was in front for its two seconds, in parts that follow each other.
    async fn check(mut self, windows: usize) {
        self.drained().await;
        let mut log = self.agent.take().unwrap().stop().log();
        log += &self.gateway.take().map(|gateway| gateway.stop().log()).unwrap_or_default();
        assert!(!log.contains("panicked"), "{log}");
        self.stop_appliance();
        let place = self.closed.take().unwrap().place;
        let (rows, incomplete) = rows(&hub(&place.data()), 1, Dataset::ActiveWindows);
        assert!(incomplete.is_empty());
        let mut parts: BTreeMap<String, Vec<(i64, i64)>> = BTreeMap::new();
        for row in rows {
            let Event::ActiveWindow(window) = row.event else { panic!("{row:?}") };
            let end = row.ts_us + i64::from(window.duration_ms) * 1_000;
            parts.entry(window.app).or_default().push((row.ts_us, end));
        }
        parts.remove("end");
        let lost: Vec<_> = (0..windows).filter(|n| !parts.contains_key(&format!("app-{n}"))).collect();
        assert!(lost.is_empty(), "{} of {windows} windows are lost: {lost:?}\n{log}", lost.len());
        assert_eq!(parts.len(), windows);
        for (app, mut parts) in parts {
            parts.sort_unstable();
            let whole: i64 = parts.iter().map(|(from, to)| to - from).sum();
            assert!(whole == 2_000_000 && parts.windows(2).all(|two| two[0].1 == two[1].0), "{app}: {parts:?}");
        }
    }
}

/// Waits until a relay or a gateway has nothing left.
async fn emptied(hop: &Agent) {
    let http = super::office::client();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let status: Value = http.get(hop.url("/status")).send().await.unwrap().json().await.unwrap();
        if status["buffer"]["batches"] == 0 {
            assert_eq!(status["uplink"]["dead_letters"]["kept"], 0);
            return;
        }
        assert!(Instant::now() < deadline, "{status}\n{}", hop.desk().log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_watchers_lose_nothing_while_the_appliance_is_down_restarted_and_killed() {
    let mut world = World::new();
    let restart = |world: &mut World| {
        world.stop_appliance();
        world.open();
    };
    let kill = |world: &mut World| {
        world.kill_appliance();
        world.open();
    };
    world.play(
        "queue",
        0..80,
        &[(10, World::kill_appliance), (30, World::open), (45, restart), (60, kill), (70, World::stop_appliance)],
    );
    // The whole of the last stretch was written down while nobody was there to take it.
    world.open();
    world.check(80).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_watchers_lose_nothing_while_gateway_and_appliance_are_down_restarted_and_killed() {
    let mut world = World::with_branch().await;
    let reopen = |world: &mut World| {
        world.stop_appliance();
        world.open();
    };
    let kill_both = |world: &mut World| {
        world.kill_gateway();
        world.kill_appliance();
        world.start_gateway();
        world.open();
    };
    world.play(
        "queue",
        0..100,
        &[
            (8, World::kill_gateway),
            (20, World::start_gateway),
            (28, World::kill_appliance),
            (40, World::restart_gateway),
            (48, World::open),
            (56, reopen),
            (64, kill_both),
            (84, World::kill_gateway),
            (90, World::kill_appliance),
        ],
    );
    world.open();
    world.start_gateway();
    world.check(100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answered_heartbeat_is_there_after_the_relay_was_killed() {
    let mut world = World::new();
    let both = |world: &mut World| {
        world.kill_appliance();
        world.kill_agent();
        world.open();
    };
    world.play(
        "retry",
        0..80,
        &[(7, World::kill_agent), (20, World::restart_agent), (35, both), (50, World::kill_agent), (65, both)],
    );
    world.check(80).await;
}
