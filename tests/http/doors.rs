//! The entry log and the guard's desk: whose pass it was, who may see it, and that nothing in a file becomes a formula.

use nazorat::identity::Assignment;
use nazorat::kernel::DepartmentId;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::Role;
use serde_json::Value;
use serde_json::json;

use super::devices::Branch;
use super::devices::seen;

fn event(serial: &str, minute: u32, more: Value) -> Value {
    let mut event = json!({
        "kind": "access", "device": 1, "serial": serial, "door": 1, "credential": "card", "direction": "unknown",
        "outcome": "granted", "ts": format!("2026-11-20T10:{minute:02}:00Z"),
        "seen_at": format!("2026-11-20T10:{minute:02}:01Z"),
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// A branch where two people passed, somebody whom only the terminal knows, and a card that nobody knows.
async fn passed() -> Branch {
    let branch = Branch::new().await;
    let gate = branch.gate("Asosiy kirish", true).await;
    branch.device("Kirish terminali", Some(gate)).await;
    branch.hears(seen("online")).await;
    let made = [
        ("/api/v1/departments", r#"{"name":"Sotuv"}"#),
        ("/api/v1/departments", r#"{"name":"Ombor"}"#),
        (
            "/api/v1/employees",
            r#"{"surname":"Karimov","given_name":"Bekzod","department_id":1,"personnel_number":"1001"}"#,
        ),
        (
            "/api/v1/employees",
            r#"{"surname":"Aliyeva","given_name":"Nodira","department_id":2,"personnel_number":"1002"}"#,
        ),
    ];
    for (path, body) in made {
        let answer = branch.office.ask(&branch.admin, "POST", path, body).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text);
    }
    let key = branch.office.ask(&branch.admin, "POST", "/api/v1/api-keys", r#"{"name":"Terminals"}"#).await.json();
    let events = json!({ "events": [
        event("1:1", 1, json!({ "person": "0001001", "person_name": "BEKZOD K" })),
        event("1:2", 2, json!({ "person": "1002" })),
        event("1:3", 3, json!({ "person": "77", "person_name": "=HYPERLINK(\"x\")" })),
        event("1:4", 4, json!({ "outcome": "denied", "reason": "unknown_card", "card": "0047 1193" })),
        event("1:5", 5, json!({ "outcome": "door", "reason": "held_too_long", "credential": "unknown" })),
    ]});
    let secret = key["secret"].as_str().unwrap();
    let sent = branch.office.ask(secret, "POST", "/v2/ingest/device-events", &events.to_string()).await;
    assert_eq!(sent.json()["accepted"], 5, "{}", sent.text);
    branch.office.settle().await;
    branch
}

#[tokio::test]
async fn the_log_joins_names_and_marks_whom_only_the_terminal_knows() {
    let branch = passed().await;
    let page = branch.page("/doors").await;
    for said in
        ["Karimov Bekzod", "Aliyeva Nodira", "Asosiy kirish", "faqat terminalga", "karta topilmadi", "0047 1193"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("BEKZOD K"), "the organization knows him by his name");
    let refused = branch.page("/doors?outcome=refused").await;
    assert!(
        refused.contains("karta topilmadi") && !refused.contains("<th scope=\"row\"><a href=\"/people/1"),
        "{refused}"
    );
    let of_gate = branch.page("/doors?gate=1&q=0047").await;
    assert!(of_gate.contains("0047 1193") && !of_gate.contains("HYPERLINK"), "{of_gate}");
    let none = branch.page("/doors?from=2026-11-01&to=2026-11-02").await;
    assert!(none.contains("Bu vaqtda hech kim"), "{none}");
    // Whoever looks at one person leaves a record.
    assert!(branch.page("/doors?person=1").await.contains("Karimov Bekzod"));
    let api = branch.office.ask(&branch.admin, "GET", "/api/v1/access-events?employee_id=1", "").await;
    let items = api.json()["items"].as_array().unwrap().clone();
    assert_eq!((items.len(), &items[0]["employee_name"]), (1, &json!("Karimov Bekzod")), "{}", api.text);
    assert_eq!(api.json()["incomplete"]["partitions"], json!([]), "{}", api.text);
    let denied = branch.office.ask(&branch.admin, "GET", "/api/v1/access-events?outcome=denied,alarm", "").await.json();
    assert_eq!((denied["items"].as_array().unwrap().len(), &denied["items"][0]["card"]), (1, &json!("0047 1193")));
    let wrong = branch.office.ask(&branch.admin, "GET", "/api/v1/access-events?outcome=maybe", "").await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (422, "unknown_outcome"));
    let audit = branch.office.ask(&branch.admin, "GET", "/api/v1/audit?organization_id=1", "").await;
    assert!(audit.text.contains("doors.person"), "{}", audit.text);
}

#[tokio::test]
async fn pages_of_the_log_go_on_where_the_last_one_ended() {
    let branch = passed().await;
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/access-events?limit=2&cursor={cursor}");
        let page = branch.office.ask(&branch.admin, "GET", &path, "").await.json();
        found.extend(page["items"].as_array().unwrap().iter().map(|one| one["serial"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(found, ["1:5", "1:4", "1:3", "1:2", "1:1"]);
}

#[tokio::test]
async fn a_file_of_passes_holds_no_formula() {
    let branch = passed().await;
    let file = branch.get(&branch.session, "/doors/export.csv").await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert!(file.text.contains("Karimov Bekzod") && file.text.contains("\"'=HYPERLINK"), "{}", file.text);
    assert_eq!(file.text.lines().count(), 6, "{}", file.text);
    let audit = branch.office.ask(&branch.admin, "GET", "/api/v1/audit?organization_id=1", "").await;
    assert!(audit.text.contains("doors.export"), "{}", audit.text);
}

#[tokio::test]
async fn a_lead_sees_the_own_people_alone_and_no_devices() {
    let branch = passed().await;
    let lead = branch.office.role(Role::DepartmentLead).await;
    let session = branch.office.sign_in("department_lead").await;
    let page = branch.get(&session, "/doors").await.text;
    assert!(page.contains("Karimov Bekzod"), "{page}");
    for other in ["Aliyeva", "HYPERLINK", "0047 1193", "name=\"device\""] {
        assert!(!page.contains(other), "{other}: {page}");
    }
    let file = branch.get(&session, "/doors/export.csv").await.text;
    assert!(file.contains("Karimov") && !file.contains("Aliyeva") && !file.contains("0047"), "{file}");
    for path in ["/devices", "/devices/1", "/gates", "/doors/desk", "/doors/open?device=1&door=1", "/live/doors"] {
        assert_eq!(branch.get(&session, path).await.status, 403, "{path}");
    }
    let other = branch.office.ask(&lead, "GET", "/api/v1/access-events?employee_id=2", "").await;
    assert_eq!(other.status, 404, "{}", other.text);
}

#[tokio::test]
async fn another_organization_sees_nothing_of_it() {
    let branch = passed().await;
    let other = branch.office.organization("Samarqand ofis").await;
    let assignment = Assignment::new(Role::Guard, Some(other), None::<DepartmentId>).unwrap();
    let guard = branch.office.operator("botir", assignment).await;
    let session = branch.office.sign_in("botir").await;
    for path in ["/doors", "/doors/desk", "/devices", "/gates", "/doors/export.csv"] {
        let page = branch.get(&session, path).await;
        assert_eq!(page.status, 200, "{path}");
        for word in ["Karimov", "Asosiy kirish", "Kirish terminali", "0047"] {
            assert!(!page.text.contains(word), "{path} shows {word}");
        }
    }
    for path in ["/devices/1", "/doors/open?device=1&door=1"] {
        assert_eq!(branch.get(&session, path).await.status, 404, "{path}");
    }
    let own = OrganizationId::new(1);
    let path = format!("/api/v1/access-events?organization_id={own}");
    assert_eq!(branch.office.ask(&guard, "GET", &path, "").await.status, 404);
    let order = r#"{"action":"open","door":1,"reason":"mehmon"}"#;
    assert_eq!(branch.office.ask(&guard, "POST", "/api/v1/devices/1/orders", order).await.status, 404);
}

#[tokio::test]
async fn the_desk_shows_the_last_pass_and_what_is_wrong_with_a_gate() {
    let branch = passed().await;
    branch.office.role(Role::Guard).await;
    let session = branch.office.sign_in("guard").await;
    let desk = branch.get(&session, "/doors/desk").await.text;
    assert!(desk.contains("nz-desk-refused") && desk.contains("data-pass=\"1:1:4\""), "{desk}");
    assert!(desk.contains("id=\"pass-1:1:3\"") && desk.contains("Asosiy kirish"), "{desk}");
    assert!(!desk.contains("href=\"/people/1"), "a guard has no days of people");
    let mut told = seen("offline");
    told.last_contact = Some("2026-11-20T10:34:00Z".parse().unwrap());
    branch.hears(told).await;
    let desk = branch.get(&session, "/doors/desk").await.text.replace('\u{a0}', " ");
    assert!(desk.contains("26 daq") && !desk.contains("hx-get=\"/doors/open"), "{desk}");
}
