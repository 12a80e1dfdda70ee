//! How terminals were over time, and who is told of it: with a clock that is moved by hand and a gateway that says what it is told to.

use nazorat::devices::watch::Note;
use nazorat::devices::watch::Watch;
use nazorat::identity::Assignment;
use nazorat::intake::NewDeviceStatus;
use nazorat::intake::Statuses;
use nazorat::kernel::Language;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::Role;
use nazorat::kernel::Timestamp;
use nazorat_wire::frame::DeviceSeen;
use serde_json::Value;
use serde_json::json;
use tokio::sync::mpsc;

use super::devices::Branch;
use super::devices::seen;

/// A branch with a terminal, and somebody who watches.
struct Watched {
    branch: Branch,
    watch: Watch,
    notes: mpsc::Receiver<Note>,
}

impl Watched {
    async fn new() -> Self {
        let branch = Branch::new().await;
        let gate = branch.gate("Asosiy kirish", true).await;
        branch.device("Kirish terminali", Some(gate)).await;
        let (watch, notes) = watch(&branch);
        let mut watched = Self { branch, watch, notes };
        watched.watch.begin().await;
        watched
    }

    /// The appliance begins anew: nothing is known but what was stored.
    async fn restart(&mut self) {
        (self.watch, self.notes) = watch(&self.branch);
        self.watch.begin().await;
    }

    fn now(&self) -> Timestamp {
        self.branch.office.app.clock.now()
    }

    fn forward(&self, secs: i64) {
        self.branch.office.app.clock.set(Timestamp::from_second(self.now().as_second() + secs).unwrap());
    }

    /// The gateway says how the terminal is, after some time.
    async fn hears(&mut self, after: i64, state: &str, more: Value) {
        self.forward(after);
        let mut told = serde_json::to_value(seen(state)).unwrap();
        told["since"] = json!(self.now());
        told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let told: DeviceSeen = serde_json::from_value(told).unwrap();
        self.branch.hears(told).await;
        self.watch.look().await;
    }

    /// Nothing is heard for some time.
    async fn silence(&mut self, secs: i64) {
        self.forward(secs);
        self.branch.office.app.presence.sweep().await;
        self.watch.look().await;
    }

    /// Puts what was noted into the partitions.
    async fn settle(&mut self) {
        let mut devices = Vec::new();
        while let Ok(Note { device, at, status, .. }) = self.notes.try_recv() {
            devices.push(NewDeviceStatus { ts: at, device, status });
        }
        let statuses = Statuses { devices, ..Statuses::default() };
        self.branch.office.app.intake.note(OrganizationId::new(1), statuses).await.unwrap();
        self.branch.office.settle().await;
    }

    /// The states of the past day, with how many seconds each lasted.
    async fn past(&self) -> Vec<(String, String, i64)> {
        let answer = self.branch.office.ask(&self.branch.admin, "GET", "/api/v1/devices/1/statuses", "").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["incomplete"]), (200, &json!(false)), "{}", answer.text);
        let time = |one: &Value, name: &str| one[name].as_str().unwrap().parse::<Timestamp>().unwrap().as_second();
        let word = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        let items = answer.json()["items"].as_array().unwrap().clone();
        items.iter().map(|one| (word(one, "state"), word(one, "code"), time(one, "to") - time(one, "from"))).collect()
    }

    /// The kinds that are open, and of which device.
    async fn open(&self) -> Vec<String> {
        let answer = self.branch.office.ask(&self.branch.admin, "GET", "/api/v1/alerts?limit=100", "").await.json();
        let open = answer["items"].as_array().unwrap().iter().filter(|one| one["resolved_at"].is_null());
        let mut kinds: Vec<String> =
            open.map(|one| format!("{} {}", one["kind"].as_str().unwrap(), one["device_id"])).collect();
        kinds.sort();
        kinds
    }
}

fn watch(branch: &Branch) -> (Watch, mpsc::Receiver<Note>) {
    let app = &branch.office.app;
    Watch::new(app.devices.clone(), app.alerts.clone(), app.device_history.clone())
}

fn stretch(state: &str, code: &str, secs: i64) -> (String, String, i64) {
    (state.to_owned(), code.to_owned(), secs)
}

const AWAY: &str = "device_unreachable";

#[tokio::test]
async fn a_terminal_that_goes_away_and_comes_back_leaves_a_strip_and_one_alert() {
    let mut watched = Watched::new().await;
    watched.hears(0, "online", json!({})).await;
    watched.hears(600, "offline", json!({ "code": AWAY, "detail": "no route to 192.168.1.20" })).await;
    watched.silence(50).await;
    assert_eq!(watched.open().await, [] as [&str; 0]);
    let since = watched.now().as_second() - 50;
    let told = json!({ "code": AWAY, "since": Timestamp::from_second(since).unwrap() });
    watched.hears(50, "offline", told.clone()).await;
    assert_eq!(watched.open().await, [] as [&str; 0], "120 s are not yet too long");
    watched.hears(21, "offline", told.clone()).await;
    watched.hears(30, "offline", told).await;
    assert_eq!(watched.open().await, ["device_offline 1"]);
    let page = watched.branch.page("/alerts").await;
    for said in
        ["Kirish terminali bilan aloqa yo\u{2bb}q", "href=\"/devices/1\"", "qurilma javob bermayapti", "quvvati"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    watched.hears(29, "online", json!({})).await;
    assert_eq!(watched.open().await, [] as [&str; 0]);
    watched.forward(100);
    watched.settle().await;
    let expected = [stretch("online", "", 600), stretch("offline", AWAY, 180), stretch("online", "", 100)];
    assert_eq!(watched.past().await, expected);
    for path in ["/devices", "/devices/1", "/devices/1/live", "/devices/1/changes"] {
        let page = watched.branch.page(path).await;
        assert!(!page.contains("192.168.1.20 ("), "{page}");
        let said = if path.ends_with("changes") { "qurilma javob bermayapti" } else { "nz-strip-bad" };
        assert!(page.contains(said), "{path} {said}: {page}");
    }
    assert!(watched.branch.page("/devices").await.contains("aloqa yo\u{2bb}q bo\u{2bb}lgan vaqt: 3"));
}

#[tokio::test]
async fn behind_a_silent_gateway_a_terminal_is_unknown_and_nobody_is_told_of_it() {
    let mut watched = Watched::new().await;
    watched.hears(0, "online", json!({})).await;
    watched.hears(60, "offline", json!({ "code": AWAY })).await;
    watched.silence(55).await;
    watched.silence(10).await;
    watched.silence(600).await;
    assert_eq!(watched.open().await, ["gateway_offline null"]);
    // It is back, and the terminal was away all the time.
    let since = Timestamp::from_second(watched.now().as_second() - 600).unwrap();
    watched.hears(35, "offline", json!({ "code": AWAY, "since": since })).await;
    assert_eq!(watched.open().await, ["device_offline 1"]);
    // Once more it is the gateway that nobody knows anything of.
    watched.silence(61).await;
    assert_eq!(watched.open().await, ["gateway_offline null"]);
    watched.settle().await;
    let past = watched.past().await;
    let expected = [
        stretch("online", "", 60),
        stretch("offline", AWAY, 65),
        stretch("unknown", "gateway_silent", 635),
        stretch("offline", AWAY, 61),
    ];
    assert_eq!(past, expected);
    let page = watched.branch.page("/devices/1/changes").await;
    assert!(page.contains("uning shlyuzi javob bermayapti"), "{page}");
}

#[tokio::test]
async fn what_a_restart_did_not_see_is_unknown_and_its_alerts_go_on() {
    let mut watched = Watched::new().await;
    watched.hears(0, "online", json!({})).await;
    let since = watched.now();
    watched.hears(30, "offline", json!({ "code": AWAY, "since": since })).await;
    watched.hears(100, "offline", json!({ "code": AWAY, "since": since })).await;
    assert_eq!(watched.open().await, ["device_offline 1"]);
    watched.settle().await;
    watched.forward(40);
    watched.restart().await;
    watched.watch.look().await;
    assert_eq!(watched.open().await, ["device_offline 1"], "nothing was heard yet, so nothing changed");
    watched.hears(10, "online", json!({})).await;
    assert_eq!(watched.open().await, [] as [&str; 0]);
    watched.forward(5);
    watched.settle().await;
    let expected = [
        stretch("online", "", 30),
        stretch("offline", AWAY, 100),
        stretch("unknown", "not_watched", 50),
        stretch("online", "", 5),
    ];
    assert_eq!(watched.past().await, expected);
}

#[tokio::test]
async fn what_else_a_terminal_needs_is_told_with_the_next_step() {
    let mut watched = Watched::new().await;
    watched.hears(0, "error", json!({ "code": "device_credentials", "detail": "Uzun-parol-7 was refused" })).await;
    assert_eq!(watched.open().await, ["device_credentials 1"]);
    assert!(watched.branch.page("/alerts").await.contains("href=\"/devices/1\""));
    let full = json!({ "drift_ms": -121_000, "log_room": [81, 100], "people_room": [2_500, 3_000] });
    watched.hears(30, "online", full).await;
    assert_eq!(watched.open().await, ["device_clock 1", "device_log_high 1", "device_people_high 1"]);
    let page = watched.branch.page("/alerts").await;
    for said in ["2 daq orqada", "81 %", "83 %", "100 yozuvdan 81 tasi"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let missed = watched.now();
    let well = json!({ "drift_ms": 0, "log_room": [76, 100], "people_room": [10, 3_000], "missed_at": missed });
    watched.hears(30, "online", well.clone()).await;
    assert_eq!(watched.open().await, ["device_log_high 1", "device_missed 1"]);
    watched.hears(30, "online", json!({ "log_room": [1, 100], "missed_at": missed })).await;
    assert_eq!(watched.open().await, ["device_missed 1"]);
    // Seen to by a person, and not told twice of the same, also not after a restart.
    let id = watched.branch.office.ask(&watched.branch.admin, "GET", "/api/v1/alerts?limit=1", "").await.json();
    let path = format!("/api/v1/alerts/{}/dismiss", id["items"][0]["id"]);
    assert_eq!(watched.branch.office.ask(&watched.branch.admin, "POST", &path, "").await.status, 204);
    watched.hears(30, "online", json!({ "missed_at": missed })).await;
    watched.branch.office.app.presence.write_down().await;
    watched.restart().await;
    watched.hears(30, "online", json!({ "missed_at": missed })).await;
    assert_eq!(watched.open().await, [] as [&str; 0]);
    watched.hears(30, "online", json!({ "missed_at": watched.now() })).await;
    assert_eq!(watched.open().await, ["device_missed 1"]);
}

#[tokio::test]
async fn a_terminal_that_is_switched_off_or_removed_needs_nobody() {
    let mut watched = Watched::new().await;
    let told = json!({ "code": AWAY, "since": "2026-11-20T10:00:00Z", "missed_at": "2026-11-20T10:00:00Z" });
    watched.hears(0, "offline", told.clone()).await;
    assert_eq!(watched.open().await, ["device_missed 1", "device_offline 1"]);
    let (office, admin) = (&watched.branch.office, &watched.branch.admin);
    assert_eq!(office.ask(admin, "POST", "/api/v1/devices/1/disable", "").await.status, 200);
    watched.watch.reload().await;
    watched.watch.look().await;
    assert_eq!(watched.open().await, ["device_missed 1"]);
    let (office, admin) = (&watched.branch.office, &watched.branch.admin);
    assert_eq!(office.ask(admin, "POST", "/api/v1/devices/1/enable", "").await.status, 200);
    watched.watch.reload().await;
    watched.hears(5, "offline", told).await;
    assert_eq!(watched.open().await, ["device_missed 1", "device_offline 1"]);
    let (office, admin) = (&watched.branch.office, &watched.branch.admin);
    assert_eq!(office.ask(admin, "DELETE", "/api/v1/devices/1", "").await.status, 204);
    watched.watch.reload().await;
    watched.watch.look().await;
    assert_eq!(watched.open().await, [] as [&str; 0]);
    assert_eq!(office.ask(admin, "GET", "/api/v1/devices/1/statuses", "").await.code(), "not_found");
}

#[tokio::test]
async fn only_ones_own_terminals_and_times_that_are_ones_are_told() {
    let mut watched = Watched::new().await;
    watched.hears(0, "online", json!({})).await;
    watched.settle().await;
    let office = &watched.branch.office;
    let other = office.organization("Boshqa").await;
    let stranger = office.operator("begona", Assignment::new(Role::Hr, Some(other), None).unwrap()).await;
    assert_eq!(office.ask(&stranger, "GET", "/api/v1/devices/1/statuses", "").await.code(), "not_found");
    let path = "/api/v1/devices/1/statuses?organization_id=1";
    assert_eq!(office.ask(&stranger, "GET", path, "").await.code(), "not_found");
    for (query, code) in [
        ("from=2026-11-20T10:00:00Z&to=2026-11-20T10:00:00Z", "empty_range"),
        ("from=2020-01-01T00:00:00Z", "long_range"),
    ] {
        let answer = office.ask(&watched.branch.admin, "GET", &format!("/api/v1/devices/1/statuses?{query}"), "").await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, code), "{}", answer.text);
    }
    // A day ago nobody knew of it.
    let path = "/api/v1/devices/1/statuses?from=2026-11-19T00:00:00Z&to=2026-11-19T12:00:00Z";
    assert_eq!(office.ask(&watched.branch.admin, "GET", path, "").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_lead_reads_alerts_of_terminals_without_their_names() {
    let mut watched = Watched::new().await;
    watched.hears(0, "error", json!({ "code": "device_credentials" })).await;
    let made = watched.branch.office.ask(&watched.branch.admin, "POST", "/api/v1/departments", r#"{"name":"Sotuv"}"#);
    assert_eq!(made.await.status, 201);
    watched.branch.office.role(Role::DepartmentLead).await;
    let session = watched.branch.office.sign_in("department_lead").await;
    let page = watched.branch.get(&session, "/alerts").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("eshikdagi terminal") && !page.text.contains("Kirish terminali"), "{}", page.text);
    assert!(!page.text.contains("/devices/1"), "{}", page.text);
}

#[tokio::test]
async fn pages_of_the_past_open_in_all_languages() {
    let mut watched = Watched::new().await;
    let branch = &watched.branch;
    for path in ["/devices", "/devices/1", "/devices/1/changes", "/alerts"] {
        branch.page(path).await;
    }
    watched.hears(0, "online", json!({})).await;
    for (state, code) in
        [("offline", AWAY), ("error", "device_credentials"), ("offline", "weird thing"), ("online", "")]
    {
        watched.hears(300, state, json!({ "code": code })).await;
    }
    watched.silence(400).await;
    watched.settle().await;
    for language in Language::ALL {
        let fields = [("language", language.tag()), ("next", "/devices")];
        watched.branch.post(&watched.branch.session, "/language", &fields).await;
        for path in ["/devices", "/devices/1", "/devices/1/live", "/devices/1/changes", "/alerts", "/alerts?show=over"]
        {
            let page = watched.branch.page(path).await;
            assert!(!page.contains("weird thing"), "{path} tells what is no word: {page}");
        }
    }
}
