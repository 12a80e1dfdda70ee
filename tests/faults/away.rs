//! A terminal that is unplugged, comes back, and comes back as another one: what its past says, and who is told. Real processes and
//! real sockets, behind a gateway.

use std::net::SocketAddr;
use std::time::Duration;
use std::time::Instant;

use nazorat::kernel::SecretText;
use nazorat::sim::hikvision;
use serde_json::Value;
use serde_json::json;

use super::office::Office;
use super::office::token;
use crate::support::agent::Agent;
use crate::support::agent::Desk;

/// How long something may take that does not wait by intention.
const SOON: Duration = Duration::from_secs(90);
const PASSWORD: &str = "Demo-Pass-7";

struct Branch {
    office: Office,
    token: String,
    http: reqwest::Client,
    _gateway: Agent,
    /// As the API takes the terminal.
    described: Value,
}

async fn terminal(listen: SocketAddr, password: &str) -> hikvision::Terminal {
    let deadline = Instant::now() + SOON;
    loop {
        let password = SecretText::new(password);
        let config = hikvision::TerminalConfig { listen, password, ..hikvision::TerminalConfig::default() };
        match hikvision::Terminal::start(config).await {
            Ok(terminal) => return terminal,
            // The place of the one before is not free yet.
            Err(problem) => assert!(Instant::now() < deadline, "{problem:#}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

impl Branch {
    async fn new(address: SocketAddr) -> Self {
        let office = Office::new();
        let (gateway, invitation) = office.invite("Chilonzor").await;
        let (token, http) = (token(office.appliance.place(), "malika"), office.appliance.client());
        let described = json!({ "name": "Kirish", "kind": "hikvision", "gateway_id": gateway, "host": "127.0.0.1",
            "settings": { "port": address.port(), "user": "gateway", "password": PASSWORD, "doors": 1 },
            "doors": [{ "number": 1 }], "enabled": true });
        let gateway = Desk::joining(&invitation).start();
        let branch = Self { office, token, http, _gateway: gateway, described };
        branch.ask("PUT", "/api/v1/device-networks", Some(json!({ "networks": ["127.0.0.0/8"] }))).await;
        branch.ask("POST", "/api/v1/devices", Some(branch.described.clone())).await;
        branch
    }

    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let request = self.http.request(method.parse().unwrap(), self.office.appliance.https(path));
        let request = request.bearer_auth(&self.token);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Asks again and again until something holds.
    async fn until(&self, path: &str, within: Duration, holds: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + within;
        loop {
            let answer = self.ask("GET", path, None).await;
            if holds(&answer) {
                return answer;
            }
            assert!(Instant::now() < deadline, "{path}: {answer:#}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    async fn is(&self, state: &str) {
        self.until("/api/v1/devices/1", SOON, |device| device["standing"]["state"] == state).await;
    }

    /// Waits until its past, without the moments in which it was called, is this.
    async fn was(&self, expected: &[(&str, &str)]) {
        let past = |answer: &Value| {
            let items = answer["items"].as_array().unwrap().clone();
            let word = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
            let words = items.iter().map(|one| (word(one, "state"), word(one, "code")));
            words.filter(|(state, _)| state != "connecting" && state != "unknown").collect::<Vec<_>>()
        };
        let is_so = |answer: &Value| {
            let past = past(answer);
            past.iter().map(|(state, code)| (state.as_str(), code.as_str())).eq(expected.iter().copied())
        };
        self.until("/api/v1/devices/1/statuses", SOON, is_so).await;
    }
}

fn alert<'a>(alerts: &'a Value, kind: &str) -> Option<&'a Value> {
    alerts["items"].as_array().unwrap().iter().find(|one| one["kind"] == kind)
}

fn is_open(alerts: &Value, kind: &str) -> bool {
    alert(alerts, kind).is_some_and(|one| one["resolved_at"].is_null())
}

const ANYWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
const AWAY: (&str, &str) = ("offline", "device_unreachable");
const REFUSED: (&str, &str) = ("error", "device_credentials");
const WELL: (&str, &str) = ("online", "");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_is_unplugged_and_comes_back_as_another_one_is_seen_in_its_past() {
    let first = terminal(ANYWHERE, PASSWORD).await;
    let address = first.address();
    let branch = Branch::new(address).await;
    branch.is("online").await;
    branch.was(&[WELL]).await;
    first.stop().await;
    branch.is("offline").await;
    branch.was(&[WELL, AWAY]).await;
    // Somebody set another password meanwhile. That is told at once, for nothing is tried for ten minutes.
    let second = terminal(address, "Boshqa-Parol-8").await;
    branch.is("error").await;
    branch.until("/api/v1/alerts", SOON, |alerts| is_open(alerts, "device_credentials")).await;
    branch.was(&[WELL, AWAY, REFUSED]).await;
    let refused = second.refusals();
    assert!(refused <= 2, "wrong credentials were tried {refused} times");
    let mut right = branch.described.clone();
    right["settings"]["password"] = json!("Boshqa-Parol-8");
    branch.ask("PUT", "/api/v1/devices/1", Some(right)).await;
    branch.is("online").await;
    let alerts = branch.until("/api/v1/alerts", SOON, |alerts| !is_open(alerts, "device_credentials")).await;
    let told = alert(&alerts, "device_credentials").unwrap();
    assert_eq!((&told["device_id"], &told["next_step"]), (&json!(1), &json!("enter_the_account_of_the_device_anew")));
    assert!(alert(&alerts, "device_offline").is_none(), "it was away for less than two minutes: {alerts:#}");
    branch.was(&[WELL, AWAY, REFUSED, WELL]).await;
    let metrics = branch.office.metrics().await;
    assert!(metrics.contains("nazorat_devices{state=\"online\"} 1"), "{metrics}");
}

mod slow {
    use std::time::Duration;

    use nazorat::kernel::Timestamp;

    use super::ANYWHERE;
    use super::Branch;
    use super::PASSWORD;
    use super::SOON;
    use super::alert;
    use super::is_open;
    use super::terminal;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn after_two_minutes_somebody_is_told_once_until_it_is_back() {
        let first = terminal(ANYWHERE, PASSWORD).await;
        let address = first.address();
        let branch = Branch::new(address).await;
        branch.is("online").await;
        first.stop().await;
        branch.is("offline").await;
        let patience = Duration::from_secs(120) + SOON;
        let alerts = branch.until("/api/v1/alerts", patience, |alerts| is_open(alerts, "device_offline")).await;
        let told = alert(&alerts, "device_offline").unwrap();
        let time = |text: &serde_json::Value| text.as_str().unwrap().parse::<Timestamp>().unwrap().as_second();
        assert!(time(&told["opened_at"]) - time(&told["facts"]["since"]) > 120, "{told:#}");
        let _second = terminal(address, PASSWORD).await;
        let alerts = branch.until("/api/v1/alerts", SOON, |alerts| !is_open(alerts, "device_offline")).await;
        assert_eq!(alerts["items"].as_array().unwrap().len(), 1, "{alerts:#}");
    }
}
