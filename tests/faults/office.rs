//! An appliance that is set up, and a sender with a key to it.

use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use super::journal::Batch;
use super::journal::Journal;
use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::Place;
use crate::support::appliance::said;

/// A running appliance and its sender.
pub(crate) struct Office {
    pub(crate) appliance: Appliance,
    pub(crate) key: String,
    pub(crate) http: reqwest::Client,
}

/// The same when it does not run.
pub(crate) struct Closed {
    pub(crate) place: Place,
    pub(crate) key: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: bool,
    pub(crate) body: Value,
}

impl Closed {
    /// Organization 1 with the administrator `malika` and a key.
    pub(crate) fn new() -> Self {
        let place = Place::new();
        assert!(place.init().status.success());
        let key = make_key(&place, 1);
        Self { place, key }
    }

    pub(crate) fn open(self) -> Office {
        self.open_with(Options::default())
    }

    pub(crate) fn open_with(self, options: Options) -> Office {
        Office::over(Appliance::start(Options { place: Some(self.place), ..options }), self.key)
    }

    /// The same data in another place.
    pub(crate) fn copy(&self) -> Self {
        Self { place: self.place.copy(), key: self.key.clone() }
    }

    /// A personal token of an operator.
    pub(crate) fn token(&self, login: &str) -> String {
        token(&self.place, login)
    }
}

/// A personal token of an operator of a running or a stopped appliance.
pub(crate) fn token(place: &Place, login: &str) -> String {
    let token = said(&place.run(&["operator", "token", "--operator", login]));
    assert!(token.starts_with("nzt_"), "{token}");
    token.trim().to_owned()
}

/// A key of an organization, of a running or a stopped appliance.
pub(crate) fn make_key(place: &Place, organization: u32) -> String {
    let made = place.run(&["api-key", "create", "--organization", &organization.to_string(), "--name", "office"]);
    assert!(made.status.success(), "{}", said(&made));
    said(&made).trim().to_owned()
}

impl Office {
    pub(crate) fn new() -> Self {
        Closed::new().open()
    }

    fn over(appliance: Appliance, key: String) -> Self {
        Self { appliance, key, http: client() }
    }

    /// The process ends as in a power cut.
    pub(crate) fn kill(self) -> Closed {
        Closed { place: self.appliance.kill(), key: self.key }
    }

    /// The process ends as it should.
    pub(crate) fn stop(self) -> Closed {
        let stopped = self.appliance.stop();
        assert_eq!(stopped.status.code(), Some(0), "{}", stopped.place.log());
        Closed { place: stopped.place, key: self.key }
    }

    pub(crate) fn ingest(&self) -> String {
        self.appliance.plain("/v2/ingest/logs")
    }

    /// Sends a batch once.
    pub(crate) async fn send(&self, batch: &Batch) -> Answer {
        post(&self.http, &self.ingest(), &self.key, batch).await.unwrap()
    }

    /// Sends a batch that must be taken.
    pub(crate) async fn deliver(&self, journal: &mut Journal, batch: &Batch) -> Answer {
        let answer = self.send(batch).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        journal.acknowledge(batch);
        answer
    }

    /// Adds a gateway: its id, and the token for its box.
    pub(crate) async fn invite(&self, name: &str) -> (String, String) {
        let body = serde_json::json!({ "name": name });
        let made = self.manage("POST", "/api/v1/gateways", Some(body)).await;
        assert_eq!(made.status, 201, "{made:?}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&made.body["gateway"]["id"]), text(&made.body["token"]))
    }

    /// Asks the dashboard API as the administrator, over HTTPS.
    pub(crate) async fn manage(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let token = token(self.appliance.place(), "malika");
        let request = self.appliance.client().request(method.parse().unwrap(), self.appliance.https(path));
        let request = request.bearer_auth(token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        read(request.send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn metrics(&self) -> String {
        self.http.get(self.appliance.plain("/metrics")).send().await.unwrap().text().await.unwrap()
    }

    /// The sum over all labels of a counter of this process.
    pub(crate) async fn counted(&self, name: &str) -> u64 {
        let text = self.metrics().await;
        let of = |line: &str| {
            let (found, value) = line.rsplit_once(' ')?;
            (found.split('{').next() == Some(name) && !line.starts_with('#')).then(|| value.parse::<f64>().unwrap())
        };
        text.lines().filter_map(of).sum::<f64>() as u64
    }

    /// Waits until this process has put so many rows into partitions.
    pub(crate) async fn applied(&self, rows: u64) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.counted("nazorat_apply_rows_total").await < rows {
            assert!(Instant::now() < deadline, "rows are not applied:\n{}", self.appliance.place().log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Status and names of the dependencies that are not well.
    pub(crate) async fn health(&self) -> (u16, Vec<String>) {
        let answer = self.http.get(self.appliance.plain("/health/ready")).send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        let all = body["dependencies"].as_object().unwrap();
        (status, all.iter().filter(|(_, one)| one["state"] != "ok").map(|(name, _)| name.clone()).collect())
    }

    /// The end of a test whose data are whole.
    pub(crate) async fn check(self, journal: &Journal) -> Closed {
        assert_eq!(self.health().await, (200, Vec::new()));
        self.check_stored(&[journal])
    }

    /// The end of a test after which files are set aside, which health and reports must say.
    pub(crate) async fn check_damaged(self, journals: &[&Journal]) -> Closed {
        assert_eq!(self.health().await, (503, vec!["events".to_owned()]));
        self.check_stored(journals)
    }

    fn check_stored(self, journals: &[&Journal]) -> Closed {
        let closed = self.stop();
        let log = closed.place.log();
        assert!(!log.contains("panicked"), "{log}");
        for journal in journals {
            journal.compare(&journal.stored(&closed.place.data()));
        }
        closed
    }
}

/// A client that waits for nobody for ever.
pub(crate) fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    builder.timeout(Duration::from_secs(30)).build().unwrap()
}

/// Sends a batch once, wherever the appliance is.
pub(crate) async fn post(http: &reqwest::Client, url: &str, key: &str, batch: &Batch) -> reqwest::Result<Answer> {
    let request = http.post(url).bearer_auth(key).header("idempotency-key", &batch.name);
    read(request.body(batch.body.clone()).send().await?).await
}

pub(crate) async fn read(answer: reqwest::Response) -> reqwest::Result<Answer> {
    let status = answer.status().as_u16();
    let retry_after = answer.headers().contains_key("retry-after");
    let text = answer.text().await?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer { status, retry_after, body })
}
