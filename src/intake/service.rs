//! Taking a batch in: recognised, checked, made durable, answered.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use metrics::counter;
use nazorat_spool::NewRecord;
use nazorat_spool::Options;
use nazorat_spool::Spool;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Hub;
use nazorat_timeseries::Month;
use nazorat_timeseries::PartitionKey;
use nazorat_wire::IngestAnswer;
use sha2::Digest as _;
use sha2::Sha256;
use tokio::sync::broadcast;
use tracing::info;
use tracing::warn;

use crate::audit::Audit;
use crate::audit::Entry;
use crate::intake::AcceptError;
use crate::intake::BatchKey;
use crate::intake::Holding;
use crate::intake::IntakeError;
use crate::intake::NewBatch;
use crate::intake::Rules;
use crate::intake::Seen;
use crate::intake::ShotHead;
use crate::intake::Statuses;
use crate::intake::TimeWindow;
use crate::intake::keeping::Kept;
use crate::intake::noted;
use crate::intake::records;
use crate::intake::records::StoredBatch;
use crate::intake::rules;
use crate::intake::spread;
use crate::intake::window::Claim;
use crate::intake::window::KeyHash;
use crate::intake::window::Known;
use crate::intake::window::Taken;
use crate::intake::window::Window;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::random_bytes;
use crate::runtime::blocking;

/// Where the spool is and what is believed.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the spool.
    pub spool_dir: PathBuf,
    /// The most bytes that may wait.
    pub max_bytes: u64,
    /// Which times are believed.
    pub times: TimeWindow,
}

/// How far the applier is behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// Batches that wait to be applied.
    pub batches: u64,
    /// Bytes of the spool.
    pub bytes: u64,
    /// Age of the oldest batch that is not yet safe in a partition.
    pub oldest: Option<Duration>,
    /// Everything received until then can be seen in reports.
    pub applied_through: Timestamp,
    /// True while new events are refused.
    pub refusing: bool,
}

/// The durable line. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    pub(super) spool: Spool,
    pub(super) hub: Hub,
    pub(super) window: Window,
    pub(super) clock: Clock,
    audit: Audit,
    pub(super) progress: Arc<Progress>,
    pub(super) changes: broadcast::Sender<OrganizationId>,
    seen: broadcast::Sender<Arc<Seen>>,
    times: TimeWindow,
    /// Who knows what may be kept; everything may, without anybody who does.
    rules: Option<Arc<dyn Rules>>,
    /// Another one in each life of the process.
    life: Arc<str>,
}

/// Where the applier is.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) applied: AtomicU64,
    pub(super) received_us: AtomicI64,
    pub(super) no_room: AtomicBool,
}

impl Intake {
    /// Opens the spool and learns the names of the batches that wait in it. Blocks.
    pub fn open(config: Config, hub: Hub, audit: Audit, clock: Clock) -> Result<Self, IntakeError> {
        let spool_clock = clock.clone();
        let mut options = Options::new(Arc::new(move || spool_clock.now().as_microsecond()));
        options.max_bytes = config.max_bytes;
        options.max_age = None;
        let (spool, report) = Spool::open(&config.spool_dir, options)?;
        info!(spool.records = report.records, spool.torn_bytes = report.torn_bytes, "spool opened");
        if report.torn_bytes > 0 || report.set_aside > 0 {
            warn!(
                "spool lost an incomplete end of {} bytes; {} damaged places set aside",
                report.torn_bytes, report.set_aside
            );
        }
        let intake = Self {
            spool,
            hub,
            window: Window::default(),
            clock,
            audit,
            progress: Arc::default(),
            changes: broadcast::channel(256).0,
            seen: broadcast::channel(1_024).0,
            times: config.times,
            rules: None,
            life: hex::encode(random_bytes::<8>()).into(),
        };
        intake.learn_names()?;
        Ok(intake)
    }

    /// The same, holding to what somebody knows of what may be kept.
    pub fn holding_to(self, rules: Arc<dyn Rules>) -> Self {
        Self { rules: Some(rules), ..self }
    }

    /// Whether a screenshot may not be kept. Asked before the picture touches a disk.
    pub async fn withholds(&self, shot: ShotHead<'_>) -> Result<bool, AcceptError> {
        match self.holding(shot.organization).await? {
            Some(holding) => shot.is_withheld(&*holding).map_err(AcceptError::Unjudged),
            None => Ok(false),
        }
    }

    /// Who knows what may be kept, if anybody does.
    pub const fn rules(&self) -> Option<&Arc<dyn Rules>> {
        self.rules.as_ref()
    }

    async fn holding(&self, organization: OrganizationId) -> Result<Option<Box<dyn Holding>>, AcceptError> {
        match &self.rules {
            Some(rules) => rules.holding(organization).await.map_err(AcceptError::Unjudged),
            None => Ok(None),
        }
    }

    /// Takes a batch in. `Ok` means: it is on disk, and it will be stored exactly once.
    pub async fn accept(&self, batch: NewBatch<'_>) -> Result<IngestAnswer, AcceptError> {
        let sender = Actor::agent(batch.source.as_str(), batch.organization);
        let taken = self.accept_within(batch, self.times).await;
        if let Err(AcceptError::OtherContent(name)) = &taken {
            // A broken program, or somebody who tries names: the organization should see it.
            let entry = Entry::new("intake.key_reused").of(sender.organization()).on("batch", name);
            self.audit.record_rarely(&sender, entry).await;
        }
        taken.map(|answer| IngestAnswer { life: Some(self.life.to_string()), ..answer })
    }

    /// The same with other times that are believed.
    pub(super) async fn accept_within(
        &self,
        batch: NewBatch<'_>,
        times: TimeWindow,
    ) -> Result<IngestAnswer, AcceptError> {
        let Some(holding) = self.holding(batch.organization).await? else { return self.take(batch, times).await };
        let NewBatch { organization, source, key, digest, received_at, events, accesses, rejected, screenshots } =
            batch;
        let kept = Kept::of(events, &*holding).map_err(AcceptError::Unjudged)?;
        let events = kept.events();
        let batch =
            NewBatch { organization, source, key, digest, received_at, events, accesses, rejected, screenshots };
        let answer = self.take(batch, times).await?;
        Ok(IngestAnswer { withheld: kept.withheld, ..answer })
    }

    async fn take(&self, batch: NewBatch<'_>, times: TimeWindow) -> Result<IngestAnswer, AcceptError> {
        if self.progress.no_room.load(Ordering::Relaxed) {
            return Err(no_room("the disk is nearly full"));
        }
        let key = batch.key.as_str().to_owned();
        let name = batch.key.hash(batch.organization);
        let digest = batch.digest;
        let claim = match self.window.claim(name) {
            Ok(claim) => claim,
            Err(Known::InFlight) => return Err(AcceptError::InFlight(key)),
            Err(Known::Done(taken)) if taken.digest == digest => return Ok(again((*taken.answer).clone())),
            Err(Known::Done(_)) => return Err(AcceptError::OtherContent(key)),
        };
        let prepared = self.prepare(batch, name, times).map_err(AcceptError::Failed)?;
        if let Some((known, answer)) = self.look_up(&prepared, name).await? {
            drop(claim);
            return if known == digest { Ok(again(answer.named(&key))) } else { Err(AcceptError::OtherContent(key)) };
        }
        self.append(claim, prepared, digest).await
    }

    /// Takes in what became of gateways and terminals. `Ok` means: it is on disk, and it will be stored exactly once.
    pub async fn note(&self, organization: OrganizationId, statuses: Statuses) -> Result<(), AcceptError> {
        if self.progress.no_room.load(Ordering::Relaxed) {
            return Err(no_room("the disk is nearly full"));
        }
        let key = BatchKey::new();
        let name = key.hash(organization);
        let digest: [u8; 32] = Sha256::digest(key.as_str().as_bytes()).into();
        let claim = self.window.claim(name).map_err(|_| AcceptError::InFlight(key.as_str().to_owned()))?;
        let stored = noted::stored(organization, (key.as_str(), name, digest), self.clock.now(), &statuses);
        let payload = stored.encode().map_err(AcceptError::Failed)?;
        let prepared = Prepared { payload, answer: stored.answer(), touched: Vec::new(), seen: None };
        self.append(claim, prepared, digest).await.map(drop)
    }

    /// Told after every applied batch whose organization's data has changed.
    pub fn changes(&self) -> broadcast::Receiver<OrganizationId> {
        self.changes.subscribe()
    }

    /// Told what terminals saw as soon as it is durable, long before it is in a partition.
    pub fn seen(&self) -> broadcast::Receiver<Arc<Seen>> {
        self.seen.subscribe()
    }

    /// How far the applier is behind.
    pub fn backlog(&self) -> Backlog {
        let stats = self.spool.stats();
        let applied = self.progress.applied.load(Ordering::Acquire);
        let now = self.clock.now();
        let seen = self.progress.received_us.load(Ordering::Acquire);
        let applied_through =
            if applied >= stats.durable_seq { now } else { Timestamp::from_microsecond(seen).unwrap_or(now) };
        Backlog {
            batches: stats.durable_seq.saturating_sub(applied),
            bytes: stats.bytes,
            oldest: stats.oldest_age,
            applied_through,
            refusing: stats.full || stats.failed || self.progress.no_room.load(Ordering::Relaxed),
        }
    }

    /// Becomes `Some` when the spool's disk failed: the process must end then.
    pub fn failure(&self) -> tokio::sync::watch::Receiver<Option<Arc<str>>> {
        self.spool.failure()
    }

    /// Refuses or takes new batches, decided by whoever watches the disk.
    pub fn set_no_room(&self, no_room: bool) {
        self.progress.no_room.store(no_room, Ordering::Relaxed);
    }

    fn prepare(&self, mut batch: NewBatch<'_>, name: KeyHash, times: TimeWindow) -> Result<Prepared, IntakeError> {
        let received_at = batch.received_at;
        let organization = batch.organization.get();
        let rejected_month = Month::of_us(received_at.as_microsecond());
        let mut touched: Vec<PartitionKey> = Vec::new();
        let mut touch = |dataset, month| {
            let key = PartitionKey { organization, dataset, month };
            if touched.last() != Some(&key) && !touched.contains(&key) {
                touched.push(key);
            }
        };
        let (mut skewed, mut late) = (0_u64, Vec::new());
        let mut believed = |times, index, ts, raw| match rules::disbelief(times, received_at, ts) {
            None => {
                skewed += u64::from(rules::skewed(received_at, ts));
                true
            }
            Some((code, detail)) => {
                late.push(nazorat_wire::EventError { index, code, detail, raw });
                false
            }
        };
        batch.events.retain(|one| {
            touch(rules::dataset_of(&one.event.fact), Month::of_us(one.event.ts));
            believed(times, one.index, one.event.ts, one.raw)
        });
        batch.accesses.retain(|one| {
            let ts = one.event.ts.as_microsecond();
            touch(Dataset::AccessEvents, Month::of_us(ts));
            let times = TimeWindow { accept_days: times.accept_days.max(TimeWindow::ACCESS_DAYS) };
            believed(times, one.index, ts, one.raw)
        });
        batch.screenshots.retain(|one| {
            touch(Dataset::Screenshots, Month::of_us(one.ts.as_microsecond()));
            believed(times, one.index, one.ts.as_microsecond(), one.raw)
        });
        batch.rejected.extend(late);
        batch.rejected.sort_unstable_by_key(|one| one.index);
        // A batch whose events were all refused is known only in the dead letters of the month it first came in.
        let before = Month::of_us(rejected_month.start_us() - 1);
        for month in [rejected_month, before, Month::of_us(before.start_us() - 1)] {
            touch(Dataset::RejectedEvents, month);
        }
        counter!("nazorat_ingest_skewed_events_total").increment(skewed);
        let stored = spread::stored(&batch, name);
        let answer = stored.answer();
        let payload = stored.encode()?;
        let events: Vec<_> = batch.accesses.into_iter().map(|one| one.event).collect();
        let seen = (!events.is_empty()).then_some(Seen { organization: batch.organization, received_at, events });
        Ok(Prepared { payload, answer, touched, seen })
    }

    /// What the ledgers say of a name that is not in the window.
    async fn look_up(&self, prepared: &Prepared, name: KeyHash) -> Result<Option<([u8; 32], OldAnswer)>, AcceptError> {
        let hub = self.hub.clone();
        let touched = prepared.touched.clone();
        let found = blocking(move || {
            for partition in &touched {
                if let Some(entry) = hub.knows(partition, &name)? {
                    return Ok(Some((entry.digest, OldAnswer(entry.answer))));
                }
            }
            Ok(None)
        });
        found.await.map_err(|problem| AcceptError::Failed(IntakeError::Hub(problem)))
    }

    async fn append(&self, claim: Claim, prepared: Prepared, digest: [u8; 32]) -> Result<IngestAnswer, AcceptError> {
        let record = NewRecord { class: 0, payload: prepared.payload.into() };
        let seq = self.spool.append(record).await?;
        let answer = Arc::new(prepared.answer);
        claim.taken(Taken { digest, seq, answer: Arc::clone(&answer) });
        if let Some(seen) = prepared.seen {
            // Nobody listening is fine.
            drop(self.seen.send(Arc::new(seen)));
        }
        counter!("nazorat_ingest_batches_total").increment(1);
        counter!("nazorat_ingest_events_total").increment(u64::from(answer.accepted));
        counter!("nazorat_ingest_rejected_events_total").increment(answer.rejected.len() as u64);
        Ok((*answer).clone())
    }

    /// Fills the window from the spool.
    fn learn_names(&self) -> Result<(), IntakeError> {
        let mut next = 1;
        loop {
            let batch = self.spool.read(next, 1_000, 32 << 20)?;
            if batch.next == next {
                return Ok(());
            }
            next = batch.next;
            for record in &batch.records {
                let stored = records::decode(&record.payload).ok_or(IntakeError::Unknown(record.seq))?;
                let answer = Arc::new(stored.answer());
                self.window.remember(stored.key_hash, Taken { digest: stored.digest, seq: record.seq, answer });
            }
        }
    }
}

struct Prepared {
    payload: Vec<u8>,
    answer: IngestAnswer,
    touched: Vec<PartitionKey>,
    seen: Option<Seen>,
}

/// The answer as a ledger keeps it.
struct OldAnswer(Option<String>);

impl OldAnswer {
    fn named(self, key: &str) -> IngestAnswer {
        let kept = self.0.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let (accepted, rejected) = kept.unwrap_or_default();
        IngestAnswer { batch_id: key.to_owned(), accepted, duplicate: true, rejected, withheld: 0, life: None }
    }
}

/// What a ledger keeps of an answer, so that it can be given again after years.
pub(super) fn kept_answer(stored: &StoredBatch<'_>) -> String {
    let answer = stored.answer();
    serde_json::to_string(&(answer.accepted, answer.rejected)).unwrap_or_default()
}

fn again(answer: IngestAnswer) -> IngestAnswer {
    counter!("nazorat_ingest_duplicate_batches_total").increment(1);
    IngestAnswer { duplicate: true, ..answer }
}

fn no_room(why: &'static str) -> AcceptError {
    AcceptError::NoRoom { why, retry_after: Duration::from_secs(30) }
}
