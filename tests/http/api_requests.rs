//! How requests are read and who may send them, whatever they ask for.

use axum::body::Body;
use http::Request;
use nazorat::identity::Assignment;
use nazorat::kernel::Access;

use crate::support::app::Office;

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_as_well() {
    let office = Office::new().await;
    let token = office.token("aziz", Access::Full).await;
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(300 << 10));
    let cases = [
        ("POST", "/api/v1/departments", "{", 400, "malformed"),
        ("POST", "/api/v1/departments", "{}", 422, "invalid_value"),
        ("POST", "/api/v1/departments", r#"{"name":"a","nmae":"b"}"#, 422, "invalid_value"),
        ("POST", "/api/v1/departments", long.as_str(), 413, "body_too_large"),
        ("POST", "/api/v1/departments", "", 415, "body_not_json"),
        ("GET", "/api/v1/employees?limit=many", "", 422, "invalid_value"),
        ("GET", "/api/v1/employees?state=gone", "", 422, "invalid_value"),
        ("GET", "/api/v1/employees/first", "", 404, "not_found"),
        ("GET", "/api/v1/employees/4294967296", "", 404, "not_found"),
        ("GET", "/api/v1/employees/%FF", "", 400, "malformed"),
        ("GET", "/api/v1/no-such-thing", "", 404, "not_found"),
        ("PATCH", "/api/v1/employees", "{}", 405, "method_not_allowed"),
        ("GET", "/api/v1/employees?organization_id=77", "", 404, "not_found"),
        ("GET", "/api/v1/events/no_such_events", "", 404, "not_found"),
        ("GET", "/api/v1/events/rejected_events", "", 422, "dataset_not_readable"),
        (
            "GET",
            "/api/v1/events/active_windows?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
            "",
            422,
            "range_empty",
        ),
        ("GET", "/api/v1/organizations/1/summary?from=2020-01-01", "", 422, "range_too_long"),
    ];
    for (method, path, body, status, code) in cases {
        let answer = office.ask(&token, method, path, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (status, code),
            "{method} {path}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn a_reading_token_changes_nothing() {
    let office = Office::new().await;
    let token = office.token("aziz", Access::ReadOnly).await;
    assert_eq!(office.ask(&token, "GET", "/api/v1/departments", "").await.status, 200);
    let refused = office.ask(&token, "POST", "/api/v1/departments", r#"{"name":"Sotuv"}"#).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "read_only_token".to_owned()));
    let more = r#"{"name":"more","access":"full","expires_in_days":1}"#;
    assert_eq!(office.ask(&token, "POST", "/api/v1/tokens", more).await.status, 403);
}

#[tokio::test]
async fn nobody_learns_anything_before_they_are_known() {
    let office = Office::new().await;
    for path in ["/api/v1/employees", "/api/v1/employees/1", "/api/v1/no-such-thing", "/api/v1/employees?limit=x"] {
        let answer = office.ask("", "GET", path, "").await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "unauthenticated".to_owned()), "{path}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    assert_eq!(office.ask("nzt_wrong", "GET", "/api/v1/employees", "").await.status, 401);
    let basic = Request::get("/api/v1/employees").header("authorization", "Basic YTpi").body(Body::empty()).unwrap();
    assert_eq!(office.send(basic).await.status, 401);
}

#[tokio::test]
async fn a_secret_is_shown_once() {
    let office = Office::new().await;
    let token = office.token("aziz", Access::Full).await;
    let made = office.ask(&token, "POST", "/api/v1/api-keys", r#"{"name":"Agents"}"#).await;
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("nzk_"), "{secret}");
    let listed = office.ask(&token, "GET", "/api/v1/api-keys", "").await;
    assert!(!listed.text.contains(&secret) && !listed.text.contains("secret"), "{}", listed.text);
    let revoked = office.ask(&token, "DELETE", "/api/v1/api-keys/1", "").await.json();
    assert_eq!(revoked["state"], "revoked");
    assert_eq!(office.ask(&token, "POST", "/api/v1/api-keys/1/rotate", "").await.code(), "key_revoked");
}

#[tokio::test]
async fn operators_are_made_and_cannot_lock_everybody_out() {
    let office = Office::new().await;
    let token = office.token("aziz", Access::Full).await;
    let lead = r#"{"login":"dilnoza","password":"uzun va maxfiy parol 7","display_name":"Dilnoza","language":"uz",
        "role":"DEPARTMENT_LEAD","organization_id":1,"department_id":9}"#;
    assert_eq!(office.ask(&token, "POST", "/api/v1/operators", lead).await.code(), "not_found");
    office.ask(&token, "POST", "/api/v1/departments", r#"{"name":"Sotuv"}"#).await;
    let made = office.ask(&token, "POST", "/api/v1/operators", &lead.replace('9', "1")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert!(!made.text.contains("parol"));
    assert_eq!(office.ask(&token, "DELETE", "/api/v1/operators/1", "").await.code(), "last_admin");
    let weak = office.ask(&token, "PUT", "/api/v1/operators/2/password", r#"{"password":"short"}"#).await;
    assert_eq!(weak.code(), "password_too_short");
}

#[tokio::test]
async fn who_belongs_to_an_organization_cannot_choose_another() {
    let office = Office::new().await;
    let other = office.organization("Samarqand ofis").await;
    let hr = office.operator("malika", Assignment::Hr(other)).await;
    assert_eq!(office.ask(&hr, "POST", "/api/v1/departments", r#"{"name":"Sotuv"}"#).await.status, 201);
    let admin = office.token("aziz", Access::Full).await;
    let listed = |answer: crate::support::app::Answer| answer.json()["items"].as_array().unwrap().len();
    assert_eq!(listed(office.ask(&admin, "GET", "/api/v1/departments", "").await), 0);
    assert_eq!(listed(office.ask(&admin, "GET", "/api/v1/departments?organization_id=2", "").await), 1);
    assert_eq!(office.ask(&hr, "GET", "/api/v1/departments?organization_id=1", "").await.code(), "not_found");
    assert_eq!(office.ask(&hr, "GET", "/api/v1/organizations/1", "").await.code(), "not_found");
    let log = office.ask(&hr, "GET", "/api/v1/audit?action=access.denied", "").await.json();
    assert_eq!(log["items"][0]["detail"]["why"], "OutsideScope", "{log}");
}
