//! The real client of ActivityWatch against the running appliance.

use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use http::StatusCode;
use serde_json::Value;

use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::Place;
use crate::support::appliance::said;
use crate::support::tools;

fn start(place: Place) -> Appliance {
    let environment = vec![("NAZORAT_INGEST__ACTIVITYWATCH", "true".to_owned())];
    Appliance::start(Options { environment, ..Options::again(place) })
}

/// The events of a dataset, as soon as there are any.
async fn events(appliance: &Appliance, dataset: &str) -> Vec<Value> {
    let token = said(&appliance.place().run(&["operator", "token", "--operator", "malika"]));
    let address = appliance.https(&format!("/api/v1/events/{dataset}?organization_id=1"));
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = appliance.client().get(&address).bearer_auth(token.trim()).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{body}");
        let items = body["items"].as_array().unwrap();
        if !items.is_empty() || Instant::now() > deadline {
            return items.clone();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn heartbeats_of_the_real_client_survive_a_kill_and_are_found_once() {
    let place = Place::new();
    assert!(place.init().status.success());
    let appliance = start(place);
    let address = appliance.plain_address();
    let home = tempfile::tempdir().unwrap();
    let mut script = Command::new(tools::python());
    script.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/heartbeats.py"));
    script.args([address.ip().to_string(), address.port().to_string()]).env("HOME", home.path());
    let played = script.output().unwrap();
    assert!(played.status.success(), "{}", said(&played));
    // What was answered is on disk; a stop in good order then lets it leave.
    let place = start(appliance.kill()).stop().place;
    let appliance = start(place);
    let windows = events(&appliance, "active_windows").await;
    let millis = |app: &str| -> u64 {
        let of_app = windows.iter().filter(|event| event["app"] == app);
        of_app.map(|event| event["duration_ms"].as_u64().unwrap()).sum()
    };
    assert_eq!((millis("EXCEL.EXE"), millis("chrome.exe")), (39_000, 19_000), "{windows:?}");
    assert!(windows.iter().all(|event| event["source"] == "activitywatch"));
    let input = events(&appliance, "input_activity").await;
    assert_eq!((input.len(), &input[0]["duration_ms"], &input[0]["state"]), (1, &60_000.into(), &"active".into()));
}

#[tokio::test]
async fn it_answers_on_the_plain_listener_only_and_only_when_it_is_switched_on() {
    let place = Place::new();
    assert!(place.init().status.success());
    let appliance = start(place);
    let client = appliance.client();
    let status = async |address: String| client.get(address).send().await.unwrap().status();
    assert_eq!(status(appliance.plain("/api/0/info")).await, StatusCode::OK);
    assert_eq!(status(appliance.https("/api/0/info")).await, StatusCode::NOT_FOUND);
    assert!(appliance.place().log().contains("without a key"));
    let appliance = Appliance::start(Options::again(appliance.stop().place));
    let answer = appliance.client().get(appliance.plain("/api/0/info")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}
