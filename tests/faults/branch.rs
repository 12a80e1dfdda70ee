//! Agents, a gateway and the appliance as processes, over real sockets, killed and cut off.

use std::net::SocketAddr;
use std::time::Duration;
use std::time::Instant;

use http::StatusCode;
use nazorat::kernel::Clock;
use nazorat_timeseries::Dataset;
use serde_json::Value;
use serde_json::json;

use super::journal::Batch;
use super::journal::Journal;
use super::journal::hub;
use super::journal::rows;
use super::office::Closed;
use super::office::Office;
use super::office::client;
use super::office::post;
use super::wires::Wires;
use crate::support::agent::Agent;
use crate::support::agent::Desk;
use crate::support::agent::free_port;
use crate::support::appliance::Options;
use crate::support::appliance::said;
use crate::support::tools::strace;

/// How often the gateway is killed in the quick run; the slow one goes on for longer.
const QUICK: usize = 10;

/// An appliance that is found at the same place after each start, and the box of a branch.
pub(super) struct World {
    main: SocketAddr,
    pub(super) office: Option<Office>,
    pub(super) closed: Option<Closed>,
    pub(super) gateway: Option<Agent>,
    key: String,
    pub(super) http: reqwest::Client,
    wires: Option<Wires>,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(|desk| desk).await
    }

    /// Head office and branch in networks of their own; the box of the branch as it is made.
    pub(super) async fn over(wires: Wires, make: impl FnOnce(Desk) -> Desk) -> Self {
        Self::lay(Wires::main(), Some(wires), |desk| make(desk.listening(Wires::collector()))).await
    }

    /// The box of the branch as it is made.
    pub(super) async fn with(make: impl FnOnce(Desk) -> Desk) -> Self {
        Self::lay(free_port(), None, make).await
    }

    async fn lay(main: SocketAddr, wires: Option<Wires>, make: impl FnOnce(Desk) -> Desk) -> Self {
        let mut world = Self {
            main,
            office: None,
            closed: Some(Closed::new()),
            gateway: None,
            key: String::new(),
            http: client(),
            wires,
        };
        world.open();
        let office = world.office.as_ref().unwrap();
        let (_, token) = office.invite("Chilonzor").await;
        world.start(make(Desk::joining(&token)));
        world.key = world.join("uid-1", &world.code()).await.1["key"].as_str().unwrap().to_owned();
        world
    }

    pub(super) fn open(&mut self) {
        let environment = vec![("NAZORAT_HTTP__LISTEN", self.main.to_string())];
        let closed = self.closed.take().unwrap();
        self.office = Some(closed.open_with(Options { environment, ..Options::default() }));
    }

    pub(super) fn start(&mut self, desk: Desk) {
        let inside = self.wires.as_ref().map(Wires::inside).unwrap_or_default();
        match desk.start_under(&inside) {
            Ok(gateway) => self.gateway = Some(gateway),
            Err(desk) => panic!("it does not come up:\n{}", desk.log()),
        }
    }

    /// Ends the gateway as in a power cut, and starts it again.
    pub(super) fn kill_gateway(&mut self) {
        let desk = self.gateway.take().unwrap().kill();
        self.start(desk);
    }

    pub(super) fn wires(&self) -> &Wires {
        self.wires.as_ref().unwrap()
    }

    pub(super) fn kill_appliance(&mut self) {
        self.closed = Some(self.office.take().unwrap().kill());
    }

    pub(super) fn gateway(&self) -> &Agent {
        self.gateway.as_ref().unwrap()
    }

    fn code(&self) -> String {
        let file = self.gateway().desk().data().join("gateway/join-code");
        std::fs::read_to_string(file).unwrap().trim().to_owned()
    }

    async fn join(&self, uid: &str, code: &str) -> (StatusCode, Value) {
        let body = json!({ "join_code": code, "computer_uid": uid, "name": uid });
        let answer = self.http.post(self.gateway().url("/local/agent/join")).json(&body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Sends a batch as an agent does, once; true when it was taken.
    pub(super) async fn send(&self, journal: &mut Journal, batch: &Batch) -> bool {
        self.try_to_send(journal, batch).await == Some(200)
    }

    /// The same; gives the status of the answer if there was one.
    pub(super) async fn try_to_send(&self, journal: &mut Journal, batch: &Batch) -> Option<u16> {
        let gateway = self.gateway.as_ref()?;
        let answer = post(&self.http, &gateway.url("/local/agent/logs"), &self.key, batch).await.ok()?;
        match answer.status {
            200 => journal.acknowledge(batch),
            _ => assert!(answer.retry_after, "{answer:?}"),
        }
        Some(answer.status)
    }

    pub(super) async fn status(&self) -> Value {
        serde_json::from_str(&self.ask("/status").await).unwrap()
    }

    /// What the gateway tells its own machine only.
    pub(super) async fn ask(&self, path: &str) -> String {
        match &self.wires {
            Some(wires) => wires.ask(path),
            None => self.http.get(self.gateway().url(path)).send().await.unwrap().text().await.unwrap(),
        }
    }

    pub(super) async fn drained(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let status = self.status().await;
            if status["buffer"]["batches"] == 0 {
                assert_eq!(status["uplink"]["dead_letters"]["kept"], 0);
                return;
            }
            assert!(Instant::now() < deadline, "{status}\n{}", self.gateway().desk().log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends both in good order.
    pub(super) fn close(mut self) -> Closed {
        let log = self.gateway.take().unwrap().stop().log();
        assert!(!log.contains("panicked"), "{log}");
        self.office.take().unwrap().stop()
    }

    /// Everything reaches the appliance; acknowledged is stored, nothing twice, nothing invented.
    pub(super) async fn check(mut self, journal: &Journal) -> Closed {
        self.drained().await;
        let log = self.gateway.take().unwrap().stop().log();
        assert!(!log.contains("panicked"), "{log}");
        self.office.take().unwrap().check(journal).await
    }

    /// A life of the gateway that ends at one of its flushes, or in good order if it makes fewer.
    async fn live_until(&mut self, journal: &mut Journal, pending: &mut Vec<Batch>, flush: usize) -> bool {
        let desk = self.gateway.take().unwrap().stop();
        let trace = desk.data().join("trace");
        let rule = format!("inject=fdatasync,fsync:signal=KILL:when={flush}");
        let words = ["-D", "-f", "-qq", "-o", trace.to_str().unwrap(), "-e", "trace=fdatasync,fsync", "-e", &rule];
        let mut under = vec![strace().to_str().unwrap().to_owned()];
        under.extend(words.map(str::to_owned));
        match desk.start_under(&under) {
            Ok(gateway) => self.gateway = Some(gateway),
            Err(desk) => {
                self.gateway = Some(desk.start());
                return true;
            }
        }
        pending.extend((0..flush as u64 + 4).map(|number| journal.batch(3 + number % 4)));
        let mut rest = Vec::new();
        for batch in std::mem::take(pending) {
            if !self.send(journal, &batch).await {
                rest.push(batch);
            }
        }
        let killed = !rest.is_empty();
        *pending = rest;
        let desk = self.gateway.take().unwrap().kill();
        let begun = Instant::now();
        self.gateway = Some(desk.start());
        assert!(begun.elapsed() < Duration::from_secs(5), "a restart took {:?}", begun.elapsed());
        killed
    }
}

/// Kills the gateway at its first, second, third ... flush, and sends what was not answered again.
pub(super) async fn kill_at_flushes(most: usize) {
    let mut world = World::new().await;
    let (mut journal, mut pending) = (Journal::new(), Vec::new());
    let mut kills = 0;
    for flush in 1..=most {
        kills += usize::from(world.live_until(&mut journal, &mut pending, flush).await);
    }
    assert!(kills > most / 2, "only {kills} kills happened");
    for batch in std::mem::take(&mut pending) {
        assert!(world.send(&mut journal, &batch).await);
    }
    let acknowledged = journal.acknowledged();
    let closed = world.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, acknowledged);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_gw_kill9_every_fsync() {
    kill_at_flushes(QUICK).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_branch_works_while_it_is_cut_off_and_everything_arrives_once() {
    let mut world = World::new().await;
    let mut journal = Journal::new();
    let first = journal.batch(30);
    assert!(world.send(&mut journal, &first).await);
    world.drained().await;
    world.kill_appliance();
    let mut batches = Vec::new();
    for number in 0..20 {
        let batch = journal
            .batch_with(10 + number, &[r#"{"kind":"keystroke","ts":"2026-11-20T04:00:00Z","computer_uid":"pc"}"#]);
        assert!(world.send(&mut journal, &batch).await);
        // An agent that did not hear the answer.
        assert!(world.send(&mut journal, &batch).await);
        batches.push(batch);
        if number == 10 {
            world.kill_gateway();
        }
    }
    assert_eq!(world.http.get(world.gateway().url("/health/ready")).send().await.unwrap().status(), StatusCode::OK);
    world.open();
    world.drained().await;
    // Also after they have left, the gateway knows what it took.
    for batch in batches.iter().chain([&first]) {
        assert!(world.send(&mut journal, batch).await);
    }
    let stored = journal.acknowledged();
    let closed = world.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
    let refused = rows(&hub(&closed.place.data()), 1, Dataset::RejectedEvents).0;
    assert_eq!(refused.len(), 20, "bad events are for the operators of the appliance");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_with_an_empty_disk_does_not_collide_with_its_former_self() {
    let mut world = World::new().await;
    let mut journal = Journal::new();
    for _ in 0..3 {
        let batch = journal.batch(4);
        assert!(world.send(&mut journal, &batch).await);
    }
    world.drained().await;
    // The disk is gone, and with it the numbers of batches; the same gateway begins at 0 again.
    let gone = world.gateway.take().unwrap().kill();
    let file = gone.data().join("gateway/identity.json");
    let identity: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let id = identity["gateway_id"].as_str().unwrap().to_owned();
    let office = world.office.as_ref().unwrap();
    let again = office.manage("POST", &format!("/api/v1/gateways/{id}/replace"), Some(json!({}))).await;
    assert_eq!(again.status, 200, "{again:?}");
    world.gateway = Some(Desk::joining(again.body["token"].as_str().unwrap()).start());
    world.key = world.join("uid-1", &world.code()).await.1["key"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        let batch = journal.batch(4);
        assert!(world.send(&mut journal, &batch).await);
    }
    let stored = journal.acknowledged();
    let closed = world.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_not_joined_is_refused() {
    let world = World::new().await;
    let mut journal = Journal::new();
    let batch = journal.batch(3);
    let send = async |key: &str| post(&world.http, &world.gateway().url("/local/agent/logs"), key, &batch).await;
    assert_eq!(send("nzg_other").await.unwrap().status, 401);
    // The key to the appliance is not one of the branch.
    assert_eq!(send(&world.office.as_ref().unwrap().key).await.unwrap().status, 401);
    assert_eq!(world.join("uid-9", "wrong").await.0, StatusCode::FORBIDDEN);
    let again = world.join("uid-1", &world.code()).await;
    assert_eq!((again.0, &again.1["agent_id"]), (StatusCode::OK, &json!(1)));
    assert_eq!(send(&world.key).await.unwrap().status, 401, "a computer that joins again has another key");
    assert_eq!(send(again.1["key"].as_str().unwrap()).await.unwrap().status, 200);
    let agents: Value = world.http.get(world.gateway().url("/agents")).send().await.unwrap().json().await.unwrap();
    assert_eq!((agents["items"].as_array().unwrap().len(), &agents["items"][0]["name"]), (1, &json!("uid-1")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn screenshots_and_older_agents_come_through_a_gateway() {
    let mut world = World::new().await;
    world.kill_appliance();
    let picture = picture();
    let form = || {
        let meta = json!({ "ts": Clock::system().now().to_string(), "computer_uid": "pc-1", "user_name": "dilnoza" });
        let image = reqwest::multipart::Part::bytes(picture.clone()).file_name("a.png").mime_str("image/png").unwrap();
        reqwest::multipart::Form::new().text("meta", meta.to_string()).part("image", image)
    };
    let send = async |key: &str| {
        let request = world.http.post(world.gateway().url("/local/agent/screenshots")).bearer_auth(&world.key);
        request.header("idempotency-key", key).multipart(form()).send().await.unwrap().status()
    };
    assert_eq!((send("shot-1").await, send("shot-2").await), (StatusCode::OK, StatusCode::OK));
    let spoiled = world.http.post(world.gateway().url("/v2/ingest/screenshots")).header("x-api-key", &world.key);
    let spoiled =
        spoiled.header("content-type", "multipart/form-data; boundary=x").body("no form").send().await.unwrap();
    assert_eq!(spoiled.status(), StatusCode::OK, "whether it can be read is found out later");
    let older = json!({ "computerUid": "pc-1", "userSid": "S-1-5", "data": [
        { "datetime": Clock::system().now().to_string(), "title": "Hisobot", "processName": "EXCEL.EXE", "activeTime": 60 },
        { "title": "no time" },
    ] });
    let older =
        world.http.post(world.gateway().url("/api/agent/active-windows")).header("x-api-key", &world.key).json(&older);
    assert_eq!(older.send().await.unwrap().status(), StatusCode::OK);
    world.open();
    world.drained().await;
    let folder = world.gateway().desk().data().join("gateway/screenshots");
    let waiting = || {
        let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        files.into_iter().filter(|path| path.is_file()).count()
    };
    assert!(crate::support::appliance::wait_until(Duration::from_secs(30), || waiting() == 0));
    assert_eq!(std::fs::read_dir(folder.join("refused")).unwrap().count(), 1);
    let closed = world.check(&Journal::new().of(9)).await;
    let hub = hub(&closed.place.data());
    assert_eq!(rows(&hub, 1, Dataset::Screenshots).0.len(), 2);
    assert_eq!(rows(&hub, 1, Dataset::ActiveWindows).0.len(), 1);
    assert_eq!(rows(&hub, 1, Dataset::RejectedEvents).0.len(), 1);
}

fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(64, 48).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_status_page_works_while_the_branch_is_cut_off() {
    let mut world = World::new().await;
    world.kill_appliance();
    let mut journal = Journal::new();
    let batch = journal.batch(3);
    assert!(world.send(&mut journal, &batch).await);
    let deadline = Instant::now() + Duration::from_secs(20);
    while world.status().await["uplink"]["link"]["state"] != "down" {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let page = async |language: &str| {
        let request = world.http.get(world.gateway().url("/")).header("accept-language", language);
        request.send().await.unwrap().text().await.unwrap()
    };
    let english = page("en").await;
    for words in ["No connection; everything is kept here", "Batches waiting</dt><dd>1<", "uid-1", "Next try"] {
        assert!(english.contains(words), "{words}: {english}");
    }
    assert!(page("uz").await.contains("Navbatdagi to\u{2bb}plamlar"));
    for path in ["/static/app.css", "/gateway/docs/openapi.json", "/health/live", "/metrics"] {
        let status = world.http.get(world.gateway().url(path)).send().await.unwrap().status();
        assert_eq!(status, StatusCode::OK, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_joins_and_its_events_go_through_the_gateway() {
    let world = World::new().await;
    let gateway = world.gateway();
    let desk = Desk::new(&format!("http://{}", gateway.desk().address()), "", None);
    let join = |code: &str| {
        std::fs::write(desk.data().with_file_name("code"), code).unwrap();
        desk.command().arg("--join").arg(desk.data().with_file_name("code")).output().unwrap()
    };
    let refused = join("wrong");
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("status 403: this join code is not the gateway's"), "{}", said(&refused));
    let joined = join(&world.code());
    assert!(said(&joined).starts_with("joined http://127.0.0.1"), "{}", said(&joined));
    let agent = desk.start();
    let bucket = json!({ "client": "test", "type": "currentwindow", "hostname": "unknown" });
    assert_eq!(world.http.post(agent.url("/api/0/buckets/w")).json(&bucket).send().await.unwrap().status(), 200);
    let now = Clock::system().now().to_string();
    let beat = json!({ "timestamp": now, "duration": 1, "data": { "app": "a", "title": "t" } });
    let beat = world.http.post(agent.url("/api/0/buckets/w/heartbeat?pulsetime=2")).json(&beat).send().await.unwrap();
    assert_eq!(beat.status(), 200);
    // It says by itself that it is there, and which version it has.
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let agents: Value = world.http.get(gateway.url("/agents")).send().await.unwrap().json().await.unwrap();
        let told = agents["items"].as_array().unwrap().iter().find(|one| one["version"] == env!("CARGO_PKG_VERSION"));
        if told.is_some_and(|one| one["interval_secs"] == 30) {
            break;
        }
        assert!(Instant::now() < deadline, "{agents}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // A stop in good order hands it on; the next life sends it.
    let agent = agent.stop().start();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let status: Value = world.http.get(agent.url("/status")).send().await.unwrap().json().await.unwrap();
        if status["uplink"]["batches"] == 1 {
            break;
        }
        assert!(Instant::now() < deadline, "{status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    agent.stop();
    let closed = world.check(&Journal::new().of(9)).await;
    let windows = rows(&hub(&closed.place.data()), 1, Dataset::ActiveWindows).0;
    assert_eq!(windows.len(), 1, "{windows:?}");
}
