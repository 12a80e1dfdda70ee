//! Terminals that misbehave in every way, behind a gateway that is killed again and again: every event of every terminal is
//! stored, once, in the order in which it happened.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;
use std::time::Instant;

use nazorat::kernel::Clock;
use nazorat::sim::hikvision;
use nazorat::sim::zkteco;
use nazorat_terminals::zkteco::attendance::Layout;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use serde_json::Value;
use serde_json::json;

use super::journal::hub;
use super::journal::rows;
use super::office::Office;
use super::office::token;
use crate::support::agent::Agent;
use crate::support::agent::Desk;

/// How long everything may take to arrive once nothing goes wrong any more.
const WITHIN: Duration = Duration::from_secs(240);

/// How long a terminal whose clock is lost may take to have its log read again.
const LOOKS: Duration = Duration::from_secs(65);

/// A terminal of either maker, and which of the rarer things go wrong with it.
pub(super) struct Terminal {
    pub(super) kind: Kind,
    oddity: Oddity,
}

pub(super) enum Kind {
    Hikvision(hikvision::Terminal, hikvision::Passers),
    Zkteco(zkteco::Terminal, Layout),
}

/// Beside what goes wrong with all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Oddity {
    None,
    SplitsEveryByte,
    RefusesASecondClient,
    LosesItsClock,
}

pub(super) struct Branch {
    pub(super) office: Office,
    /// Of an administrator.
    pub(super) token: String,
    pub(super) http: reqwest::Client,
    pub(super) gateway: Option<Agent>,
    /// With their numbers at the appliance.
    pub(super) terminals: Vec<(u64, Terminal)>,
}

impl Terminal {
    pub(super) async fn hikvision(seed: u64) -> Self {
        let hashes = [hikvision::Hashes::Md5, hikvision::Hashes::Sha256, hikvision::Hashes::Both][seed as usize % 3];
        let config = hikvision::TerminalConfig {
            serial: format!("DS-K1T671M20260101V030305ENAA{seed:07}"),
            hashes,
            seed,
            subscribes: seed.is_multiple_of(2),
            by_serial: !seed.is_multiple_of(3),
            heartbeat: Duration::from_secs(2),
            ..hikvision::TerminalConfig::default()
        };
        let terminal = hikvision::Terminal::start(config).await.unwrap();
        let kind = Kind::Hikvision(terminal, hikvision::Passers::new(seed, 1));
        Self { kind, oddity: Oddity::of(seed) }
    }

    pub(super) async fn zkteco(seed: u64) -> Self {
        let layout = [Layout::Text, Layout::Long, Layout::Numbers][seed as usize % 3];
        let config = zkteco::TerminalConfig {
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
            serial: format!("SIM{seed:010}"),
            comm_key: 12_345,
            layout,
            people: zkteco::SimPerson::of_office(seed, 40),
            seed,
            ..zkteco::TerminalConfig::default()
        };
        let kind = Kind::Zkteco(zkteco::Terminal::start(config).await.unwrap(), layout);
        Self { kind, oddity: Oddity::of(seed + 1) }
    }

    fn address(&self) -> SocketAddr {
        match &self.kind {
            Kind::Hikvision(terminal, _) => terminal.address(),
            Kind::Zkteco(terminal, _) => terminal.address(),
        }
    }

    /// As the API takes it.
    fn described(&self, name: &str, gateway: &str) -> Value {
        let port = self.address().port();
        let (kind, settings) = match &self.kind {
            Kind::Hikvision(..) => {
                ("hikvision", json!({ "port": port, "user": "gateway", "password": "Demo-Pass-7", "doors": 1 }))
            }
            Kind::Zkteco(..) => ("zkteco", json!({ "port": port, "comm_key": 12_345, "doors": 1 })),
        };
        json!({ "name": name, "kind": kind, "gateway_id": gateway, "host": "127.0.0.1", "settings": settings,
            "doors": [{ "number": 1 }], "enabled": true })
    }

    fn pass(&mut self, turn: u64) {
        match &mut self.kind {
            Kind::Hikvision(terminal, passers) => {
                let pass = passers.next(&terminal.people());
                terminal.pass(pass);
            }
            Kind::Zkteco(terminal, _) => {
                let people = terminal.people();
                let number = people[turn as usize % people.len()].number.clone();
                terminal.pass(zkteco::Pass::Person { number, verify: [1, 2, 15][turn as usize % 3], state: 0 });
            }
        }
    }

    fn misbehave(&self, badly: bool) {
        match &self.kind {
            Kind::Hikvision(terminal, _) => {
                let usual = hikvision::Faults::parse(if badly { "all" } else { "" }).unwrap();
                terminal.set_faults(match self.oddity {
                    _ if !badly => usual,
                    Oddity::SplitsEveryByte => hikvision::Faults { split: hikvision::Split::Bytes, ..usual },
                    Oddity::RefusesASecondClient => hikvision::Faults { one_client: true, ..usual },
                    Oddity::LosesItsClock => hikvision::Faults { lose_clock: true, ..usual },
                    Oddity::None => usual,
                });
            }
            Kind::Zkteco(terminal, _) => {
                let usual =
                    "silent=5,close=10,reboot=3,reboot-for=1000,duplicate=100,lose=50,replay,slow=50,split=random";
                let usual = zkteco::Faults::parse(if badly { usual } else { "" }).unwrap();
                terminal.set_faults(match self.oddity {
                    _ if !badly => usual,
                    Oddity::SplitsEveryByte => zkteco::Faults { split: zkteco::Split::Bytes, ..usual },
                    Oddity::RefusesASecondClient => zkteco::Faults { one_client: true, ..usual },
                    Oddity::LosesItsClock => zkteco::Faults { clock: zkteco::ClockFault::Lost, ..usual },
                    Oddity::None => usual,
                });
            }
        }
    }

    pub(super) fn answers_slowly(&self, slowly: bool) {
        match &self.kind {
            Kind::Hikvision(terminal, _) => {
                let slow = Duration::from_millis(if slowly { 60 } else { 0 });
                terminal.set_faults(hikvision::Faults { slow, ..hikvision::Faults::default() });
            }
            Kind::Zkteco(terminal, _) => {
                terminal.set_faults(zkteco::Faults::parse(if slowly { "slow=60" } else { "" }).unwrap());
            }
        }
    }

    /// What the appliance must have of it, as it tells events apart, in the order in which they happened.
    fn expected(&self) -> Vec<String> {
        match &self.kind {
            Kind::Hikvision(terminal, _) => terminal.log().iter().map(|one| one.number.to_string()).collect(),
            Kind::Zkteco(terminal, layout) => {
                let mut seen = BTreeSet::new();
                // Two passes of one person in one second are one.
                let serials = terminal.log().iter().map(|one| one.serial(*layout)).collect::<Vec<_>>();
                serials.into_iter().filter(|serial| seen.insert(serial.clone())).collect()
            }
        }
    }

    /// Terminals of ZKTeco number nothing: of what they left out at first nobody can tell where in its second it was.
    fn as_far_as_told<'a>(&self, mut serials: Vec<&'a str>) -> Vec<&'a str> {
        if matches!(self.kind, Kind::Zkteco(..)) {
            let second = |serial: &&'a str| serial.split(':').next().unwrap_or_default();
            serials.chunk_by_mut(|one, other| second(one) == second(other)).for_each(<[&str]>::sort_unstable);
        }
        serials
    }

    /// The part of a serial number that `expected` has.
    fn bare<'a>(&self, serial: &'a str) -> &'a str {
        match &self.kind {
            Kind::Hikvision(..) => serial.split_once(':').map_or(serial, |(_, number)| number),
            Kind::Zkteco(..) => serial,
        }
    }
}

impl Oddity {
    const fn of(seed: u64) -> Self {
        match seed % 5 {
            0 => Self::SplitsEveryByte,
            3 => Self::RefusesASecondClient,
            4 => Self::LosesItsClock,
            _ => Self::None,
        }
    }
}

impl Branch {
    pub(super) async fn new(terminals: Vec<Terminal>) -> Self {
        let office = Office::new();
        let (gateway, invitation) = office.invite("Chilonzor").await;
        let (token, http) = (token(office.appliance.place(), "malika"), office.appliance.client());
        let mut branch = Self { office, token, http, gateway: None, terminals: Vec::new() };
        branch.ask("PUT", "/api/v1/device-networks", Some(json!({ "networks": ["127.0.0.0/8"] })), 200).await;
        branch.gateway = Some(Desk::joining(&invitation).start());
        for (number, terminal) in terminals.into_iter().enumerate() {
            let body = terminal.described(&format!("Door {number}"), &gateway);
            let made = branch.ask("POST", "/api/v1/devices", Some(body), 201).await;
            branch.terminals.push((made["id"].as_u64().unwrap(), terminal));
        }
        branch
    }

    pub(super) async fn ask(&self, method: &str, path: &str, body: Option<Value>, status: u16) -> Value {
        let request = self.http.request(method.parse().unwrap(), self.office.appliance.https(path));
        let request = request.bearer_auth(&self.token);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let answer = request.send().await.unwrap();
        let (told, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert_eq!(told, status, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// A device as it is set, to be changed and sent again.
    pub(super) async fn setting_of(&self, id: u64) -> Value {
        let mut device = self.ask("GET", &format!("/api/v1/devices/{id}"), None, 200).await;
        for told in ["id", "standing", "secrets", "created_at", "push_path"] {
            device.as_object_mut().unwrap().remove(told);
        }
        device
    }

    /// Takes something away by the API.
    pub(super) async fn gone(&self, path: &str) {
        let request = self.http.delete(self.office.appliance.https(path)).bearer_auth(&self.token);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 204, "{path}: {}", answer.text().await.unwrap());
    }

    pub(super) async fn all_online(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let all = self.ask("GET", "/api/v1/devices", None, 200).await;
            let items = all["items"].as_array().cloned().unwrap_or_default();
            let states: Vec<&str> = items.iter().filter_map(|one| one["standing"]["state"].as_str()).collect();
            if states.len() == self.terminals.len() && states.iter().all(|state| *state == "online") {
                return;
            }
            assert!(Instant::now() < deadline, "{items:#?}\n{}", self.gateway.as_ref().unwrap().desk().log());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    pub(super) fn kill_gateway(&mut self) {
        let desk = self.gateway.take().unwrap().kill();
        self.gateway = Some(desk.unjoined().start());
    }

    /// The serial numbers that are stored of a device, oldest first.
    async fn stored(&self, id: u64) -> Vec<String> {
        let now = Clock::system().now();
        let from = now.checked_sub(jiff::SignedDuration::from_hours(24)).unwrap();
        let to = now.checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/access-events?device_id={id}&from={from}&to={to}&limit=500{cursor}");
            let page = self.ask("GET", &path, None, 200).await;
            let items = page["items"].as_array().unwrap();
            found.extend(items.iter().map(|one| one["serial"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        found.reverse();
        found
    }

    /// What the files of the stopped appliance hold: every event once, and what nobody can believe the time of is set aside.
    fn check_files(self) {
        let all: usize = self.terminals.iter().map(|(_, terminal)| terminal.expected().len()).sum();
        let closed = self.office.stop();
        let hub = hub(&closed.place.data());
        let (found, incomplete) = rows(&hub, 1, Dataset::AccessEvents);
        assert!(incomplete.is_empty());
        let mut stored: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for row in found {
            let Event::Access(event) = row.event else { panic!("{row:?}") };
            stored.entry(u64::try_from(row.account).unwrap()).or_default().push(event.serial);
        }
        let mut aside: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
        for row in rows(&hub, 1, Dataset::RejectedEvents).0 {
            let Event::RejectedEvent(event) = row.event else { panic!("{row:?}") };
            let raw: Value = serde_json::from_str(&event.event).unwrap();
            let serial = raw["serial"].as_str().unwrap_or_else(|| panic!("{raw}")).to_owned();
            aside.entry(raw["device"].as_u64().unwrap()).or_default().insert(serial);
        }
        let mut found = 0;
        for (id, terminal) in &self.terminals {
            let mine = stored.remove(id).unwrap_or_default();
            let once: BTreeSet<&str> = mine.iter().map(|serial| terminal.bare(serial)).collect();
            assert_eq!(once.len(), mine.len(), "device {id} has events twice");
            let aside = aside.remove(id).unwrap_or_default();
            let aside: BTreeSet<&str> = aside.iter().map(|serial| terminal.bare(serial)).collect();
            assert!(aside.is_empty() || terminal.oddity == Oddity::LosesItsClock, "device {id}: {aside:?}");
            let expected = terminal.expected();
            let is_there = |one: &&String| once.contains(one.as_str()) || aside.contains(one.as_str());
            let missing: Vec<_> = expected.iter().filter(|one| !is_there(one)).collect();
            assert!(missing.is_empty(), "device {id} lacks {missing:?}");
            found += expected.len();
        }
        assert_eq!(found, all);
    }

    /// Waits until everything that happened is stored; it is never more than once there, nor too much.
    async fn everything_arrives(&self) {
        let deadline = Instant::now() + WITHIN;
        for (id, terminal) in self.terminals.iter().filter(|(_, one)| one.oddity != Oddity::LosesItsClock) {
            let expected = terminal.expected();
            loop {
                let stored = self.stored(*id).await;
                let bare: Vec<&str> = stored.iter().map(|serial| terminal.bare(serial)).collect();
                let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
                bare.iter().for_each(|serial| *counts.entry(serial).or_default() += 1);
                let twice: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
                assert!(twice.is_empty(), "device {id} has events twice: {twice:?}");
                let missing: Vec<&String> = expected.iter().filter(|one| !counts.contains_key(one.as_str())).collect();
                if missing.is_empty() {
                    let wanted: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
                    let mine: Vec<&str> = bare.into_iter().filter(|serial| wanted.contains(serial)).collect();
                    let mine = terminal.as_far_as_told(mine);
                    let expected = terminal.as_far_as_told(expected.iter().map(String::as_str).collect());
                    assert_eq!(mine, expected, "device {id} is out of order");
                    break;
                }
                let log = || self.gateway.as_ref().unwrap().desk().log();
                assert!(
                    Instant::now() < deadline,
                    "device {id} lacks {} events: {missing:?}\n{}",
                    missing.len(),
                    log()
                );
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

/// So many passes at each terminal, everything going wrong meanwhile, and the gateway killed so often.
async fn storm(mut terminals: Vec<Terminal>, passes: u64, kills: u64) {
    for terminal in &mut terminals {
        // What it had before anybody knew it.
        (0..5).for_each(|turn| terminal.pass(turn));
    }
    let mut branch = Branch::new(terminals).await;
    branch.all_online().await;
    branch.terminals.iter().for_each(|(_, terminal)| terminal.misbehave(true));
    for turn in 0..passes {
        branch.terminals.iter_mut().for_each(|(_, terminal)| terminal.pass(turn));
        if turn % (passes / (kills + 1)) == passes / (kills + 1) - 1 && turn < passes - 2 {
            branch.kill_gateway();
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    branch.terminals.iter().for_each(|(_, terminal)| terminal.misbehave(false));
    branch.everything_arrives().await;
    if branch.terminals.iter().any(|(_, one)| one.oddity == Oddity::LosesItsClock) {
        tokio::time::sleep(LOOKS).await;
    }
    let log = branch.gateway.as_ref().unwrap().desk().log();
    assert!(!log.contains("panicked"), "{log}");
    branch.check_files();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_of_misbehaving_terminals_is_stored_once_although_the_gateway_is_killed() {
    let terminals = vec![
        Terminal::hikvision(1).await,
        Terminal::hikvision(2).await,
        Terminal::zkteco(1).await,
        Terminal::zkteco(2).await,
    ];
    storm(terminals, 100, 2).await;
}

mod slow {
    use super::Terminal;
    use super::storm;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn ten_thousand_events_of_twenty_misbehaving_terminals_are_stored_once() {
        let mut terminals = Vec::new();
        for seed in 1..=10 {
            terminals.push(Terminal::hikvision(seed).await);
            terminals.push(Terminal::zkteco(seed).await);
        }
        storm(terminals, 500, 8).await;
    }
}
