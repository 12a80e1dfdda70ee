//! Durable before it is answered, stored exactly once, freed when the intake has it.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use nazorat_spool::AppendError;
use nazorat_spool::NewRecord;
use nazorat_spool::Options;
use nazorat_spool::Spool;
use nazorat_wire::Accepted;
use nazorat_wire::Event as WireEvent;
use nazorat_wire::encode_event;
use sha2::Digest as _;
use sha2::Sha256;
use tokio::sync::Notify;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tracing::error;
use tracing::warn;

use super::buckets::Kept;
use super::facts::Kind;
use super::merge::Beat;
use super::merge::Event;
use super::records::Beats;
use super::records::Cut;
use super::records::Leaving;
use super::records::Record;
use super::state::State;
use super::state::Who;
use crate::ingest::Sink;
use crate::intake::AcceptError;
use crate::intake::BatchKey;
use crate::intake::NewBatch;
use crate::intake::Source;
use crate::kernel::Clock;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::runtime::blocking;

/// How often open events leave in part, so that the day can be watched while it happens.
pub const CUT_EVERY: Duration = Duration::from_secs(30);
/// So many new events leave at once.
const CUT_EVENTS: usize = 5_000;
/// Bound of the spool; from here on heartbeats are refused, so that there is always room for a cut.
const SPOOL_BYTES: u64 = 256 << 20;
const REFUSE_BYTES: u64 = SPOOL_BYTES / 10 * 7;
/// KiB of requests on their way to the disk: less than what makes the spool wait, because waiting loses the order.
const ROOM_KIB: u32 = 16 << 10;
/// Up to here every cut was taken by the intake.
const SENT: &str = "sent";

/// Whose data the watchers bring; nobody's while there is no organization.
pub type Home = Arc<dyn Fn() -> Option<OrganizationId> + Send + Sync>;

/// Where it works and for whom.
#[derive(Clone)]
pub struct Config {
    /// `DATA/activitywatch`.
    pub folder: PathBuf,
    /// The name of this machine, for watchers that do not know it.
    pub host: String,
    /// Whose data it is.
    pub home: Home,
    /// Who sits here, where that is known better than watchers know it.
    pub stamp: Option<Stamp>,
}

/// Stands on every event instead of what a watcher says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The machine's stable id.
    pub computer_uid: String,
    /// The account that the watchers run under.
    pub user_name: String,
}

impl Config {
    /// Of whom an event of a bucket is, if there is a stamp or the bucket does not say.
    pub(super) fn who(&self) -> Who<'_> {
        Who { host: &self.host, stamp: self.stamp.as_ref() }
    }
}

/// The journal cannot be opened or has failed.
#[derive(Debug, thiserror::Error)]
pub enum ActivityWatchError {
    /// The spool cannot be opened.
    #[error("spool of heartbeats cannot be opened")]
    Open(#[from] nazorat_spool::OpenError),
    /// The spool cannot be read.
    #[error("spool of heartbeats cannot be read")]
    Read(#[from] nazorat_spool::ReadError),
    /// A newer program wrote this record.
    #[error("record {0} in the spool of heartbeats was written by a newer nazorat; start that version again")]
    Unknown(u64),
    /// The file of buckets cannot be used.
    #[error("{path} cannot be used")]
    Buckets {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The disk failed; the process must end.
    #[error("spool of heartbeats failed: {0}")]
    Failed(Arc<str>),
}

/// What waits did not leave.
#[derive(Debug, thiserror::Error)]
pub(super) enum FlushError {
    #[error("the next hop takes nothing: {0}")]
    Sink(#[from] AcceptError),
    #[error("the cut could not be kept: {0}")]
    Append(#[from] AppendError),
    #[error("the cut could not be written down: {0}")]
    Encode(#[from] serde_json::Error),
    #[error("the spool could not be freed: {0}")]
    State(#[from] nazorat_spool::StateError),
    #[error("what may be kept cannot be told just now: {0}")]
    Unjudged(String),
}

/// Buckets, events and their journal. Cheap to clone.
#[derive(Clone)]
pub struct ActivityWatch(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) config: Config,
    pub(super) clock: Clock,
    pub(super) saving: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    spool: Spool,
    pub(super) sink: Arc<dyn Sink>,
    room: Semaphore,
    refusing: AtomicBool,
    wake: Notify,
    /// Cuts that are durable and that the intake does not have yet.
    unsent: tokio::sync::Mutex<VecDeque<(u64, Bytes)>>,
}

impl ActivityWatch {
    /// Opens the folder and does again what had not left. Blocks.
    pub fn open(config: Config, sink: Arc<dyn Sink>, clock: Clock) -> Result<Self, ActivityWatchError> {
        let path = config.folder.join("buckets.json");
        let unusable = |source| ActivityWatchError::Buckets { path: path.clone(), source };
        std::fs::create_dir_all(&config.folder).map_err(unusable)?;
        let kept = Kept::read(&path).map_err(unusable)?;
        let time = clock.clone();
        let mut options = Options::new(Arc::new(move || time.now().as_microsecond()));
        options.max_bytes = SPOOL_BYTES;
        options.max_age = None;
        let (spool, _) = Spool::open(&config.folder.join("spool"), options)?;
        let mut state = State::new(kept);
        let unsent = replay(&spool, &mut state)?;
        Ok(Self(Arc::new(Inner {
            config,
            clock,
            saving: tokio::sync::Mutex::default(),
            state: Mutex::new(state),
            spool,
            sink,
            room: Semaphore::new(ROOM_KIB as usize),
            refusing: AtomicBool::new(false),
            wake: Notify::new(),
            unsent: tokio::sync::Mutex::new(unsent),
        })))
    }

    /// Sends what may leave until the token is cancelled, and once more then.
    pub async fn run(self, stop: CancellationToken) -> Result<(), ActivityWatchError> {
        self.run_every(CUT_EVERY, stop).await
    }

    /// The same, as often as somebody wants it.
    pub async fn run_every(self, every: Duration, stop: CancellationToken) -> Result<(), ActivityWatchError> {
        let mut failure = self.0.spool.failure();
        loop {
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                () = self.0.wake.notified() => {}
                () = stop.cancelled() => {}
                Ok(reason) = failure.wait_for(Option::is_some) => {
                    return Err(ActivityWatchError::Failed(reason.clone().unwrap_or_else(|| "unknown".into())));
                }
            }
            let stopping = stop.is_cancelled();
            if let Err(problem) = self.flush().await {
                warn!("heartbeats wait: {problem}");
                if !stopping {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            self.0.refusing.store(self.0.spool.stats().bytes > REFUSE_BYTES, Ordering::Relaxed);
            if stopping {
                return Ok(());
            }
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what may be kept of heartbeats (or events, without a pulse); durable on return. `None` when there is no such
    /// bucket.
    pub(super) async fn take_judged(
        &self,
        bucket: &str,
        pulse: Option<i64>,
        beats: Vec<Beat>,
    ) -> Result<Option<Vec<Event>>, FlushError> {
        let kind = self.state().kind(bucket);
        let Some(kind) = kind else { return Ok(None) };
        if kind == Kind::Other {
            return Ok(Some(self.state().take(bucket, pulse, beats)));
        }
        if self.0.refusing.load(Ordering::Relaxed) {
            return Err(AppendError::Full { retry_after: CUT_EVERY }.into());
        }
        let record = Record::Beats(Beats { bucket: bucket.into(), pulse, beats });
        let payload = Bytes::from(record.encode()?);
        let Record::Beats(Beats { beats, .. }) = record else { return Ok(None) };
        let cost = u32::try_from(payload.len() >> 10).unwrap_or(ROOM_KIB).clamp(1, ROOM_KIB);
        // The semaphore is never closed; without a permit only the bound would not hold.
        let _room = self.0.room.acquire_many(cost).await.ok();
        let (events, append, fresh) = {
            let mut state = self.state();
            if state.kind(bucket).is_none() {
                return Ok(None);
            }
            // Under one lock, so that the spool has the records in the order in which they were merged.
            let events = state.take(bucket, pulse, beats);
            (events, self.0.spool.append(NewRecord { class: 0, payload }), state.fresh())
        };
        if fresh >= CUT_EVENTS {
            self.0.wake.notify_one();
        }
        append.await?;
        Ok(Some(events))
    }

    /// Lets everything leave that may.
    pub(super) async fn flush(&self) -> Result<(), FlushError> {
        let mut unsent = self.0.unsent.lock().await;
        loop {
            while let Some((seq, payload)) = unsent.front().cloned() {
                self.send(seq, &payload).await?;
                unsent.pop_front();
            }
            let Some(organization) = (self.0.config.home)() else { return Ok(()) };
            let Some((seq, payload, more)) = self.cut(organization).await? else { return Ok(()) };
            unsent.push_back((seq, payload));
            self.state().tidy();
            if !more {
                while let Some((seq, payload)) = unsent.front().cloned() {
                    self.send(seq, &payload).await?;
                    unsent.pop_front();
                }
                return Ok(());
            }
        }
    }

    /// Makes a cut durable.
    pub(super) async fn cut(&self, organization: OrganizationId) -> Result<Option<(u64, Bytes, bool)>, FlushError> {
        let now = self.0.clock.now().as_microsecond();
        let holding = self.holding(organization).await?;
        let (taken, payload, append) = {
            let mut state = self.state();
            // What came under an earlier policy is not written down again as it was.
            if let Some(holding) = &holding {
                state.judge_anew(&**holding, self.0.config.who()).map_err(FlushError::Unjudged)?;
            }
            let Some(mut taken) = state.cut(now, organization, self.0.config.who()) else { return Ok(None) };
            let record = Record::Cut(std::mem::replace(&mut taken.cut, empty()));
            let payload = match record.encode() {
                Ok(payload) => Bytes::from(payload),
                Err(problem) => {
                    state.put_back(&taken);
                    return Err(problem.into());
                }
            };
            let append = self.0.spool.append(NewRecord { class: 0, payload: payload.clone() });
            (taken, payload, append)
        };
        match append.await {
            Ok(seq) => Ok(Some((seq, payload, taken.more))),
            Err(problem) => {
                self.state().put_back(&taken);
                Err(problem.into())
            }
        }
    }

    /// Hands a cut to the intake under the name that it will always have, then frees what lies before it.
    async fn send(&self, seq: u64, payload: &Bytes) -> Result<(), FlushError> {
        let Some(Record::Cut(cut)) = Record::decode(payload) else { return Ok(()) };
        if !cut.parts.is_empty() {
            let texts = texts(&cut);
            match self.0.sink.accept(batch(&cut, &texts, &self.name(seq), payload)).await {
                Ok(answer) => {
                    let rejected = answer.rejected.len() as u64;
                    metrics::counter!("nazorat_activitywatch_rejected_events_total").increment(rejected);
                }
                // It could be sent for ever and would never be taken.
                Err(AcceptError::OtherContent(name)) => error!("the next hop knows {name} with another content"),
                Err(problem) => return Err(problem.into()),
            }
        }
        let spool = self.0.spool.clone();
        let freed = blocking(move || {
            spool.set_cursor(SENT, seq)?;
            // The cut itself stays: it says how the events stand.
            spool.free_through(seq - 1)
        });
        freed.await?;
        Ok(())
    }

    /// The name of the batch that leaves with a cut.
    pub(super) fn name(&self, seq: u64) -> String {
        format!("aw:{}:{seq}", hex::encode(self.0.spool.epoch().as_bytes()))
    }
}

/// The parts as any agent would write them, so that one that is refused can be looked at.
pub(super) fn texts(cut: &Cut<'_>) -> Vec<String> {
    cut.parts.iter().map(|part| encode_event(&event(part))).collect()
}

fn event<'a>(part: &'a Leaving<'_>) -> WireEvent<'a> {
    WireEvent {
        ts: part.ts,
        computer_uid: part.computer_uid.as_ref().into(),
        user_sid: None,
        user_name: part.user_name.as_deref().map(Into::into),
        fact: part.fact.clone(),
    }
}

pub(super) fn batch<'a>(cut: &'a Cut<'_>, texts: &'a [String], name: &str, payload: &[u8]) -> NewBatch<'a> {
    let parts = (0_u32..).zip(cut.parts.iter().zip(texts));
    let events = parts.map(|(index, (part, raw))| Accepted { index, event: event(part), raw });
    NewBatch {
        organization: OrganizationId::new(cut.organization),
        source: Source::new("activitywatch"),
        key: BatchKey::parse(name).unwrap_or_default(),
        digest: Sha256::digest(payload).into(),
        received_at: Timestamp::from_microsecond(cut.at).unwrap_or(Timestamp::UNIX_EPOCH),
        events: events.collect(),
        rejected: Vec::new(),
        accesses: Vec::new(),
        screenshots: Vec::new(),
    }
}

/// Does again what the spool holds; the cuts that may not have been sent.
fn replay(spool: &Spool, state: &mut State) -> Result<VecDeque<(u64, Bytes)>, ActivityWatchError> {
    let sent = spool.cursor(SENT);
    let (mut unsent, mut next) = (VecDeque::new(), 1);
    loop {
        let batch = spool.read(next, 1_000, 32 << 20)?;
        for record in batch.records {
            let decoded = Record::decode(&record.payload).ok_or(ActivityWatchError::Unknown(record.seq))?;
            let is_cut = matches!(decoded, Record::Cut(_));
            state.replay(decoded);
            if is_cut && record.seq > sent {
                unsent.push_back((record.seq, record.payload));
            }
        }
        if batch.next <= next || batch.next > spool.stats().durable_seq {
            return Ok(unsent);
        }
        next = batch.next;
    }
}

fn empty() -> Cut<'static> {
    Cut { at: 0, organization: 0, next_id: 0, parts: Vec::new(), remainder: std::collections::BTreeMap::new() }
}
