//! Text that would be a command somewhere, and ids of others.

use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::journal::Batch;
use super::office::Closed;
use super::office::Office;
use super::office::make_key;
use super::office::read;
use crate::support::appliance::said;

/// Text in which an engine would see more than text.
const INJECTIONS: [&str; 16] = [
    "' OR '1'='1",
    "'; DROP TABLE events; --",
    "\" OR \"\"=\"",
    "$1",
    "%",
    "_%\\",
    "\\",
    "') UNION SELECT * FROM _batches --",
    "read_csv('/etc/passwd')",
    "COPY events TO '/tmp/evil.csv'",
    "ATTACH '/tmp/evil.duckdb'",
    "INSTALL httpfs; LOAD httpfs",
    "$.x[*]",
    "{{7*7}}<script>alert(1)</script>",
    "a\r\nSet-Cookie: evil=1",
    "\u{0}",
];

/// What only words of an engine would say.
const LEAKS: [&str; 8] =
    ["Parser Error", "Binder Error", "Catalog Error", "SELECT ", "duckdb", "redb", "panicked", "/src/"];

/// What belongs to the other organization and must never be shown.
const MARK: &str = "Sirli";

/// Random numbers, the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Two organizations with the same things in them, and their HR people.
struct Two {
    office: Office,
    admin: String,
    ours: String,
    theirs: String,
}

async fn two() -> Two {
    let closed = Closed::new();
    let admin = closed.token("malika");
    let office = closed.open();
    let settings = json!({ "name": format!("{MARK} MChJ"), "time_zone": "Asia/Tashkent", "language": "uz" });
    assert_eq!(call(&office, &admin, Method::POST, "/api/v1/organizations", Some(&settings)).await.0, 201);
    let place = office.appliance.place();
    let password = place.password("another long sentence");
    for (login, organization) in [("ours", "1"), ("theirs", "2")] {
        let arguments = [
            "operator",
            "add",
            "--operator",
            login,
            "--role",
            "HR",
            "--organization",
            organization,
            "--password-file",
            &password,
        ];
        let made = place.run(&arguments);
        assert!(made.status.success(), "{}", said(&made));
    }
    let token = |login| said(&place.run(&["operator", "token", "--operator", login])).trim().to_owned();
    let (ours, theirs) = (token("ours"), token("theirs"));
    let keys = [office.key.clone(), make_key(place, 2)];
    for (token, name) in [(&ours, "Oddiy"), (&theirs, MARK)] {
        for number in 0..6 {
            let department = json!({ "name": format!("{name} {number}") });
            let made = call(&office, token, Method::POST, "/api/v1/departments", Some(&department)).await;
            assert_eq!(made.0, 201, "{}", made.1);
            let employee = json!({ "surname": format!("{name}ov{number}"), "given_name": name });
            let made = call(&office, token, Method::POST, "/api/v1/employees", Some(&employee)).await;
            assert_eq!(made.0, 201, "{}", made.1);
        }
    }
    for (key, name) in keys.iter().zip(["Oddiy", MARK]) {
        let now = nazorat::kernel::Clock::system().now().to_string();
        let event = |number: u32| {
            json!({
                "kind": "active_window", "ts": now,
                "computer_uid": format!("{name}-pc{number}"), "user_name": format!("{name}{number}"),
                "duration_ms": 1000, "app": format!("{name}.EXE"), "title": format!("{name} title"),
            })
        };
        let body = json!({ "events": (0..6).map(event).collect::<Vec<_>>() }).to_string();
        let batch = Batch { name: name.to_owned(), numbers: 0..0, body };
        assert_eq!(super::office::post(&office.http, &office.ingest(), key, &batch).await.unwrap().status, 200);
    }
    office.applied(12).await;
    Two { office, admin, ours, theirs }
}

/// Status and text of a call.
async fn call(office: &Office, token: &str, method: Method, path: &str, body: Option<&Value>) -> (u16, String) {
    let request = office.http.request(method, office.appliance.plain(path)).bearer_auth(token);
    let request = if let Some(body) = body { request.json(body) } else { request };
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Methods and paths of the dashboard API, with what stands in braces.
async fn routes(office: &Office) -> Vec<(Method, String)> {
    let request = office.http.get(office.appliance.plain("/dashboard/docs/openapi.json"));
    let document = read(request.send().await.unwrap()).await.unwrap().body;
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = ["get", "post", "put", "delete"].into_iter().filter(|method| !item[*method].is_null());
        routes.extend(methods.map(|method| (method.to_uppercase().parse().unwrap(), path.clone())));
    }
    assert!(routes.len() > 30, "{routes:?}");
    routes
}

/// The path with ids of the other organization, or anything else.
fn filled(path: &str, chance: &mut Chance) -> String {
    let mut filled = path.to_owned();
    while let (Some(from), Some(to)) = (filled.find('{'), filled.find('}')) {
        let ids = ["1", "2", "3", "4", "5", "6", "7", "0", "-1", "4294967295", "active_windows", "visited_sites"];
        filled.replace_range(from..=to, chance.one_of::<&str>(&ids));
    }
    filled
}

#[tokio::test]
async fn f33_injection_and_tenant_isolation() {
    let two = two().await;
    let routes = routes(&two.office).await;
    let mut chance = Chance(33);
    // Calls of one organization, with every hint that they mean the other.
    for _ in 0..10_000 {
        let (method, path) = chance.one_of(&routes).clone();
        // What one may do to oneself and one's own would end the test early.
        if method == Method::DELETE && (path.contains("session") || path.contains("token")) || path.contains("password")
        {
            continue;
        }
        let hints = [
            "",
            "?organization_id=2",
            "?organization_id=2&limit=500",
            "?q=Sirli",
            "?organization_id=0",
            "?department_id=7",
        ];
        let target = format!("{}{}", filled(&path, &mut chance), chance.one_of(&hints));
        let reads = method == Method::GET;
        let body = json!({ "organization_id": 2, "name": "x", "surname": "x", "given_name": "x" });
        let token = &two.ours;
        let (status, text) = call(&two.office, token, method.clone(), &target, (!reads).then_some(&body)).await;
        assert!(status < 500, "{method} {target}: {status} {text}");
        assert!(!text.contains(MARK), "{method} {target}: {text}");
        assert!(!LEAKS.iter().any(|leak| text.contains(leak)), "{method} {target}: {text}");
    }
    // Theirs is as it was.
    let (status, text) = call(&two.office, &two.theirs, Method::GET, "/api/v1/employees?limit=100", None).await;
    assert_eq!((status, text.matches("Sirliov").count()), (200, 6), "{text}");
    let (status, _) = call(&two.office, &two.ours, Method::GET, "/api/v1/organizations/2", None).await;
    assert_eq!(status, 404);
    // Keys are of one organization: neither name nor account of the other changes that.
    let closed = end(two.office).await;
    let hub = super::journal::hub(&closed.place.data());
    for organization in [1, 2] {
        let (rows, _) = super::journal::rows(&hub, organization, nazorat_timeseries::Dataset::ActiveWindows);
        assert_eq!(rows.len(), 6);
    }
}

#[tokio::test]
async fn f33_no_text_is_taken_for_a_command() {
    let two = two().await;
    let routes = routes(&two.office).await;
    let lists = routes.iter().filter(|(method, _)| *method == Method::GET);
    let names = [
        "q",
        "cursor",
        "limit",
        "department_id",
        "organization_id",
        "state",
        "action",
        "actor",
        "from",
        "to",
        "app",
        "account",
    ];
    let mut chance = Chance(7);
    for (_, path) in lists {
        for injection in INJECTIONS {
            let name = chance.one_of(&names);
            let target = filled(path, &mut chance);
            for token in [&two.ours, &two.admin] {
                let request = two.office.http.get(two.office.appliance.plain(&target)).bearer_auth(token);
                let answer = request.query(&[("q", injection), (*name, injection)]).send().await.unwrap();
                assert!(!answer.headers().contains_key("set-cookie"), "{target} {name}");
                let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
                assert!(status < 500, "{target} {name}={injection}: {status} {text}");
                let leaked = LEAKS.iter().find(|leak| text.contains(**leak) && !injection.contains(**leak));
                assert!(leaked.is_none(), "{target} {name}={injection}: {text}");
            }
        }
    }
    // The same as content: kept as it is, shown as it is, and no line of the log of its own.
    for injection in INJECTIONS {
        let employee = json!({ "surname": injection, "given_name": "x" });
        let (status, text) = call(&two.office, &two.ours, Method::POST, "/api/v1/employees", Some(&employee)).await;
        assert!(matches!(status, 201 | 422), "{injection}: {status} {text}");
    }
    assert!(!std::path::Path::new("/tmp/evil.csv").exists() && !std::path::Path::new("/tmp/evil.duckdb").exists());
    let closed = end(two.office).await;
    assert!(!closed.place.log().lines().any(|line| line.starts_with("Set-Cookie")));
}

async fn end(office: Office) -> Closed {
    assert_eq!(office.health().await, (200, Vec::new()));
    let closed = office.stop();
    assert!(!closed.place.log().contains("panicked"), "{}", closed.place.log());
    closed
}
