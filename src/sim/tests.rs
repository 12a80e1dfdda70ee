use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::SignedDuration;
use jiff::civil::date;
use serde_json::Value;
use tokio::io::AsyncBufReadExt as _;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::io::BufReader;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::After;
use super::Agents;
use super::Entry;
use super::Progress;
use super::SimError;
use super::Trust;
use super::run;
use crate::kernel::Clock;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::sim::day::events;
use crate::sim::office::Office;

/// A server that remembers what it took. It is busy for the first requests and knows one key.
#[derive(Default)]
struct Server {
    busy_for: usize,
    asked: usize,
    /// Idempotency key, then path and body.
    taken: BTreeMap<String, (String, Vec<u8>)>,
}

impl Server {
    fn answer(&mut self, path: &str, headers: &BTreeMap<String, String>, body: Vec<u8>) -> (&'static str, String) {
        self.asked += 1;
        if headers.get("authorization").map(String::as_str) != Some("Bearer right") {
            return ("401 Unauthorized", r#"{"code":"key_unknown"}"#.to_owned());
        }
        if self.asked <= self.busy_for {
            return ("503 Service Unavailable\r\nretry-after: 0", "{}".to_owned());
        }
        let known = self.taken.insert(headers["idempotency-key"].clone(), (path.to_owned(), body)).is_some();
        let rejected = if known { "" } else { r#"{"index":0,"code":"too_old","detail":"ts"}"# };
        let answer = format!(r#"{{"batch_id":"","accepted":1,"duplicate":{known},"rejected":[{rejected}]}}"#);
        ("200 OK", answer)
    }

    fn events(&self) -> Vec<Value> {
        let logs = self.taken.iter().filter(|(_, (path, _))| path == "/v2/ingest/logs");
        logs.flat_map(|(key, (_, body))| {
            let batch: Value = serde_json::from_slice(&zstd::decode_all(&body[..]).unwrap()).unwrap();
            assert_eq!(batch["batch_id"], key.as_str());
            batch["events"].as_array().unwrap().clone()
        })
        .collect()
    }
}

async fn serve(listener: &TcpListener, server: &RefCell<Server>) {
    stream::repeat(())
        .then(|()| listener.accept())
        .for_each_concurrent(None, async |connection| talk(connection.unwrap().0, server).await)
        .await;
}

async fn talk(connection: TcpStream, server: &RefCell<Server>) {
    let mut connection = BufReader::new(connection);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if connection.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let path = lines[0].split(' ').nth(1).unwrap().to_owned();
        let headers: BTreeMap<String, String> = lines[1..]
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        connection.read_exact(&mut body).await.unwrap();
        let (status, text) = server.borrow_mut().answer(&path, &headers, body);
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{text}", text.len());
        connection.write_all(answer.as_bytes()).await.unwrap();
    }
}

fn noon() -> Timestamp {
    Zone::default().at(date(2026, 11, 18).at(12, 0, 0, 0))
}

/// A small office that sends a week and stops.
fn agents(listener: &TcpListener, key: &str) -> Agents {
    Agents {
        server: format!("http://{}/", listener.local_addr().unwrap()),
        entry: Entry::Key(SecretText::new(key)),
        trust: Trust::SystemRoots,
        people: 14,
        seed: 8,
        zone: Zone::default(),
        history_days: 7,
        watched: 0,
        after: After::Stop,
    }
}

/// Runs the agents of a small office at noon of a Wednesday against a server.
async fn play(
    server: &RefCell<Server>,
    key: &str,
    change: impl FnOnce(&mut Agents),
) -> (Result<(), SimError>, Progress) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut agents = agents(&listener, key);
    change(&mut agents);
    let progress = Progress::default();
    let outcome = tokio::select! {
        outcome = run(agents, Clock::fixed(noon()), &progress, CancellationToken::new()) => outcome,
        () = serve(&listener, server) => Ok(()),
    };
    (outcome, progress)
}

#[tokio::test]
async fn the_present_goes_out_as_the_clock_moves_until_the_run_is_stopped() {
    let server = RefCell::new(Server::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let agents = Agents { history_days: 0, watched: 2, after: After::Live, ..agents(&listener, "right") };
    let (clock, progress, stop) = (Clock::fixed(noon()), Progress::default(), CancellationToken::new());
    let later = noon() + SignedDuration::from_mins(40);
    let move_on = async {
        let deadline = Instant::now() + Duration::from_secs(20);
        // The run looks at the clock once when it begins; what ends after that is the present.
        while progress.sent().screenshots == 0 && Instant::now() < deadline {
            clock.set(later);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stop.cancel();
        std::future::pending::<()>().await;
    };
    let outcome = tokio::select! {
        // In this order: the run reads the clock before it is moved.
        biased;
        outcome = run(agents, clock.clone(), &progress, stop.clone()) => outcome,
        () = serve(&listener, &server) => Ok(()),
        () = move_on => Ok(()),
    };
    outcome.unwrap();
    let sent = progress.sent();
    assert!(sent.events > 300 && sent.batches > 5 && sent.screenshots > 0, "{sent:?}");
    for event in server.borrow().events() {
        let start: Timestamp = event["ts"].as_str().unwrap().parse().unwrap();
        let end = start + SignedDuration::from_millis(event["duration_ms"].as_i64().unwrap_or(0));
        assert!(end > noon() && end <= later, "{event}");
    }
}

#[tokio::test]
async fn a_week_arrives_whole_although_the_server_is_busy_at_first_and_twice_is_a_duplicate() {
    let server = RefCell::new(Server { busy_for: 5, ..Server::default() });
    let (outcome, progress) = play(&server, "right", |_| {}).await;
    outcome.unwrap();
    let office = Office::build(8, 14);
    let whole_days = (11..18).flat_map(|day| office.people.iter().map(move |person| (person, date(2026, 11, day))));
    let expected: usize = whole_days.map(|(person, day)| events(&office, person, day, &Zone::default()).len()).sum();
    let arrived = server.borrow().events();
    let before_today = arrived.iter().filter(|event| event["ts"].as_str().unwrap() < "2026-11-17T19").count();
    assert_eq!(before_today, expected);
    let sent = progress.sent();
    assert_eq!(sent.events, arrived.len() as u64);
    assert!(sent.retries >= 1 && sent.duplicates == 0);
    assert_eq!(sent.rejected, sent.batches);
    assert_eq!((sent.days, sent.days_of_history), (14 * 8, 14 * 8));

    let again = play(&server, "right", |_| {}).await.1.sent();
    assert_eq!((again.duplicates, again.rejected), (again.batches, 0));
}

#[tokio::test]
async fn a_screenshot_goes_out_with_the_description_of_what_was_in_front() {
    let server = RefCell::new(Server::default());
    let (outcome, progress) = play(&server, "right", |agents| (agents.history_days, agents.watched) = (1, 1)).await;
    outcome.unwrap();
    let server = server.borrow();
    let shots: Vec<&Vec<u8>> =
        server.taken.values().filter(|(path, _)| path == "/v2/ingest/screenshots").map(|(_, body)| body).collect();
    assert!(shots.len() > 5 && shots.len() as u64 == progress.sent().screenshots);
    for body in shots {
        let text = String::from_utf8_lossy(body);
        assert!(
            text.contains("name=\"meta\"") && text.contains("\"computer_uid\":") && text.contains("name=\"image\"")
        );
        assert!(body.windows(3).any(|bytes| bytes == [0xFF, 0xD8, 0xFF]));
    }
}

#[tokio::test]
async fn a_wrong_key_ends_the_run_with_the_servers_words() {
    let server = RefCell::new(Server::default());
    let (outcome, _) = play(&server, "wrong", |_| {}).await;
    let problem = outcome.unwrap_err().to_string();
    assert!(problem.contains("401") && problem.contains("key_unknown"), "{problem}");
}

#[tokio::test]
async fn a_cancelled_run_stops_cleanly_in_the_middle() {
    let stop = CancellationToken::new();
    stop.cancel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let agents = Agents { trust: Trust::Anyone, after: After::Live, ..agents(&listener, "right") };
    run(agents, Clock::fixed(noon()), &Progress::default(), stop).await.unwrap();
}
