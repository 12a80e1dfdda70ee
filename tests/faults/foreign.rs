//! A webhook and two programs behind a real gateway: programs are killed, the gateway is killed, requests are sent again and
//! again. Every event is stored, once.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use aws_lc_rs::hmac;
use nazorat::sim::hikvision;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use super::journal::hub;
use super::journal::rows;
use super::office::Office;
use super::office::client;
use super::office::token;
use crate::support::agent::Agent;
use crate::support::agent::Desk;
use crate::support::agent::free_port;
use crate::support::programs;

const WITHIN: Duration = Duration::from_secs(120);
const KEY: &str = "a long road to Samarkand";
/// Events of each device.
const EVENTS: u64 = 240;

/// An office with a branch, and what the branch's gateway runs.
struct Branch {
    office: Office,
    token: String,
    http: reqwest::Client,
    gateway: Option<Agent>,
    listen: SocketAddr,
    dir: TempDir,
}

impl Branch {
    async fn new() -> (Self, String) {
        let office = Office::new();
        let (id, invitation) = office.invite("Chilonzor").await;
        let (token, http) = (token(office.appliance.place(), "malika"), office.appliance.client());
        let (listen, dir) = (free_port(), tempfile::tempdir().unwrap());
        let folder = dir.path().join("programs");
        programs::put(&folder, "template.py", |text| {
            text.replace("self.cursor += 1", "self.cursor += 1; time.sleep(0.01)")
        });
        programs::put(&folder, "turnstile.py", |text| text);
        let desk = Desk::joining(&invitation)
            .with("NAZORAT_GATEWAY__DEVICES", &listen.to_string())
            .with("NAZORAT_GATEWAY__ADAPTERS", folder.to_str().unwrap());
        let gateway = Some(desk.start());
        (Self { office, token, http, gateway, listen, dir }, id)
    }

    async fn ask(&self, method: &str, path: &str, body: Option<Value>, status: u16) -> Value {
        let request = self.http.request(method.parse().unwrap(), self.office.appliance.https(path));
        let request = request.bearer_auth(&self.token);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let answer = request.send().await.unwrap();
        let (told, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert_eq!(told, status, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn add(&self, gateway: &str, name: &str, (kind, settings): (&str, Value)) -> Value {
        let body = json!({ "name": name, "kind": kind, "gateway_id": gateway, "settings": settings,
            "doors": [{ "number": 1 }] });
        self.ask("POST", "/api/v1/devices", Some(body), 201).await
    }

    async fn state(&self, id: u64) -> Value {
        self.ask("GET", &format!("/api/v1/devices/{id}"), None, 200).await["standing"].clone()
    }

    async fn comes_to(&self, id: u64, state: &str) -> Value {
        let deadline = Instant::now() + WITHIN;
        loop {
            let standing = self.state(id).await;
            if standing["state"] == state {
                return standing;
            }
            assert!(Instant::now() < deadline, "{standing}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Where the program of a device works.
    fn work(&self, id: u64) -> PathBuf {
        self.gateway.as_ref().unwrap().desk().data().join(format!("gateway/devices/work-{id}"))
    }

    fn pid(&self, id: u64) -> Option<i32> {
        programs::number(&self.work(id).join("pid")).filter(|pid| programs::is_alive(*pid))
    }

    async fn running(&self, id: u64) -> i32 {
        let deadline = Instant::now() + WITHIN;
        loop {
            if let Some(pid) = self.pid(id) {
                return pid;
            }
            assert!(Instant::now() < deadline, "the program does not run\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn log(&self) -> String {
        self.gateway.as_ref().unwrap().desk().log()
    }

    /// Sends events until they are taken.
    async fn send(&self, path: &str, body: &Value) -> Value {
        let (key, text) = (hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes()), body.to_string());
        let deadline = Instant::now() + WITHIN;
        loop {
            let now = nazorat::kernel::Clock::system().now().as_second();
            let tag = hmac::sign(&key, format!("{now}.{text}").as_bytes());
            let request = client().post(format!("http://{}{path}", self.listen)).body(text.clone());
            let request = request.header("x-timestamp", now).header("x-signature", hex::encode(tag.as_ref()));
            match request.send().await {
                Ok(answer) if answer.status() == 200 => return answer.json().await.unwrap(),
                // It is being started, or does not know the device yet.
                Ok(answer) => assert!(matches!(answer.status().as_u16(), 404 | 503), "{answer:?}"),
                Err(_) => {}
            }
            assert!(Instant::now() < deadline, "nobody takes it\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn kill_gateway(&mut self, programs: &[u64]) {
        let pids: Vec<i32> = programs.iter().filter_map(|id| self.pid(*id)).collect();
        let desk = self.gateway.take().unwrap().kill();
        let deadline = Instant::now() + WITHIN;
        // Nobody ends them: they notice that their input has ended.
        while pids.iter().any(|pid| programs::is_alive(*pid)) {
            assert!(Instant::now() < deadline, "programs outlive their gateway");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.gateway = Some(desk.unjoined().start());
    }

    /// The serial numbers of each device in the files of the stopped appliance, each as often as it is there.
    fn stored(self) -> BTreeMap<u64, Vec<String>> {
        let closed = self.office.stop();
        let (found, incomplete) = rows(&hub(&closed.place.data()), 1, Dataset::AccessEvents);
        assert!(incomplete.is_empty());
        let mut stored: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for row in found {
            let Event::Access(event) = row.event else { panic!("{row:?}") };
            stored.entry(u64::try_from(row.account).unwrap()).or_default().push(event.serial);
        }
        stored
    }
}

fn event(number: u64) -> Value {
    let at = nazorat::kernel::Clock::system().now();
    json!({ "serial": format!("w{number}"), "ts": at.to_string(), "person": "1001", "direction": "in" })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_of_webhooks_and_programs_is_stored_once_although_all_are_killed() {
    let (mut branch, gateway) = Branch::new().await;
    let file = branch.dir.path().join("passes.csv");
    std::fs::write(&file, "id,time,card,result\n").unwrap();
    let hook = branch.add(&gateway, "Hook", ("webhook", json!({ "secret": KEY }))).await;
    let path = hook["push_path"].as_str().unwrap().to_owned();
    let options = format!("file={}", file.display());
    let turnstile = json!({ "program": "turnstile.py", "options": options });
    let turnstile = branch.add(&gateway, "Turnstile", ("process", turnstile)).await["id"].as_u64().unwrap();
    let template = json!({ "program": "template.py", "options": format!("count={EVENTS}") });
    let template = branch.add(&gateway, "Template", ("process", template)).await["id"].as_u64().unwrap();
    branch.comes_to(turnstile, "online").await;

    let mut passes = std::fs::File::options().append(true).open(&file).unwrap();
    for number in 1..=EVENTS {
        let at = nazorat::kernel::Clock::system().now();
        passes.write_all(format!("t{number},{at},77{number},ok\n").as_bytes()).unwrap();
        let told = branch.send(&path, &json!([event(number), { "person": "1001" }])).await;
        assert_eq!((&told["accepted"], &told["refused"]), (&json!(1), &json!(1)), "{told}");
        match number {
            40 | 120 => programs::kill(branch.running(turnstile).await),
            60 | 180 => programs::kill(branch.running(template).await),
            100 | 200 => branch.kill_gateway(&[turnstile, template]).await,
            _ => {}
        }
    }
    for (id, last) in [(hook["id"].as_u64().unwrap(), "w"), (turnstile, "t"), (template, "demo-")] {
        let deadline = Instant::now() + WITHIN;
        let now = nazorat::kernel::Clock::system().now();
        let (from, to) = (now - jiff::SignedDuration::from_hours(24), now + jiff::SignedDuration::from_hours(1));
        let path = format!("/api/v1/access-events?device_id={id}&from={from}&to={to}&limit=500");
        loop {
            let page = branch.ask("GET", &path, None, 200).await;
            let found: BTreeSet<&str> =
                page["items"].as_array().unwrap().iter().filter_map(|one| one["serial"].as_str()).collect();
            let missing = (1..=EVENTS).filter(|number| !found.contains(format!("{last}{number}").as_str())).count();
            if missing == 0 {
                break;
            }
            assert!(Instant::now() < deadline, "device {id} lacks {missing}\n{}", branch.log());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    branch.comes_to(template, "online").await;
    assert!(!branch.log().contains("panicked"), "{}", branch.log());
    // A gateway that is asked to stop leaves no program behind.
    let pids = [branch.running(turnstile).await, branch.running(template).await];
    branch.gateway.take().unwrap().stop();
    assert!(pids.iter().all(|pid| !programs::is_alive(*pid)));
    let stored = branch.stored();
    assert_eq!(stored.len(), 3);
    for (id, serials) in stored {
        let once: BTreeSet<&String> = serials.iter().collect();
        assert_eq!((serials.len() as u64, once.len() as u64), (EVENTS, EVENTS), "device {id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_runs_no_program_that_its_own_configuration_does_not_name() {
    let office = Office::new();
    let (gateway, invitation) = office.invite("Chilonzor").await;
    let (token, http) = (token(office.appliance.place(), "malika"), office.appliance.client());
    let (listen, dir) = (free_port(), tempfile::tempdir().unwrap());
    let started = Some(Desk::joining(&invitation).start());
    let branch = Branch { office, token, http, gateway: started, listen, dir };
    let settings = json!({ "program": "turnstile.py" });
    let id = branch.add(&gateway, "Turnstile", ("process", settings)).await["id"].as_u64().unwrap();
    let standing = branch.comes_to(id, "error").await;
    assert_eq!(standing["code"], "device_settings");
    assert!(standing["detail"].as_str().unwrap().contains("[gateway] adapters"), "{standing}");
    for program in ["/bin/sh", "../turnstile.py", "sh -c id"] {
        let body =
            json!({ "name": program, "kind": "process", "gateway_id": gateway, "settings": { "program": program } });
        let refused = branch.ask("POST", "/api/v1/devices", Some(body), 422).await;
        assert_eq!(refused["code"], "device_settings", "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_is_told_to_push_and_everything_is_taken_back_when_it_is_given_up() {
    let (branch, gateway) = Branch::new().await;
    let config = hikvision::TerminalConfig { host_slots: 2, ..hikvision::TerminalConfig::default() };
    let terminal = hikvision::Terminal::start(config).await.unwrap();
    let others = "127.0.0.2:80/platform".to_owned();
    terminal.set_push_host(1, "127.0.0.2", "/platform");
    branch.ask("PUT", "/api/v1/device-networks", Some(json!({ "networks": ["127.0.0.0/8"] })), 200).await;
    let described = |push: bool| {
        json!({ "name": "Door", "kind": "hikvision", "gateway_id": gateway, "host": "127.0.0.1", "doors": [{ "number": 1 }],
            "settings": { "port": terminal.address().port(), "user": "gateway", "password": "Demo-Pass-7",
                "stream": "poll", "push": push } })
    };
    let made = branch.ask("POST", "/api/v1/devices", Some(described(true)), 201).await;
    let id = made["id"].as_u64().unwrap();
    let path = format!("/api/v1/devices/{id}");
    let ours = format!("127.0.0.1:{}{}", branch.listen.port(), made["push_path"].as_str().unwrap());
    let comes_to = async |second: &str| {
        let deadline = Instant::now() + WITHIN;
        while terminal.push_hosts() != [others.as_str(), second] {
            assert!(Instant::now() < deadline, "{:?}\n{}", terminal.push_hosts(), branch.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    comes_to(&ours).await;
    branch.comes_to(id, "online").await;
    for person in ["1001", "1002", "1003"] {
        terminal.pass(hikvision::Pass::face(person, 1));
    }
    // Nobody listens to its stream: what it does not push is in its log only, and comes later.
    let deadline = Instant::now() + WITHIN;
    while terminal.unsent(2) > 0 {
        assert!(Instant::now() < deadline, "pushes are not taken\n{}", branch.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    branch.ask("PUT", &path, Some(described(false)), 200).await;
    comes_to("").await;
    branch.ask("PUT", &path, Some(described(true)), 200).await;
    comes_to(&ours).await;
    branch.comes_to(id, "online").await;
    branch.http.delete(branch.office.appliance.https(&path)).bearer_auth(&branch.token).send().await.unwrap();
    comes_to("").await;
    // Where there is no room, nobody is pushed out.
    terminal.set_push_host(2, "127.0.0.3", "/other");
    let made = branch.ask("POST", "/api/v1/devices", Some(described(true)), 201).await;
    branch.comes_to(made["id"].as_u64().unwrap(), "online").await;
    assert_eq!(terminal.push_hosts(), [others.as_str(), "127.0.0.3:80/other"]);
    let stored = branch.stored();
    let serials: BTreeSet<&String> = stored[&id].iter().collect();
    assert_eq!((stored[&id].len(), serials.len()), (3, 3));
    terminal.stop().await;
}
