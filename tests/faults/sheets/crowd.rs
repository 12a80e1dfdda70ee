//! Every computer of several branches follows, whoever is away meanwhile.

use std::time::Duration;
use std::time::Instant;

use http::StatusCode;
use nazorat_wire::policy::SignedSheet;
use serde_json::Value;
use serde_json::json;
use tokio::sync::mpsc;

use crate::faults::office::Office;
use crate::faults::policies::released;
use crate::faults::policies::released_again;
use crate::support::agent::Agent;
use crate::support::agent::Desk;

const GATEWAYS: u64 = 5;
const AGENTS: u64 = 40;
const ALL: u64 = GATEWAYS * AGENTS;
/// Of all agents, so many within the time.
const P95: u64 = ALL * 95 / 100;
const BAR: Duration = Duration::from_secs(5);
const WITHIN: Duration = Duration::from_secs(60);

/// Gateways with agents that follow and do nothing else.
struct Crowd {
    office: Office,
    gateways: Vec<Agent>,
    /// When an agent came to hold to another policy.
    holds: mpsc::UnboundedReceiver<Instant>,
}

impl Crowd {
    /// All of them hold to a first version, and the appliance knows that they do.
    async fn gather() -> Self {
        let office = Office::new();
        let (held, holds) = mpsc::unbounded_channel();
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
        let mut crowd = Self { office, gateways, holds };
        released(&crowd.office, json!({ "of": "organization" }), json!({ "windows": "title" })).await;
        crowd.arrive(ALL).await;
        crowd.known(ALL).await;
        crowd
    }

    /// Waits until so many agents hold to another policy; when each did.
    async fn arrive(&mut self, agents: u64) -> Vec<Instant> {
        let mut times = Vec::new();
        for number in 0..agents {
            let held = tokio::time::timeout(WITHIN, self.holds.recv()).await.ok().flatten();
            times.push(held.unwrap_or_else(|| panic!("only {number} of {agents} follow")));
        }
        times
    }

    async fn told(&self) -> u64 {
        self.office.counted("nazorat_policy_distribution_seconds_count").await
    }

    /// Waits until the appliance was told so often that an agent holds to another policy.
    async fn known(&self, times: u64) {
        let deadline = Instant::now() + WITHIN;
        while self.told().await < times {
            assert!(Instant::now() < deadline, "the appliance knows of {} of {times}", self.told().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// An agent that tells of every policy that it holds to, and tries again when its gateway is away.
#[expect(clippy::disallowed_methods, reason = "the runtime of the test ends with it")]
fn follow(http: reqwest::Client, url: String, key: String, held: mpsc::UnboundedSender<Instant>) {
    tokio::spawn(async move {
        let mut have = String::new();
        loop {
            let asked = http.get(format!("{url}?have={have}&wait=25")).bearer_auth(&key).send().await;
            match asked {
                Ok(answer) if answer.status() == StatusCode::OK => {
                    have = answer.json::<SignedSheet>().await.unwrap().checksum();
                    if held.send(Instant::now()).is_err() {
                        return;
                    }
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    });
}

/// The bar of the design is far away; `cargo xtask bench policies` says how far.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_is_held_to_by_200_agents_behind_5_gateways_within_5_seconds() {
    let mut crowd = Crowd::gather().await;
    let begun = Instant::now();
    released_again(&crowd.office, 1, json!({ "windows": "off" })).await;
    crowd.known(ALL + P95).await;
    let acknowledged = begun.elapsed();
    let mut times: Vec<_> = crowd.arrive(P95).await.iter().map(|at| at.duration_since(begun)).collect();
    times.sort_unstable();
    println!("p95 at the agents {:?}, known to the appliance {acknowledged:?}", times.last());
    assert!(acknowledged <= BAR, "{acknowledged:?}");
}

mod slow {
    use serde_json::json;

    use super::AGENTS;
    use super::ALL;
    use super::Crowd;
    use crate::faults::policies::released_again;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_agent_of_200_behind_5_gateways_holds_to_each_release_once_also_behind_one_that_was_away() {
        let mut crowd = Crowd::gather().await;
        // One is away while something else is decided, and follows when it is back.
        let away = crowd.gateways.pop().unwrap().kill();
        released_again(&crowd.office, 1, json!({ "windows": "off" })).await;
        crowd.arrive(ALL - AGENTS).await;
        crowd.gateways.push(away.start());
        crowd.arrive(AGENTS).await;
        crowd.known(2 * ALL).await;
        let policies = crowd.office.manage("GET", "/api/v1/policies", None).await;
        let at = format!("/api/v1/policies/{}/rollout", policies.body["items"][0]["id"]);
        let rollout = crowd.office.manage("GET", &at, None).await;
        let computers = rollout.body["computers"].as_array().unwrap();
        assert_eq!(computers.len() as u64, ALL);
        assert!(computers.iter().all(|one| one["state"] == "in_force" && one["has"] == 2), "{computers:?}");
        assert!(crowd.holds.try_recv().is_err(), "nobody was told twice");
    }
}
