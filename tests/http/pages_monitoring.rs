//! The pages made of events, as a browser without scripts meets them.

use http::Request;
use http::StatusCode;
use nazorat::audit::Filter;
use nazorat::identity::Assignment;
use nazorat::kernel::Access;
use nazorat::kernel::Actor;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::PageRequest;
use nazorat::kernel::Role;
use serde_json::json;

use crate::support::app::Answer;
use crate::support::app::Office;

/// An office in which one person worked for ten minutes, and one event was too old to be believed.
struct Pages {
    office: Office,
    cookie: String,
}

impl Pages {
    async fn new() -> Self {
        let office = Office::new().await;
        let token = office.token("aziz", Access::Full).await;
        let key = office.ask(&token, "POST", "/api/v1/api-keys?organization_id=1", r#"{"name":"Agents"}"#).await.json();
        let event = |kind: &str, ts: &str, more: serde_json::Value| {
            let mut event = json!({"kind": kind, "ts": ts, "computer_uid": "pc-1", "user_name": "OFIS\\dilnoza"});
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event
        };
        let window = |app: &str, title: &str| json!({"duration_ms": 300_000, "app": app, "title": title});
        let events = json!({"events": [
            event("input_activity", "2026-11-20T10:00:00Z", json!({"duration_ms": 600_000, "state": "active"})),
            event("active_window", "2026-11-20T10:00:00Z", window("EXCEL.EXE", "=cmd|' /C calc'!A0")),
            event("active_window", "2026-11-20T10:05:00Z", window("winword.exe", "Shartnoma")),
            event("active_window", "2026-01-20T10:05:00Z", window("EXCEL.EXE", "long ago")),
        ]});
        let secret = key["secret"].as_str().unwrap();
        let sent = office.ask(secret, "POST", "/v2/ingest/logs", &events.to_string()).await.json();
        assert_eq!((&sent["accepted"], &sent["rejected"][0]["code"]), (&json!(3), &json!("time_too_old")));
        office.settle().await;
        let employee = r#"{"surname":"Karimova","given_name":"Dilnoza"}"#;
        assert_eq!(office.ask(&token, "POST", "/api/v1/employees", employee).await.status, 201);
        let link = r#"{"computer_user_id":1,"employee_id":1}"#;
        assert_eq!(office.ask(&token, "POST", "/api/v1/links", link).await.status, 201);
        let cookie = sign_in(&office, "aziz").await;
        Self { office, cookie }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", &self.cookie);
        self.office.send(request.body(axum::body::Body::empty()).unwrap()).await
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert!(!answer.text.contains('\u{2753}'), "a text is missing on {path}");
        answer.text
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header("cookie", &self.cookie)
            .header("content-type", "application/x-www-form-urlencoded");
        self.office.send(request.body(axum::body::Body::from(form.to_owned())).unwrap()).await
    }
}

async fn sign_in(office: &Office, login: &str) -> String {
    let request = Request::post("/sign-in").header("content-type", "application/x-www-form-urlencoded");
    let form = format!("login={login}&password=uzun+va+maxfiy+parol+7");
    let answer = office.send(request.body(axum::body::Body::from(form)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let cookies = answer.headers.get_all("set-cookie").into_iter().filter_map(|value| value.to_str().ok());
    let pairs: Vec<&str> = cookies.filter_map(|cookie| cookie.split(';').next()).collect();
    pairs.join("; ")
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("{start} is not on the page"));
    rest.split_once(end).map_or(rest, |(found, _)| found)
}

#[tokio::test]
async fn the_first_page_counts_people_and_names_what_needs_a_look() {
    let pages = Pages::new().await;
    let text = pages.page("/").await;
    assert!(text.contains("id=\"overview-live\""), "{text}");
    assert!(text.contains("sse-connect=\"/live/overview\""));
    assert!(text.contains("/dead-letters"), "one event was refused today");
    assert!(pages.page("/overview/live").await.starts_with("<div id=\"overview-live\""));
    pages.page("/overview/table").await;
    for range in ["week", "month", "year"] {
        pages.page(&format!("/summary?range={range}")).await;
        pages.page(&format!("/summary?range={range}&view=table")).await;
    }
}

#[tokio::test]
async fn a_fresh_appliance_shows_steps_and_a_guard_goes_to_the_desk() {
    let office = Office::new().await;
    let cookie = sign_in(&office, "aziz").await;
    let pages = Pages { office, cookie };
    let text = pages.page("/").await;
    assert!(text.contains("/api-keys") && text.contains("/people/import") && !text.contains("overview-live"));
    let assignment = Assignment::new(Role::Guard, Some(OrganizationId::new(1)), None).unwrap();
    pages.office.operator("gulnora", assignment).await;
    let guard = Pages { cookie: sign_in(&pages.office, "gulnora").await, office: pages.office };
    let answer = guard.get("/").await;
    assert_eq!((answer.status, answer.headers["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/doors/desk"));
    for path in ["/activity", "/dead-letters", "/storage", "/categories", "/summary", "/live/overview"] {
        assert_eq!(guard.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn events_are_filtered_by_kind_person_text_and_time() {
    let pages = Pages::new().await;
    let all = pages.page("/activity").await;
    assert!(all.contains("Shartnoma") && all.contains("Karimova Dilnoza"));
    assert!(!all.contains("long ago"), "what was refused is not among the events");
    let found = pages.page("/activity?q=shartnoma&employee_id=1").await;
    assert!(found.contains("Shartnoma") && !found.contains("calc"));
    let early = pages.page("/activity?from=2026-11-20T15:00&to=2026-11-20T15:04").await;
    assert!(early.contains("calc") && !early.contains("Shartnoma"), "times are those of the organization");
    assert!(pages.page("/activity?dataset=input_activity").await.contains("nz-number"));
    let none = pages.page("/activity?dataset=screenshots&q=nothing").await;
    assert!(none.contains("nz-void"));
    let trail = pages.office.app.audit.clone();
    let organization = Some(OrganizationId::new(1));
    let records = trail.list(&Actor::system(), organization, Filter::default(), page()).await.unwrap();
    assert!(records.items.iter().any(|record| record.action == "monitoring.read_events"), "{:?}", records.items);
}

fn page() -> PageRequest {
    PageRequest { limit: 100, after: None }
}

#[tokio::test]
async fn the_audit_log_is_told_in_words() {
    let pages = Pages::new().await;
    pages.page("/people/1").await;
    pages.page("/activity?employee_id=1").await;
    pages.post("/categories", "kind=application&name=Word&rating=distracting").await;
    let log = pages.page("/audit").await;
    let rows = between(&log, "<tbody>", "</tbody>");
    assert!(rows.contains("href=\"/people/1\">Dilnoza Karimova"), "{rows}");
    for code in ["employee 1", "monitoring.", "policy.", "active_windows", "DEPARTMENT_LEAD", "2026-11-"] {
        assert!(!rows.contains(code), "{code} stands in {rows}");
    }
}

#[tokio::test]
async fn a_screenshot_is_not_shown_to_whom_it_was_not_opened() {
    let pages = Pages::new().await;
    let answer = pages.get("/screenshots/a1/picture?pass=guessed").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn lists_of_people_draw_the_day_so_far() {
    let pages = Pages::new().await;
    assert!(pages.page("/people").await.contains("nz-day-now"));
}

#[tokio::test]
async fn a_sheet_of_events_holds_no_formulas() {
    let pages = Pages::new().await;
    let answer = pages.get("/activity/export.csv").await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    assert!(answer.text.contains("\"'=cmd|"), "{}", answer.text);
    assert_eq!(answer.text.lines().count(), 3, "{}", answer.text);
}

#[tokio::test]
async fn a_refused_event_is_put_back_once() {
    let pages = Pages::new().await;
    let list = pages.page("/dead-letters?code=time_too_old").await;
    let rows = between(&list, "<tbody>", "</tbody>");
    assert!(
        rows.contains("long ago") && !rows.contains("{\"") && !rows.contains("&quot;"),
        "an event is shown as its fields"
    );
    assert!(!pages.page("/dead-letters?code=bad_time").await.contains("long ago"));
    let place = between(&list, "name=\"pick\" value=\"", "\"").to_owned();
    let form = format!("code=time_too_old&pick={place}");
    for _ in 0..2 {
        let answer = pages.post("/dead-letters/put-back", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        pages.office.settle().await;
    }
    let text = pages.page("/activity?from=2026-01-20&to=2026-01-20").await;
    assert_eq!(text.matches("long ago").count(), 1, "put back twice, stored once");
}

#[tokio::test]
async fn keeping_events_for_a_shorter_time_is_asked_with_what_goes() {
    let pages = Pages::new().await;
    assert!(pages.page("/storage").await.contains("days-active_windows"));
    let place = pages.page("/dead-letters").await;
    let place = between(&place, "name=\"pick\" value=\"", "\"").to_owned();
    pages.post("/dead-letters/put-back", &format!("pick={place}")).await;
    pages.office.settle().await;
    let form = |days: &str| {
        let kinds =
            ["active_windows", "visited_sites", "screenshots", "user_sessions", "input_activity", "rejected_events"];
        let fields: Vec<String> = kinds
            .iter()
            .map(|kind| {
                format!("days-{kind}={}&action-{kind}=delete", if *kind == "active_windows" { days } else { "" })
            })
            .collect();
        format!("{}&cap=", fields.join("&"))
    };
    let wrong = pages.post("/storage/retention", &form("soon")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let longer = pages.post("/storage/retention", &form("3650")).await;
    assert_eq!(longer.headers["location"], "/storage", "nothing goes, so nothing is asked");
    let shorter = pages.post("/storage/retention", &form("30")).await;
    let question = shorter.headers["location"].to_str().unwrap();
    assert!(question.starts_with("/storage/retention?"), "{question}");
    assert!(pages.page(question).await.contains("action=\"/storage/retention/confirm\""));
    let keep = |page: &str| between(between(page, "id=\"f-days-active_windows\"", ">"), "value=\"", "\"").to_owned();
    assert_eq!(keep(&pages.page("/storage").await), "3650", "a question changes nothing");
    assert_eq!(pages.post("/storage/retention/confirm", &form("30")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(keep(&pages.page("/storage").await), "30");
    assert_eq!(pages.post("/storage/run", "").await.status, StatusCode::SEE_OTHER);
    assert!(!pages.page("/activity?from=2026-01-20&to=2026-01-20").await.contains("long ago"));
}

#[tokio::test]
async fn an_own_rule_is_set_applied_removed_and_taken_back() {
    let pages = Pages::new().await;
    let set = "kind=application&name=Word&rating=distracting";
    assert_eq!(pages.post("/categories", set).await.status, StatusCode::SEE_OTHER);
    assert_eq!(pages.post("/categories", "kind=site&name=youtube&rating=useful").await.status, 422);
    let catalogue = pages.office.app.monitoring.catalogue(OrganizationId::new(1));
    assert_eq!(catalogue.classify("winword.exe", ""), nazorat::monitoring::Category::Distracting);
    let removed = pages.post("/categories/1/delete", "").await;
    let undo = pages.page(removed.headers["location"].to_str().unwrap()).await;
    assert!(undo.contains("name=\"name\" value=\"Word\""), "{undo}");
    let catalogue = pages.office.app.monitoring.catalogue(OrganizationId::new(1));
    assert_eq!(catalogue.classify("winword.exe", ""), nazorat::monitoring::Category::Useful);
}

#[tokio::test]
async fn departments_and_people_have_rules_of_their_own() {
    let pages = Pages::new().await;
    let token = pages.office.token("aziz", nazorat::kernel::Access::Full).await;
    let made = |path: &'static str, body: &'static str| pages.office.ask(&token, "POST", path, body);
    assert_eq!(made("/api/v1/departments", r#"{"name":"Marketing"}"#).await.status, 201);
    let person = r#"{"surname":"Yusupova","given_name":"Lola","department_id":1}"#;
    let person = made("/api/v1/employees", person).await.json()["id"].to_string();
    for (of, rating) in [("", "distracting"), ("department-1", "useful")] {
        let set = pages.post("/categories", &format!("of={of}&kind=site&name=instagram.com&rating={rating}")).await;
        assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.text);
    }
    let chosen = pages.page(&format!("/categories?of=employee-{person}")).await;
    let (_, above) = chosen.split_once("href=\"/categories?of=department-1\"").unwrap();
    assert!(above.contains("Marketing"), "{above}");
    assert!(!chosen.contains("<a href=\"/categories\">"), "the nearer one hides that of the organization");
    let rule = json!({ "applies_to": { "of": "employee", "id": person.parse::<u32>().unwrap() }, "kind": "site",
        "name": "https://www.instagram.com/reels", "rating": "neutral" });
    let set = pages.office.ask(&token, "POST", "/api/v1/rules", &rule.to_string()).await;
    assert_eq!((set.status.as_u16(), &set.json()["name"]), (200, &json!("instagram.com")), "{}", set.text);
    let rules = pages.office.ask(&token, "GET", "/api/v1/rules", "").await.json();
    let found: Vec<_> = rules["items"].as_array().unwrap().iter().map(|one| one["rating"].clone()).collect();
    assert_eq!(found, [json!("distracting"), json!("useful"), json!("neutral")]);
    // Removed for the department, it is offered back for the department.
    let removed = pages.post("/categories/2/delete", "").await;
    let to = removed.headers["location"].to_str().unwrap();
    assert!(to.starts_with("/categories?of=department-1&undo=2"), "{to}");
    assert!(pages.page(to).await.contains("name=\"of\" value=\"department-1\""));
    for nobody in ["department-99", "employee-99", "room-1"] {
        assert_eq!(
            pages.post("/categories", &format!("of={nobody}&kind=site&name=a.uz&rating=useful")).await.status,
            404
        );
        assert_eq!(pages.get(&format!("/categories?of={nobody}")).await.status, 404);
    }
    let nowhere =
        json!({ "applies_to": { "of": "department", "id": 99 }, "kind": "site", "name": "a.uz", "rating": "useful" });
    assert_eq!(pages.office.ask(&token, "POST", "/api/v1/rules", &nowhere.to_string()).await.status, 404);
}

#[tokio::test]
async fn a_group_is_made_rated_changed_and_taken_back() {
    let pages = Pages::new().await;
    let form = "name=Banklar&sites=filial.example%0D%0Ahttps%3A%2F%2Fwww.paynet.uz%2Flogin&applications=Hisob*";
    assert_eq!(pages.post("/categories/groups/new", form).await.status, StatusCode::SEE_OTHER);
    for (wrong, field) in [
        ("name=A&sites=bank", "e-sites"),
        ("name=&sites=a.uz", "e-name"),
        ("name=A&applications=*", "e-applications"),
        (form, "e-name"),
    ] {
        let refused = pages.post("/categories/groups/new", wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(refused.text.contains(&format!("id=\"{field}\"")), "{wrong}: {}", refused.text);
    }
    let page = pages.page("/categories").await;
    assert!(page.contains("filial.example, paynet.uz, Hisob*"), "{page}");
    let rated =
        async |site: &str, app: &str| pages.office.app.monitoring.catalogue(OrganizationId::new(1)).classify(app, site);
    assert_eq!(rated("online.filial.example", "chrome").await, nazorat::monitoring::Category::Neutral);
    let rule = "kind=group&name=banklar&rating=useful";
    assert_eq!(pages.post("/categories", rule).await.status, StatusCode::SEE_OTHER);
    assert_eq!(rated("online.filial.example", "chrome").await, nazorat::monitoring::Category::Useful);
    assert_eq!(rated("", "Hisobchi.exe").await, nazorat::monitoring::Category::Useful);
    // The rule follows what the group becomes, its name included.
    let renamed = "name=Bank+va+soliq&sites=soliq.example&applications=";
    assert_eq!(pages.post("/categories/groups/1", renamed).await.status, StatusCode::SEE_OTHER);
    assert_eq!(rated("my.soliq.example", "chrome").await, nazorat::monitoring::Category::Useful);
    assert_eq!(rated("online.filial.example", "chrome").await, nazorat::monitoring::Category::Neutral);
    assert!(pages.page("/categories/groups/1").await.contains("Bank va soliq"));
    assert_eq!(pages.post("/categories/groups/1/delete", "").await.status, StatusCode::CONFLICT, "a rule names it");
    assert_eq!(pages.post("/categories/1/delete", "").await.status, StatusCode::SEE_OTHER);
    let removed = pages.post("/categories/groups/1/delete", "").await;
    let undo = pages.page(removed.headers["location"].to_str().unwrap()).await;
    assert!(undo.contains("name=\"sites\" value=\"soliq.example\""), "{undo}");
    assert_eq!(pages.get("/categories/groups/1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(pages.post("/categories", rule).await.status, StatusCode::NOT_FOUND, "there is no such group");
}
