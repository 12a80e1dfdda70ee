//! What happens to a command that comes in: once, whatever is repeated and whoever is killed.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use anyhow::Context as _;
use nazorat_wire::Order;
use nazorat_wire::OrderError;
use nazorat_wire::frame::Command;
use nazorat_wire::frame::Ending;
use nazorat_wire::frame::Outcome;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::ControlConfig;
use super::hands::Done;
use super::hands::Failed;
use super::hands::Hands;
use super::journal;
use super::journal::Journal;
use super::rules::SOCKET_BODY;
use crate::kernel::Timestamp;
use crate::runtime::blocking;
use crate::uplink::Hop;

/// Commands that wait to be done; the appliance has no more of them open at once.
const MOST_WAITING: usize = 64;

/// What is said about a command at once.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// It has come and is written down.
    Ack(Option<String>),
    /// It is over.
    Result(Outcome),
    /// Nothing: it could not be written down, so it is to be sent again.
    Nothing,
}

struct Job {
    id: Uuid,
    order: Order,
}

/// The commands that were ever begun. Cheap to clone.
#[derive(Clone)]
pub(super) struct Ledger {
    journal: Arc<Mutex<Journal>>,
    jobs: mpsc::Sender<Job>,
}

/// Does one command after another.
pub(super) struct Worker {
    hand: Hand,
    jobs: mpsc::Receiver<Job>,
}

/// What one job needs, so that several may be done at once. Cheap to clone.
#[derive(Clone)]
struct Hand {
    ledger: Ledger,
    hands: Arc<Hands>,
    done: mpsc::Sender<Outcome>,
}

impl Ledger {
    /// Reads what was begun. Blocks.
    pub(super) fn open(
        config: &ControlConfig,
        hands: Hands,
    ) -> anyhow::Result<(Self, Worker, mpsc::Receiver<Outcome>)> {
        let path = journal::file(&config.folder);
        let journal = Journal::open(path.clone()).with_context(|| format!("{} cannot be opened", path.display()))?;
        let (jobs, queue) = mpsc::channel(MOST_WAITING);
        let (sender, done) = mpsc::channel(MOST_WAITING);
        let ledger = Self { journal: Arc::new(Mutex::new(journal)), jobs };
        let hand = Hand { ledger: ledger.clone(), hands: Arc::new(hands), done: sender };
        Ok((ledger, Worker { hand, jobs: queue }, done))
    }

    /// Takes a command in. `now` is the appliance's time.
    pub(super) async fn receive(&self, command: Command, now: Timestamp) -> Said {
        let ledger = self.clone();
        blocking(move || match ledger.take(&command, now) {
            Ok(said) => said,
            Err(problem) => {
                tracing::error!(command.id = %command.id, "a command could not be written down: {problem}");
                Said::Nothing
            }
        })
        .await
    }

    fn take(&self, command: &Command, now: Timestamp) -> io::Result<Said> {
        let id = command.id;
        let mut journal = self.journal();
        if let Some(known) = journal.find(id).cloned() {
            return match known.outcome {
                Some(outcome) => Ok(Said::Result(outcome)),
                None if known.ours => Ok(Said::Ack(None)),
                None => {
                    let outcome = after_restart(id, &known.kind);
                    journal.done(outcome.clone())?;
                    Ok(Said::Result(outcome))
                }
            };
        }
        if now >= command.expires_at {
            return Ok(Said::Result(over(id, Ending::Expired, None)));
        }
        let order = match Order::parse(&command.kind, &command.payload) {
            Ok(order) => order,
            Err(problem) => return Ok(Said::Result(refused(id, &problem))),
        };
        if command.agent.is_some() {
            let detail = "agents cannot be reached through this gateway yet".to_owned();
            return Ok(Said::Result(over(id, Ending::Failed, Some(("agent_not_reachable", detail)))));
        }
        let Ok(place) = self.jobs.try_reserve() else { return Ok(Said::Nothing) };
        journal.tidy(now)?;
        journal.begin(id, &command.kind, command.expires_at)?;
        let checksum = match &order {
            Order::ApplyConfig(tuning) => Some(tuning.checksum()),
            Order::ApplyPolicies { checksum } | Order::ApplyDevices { checksum } => Some(checksum.clone()),
            _ => None,
        };
        place.send(Job { id, order });
        Ok(Said::Ack(checksum))
    }

    async fn done(&self, outcome: Outcome) -> io::Result<()> {
        let ledger = self.clone();
        blocking(move || ledger.journal().done(outcome)).await
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Works until the token is cancelled.
    pub(super) async fn run(mut self, stop: CancellationToken) -> Result<(), Infallible> {
        loop {
            let job = tokio::select! {
                job = self.jobs.recv() => job,
                () = stop.cancelled() => return Ok(()),
            };
            let Some(job) = job else { return Ok(()) };
            match job.order {
                // A device that is slow must hold up no other one: somebody stands before a door. A search takes long.
                Order::Device(_) | Order::FindDevices { .. } => {
                    self.hand.hands.beside(self.hand.clone().carry_out(job))
                }
                _ => self.hand.clone().carry_out(job).await,
            }
        }
    }
}

impl Hand {
    async fn carry_out(self, Job { id, order }: Job) {
        let kind = order.kind();
        tracing::info!(command.id = %id, "doing what the appliance asked for: {kind}");
        let outcome = match self.hands.carry_out(order).await {
            Ok(Done::Now(body)) => Outcome { body, ..over(id, Ending::Succeeded, None) },
            Ok(Done::WithTheNextStart) => return,
            Err(failed) => over(id, Ending::Failed, Some(failed)),
        };
        if let Err(problem) = self.ledger.done(outcome.clone()).await {
            // It is told as interrupted after the next start; told as done now, it could be told twice.
            tracing::error!(command.id = %id, "the result of a command could not be written down: {problem}");
            return;
        }
        // When nobody is connected the appliance asks for it later.
        drop(self.done.try_send(outcome));
    }
}

/// Tells a result by a request of its own; true when the appliance has it or does not want it.
pub(super) async fn tell(hop: &Hop, outcome: &Outcome) -> bool {
    let path = format!("/v2/gateway/commands/{}/ack", outcome.id);
    let body = json!({ "result": {
        "status": outcome.status, "code": outcome.code, "detail": outcome.detail, "body": outcome.body,
    } });
    match hop.ask(http::Method::POST, &path, body.to_string()).await {
        Ok((200 | 404 | 409 | 413, _)) => true,
        Ok((status, _)) => {
            tracing::warn!(command.id = %outcome.id, "the appliance answered {status} to the result of a command");
            false
        }
        Err(problem) => {
            tracing::warn!(command.id = %outcome.id, "the result of a command could not be told: {problem}");
            false
        }
    }
}

/// True when a result is too large for a message.
pub(super) fn is_large(outcome: &Outcome) -> bool {
    outcome.body.as_ref().is_some_and(|body| body.to_string().len() > SOCKET_BODY)
}

/// How something ended that was begun by a process that is gone.
fn after_restart(id: Uuid, kind: &str) -> Outcome {
    if kind == Order::RestartAgent.kind() {
        return over(id, Ending::Succeeded, None);
    }
    let detail = "the gateway was started again while it was being done; whether it was done is not known".to_owned();
    over(id, Ending::Failed, Some(("interrupted", detail)))
}

fn refused(id: Uuid, problem: &OrderError) -> Outcome {
    let code = match problem {
        OrderError::Unknown(_) => "unknown_command",
        OrderError::Field { .. } | OrderError::Value { .. } => "bad_payload",
    };
    over(id, Ending::Failed, Some((code, problem.to_string())))
}

fn over(id: Uuid, status: Ending, failed: Option<Failed>) -> Outcome {
    let (code, detail) = failed.map_or((None, None), |(code, detail)| (Some(code.to_owned()), Some(detail)));
    Outcome { id, status, code, detail, body: None }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::Mutex;

    use nazorat_wire::Tuning;
    use nazorat_wire::frame::Command;
    use nazorat_wire::frame::Ending;
    use nazorat_wire::frame::Outcome;
    use serde_json::Value;
    use serde_json::json;
    use tokio::sync::mpsc;
    use uuid::Uuid;

    use super::Job;
    use super::Ledger;
    use super::MOST_WAITING;
    use super::Said;
    use super::is_large;
    use super::over;
    use crate::edge::control::journal;
    use crate::edge::control::journal::Journal;
    use crate::kernel::Timestamp;

    fn open(folder: &Path) -> (Ledger, mpsc::Receiver<Job>) {
        let journal = Journal::open(journal::file(folder)).unwrap();
        let (jobs, queue) = mpsc::channel(MOST_WAITING);
        (Ledger { journal: Arc::new(Mutex::new(journal)), jobs }, queue)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Expires at second 100.
    fn command(number: u128, kind: &str, payload: Value) -> Command {
        let payload = payload.as_object().cloned().unwrap();
        let kind = kind.to_owned();
        Command { id: Uuid::from_u128(number), kind, payload, agent: None, expires_at: at(100), attempt: 1 }
    }

    fn ended(said: Said) -> (Ending, String) {
        match said {
            Said::Result(outcome) => (outcome.status, outcome.code.unwrap_or_default()),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_command_is_begun_once_and_its_result_is_told_again() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, mut queue) = open(folder.path());
        let ping = || command(1, "ping", json!({}));
        for _ in 0..3 {
            assert_eq!(ledger.receive(ping(), at(50)).await, Said::Ack(None));
        }
        assert!(queue.try_recv().is_ok() && queue.try_recv().is_err());
        let outcome = Outcome { body: Some("pong".into()), ..over(Uuid::from_u128(1), Ending::Succeeded, None) };
        ledger.done(outcome.clone()).await.unwrap();
        // Also when it has expired meanwhile, and after a new start.
        assert_eq!(ledger.receive(ping(), at(500)).await, Said::Result(outcome.clone()));
        let (ledger, mut queue) = open(folder.path());
        assert_eq!(ledger.receive(ping(), at(500)).await, Said::Result(outcome));
        assert!(queue.try_recv().is_err());
    }

    #[tokio::test]
    async fn what_a_killed_process_had_begun_is_not_begun_again() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, queue) = open(folder.path());
        let tuning = Tuning { bytes_per_second: Some(64_000), buffer_bytes: None };
        let tune = || command(1, "apply_config", json!({ "bytes_per_second": 64_000 }));
        assert_eq!(ledger.receive(tune(), at(50)).await, Said::Ack(Some(tuning.checksum())));
        assert_eq!(ledger.receive(command(2, "restart_agent", json!({})), at(50)).await, Said::Ack(None));
        drop((ledger, queue));
        let (ledger, mut queue) = open(folder.path());
        assert_eq!(ended(ledger.receive(tune(), at(50)).await), (Ending::Failed, "interrupted".to_owned()));
        // That it runs again is what was asked for.
        let restarted = ledger.receive(command(2, "restart_agent", json!({})), at(50)).await;
        assert_eq!(ended(restarted), (Ending::Succeeded, String::new()));
        assert!(queue.try_recv().is_err());
    }

    #[tokio::test]
    async fn what_is_too_late_or_cannot_be_done_is_not_begun() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, mut queue) = open(folder.path());
        let ask = async |command, now| ended(ledger.receive(command, at(now)).await);
        assert_eq!(ask(command(1, "ping", json!({})), 100).await.0, Ending::Expired);
        assert_eq!(ask(command(2, "open_door", json!({})), 1).await.1, "unknown_command");
        assert_eq!(ask(command(3, "ping", json!({ "x": 1 })), 1).await.1, "bad_payload");
        let of_agent = Command { agent: Some(7), ..command(4, "ping", json!({})) };
        assert_eq!(ask(of_agent, 1).await.1, "agent_not_reachable");
        assert!(queue.try_recv().is_err());
        for number in 10..10 + MOST_WAITING as u128 {
            assert_eq!(ledger.receive(command(number, "ping", json!({})), at(1)).await, Said::Ack(None));
        }
        assert_eq!(ledger.receive(command(5, "ping", json!({})), at(1)).await, Said::Nothing);
        assert!(queue.try_recv().is_ok());
        assert_eq!(ledger.receive(command(5, "ping", json!({})), at(1)).await, Said::Ack(None));
    }

    #[test]
    fn only_small_results_go_through_the_socket() {
        let with =
            |bytes| Outcome { body: Some("x".repeat(bytes).into()), ..over(Uuid::nil(), Ending::Succeeded, None) };
        assert!(!is_large(&with(1_000)) && is_large(&with(60_000)));
    }
}
