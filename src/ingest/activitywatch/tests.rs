//! The API against real engines, with starts in between.

use std::sync::Arc;
use std::sync::Mutex;

use axum::body::Body;
use futures_util::future::BoxFuture;
use http::Request;
use http::StatusCode;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_wire::Identity;
use nazorat_wire::IngestAnswer;
use nazorat_wire::policy::Action;
use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Exclusion;
use nazorat_wire::policy::Filter;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Part;
use nazorat_wire::policy::Pattern;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::WindowDetail;
use serde_json::Value;
use serde_json::json;
use tower::ServiceExt as _;

use super::ActivityWatch;
use super::Config;
use super::Stamp;
use super::journal::batch;
use super::journal::texts;
use super::records::Record;
use super::router;
use crate::ingest::Sink;
use crate::ingest::tests::World;
use crate::intake::AcceptError;
use crate::intake::Holding;
use crate::intake::NewBatch;
use crate::intake::Rules;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;

fn open(world: &World) -> ActivityWatch {
    open_as(world, None)
}

fn open_as(world: &World, stamp: Option<Stamp>) -> ActivityWatch {
    let (folder, organization) = (world.folder.path().join("activitywatch"), world.organization);
    let config = Config { folder, host: "this-pc".to_owned(), home: Arc::new(move || Some(organization)), stamp };
    ActivityWatch::open(config, world.doors.entry.sink.clone(), world.doors.entry.clock.clone()).unwrap()
}

async fn ask(watch: &ActivityWatch, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("host", "localhost:5600");
    let request = request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
    let answer = router(watch.clone()).oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn bucket(watch: &ActivityWatch, id: &str, kind: &str) -> StatusCode {
    let body = json!({ "client": "test", "type": kind, "hostname": "pc-1" });
    ask(watch, "POST", &format!("/api/0/buckets/{id}"), body).await.0
}

async fn beat(watch: &ActivityWatch, id: &str, second: u32, app: &str) -> (StatusCode, Value) {
    let timestamp = format!("2026-11-23T08:{:02}:{:02}.000000+00:00", 30 + second / 60, second % 60);
    let body = json!({ "id": null, "timestamp": timestamp, "duration": 0.0, "data": { "app": app, "title": "t" } });
    ask(watch, "POST", &format!("/api/0/buckets/{id}/heartbeat?pulsetime=2.0"), body).await
}

/// Begin in seconds of the test and length in milliseconds.
async fn windows(world: &World) -> Vec<(i64, u32, String)> {
    let zero: Timestamp = "2026-11-23T08:30:00Z".parse().unwrap();
    let rows = world.stored(Dataset::ActiveWindows).await.into_iter();
    rows.map(|(ts, event)| {
        let Event::ActiveWindow(window) = event else { panic!("{event:?}") };
        ((ts - zero.as_microsecond()) / 1_000_000, window.duration_ms, window.app)
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_finds_everything_that_it_expects() {
    let world = World::new().await;
    let watch = open(&world);
    assert_eq!(ask(&watch, "GET", "/api/0/info", Value::Null).await.1["hostname"], "this-pc");
    assert_eq!(beat(&watch, "w", 0, "a").await.0, StatusCode::NOT_FOUND, "buckets do not appear by themselves");
    assert_eq!(bucket(&watch, "w", "currentwindow").await, StatusCode::OK);
    assert_eq!(bucket(&watch, "w", "currentwindow").await, StatusCode::NOT_MODIFIED);
    let first = beat(&watch, "w", 0, "a").await.1;
    let merged = beat(&watch, "w", 2, "a").await.1;
    assert_eq!((&merged["id"], &merged["duration"]), (&first["id"], &json!(2.0)));
    assert_eq!(merged["timestamp"], "2026-11-23T08:30:00Z");
    let other = beat(&watch, "w", 3, "b").await.1;
    let events = ask(&watch, "GET", "/api/0/buckets/w/events?limit=-1", Value::Null).await.1;
    assert_eq!(events, json!([other, merged]), "newest first");
    let clipped = ask(
        &watch,
        "GET",
        "/api/0/buckets/w/events?start=2026-11-23T08:30:01Z&end=2026-11-23T08:30:02.5Z",
        Value::Null,
    )
    .await
    .1;
    assert_eq!((clipped.as_array().unwrap().len(), &clipped[0]["duration"]), (1, &json!(1.0)));
    assert_eq!(ask(&watch, "GET", "/api/0/buckets/w/events/count", Value::Null).await.1, json!(2));
    assert_eq!(ask(&watch, "GET", &format!("/api/0/buckets/w/events/{}", other["id"]), Value::Null).await.1, other);
    assert_eq!(ask(&watch, "GET", "/api/0/buckets/w/export", Value::Null).await.1["buckets"]["w"]["events"], events);
    assert_eq!(ask(&watch, "GET", "/api/0/buckets/", Value::Null).await.1["w"]["type"], "currentwindow");
    assert_eq!(ask(&watch, "POST", "/api/0/settings/theme", json!("dark")).await.0, StatusCode::CREATED);
    assert_eq!(ask(&watch, "GET", "/api/0/settings/theme", Value::Null).await.1, "dark");
    let bad = ask(&watch, "POST", "/api/0/buckets/w/heartbeat", json!({})).await;
    assert_eq!((bad.0, bad.1["message"].is_string()), (StatusCode::BAD_REQUEST, true));
    assert_eq!(ask(&watch, "DELETE", "/api/0/buckets/w", Value::Null).await.0, StatusCode::OK);
    assert_eq!(ask(&watch, "GET", "/api/0/buckets/w", Value::Null).await.0, StatusCode::NOT_FOUND);
    // What was acknowledged left before its bucket went.
    assert_eq!(windows(&world).await, [(0, 2_000, "a".to_owned()), (3, 0, "b".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_from_the_internet_may_not_ask() {
    let world = World::new().await;
    let watch = open(&world);
    let status = async |host: &str, origin: Option<&str>| {
        let mut request = Request::get("/api/0/info").header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        router(watch.clone()).oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
    };
    assert_eq!(status("127.0.0.1:5600", None).await, StatusCode::OK);
    assert_eq!(status("rebound.example:5600", None).await, StatusCode::FORBIDDEN);
    assert_eq!(status("127.0.0.1:5600", Some("https://example.com")).await, StatusCode::FORBIDDEN);
    assert_eq!(status("127.0.0.1:5600", Some("moz-extension://0-1")).await, StatusCode::OK);
}

/// Makes a cut durable and perhaps hands it over, and goes no further.
async fn crash_after_cut(world: &World, watch: ActivityWatch, handed_over: bool) -> ActivityWatch {
    let (seq, payload, _) = watch.cut(world.organization).await.unwrap().unwrap();
    if handed_over {
        let Some(Record::Cut(cut)) = Record::decode(&payload) else { panic!("not a cut") };
        let texts = texts(&cut);
        let answer = world.doors.entry.sink.accept(batch(&cut, &texts, &watch.name(seq), &payload)).await.unwrap();
        assert!(!answer.duplicate);
    }
    drop(watch);
    open(world)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_between_any_two_steps_stores_every_event_exactly_once() {
    let world = World::new().await;
    let mut watch = open(&world);
    assert_eq!(bucket(&watch, "w", "currentwindow").await, StatusCode::OK);
    assert_eq!(bucket(&watch, "other", "app.editor.activity").await, StatusCode::OK);
    for second in 0..60 {
        let app = if second < 40 { "a" } else { "b" };
        assert_eq!(beat(&watch, "w", second, app).await.0, StatusCode::OK);
        assert_eq!(beat(&watch, "other", second, app).await.0, StatusCode::OK);
        watch = match second % 10 {
            2 => {
                drop(watch);
                open(&world)
            }
            4 => crash_after_cut(&world, watch, false).await,
            6 => crash_after_cut(&world, watch, true).await,
            8 => {
                watch.flush().await.unwrap();
                drop(watch);
                open(&world)
            }
            _ => watch,
        };
    }
    watch.flush().await.unwrap();
    let rows = windows(&world).await;
    let ends = rows.iter().map(|(start, millis, _)| start + i64::from(*millis) / 1_000);
    let gaps: Vec<_> = ends.zip(rows.iter().skip(1)).filter(|(end, (start, ..))| end != start).collect();
    assert_eq!(gaps.len(), 1, "one gap, where the window changed: {rows:?}");
    assert_eq!(rows.iter().map(|(_, millis, _)| millis).sum::<u32>(), 58_000, "{rows:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stamp_wins_over_what_a_watcher_says() {
    let world = World::new().await;
    let stamp = Stamp { computer_uid: "uid-1".to_owned(), user_name: "dilnoza".to_owned() };
    let watch = open_as(&world, Some(stamp));
    assert_eq!(bucket(&watch, "w", "currentwindow").await, StatusCode::OK);
    assert_eq!(beat(&watch, "w", 0, "a").await.0, StatusCode::OK);
    let (seq, payload, _) = watch.cut(world.organization).await.unwrap().unwrap();
    let Some(Record::Cut(cut)) = Record::decode(&payload) else { panic!("not a cut") };
    let texts = texts(&cut);
    let batch = batch(&cut, &texts, &watch.name(seq), &payload);
    let event = &batch.events[0].event;
    assert_eq!((&*event.computer_uid, event.user_name.as_deref()), ("uid-1", Some("dilnoza")));
    assert!(batch.events[0].raw.contains("\"computer_uid\":\"uid-1\",\"user_name\":\"dilnoza\""));
}

/// An appliance with a policy that can change.
struct Strict {
    world: Arc<dyn Sink>,
    rules: Arc<dyn Rules>,
}

impl Sink for Strict {
    fn accept<'a>(&'a self, batch: NewBatch<'a>) -> BoxFuture<'a, Result<IngestAnswer, AcceptError>> {
        self.world.accept(batch)
    }

    fn rules(&self) -> Option<&Arc<dyn Rules>> {
        Some(&self.rules)
    }
}

#[derive(Default)]
struct Decided(Mutex<Option<Settings>>);

struct Held(Arc<Filter>);

impl Rules for Decided {
    fn holding(&self, _: OrganizationId) -> BoxFuture<'_, Result<Option<Box<dyn Holding>>, String>> {
        let settings = self.0.lock().unwrap().clone();
        let held = settings.map(|settings| {
            let policy = Effective::of([(Layer::Organization, &settings)]).0;
            Box::new(Held(Arc::new(Filter::new(&policy, b"salt").unwrap()))) as Box<dyn Holding>
        });
        Box::pin(std::future::ready(Ok(held)))
    }
}

impl Holding for Held {
    fn filter(&self, account: Identity<'_>, _: i64) -> Result<Option<Arc<Filter>>, String> {
        assert_eq!(account.computer_uid, "pc-1", "the bucket says whose it is");
        Ok(Some(Arc::clone(&self.0)))
    }
}

fn is_in_a_file(folder: &std::path::Path, marker: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => is_in_a_file(&path, marker),
            false => std::fs::read(&path).unwrap().windows(marker.len()).any(|part| part == marker.as_bytes()),
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_kept_is_answered_and_is_nowhere() {
    let world = World::new().await;
    let decided = Arc::new(Decided::default());
    let rules: Arc<dyn Rules> = decided.clone();
    let sink = Arc::new(Strict { world: world.doors.entry.sink.clone(), rules });
    let (folder, organization) = (world.folder.path().join("activitywatch"), world.organization);
    let home = Arc::new(move || Some(organization));
    let config = Config { folder: folder.clone(), host: "this-pc".to_owned(), home, stamp: None };
    let watch = ActivityWatch::open(config, sink, world.doors.entry.clock.clone()).unwrap();
    assert_eq!(bucket(&watch, "w", "currentwindow").await, StatusCode::OK);
    let maosh = Exclusion {
        part: Part::Application,
        pattern: Pattern { text: "maosh*".to_owned(), regex: false },
        action: Action::Drop,
    };
    let titles = Settings { windows: Some(WindowDetail::Title), exclusions: vec![maosh], ..Settings::default() };
    *decided.0.lock().unwrap() = Some(titles);
    for (second, app) in [(0, "a"), (1, "a"), (2, "maosh-sirli"), (3, "a"), (4, "a")] {
        let (status, answer) = beat(&watch, "w", second, app).await;
        let kept = if app == "a" { json!({ "app": "a", "title": "t" }) } else { json!({}) };
        assert_eq!((status, &answer["data"]), (StatusCode::OK, &kept));
    }
    assert!(!is_in_a_file(&folder, "maosh-sirli"));
    // What was in front between the two is not known, so they are two.
    let events = ask(&watch, "GET", "/api/0/buckets/w/events", Value::Null).await.1;
    let spans = events.as_array().unwrap().iter().map(|event| event["duration"].as_f64().unwrap());
    assert_eq!(spans.collect::<Vec<_>>(), [1.0, 1.0]);
    // What came under the policy before is judged anew before it leaves and before it is written down again.
    *decided.0.lock().unwrap() = Some(Settings::default());
    watch.flush().await.unwrap();
    let events = ask(&watch, "GET", "/api/0/buckets/w/events", Value::Null).await.1;
    assert_eq!(events[0]["data"], json!({ "app": "a" }));
    *decided.0.lock().unwrap() = Some(Settings { windows: Some(WindowDetail::Off), ..Settings::default() });
    assert_eq!(beat(&watch, "w", 9, "a").await.0, StatusCode::OK);
    watch.flush().await.unwrap();
    assert_eq!(ask(&watch, "GET", "/api/0/buckets/w/events", Value::Null).await.1, json!([]));
    let stored = world.stored(Dataset::ActiveWindows).await;
    let told = stored.into_iter().map(|(_, event)| match event {
        Event::ActiveWindow(window) => (window.app, window.title, window.duration_ms),
        other => panic!("{other:?}"),
    });
    let reduced = ("a".to_owned(), String::new(), 1_000);
    assert_eq!(told.collect::<Vec<_>>(), [reduced.clone(), reduced]);
}
