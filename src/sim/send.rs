//! An agent's side of the ingest contract: batches out over HTTP, again when the server has no room, never when it says no.

use std::convert::Infallible;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use nazorat_wire::IngestAnswer;
use nazorat_wire::policy::SignedSheet;
use reqwest::Client;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header::CONTENT_ENCODING;
use reqwest::header::CONTENT_TYPE;
use reqwest::header::RETRY_AFTER;
use reqwest::multipart::Form;
use reqwest::multipart::Part;
use serde::Deserialize;
use serde_json::json;

use crate::kernel::SecretText;
use crate::sim::Entry;
use crate::sim::SimError;
use crate::sim::Trust;
use crate::sim::batch::Batch;
use crate::sim::batch::ShotNote;
use crate::sim::office::Office;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
const BEAT: Duration = Duration::from_secs(30);

/// What has been sent so far. Read it from anywhere, at any time.
#[derive(Debug, Default)]
pub struct Progress {
    events: AtomicU64,
    batches: AtomicU64,
    duplicates: AtomicU64,
    rejected: AtomicU64,
    screenshots: AtomicU64,
    retries: AtomicU64,
    days: AtomicU64,
    days_of_history: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Events in batches that were answered with 200, duplicates included.
    pub events: u64,
    pub batches: u64,
    pub duplicates: u64,
    /// Events that the server put aside.
    pub rejected: u64,
    pub screenshots: u64,
    pub retries: u64,
    /// Days of a person that are sent, of those that the history has.
    pub days: u64,
    pub days_of_history: u64,
}

impl Progress {
    pub fn sent(&self) -> Sent {
        Sent {
            events: self.events.load(Relaxed),
            batches: self.batches.load(Relaxed),
            duplicates: self.duplicates.load(Relaxed),
            rejected: self.rejected.load(Relaxed),
            screenshots: self.screenshots.load(Relaxed),
            retries: self.retries.load(Relaxed),
            days: self.days.load(Relaxed),
            days_of_history: self.days_of_history.load(Relaxed),
        }
    }

    pub(super) fn expect_days(&self, days: usize) {
        self.days_of_history.store(days as u64, Relaxed);
    }

    pub(super) fn day_done(&self) {
        self.days.fetch_add(1, Relaxed);
    }
}

/// The keys of all agents.
#[derive(Debug)]
enum Keys {
    Shared(SecretText),
    /// By index of the computer.
    Own(Vec<SecretText>),
}

#[derive(Deserialize)]
struct Joined {
    key: String,
    /// Who signs policies, PEM.
    #[serde(default)]
    authorities: String,
}

#[derive(Debug)]
pub(super) struct Sender<'run> {
    client: Client,
    server: String,
    keys: Keys,
    authorities: String,
    progress: &'run Progress,
}

impl<'run> Sender<'run> {
    pub(super) fn new(server: &str, trust: &Trust, progress: &'run Progress) -> Result<Self, SimError> {
        let builder =
            Client::builder().connect_timeout(CONNECT_WITHIN).timeout(ANSWER_WITHIN).tcp_nodelay(true).no_proxy();
        let builder = match trust {
            Trust::SystemRoots => builder,
            Trust::Anyone => builder.tls_danger_accept_invalid_certs(true),
            Trust::Authority(path) => {
                let pem = std::fs::read(path).map_err(|source| SimError::Authority { path: path.clone(), source })?;
                builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(&pem).map_err(SimError::Client)?)
            }
        };
        let client = builder.build().map_err(SimError::Client)?;
        let keys = Keys::Own(Vec::new());
        Ok(Self { client, server: server.trim_end_matches('/').to_owned(), keys, authorities: String::new(), progress })
    }

    /// Comes by the keys: one for all, or each computer's own from the gateway of the branch.
    pub(super) async fn enter(&mut self, office: &Office, entry: Entry) -> Result<(), SimError> {
        self.keys = match entry {
            Entry::Key(key) => Keys::Shared(key),
            Entry::JoinCode(code) => {
                let mut keys = Vec::with_capacity(office.computers.len());
                for computer in &office.computers {
                    let body =
                        json!({ "join_code": code.expose(), "computer_uid": computer.uid, "name": computer.name });
                    let url = format!("{}/local/agent/join", self.server);
                    let answer = self.until_taken(|| Ok(self.client.post(&url).json(&body))).await?;
                    let joined: Joined = answer.json().await.map_err(SimError::Answer)?;
                    keys.push(SecretText::new(joined.key));
                    self.authorities = joined.authorities;
                }
                Keys::Own(keys)
            }
        };
        Ok(())
    }

    pub(super) fn progress(&self) -> &'run Progress {
        self.progress
    }

    pub(super) async fn logs(&self, batch: &Batch) -> Result<(), SimError> {
        let response = self
            .until_taken(|| {
                let request = self.post("/v2/ingest/logs", batch.computer, &batch.key);
                let request = request.header(CONTENT_TYPE, "application/json").header(CONTENT_ENCODING, "zstd");
                Ok(request.body(batch.body.clone()))
            })
            .await?;
        let answer: IngestAnswer = response.json().await.map_err(SimError::Answer)?;
        self.progress.events.fetch_add(batch.events as u64, Relaxed);
        self.progress.batches.fetch_add(1, Relaxed);
        self.progress.duplicates.fetch_add(u64::from(answer.duplicate), Relaxed);
        self.progress.rejected.fetch_add(answer.rejected.len() as u64, Relaxed);
        Ok(())
    }

    pub(super) async fn screenshot(&self, key: &str, note: &ShotNote<'_>, jpeg: Vec<u8>) -> Result<(), SimError> {
        let computer = note.computer;
        let note = serde_json::to_string(note).map_err(|source| SimError::Encode(source.into()))?;
        self.until_taken(|| {
            let note = Part::text(note.clone()).mime_str("application/json").map_err(SimError::Client)?;
            let image =
                Part::bytes(jpeg.clone()).file_name("screen.jpg").mime_str("image/jpeg").map_err(SimError::Client)?;
            let request = self.post("/v2/ingest/screenshots", computer, key);
            Ok(request.multipart(Form::new().part("meta", note).part("image", image)))
        })
        .await?;
        self.progress.screenshots.fetch_add(1, Relaxed);
        Ok(())
    }

    /// Tells the gateway every half minute that each computer is there, as agents do.
    pub(super) async fn keep_heard(&self) -> Infallible {
        let beat = json!({ "version": env!("CARGO_PKG_VERSION"), "interval_secs": BEAT.as_secs() });
        let url = format!("{}/local/agent/heartbeat", self.server);
        loop {
            if let Keys::Own(keys) = &self.keys {
                for key in keys {
                    // Who is not heard says it again in half a minute.
                    drop(self.client.post(&url).bearer_auth(key.expose()).json(&beat).send().await);
                }
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    /// Who signs policies, PEM; empty without a gateway.
    pub(super) fn authorities(&self) -> &str {
        &self.authorities
    }

    /// Asks with the policy that a computer has, or with what is wrong with the last one, and waits for another one.
    /// Nothing at all where nobody hands out any.
    pub(super) async fn policy(
        &self,
        computer: usize,
        have: &str,
        wrong: &str,
    ) -> Result<Option<Option<SignedSheet>>, reqwest::Error> {
        let Keys::Own(keys) = &self.keys else { return Ok(None) };
        let Some(key) = keys.get(computer) else { return Ok(None) };
        let url = format!("{}/local/agent/policy", self.server);
        let told =
            [("have", have), ("error", wrong), ("wait", "25")].into_iter().filter(|(_, value)| !value.is_empty());
        let asked = self.client.get(&url).query(&told.collect::<Vec<_>>());
        let answer = asked.bearer_auth(key.expose()).send().await?;
        match answer.status() {
            StatusCode::OK => Ok(Some(Some(answer.json().await?))),
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => Ok(Some(None)),
            _ => answer.error_for_status().map(|_| Some(None)),
        }
    }

    fn post(&self, path: &str, computer: usize, name: &str) -> RequestBuilder {
        let key = match &self.keys {
            Keys::Shared(key) => Some(key),
            Keys::Own(keys) => keys.get(computer),
        };
        let key = key.map_or("", SecretText::expose);
        self.client.post(format!("{}{path}", self.server)).bearer_auth(key).header("idempotency-key", name)
    }

    /// Sends until the server takes it. A refusal that would be repeated word for word is an error; everything else waits.
    async fn until_taken(&self, request: impl Fn() -> Result<RequestBuilder, SimError>) -> Result<Response, SimError> {
        let mut attempt = 0;
        loop {
            let wait = match request()?.send().await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) if may_pass(response.status()) => pause(attempt, retry_after(&response)),
                Ok(response) => return Err(refused(response).await),
                Err(problem) if problem.is_builder() => return Err(SimError::Client(problem)),
                Err(problem) => {
                    if attempt == 3 {
                        tracing::warn!("the server does not answer, still trying: {problem}");
                    }
                    pause(attempt, None)
                }
            };
            self.progress.retries.fetch_add(1, Relaxed);
            attempt += 1;
            tokio::time::sleep(wait).await;
        }
    }
}

fn may_pass(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::REQUEST_TIMEOUT
}

fn retry_after(response: &Response) -> Option<u64> {
    response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()
}

/// What the server asks for, within reason; otherwise twice as long each time.
fn pause(attempt: u32, retry_after: Option<u64>) -> Duration {
    let pause = retry_after.map_or(Duration::from_millis(200) * 2_u32.pow(attempt.min(8)), Duration::from_secs);
    pause.clamp(Duration::from_millis(50), LONGEST_PAUSE)
}

async fn refused(response: Response) -> SimError {
    let status = response.status().as_u16();
    let mut detail = response.text().await.unwrap_or_default();
    if let Some((end, _)) = detail.char_indices().nth(300) {
        detail.truncate(end);
    }
    SimError::Refused { status, detail }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pause;

    #[test]
    fn pauses_follow_the_server_or_grow_to_fifteen_seconds() {
        assert_eq!(pause(0, Some(2)), Duration::from_secs(2));
        assert_eq!(pause(0, Some(3_600)), Duration::from_secs(15));
        assert_eq!(pause(0, None), Duration::from_millis(200));
        assert_eq!(pause(3, None), Duration::from_millis(1_600));
        assert_eq!(pause(90, None), Duration::from_secs(15));
    }
}
