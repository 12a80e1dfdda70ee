//! Events, days and sums through the API, and what hostile filters get.

use nazorat::identity::Assignment;
use nazorat::kernel::Access;
use nazorat::kernel::OrganizationId;
use serde_json::Value;
use serde_json::json;

use crate::support::app::Office;

/// Two organizations that each saw something, and whose it was in the first.
async fn office() -> (Office, String) {
    let office = Office::new().await;
    let token = office.token("aziz", Access::Full).await;
    office.organization("Samarqand ofis").await;
    for organization in [1, 2] {
        let path = format!("/api/v1/api-keys?organization_id={organization}");
        let key = office.ask(&token, "POST", &path, r#"{"name":"Agents"}"#).await.json();
        let answer = office.ask(key["secret"].as_str().unwrap(), "POST", "/v2/ingest/logs", &batch(organization)).await;
        assert_eq!(answer.json()["accepted"], 5, "{}", answer.text);
    }
    office.settle().await;
    let employee = r#"{"surname":"Karimova","given_name":"Dilnoza"}"#;
    assert_eq!(office.ask(&token, "POST", "/api/v1/employees", employee).await.status, 201);
    let link = r#"{"computer_user_id":1,"employee_id":1}"#;
    let linked = office.ask(&token, "POST", "/api/v1/links", link).await;
    assert_eq!(linked.status, 201, "{}", linked.text);
    (office, token)
}

fn batch(organization: u32) -> String {
    let event = |kind: &str, minute: u32, more: Value| {
        let mut event = json!({"kind": kind, "ts": format!("2026-11-20T10:{minute:02}:00Z"),
            "computer_uid": format!("pc-of-{organization}"), "user_name": "OFIS\\dilnoza"});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let title = format!("secret of {organization}");
    let events = [
        event("user_session", 0, json!({"action": "login"})),
        event("input_activity", 0, json!({"duration_ms": 600_000, "state": "active"})),
        event("active_window", 0, json!({"duration_ms": 300_000, "app": "EXCEL.EXE", "title": title})),
        event("active_window", 5, json!({"duration_ms": 300_000, "app": "chrome.exe", "title": title})),
        event(
            "visited_site",
            5,
            json!({"duration_ms": 300_000, "url": "https://lex.uz/docs", "browser": "chrome.exe"}),
        ),
    ];
    json!({"events": events}).to_string()
}

#[tokio::test]
async fn events_are_listed_counted_and_belong_to_people() {
    let (office, token) = office().await;
    let list = office.ask(&token, "GET", "/api/v1/events/active_windows?limit=1", "").await.json();
    let event = &list["items"][0];
    assert_eq!((event["ts"].as_str(), event["app"].as_str()), (Some("2026-11-20T10:05:00Z"), Some("chrome.exe")));
    assert_eq!(event["employee_name"], "Karimova Dilnoza");
    assert_eq!(event["place"]["user_name"], "OFIS\\dilnoza");
    assert_eq!(list["incomplete"]["partitions"], json!([]));
    let cursor = list["next_cursor"].as_str().unwrap();
    let path = format!("/api/v1/events/active_windows?limit=1&cursor={cursor}");
    let next = office.ask(&token, "GET", &path, "").await.json();
    assert_eq!(next["items"][0]["app"], "EXCEL.EXE");
    for (filter, count) in [("", 2), ("?q=excel", 1), ("?employee_id=1", 2), ("?to=2026-11-20T10:05:00Z", 1)] {
        let found = office.ask(&token, "GET", &format!("/api/v1/events/active_windows/count{filter}"), "").await.json();
        assert_eq!(found["count"], count, "{filter}");
    }
}

#[tokio::test]
async fn a_day_and_its_sums_agree() {
    let (office, token) = office().await;
    let day = office.ask(&token, "GET", "/api/v1/employees/1/timeline?day=2026-11-20", "").await.json();
    assert_eq!(day["totals"]["active_ms"], 600_000, "{day}");
    assert_eq!(day["applications"].as_array().unwrap().len(), 2);
    assert_eq!(day["sites"][0]["site"], "lex.uz");
    assert_eq!(day["from"], "2026-11-19T19:00:00Z");
    // Sums are read from what was rolled up.
    office.app.monitoring.roll_up(OrganizationId::new(1)).await.unwrap();
    let top =
        office.ask(&token, "GET", "/api/v1/employees/1/top?by=site&from=2026-11-20&to=2026-11-20", "").await.json();
    assert_eq!((&top["active_ms"], &top["items"][0]["duration_ms"]), (&json!(600_000), &json!(300_000)), "{top}");
    let path = "/api/v1/organizations/1/summary?from=2026-11-16&to=2026-11-20&bucket=week";
    let summary = office.ask(&token, "GET", path, "").await.json();
    assert_eq!(summary["totals"]["active_ms"], 600_000, "{summary}");
    assert_eq!(summary["buckets"].as_array().unwrap().len(), 1);
    let sessions = office.ask(&token, "GET", "/api/v1/employees/1/sessions", "").await.json();
    assert_eq!(sessions["items"][0]["action"], "login");
    let log = office.ask(&token, "GET", "/api/v1/audit?action=monitoring.", "").await.json();
    assert_eq!(log["items"][0]["action"], "monitoring.read_day");
}

#[tokio::test]
async fn hostile_filters_find_nothing_of_others_and_break_nothing() {
    let (office, admin) = office().await;
    let hr = office.operator("malika", Assignment::Hr(OrganizationId::new(1))).await;
    let hostile = [
        "' OR '1'='1",
        "'; DROP TABLE events; --",
        "\" OR \"\"=\"",
        "%' OR 1=1 --",
        "%",
        "_",
        "\\",
        "$1",
        "?1",
        "\0",
        "1) UNION SELECT * FROM read_csv('/etc/passwd') --",
        "*",
        "(",
        "[a-z]",
        "{{7*7}}",
        "../../../etc/passwd",
        "\u{202e}\u{feff}",
        "secret of 2",
        "'||(SELECT title FROM org_2.events)||'",
    ];
    let lists = [
        "/api/v1/employees?q=",
        "/api/v1/computers?q=",
        "/api/v1/computer-users?q=",
        "/api/v1/computer-users/unassigned?q=",
        "/api/v1/events/active_windows?q=",
        "/api/v1/events/visited_sites?q=",
        "/api/v1/events/user_sessions?q=",
        "/api/v1/events/active_windows/count?q=",
        "/api/v1/audit?action=",
        "/api/v1/audit?actor=",
        "/api/v1/employees?cursor=",
        "/api/v1/events/active_windows?cursor=",
        "/api/v1/events/active_windows?from=",
        "/api/v1/events/",
        "/api/v1/employees/",
        "/api/v1/employees?state=",
        "/api/v1/employees?department_id=",
        "/api/v1/sessions/",
    ];
    for list in lists {
        for text in hostile {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            for token in [&hr, &admin] {
                let answer = office.ask(token, "GET", &format!("{list}{encoded}"), "").await;
                assert!(answer.status.as_u16() < 500, "{list}{text}: {}", answer.text);
                // A refusal may repeat what was asked for.
                let found = answer.status == 200;
                let foreign = answer.text.contains("pc-of-2") || answer.text.contains("secret of 2");
                assert!(!(found && foreign), "{list}{text}: {}", answer.text);
            }
        }
    }
    let left = office.ask(&admin, "GET", "/api/v1/events/active_windows/count?organization_id=2", "").await.json();
    assert_eq!(left["count"], 2);
}
