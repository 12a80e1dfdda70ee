//! Which way people went by the rules of gates, and passes that only repeat another one: in the log, its API, its file, and on
//! the guard's desk.

use std::time::Duration;

use nazorat::kernel::Actor;
use nazorat::kernel::OrganizationId;
use nazorat_wire::Direction;
use serde_json::Value;
use serde_json::json;

use super::devices::Branch;

/// A branch with one gate of a rule, terminals at it, and somebody with the number 1001.
struct Gate {
    branch: Branch,
    key: String,
}

impl Gate {
    async fn new(passing: &str, debounce_secs: u32, terminals: u32) -> Self {
        let branch = Branch::new().await;
        let gate = json!({ "name": "Asosiy kirish", "passing": passing, "debounce_secs": debounce_secs });
        for (path, body) in [
            ("/api/v1/gates", gate.to_string()),
            (
                "/api/v1/employees",
                r#"{"surname":"Karimov","given_name":"Bekzod","personnel_number":"1001"}"#.to_owned(),
            ),
        ] {
            let made = branch.office.ask(&branch.admin, "POST", path, &body).await;
            assert_eq!(made.status, 201, "{path}: {}", made.text);
        }
        for number in 1..=terminals {
            branch.device(&format!("Terminal {number}"), Some(1)).await;
        }
        let key = branch.office.ask(&branch.admin, "POST", "/api/v1/api-keys", r#"{"name":"Terminals"}"#).await.json();
        Self { branch, key: key["secret"].as_str().unwrap().to_owned() }
    }

    /// Somebody passes a terminal; the serial number is the time.
    async fn pass(&self, device: u32, person: &str, ts: &str) {
        let event = json!({
            "kind": "access", "device": device, "serial": format!("{person} {ts}"), "door": 1, "credential": "card",
            "direction": "in", "outcome": "granted", "ts": ts, "seen_at": ts, "person": person,
        });
        let events = json!({ "events": [event] }).to_string();
        let sent = self.branch.office.ask(&self.key, "POST", "/v2/ingest/device-events", &events).await;
        assert_eq!(sent.json()["accepted"], 1, "{}", sent.text);
    }

    /// Times and ways, oldest first; `*` after a way marks a repeated pass, `?` one that cannot be known yet.
    async fn told(&self, query: &str) -> Vec<String> {
        let path = format!("/api/v1/access-events?from=2026-11-18T00:00:00Z&{query}");
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.branch.office.ask(&self.branch.admin, "GET", &format!("{path}&cursor={cursor}"), "").await;
            let page = page.json();
            found.extend(page["items"].as_array().unwrap().iter().map(word));
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        found.reverse();
        found
    }
}

fn word(item: &Value) -> String {
    let time = &item["ts"].as_str().unwrap()[8..16];
    let repeated = if item["repeated"].as_bool().unwrap() { "*" } else { "" };
    let pending = if item["direction_pending"].as_bool().unwrap() { "?" } else { "" };
    format!("{time} {}{repeated}{pending}", item["direction"].as_str().unwrap())
}

#[tokio::test]
async fn in_turns_across_the_terminals_of_a_gate_and_repeats_are_hidden_until_asked_for() {
    let gate = Gate::new("alternating", 5, 2).await;
    for (device, person, time) in [
        (1, "1001", "04:00:00"),
        (2, "0001001", "04:00:04"),
        (1, "77", "04:00:05"),
        (2, "1001", "08:00:00"),
        (1, "1001", "08:10:00"),
    ] {
        gate.pass(device, person, &format!("2026-11-20T{time}Z")).await;
    }
    gate.branch.office.settle().await;
    let own = ["20T04:00 in", "20T08:00 out", "20T08:10 in"];
    for limit in [1, 2, 50] {
        assert_eq!(gate.told(&format!("employee_id=1&limit={limit}")).await, own, "{limit}");
    }
    assert_eq!(gate.told("q=77").await, ["20T04:00 in"], "another one has turns of their own");
    // Which part of the day is asked for changes nothing.
    assert_eq!(gate.told("device_id=1&employee_id=1").await, ["20T04:00 in", "20T08:10 in"]);
    assert_eq!(gate.told("device_id=2").await, ["20T08:00 out"]);
    assert_eq!(gate.told("to=2026-11-20T09:00:00Z&employee_id=1&limit=1").await, own);
    let all = ["20T04:00 in", "20T04:00 in*", "20T08:00 out", "20T08:10 in"];
    assert_eq!(gate.told("employee_id=1&repeated=true").await, all);
    let (branch, again) = (&gate.branch, "o\u{2bb}sha o\u{2bb}tish yana");
    let page = branch.page("/doors").await;
    assert!(!page.contains(again) && page.contains("name=\"repeated\"") && page.contains("chiqdi"), "{page}");
    assert!(branch.page("/doors?repeated=1").await.contains(again));
    let file = branch.get(&branch.session, "/doors/export.csv").await.text;
    assert_eq!((file.lines().count(), file.matches("\"out\"").count()), (5, 1), "{file}");
    let file = branch.get(&branch.session, "/doors/export.csv?repeated=1").await.text;
    assert_eq!((file.lines().count(), file.matches("\"true\"").count()), (6, 1), "{file}");
}

#[tokio::test]
async fn the_last_of_a_day_is_out_when_the_day_is_over_and_not_before() {
    let mut gate = Gate::new("first_last", 0, 1).await;
    // Days of Tashkent: 23:00 UTC is the next morning there.
    for time in ["18T23:00", "19T08:00", "19T13:00", "19T20:00", "20T05:00", "20T10:00"] {
        gate.pass(1, "1001", &format!("2026-11-{time}:00Z")).await;
    }
    gate.branch.office.settle().await;
    let yesterday = ["18T23:00 in", "19T08:00 unknown", "19T13:00 out"];
    let today = ["19T20:00 in", "20T05:00 unknown", "20T10:00 unknown?"];
    assert_eq!(gate.told("").await, [yesterday, today].concat());
    let note = "kun oxirida ma\u{2bc}lum bo\u{2bb}ladi";
    for path in ["/doors", "/doors/desk"] {
        assert_eq!(gate.branch.page(path).await.matches(note).count(), 1, "{path}");
    }
    // Time goes on, and nothing is stored anew.
    gate.branch.office.app.clock.set("2026-11-20T19:00:00Z".parse().unwrap());
    let over = ["19T20:00 in", "20T05:00 unknown", "20T10:00 out"];
    assert_eq!(gate.told("").await, [yesterday, over].concat());
    gate.branch.session = gate.branch.office.sign_in("aziz").await;
    let page = gate.branch.page("/doors?from=2026-11-20&to=2026-11-20").await;
    assert!(!page.contains(note) && page.contains("chiqdi"), "{page}");
}

#[tokio::test]
async fn another_rule_decides_the_past_anew() {
    let gate = Gate::new("by_device", 0, 1).await;
    for time in ["04:00", "08:00"] {
        gate.pass(1, "1001", &format!("2026-11-20T{time}:00Z")).await;
    }
    gate.branch.office.settle().await;
    assert_eq!(gate.told("").await, ["20T04:00 in", "20T08:00 in"]);
    let rule = json!({ "name": "Asosiy kirish", "passing": "alternating", "debounce_secs": 600 }).to_string();
    let changed = gate.branch.office.ask(&gate.branch.admin, "PUT", "/api/v1/gates/1", &rule).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(gate.told("").await, ["20T04:00 in", "20T08:00 out"]);
}

#[tokio::test]
async fn the_desk_knows_the_day_before_a_pass_is_stored() {
    let gate = Gate::new("alternating", 5, 1).await;
    gate.pass(1, "1001", "2026-11-20T04:00:00Z").await;
    gate.branch.office.settle().await;
    let doors = &gate.branch.office.app.entry_log;
    let mut feed = doors.feed(&Actor::system(), OrganizationId::new(1)).await.unwrap();
    let mut told = Vec::new();
    for (person, time) in [("1001", "10:00:00"), ("1001", "10:00:03"), ("77", "10:00:04"), ("1001", "10:30:00")] {
        gate.pass(1, person, &format!("2026-11-20T{time}Z")).await;
    }
    while told.len() < 3 {
        let next = tokio::time::timeout(Duration::from_secs(60), feed.next()).await.expect("the desk hears of passes");
        told.extend(next.unwrap().unwrap().into_iter().map(|pass| (pass.serial, pass.direction)));
    }
    let expected = [
        ("1001 2026-11-20T10:00:00Z", Direction::Out),
        ("77 2026-11-20T10:00:04Z", Direction::In),
        ("1001 2026-11-20T10:30:00Z", Direction::In),
    ];
    assert_eq!(told, expected.map(|(serial, way)| (serial.to_owned(), way)));
}
