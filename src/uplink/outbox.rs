//! The durable queue of an edge: takes batches in, and gives out what the next one to the next hop is made of.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use metrics::counter;
use metrics::gauge;
use nazorat_spool::Batch;
use nazorat_spool::Epoch;
use nazorat_spool::Evict;
use nazorat_spool::Grace;
use nazorat_spool::NewRecord;
use nazorat_spool::Options;
use nazorat_spool::ReadError;
use nazorat_spool::Spool;
use nazorat_spool::Stats;
use nazorat_wire::IngestAnswer;
use nazorat_wire::Rejection;
use sha2::Digest as _;
use sha2::Sha256;
use tokio::sync::Notify;
use tokio::sync::watch;
use tracing::error;
use tracing::info;
use tracing::warn;

use crate::intake::AcceptError;
use crate::intake::Holding;
use crate::intake::IntakeError;
use crate::intake::Kept;
use crate::intake::Mark;
use crate::intake::NewBatch;
use crate::intake::Rules;
use crate::intake::ShotHead;
use crate::kernel::Clock;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::runtime::blocking;
use crate::uplink::UplinkError;
use crate::uplink::gathering::Gathered;
use crate::uplink::gathering::Gathering;
use crate::uplink::gathering::Until;
use crate::uplink::names::Known;
use crate::uplink::names::Names;
use crate::uplink::records;
use crate::uplink::rules::Point;
use crate::uplink::rules::scoped;

/// How much of the spool is in memory at once while a batch is made.
const READ_RECORDS: usize = 500;
const READ_BYTES: usize = 2 << 20;

/// Where the queue lies and how much it may hold.
#[derive(Debug, Clone)]
pub struct OutboxConfig {
    /// Folder of the spool and what belongs to it.
    pub folder: PathBuf,
    /// The most bytes that may wait; from four fifths on the oldest are given up, with a note.
    pub max_bytes: u64,
    /// The longest that something may wait.
    pub max_age: Duration,
}

/// The queue. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    pub(super) spool: Spool,
    pub(super) names: Names,
    pub(super) folder: Arc<PathBuf>,
    clock: Clock,
    /// Records that have left although older ones have not.
    ahead: Arc<AtomicU64>,
    /// Something should not wait for company.
    pub(super) urgent: Arc<Notify>,
    /// Who knows what may be kept; everything may, without anybody who does.
    rules: Option<Arc<dyn Rules>>,
}

/// What holds now, and what held before: by one of them every batch was judged that has a name.
#[derive(Clone, Default)]
pub(super) struct Judges {
    pub(super) now: Option<Arc<dyn Holding>>,
    earlier: Vec<Arc<dyn Holding>>,
}

/// A batch that has a name: from where to where it goes, and the SHA-256 of its body then.
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) start: Point,
    pub(super) end: Point,
    pub(super) digest: [u8; 32],
}

/// What it is made of, and its body.
type Made = (Gathered, Vec<u8>);

impl Judges {
    /// All of them, the likeliest first; also nobody.
    pub(super) fn all(&self) -> impl Iterator<Item = Option<Arc<dyn Holding>>> {
        let now = self.now.iter().cloned().map(Some);
        now.chain([None]).chain(self.earlier.iter().cloned().map(Some))
    }
}

/// How the spool is read: with or without what has left.
type Reading = fn(&Spool, u64, usize, usize) -> Result<Batch, ReadError>;

/// SHA-256 of a body.
pub(super) fn digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

impl Outbox {
    /// Opens the spool and learns the names in it. Blocks.
    pub fn open(config: OutboxConfig, clock: Clock) -> Result<Self, UplinkError> {
        let time = clock.clone();
        let mut options = Options::new(Arc::new(move || time.now().as_microsecond()));
        options.max_bytes = config.max_bytes;
        options.max_age = Some(config.max_age);
        options.evict = Evict::LeastImportant;
        options.grace = Grace::Keep;
        let (spool, report) = Spool::open(&config.folder.join("spool"), options)?;
        info!(spool.records = report.records, spool.torn_bytes = report.torn_bytes, "buffer opened");
        if report.torn_bytes > 0 || report.set_aside > 0 {
            warn!(
                "the buffer lost an incomplete end of {} bytes; {} damaged places set aside",
                report.torn_bytes, report.set_aside
            );
        }
        let lines = config.folder.join("lines.json");
        let names = Names::open(&lines).map_err(|source| UplinkError::Names { path: lines, source })?;
        let outbox = Self {
            spool,
            names,
            folder: Arc::new(config.folder),
            clock,
            ahead: Arc::default(),
            urgent: Arc::default(),
            rules: None,
        };
        outbox.learn_names()?;
        Ok(outbox)
    }

    /// The same, holding to what somebody knows of what may be kept.
    #[must_use]
    pub fn holding_to(self, rules: Arc<dyn Rules>) -> Self {
        Self { rules: Some(rules), ..self }
    }

    /// What was taken in last goes out as soon as it can, with everything before it.
    pub fn hurry(&self) {
        self.urgent.notify_one();
    }

    /// Who knows what may be kept, if anybody does.
    pub const fn rules(&self) -> Option<&Arc<dyn Rules>> {
        self.rules.as_ref()
    }

    async fn holding(&self) -> Result<Option<Box<dyn Holding>>, String> {
        match &self.rules {
            // The gateway's own key decides whose data it is when it arrives; here there is only one.
            Some(rules) => rules.holding(OrganizationId::new(1)).await,
            None => Ok(None),
        }
    }

    /// Who judges what is sent on.
    pub(super) async fn judges(&self) -> Result<Judges, String> {
        let now = self.holding().await?.map(Arc::from);
        let earlier = self.rules.as_ref().map(|rules| rules.earlier()).unwrap_or_default();
        Ok(Judges { now, earlier })
    }

    /// Whether a screenshot may not be kept. Asked before the picture touches a disk.
    pub async fn withholds(&self, shot: ShotHead<'_>) -> Result<bool, AcceptError> {
        match self.holding().await.map_err(AcceptError::Unjudged)? {
            Some(holding) => shot.is_withheld(&*holding).map_err(AcceptError::Unjudged),
            None => Ok(false),
        }
    }

    /// Takes a batch in. `Ok` means that what may be kept of it is on disk and will be sent on until the next hop has it.
    pub async fn accept(&self, batch: NewBatch<'_>) -> Result<IngestAnswer, AcceptError> {
        let holding = self.holding().await.map_err(AcceptError::Unjudged)?;
        let Some(holding) = holding else { return self.take(batch, None).await };
        let NewBatch { organization, source, key, digest, received_at, events, accesses, rejected, screenshots } =
            batch;
        let kept = Kept::of(events, &*holding).map_err(AcceptError::Unjudged)?;
        let events = kept.events();
        let batch =
            NewBatch { organization, source, key, digest, received_at, events, accesses, rejected, screenshots };
        let answer = self.take(batch, holding.mark()).await?;
        Ok(IngestAnswer { withheld: kept.withheld, ..answer })
    }

    async fn take(&self, batch: NewBatch<'_>, judged_by: Option<Mark>) -> Result<IngestAnswer, AcceptError> {
        if !batch.screenshots.is_empty() {
            let retry_after = Duration::from_secs(3600);
            return Err(AcceptError::NoRoom { why: "this hop takes no screenshots", retry_after });
        }
        let answer = answer(&batch);
        let key = batch.key.as_str();
        let claim = match self.names.claim(&scoped(batch.source.as_str(), key)) {
            Ok(claim) => claim,
            Err(Known::InFlight) => return Err(AcceptError::InFlight(key.to_owned())),
            Err(Known::Taken(digest)) if digest != batch.digest => {
                return Err(AcceptError::OtherContent(key.to_owned()));
            }
            Err(Known::Taken(_) | Known::Left) => {
                counter!("nazorat_ingest_duplicate_batches_total").increment(1);
                return Ok(IngestAnswer { duplicate: true, ..answer });
            }
        };
        let stored = records::stored(&batch).encode(judged_by);
        let payload = stored.map_err(|problem| AcceptError::Failed(IntakeError::Encode(problem)))?;
        let (append, digest) = (self.spool.append(NewRecord { class: 0, payload: payload.into() }), batch.digest);
        // Not here: when the sender hangs up, this future is dropped, but the record is on its way. Without its name the
        // repeat would be another batch.
        blocking(move || append.wait().map(|seq| claim.taken(seq, digest))).await?;
        counter!("nazorat_ingest_batches_total").increment(1);
        counter!("nazorat_ingest_events_total").increment(u64::from(answer.accepted));
        counter!("nazorat_ingest_rejected_events_total").increment(answer.rejected.len() as u64);
        Ok(answer)
    }

    /// The queue at a glance; cheap. What has left does not wait, also when something older still does.
    pub fn stats(&self) -> Stats {
        let stats = self.spool.stats();
        Stats { records: stats.records.saturating_sub(self.ahead.load(Ordering::Relaxed)), ..stats }
    }

    pub(super) fn note_ahead(&self, records: u64) {
        self.ahead.store(records, Ordering::Relaxed);
    }

    /// For how long the first record from a place on has waited; nothing when there is none. Blocks.
    pub(super) fn age(&self, start: Point) -> Result<Option<Duration>, UplinkError> {
        let read = self.spool.read(start.seq, 1, 1)?;
        let now_us = self.clock.now().as_microsecond();
        let age = |came_us: i64| Duration::from_micros(u64::try_from(now_us.saturating_sub(came_us)).unwrap_or(0));
        Ok(read.records.first().map(|record| age(record.appended_at_us)))
    }

    /// Numbers for `/metrics`.
    pub fn report_metrics(&self) {
        let stats = self.stats();
        gauge!("nazorat_spool_bytes").set(stats.bytes as f64);
        gauge!("nazorat_spool_records").set(stats.records as f64);
        gauge!("nazorat_spool_oldest_age_seconds").set(stats.oldest_age.unwrap_or_default().as_secs_f64());
        gauge!("nazorat_spool_damaged_records").set(stats.damaged as f64);
        gauge!("nazorat_spool_freed_seq").set(stats.freed_seq as f64);
    }

    /// Becomes `Some` when the spool's disk failed: the process must end then.
    pub fn failure(&self) -> watch::Receiver<Option<Arc<str>>> {
        self.spool.failure()
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.spool.epoch()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What comes behind a place, as far as it may be kept. Blocks.
    pub(super) fn gather(
        &self,
        start: Point,
        until: Until,
        holding: Option<Arc<dyn Holding>>,
    ) -> Result<Gathered, UplinkError> {
        self.gather_by(Spool::read, Gathering::new(start, until, holding), start)
    }

    /// The batch that got this name and has not left yet, if it can still be made as it was. Blocks.
    pub(super) fn make_again(&self, named: &Named<'_>, judges: &Judges) -> Result<Option<Made>, UplinkError> {
        self.make(Spool::read, named, judges)
    }

    /// The same for one that has left, or is about to. Blocks.
    pub(super) fn make_copy(&self, named: &Named<'_>, judges: &Judges) -> Result<Option<Made>, UplinkError> {
        self.make(Spool::read_again, named, judges)
    }

    fn make(&self, read: Reading, named: &Named<'_>, judges: &Judges) -> Result<Option<Made>, UplinkError> {
        for holding in judges.all() {
            let gathering = Gathering::new(named.start, Until::At(named.end), holding);
            let gathered = self.gather_by(read, gathering, named.start)?;
            let body = gathered.body(named.name);
            if digest(&body) == named.digest {
                return Ok(Some((gathered, body)));
            }
        }
        Ok(None)
    }

    /// The first record that is still there, those that have left included. Blocks.
    pub(super) fn oldest(&self) -> Result<u64, UplinkError> {
        let read = self.spool.read_again(1, 1, 1)?;
        Ok(read.records.first().map_or(read.next, |record| record.seq))
    }

    fn gather_by(&self, read: Reading, mut gathering: Gathering, start: Point) -> Result<Gathered, UplinkError> {
        let mut next = start.seq;
        loop {
            let read = read(&self.spool, next, READ_RECORDS, READ_BYTES)?;
            for record in &read.records {
                if gathering.take(record)? {
                    return Ok(gathering.finish());
                }
            }
            if gathering.ends_at(read.next) || read.records.is_empty() {
                return Ok(gathering.finish());
            }
            next = read.next;
        }
    }

    /// Writes down which names the next hop has: once the spool has let go of a batch, nothing else knows it. Blocks.
    pub(super) fn keep_names(&self, names: &[String]) -> Result<(), UplinkError> {
        match self.names.keep(names, self.clock.now().as_microsecond()) {
            Ok(()) => Ok(()),
            // The queue must be drained also when there is no room; until there is some, the names are only in memory.
            Err(problem) if matches!(problem.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                error!("numbers of batches that have left could not be kept: {problem}");
                Ok(())
            }
            Err(source) => Err(UplinkError::Names { path: self.folder.join("lines.json"), source }),
        }
    }

    /// The next hop has everything before a place, and the names of it are kept. Blocks.
    pub(super) fn let_go(&self, end: Point) -> Result<(), UplinkError> {
        if end.whole() > self.spool.stats().freed_seq {
            self.names.forget(end.whole());
            self.spool.free_through(end.whole())?;
        }
        Ok(())
    }

    fn learn_names(&self) -> Result<(), UplinkError> {
        let mut next = 1;
        loop {
            let read = self.spool.read_again(next, READ_RECORDS, READ_BYTES)?;
            if read.next <= next {
                return Ok(());
            }
            next = read.next;
            for record in read.records.iter().filter(|record| record.gap().is_none()) {
                let (batch, _) = records::decode(&record.payload).ok_or(UplinkError::Unknown(record.seq))?;
                self.names.remember(&scoped(batch.source, batch.key), record.seq, batch.digest);
            }
        }
    }
}

/// A repeat has the same bytes and is read by the same rules, so its answer is made in the same way. If another policy
/// came in between, what it lets through now is told; nothing of the repeat is kept.
fn answer(batch: &NewBatch<'_>) -> IngestAnswer {
    let rejected = batch.rejected.iter();
    let rejected =
        rejected.map(|one| Rejection { index: one.index, code: one.code.to_owned(), detail: one.detail.clone() });
    IngestAnswer {
        batch_id: batch.key.as_str().to_owned(),
        accepted: u32::try_from(batch.events.len() + batch.accesses.len()).unwrap_or(u32::MAX),
        duplicate: false,
        rejected: rejected.collect(),
        withheld: 0,
        life: None,
    }
}
