//! What people are told is collected of them, and who has accepted that, as pages and programs meet it.

use axum::body::Body;
use http::Request;
use nazorat::audit;
use nazorat::kernel::Access;
use nazorat::kernel::Actor;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::PageRequest;
use nazorat::kernel::Role;
use serde_json::Value;
use serde_json::json;

use crate::support::app::Answer;
use crate::support::app::Office;

/// An office with two people in a department and one in none, and its HR operator.
struct Staffed {
    office: Office,
    token: String,
    cookie: String,
}

impl Staffed {
    async fn new() -> Self {
        let office = Office::new().await;
        let token = office.role(Role::Hr).await;
        let cookie = office.sign_in("hr").await;
        let staffed = Self { office, token, cookie };
        staffed.made("/api/v1/departments", r#"{"name":"Savdo"}"#).await;
        let people = [
            r#"{"surname":"Karimova","given_name":"Dilnoza","department_id":1,"language":"ru"}"#,
            r#"{"surname":"Aliyev","given_name":"Vali","department_id":1}"#,
            r#"{"surname":"Nazarov","given_name":"Umid"}"#,
        ];
        for person in people {
            staffed.made("/api/v1/employees", person).await;
        }
        staffed
    }

    async fn made(&self, path: &str, body: &str) -> Value {
        let made = self.office.ask(&self.token, "POST", path, body).await;
        assert!(made.status.is_success(), "{path}: {}", made.text);
        made.json()
    }

    async fn read(&self, path: &str) -> Value {
        let answer = self.office.ask(&self.token, "GET", path, "").await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// Releases settings for somebody who has no policy yet.
    async fn released(&self, applies_to: Value, settings: Value) {
        let policy = self.made("/api/v1/policies", &json!({ "applies_to": applies_to }).to_string()).await;
        let at = format!("/api/v1/policies/{}", policy["id"]);
        let draft = json!({ "settings": settings, "version": 0 }).to_string();
        let kept = self.office.ask(&self.token, "PUT", &format!("{at}/draft"), &draft).await;
        assert_eq!(kept.status, 200, "{}", kept.text);
        self.made(&format!("{at}/release"), r#"{"reason":"as agreed","version":0}"#).await;
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", &self.cookie);
        self.office.send(request.body(Body::empty()).unwrap()).await
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert!(!answer.text.contains('\u{2753}'), "{path}: a text is missing");
        answer.text
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header("cookie", &self.cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.office.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }
}

/// What stands between the tags of the sheet, in the person's language.
fn sheet(page: &str) -> &str {
    let (_, sheet) = page.split_once("<article").unwrap();
    sheet.split_once("</article>").unwrap().0
}

#[tokio::test]
async fn while_nothing_is_decided_the_page_says_that_everything_is_kept() {
    let office = Staffed::new().await;
    let page = office.page("/people/1/collected").await;
    let sheet = sheet(&page);
    assert!(sheet.contains("lang=\"ru\""), "the language of the person, not of the operator: {sheet}");
    let said = "\u{41e}\u{433}\u{440}\u{430}\u{43d}\u{438}\u{447}\u{435}\u{43d}\u{438}\u{44f} \u{43f}\u{43e}\u{43a}\u{430} \u{43d}\u{435}";
    assert!(sheet.contains(said), "{sheet}");
    let english = office.page("/people/1/collected?lang=en").await;
    assert!(english.contains("No limits have been set yet.") && english.contains("lang=\"en\""), "{english}");
    assert!(english.contains("HR of Toshkent ofis: hr."), "whom to ask: {english}");
    let notice = office.read("/api/v1/employees/1/notice").await;
    assert_eq!((&notice["limits"], &notice["version"]["number"]), (&Value::Null, &json!(1)));
    assert_eq!(notice["readers"], json!(["ADMIN", "HR", "DEPARTMENT_LEAD"]));
}

#[tokio::test]
async fn what_changes_for_a_person_is_a_new_version_and_the_old_one_stays_as_it_was() {
    let office = Staffed::new().await;
    let english = "/people/1/collected?lang=en";
    let first = office.page(english).await;
    let hours = json!({ "zone": "Asia/Tashkent", "week": [
        [{ "from": 540, "to": 1080 }], [{ "from": 540, "to": 1080 }], [{ "from": 540, "to": 1080 }],
        [{ "from": 540, "to": 1080 }], [{ "from": 540, "to": 1080 }], [], [],
    ] });
    let exclusions = json!([{ "part": "site", "pattern": { "text": "bank.uz" }, "action": "drop" }]);
    let settings = json!({ "windows": "title", "sites": "domain", "hours": hours, "exclusions": exclusions,
        "screenshots": { "every_minutes": 10, "blur": true } });
    office.released(json!({ "of": "organization" }), settings).await;
    let second = office.page(english).await;
    for said in [
        "the title of its window",
        "Only the name of the site",
        "Every 10 minutes, of the screen with the window in front.",
        "Monday\u{2013}Friday 09:00\u{2013}18:00",
        "thrown away before it is stored",
        "Not kept at all: the site bank.uz.",
        "At most 90\u{a0}days, then deleted",
        "this program has no part that could record them",
        "Version 2 of 20 November 2026",
    ] {
        assert!(
            second.contains(said) || second.replace('\u{a0}', " ").contains(&said.replace('\u{a0}', " ")),
            "{said}: {second}"
        );
    }
    assert!(!second.contains("No limits have been set"));
    let old = office.page("/people/1/collected?lang=en&version=1").await;
    assert_eq!(sheet(&old), sheet(&first), "word for word");
    // How much may wait on a computer is nothing that a person is told.
    office.released(json!({ "of": "department", "id": 1 }), json!({ "buffer_megabytes": 128 })).await;
    assert_eq!(office.read("/api/v1/employees/1/notice").await["version"]["number"], json!(2));
    let off = json!({ "screenshots": { "every_minutes": 0 } });
    office.released(json!({ "of": "employee", "id": 1 }), off).await;
    let versions = office.read("/api/v1/employees/1/notices").await;
    let numbers: Vec<u64> =
        versions["items"].as_array().unwrap().iter().map(|one| one["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [3, 2, 1]);
    assert_eq!(office.read("/api/v1/employees/2/notice").await["limits"]["screenshots"]["every_minutes"], json!(10));
    // Another department is another policy; and so is another time for which it is kept.
    let moved = r#"{"surname":"Nazarov","given_name":"Umid","department_id":1}"#;
    let before = office.read("/api/v1/employees/3/notice").await["version"]["number"].clone();
    assert_eq!(office.office.ask(&office.token, "PUT", "/api/v1/employees/3", moved).await.status, 200);
    assert_eq!(office.read("/api/v1/employees/3/notice").await["version"]["number"], before, "the same holds there");
    let settings = nazorat::retention::Settings::default();
    let keep = nazorat::retention::Keep { days: Some(7), action: nazorat::retention::Action::Archive };
    let settings = settings.keep(nazorat_timeseries::Dataset::VisitedSites, keep).unwrap();
    let (system, own) = (Actor::system(), OrganizationId::new(1));
    office.office.app.retention.change(&system, own, &settings).await.unwrap();
    let page = office.page("/people/3/collected?lang=en").await.replace('\u{a0}', " ");
    assert!(page.contains("7 days, then moved to an archive"), "{page}");
}

#[tokio::test]
async fn an_acceptance_is_noted_withdrawn_and_counted() {
    let office = Staffed::new().await;
    let list = office.page("/people/notices").await;
    assert!(list.contains("Karimova Dilnoza") && list.contains("Nazarov Umid"), "{list}");
    for refused in ["how=paper&on=2026-11-19", "how=paper&on=2026-11-21", "how=paper&on=soon"] {
        let answer = office.post("/people/1/collected/1/acceptance", refused).await;
        assert_eq!(answer.status, 422, "{refused}: {}", answer.text);
        assert!(answer.text.contains("id=\"e-on\""), "{refused}: {}", answer.text);
    }
    let noted = office.post("/people/1/collected/1/acceptance", "how=in_person&on=2026-11-20&lang=en").await;
    assert_eq!(noted.status, 303, "{}", noted.text);
    assert_eq!(noted.headers["location"], "/people/1/collected?version=1&lang=en");
    assert!(!office.page("/people/1/collected").await.contains("/acceptance\""), "it is noted already");
    let again =
        office.office.ask(&office.token, "POST", "/api/v1/employees/1/notices/1/acceptance", r#"{"how":"paper"}"#);
    let again = again.await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "notice_accepted"));
    office.made("/api/v1/employees/2/notices/1/acceptance", r#"{"how":"letter"}"#).await;
    let standings = office.read("/api/v1/notices").await;
    let accepted = |standings: &Value| -> Vec<Value> {
        standings["items"].as_array().unwrap().iter().map(|one| one["accepted_on"].clone()).collect()
    };
    assert_eq!(accepted(&standings), [json!("2026-11-20"), json!("2026-11-20"), Value::Null], "by name");
    assert!(!office.page("/people/notices").await.contains("Karimova"), "only those who have not");
    assert!(office.page("/people/notices?state=accepted").await.contains("Karimova"));
    let csv = office.get("/people/notices/export.csv?state=all").await;
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!(lines[1], "\"Aliyev Vali\";\"\";\"Savdo\";\"1\";\"2026-11-20\";\"2026-11-20\";\"1\"");
    assert_eq!(lines[3], "\"Nazarov Umid\";\"\";\"\";\"1\";\"2026-11-20\";\"\";\"\"");

    office.page("/people/1/collected/1/withdrawal").await;
    let short = office.post("/people/1/collected/1/withdrawal", "reason=x").await;
    assert_eq!(short.status, 422);
    assert!(short.text.contains("id=\"e-reason\""));
    let withdrawn = office.post("/people/1/collected/1/withdrawal", "reason=another+person+signed").await;
    assert_eq!(withdrawn.status, 303, "{}", withdrawn.text);
    assert!(office.page("/people/1/collected").await.contains("another person signed"));
    assert_eq!(office.get("/people/1/collected/1/withdrawal").await.status, 404);
    // What was accepted does not count for what comes after it.
    office.released(json!({ "of": "organization" }), json!({ "windows": "off" })).await;
    let standings = office.read("/api/v1/notices").await;
    assert_eq!(accepted(&standings), [Value::Null, Value::Null, Value::Null]);
    assert_eq!(standings["items"][0]["last_accepted"], json!(1));
    let page = PageRequest { limit: 500, after: None };
    let log = &office.office.app.audit;
    let log = log.list(&Actor::system(), Some(OrganizationId::new(1)), audit::Filter::default(), page).await.unwrap();
    let told: Vec<&str> =
        log.items.iter().rev().map(|one| one.action.as_str()).filter(|one| one.starts_with("notice.")).collect();
    assert_eq!(told, ["notice.accept", "notice.accept", "notice.withdraw"]);
}

#[tokio::test]
async fn a_lead_reads_the_own_subtree_and_changes_nothing() {
    let office = Staffed::new().await;
    let lead = office.office.role(Role::DepartmentLead).await;
    let asked = async |method, path: &str, body: &str| office.office.ask(&lead, method, path, body).await;
    assert_eq!(asked("GET", "/api/v1/employees/1/notice", "").await.status, 200);
    assert_eq!(asked("GET", "/api/v1/employees/3/notice", "").await.status, 404, "outside of the subtree");
    let listed = asked("GET", "/api/v1/notices", "").await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let noted = asked("POST", "/api/v1/employees/1/notices/1/acceptance", r#"{"how":"paper"}"#).await;
    assert_eq!(noted.status, 403, "{}", noted.text);
    let cookie = office.office.sign_in("department_lead").await;
    let request = Request::get("/people/1/collected").header("cookie", &cookie).body(Body::empty()).unwrap();
    let page = office.office.send(request).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("/acceptance\""), "no form that would be refused");
    let reads = office.office.token("hr", Access::ReadOnly).await;
    let noted =
        office.office.ask(&reads, "POST", "/api/v1/employees/1/notices/1/acceptance", r#"{"how":"paper"}"#).await;
    assert_eq!((noted.status.as_u16(), noted.code().as_str()), (403, "read_only_token"));
}

#[tokio::test]
async fn a_form_from_another_site_notes_nothing() {
    let office = Staffed::new().await;
    office.page("/people/1/collected").await;
    let request = Request::post("/people/1/collected/1/acceptance").header("cookie", &office.cookie);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let request = request.header("sec-fetch-site", "cross-site").header("origin", "https://elsewhere.example");
    let answer = office.office.send(request.body(Body::from("how=paper")).unwrap()).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    let notice = office.read("/api/v1/employees/1/notice").await;
    assert_eq!(notice["version"]["accepted"], json!(false));
}
