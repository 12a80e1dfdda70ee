//! A policy as it is met from outside: released over the API, in force for the next batch, and nothing that it forbids is
//! on any disk.

use http::StatusCode;
use serde_json::Value;
use serde_json::json;

use nazorat::kernel::Clock;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;

use super::journal::files_ending;
use super::journal::hub;
use super::journal::rows;
use super::office::Office;

/// Stands in everything that may not be kept.
const MARKER: &str = "zarafshon-sirli-belgi";

async fn send(office: &Office, name: &str, events: Value) -> Value {
    let request = office.http.post(office.ingest()).bearer_auth(&office.key).header("idempotency-key", name);
    let answer = request.json(&json!({ "events": events })).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

pub(super) async fn released(office: &Office, applies_to: Value, settings: Value) {
    let made = office.manage("POST", "/api/v1/policies", Some(json!({ "applies_to": applies_to }))).await;
    assert_eq!(made.status, 201, "{made:?}");
    let at = format!("/api/v1/policies/{}", made.body["id"]);
    let draft = json!({ "settings": settings, "version": 0 });
    let kept = office.manage("PUT", &format!("{at}/draft"), Some(draft)).await;
    assert_eq!(kept.status, 200, "{kept:?}");
    let why = json!({ "reason": "as agreed", "version": 0 });
    let released = office.manage("POST", &format!("{at}/release"), Some(why)).await;
    assert_eq!((released.status, &released.body["version"]), (200, &json!(1)), "{released:?}");
}

/// The next version of the only policy.
pub(super) async fn released_again(office: &Office, before: u32, settings: Value) {
    let policies = office.manage("GET", "/api/v1/policies", None).await;
    let at = format!("/api/v1/policies/{}", policies.body["items"][0]["id"]);
    let draft = json!({ "settings": settings, "version": before });
    let kept = office.manage("PUT", &format!("{at}/draft"), Some(draft)).await;
    assert_eq!(kept.status, 200, "{kept:?}");
    let why = json!({ "reason": "as agreed", "version": before });
    let released = office.manage("POST", &format!("{at}/release"), Some(why)).await;
    assert_eq!((released.status, &released.body["version"]), (200, &json!(before + 1)), "{released:?}");
}

fn window(user: &str, title: &str) -> Value {
    let ts = Clock::system().now().to_string();
    json!({ "kind": "active_window", "ts": ts, "computer_uid": "pc-1", "user_name": user, "duration_ms": 1000,
        "app": "EXCEL.EXE", "title": title })
}

fn site(user: &str, url: &str) -> Value {
    let ts = Clock::system().now().to_string();
    json!({ "kind": "visited_site", "ts": ts, "computer_uid": "pc-1", "user_name": user, "duration_ms": 1000,
        "url": url, "title": MARKER })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_policy_forbids_is_on_no_disk() {
    let office = Office::new();
    // While nobody has decided anything, what comes in is kept as it is.
    let answer = send(&office, "before", json!([window("dilnoza", "Oylik hisobot")])).await;
    assert_eq!((&answer["accepted"], &answer["withheld"]), (&json!(1), &Value::Null));
    let exclusions = json!([
        { "part": "title", "pattern": { "text": "maosh" }, "action": "drop" },
        { "part": "site", "pattern": { "text": "bank.uz" }, "action": "drop" },
    ]);
    let settings = json!({ "windows": "title", "sites": "domain", "input": false, "exclusions": exclusions });
    released(&office, json!({ "of": "organization" }), settings).await;
    let private = {
        let mut site = site("dilnoza", &format!("https://{MARKER}.example.com/"));
        site["private"] = json!(true);
        site
    };
    let ts = Clock::system().now().to_string();
    let input =
        json!({ "kind": "input_activity", "ts": ts, "computer_uid": MARKER, "duration_ms": 5, "state": "active" });
    let events = json!([
        window("dilnoza", &format!("Maosh varaqasi {MARKER}")),
        window("dilnoza", "Shartnoma"),
        site("dilnoza", &format!("https://online.bank.uz/{MARKER}")),
        site("dilnoza", &format!("https://kun.uz/{MARKER}?q={MARKER}")),
        private,
        input,
    ]);
    let answer = send(&office, "after", events.clone()).await;
    assert_eq!((&answer["accepted"], &answer["withheld"]), (&json!(2), &json!(4)), "{answer}");
    let again = send(&office, "after", events).await;
    assert_eq!((&again["accepted"], &again["duplicate"]), (&json!(2), &json!(true)), "{again}");
    let counted = office.metrics().await;
    for line in [
        r#"nazorat_policy_events_total{action="dropped",cause="exclusion"} 4"#,
        r#"nazorat_policy_events_total{action="dropped",cause="private_window"} 2"#,
        r#"nazorat_policy_events_total{action="reduced",cause="detail"} 2"#,
    ] {
        assert!(counted.contains(line), "{line}: {counted}");
    }
    // One that is too old goes to the dead letters, and those hold no more of it either.
    let mut old = window("dilnoza", &format!("maosh {MARKER}"));
    old["ts"] = json!("2020-01-01T00:00:00Z");
    let mut old_site = site("dilnoza", &format!("https://kun.uz/{MARKER}"));
    old_site["ts"] = json!("2020-01-01T00:00:00Z");
    let answer = send(&office, "old", json!([old, old_site])).await;
    assert_eq!((answer["rejected"].as_array().unwrap().len(), &answer["withheld"]), (1, &json!(1)), "{answer}");

    let closed = office.stop();
    let (place, _) = (closed.place, closed.key);
    let stored = rows(&hub(&place.data()), 1, Dataset::ActiveWindows).0;
    let titles = stored.into_iter().map(|row| match row.event {
        Event::ActiveWindow(window) => window.title,
        other => panic!("{other:?}"),
    });
    assert_eq!(titles.collect::<Vec<_>>(), ["Oylik hisobot", "Shartnoma"]);
    for file in files_ending(&place.data(), "") {
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes.windows(MARKER.len()).any(|part| part == MARKER.as_bytes());
        assert!(!found, "{} holds what may not be kept", file.display());
    }
    assert!(!place.log().contains(MARKER), "{}", place.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screenshot_that_may_not_be_kept_is_not_stored() {
    let office = Office::new();
    released(&office, json!({ "of": "organization" }), json!({ "screenshots": { "every_minutes": 0 } })).await;
    let mut picture = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(64, 48).write_to(&mut picture, image::ImageFormat::Png).unwrap();
    let meta = json!({ "ts": Clock::system().now().to_string(), "computer_uid": "pc-1", "user_name": "dilnoza" });
    let image = reqwest::multipart::Part::bytes(picture.into_inner()).file_name("a.png").mime_str("image/png").unwrap();
    let form = reqwest::multipart::Form::new().text("meta", meta.to_string()).part("image", image);
    let request = office.http.post(office.appliance.plain("/v2/ingest/screenshots")).bearer_auth(&office.key);
    let answer: Value = request.multipart(form).send().await.unwrap().json().await.unwrap();
    assert_eq!((&answer["accepted"], &answer["withheld"]), (&json!(0), &json!(1)), "{answer}");
    let closed = office.stop();
    assert!(files_ending(&closed.place.data().join("files"), "").is_empty());
    assert!(rows(&hub(&closed.place.data()), 1, Dataset::Screenshots).0.is_empty());
}
