//! Bodies that are not what they should be: each has its own answer, and nothing else of the batch is lost.

use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;

use super::journal::Batch;
use super::journal::Journal;
use super::journal::hub;
use super::journal::rows;
use super::office::Office;

/// An event that would be good with this in place of its fields.
fn event(changes: &str) -> String {
    let fields = r#""kind":"active_window","ts":"TS","computer_uid":"pc-1","user_name":"u","duration_ms":1,"app":"A""#;
    let now = nazorat::kernel::Clock::system().now();
    let fields = fields.replace("TS", &now.to_string());
    match changes.split_once('=') {
        Some((from, to)) => format!("{{{}}}", fields.replace(from, to)),
        None => format!("{{{fields}{changes}}}"),
    }
}

/// Bad events and the code that each gets.
fn bad_events() -> Vec<(String, &'static str)> {
    let deep = |levels: usize| format!(",\"x\":{}{}", "[".repeat(levels), "]".repeat(levels));
    let keys: String = (0..100_000).map(|key| format!(",\"k{key}\":1")).collect();
    vec![
        ("7".to_owned(), "wrong_type"),
        ("null".to_owned(), "wrong_type"),
        ("[]".to_owned(), "wrong_type"),
        ("\"text\"".to_owned(), "wrong_type"),
        ("{}".to_owned(), "missing_field"),
        (event(&deep(60)), "too_deep"),
        (event(&format!(",{}", &deep(10_000)[1..])), "too_deep"),
        (event(",\"title\":\"\\ud800\""), "bad_text"),
        (event(",\"title\":\"\\udc00\\ud800\""), "bad_text"),
        (event("\"duration_ms\":1=\"duration_ms\":1e999"), "out_of_range"),
        (event("\"duration_ms\":1=\"duration_ms\":-1"), "out_of_range"),
        (event("\"duration_ms\":1=\"duration_ms\":86400001"), "out_of_range"),
        (event("\"duration_ms\":1=\"duration_ms\":4294967296"), "out_of_range"),
        (event("\"duration_ms\":1=\"duration_ms\":\"1\""), "wrong_type"),
        (event("\"duration_ms\":1=\"duration_ms\":{}"), "wrong_type"),
        (event("\"app\":\"A\"=\"app\":7"), "wrong_type"),
        (event("\"app\":\"A\"=\"app\":null"), "missing_field"),
        (event("\"kind\":\"active_window\"=\"kind\":\"keystroke\""), "unknown_kind"),
        (event(&format!("\"app\":\"A\"=\"app\":\"{}\"", "x".repeat(100_000))), "too_long"),
        (event(&keys), "accepted"),
        (event(",\"title\":\"\\u0000\\u0001\""), "accepted"),
    ]
}

#[tokio::test]
async fn f31_malformed_json_utf8_depth() {
    let office = Office::new();
    let mut journal = Journal::new();
    let times = ["1970-01-01T00:00:00Z", "9999-12-01T23:59:59Z", "2026-13-45T99:00:00Z", "NaN", "-1", ""];
    let of_time = |ts: &str| {
        format!("{{\"kind\":\"user_session\",\"ts\":\"{ts}\",\"computer_uid\":\"pc\",\"action\":\"login\"}}")
    };
    let mut bad: Vec<(String, &str)> = bad_events().into_iter().filter(|(_, code)| *code != "accepted").collect();
    let codes = ["time_too_old", "time_in_future", "bad_time", "bad_time", "bad_time", "bad_time"];
    bad.extend(times.iter().zip(codes).map(|(ts, code)| (of_time(ts), code)));

    // A good one before each and after the last.
    let others: Vec<&str> = bad.iter().map(|(event, _)| event.as_str()).collect();
    let batch = journal.batch_with(others.len() as u64 + 1, &others);
    let answer = office.deliver(&mut journal, &batch).await;
    assert_eq!(answer.body["accepted"], others.len() as u64 + 1);
    let found: Vec<_> = answer.body["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["index"].as_u64().unwrap(), one["code"].as_str().unwrap().to_owned()))
        .collect();
    let expected: Vec<_> =
        bad.iter().zip(0_u64..).map(|((_, code), place)| (2 * place + 1, (*code).to_owned())).collect();
    assert_eq!(found, expected);

    refused_whole(&office).await;
    let closed = office.check(&journal).await;
    let hub = hub(&closed.place.data());
    let (dead, _) = rows(&hub, 1, Dataset::RejectedEvents);
    for ((raw, code), place) in bad.iter().zip(0_u32..) {
        let kept = dead.iter().find_map(|row| match &row.event {
            Event::RejectedEvent(event) if row.position.idx == 2 * place + 1 && event.batch_key == batch.name => {
                Some(event)
            }
            _ => None,
        });
        let kept = kept.unwrap_or_else(|| panic!("{code} is not among the dead letters"));
        assert!(kept.code == *code && raw.starts_with(&kept.event), "{kept:?}");
    }
}

/// Bodies of which nothing can be read.
async fn refused_whole(office: &Office) {
    let deep = [b"{\"events\":".to_vec(), b"[".repeat(100_000)].concat();
    let unterminated = [b"{\"events\":[\"".to_vec(), b"x".repeat(4_900_000)].concat();
    let many = format!("{{\"events\":[{}1]}}", "1,".repeat(50_000));
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "not_json"),
        (b"\xef\xbb\xbf".to_vec(), "not_json"),
        (b"{\"events\":[NaN]}".to_vec(), "not_json"),
        (b"{\"events\":[\"\xff\xfe\"]}".to_vec(), "not_json"),
        (b"{\"events\":[\"\xc0\xaf\"]}".to_vec(), "not_json"),
        (b"{\"events\":[\"\xed\xa0\x80\"]}".to_vec(), "not_json"),
        (b"{\"events\":[]}\0".to_vec(), "not_json"),
        (b"{\"events\":[]} {}".to_vec(), "not_json"),
        (deep, "not_json"),
        (unterminated, "not_json"),
        (b"[]".to_vec(), "not_a_batch"),
        (b"7".to_vec(), "not_a_batch"),
        (b"{\"events\":{}}".to_vec(), "not_a_batch"),
        (b"{\"events\":[],\"events\":[]}".to_vec(), "not_a_batch"),
        (b"{}".to_vec(), "not_a_batch"),
        (many.into_bytes(), "too_many_events"),
    ];
    for (number, (body, code)) in cases.into_iter().enumerate() {
        let begin = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let name = format!("refused-{number}");
        let request = office.http.post(office.ingest()).bearer_auth(&office.key).header("idempotency-key", name);
        let answer = super::office::read(request.body(body).send().await.unwrap()).await.unwrap();
        assert_eq!((answer.status, answer.body["code"].as_str()), (400, Some(code)), "{begin:?}: {answer:?}");
    }
}

/// A good body with single bytes changed.
fn mutated(body: &str) -> Vec<Vec<u8>> {
    let mut seed = 1_u64;
    let mut chance = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let once = |_| {
        let mut bytes = body.as_bytes().to_vec();
        for _ in 0..=chance(3) {
            let place = chance(bytes.len());
            match chance(3) {
                0 => bytes[place] = chance(256) as u8,
                1 => drop(bytes.remove(place)),
                _ => bytes.truncate(place.max(1)),
            }
        }
        bytes
    };
    (0..400).map(once).collect()
}

/// Whatever happens to a body on its way, the answer is one of two.
#[tokio::test]
async fn f31_no_broken_body_breaks_the_appliance() {
    let office = Office::new();
    for (number, body) in mutated(&Journal::new().batch(3).body).into_iter().enumerate() {
        let request = office.http.post(office.ingest()).bearer_auth(&office.key);
        let request = request.header("idempotency-key", format!("mutated-{number}")).body(body);
        let status = request.send().await.unwrap().status().as_u16();
        assert!(matches!(status, 200 | 400), "{status}");
    }
    assert_eq!(office.health().await, (200, Vec::new()));
    assert!(!office.stop().place.log().contains("panicked"));
}

/// What is unusual but readable is kept.
#[tokio::test]
async fn f31_unusual_but_readable_events_are_stored() {
    let office = Office::new();
    let fine: Vec<String> =
        bad_events().into_iter().filter(|(_, code)| *code == "accepted").map(|(event, _)| event).collect();
    let body = format!("\u{feff}{{\"events\":[{}]}}", fine.join(","));
    let answer = office.send(&Batch { name: "fine".to_owned(), numbers: 0..0, body }).await;
    assert_eq!((answer.status, &answer.body["rejected"]), (200, &serde_json::json!([])), "{answer:?}");
    let closed = office.stop();
    assert_eq!(rows(&hub(&closed.place.data()), 1, Dataset::ActiveWindows).0.len(), fine.len());
}
