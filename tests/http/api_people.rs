//! Departments, employees, computers, accounts and links through the API.

use nazorat::kernel::Access;
use nazorat::kernel::Role;
use serde_json::Value;
use serde_json::json;

use crate::support::app::Office;

/// Makes something and gives its body.
async fn make(office: &Office, token: &str, path: &str, body: Value) -> Value {
    let answer = office.ask(token, "POST", path, &body.to_string()).await;
    assert_eq!(answer.status, 201, "{path}: {}", answer.text);
    let made = answer.json();
    let id = made["id"].as_u64().unwrap();
    assert_eq!(answer.headers["location"], format!("{path}/{id}"));
    made
}

#[tokio::test]
async fn a_person_is_entered_linked_listed_and_removed() {
    let office = Office::new().await;
    let hr = office.role(Role::Hr).await;
    let department = make(&office, &hr, "/api/v1/departments", json!({"name": "Sotuv"})).await;
    let employee = json!({"surname": "Karimov", "given_name": "Bekzod", "department_id": department["id"],
        "hired_on": "2024-03-01", "language": "ru"});
    let employee = make(&office, &hr, "/api/v1/employees", employee).await;
    assert_eq!(employee["department_name"], "Sotuv");
    assert_eq!(employee["hired_on"], "2024-03-01");
    let computer = make(&office, &hr, "/api/v1/computers", json!({"uid": "pc-1", "name": "SOT-01"})).await;
    let user = json!({"computer_id": computer["id"], "user_name": "OFIS\\bekzod"});
    let user = make(&office, &hr, "/api/v1/computer-users", user).await;
    let proposals = office.ask(&hr, "GET", "/api/v1/computer-users/unassigned", "").await.json();
    assert_eq!(proposals["items"][0]["computer_user"]["id"], user["id"]);
    let link = json!({"computer_user_id": user["id"], "employee_id": employee["id"]});
    let link = make(&office, &hr, "/api/v1/links", link).await;
    assert_eq!(link["employee_name"], "Karimov Bekzod");
    let linked = office.ask(&hr, "GET", "/api/v1/employees?linked=yes&q=karim", "").await.json();
    assert_eq!(linked["items"][0]["computer_user_ids"], json!([user["id"]]));
    let ended = office.ask(&hr, "POST", "/api/v1/links/1/end", r#"{"at":"2026-11-21T00:00:00+05:00"}"#).await;
    assert_eq!(ended.json()["to"], "2026-11-20T19:00:00Z", "{}", ended.text);
    let gone = office.ask(&hr, "DELETE", "/api/v1/employees/1", "").await;
    assert_eq!((gone.status.as_u16(), gone.text.as_str()), (204, ""));
    assert_eq!(office.ask(&hr, "GET", "/api/v1/employees/1", "").await.code(), "not_found");
    let log = office.ask(&hr, "GET", "/api/v1/audit?actor=hr&limit=500", "").await.json();
    let actions: Vec<_> = log["items"].as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
    let expected = [
        "employee.remove",
        "link.end",
        "link.create",
        "computer_user.create",
        "computer.create",
        "employee.create",
        "department.create",
    ];
    assert_eq!(actions, expected);
}

#[tokio::test]
async fn pages_of_a_list_fit_together() {
    let office = Office::new().await;
    let token = office.token("aziz", Access::Full).await;
    for number in 0..7 {
        let surname = format!("Karimov{number}");
        make(&office, &token, "/api/v1/employees", json!({"surname": surname, "given_name": "Ali"})).await;
        make(&office, &token, "/api/v1/departments", json!({"name": format!("Bo'lim {number}")})).await;
    }
    for path in ["/api/v1/employees", "/api/v1/departments"] {
        let mut seen = Vec::new();
        let mut next = format!("{path}?limit=3");
        loop {
            let page = office.ask(&token, "GET", &next, "").await.json();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 3);
            seen.extend(items.iter().map(|one| one["id"].as_u64().unwrap()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            next = format!("{path}?limit=3&cursor={cursor}");
        }
        assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7], "{path}");
    }
}

#[tokio::test]
async fn what_clashes_and_what_is_wrong_is_told_apart() {
    let office = Office::new().await;
    let token = office.token("aziz", Access::Full).await;
    make(&office, &token, "/api/v1/departments", json!({"name": "Sotuv"})).await;
    let twice = office.ask(&token, "POST", "/api/v1/departments", r#"{"name":" SOTUV "}"#).await;
    assert_eq!((twice.status.as_u16(), twice.code()), (409, "department_name_taken".to_owned()));
    assert_eq!(twice.json()["field"], "name");
    let empty = office.ask(&token, "POST", "/api/v1/departments", r#"{"name":" "}"#).await;
    assert_eq!((empty.status.as_u16(), empty.code()), (422, "field_required".to_owned()));
    let zone = r#"{"name":"Ofis","time_zone":"Mars/Olympus","language":"uz"}"#;
    let zone = office.ask(&token, "PUT", "/api/v1/organizations/1", zone).await;
    assert_eq!((zone.status.as_u16(), zone.json()["field"].as_str()), (422, Some("time_zone")));
    let cursor = office.ask(&token, "GET", "/api/v1/employees?cursor=zzz!", "").await;
    assert_eq!((cursor.status.as_u16(), cursor.code()), (422, "cursor_invalid".to_owned()));
}

#[tokio::test]
async fn a_guard_sees_names_and_nothing_else() {
    let office = Office::new().await;
    let hr = office.role(Role::Hr).await;
    let employee = json!({"surname": "Karimov", "given_name": "Bekzod", "phone": "+998901112233"});
    make(&office, &hr, "/api/v1/employees", employee).await;
    let guard = office.role(Role::Guard).await;
    let seen = office.ask(&guard, "GET", "/api/v1/employees/1", "").await.json();
    assert_eq!((seen["surname"].as_str(), &seen["phone"]), (Some("Karimov"), &Value::Null));
    let by_phone = office.ask(&guard, "GET", "/api/v1/employees?q=%2B998901112233", "").await.json();
    assert_eq!(by_phone["items"], json!([]));
    assert_eq!(office.ask(&guard, "GET", "/api/v1/computers", "").await.code(), "forbidden");
}
