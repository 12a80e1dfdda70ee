//! Cards and faces, through the API and on their page.

use axum::body::Body;
use http::Request;
use nazorat::identity::Assignment;
use nazorat::kernel::Access;
use nazorat::kernel::Actor;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::Role;
use serde_json::Value;
use serde_json::json;

use crate::support::app::Answer;
use crate::support::app::Office;
use crate::support::picture;

const CARDS: &str = "/api/v1/employees/1/cards";
const FACE: &str = "/api/v1/employees/1/face";

/// An office with Karimov in department 1, led by the lead of the tests, and Aliyev in none.
async fn office() -> Office {
    let office = Office::new().await;
    let admin = office.token("aziz", Access::Full).await;
    for (path, body) in [
        ("/api/v1/departments", r#"{"name":"Sotuv"}"#),
        ("/api/v1/employees", r#"{"surname":"Karimov","given_name":"Bekzod","department_id":1}"#),
        ("/api/v1/employees", r#"{"surname":"Aliyev","given_name":"Vali"}"#),
    ] {
        let made = office.ask(&admin, "POST", path, body).await;
        assert_eq!(made.status, 201, "{path}: {}", made.text);
    }
    office
}

async fn put_face(office: &Office, token: &str, kind: &str, image: Vec<u8>) -> Answer {
    let request = Request::put(FACE).header("authorization", format!("Bearer {token}")).header("content-type", kind);
    office.send(request.body(Body::from(image)).unwrap()).await
}

async fn give(office: &Office, token: &str, person: u32, number: &str) -> Answer {
    let path = format!("/api/v1/employees/{person}/cards");
    office.ask(token, "POST", &path, &json!({ "number": number }).to_string()).await
}

/// What the audit log says of cards and faces, oldest first.
async fn log(office: &Office) -> Vec<(String, Value)> {
    let admin = office.token("aziz", Access::Full).await;
    let log = office.ask(&admin, "GET", "/api/v1/audit?limit=500", "").await.json();
    let said = |one: &Value| (one["action"].as_str().unwrap().to_owned(), one["detail"]["card"].clone());
    let mut all: Vec<_> = log["items"].as_array().unwrap().iter().map(said).collect();
    all.retain(|(action, _)| action.starts_with("card.") || action.starts_with("face."));
    all.reverse();
    all
}

#[tokio::test]
async fn a_card_is_given_blocked_and_taken_away() {
    let office = office().await;
    let hr = office.role(Role::Hr).await;
    let body = json!({"number": "0001 23,45678", "label": " spare "}).to_string();
    let made = office.ask(&hr, "POST", CARDS, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.headers["location"], format!("{CARDS}/8106606"));
    let card = json!({"number": "8106606", "label": "spare", "blocked": false, "added_at": "2026-11-20T11:00:00Z"});
    assert_eq!(made.json(), card);
    let blocked = office.ask(&hr, "PATCH", &format!("{CARDS}/0008106606"), r#"{"blocked":true}"#).await;
    assert_eq!((blocked.status.as_u16(), &blocked.json()["blocked"]), (200, &json!(true)));
    let all = office.ask(&hr, "GET", "/api/v1/employees/1/credentials", "").await.json();
    assert_eq!((&all["cards"][0]["blocked"], &all["face"]), (&json!(true), &Value::Null));
    let taken = give(&office, &hr, 2, "8106606").await;
    assert_eq!((taken.status.as_u16(), taken.code()), (409, "card_taken".to_owned()));
    assert!(taken.json()["detail"].as_str().unwrap().contains("Karimov Bekzod"), "{}", taken.text);
    assert_eq!(office.ask(&hr, "DELETE", &format!("{CARDS}/8106606"), "").await.status, 204);
    assert_eq!(office.ask(&hr, "DELETE", &format!("{CARDS}/8106606"), "").await.code(), "not_found");
    assert_eq!(give(&office, &hr, 2, "8106606").await.status, 201);
    let said = |action: &str| (action.to_owned(), json!("606"));
    assert_eq!(log(&office).await, ["card.add", "card.block", "card.remove", "card.add"].map(said));
}

#[tokio::test]
async fn a_number_that_is_none_is_told_by_its_field() {
    let office = office().await;
    let hr = office.role(Role::Hr).await;
    for (typed, code) in [
        ("", "card_number_missing"),
        ("000", "card_number_zero"),
        ("\u{43a}\u{430}\u{440}\u{442}\u{430}", "card_number_letters"),
        ("70000,1", "card_number_facility"),
        ("1234567890123456789012345678901234567890", "card_number_too_long"),
    ] {
        let refused = give(&office, &hr, 1, typed).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, code), "{typed}");
        assert_eq!(refused.json()["field"], "number");
    }
    let label = json!({"number": "1", "label": "x".repeat(61)}).to_string();
    let label = office.ask(&hr, "POST", CARDS, &label).await;
    assert_eq!((label.status.as_u16(), label.json()["field"].as_str()), (422, Some("label")));
    assert_eq!(office.ask(&hr, "PATCH", &format!("{CARDS}/%3F"), r#"{"blocked":true}"#).await.status, 404);
    for number in 1..=10 {
        assert_eq!(give(&office, &hr, 1, &number.to_string()).await.status, 201);
    }
    assert_eq!(give(&office, &hr, 1, "11").await.code(), "too_many_cards");
}

#[tokio::test]
async fn a_face_is_stored_small_and_seeing_it_is_recorded() {
    let office = office().await;
    let hr = office.role(Role::Hr).await;
    assert_eq!(office.ask(&hr, "GET", FACE, "").await.code(), "not_found");
    let set = put_face(&office, &hr, "image/png", picture(2_400, 3_200)).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let face = set.json();
    assert_eq!((&face["width"], &face["height"], &face["added_by"]), (&json!(720), &json!(960), &json!("hr")));
    assert!(face["bytes"].as_u64().unwrap() <= 200_000);
    let all = office.ask(&hr, "GET", "/api/v1/employees/1/credentials", "").await.json();
    assert_eq!(all["face"], face);
    let seen = office.ask(&hr, "GET", FACE, "").await;
    assert_eq!((seen.status.as_u16(), &seen.headers["content-type"]), (200, &"image/jpeg".parse().unwrap()));
    assert_eq!(seen.headers["cache-control"], "private, no-store");
    assert_eq!(seen.headers["content-length"], face["bytes"].to_string());
    assert_eq!(office.ask(&hr, "DELETE", FACE, "").await.status, 204);
    assert_eq!(office.ask(&hr, "DELETE", FACE, "").await.status, 404);
    let said = |action: &str| (action.to_owned(), Value::Null);
    assert_eq!(log(&office).await, ["face.set", "face.view", "face.remove"].map(said));
}

#[tokio::test]
async fn what_is_no_picture_of_a_face_is_refused() {
    let office = office().await;
    let hr = office.role(Role::Hr).await;
    // A header that promises 60,000 x 60,000 pixels and brings none.
    let mut bomb = picture(300, 300);
    bomb.splice(16..24, [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let mut crc = flate2::Crc::new();
    crc.update(&bomb[12..29]);
    bomb.splice(29..33, crc.sum().to_be_bytes());
    let whole = picture(300, 300);
    for (kind, image, status, code) in [
        ("image/gif", picture(300, 300), 415, "body_not_picture"),
        ("application/json", b"{}".to_vec(), 415, "body_not_picture"),
        ("image/png", b"GIF89a\x01\x00\x01\x00".to_vec(), 422, "face_unsupported"),
        ("image/png", Vec::new(), 422, "face_unsupported"),
        ("image/png", whole[..whole.len() / 2].to_vec(), 422, "face_broken"),
        ("image/jpeg", bomb, 422, "face_too_many_pixels"),
        ("image/png", picture(239, 400), 422, "face_too_small"),
        ("image/png", picture(240, 721), 422, "face_too_long"),
        ("image/jpeg", vec![0xff; 5_000_001], 413, "body_too_large"),
    ] {
        let refused = put_face(&office, &hr, kind, image).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (status, code), "{kind}");
    }
    assert!(log(&office).await.is_empty());
    // What the header says is not believed.
    assert_eq!(put_face(&office, &hr, "image/jpeg; q=1", picture(300, 300)).await.status, 200);
}

#[tokio::test]
async fn a_lead_reads_a_guard_does_not_and_strangers_find_nothing() {
    let office = office().await;
    let hr = office.role(Role::Hr).await;
    for person in [1, 2] {
        assert_eq!(give(&office, &hr, person, &format!("100{person}")).await.status, 201);
    }
    assert_eq!(put_face(&office, &hr, "image/png", picture(300, 300)).await.status, 200);
    let lead = office.role(Role::DepartmentLead).await;
    let own = office.ask(&lead, "GET", "/api/v1/employees/1/credentials", "").await;
    assert_eq!(own.json()["cards"][0]["number"], "1001");
    assert_eq!(office.ask(&lead, "GET", FACE, "").await.status, 200);
    assert_eq!(office.ask(&lead, "GET", "/api/v1/employees/2/credentials", "").await.code(), "not_found");
    let guard = office.role(Role::Guard).await;
    let reading = office.token("hr", Access::ReadOnly).await;
    let (card, block) = (format!("{CARDS}/1001"), r#"{"blocked":true}"#);
    for (token, sees, code) in
        [(&lead, true, "forbidden"), (&guard, false, "forbidden"), (&reading, true, "read_only_token")]
    {
        assert_eq!(give(&office, token, 1, "7").await.code(), code);
        assert_eq!(office.ask(token, "PATCH", &card, block).await.code(), code);
        assert_eq!(office.ask(token, "DELETE", &card, "").await.code(), code);
        assert_eq!(put_face(&office, token, "image/png", picture(300, 300)).await.code(), code);
        assert_eq!(office.ask(token, "DELETE", FACE, "").await.code(), code);
        let seen = office.ask(token, "GET", "/api/v1/employees/1/credentials", "").await;
        assert_eq!(seen.status.as_u16(), if sees { 200 } else { 403 });
    }
    let other = office.organization("Samarqand ofis").await;
    let stranger = office.operator("malika", Assignment::Hr(other)).await;
    for query in ["", "?organization_id=1"] {
        for path in ["/api/v1/employees/1/credentials", FACE] {
            let answer = office.ask(&stranger, "GET", &format!("{path}{query}"), "").await;
            assert_eq!((answer.status.as_u16(), answer.code()), (404, "not_found".to_owned()));
        }
        let answer = office.ask(&stranger, "DELETE", &format!("{CARDS}/1001{query}"), "").await;
        assert_eq!(answer.code(), "not_found");
    }
}

#[tokio::test]
async fn an_organization_takes_its_faces_along() {
    let office = office().await;
    let hr = office.role(Role::Hr).await;
    assert_eq!(put_face(&office, &hr, "image/png", picture(300, 300)).await.status, 200);
    let digest = office.ask(&hr, "GET", "/api/v1/employees/1/credentials", "").await.json()["face"]["sha256"].clone();
    let first = OrganizationId::new(1);
    let credentials = &office.app.credentials;
    assert!(credentials.face_by_digest(first, digest.as_str().unwrap()).await.unwrap().is_some());
    office.app.retention.forget(Actor::system().tenant(first).unwrap()).await.unwrap();
    assert!(credentials.face_by_digest(first, digest.as_str().unwrap()).await.unwrap().is_none());
    assert_eq!(office.ask(&hr, "GET", FACE, "").await.code(), "face_lost");
}

/// Somebody who is signed in.
struct Browser<'a> {
    office: &'a Office,
    cookie: String,
}

impl<'a> Browser<'a> {
    async fn of(office: &'a Office, role: Role) -> Self {
        drop(office.role(role).await);
        Self { office, cookie: office.sign_in(&role.name().to_ascii_lowercase()).await }
    }

    async fn page(&self, path: &str) -> String {
        let request = Request::get(path).header("cookie", &self.cookie);
        let answer = self.office.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert!(!answer.text.contains('\u{2753}'), "{path}: a text is missing");
        answer.text
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header("cookie", &self.cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.office.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Posts a form that must be carried out and lead back to the page.
    async fn done(&self, path: &str, form: &str) {
        let answer = self.post(path, form).await;
        assert_eq!(answer.status, 303, "{path} {form}: {}", answer.text);
        assert_eq!(answer.headers["location"], "/people/1/credentials");
    }

    async fn upload(&self, image: &[u8]) -> Answer {
        let head = "--edge\r\ncontent-disposition: form-data; name=\"face\"; filename=\"a.png\"\r\n\r\n";
        let body = [head.as_bytes(), image, b"\r\n--edge--\r\n"].concat();
        let request = Request::post("/people/1/face").header("cookie", &self.cookie);
        let request = request.header("content-type", "multipart/form-data; boundary=edge");
        self.office.send(request.body(Body::from(body)).unwrap()).await
    }
}

#[tokio::test]
async fn cards_are_given_by_a_form_and_questions_come_before_the_end() {
    let office = office().await;
    let hr = Browser::of(&office, Role::Hr).await;
    assert!(hr.page("/people/1/edit").await.contains("href=\"/people/1/credentials\""));
    let empty = hr.page("/people/1/credentials").await;
    assert!(empty.contains("name=\"number\"") && empty.contains("autofocus"));
    // A reader types digits and Enter.
    hr.done("/people/1/cards", "number=0008106606&label=").await;
    hr.done("/people/1/cards", "number=77&label=zaxira").await;
    let page = hr.page("/people/1/credentials").await;
    assert!(page.contains("<code>8106606</code>") && page.contains("zaxira"));
    let taken = hr.post("/people/2/cards", "number=123,45678&label=a").await;
    assert_eq!(taken.status, 422);
    assert!(taken.text.contains("Karimov Bekzod") && taken.text.contains("value=\"123,45678\""), "{}", taken.text);
    hr.done("/people/1/cards/state", "number=77&state=blocked").await;
    // Both were added at once; then the number decides.
    let asked = hr.page("/people/1/cards/remove?card=0").await;
    assert!(asked.contains("name=\"number\" value=\"77\""));
    hr.done("/people/1/cards/remove", "number=77").await;
    assert!(!hr.page("/people/1/credentials").await.contains("<code>77</code>"));
    let lead = Browser::of(&office, Role::DepartmentLead).await;
    let read = lead.page("/people/1/credentials").await;
    assert!(read.contains("<code>8106606</code>") && !read.contains("<form method=\"post\" action=\"/people/1"));
    assert_eq!(lead.post("/people/1/cards", "number=5").await.status, 403);
}

#[tokio::test]
async fn a_face_is_uploaded_and_shown_only_when_asked_for() {
    let office = office().await;
    let hr = Browser::of(&office, Role::Hr).await;
    let wrong = hr.upload(b"no picture").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("id=\"e-face\""), "{}", wrong.text);
    assert_eq!(hr.upload(&vec![0; 5_300_000]).await.status, 422);
    let set = hr.upload(&picture(480, 640)).await;
    assert_eq!((set.status.as_u16(), &set.headers["location"]), (303, &"/people/1/credentials".parse().unwrap()));
    assert!(!hr.page("/people/1/credentials").await.contains("/people/1/face/picture"));
    assert!(hr.page("/people/1/credentials?face=shown").await.contains("src=\"/people/1/face/picture\""));
    hr.page("/people/1/face/picture").await;
    assert!(hr.page("/people/1/face/remove").await.contains("action=\"/people/1/face/remove\""));
    hr.done("/people/1/face/remove", "").await;
    let actions: Vec<_> = log(&office).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["face.set", "face.view", "face.remove"]);
}
