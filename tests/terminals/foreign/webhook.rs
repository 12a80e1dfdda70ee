//! Requests of other systems as a gateway hands them over, and the answers.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use nazorat::adapters::Action;
use nazorat::adapters::Device;
use nazorat::adapters::Feed;
use nazorat::adapters::PushRequest;
use nazorat::adapters::Session;
use nazorat::adapters::Taker;
use nazorat::adapters::check;
use nazorat::adapters::find;
use nazorat::kernel::Clock;
use nazorat::kernel::Timestamp;
use nazorat::kernel::Zone;
use nazorat_wire::Direction;
use serde_json::Value;
use serde_json::json;

use crate::terminals::zkteco::kept::Kept;
use crate::terminals::zkteco::kept::Running;
use crate::terminals::zkteco::kept::until;

const KEY: &str = "a long road to Samarkand";
const LIMIT: Duration = Duration::from_secs(10);

/// A webhook that keeps what it is told, at a time that stands still.
struct Hook {
    kept: Arc<Kept>,
    clock: Clock,
    session: Arc<dyn Session>,
}

impl Hook {
    fn new(settings: &Value) -> Self {
        Self::over(settings, Arc::default())
    }

    fn over(settings: &Value, kept: Arc<Kept>) -> Self {
        let adapter = find("webhook").unwrap();
        let mut settings = settings.clone();
        settings["secret"] = KEY.into();
        let settings = check(&adapter.kind().schema, settings.as_object().unwrap()).unwrap();
        assert_eq!(adapter.check(&settings), []);
        let device = Device {
            id: 7,
            name: "Gate".to_owned(),
            address: None,
            host: String::new(),
            settings,
            zone: Zone::default(),
            listener: None,
        };
        let clock = Clock::fixed("2026-11-23T03:30:20Z".parse().unwrap());
        let feed = Feed::new(Arc::clone(&kept) as Arc<dyn Taker>, clock.clone());
        let session = Arc::from(adapter.open(&device, feed).unwrap());
        Self { kept, clock, session }
    }

    async fn send(&self, request: PushRequest) -> (u16, Value) {
        let answer = self.session.pushed(request).await;
        assert_eq!(answer.content_type, "application/json");
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    async fn post(&self, body: &Value) -> (u16, Value) {
        self.send(signed(&body.to_string(), self.clock.now())).await
    }
}

fn signed(body: &str, at: Timestamp) -> PushRequest {
    let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
    let time = at.as_second().to_string();
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let mut headers = http::HeaderMap::new();
    headers.insert("x-timestamp", time.parse().unwrap());
    headers.insert("x-signature", format!("sha256={}", hex::encode(tag.as_ref())).parse().unwrap());
    PushRequest {
        method: "POST".to_owned(),
        path: "/push/0123456789abcdef".to_owned(),
        query: String::new(),
        content_type: "application/json".to_owned(),
        headers,
        body: body.to_owned().into(),
    }
}

fn event(serial: &str, second: u32) -> Value {
    json!({ "serial": serial, "ts": format!("2026-11-23T08:30:{second:02}"), "person": "1001", "direction": "in" })
}

#[tokio::test]
async fn bad_events_are_named_by_their_index_and_the_others_are_kept() {
    let hook = Hook::new(&json!({}));
    let mut strange = event("3", 3);
    strange["outcome"] = "perhaps".into();
    let body = json!([event("1", 1), { "person": "Anna" }, event("2", 2), strange, "x", event("1", 9)]);
    let (status, told) = hook.post(&body).await;
    assert_eq!((status, &told["accepted"], &told["refused"]), (200, &json!(2), &json!(4)), "{told}");
    let rejected: Vec<(u64, &str)> = told["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["index"].as_u64().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    assert_eq!(rejected, [(1, "missing_field"), (3, "unknown_word"), (4, "wrong_type"), (5, "serial_reused")]);
    assert_eq!(hook.kept.serials(), ["1", "2"]);
    let first = &hook.kept.events()[0];
    assert_eq!((first.device, first.door, first.direction), (7, 1, Direction::In));
    assert_eq!(first.ts.to_string(), "2026-11-23T03:30:01Z", "by the wall clock of the organization");
    let missed = hook.kept.missed_anything();
    assert!(missed.len() == 1 && missed[0].starts_with("4 events") && !missed[0].contains("Anna"), "{missed:?}");
}

#[tokio::test]
async fn what_is_sent_again_is_the_same_event_with_a_number_of_its_own_or_without() {
    let hook = Hook::new(&json!({ "at_serial": "-" }));
    let one = json!({ "ts": 1_795_404_615, "person": "1001", "attempt": 1 });
    let again = json!({ "attempt": 2, "ts": "2026-11-23T03:30:15Z", "person": 1001 });
    let other = json!({ "ts": 1_795_404_616, "person": "1001" });
    for body in [&one, &again, &other, &one] {
        assert_eq!(hook.post(body).await.1["accepted"], 1);
    }
    let serials = hook.kept.serials();
    assert!(serials.len() == 2 && serials.iter().all(|serial| serial.starts_with("sha256:")), "{serials:?}");
}

#[tokio::test]
async fn nothing_is_believed_without_a_fresh_signature() {
    let hook = Hook::new(&json!({}));
    let body = json!([event("1", 1)]).to_string();
    let now = hook.clock.now();
    let told = async |request| {
        let (status, told) = hook.send(request).await;
        (status, told["code"].as_str().unwrap_or_default().to_owned())
    };
    let expected = |status, code: &str| (status, code.to_owned());
    let mut bare = signed(&body, now);
    bare.headers.remove("x-signature");
    assert_eq!(told(bare).await, expected(401, "no_signature"));
    let mut changed = signed(&body, now);
    changed.body = body.replace("1001", "1002").into();
    assert_eq!(told(changed).await, expected(401, "wrong_signature"));
    let old = now.checked_sub(jiff::SignedDuration::from_secs(301)).unwrap();
    assert_eq!(told(signed(&body, old)).await, expected(401, "stale"));
    let get = PushRequest { method: "GET".to_owned(), ..signed(&body, now) };
    assert_eq!(told(get).await, expected(405, "method"));
    let mut packed = signed(&body, now);
    packed.headers.insert("content-encoding", "gzip".parse().unwrap());
    assert_eq!(told(packed).await, expected(415, "encoding"));
    assert_eq!(told(signed("not json", now)).await, expected(400, "not_json"));
    assert_eq!(told(signed("7", now)).await, expected(400, "wrong_type"));
    assert_eq!(told(signed(&" ".repeat((1 << 20) + 1), now)).await, expected(413, "too_large"));
    let many = json!(vec![event("1", 1); 1_001]).to_string();
    assert_eq!(told(signed(&many, now)).await, expected(413, "too_large"));
    assert_eq!(told(signed(&"[".repeat(10_000), now)).await, expected(400, "not_json"));
    assert_eq!((hook.kept.events().len(), hook.kept.live()), (0, 0));
    let said = hook.kept.missed_anything();
    assert!(said.len() == 3 && said.iter().all(|told| told.starts_with("a request was refused: ")), "{said:?}");
    // Whoever goes on and on does not fill the log.
    for _ in 0..20 {
        assert_eq!(told(signed(&body, old)).await.0, 401);
    }
    assert_eq!(hook.kept.missed_anything().len(), 5);
    assert_eq!(told(signed(&body, now)).await, expected(200, ""));
}

#[tokio::test]
async fn nothing_is_acknowledged_that_is_not_durable() {
    let hook = Hook::new(&json!({}));
    hook.kept.refuse(1);
    let body = json!([event("1", 1)]);
    let (status, told) = hook.post(&body).await;
    assert_eq!((status, &told["code"]), (503, &json!("not_kept")));
    assert_eq!((hook.kept.events().len(), hook.kept.live()), (0, 0));
    // What is sent instead under the same number is taken: the first one was never there.
    assert_eq!(hook.post(&json!([event("1", 2)])).await.0, 200);
    assert_eq!(hook.kept.events()[0].ts.to_string(), "2026-11-23T03:30:02Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_awaited_until_it_has_come_and_then_it_is_there() {
    let hook = Hook::new(&json!({}));
    let running = Running::start(Arc::clone(&hook.session));
    assert_eq!(hook.session.probe().await.unwrap().warnings, ["nothing has come from the other system yet"]);
    assert_eq!(hook.kept.live(), 0);
    // It needs no event to show that it has found us.
    assert_eq!(hook.post(&json!([])).await.0, 200);
    assert_eq!(hook.kept.live(), 1);
    assert!(hook.session.probe().await.unwrap().warnings.is_empty());
    assert_eq!(hook.session.execute(Action::Open { door: 1 }).await.unwrap_err().code(), "device_cannot");
    assert_eq!(running.stop().await, []);
    // After a start it is known that it had come.
    let again = Hook::over(&json!({}), Arc::clone(&hook.kept));
    let running = Running::start(Arc::clone(&again.session));
    until("live again", LIMIT, || again.kept.live() == 2).await;
    assert_eq!(running.stop().await, []);
}
