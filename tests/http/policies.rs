//! The pages of policies: from the first draft to a version that is brought back, and what a draft would have done.

use http::StatusCode;
use nazorat::identity::Assignment;
use nazorat::kernel::Access;
use nazorat::kernel::Actor;
use nazorat::kernel::EmployeeId;
use nazorat::kernel::PolicyId;
use nazorat::people::EmployeeInput;
use nazorat_wire::policy::SiteDetail;
use nazorat_wire::policy::WindowDetail;
use serde_json::Value;
use serde_json::json;

use crate::support::app;
use crate::support::office::Browser;
use crate::support::office::Office;

fn between<'a>(body: &'a str, before: &str, after: &str) -> &'a str {
    body.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map_or("", |(found, _)| found)
}

/// What a browser sends back of a form that it was shown.
struct Filled(Vec<(String, String)>);

impl Filled {
    /// The hidden fields of the page with values for the others.
    fn of(body: &str, fields: &[(&str, &str)]) -> Self {
        let hidden = ["version", "seen"].map(|name| {
            let value = between(body, &format!("name=\"{name}\" value=\""), "\"");
            (name.to_owned(), value.to_owned())
        });
        let typed = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self(hidden.into_iter().chain(typed).collect())
    }

    async fn post(&self, browser: &mut Browser<'_>, path: &str) -> crate::support::office::Answer {
        let fields: Vec<(&str, &str)> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.post(path, &fields).await
    }
}

async fn hr(office: &Office, login: &str) {
    office.operator(login, Assignment::Hr(office.organization())).await;
}

#[tokio::test]
async fn a_policy_is_made_drafted_published_and_an_old_version_comes_back() {
    let office = Office::new().await;
    hr(&office, "malika").await;
    let mut malika = office.signed_in("malika").await;
    let empty = malika.get("/policies").await.body;
    assert!(empty.contains("No policies yet") && empty.contains("Everything that comes in is kept"), "{empty}");
    let made = malika.post("/policies/new", &[("of", "organization"), ("begin", "privacy")]).await;
    assert_eq!(made.location(), "/policies/1", "{}", made.body);

    let page = malika.get("/policies/1").await.body;
    assert!(page.contains("Draft of version 1") && page.contains("This is the first decision."), "{page}");
    let list = malika.get("/policies").await.body;
    assert!(list.contains("Not published") && list.contains("malika"), "{list}");

    // Looking changes nothing, and says what would change.
    let looked = Filled::of(&page, &[("do", "look"), ("windows", "title"), ("sites", "path")]);
    let looked = looked.post(&mut malika, "/policies/1").await;
    assert!(looked.status == StatusCode::OK && looked.body.contains("Not saved yet"), "{}", looked.body);
    let id = PolicyId::new(1);
    let draft = async || office.app.policies.find(&Actor::system(), office.organization(), id).await.unwrap().draft;
    assert_eq!(draft().await.unwrap().settings.windows, Some(WindowDetail::Application));

    // What is refused keeps what was typed.
    let exclusion = [("part", "site"), ("kind", "words"), ("text", "bank.uz"), ("action", "drop")];
    let broken = [("part", "title"), ("kind", "regex"), ("text", "(unfinished"), ("action", "redact")];
    let mut fields = vec![("do", "save"), ("windows", "title"), ("idle_minutes", "soon")];
    fields.extend(exclusion.iter().chain(&broken));
    let refused = Filled::of(&page, &fields).post(&mut malika, "/policies/1").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("value=\"soon\"") && refused.body.contains("value=\"(unfinished\""),
        "{}",
        refused.body
    );
    assert!(refused.body.contains("Exclusion 2: ") && !refused.body.contains("Exclusion 1: "), "{}", refused.body);

    let mut fields = vec![("do", "publish"), ("windows", "title"), ("idle_minutes", "5")];
    fields.extend(exclusion);
    let saved = Filled::of(&page, &fields).post(&mut malika, "/policies/1").await;
    assert_eq!(saved.location(), "/policies/1/publish", "{}", saved.body);
    let question = malika.get("/policies/1/publish").await.body;
    assert!(question.contains("Publish version 1 for Whole organization?"), "{question}");
    let hasty = Filled::of(&question, &[("reason", "x")]).post(&mut malika, "/policies/1/publish").await;
    assert_eq!(hasty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(hasty.body.contains("Write why, in 3 to 500 characters."), "{}", hasty.body);
    let published = Filled::of(&question, &[("reason", "as agreed")]).post(&mut malika, "/policies/1/publish").await;
    assert_eq!(published.location(), "/policies/1/versions", "{}", published.body);

    let second = malika.get("/policies/1").await.body;
    let mut fields = vec![("do", "publish"), ("windows", "off"), ("idle_minutes", "5")];
    fields.extend(exclusion);
    Filled::of(&second, &fields).post(&mut malika, "/policies/1").await;
    let question = malika.get("/policies/1/publish").await.body;
    assert!(
        question.contains("Full title") && question.contains("Less is collected than before: Windows."),
        "{question}"
    );
    Filled::of(&question, &[("reason", "too much")]).post(&mut malika, "/policies/1/publish").await;
    let compared = malika.get("/policies/1/compare?from=1&to=2").await.body;
    assert!(compared.contains("Full title") && compared.contains("1 change"), "{compared}");
    let asked = malika.get("/policies/1/versions/1/bring-back").await.body;
    assert!(asked.contains("Bring version 1 back?") && asked.contains("Its settings become version 3"), "{asked}");
    let back = malika.post("/policies/1/versions/1/bring-back", &[("reason", "it was better")]).await;
    assert_eq!(back.location(), "/policies/1/versions", "{}", back.body);
    let versions = malika.get("/policies/1/versions").await.body;
    for said in ["as agreed", "too much", "it was better", "settings of version 1", "Version 3 is in force"] {
        assert!(versions.contains(said), "{said}: {versions}");
    }
    let in_force = office.app.policies.in_force(office.organization());
    assert!(in_force.is_some());
    let versions = office.app.policies.versions(&Actor::system(), office.organization(), id).await.unwrap();
    assert_eq!((versions[0].number, versions[0].brought_back, &versions[0].author), (3, Some(1), &"malika".to_owned()));
}

#[tokio::test]
async fn two_who_edit_the_same_draft_do_not_overwrite_each_other() {
    let office = Office::new().await;
    hr(&office, "malika").await;
    hr(&office, "jasur").await;
    let mut malika = office.signed_in("malika").await;
    let mut jasur = office.signed_in("jasur").await;
    malika.post("/policies/new", &[("of", "organization"), ("begin", "empty")]).await;
    let (one, other) = (malika.get("/policies/1").await.body, jasur.get("/policies/1").await.body);
    office.forward(60);
    let saved = Filled::of(&one, &[("do", "save"), ("windows", "off")]).post(&mut malika, "/policies/1").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let late = Filled::of(&other, &[("do", "save"), ("sites", "full")]).post(&mut jasur, "/policies/1").await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.body.contains("malika has changed the draft meanwhile"), "{}", late.body);
    assert!(late.body.contains("value=\"full\" checked"), "what was typed stays: {}", late.body);
    let find = async || {
        let policy = office.app.policies.find(&Actor::system(), office.organization(), PolicyId::new(1)).await;
        policy.unwrap().draft.unwrap().settings
    };
    assert_eq!((find().await.windows, find().await.sites), (Some(WindowDetail::Off), None));
    // Whoever has seen it and saves once more means it.
    let again = Filled::of(&late.body, &[("do", "save"), ("sites", "full")]).post(&mut jasur, "/policies/1").await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert_eq!((find().await.windows, find().await.sites), (None, Some(SiteDetail::Full)));

    // Another version is told the same way, and a draft that changed is not published unseen.
    let (one, question) = (malika.get("/policies/1").await.body, malika.get("/policies/1/publish").await.body);
    office.forward(60);
    let page = jasur.get("/policies/1").await.body;
    Filled::of(&page, &[("do", "save"), ("sites", "path")]).post(&mut jasur, "/policies/1").await;
    let unseen = Filled::of(&question, &[("reason", "as agreed")]).post(&mut malika, "/policies/1/publish").await;
    assert!(unseen.status == StatusCode::UNPROCESSABLE_ENTITY && unseen.body.contains("was changed meanwhile"));
    let question = jasur.get("/policies/1/publish").await.body;
    Filled::of(&question, &[("reason", "as agreed")]).post(&mut jasur, "/policies/1/publish").await;
    let stale = Filled::of(&one, &[("do", "save"), ("windows", "off")]).post(&mut malika, "/policies/1").await;
    assert!(stale.body.contains("jasur has published version 1 meanwhile"), "{}", stale.body);
}

#[tokio::test]
async fn the_nearest_policy_is_named_and_linked() {
    let office = Office::new().await;
    hr(&office, "malika").await;
    let input =
        EmployeeInput { surname: "Karimova".to_owned(), given_name: "Dilnoza".to_owned(), ..Default::default() };
    office.app.people.create_employee(&Actor::system(), office.organization(), input).await.unwrap();
    let mut malika = office.signed_in("malika").await;
    assert!(malika.get("/people/1").await.body.contains("No policy yet"));
    for (of, windows) in [("organization", "application"), ("person", "title")] {
        let made = malika.post("/policies/new", &[("of", of), ("person", "1"), ("begin", "empty")]).await;
        let path = made.location().to_owned();
        let page = malika.get(&path).await.body;
        Filled::of(&page, &[("do", "save"), ("windows", windows)]).post(&mut malika, &path).await;
        let question = malika.get(&format!("{path}/publish")).await.body;
        Filled::of(&question, &[("reason", "as agreed")]).post(&mut malika, &format!("{path}/publish")).await;
    }
    let page = malika.get("/policies/2").await.body;
    assert!(page.contains("Domain \u{b7} built in"), "{page}");
    let people = malika.get("/policies/1/people").await.body;
    assert!(people.contains("Karimova Dilnoza v1"), "{people}");
    let person = malika.get("/people/1").await.body;
    assert!(person.contains("href=\"/policies/2\"") && person.contains("Policy: Karimova Dilnoza"), "{person}");
    let explained = office.app.policies.explain(&Actor::system(), office.organization(), EmployeeId::new(1)).await;
    assert_eq!(explained.unwrap().effective.windows, WindowDetail::Title);
}

/// An office in which Dilnoza has worked, and an account of nobody too.
async fn office_with_events() -> (app::Office, String) {
    let office = app::Office::new().await;
    let token = office.token("aziz", Access::Full).await;
    let key = office.ask(&token, "POST", "/api/v1/api-keys?organization_id=1", r#"{"name":"Agents"}"#).await.json();
    let event = |user: &str, kind: &str, hour: u32, more: Value| {
        let mut event = json!({"kind": kind, "ts": format!("2026-11-20T{hour:02}:00:00Z"), "computer_uid": "pc-1",
            "user_name": user});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let window = |title: &str| json!({"duration_ms": 60_000, "app": "EXCEL.EXE", "title": title});
    let site = |url: &str| json!({"duration_ms": 60_000, "url": url, "title": "a page", "browser": "chrome.exe"});
    let events = [
        event("dilnoza", "active_window", 4, window("Oylik hisobot")),
        event("dilnoza", "visited_site", 5, site("https://my.bank.uz/cards?id=7")),
        event("dilnoza", "visited_site", 6, site("https://lex.uz/docs")),
        event("dilnoza", "input_activity", 4, json!({"duration_ms": 600_000, "state": "active"})),
        event("nobody", "active_window", 4, window("Shaxsiy")),
    ];
    let secret = key["secret"].as_str().unwrap();
    let sent = office.ask(secret, "POST", "/v2/ingest/logs", &json!({"events": events}).to_string()).await;
    assert_eq!(sent.json()["accepted"], 5, "{}", sent.text);
    office.settle().await;
    let employee = r#"{"surname":"Karimova","given_name":"Dilnoza"}"#;
    assert_eq!(office.ask(&token, "POST", "/api/v1/employees", employee).await.status, 201);
    let users = office.ask(&token, "GET", "/api/v1/computer-users", "").await.json();
    let dilnoza = users["items"].as_array().unwrap().iter().find(|user| user["user_name"] == "dilnoza").unwrap();
    let link = json!({"computer_user_id": dilnoza["id"], "employee_id": 1}).to_string();
    assert_eq!(office.ask(&token, "POST", "/api/v1/links", &link).await.status, 201);
    (office, token)
}

async fn policy(office: &app::Office, token: &str, applies_to: Value, settings: Value) -> String {
    let body = json!({ "applies_to": applies_to }).to_string();
    let made = office.ask(token, "POST", "/api/v1/policies", &body).await.json();
    let path = format!("/api/v1/policies/{}", made["id"]);
    let body = json!({"settings": settings, "version": 0}).to_string();
    assert_eq!(office.ask(token, "PUT", &format!("{path}/draft"), &body).await.status, 200);
    path
}

fn kind<'a>(preview: &'a Value, dataset: &str) -> &'a Value {
    preview["kinds"].as_array().unwrap().iter().find(|kind| kind["dataset"] == dataset).unwrap_or(&Value::Null)
}

fn reason<'a>(preview: &'a Value, dataset: &str, cause: &str) -> &'a Value {
    let all = preview["reasons"].as_array().unwrap();
    all.iter().find(|one| one["dataset"] == dataset && one["cause"] == cause).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn a_draft_is_held_against_the_last_week() {
    let (office, token) = office_with_events().await;
    let bank = json!({"part": "site", "pattern": {"text": "bank.uz"}, "action": "drop"});
    let settings = json!({"windows": "application", "sites": "path", "exclusions": [bank]});
    let path = policy(&office, &token, json!({"of": "organization"}), settings).await;
    let preview = office.ask(&token, "POST", &format!("{path}/preview"), "{}").await.json();
    let windows = kind(&preview, "active_windows");
    assert_eq!((&windows["stored"], &windows["reduced"]), (&json!(2), &json!(2)), "{preview}");
    let sites = kind(&preview, "visited_sites");
    assert_eq!((&sites["kept"], &sites["dropped"]), (&json!(1), &json!(1)), "{preview}");
    assert_eq!(kind(&preview, "input_activity")["kept"], 1);
    let why = reason(&preview, "visited_sites", "exclusion");
    assert_eq!((&why["events"], &why["exclusion"]["pattern"]["text"]), (&json!(1), &json!("bank.uz")));
    assert_eq!((&preview["is_sample"], &preview["cut_before"]), (&json!(false), &json!(false)));
    assert!(!preview.to_string().contains("hisobot"), "no examples unless they are asked for: {preview}");

    let shown = office.ask(&token, "POST", &format!("{path}/preview"), r#"{"examples":true}"#).await.json();
    let example = &reason(&shown, "active_windows", "detail")["examples"];
    let of_dilnoza = example.as_array().unwrap().iter().find(|one| one["employee_id"] == 1).unwrap();
    assert_eq!(of_dilnoza["before"], "EXCEL.EXE \u{b7} Oylik hisobot");
    assert_eq!(of_dilnoza["after"], "EXCEL.EXE");
    let log = office.ask(&token, "GET", "/api/v1/audit?organization_id=1", "").await.text;
    assert_eq!(log.matches("monitoring.read_examples").count(), 1, "{log}");
}

#[tokio::test]
async fn a_draft_for_a_person_is_held_against_their_events_alone() {
    let (office, token) = office_with_events().await;
    let path = policy(&office, &token, json!({"of": "employee", "id": 1}), json!({"windows": "off"})).await;
    let preview = office.ask(&token, "POST", &format!("{path}/preview"), "{}").await.json();
    let windows = kind(&preview, "active_windows");
    assert_eq!((&windows["stored"], &windows["dropped"]), (&json!(1), &json!(1)), "{preview}");

    // What is in force already is told apart, and that its week cannot be counted as a whole.
    let why = json!({"reason": "as agreed", "version": 0}).to_string();
    assert_eq!(office.ask(&token, "POST", &format!("{path}/release"), &why).await.status, 200);
    let nothing = office.ask(&token, "POST", &format!("{path}/preview"), "{}").await;
    assert_eq!((nothing.status, nothing.code().as_str()), (StatusCode::CONFLICT, "no_draft"));
    let body = json!({"settings": {"windows": "off", "sites": "full"}, "version": 1}).to_string();
    assert_eq!(office.ask(&token, "PUT", &format!("{path}/draft"), &body).await.status, 200);
    let preview = office.ask(&token, "POST", &format!("{path}/preview"), "{}").await.json();
    let why = reason(&preview, "active_windows", "kind");
    assert_eq!((&why["events"], &why["already"]), (&json!(1), &json!(1)), "{preview}");
    assert_eq!((&preview["cut_before"], &preview["more"]), (&json!(true), &json!(2)), "{preview}");
}
