//! A policy on its way: released over the API, in force on the gateway and on the computer within seconds, also when
//! they are cut off, and nothing that it forbids is in any file of any of them.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use http::StatusCode;
use serde_json::Value;
use serde_json::json;

use nazorat::kernel::Clock;

use super::journal::files_ending;
use super::office::Closed;
use super::office::Office;
use super::policies::released;
use super::policies::released_again;
use crate::support::agent::Agent;
use crate::support::agent::Desk;
use crate::support::agent::free_port;
use crate::support::appliance::Options;
use crate::support::appliance::said;

/// Stands in everything that may not be kept.
const MARKER: &str = "zarafshon-sirli-belgi";
/// How long a policy may be on its way.
const WITHIN: Duration = Duration::from_secs(20);

struct World {
    main: SocketAddr,
    office: Option<Office>,
    closed: Option<Closed>,
    gateway: Agent,
    agent: Agent,
    /// The key of another agent, which follows nothing by itself.
    key: String,
    http: reqwest::Client,
}

impl World {
    async fn new() -> Self {
        let main = free_port();
        let environment = vec![("NAZORAT_HTTP__LISTEN", main.to_string())];
        let office = Closed::new().open_with(Options { environment, ..Options::default() });
        let (_, token) = office.invite("Chilonzor").await;
        let gateway = Desk::joining(&token).start();
        let desk = Desk::new(&format!("http://{}", gateway.desk().address()), "", None);
        let code = gateway.desk().data().join("gateway/join-code");
        let joined = desk.command().arg("--join").arg(&code).output().unwrap();
        assert!(joined.status.success(), "{}", said(&joined));
        let pem = std::fs::read_to_string(desk.data().join("agent/authorities.pem")).unwrap();
        assert!(pem.contains("BEGIN CERTIFICATE"), "it was told who signs");
        let agent = desk.start();
        let http = super::office::client();
        let code = std::fs::read_to_string(code).unwrap();
        let body = json!({ "join_code": code.trim(), "computer_uid": "uid-older", "name": "uid-older" });
        let answer = http.post(gateway.url("/local/agent/join")).json(&body).send().await.unwrap();
        let key = answer.json::<Value>().await.unwrap()["key"].as_str().unwrap().to_owned();
        Self { main, office: Some(office), closed: None, gateway, agent, key, http }
    }

    fn office(&self) -> &Office {
        self.office.as_ref().unwrap()
    }

    fn cut_off(&mut self) {
        self.closed = Some(self.office.take().unwrap().kill());
    }

    fn reconnect(&mut self) {
        let environment = vec![("NAZORAT_HTTP__LISTEN", self.main.to_string())];
        let closed = self.closed.take().unwrap();
        self.office = Some(closed.open_with(Options { environment, ..Options::default() }));
    }

    async fn status(&self, hop: &Agent) -> Value {
        self.http.get(hop.url("/status")).send().await.unwrap().json().await.unwrap()
    }

    /// Waits until gateway and agent hold to other policies than before; gives those.
    async fn held(&self, before: &[Value]) -> Vec<Value> {
        let deadline = Instant::now() + WITHIN;
        loop {
            let mut held = Vec::new();
            for hop in [&self.gateway, &self.agent] {
                held.push(self.status(hop).await["policy"]["checksum"].clone());
            }
            if held.iter().all(|checksum| checksum.is_string() && !before.contains(checksum)) {
                return held;
            }
            assert!(Instant::now() < deadline, "{held:?}\n{}\n{}", self.gateway.desk().log(), self.agent.desk().log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What a watcher on the computer sees.
    async fn sees(&self, bucket: &str, kind: &str, data: Value) -> Value {
        let at = format!("/api/0/buckets/{bucket}");
        let body = json!({ "client": "test", "type": kind, "hostname": "pc" });
        let made = self.http.post(self.agent.url(&at)).json(&body).send().await.unwrap().status();
        assert!(matches!(made, StatusCode::OK | StatusCode::NOT_MODIFIED), "{made}");
        let body = json!({ "timestamp": Clock::system().now().to_string(), "duration": 1.0, "data": data });
        let beat = self.http.post(self.agent.url(&format!("{at}/heartbeat?pulsetime=1"))).json(&body);
        let answer = beat.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "a watcher hears nothing else than ever");
        answer.json().await.unwrap()
    }

    /// What an agent sends that knows nothing of policies.
    async fn sends(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(self.gateway.url(path)).bearer_auth(&self.key).json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    async fn emptied(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        for hop in [&self.agent, &self.gateway] {
            while self.status(hop).await["buffer"]["batches"] != 0 {
                assert!(Instant::now() < deadline, "{}", hop.desk().log());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn window(title: &str) -> Value {
    json!({ "kind": "active_window", "ts": Clock::system().now().to_string(), "computer_uid": "uid-older",
        "user_name": "dilnoza", "duration_ms": 1000, "app": "EXCEL.EXE", "title": title })
}

fn assert_nowhere(folder: &Path) {
    let files = files_ending(folder, "");
    assert!(!files.is_empty());
    for file in files {
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let found = bytes.windows(MARKER.len()).any(|part| part == MARKER.as_bytes());
        assert!(!found, "{} holds what may not be kept", file.display());
    }
}

fn strict() -> Value {
    json!({
        "windows": "title", "sites": "domain", "input": false,
        "exclusions": [{ "part": "title", "pattern": { "text": "maosh" }, "action": "drop" }],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_policy_forbids_is_in_no_file_of_computer_gateway_or_appliance() {
    let mut world = World::new().await;
    released(world.office(), json!({ "of": "organization" }), strict()).await;
    let begun = Instant::now();
    let held = world.held(&[]).await;
    assert!(begun.elapsed() < WITHIN, "{:?}", begun.elapsed());
    assert_ne!(held[0], held[1], "the computer has one of its own");

    let secret = format!("Maosh varaqasi {MARKER}");
    let kept = world.sees("w", "currentwindow", json!({ "app": "EXCEL.EXE", "title": "Shartnoma" })).await;
    assert_eq!(kept["data"]["title"], "Shartnoma");
    let gone = world.sees("w", "currentwindow", json!({ "app": "EXCEL.EXE", "title": secret })).await;
    assert_eq!(gone["data"], json!({}));
    let site = json!({ "url": format!("https://kun.uz/{MARKER}"), "title": MARKER, "incognito": false });
    assert_eq!(world.sees("s", "web.tab.current", site).await["data"]["url"], "kun.uz");
    world.sees("i", "afkstatus", json!({ "status": "not-afk", "note": MARKER })).await;
    world.sees("o", "app.editor.activity", json!({ "file": MARKER })).await;

    let answer = world.sends("/local/agent/logs", json!({ "events": [window("Shartnoma"), window(&secret)] })).await;
    assert_eq!((&answer["accepted"], &answer["withheld"]), (&json!(1), &json!(1)), "{answer}");
    let older = json!({ "computerUid": "uid-older", "userSid": "S-1", "userName": "dilnoza", "data": [
        { "datetime": Clock::system().now().to_string(), "activeTime": 3, "processName": "EXCEL.EXE", "title": secret },
    ] });
    let answer = world.http.post(world.gateway.url("/api/agent/active-windows")).header("x-api-key", &world.key);
    let answer = answer.json(&older).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
    let meta = json!({ "ts": Clock::system().now().to_string(), "computer_uid": "uid-older", "title": MARKER });
    let image = reqwest::multipart::Part::bytes(format!("no picture {MARKER}").into_bytes()).file_name("a.png");
    let form = reqwest::multipart::Form::new().text("meta", meta.to_string()).part("image", image);
    let answer = world.http.post(world.gateway.url("/local/agent/screenshots")).bearer_auth(&world.key);
    let answer: Value = answer.multipart(form).send().await.unwrap().json().await.unwrap();
    assert_eq!((&answer["accepted"], &answer["withheld"]), (&json!(0), &json!(1)), "{answer}");
    let counted = world.http.get(world.gateway.url("/metrics")).send().await.unwrap().text().await.unwrap();
    for line in [
        r#"nazorat_policy_events_total{action="dropped",cause="exclusion"} 2"#,
        r#"nazorat_policy_events_total{action="dropped",cause="kind"} 1"#,
    ] {
        assert!(counted.contains(line), "{line}: {counted}");
    }
    let page = world.http.get(world.gateway.url("/")).header("accept-language", "en").send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains(&held[0].as_str().unwrap()[..8]), "{page}");

    // A stop in good order lets go of what is still open.
    let agent = world.agent.stop().start();
    world.agent = agent;
    world.emptied().await;
    // From the computer a window and a site, from the other one a window.
    world.office().applied(3).await;
    let World { office, gateway, agent, .. } = world;
    let (agent, gateway, closed) = (agent.stop(), gateway.stop(), office.unwrap().stop());
    for folder in [agent.data(), gateway.data(), closed.place.data()] {
        assert_nowhere(&folder);
    }
    for log in [agent.log(), gateway.log(), closed.place.log()] {
        assert!(!log.contains(MARKER) && !log.contains("panicked"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_branch_that_is_cut_off_holds_to_what_it_has_and_judges_what_waits() {
    let mut world = World::new().await;
    // While nobody has decided anything, everything is taken.
    world.cut_off();
    let secret = format!("Maosh varaqasi {MARKER}");
    let answer = world.sends("/local/agent/logs", json!({ "events": [window(&secret), window("Shartnoma")] })).await;
    assert_eq!((&answer["accepted"], &answer["withheld"]), (&json!(2), &Value::Null), "{answer}");
    world.gateway = world.gateway.stop().start();
    world.reconnect();
    world.emptied().await;
    released(world.office(), json!({ "of": "organization" }), strict()).await;
    let held = world.held(&[]).await;
    world.cut_off();
    for round in 0..2 {
        let kept = world.sees("w", "currentwindow", json!({ "app": "EXCEL.EXE", "title": secret })).await;
        assert_eq!(kept["data"], json!({}), "round {round}");
        let answer = world.sends("/local/agent/logs", json!({ "events": [window(&secret)] })).await;
        assert_eq!((&answer["accepted"], &answer["withheld"]), (&json!(0), &json!(1)), "{answer}");
        if round == 0 {
            world.agent = world.agent.kill().start();
            world.gateway = world.gateway.kill().start();
        }
    }
    assert_eq!(world.held(&[]).await, held, "after a start it is the same");
    // Another one comes when the line is there again.
    world.reconnect();
    released_again(world.office(), 1, json!({ "windows": "off" })).await;
    world.held(&held).await;
    let gone = world.sees("w", "currentwindow", json!({ "app": "EXCEL.EXE", "title": "Shartnoma" })).await;
    assert_eq!(gone["data"], json!({}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_starts_again_for_what_is_set_at_a_start_and_says_so() {
    let mut world = World::new().await;
    // An agent that joined before it was told who signs asks once.
    let desk = world.agent.stop();
    let pem = desk.data().join("agent/authorities.pem");
    std::fs::remove_file(&pem).unwrap();
    world.agent = desk.start();
    released(world.office(), json!({ "of": "organization" }), json!({ "upload_seconds": 5 })).await;
    let desk = world.agent.failed(WITHIN);
    assert!(desk.log().contains("a policy asks for a restart") && pem.exists(), "{}", desk.log());
    let told = said_by_the_agent(&world.http, &world.gateway).await;
    assert!(told["waiting"].is_string() && told["have"].is_null(), "{told}");
    world.agent = desk.start();
    let deadline = Instant::now() + WITHIN;
    loop {
        let now = said_by_the_agent(&world.http, &world.gateway).await;
        if now["have"] == told["waiting"] {
            assert_eq!((&now["waiting"], &now["error"]), (&Value::Null, &Value::Null));
            break;
        }
        assert!(Instant::now() < deadline, "{now}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.agent.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_gateway_cannot_read_its_policy_it_takes_nothing_and_says_so() {
    let mut world = World::new().await;
    released(world.office(), json!({ "of": "organization" }), strict()).await;
    let held = world.held(&[]).await;
    world.cut_off();
    let desk = world.gateway.stop();
    for file in files_ending(&desk.data().join("gateway/policies"), ".sheet") {
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[30] ^= 1;
        std::fs::write(&file, bytes).unwrap();
    }
    world.gateway = desk.start();
    let body = json!({ "events": [window("Shartnoma")] });
    let send = async |world: &World| {
        let request = world.http.post(world.gateway.url("/local/agent/logs")).bearer_auth(&world.key).json(&body);
        request.send().await.unwrap()
    };
    let refused = send(&world).await;
    assert_eq!(
        (refused.status(), refused.headers().contains_key("retry-after")),
        (StatusCode::SERVICE_UNAVAILABLE, true)
    );
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "unjudged");
    let ready = world.http.get(world.gateway.url("/health/ready")).send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    let ready: Value = ready.json().await.unwrap();
    assert_eq!((&ready["dependencies"]["policy"]["state"], &ready["status"]), (&json!("failed"), &json!("not_ready")));
    let page = world.http.get(world.gateway.url("/")).header("accept-language", "en").send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("damaged; it is fetched again"), "{page}");
    world.reconnect();
    let deadline = Instant::now() + WITHIN * 2;
    while send(&world).await.status() != StatusCode::OK {
        assert!(Instant::now() < deadline, "{}", world.gateway.desk().log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(world.held(&[]).await, held, "it is the same that was there before");
    world.emptied().await;
}

/// What the computer's agent says of its policy, as its gateway heard it.
async fn said_by_the_agent(http: &reqwest::Client, gateway: &Agent) -> Value {
    let all: Value = http.get(gateway.url("/agents")).send().await.unwrap().json().await.unwrap();
    all["items"][0]["policy"].clone()
}

mod crowd;
