//! The relay as a process: how it starts, what it says, what it refuses.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::support::agent::Agent;
use crate::support::agent::Desk;
use crate::support::agent::free_port;
use crate::support::appliance::said;
use crate::support::appliance::wait_until;

/// A computer whose next hop is not there.
fn alone() -> Desk {
    Desk::new(&format!("http://{}", free_port()), "nzk_test", None)
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap()
}

async fn get(agent: &Agent, path: &str) -> (StatusCode, Value) {
    let answer = client().get(agent.url(path)).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn it_takes_events_and_is_ready_while_nobody_takes_them_from_it() {
    let agent = alone().start();
    let bucket = json!({ "client": "test", "type": "currentwindow", "hostname": "unknown" });
    let made = client().post(agent.url("/api/0/buckets/w")).json(&bucket).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::OK);
    let beat = json!({ "timestamp": "2026-11-23T09:00:00Z", "duration": 1, "data": { "app": "a", "title": "t" } });
    let taken = client().post(agent.url("/api/0/buckets/w/heartbeat?pulsetime=2")).json(&beat).send().await.unwrap();
    assert_eq!(taken.status(), StatusCode::OK);
    // A stop in good order hands it to the buffer, where it waits.
    let agent = agent.stop().start();
    let ready = get(&agent, "/health/ready").await;
    assert_eq!((ready.0, &ready.1["dependencies"]["buffer"]["state"]), (StatusCode::OK, &json!("ok")));
    let told = || agent.desk().log().contains("is down, everything waits in the buffer: it does not answer");
    assert!(wait_until(Duration::from_secs(20), told), "{}", agent.desk().log());
    let (_, status) = get(&agent, "/status").await;
    assert_eq!(status["buffer"]["batches"], 1, "{status}");
    assert_eq!(status["uplink"]["link"]["state"], "down", "{status}");
    let metrics = client().get(agent.url("/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("nazorat_spool_records 1\n"), "{metrics}");
    agent.stop();
}

#[tokio::test]
async fn only_this_machine_and_the_browser_extension_may_ask() {
    let agent = alone().start();
    let status = async |path: &str, host: Option<&str>, origin: Option<&str>| {
        let mut request = client().get(agent.url(path));
        if let Some(host) = host {
            request = request.header("host", host);
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send().await.unwrap().status()
    };
    for path in ["/api/0/info", "/status", "/metrics"] {
        assert_eq!(status(path, None, None).await, StatusCode::OK, "{path}");
        assert_eq!(status(path, Some("rebound.example:5600"), None).await, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(status(path, None, Some("https://example.com")).await, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(status(path, None, Some("moz-extension://0-1")).await, StatusCode::OK, "{path}");
    }
}

#[test]
fn what_is_missing_is_said_with_the_next_step() {
    let desk = alone();
    let refused = |name: &str, value: &str, sentence: &str| {
        let output = desk.command().env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(64), "{}", said(&output));
        assert!(said(&output).contains(sentence), "{}", said(&output));
    };
    refused("NAZORAT_AGENT__FORWARD_TO", "", "[agent] forward_to: is empty; write the address of the appliance");
    refused("NAZORAT_AGENT__FORWARD_TO", "nazorat:8443", "write https://HOST:PORT");
    refused("NAZORAT_AGENT__LISTEN", "0.0.0.0:5600", "[agent] listen: must be an address of this machine only");
    refused("NAZORAT_AGENT__CA_FILE", "no/such/file", "[agent] ca_file");
    std::fs::set_permissions(desk.key_file(), std::fs::Permissions::from_mode(0o644)).unwrap();
    refused("NAZORAT_AGENT__KEY_FILE", desk.key_file().to_str().unwrap(), "run `chmod 600");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    std::fs::set_permissions(desk.key_file(), std::fs::Permissions::from_mode(0o600)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = desk.command().env("NAZORAT_AGENT__LISTEN", address).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("[agent] listen in the configuration"), "{}", said(&output));
}

#[tokio::test]
async fn a_second_relay_on_the_same_folder_is_refused() {
    let agent = alone().start();
    let other = agent.desk().command().env("NAZORAT_AGENT__LISTEN", free_port().to_string()).output().unwrap();
    assert!(said(&other).contains("is already in use by another nazorat process"), "{}", said(&other));
    assert!(agent.process_id() > 0);
}
