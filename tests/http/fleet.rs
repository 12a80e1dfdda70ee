//! How gateways are, the computers behind them, what they are asked to do, and the alerts, as people see them.

use std::time::Duration;

use http::StatusCode;
use nazorat::fleet::Joining;
use nazorat::fleet::Peer;
use nazorat::fleet::alerts::AlertKind;
use nazorat::fleet::commands::State;
use nazorat::fleet::presence::Note;
use nazorat::identity::Assignment;
use nazorat::identity::DisplayName;
use nazorat::intake::Applier;
use nazorat::intake::NewStatus;
use nazorat::intake::Statuses;
use nazorat::kernel::Actor;
use nazorat::kernel::Language;
use nazorat::kernel::PageRequest;
use nazorat_wire::frame::AgentSeen;
use nazorat_wire::frame::Ending;
use nazorat_wire::frame::Heartbeat;
use nazorat_wire::frame::Outcome;
use nazorat_wire::frame::Spool;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::office::Browser;
use crate::support::office::Office;

const DAY: Duration = Duration::from_secs(86_400);

/// An office with a gateway whose box has joined.
struct Branch {
    office: Office,
    peer: Peer,
    notes: Mutex<mpsc::Receiver<Note>>,
}

impl Branch {
    async fn new() -> Self {
        let office = Office::new().await;
        let peer = join(&office, "Chilonzor").await;
        let notes = Mutex::new(office.app.presence.take_notes().unwrap());
        Self { office, peer, notes }
    }

    fn here(&self) -> String {
        format!("/gateways/{}", self.peer.gateway)
    }

    fn beat(&self) -> Heartbeat {
        Heartbeat {
            version: "1.5.2".to_owned(),
            clock: self.office.clock.now(),
            uptime_secs: 7 * 86_400,
            cpu_permille: Some(31),
            memory_bytes: Some(38_000_000),
            disk_free_bytes: Some(11_000_000_000),
            disk_bytes: Some(58_000_000_000),
            spool: Spool { max_bytes: 2_000_000_000, bytes: 1_000_000, ..Spool::default() },
            ..Heartbeat::default()
        }
    }

    async fn hear(&self, beat: Heartbeat) {
        self.office.app.presence.heartbeat(self.peer, beat).await;
    }

    /// Time goes on without a word of the gateway.
    async fn silence(&self, secs: i64) {
        self.office.forward(secs);
        self.office.app.presence.sweep().await;
    }

    /// Puts what presence noted into the partitions.
    async fn settle(&self) {
        let mut statuses = Vec::new();
        let mut notes = self.notes.lock().await;
        while let Ok(note) = notes.try_recv() {
            statuses.push(NewStatus { ts: note.at, account: note.account(), status: note.status() });
        }
        let app = &self.office.app;
        let statuses = Statuses { gateways: statuses, ..Statuses::default() };
        app.intake.note(self.peer.organization, statuses).await.unwrap();
        let stop = CancellationToken::new();
        let applier = Applier::new(app.intake.clone(), app.people.clone());
        let settled = async {
            let all = app.intake.settled(Duration::from_secs(60)).await;
            stop.cancel();
            all
        };
        let (applied, all) = tokio::join!(applier.run(stop.clone()), settled);
        applied.unwrap();
        assert!(all, "events were not applied within a minute");
    }

    /// Asks for something in the browser; gives the address of the newest command.
    async fn ask(&self, admin: &mut Browser<'_>, verb: &str, typed: &[(&str, &str)]) -> String {
        let answer = admin.post(&format!("{}/{verb}", self.here()), typed).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let request = PageRequest { limit: 1, after: None };
        let found = self.office.app.commands.list(&Actor::system(), self.peer, request).await.unwrap();
        format!("{}/commands/{}", self.here(), found.items[0].id)
    }

    /// The box takes the newest command and says how it ended.
    async fn end(&self, status: Ending, code: Option<&str>, body: Option<serde_json::Value>) {
        let request = PageRequest { limit: 1, after: None };
        let commands = &self.office.app.commands;
        let id = commands.list(&Actor::system(), self.peer, request).await.unwrap().items[0].id;
        commands.sent(self.peer, id).await.unwrap();
        commands.acked(self.peer, id, None).await.unwrap();
        let code = code.map(str::to_owned);
        commands.ended(self.peer, Outcome { id: id.get(), status, code, detail: None, body }).await.unwrap();
    }
}

async fn join(office: &Office, name: &str) -> Peer {
    let (system, name) = (Actor::system(), DisplayName::parse(name).unwrap());
    let invited = office.app.fleet.invite(&system, office.organization(), name, DAY).await.unwrap();
    let secret = invited.secret.expose();
    let joining = Joining { request: secret.as_bytes(), host: "gw-one", version: "1.4.0", address: None };
    let given = office.app.fleet.enroll(secret, &joining).await.unwrap();
    Peer { organization: office.organization(), gateway: given.gateway }
}

/// A page with ordinary spaces.
async fn open(browser: &mut Browser<'_>, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    assert!(!answer.body.contains('\u{2753}'), "{path} lacks a text");
    answer.body.replace('\u{a0}', " ")
}

fn has_all(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "{word}: {page}");
    }
}

#[tokio::test]
async fn a_gateway_shows_how_it_is_and_the_list_shows_the_same() {
    let branch = Branch::new().await;
    let mut admin = branch.office.signed_in("aziza").await;
    has_all(
        &open(&mut admin, &branch.here()).await,
        &["It has joined and was not heard yet", "nz-light-way", "Nothing to draw yet", "Not known yet", "90 days"],
    );
    assert!(open(&mut admin, "/gateways").await.contains("not heard yet"));

    let spool =
        Spool { batches: 12, oldest_secs: 720, bytes: 41_000_000, max_bytes: 2_000_000_000, ..Spool::default() };
    branch.hear(Heartbeat { spool, ..branch.beat() }).await;
    has_all(
        &open(&mut admin, &branch.here()).await,
        &[
            "12 batches wait",
            "The oldest is 12 min old.",
            "41 MB of 2.0 GB used.",
            "Right",
            "version 1.5.2",
            "38 MB",
            "7 days",
            "3 %",
            "11 GB of 58 GB",
        ],
    );
    has_all(&open(&mut admin, "/gateways").await, &["12 batches wait", "oldest 12 min", "1.5.2", "14:00:00"]);

    let ahead = branch.office.clock.now().saturating_add(Duration::from_secs(200)).unwrap();
    branch.hear(Heartbeat { clock: ahead, ..branch.beat() }).await;
    has_all(&open(&mut admin, &branch.here()).await, &["3 min ahead", "Switch on automatic time", "Nothing waits"]);
    assert!(open(&mut admin, "/gateways").await.contains("clock 3 min ahead"));

    branch.silence(600).await;
    has_all(&open(&mut admin, &branch.here()).await, &["Silent for 10 min.", "So it was at 14:00:00."]);
    has_all(&open(&mut admin, "/gateways").await, &["silent for 10 min", "1 silent"]);
    let part = admin.get(&format!("{}/live", branch.here())).await.body;
    assert!(part.contains("Silent for") && !part.contains("<html"), "{part}");
}

#[tokio::test]
async fn charts_show_the_past_day_and_month_and_what_nobody_heard() {
    let branch = Branch::new().await;
    branch.office.forward(86_400);
    for batches in [3, 40, 7] {
        let spool = Spool { batches, bytes: batches * 1_000_000, max_bytes: 2_000_000_000, ..Spool::default() };
        branch.hear(Heartbeat { spool, ..branch.beat() }).await;
        branch.office.forward(60);
    }
    branch.silence(3_600).await;
    branch.hear(branch.beat()).await;
    branch.office.forward(60);
    branch.settle().await;
    let mut admin = branch.office.signed_in("aziza").await;
    let page = open(&mut admin, &branch.here()).await;
    has_all(
        &page,
        &[
            "At most 40 batches waited, on 24 November 2026",
            "Silent from 24 November 2026",
            "nz-outage",
            "nz-strip-bad",
            "In the past 24 hours it was silent for",
        ],
    );
    assert_eq!(page.matches("<polyline").count(), 4, "two charts, each interrupted by the silence: {page}");
    let month = open(&mut admin, &format!("{}?range=month", branch.here())).await;
    has_all(&month, &["At most 40 batches waited", "every 2 hours", "/table?range=month", "/live?range=month"]);
    let table = open(&mut admin, &format!("{}/table", branch.here())).await;
    has_all(&table, &["Waited at most", ">40<", "11 GB", "Chilonzor in the past"]);
    has_all(&open(&mut admin, &format!("{}/table?range=month", branch.here())).await, &["24 November", ">40<"]);
}

#[tokio::test]
async fn computers_behind_a_gateway_have_three_lights() {
    let branch = Branch::new().await;
    let mut admin = branch.office.signed_in("aziza").await;
    branch.hear(branch.beat()).await;
    has_all(
        &open(&mut admin, &branch.here()).await,
        &["No computer sends to this gateway yet", "Install the agent on the computers"],
    );
    let now = branch.office.clock.now();
    let ago = |secs: u64| now.checked_sub(Duration::from_secs(secs)).unwrap();
    let agent = |id: u32, name: &str, contact: u64, event: Option<u64>| AgentSeen {
        id,
        computer_uid: format!("uid-{id}"),
        name: name.to_owned(),
        version: Some("0.9.1".to_owned()),
        last_contact: Some(ago(contact)),
        last_event: event.map(ago),
        interval_secs: Some(60),
        policy: None,
    };
    let mut agents =
        vec![agent(1, "SAM-01", 5, Some(9)), agent(2, "SAM-02", 5, Some(9_000)), agent(3, "SAM-03", 7_000, None)];
    agents.extend((4..=12).map(|id| agent(id, &format!("SAM-{id:02}"), 5, Some(9))));
    let beat = Heartbeat { agents, agents_total: 12, ..branch.beat() };
    branch.hear(beat).await;
    let page = open(&mut admin, &branch.here()).await;
    has_all(&page, &["11 of 12 heard now", "All 12", "0.9.1", "11:30:00"]);
    let quiet = page.find("SAM-02").unwrap();
    assert!(quiet < page.find("SAM-01").unwrap(), "what is odd comes first");
    assert!(!page.contains("SAM-12"), "the page shows the first of them");
    let all = open(&mut admin, &format!("{}/agents", branch.here())).await;
    has_all(&all, &["Computers behind Chilonzor", "SAM-12", "not heard", "never"]);
    assert!(open(&mut admin, "/gateways").await.contains("11 of 12"));
    branch.silence(600).await;
    assert!(open(&mut admin, &branch.here()).await.contains("not known"), "behind a silent gateway nothing is known");
}

#[tokio::test]
async fn a_gateway_is_asked_to_do_something_and_its_answer_is_read() {
    let branch = Branch::new().await;
    let mut admin = branch.office.signed_in("aziza").await;
    let here = branch.here();
    has_all(&open(&mut admin, &here).await, &["Nothing was asked of this gateway yet", "Test the line"]);

    branch.ask(&mut admin, "ping", &[]).await;
    let page = open(&mut admin, &here).await;
    has_all(&page, &["Asked: Test the line", "waits for the gateway", "Take back"]);
    let command = branch.ask(&mut admin, "ping", &[]).await;
    assert_eq!(admin.post(&format!("{command}/cancel"), &[]).await.location(), here);
    assert!(open(&mut admin, &here).await.contains("taken back, nothing was done"));
    let late = admin.post(&format!("{command}/cancel"), &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("cannot be taken back"), "{}", late.body);

    let command = branch.ask(&mut admin, "diagnostics", &[]).await;
    let log = ["INFO agents: listening", "WARN uplink: no line <b>"];
    branch.end(Ending::Succeeded, None, Some(json!({ "version": "1.5.2", "log": log }))).await;
    let page = open(&mut admin, &command).await;
    has_all(
        &page,
        &["done at once", "INFO agents: listening", "no line &#60;b&#62;", "Everything, for support", "Send again"],
    );
    assert_eq!(admin.post(&format!("{command}/again"), &[]).await.status, StatusCode::SEE_OTHER);

    assert!(open(&mut admin, &format!("{here}/log-level")).await.contains("How much it writes into its log"));
    let wrong = admin.post(&format!("{here}/log-level"), &[("level", "loud"), ("minutes", "15")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let command = branch.ask(&mut admin, "log-level", &[("level", "debug"), ("minutes", "60")]).await;
    assert!(open(&mut admin, &command).await.contains("Log level: details, for 1 h"));

    let question = open(&mut admin, &format!("{here}/restart")).await;
    has_all(&question, &["Restart Chilonzor?", "Nothing is lost"]);
    let command = branch.ask(&mut admin, "restart", &[]).await;
    branch.end(Ending::Failed, Some("interrupted"), None).await;
    let page = open(&mut admin, &command).await;
    has_all(&page, &["failed: the gateway was started again meanwhile", "nz-cell-bad"]);
    has_all(
        &open(&mut admin, &format!("{here}/commands")).await,
        &["Commands to Chilonzor", "Restart the gateway", "Collect diagnostics"],
    );
    let log = open(&mut admin, "/audit?action=command.").await;
    has_all(&log, &["Asked a gateway to do something", "gateway: Chilonzor", "outcome: done"]);
}

#[tokio::test]
async fn alerts_are_seen_from_everywhere_with_their_next_step() {
    let branch = Branch::new().await;
    let mut admin = branch.office.signed_in("aziza").await;
    let calm = open(&mut admin, "/alerts").await;
    has_all(&calm, &["Everything is in order", "aria-label=\"Alerts, none open\""]);
    branch.hear(branch.beat()).await;
    branch.silence(900).await;
    branch.ask(&mut admin, "ping", &[]).await;
    branch.end(Ending::Failed, Some("interrupted"), None).await;
    let facts = [("batches".to_owned(), 31.into())].into();
    branch.office.app.alerts.raise(branch.peer.organization, AlertKind::Gap, branch.peer.gateway, facts).await;

    let page = open(&mut admin, "/alerts").await;
    has_all(
        &page,
        &[
            "aria-label=\"Alerts, 3 open\"",
            "Chilonzor is silent",
            "Check power and network of the box",
            "31 batches are missing",
            "Chilonzor did not do what it was asked",
            "\u{201c}Test the line\u{201d} failed: the gateway was started again meanwhile.",
            &format!("href=\"{}\"", branch.here()),
            &format!("href=\"{}/commands/", branch.here()),
        ],
    );
    assert_eq!(page.matches("/dismiss").count(), 2, "silence ends by itself");
    assert!(open(&mut admin, "/people").await.contains("Alerts, 3 open"));

    branch.hear(branch.beat()).await;
    let open_now = branch.office.app.alerts.list_open(&Actor::system(), branch.peer.organization).await.unwrap();
    for alert in &open_now {
        assert_eq!(admin.post(&format!("/alerts/{}/dismiss", alert.id), &[]).await.location(), "/alerts");
    }
    has_all(&open(&mut admin, "/alerts").await, &["The alert is ended", "Everything is in order"]);
    let over = open(&mut admin, "/alerts?show=over").await;
    has_all(&over, &["Chilonzor is silent", "31 batches are missing", "14:15:00\u{2013}14:15:00"]);
    assert!(!over.contains("/dismiss"), "{over}");
    let log = open(&mut admin, "/audit?action=alert.").await;
    has_all(&log, &["Ended an alert by hand", "alert: lost events"]);
}

#[tokio::test]
async fn who_may_only_look_asks_for_nothing_and_guards_see_nothing() {
    let branch = Branch::new().await;
    let mut admin = branch.office.signed_in("aziza").await;
    branch.hear(branch.beat()).await;
    let command = branch.ask(&mut admin, "diagnostics", &[]).await;
    branch.end(Ending::Succeeded, None, Some(json!({ "log": ["a line of the log"] }))).await;
    let waiting = branch.ask(&mut admin, "ping", &[]).await;
    branch
        .office
        .app
        .alerts
        .raise(branch.peer.organization, AlertKind::Gap, branch.peer.gateway, Default::default())
        .await;
    branch.office.operator("malika", Assignment::Hr(branch.office.organization())).await;
    branch.office.operator("jasur", Assignment::Guard(branch.office.organization())).await;
    let mut hr = branch.office.signed_in("malika").await;
    let page = open(&mut hr, &branch.here()).await;
    has_all(&page, &["Nothing waits", "Collect diagnostics", "Alerts, 1 open"]);
    for absent in ["/restart", "/ping", "/log-level", "/cancel"] {
        assert!(!page.contains(absent), "{absent}");
    }
    let shown = open(&mut hr, &command).await;
    assert!(shown.contains("shown to administrators") && !shown.contains("a line of the log"), "{shown}");
    let listed = hr.get(&format!("/api/v1{}/commands?results=true", branch.here())).await;
    assert!(listed.status == StatusCode::OK && !listed.body.contains("a line of the log"), "{}", listed.body);
    let listed = admin.get(&format!("/api/v1{}/commands?results=true", branch.here())).await.body;
    assert!(listed.contains("a line of the log"), "{listed}");
    assert!(!open(&mut hr, "/alerts").await.contains("/dismiss"));
    let verbs = ["ping", "diagnostics", "log-level", "restart"].map(|verb| format!("{}/{verb}", branch.here()));
    let others = [format!("{waiting}/cancel"), format!("{command}/again"), "/alerts/1/dismiss".to_owned()];
    let typed = [("level", "debug"), ("minutes", "15")];
    for path in verbs.iter().chain(&others) {
        assert_eq!(hr.post(path, &typed).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let mut guard = branch.office.signed_in("jasur").await;
    assert_eq!(guard.get("/alerts").await.status, StatusCode::FORBIDDEN);
    assert!(!guard.get("/people").await.body.contains("href=\"/alerts\""));
    let open_now = branch.office.app.alerts.list_open(&Actor::system(), branch.peer.organization).await.unwrap();
    assert_eq!(open_now.len(), 1);

    // Another site cannot ask in an administrator's name.
    let mut lured = branch.office.signed_in("aziza").await;
    lured.site = "cross-site";
    for path in verbs.iter().chain(&others) {
        assert_eq!(lured.post(path, &typed).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let request = PageRequest { limit: 10, after: None };
    let all = branch.office.app.commands.list(&Actor::system(), branch.peer, request).await.unwrap().items;
    assert_eq!(all.iter().map(|command| command.state.clone()).collect::<Vec<_>>(), [State::Pending, State::Succeeded]);
}

#[tokio::test]
async fn another_organization_sees_nothing_of_it() {
    let branch = Branch::new().await;
    let mut admin = branch.office.signed_in("aziza").await;
    branch.hear(branch.beat()).await;
    let command = branch.ask(&mut admin, "ping", &[]).await;
    branch
        .office
        .app
        .alerts
        .raise(branch.peer.organization, AlertKind::Gap, branch.peer.gateway, Default::default())
        .await;
    let typed = [("name", "Filial"), ("zone", "Asia/Samarkand"), ("language", "uz")];
    admin.post("/organizations/new", &typed).await;
    let other = branch.office.app.tenancy.list_all().into_iter().find(|one| one.name() == "Filial").unwrap().id;
    branch.office.operator("malika", Assignment::Hr(other)).await;
    let mut hr = branch.office.signed_in("malika").await;
    for path in ["", "/live", "/table", "/agents", "/commands"] {
        assert_eq!(hr.get(&format!("{}{path}", branch.here())).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(hr.get(&command).await.status, StatusCode::NOT_FOUND);
    let alerts = open(&mut hr, "/alerts").await;
    assert!(alerts.contains("Alerts, none open") && !alerts.contains("Chilonzor"), "{alerts}");
    // Also an administrator who looks at the other one.
    admin.post(&format!("/organizations/{other}/look"), &[]).await;
    for path in ["ping", "diagnostics", "restart"] {
        assert_eq!(admin.post(&format!("{}/{path}", branch.here()), &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(admin.post(&format!("{command}/cancel"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.post("/alerts/1/dismiss", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn all_pages_open_in_all_languages() {
    let branch = Branch::new().await;
    let mut admin = branch.office.signed_in("aziza").await;
    branch.hear(branch.beat()).await;
    let command = branch.ask(&mut admin, "diagnostics", &[]).await;
    branch.end(Ending::Failed, Some("interrupted"), None).await;
    for kind in AlertKind::ALL {
        branch.office.app.alerts.raise(branch.peer.organization, kind, branch.peer.gateway, Default::default()).await;
    }
    branch.silence(600).await;
    branch.settle().await;
    let here = branch.here();
    let below =
        ["", "?range=month", "/live", "/table", "/table?range=month", "/agents", "/commands", "/log-level", "/restart"];
    let others = ["/", "/gateways", "/alerts", "/alerts?show=over", "/audit", &command].map(str::to_owned);
    let pages: Vec<String> = below.map(|path| format!("{here}{path}")).into_iter().chain(others).collect();
    for language in Language::ALL {
        admin.post("/language", &[("language", language.tag()), ("next", "/gateways")]).await;
        for path in &pages {
            open(&mut admin, path).await;
        }
    }
}
