//! Every computer of several branches follows, whoever is killed or away meanwhile.

use std::time::Duration;
use std::time::Instant;

use http::StatusCode;
use nazorat_wire::policy::SignedSheet;
use serde_json::Value;
use serde_json::json;
use tokio::sync::mpsc;

use crate::faults::office::Office;
use crate::faults::policies::released;
use crate::support::agent::Desk;

const GATEWAYS: u64 = 5;
const AGENTS: u64 = 40;
const WITHIN: Duration = Duration::from_secs(60);

/// An agent that follows and does nothing else; it tells of every policy that it holds to, and tries again when its
/// gateway is away.
#[expect(clippy::disallowed_methods, reason = "the runtime of the test ends with it")]
fn follow(http: reqwest::Client, url: String, key: String, held: mpsc::UnboundedSender<String>) {
    tokio::spawn(async move {
        let mut have = String::new();
        loop {
            let asked = http.get(format!("{url}?have={have}&wait=25")).bearer_auth(&key).send().await;
            match asked {
                Ok(answer) if answer.status() == StatusCode::OK => {
                    have = answer.json::<SignedSheet>().await.unwrap().checksum();
                    if held.send(have.clone()).is_err() {
                        return;
                    }
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    });
}

async fn arrive(holds: &mut mpsc::UnboundedReceiver<String>, agents: u64) {
    for number in 0..agents {
        let held = tokio::time::timeout(WITHIN, holds.recv()).await;
        assert!(held.is_ok_and(|held| held.is_some()), "only {number} of {agents} follow");
    }
}

async fn known(office: &Office, agents: u64) {
    let deadline = Instant::now() + WITHIN;
    let arrived = async || office.counted("nazorat_policy_distribution_seconds_count").await;
    while arrived().await < agents {
        assert!(Instant::now() < deadline, "the appliance knows of {} of {agents}", arrived().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How fast they are is what `cargo xtask bench policies` measures.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_agent_of_200_behind_5_gateways_holds_to_each_release_once_also_behind_one_that_was_away() {
    let office = Office::new();
    let (held, mut holds) = mpsc::unbounded_channel();
    let mut gateways = Vec::new();
    for branch in 0..GATEWAYS {
        let (_, token) = office.invite(&format!("Branch {branch}")).await;
        let gateway = Desk::joining(&token).start();
        let code = std::fs::read_to_string(gateway.desk().data().join("gateway/join-code")).unwrap();
        for number in 0..AGENTS {
            let uid = format!("uid-{branch}-{number}");
            let body = json!({ "join_code": code.trim(), "computer_uid": uid, "name": uid });
            let answer = office.http.post(gateway.url("/local/agent/join")).json(&body).send().await.unwrap();
            let key = answer.json::<Value>().await.unwrap()["key"].as_str().unwrap().to_owned();
            follow(office.http.clone(), gateway.url("/local/agent/policy"), key, held.clone());
        }
        gateways.push(gateway);
    }
    released(&office, json!({ "of": "organization" }), json!({ "windows": "title" })).await;
    arrive(&mut holds, GATEWAYS * AGENTS).await;
    known(&office, GATEWAYS * AGENTS).await;

    // One is away while something else is decided, and follows when it is back.
    let away = gateways.pop().unwrap().kill();
    let policies = office.manage("GET", "/api/v1/policies", None).await;
    let at = format!("/api/v1/policies/{}", policies.body["items"][0]["id"]);
    let draft = json!({ "settings": { "windows": "off" }, "version": 1 });
    assert_eq!(office.manage("PUT", &format!("{at}/draft"), Some(draft)).await.status, 200);
    let why = json!({ "reason": "as agreed", "version": 1 });
    let release = office.manage("POST", &format!("{at}/release"), Some(why)).await;
    assert_eq!(release.status, 200, "{release:?}");
    arrive(&mut holds, (GATEWAYS - 1) * AGENTS).await;
    gateways.push(away.start());
    arrive(&mut holds, AGENTS).await;
    known(&office, 2 * GATEWAYS * AGENTS).await;
    let rollout = office.manage("GET", &format!("{at}/rollout"), None).await;
    let computers = rollout.body["computers"].as_array().unwrap();
    assert_eq!(computers.len() as u64, GATEWAYS * AGENTS);
    assert!(computers.iter().all(|one| one["state"] == "in_force" && one["has"] == 2), "{computers:?}");
    assert!(holds.try_recv().is_err(), "nobody was told twice");
}
