//! Health, metrics, headers, and the gate before the first run.

use std::io::Write as _;
use std::process::Command;
use std::process::Stdio;

use http::StatusCode;

use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::Place;
use crate::support::tools;

#[tokio::test]
async fn both_listeners_tell_their_health() {
    let appliance = Appliance::start(Options::default());
    let client = appliance.client();
    for base in [appliance.https(""), appliance.plain("")] {
        let live = client.get(format!("{base}/health/live")).send().await.unwrap();
        assert_eq!(live.status(), StatusCode::OK);
        assert_eq!(live.json::<serde_json::Value>().await.unwrap()["status"], "live");
        let ready = client.get(format!("{base}/health/ready")).send().await.unwrap();
        assert_eq!(ready.status(), StatusCode::OK);
        let ready: serde_json::Value = ready.json().await.unwrap();
        assert_eq!(ready["status"], "ready");
        assert_eq!(ready["dependencies"]["store"]["state"], "ok");
    }
}

#[tokio::test]
async fn metrics_are_for_programs_on_this_machine() {
    let appliance = Appliance::start(Options::default());
    let client = appliance.client();
    drop(client.get(appliance.plain("/health/live")).send().await.unwrap());
    let plain = client.get(appliance.plain("/metrics")).send().await.unwrap();
    assert!(plain.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let text = plain.text().await.unwrap();
    assert!(text.contains("nazorat_http_request_duration_seconds_count{"), "{text}");
    let main = client.get(appliance.https("/metrics")).send().await.unwrap();
    assert_eq!(main.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn promtool_accepts_the_metrics() {
    let place = Place::new();
    assert!(place.init().status.success());
    let key = place.run(&["api-key", "create", "--organization", "1", "--name", "metrics"]);
    let key = String::from_utf8(key.stdout).unwrap();
    let appliance = Appliance::start(Options::again(place));
    let client = appliance.client();
    let refused = client.post(appliance.plain("/v2/ingest/logs")).header("X-API-Key", "wrong").body("{}").send().await;
    assert_eq!(refused.unwrap().status(), StatusCode::UNAUTHORIZED);
    let taken =
        client.post(appliance.plain("/v2/ingest/logs")).header("X-API-Key", key.trim()).body("{\"events\":[1]}");
    assert_eq!(taken.send().await.unwrap().status(), StatusCode::OK);
    let text = client.get(appliance.plain("/metrics")).send().await.unwrap().text().await.unwrap();
    for name in ["nazorat_ingest_rejected_events_total", "nazorat_spool_records", "nazorat_partitions"] {
        assert!(text.contains(&format!("# HELP {name} ")), "{name} is missing:\n{text}");
    }
    let mut checker = Command::new(tools::promtool())
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    checker.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let found = checker.wait_with_output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&found.stdout), String::from_utf8_lossy(&found.stderr));
    assert!(found.status.success(), "{said}\n{text}");
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let appliance = Appliance::start(Options::default());
    let client = appliance.client();
    for path in ["/health/live", "/there-is-no-such-page", "/"] {
        let answer = client.get(appliance.https(path)).send().await.unwrap();
        let headers = answer.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; img-src"), "{policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "same-origin");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(headers["strict-transport-security"], "max-age=31536000");
        assert!(headers.contains_key("permissions-policy"));
        assert_eq!(headers["x-request-id"].len(), 32);
    }
    let plain = client.get(appliance.plain("/health/live")).send().await.unwrap();
    assert!(!plain.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn a_client_cannot_choose_the_identity_of_its_request() {
    let appliance = Appliance::start(Options::default());
    let request = appliance.client().get(appliance.plain("/health/live")).header("x-request-id", "mine");
    let answer = request.send().await.unwrap();
    assert_ne!(answer.headers()["x-request-id"], "mine");
}

#[tokio::test]
async fn before_the_first_run_only_the_setup_page_is_open() {
    let appliance = Appliance::start(Options::default());
    let client = appliance.client();
    let page = client.get(appliance.https("/people")).header("accept", "text/html").send().await.unwrap();
    assert_eq!((page.status(), &page.headers()["location"]), (StatusCode::SEE_OTHER, &"/setup".parse().unwrap()));
    let ingest = client.post(appliance.https("/v2/ingest/logs")).body("{}").send().await.unwrap();
    assert_eq!(ingest.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ingest.headers()["retry-after"], "60");
    assert_eq!(ingest.headers()["content-type"], "application/problem+json");
    let body: serde_json::Value = ingest.json().await.unwrap();
    assert_eq!(body["code"], "setup_required");
}
