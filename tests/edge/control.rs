//! The control channel of an edge, against an appliance that answers as it is told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::extract::ws::Message;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use http::StatusCode;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use nazorat::edge::ControlConfig;
use nazorat::edge::Policies;
use nazorat::edge::PoliciesConfig;
use nazorat::edge::control;
use nazorat::kernel::Clock;
use nazorat::kernel::SecretText;
use nazorat::runtime::Lifecycle;
use nazorat::runtime::telemetry;
use nazorat::runtime::telemetry::Telemetry;
use nazorat::uplink::Hop;
use nazorat::uplink::HopConfig;
use nazorat_wire::frame::Heartbeat;
use nazorat_wire::policy::PolicyList;

use super::hop::until;

/// What is to be done, and what was said about it.
#[derive(Clone, Default)]
struct Desk {
    waiting: Arc<Mutex<BTreeMap<String, Value>>>,
    said: Arc<Mutex<Vec<(String, Value)>>>,
    sockets: Arc<AtomicU32>,
    /// Whether sockets open; then nothing is ever said on them but the welcome.
    opens: bool,
}

impl Desk {
    fn ask(&self, number: u32, kind: &str, expires_at: &str) -> String {
        self.ask_with(number, kind, json!({}), expires_at)
    }

    fn ask_with(&self, number: u32, kind: &str, payload: Value, expires_at: &str) -> String {
        let id = format!("01990000-0000-7000-8000-{number:012}");
        let command = json!({ "id": id, "kind": kind, "payload": payload, "expires_at": expires_at, "attempt": 1 });
        self.waiting.lock().unwrap().insert(id.clone(), command);
        id
    }

    fn said_of(&self, id: &str) -> Vec<Value> {
        let said = self.said.lock().unwrap();
        said.iter().filter(|(about, _)| about == id).map(|(_, what)| what.clone()).collect()
    }
}

async fn socket(State(desk): State<Desk>, upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>) -> Response {
    desk.sockets.fetch_add(1, Ordering::SeqCst);
    let Some(upgrade) = upgrade.ok().filter(|_| desk.opens) else { return StatusCode::NOT_FOUND.into_response() };
    upgrade.on_upgrade(|mut socket| async move {
        drop(socket.recv().await);
        let welcome = json!({
            "v": 1, "type": "welcome", "clock": Clock::system().now(), "version": "0", "heartbeat_secs": 5, "silent_secs": 15,
        });
        drop(socket.send(Message::text(welcome.to_string())).await);
        while let Some(Ok(_)) = socket.recv().await {}
    })
}

async fn list(State(desk): State<Desk>) -> Json<Value> {
    let items: Vec<Value> = desk.waiting.lock().unwrap().values().cloned().collect();
    Json(json!({ "clock": "2026-11-20T08:00:00Z", "poll_secs": 5, "items": items }))
}

async fn ack(State(desk): State<Desk>, Path(id): Path<String>, Json(body): Json<Value>) -> Json<Value> {
    if !body["result"].is_null() {
        desk.waiting.lock().unwrap().remove(&id);
    }
    desk.said.lock().unwrap().push((id, body));
    Json(json!({ "state": "acked" }))
}

async fn policies() -> Json<PolicyList> {
    Json(PolicyList::of(Vec::new()))
}

/// An edge that is connected to it.
#[expect(clippy::disallowed_methods, reason = "the runtime of the test ends with it")]
async fn edge(desk: &Desk) -> (TempDir, Lifecycle) {
    let router = Router::new()
        .route("/v2/gateway/socket", get(socket))
        .route("/v2/gateway/commands", get(list))
        .route("/v2/gateway/commands/{id}/ack", post(ack))
        .route("/v2/gateway/policies", get(policies))
        .with_state(desk.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let hop = HopConfig { url, key: SecretText::new("nzg_test"), authority: None, identity: None };
    let log = telemetry::Config { log: "info".to_owned(), format: telemetry::Format::Text, otlp_endpoint: None };
    let (folder, life) = (tempfile::tempdir().unwrap(), Lifecycle::new());
    let policies =
        PoliciesConfig { folder: folder.path().join("policies"), keys: Arc::new(Vec::new), computer_uid: None };
    let config = ControlConfig {
        hop: Hop::open(&hop, Clock::system()).unwrap(),
        folder: folder.path().to_owned(),
        clock: Clock::system(),
        telemetry: Telemetry::detached(&log).unwrap(),
        gather: Arc::new(Heartbeat::default),
        settings: Map::new(),
        news: None,
        policies: Some(Policies::open(policies, Clock::system()).unwrap()),
        devices: None,
    };
    control(config, &life).unwrap();
    (folder, life)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_polled_for_when_no_socket_opens() {
    let desk = Desk::default();
    // By the clock of the appliance, which is not ours.
    let good = desk.ask(1, "ping", "2026-11-20T08:05:00Z");
    let late = desk.ask(2, "ping", "2026-11-20T07:59:59Z");
    let strange = desk.ask(3, "open_door", "2026-11-20T08:05:00Z");
    // Whatever the command says, what is newest is fetched.
    let old = json!({ "checksum": "0a".repeat(32) });
    let policies = desk.ask_with(4, "apply_policies", old.clone(), "2026-11-20T08:05:00Z");
    let (folder, life) = edge(&desk).await;
    until("all is said", || desk.waiting.lock().unwrap().is_empty()).await;
    life.stop();
    assert!(desk.sockets.load(Ordering::SeqCst) >= 3, "sockets are tried first");
    let status = |id: &str| desk.said_of(id).last().unwrap()["result"]["status"].clone();
    assert_eq!([status(&good), status(&late), status(&strange)], ["succeeded", "expired", "failed"]);
    assert_eq!(desk.said_of(&strange)[0]["result"]["code"], "unknown_command");
    let said = desk.said_of(&policies);
    assert_eq!(said[0]["checksum"], old["checksum"], "that is what has come");
    let newest = PolicyList::of(Vec::new()).checksum;
    assert_eq!(said.last().unwrap()["result"]["body"], json!({ "checksum": newest }), "{said:?}");
    let journal = std::fs::read_to_string(folder.path().join("commands.log")).unwrap();
    assert!(journal.contains(&good) && !journal.contains(&late) && !journal.contains(&strange), "{journal}");
}

mod slow {
    use std::sync::atomic::Ordering;
    use std::time::Duration;
    use std::time::Instant;

    use super::Desk;
    use super::edge;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn f10_a_half_open_channel_is_found_within_its_time() {
        let desk = Desk { opens: true, ..Desk::default() };
        let (_folder, life) = edge(&desk).await;
        let begun = Instant::now();
        while desk.sockets.load(Ordering::SeqCst) < 2 {
            assert!(begun.elapsed() < Duration::from_secs(45), "nobody notices");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(begun.elapsed() >= Duration::from_secs(14), "it was given up after {:?}", begun.elapsed());
        life.stop();
    }
}
