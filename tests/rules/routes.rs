//! Every route with the roles that get in: what stands here is what the documents say and what really happens.

use std::collections::BTreeSet;

use nazorat::identity::Assignment;
use nazorat::kernel::Access;
use nazorat::kernel::Actor;
use nazorat::kernel::EmployeeId;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::Role;
use utoipa::openapi::OpenApi;

use crate::support::app::Answer;
use crate::support::app::Office;
use crate::support::picture;

/// Method, path, who gets in (Admin, Hr, Lead, Guard), and a body that would be taken.
type Route = (&'static str, &'static str, &'static str, &'static str);

/// The dashboard API. `{id}` is 1, an object of organization 1 that a lead of department 1 may see.
const API: &[Route] = &[
    ("GET", "/api/v1/organizations", "AHL", ""),
    ("GET", "/api/v1/organizations/{id}", "AHL", ""),
    ("GET", "/api/v1/organizations/{id}/summary", "AHL", ""),
    ("GET", "/api/v1/departments", "AHLG", ""),
    ("GET", "/api/v1/departments/{id}", "AHLG", ""),
    ("GET", "/api/v1/departments/{id}/summary", "AHL", ""),
    ("GET", "/api/v1/employees", "AHLG", ""),
    ("GET", "/api/v1/employees/{id}", "AHLG", ""),
    ("GET", "/api/v1/employees/{id}/links", "AHL", ""),
    ("GET", "/api/v1/employees/{id}/credentials", "AHL", ""),
    ("GET", "/api/v1/employees/{id}/face", "AHL", ""),
    ("GET", "/api/v1/employees/{id}/timeline", "AHL", ""),
    ("GET", "/api/v1/employees/{id}/top", "AHL", ""),
    ("GET", "/api/v1/employees/{id}/sessions", "AHL", ""),
    ("GET", "/api/v1/employees/{id}/screenshots", "AHL", ""),
    ("GET", "/api/v1/computers", "AHL", ""),
    ("GET", "/api/v1/computers/{id}", "AHL", ""),
    ("GET", "/api/v1/computer-users", "AHL", ""),
    ("GET", "/api/v1/computer-users/unassigned", "AH", ""),
    ("GET", "/api/v1/computer-users/{id}", "AHL", ""),
    ("GET", "/api/v1/computer-users/{id}/links", "AHL", ""),
    ("GET", "/api/v1/links/{id}", "AHL", ""),
    ("GET", "/api/v1/events/{dataset}", "AHL", ""),
    ("GET", "/api/v1/events/{dataset}/count", "AHL", ""),
    ("GET", "/api/v1/operators", "AHL", ""),
    ("GET", "/api/v1/operators/{id}", "A", ""),
    ("GET", "/api/v1/api-keys", "A", ""),
    ("GET", "/api/v1/tokens", "AHLG", ""),
    ("GET", "/api/v1/sessions", "AHLG", ""),
    ("GET", "/api/v1/audit", "AH", ""),
    ("GET", "/api/v1/gateways", "AHL", ""),
    ("GET", "/api/v1/gateways/{id}", "AHL", ""),
    ("GET", "/api/v1/gateways/{id}/commands", "AHL", ""),
    ("GET", "/api/v1/gateways/{id}/presence", "AHL", ""),
    ("GET", "/api/v1/alerts", "AHL", ""),
    ("GET", "/api/v1/devices", "AHG", ""),
    ("GET", "/api/v1/devices/{id}", "AHG", ""),
    ("GET", "/api/v1/devices/{id}/orders", "AHG", ""),
    ("GET", "/api/v1/devices/{id}/statuses", "AHG", ""),
    ("GET", "/api/v1/device-kinds", "AHG", ""),
    ("GET", "/api/v1/device-networks", "AH", ""),
    ("GET", "/api/v1/gates", "AHG", ""),
    ("GET", "/api/v1/gates/{id}", "AHG", ""),
    ("GET", "/api/v1/access-groups", "AH", ""),
    ("GET", "/api/v1/access-groups/{id}", "AH", ""),
    ("GET", "/api/v1/employees/{id}/gates", "AHL", ""),
    ("GET", "/api/v1/device-people", "AH", ""),
    ("GET", "/api/v1/devices/{id}/people", "AH", ""),
    ("GET", "/api/v1/access-events", "AHLG", ""),
    ("GET", "/api/v1/policies", "AH", ""),
    ("GET", "/api/v1/policies/{id}", "AH", ""),
    ("GET", "/api/v1/policies/{id}/versions", "AH", ""),
    ("GET", "/api/v1/policies/{id}/rollout", "AH", ""),
    ("GET", "/api/v1/policies/{id}/compare", "AH", ""),
    ("GET", "/api/v1/employees/{id}/policy", "AH", ""),
    ("GET", "/api/v1/notices", "AHL", ""),
    ("GET", "/api/v1/rules", "AH", ""),
    ("GET", "/api/v1/resource-groups", "AH", ""),
    ("GET", "/api/v1/employees/{id}/notice", "AHL", ""),
    ("GET", "/api/v1/employees/{id}/notices", "AHL", ""),
    ("GET", "/api/v1/employees/{id}/notices/{number}", "AHL", ""),
    ("POST", "/api/v1/organizations", "A", r#"{"name":"Yangi ofis","time_zone":"Asia/Tashkent","language":"uz"}"#),
    ("PUT", "/api/v1/organizations/{id}", "A", r#"{"name":"Ofis","time_zone":"Asia/Tashkent","language":"uz"}"#),
    ("POST", "/api/v1/organizations/{id}/activate", "A", ""),
    ("POST", "/api/v1/departments", "AH", r#"{"name":"Ombor"}"#),
    ("PUT", "/api/v1/departments/{id}", "AH", r#"{"name":"Savdo"}"#),
    ("POST", "/api/v1/departments/{id}/activate", "AH", ""),
    ("POST", "/api/v1/departments/{id}/deactivate", "AH", ""),
    ("POST", "/api/v1/employees", "AH", r#"{"surname":"Aliyev","given_name":"Vali"}"#),
    ("PUT", "/api/v1/employees/{id}", "AH", r#"{"surname":"Aliyev","given_name":"Ali","department_id":1}"#),
    ("POST", "/api/v1/employees/{id}/activate", "AH", ""),
    ("POST", "/api/v1/employees/{id}/deactivate", "AH", ""),
    ("POST", "/api/v1/employees/{id}/cards", "AH", r#"{"number":"123,45678"}"#),
    ("PATCH", "/api/v1/employees/{id}/cards/{number}", "AH", r#"{"blocked":true}"#),
    ("DELETE", "/api/v1/employees/{id}/cards/{number}", "AH", ""),
    ("DELETE", "/api/v1/employees/{id}/face", "AH", ""),
    ("POST", "/api/v1/computers", "AH", r#"{"uid":"pc-2"}"#),
    ("PUT", "/api/v1/computers/{id}", "AH", r#"{"department_id":1}"#),
    ("POST", "/api/v1/computers/{id}/activate", "AH", ""),
    ("POST", "/api/v1/computers/{id}/deactivate", "AH", ""),
    ("POST", "/api/v1/computer-users", "AH", r#"{"computer_id":1,"user_name":"vali"}"#),
    ("PUT", "/api/v1/computer-users/{id}", "AH", r#"{"note":"-"}"#),
    ("POST", "/api/v1/computer-users/{id}/activate", "AH", ""),
    ("POST", "/api/v1/computer-users/{id}/deactivate", "AH", ""),
    ("POST", "/api/v1/links", "AH", r#"{"computer_user_id":1,"employee_id":1}"#),
    ("PUT", "/api/v1/links/{id}", "AH", r#"{"employee_id":1}"#),
    ("POST", "/api/v1/links/{id}/end", "AH", r#"{"at":"2026-11-20T10:00:00Z"}"#),
    (
        "POST",
        "/api/v1/operators",
        "A",
        r#"{"login":"vali","password":"uzun va maxfiy parol 7","display_name":"Vali",
        "role":"HR","organization_id":1,"language":"uz"}"#,
    ),
    ("PUT", "/api/v1/operators/{id}", "A", r#"{"display_name":"Aziz","role":"ADMIN","language":"uz"}"#),
    ("POST", "/api/v1/operators/{id}/activate", "A", ""),
    ("POST", "/api/v1/api-keys", "A", r#"{"name":"Agents"}"#),
    ("POST", "/api/v1/api-keys/{id}/rotate", "A", ""),
    ("POST", "/api/v1/tokens", "AHLG", r#"{"name":"more","access":"read_only","expires_in_days":1}"#),
    ("POST", "/api/v1/policies", "AH", r#"{"applies_to":{"of":"employee","id":1}}"#),
    ("PUT", "/api/v1/policies/{id}/draft", "AH", r#"{"settings":{"windows":"off"},"version":0}"#),
    ("POST", "/api/v1/policies/{id}/preview", "AH", r#"{"examples":true}"#),
    ("POST", "/api/v1/policies/{id}/release", "AH", r#"{"reason":"as agreed","version":0}"#),
    ("POST", "/api/v1/policies/{id}/versions/{number}/bring-back", "AH", r#"{"reason":"it was better"}"#),
    ("POST", "/api/v1/policies/{id}/rollout/pause", "AH", ""),
    ("POST", "/api/v1/policies/{id}/rollout/resume", "AH", ""),
    ("POST", "/api/v1/policies/{id}/rollout/everyone", "AH", ""),
    ("DELETE", "/api/v1/policies/{id}/draft", "AH", ""),
    ("POST", "/api/v1/resource-groups", "AH", r#"{"name":"Kitoblar","sites":["kitob.uz"]}"#),
    ("PUT", "/api/v1/resource-groups/{id}", "AH", r#"{"name":"Banklar","sites":["ibank.uz","paynet.uz"]}"#),
    (
        "POST",
        "/api/v1/rules",
        "AH",
        r#"{"applies_to":{"of":"employee","id":1},"kind":"site","name":"youtube.com","rating":"useful"}"#,
    ),
    ("POST", "/api/v1/employees/{id}/notices/{number}/acceptance", "AH", r#"{"how":"paper"}"#),
    ("POST", "/api/v1/employees/{id}/notices/{number}/withdrawal", "AH", r#"{"reason":"another person signed"}"#),
    ("POST", "/api/v1/gateways", "A", r#"{"name":"Yunusobod","server":"https://nazorat.example.com:8443"}"#),
    ("POST", "/api/v1/gateways/{id}/commands", "A", r#"{"type":"ping"}"#),
    (
        "POST",
        "/api/v1/devices",
        "A",
        r#"{"name":"Ombor","kind":"none","gateway_id":"01990000-0000-7000-8000-000000000001"}"#,
    ),
    (
        "PUT",
        "/api/v1/devices/{id}",
        "A",
        r#"{"name":"Ombor","gateway_id":"01990000-0000-7000-8000-000000000001","host":"192.168.1.20"}"#,
    ),
    ("POST", "/api/v1/devices/{id}/disable", "A", ""),
    ("POST", "/api/v1/devices/{id}/enable", "A", ""),
    ("POST", "/api/v1/devices/{id}/orders", "AG", r#"{"action":"open","door":1,"reason":"a visitor"}"#),
    ("POST", "/api/v1/gateways/{id}/find-devices", "A", r#"{"networks":["192.168.1.0/24"]}"#),
    ("PUT", "/api/v1/device-networks", "A", r#"{"networks":["127.0.0.0/8"]}"#),
    ("POST", "/api/v1/gates", "A", r#"{"name":"Ombor"}"#),
    ("PUT", "/api/v1/gates/{id}", "A", r#"{"name":"Orqa eshik","debounce_secs":60}"#),
    ("POST", "/api/v1/access-groups", "AH", r#"{"name":"Ombor","everyone":true,"all_gates":true}"#),
    ("PUT", "/api/v1/access-groups/{id}", "AH", r#"{"name":"Ofis","departments":[1],"gates":[1]}"#),
    ("PUT", "/api/v1/devices/{id}/people", "A", r#"{"managed":true}"#),
    ("DELETE", "/api/v1/gateways/{id}/commands/{command_id}", "A", ""),
    ("POST", "/api/v1/alerts/{id}/dismiss", "A", ""),
    ("POST", "/api/v1/gateways/{id}/replace", "A", r#"{"server":"https://nazorat.example.com:8443"}"#),
    ("PUT", "/api/v1/gateways/{id}", "A", r#"{"name":"Chilonzor 2"}"#),
    ("POST", "/api/v1/gateways/{id}/suspend", "A", ""),
    ("POST", "/api/v1/gateways/{id}/resume", "A", ""),
    ("POST", "/api/v1/gateways/{id}/revoke", "A", ""),
    ("DELETE", "/api/v1/tokens/{id}", "AHLG", ""),
    ("DELETE", "/api/v1/sessions/{id}", "AHLG", ""),
    ("DELETE", "/api/v1/links/{id}", "AH", ""),
    ("DELETE", "/api/v1/computer-users/{id}", "AH", ""),
    ("DELETE", "/api/v1/computers/{id}", "AH", ""),
    ("DELETE", "/api/v1/rules/{id}", "AH", ""),
    ("DELETE", "/api/v1/resource-groups/{id}", "AH", ""),
    ("DELETE", "/api/v1/employees/{id}", "AH", ""),
    ("DELETE", "/api/v1/departments/{id}", "AH", ""),
    ("DELETE", "/api/v1/api-keys/{id}", "A", ""),
    ("DELETE", "/api/v1/devices/{id}", "A", ""),
    ("DELETE", "/api/v1/gates/{id}", "A", ""),
    ("DELETE", "/api/v1/access-groups/{id}", "AH", ""),
    ("DELETE", "/api/v1/gateways/{id}", "A", ""),
];

/// What is read of a thing that the office does not have.
const NOT_HERE: &[Route] = &[
    ("GET", "/api/v1/devices/{id}/orders/{command_id}", "AHG", ""),
    ("GET", "/api/v1/access-events/picture", "AHLG", ""),
    ("GET", "/api/v1/gateways/{id}/find-devices/{command_id}", "A", ""),
];

/// What takes a picture and no JSON; tests/http/credentials.rs tells who may.
const PICTURES: &[Route] = &[("PUT", "/api/v1/employees/{id}/face", "AH", "")];

/// What ends the ones who ask: each is held against an office of its own.
const ENDING: &[Route] = &[
    ("PUT", "/api/v1/operators/{id}/password", "A", r#"{"password":"uzun va maxfiy parol 8"}"#),
    ("POST", "/api/v1/operators/{id}/deactivate", "A", ""),
    ("DELETE", "/api/v1/operators/{id}", "A", ""),
    ("DELETE", "/api/v1/organizations/{id}", "A", ""),
    ("POST", "/api/v1/organizations/{id}/deactivate", "A", ""),
];

/// Where programs send, with API keys instead of tokens.
const DOORS: &[(&str, &str)] = &[
    ("POST", "/v2/ingest/device-events"),
    ("POST", "/v2/ingest/logs"),
    ("POST", "/v2/ingest/screenshots"),
    ("POST", "/v2/ingest/passers"),
    ("POST", "/api/agent/active-windows"),
    ("POST", "/api/agent/visited-sites"),
    ("POST", "/api/agent/screenshots"),
    ("POST", "/api/agent/user-sessions"),
    ("POST", "/v2/gateway/renew"),
    ("GET", "/v2/gateway/socket"),
    ("GET", "/v2/gateway/commands"),
    ("POST", "/v2/gateway/commands/{id}/ack"),
    ("GET", "/v2/gateway/devices"),
    ("GET", "/v2/gateway/faces/{sha256}"),
    ("POST", "/v2/gateway/devices/{id}/people"),
    ("GET", "/v2/gateway/policies"),
    ("GET", "/v2/gateway/policies/{subject}"),
];

/// What a box may ask before it is known.
const OPEN: &[(&str, &str)] = &[("GET", "/v2/gateway/authorities"), ("POST", "/v2/gateway/enroll")];

pub(super) const ROLES: [(Role, char); 4] =
    [(Role::Admin, 'A'), (Role::Hr, 'H'), (Role::DepartmentLead, 'L'), (Role::Guard, 'G')];

fn api() -> impl Iterator<Item = &'static Route> {
    API.iter().chain(ENDING).chain(NOT_HERE).chain(PICTURES)
}

fn documented(document: &OpenApi) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (path, item) in &document.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("DELETE", &item.delete),
            ("PATCH", &item.patch),
        ];
        for (method, _) in methods.into_iter().filter(|(_, operation)| operation.is_some()) {
            found.insert((method.to_owned(), path.clone()));
        }
    }
    found
}

fn address(office: &Office, path: &str) -> String {
    path.replace("gateways/{id}", &format!("gateways/{}", office.gateway))
        .replace("commands/{id}", "commands/01990000-0000-7000-8000-000000000001")
        .replace("{command_id}", "01990000-0000-7000-8000-000000000001")
        .replace("sessions/{id}", &format!("sessions/{}", "0".repeat(64)))
        .replace("{id}", "1")
        .replace("{dataset}", "active_windows")
        .replace("{number}", "1")
}

/// An organization with one of everything.
pub(super) async fn furnished() -> Office {
    let mut office = Office::new().await;
    let admin = office.token("aziz", Access::Full).await;
    let things = [
        ("/api/v1/departments", r#"{"name":"Sotuv"}"#),
        ("/api/v1/employees", r#"{"surname":"Karimov","given_name":"Bekzod","department_id":1}"#),
        ("/api/v1/employees/1/cards", r#"{"number":"1"}"#),
        ("/api/v1/computers", r#"{"uid":"pc-1","department_id":1}"#),
        ("/api/v1/computer-users", r#"{"computer_id":1,"user_name":"bekzod"}"#),
        ("/api/v1/links", r#"{"computer_user_id":1,"employee_id":1}"#),
        ("/api/v1/policies", r#"{"applies_to":{"of":"organization"}}"#),
        ("/api/v1/resource-groups", r#"{"name":"Banklar","sites":["ibank.uz"]}"#),
    ];
    for (path, body) in things {
        let made = office.ask(&admin, "POST", path, body).await;
        assert_eq!(made.status, 201, "{path}: {}", made.text);
    }
    let body = r#"{"name":"Chilonzor","server":"https://nazorat.example.com:8443"}"#;
    let made = office.ask(&admin, "POST", "/api/v1/gateways", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["gateway"]["id"].as_str().unwrap().clone_into(&mut office.gateway);
    for body in [r#"{"name":"Orqa eshik"}"#, r#"{"name":"Asosiy kirish","opens_from_afar":true}"#] {
        let made = office.ask(&admin, "POST", "/api/v1/gates", body).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let body = r#"{"name":"Hamma","everyone":true,"gates":[1]}"#;
    let made = office.ask(&admin, "POST", "/api/v1/access-groups", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    device(&office, &admin).await;
    let (organization, employee) = (OrganizationId::new(1), EmployeeId::new(1));
    let face = office.app.credentials.set_face(&Actor::system(), organization, employee, picture(480, 640)).await;
    face.unwrap();
    office
}

/// A terminal at its gate, of a kind whose settings are known here.
async fn device(office: &Office, admin: &str) {
    let body = format!(
        r#"{{"name":"Asosiy","kind":"hikvision","gateway_id":"{}","host":"192.168.1.20",
        "settings":{{"user":"nazorat","password":"uzun-parol-7"}},"doors":[{{"number":1,"gate_id":2}}]}}"#,
        office.gateway
    );
    let made = office.ask(admin, "POST", "/api/v1/devices", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

#[tokio::test]
async fn the_table_of_routes_is_complete() {
    let office = Office::new().await;
    let table = |routes: &mut dyn Iterator<Item = (&str, &str)>| -> BTreeSet<(String, String)> {
        routes.map(|(method, path)| (method.to_owned(), path.to_owned())).collect()
    };
    let [dashboard, agents] = &office.documents;
    assert_eq!(documented(dashboard), table(&mut api().map(|route| (route.0, route.1))));
    assert_eq!(documented(agents), table(&mut DOORS.iter().chain(OPEN).copied()));
}

#[tokio::test]
async fn nobody_gets_in_without_being_known() {
    let office = furnished().await;
    let routes = api().map(|route| (route.0, route.1)).chain(DOORS.iter().copied());
    for (method, path) in routes {
        for token in ["", "nzt_wrong", "nzk_wrong"] {
            let answer = office.ask(token, method, &address(&office, path), "").await;
            assert_eq!(answer.status, 401, "{method} {path} {token}: {}", answer.text);
            assert!(!answer.code().is_empty());
        }
    }
}

#[tokio::test]
async fn each_role_gets_in_where_the_table_says() {
    let mut wrong = surprises(API).await;
    for route in ENDING.chunks(1) {
        wrong.append(&mut surprises(route).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The answers of one office that the table does not foresee.
async fn surprises(routes: &[Route]) -> Vec<String> {
    let office = furnished().await;
    let mut tokens = Vec::new();
    for (role, letter) in ROLES {
        tokens.push((letter, office.role(role).await));
    }
    // From the least to the most powerful, so that what is refused is still there to be refused.
    tokens.reverse();
    let mut wrong = Vec::new();
    for (method, path, allowed, body) in routes {
        for (letter, token) in &tokens {
            let answer = office.ask(token, method, &address(&office, path), body).await;
            if !fits(method, allowed.contains(*letter), &answer) {
                wrong.push(format!("{method} {path} {letter}: {} {}", answer.status, answer.text));
            }
        }
    }
    wrong
}

fn fits(method: &str, allowed: bool, answer: &Answer) -> bool {
    let status = answer.status.as_u16();
    match (allowed, method) {
        (true, "GET") => status == 200,
        // Another one may have done it just before.
        (true, _) => (200..300).contains(&status) || [404, 409, 422].contains(&status),
        (false, _) => status == 403 || (status == 404 && answer.code() == "not_found"),
    }
}

#[tokio::test]
async fn another_organization_does_not_exist() {
    let office = furnished().await;
    let other = office.organization("Samarqand ofis").await;
    let admin = office.token("aziz", Access::Full).await;
    let department = "/api/v1/departments?organization_id=2";
    assert_eq!(office.ask(&admin, "POST", department, r#"{"name":"Sotuv"}"#).await.status, 201);
    let stranger = office.operator("malika", Assignment::Hr(other)).await;
    for (method, path, _, body) in api() {
        if !path.contains("{id}") || path.contains("tokens/") || path.contains("sessions/") {
            continue;
        }
        // Their own organization has none of these things; in the first one they must not be found.
        let own = !path.starts_with("/api/v1/organizations") && !path.starts_with("/api/v1/operators");
        let query = if own { "?organization_id=1" } else { "" };
        let answer = office.ask(&stranger, method, &format!("{}{query}", address(&office, path)), body).await;
        let refused = answer.status == 404 || answer.status == 403;
        assert!(refused, "{method} {path}: {} {}", answer.status, answer.text);
        assert!(!answer.text.contains("Sotuv") && !answer.text.contains("Karimov"), "{method} {path}: {}", answer.text);
    }
}
