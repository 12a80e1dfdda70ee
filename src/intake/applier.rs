//! From the spool into partitions: the only writer of events.

use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use metrics::counter;
use metrics::gauge;
use metrics::histogram;
use nazorat_wire::Identity;
use tokio_util::sync::CancellationToken;
use tracing::error;
use tracing::info;
use tracing::warn;

use crate::intake::Intake;
use crate::intake::IntakeError;
use crate::intake::records;
use crate::intake::records::StoredBatch;
use crate::intake::service::kept_answer;
use crate::intake::spread::Taken;
use crate::intake::spread::rows_by_partition;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::with_causes;
use crate::people::Observed;
use crate::people::People;
use crate::runtime::blocking;

/// Cursor of the spool up to which batches are in partitions, though perhaps not yet safe there.
const APPLIED: &str = "applied";
/// How long batches are gathered before they are written together.
const GATHER: Duration = Duration::from_secs(1);
/// So many waiting batches are written at once.
const GATHERED: u64 = 150;
/// The most that one round takes.
const ROUND_RECORDS: usize = 1_000;
const ROUND_BYTES: usize = 24 << 20;
/// When rows are made safe: after so many bytes, or so long after the last one.
const CHECKPOINT_BYTES: u64 = 48 << 20;
const CHECKPOINT_IDLE: Duration = Duration::from_secs(15);
const CHECKPOINT_LATEST: Duration = Duration::from_secs(300);
/// A file that nobody read or wrote for so long is closed.
const UNUSED: Duration = Duration::from_secs(60);
/// Waiting time after a failure; doubled up to the second.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Drains the spool.
pub struct Applier {
    intake: Intake,
    people: People,
    /// The next batch to write.
    next: u64,
    /// What an earlier run had written. Batches up to here that are missing were lost with a partition's tail.
    applied_before: u64,
    checkpointed: Instant,
    last_write: Instant,
    dirty: bool,
}

impl Applier {
    /// Begins behind the last batch that is known to be safe.
    pub fn new(intake: Intake, people: People) -> Self {
        let next = intake.spool.stats().freed_seq + 1;
        let applied_before = intake.spool.cursor(APPLIED);
        let now = Instant::now();
        Self { intake, people, next, applied_before, checkpointed: now, last_write: now, dirty: true }
    }

    /// Writes until the token is cancelled; then what waits is written once more and made safe.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), IntakeError> {
        let mut durable = self.intake.spool.durable();
        let mut pause = RETRY.0;
        loop {
            let stopping = stop.is_cancelled();
            let outcome;
            (self, outcome) = blocking(move || {
                let outcome = self.work(stopping);
                (self, outcome)
            })
            .await;
            match outcome {
                Ok(_) if stopping => return Ok(()),
                Ok(Step::More) => pause = RETRY.0,
                Ok(Step::Idle) => {
                    pause = RETRY.0;
                    tokio::select! {
                        _ = durable.changed() => self.gather(&stop).await,
                        () = tokio::time::sleep(CHECKPOINT_IDLE / 3) => {}
                        () = stop.cancelled() => {}
                    }
                }
                Err(problem) if stopping => {
                    warn!("what waits in the spool stays there: {problem}");
                    return Ok(());
                }
                Err(problem) => {
                    error!("events wait in the spool, next try in {} s: {}", pause.as_secs(), with_causes(&problem));
                    counter!("nazorat_apply_failures_total").increment(1);
                    self.next = self.intake.spool.stats().freed_seq + 1;
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = stop.cancelled() => {}
                    }
                    pause = (pause * 2).min(RETRY.1);
                }
            }
        }
    }

    /// Lets a second pass, or enough batches come, so that they share one commit.
    async fn gather(&self, stop: &CancellationToken) {
        let enough = self.intake.spool.wait_for(self.next + GATHERED);
        tokio::select! {
            _ = enough => {}
            () = tokio::time::sleep(GATHER) => {}
            () = stop.cancelled() => {}
        }
    }

    fn work(&mut self, stopping: bool) -> Result<Step, IntakeError> {
        let mut step = Step::Idle;
        while self.round()? {
            step = Step::More;
            if !stopping {
                break;
            }
        }
        if self.dirty && (stopping || self.checkpoint_is_due(step)) {
            self.checkpoint()?;
        }
        if step == Step::Idle
            && !self.dirty
            && let Err(problem) = self.intake.hub.release_unused(UNUSED)
        {
            warn!("files that nobody uses stay open: {}", with_causes(&problem));
        }
        Ok(step)
    }

    /// Writes one portion; false when nothing waits.
    fn round(&mut self) -> Result<bool, IntakeError> {
        let started = Instant::now();
        let spool = &self.intake.spool;
        let portion = spool.read(self.next, ROUND_RECORDS, ROUND_BYTES)?;
        if portion.next == self.next {
            return Ok(false);
        }
        // Damaged records are passed over by the spool; it counts them and keeps their bytes.
        let (records, last) = (portion.records, portion.next - 1);
        let mut batches: Vec<(u64, StoredBatch<'_>, String)> = Vec::with_capacity(records.len());
        for record in &records {
            let batch = records::decode(&record.payload).ok_or(IntakeError::Unknown(record.seq))?;
            let answer = kept_answer(&batch);
            batches.push((record.seq, batch, answer));
        }
        let rows = self.apply(&batches)?;
        self.observe(&batches);
        spool.set_cursor(APPLIED, last.max(self.applied_before))?;
        self.intake.window.applied(last);
        if let Some((_, newest, _)) = batches.last() {
            self.intake.progress.received_us.store(newest.received_at, Ordering::Release);
        }
        self.intake.progress.applied.store(last, Ordering::Release);
        self.next = portion.next;
        self.dirty = true;
        self.last_write = Instant::now();
        counter!("nazorat_apply_rows_total").increment(rows);
        histogram!("nazorat_apply_seconds").record(started.elapsed());
        self.announce(&batches);
        Ok(true)
    }

    fn apply(&self, batches: &[(u64, StoredBatch<'_>, String)]) -> Result<u64, IntakeError> {
        let epoch = self.intake.spool.epoch();
        let epoch = epoch.as_bytes().first_chunk().map_or(0, |head| u64::from_be_bytes(*head));
        let taken: Vec<Taken<'_>> =
            batches.iter().map(|(seq, batch, answer)| Taken { epoch, seq: *seq, answer, batch }).collect();
        let again = batches.last().is_some_and(|(seq, ..)| *seq <= self.applied_before);
        let mut rows = 0;
        for (partition, batches) in rows_by_partition(&taken) {
            let applied = self.intake.hub.apply(&partition, &batches)?;
            rows += applied.rows;
            if again && applied.batches > 0 {
                warn!("{} batches were missing from partition {partition} and were written again", applied.batches);
                counter!("nazorat_partition_lost_batches_total").increment(applied.batches);
            }
        }
        Ok(rows)
    }

    /// Lets new computers and accounts appear. A failure here must not hold up events; the next batch tries again.
    fn observe(&self, batches: &[(u64, StoredBatch<'_>, String)]) {
        for (_, batch, _) in batches {
            let organization = OrganizationId::new(batch.organization);
            if let Err(problem) = self.people.observe_now(organization, &observed(batch)) {
                error!(organization.id = %organization, "computers of a batch could not be noted: {problem}");
            }
        }
    }

    fn announce(&self, batches: &[(u64, StoredBatch<'_>, String)]) {
        let mut told: Vec<u32> = batches.iter().map(|(_, batch, _)| batch.organization).collect();
        told.sort_unstable();
        told.dedup();
        for organization in told {
            // Nobody listening is fine.
            drop(self.intake.changes.send(OrganizationId::new(organization)));
        }
    }

    fn checkpoint_is_due(&self, step: Step) -> bool {
        let idle = step == Step::Idle && self.last_write.elapsed() >= CHECKPOINT_IDLE;
        idle || self.checkpointed.elapsed() >= CHECKPOINT_LATEST || self.intake.hub.wal_bytes() >= CHECKPOINT_BYTES
    }

    /// Makes everything written so far safe, reads it back, and frees the spool.
    fn checkpoint(&mut self) -> Result<(), IntakeError> {
        let started = Instant::now();
        let through = self.next - 1;
        let report = self.intake.hub.checkpoint();
        self.checkpointed = Instant::now();
        histogram!("nazorat_checkpoint_seconds").record(started.elapsed());
        for (partition, problem) in &report.failed {
            error!("partition {partition} could not be made safe: {}", with_causes(problem));
        }
        if let Some((_, problem)) = report.failed.into_iter().next() {
            return Err(problem.into());
        }
        if !report.postponed.is_empty() {
            // A long query holds these files. Nothing is freed; `dirty` stays, so a next turn tries again.
            info!(partitions = report.postponed.len(), "checkpoint put off, the spool keeps its batches");
            return Ok(());
        }
        let floor = self.intake.spool.free_through(through)?;
        self.dirty = false;
        gauge!("nazorat_spool_freed_seq").set(floor as f64);
        info!(partitions = report.safe.len(), "checkpoint done, spool freed through {floor}");
        Ok(())
    }
}

/// What one turn found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// There may be more.
    More,
    /// Nothing waits.
    Idle,
}

/// The accounts of a batch, each with its earliest and its latest event.
fn observed<'a>(batch: &StoredBatch<'a>) -> Vec<Observed<'a>> {
    let received = Timestamp::from_microsecond(batch.received_at).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut seen: Vec<Option<(i64, i64)>> = vec![None; batch.identities.len()];
    let times = batch.events.iter().map(|one| (one.who, one.ts));
    for (who, ts) in times.chain(batch.screenshots.iter().map(|one| (one.who, one.ts))) {
        if let Some(span) = seen.get_mut(who as usize) {
            *span = Some(span.map_or((ts, ts), |(from, to)| (from.min(ts), to.max(ts))));
        }
    }
    let mut observed = Vec::with_capacity(seen.len() * 2);
    for (one, span) in batch.identities.iter().zip(seen) {
        let identity = Identity {
            computer_uid: one.computer_uid,
            user_sid: Some(one.user_sid).filter(|sid| !sid.is_empty()),
            user_name: Some(one.user_name).filter(|name| !name.is_empty()),
        };
        let (from, to) = span.unwrap_or((batch.received_at, batch.received_at));
        for ts in [from, to] {
            let at = Timestamp::from_microsecond(ts).unwrap_or(received);
            observed.push(Observed { account: one.account, identity, at });
        }
    }
    observed
}

impl Intake {
    /// Everything that was accepted before the call is in partitions. For tools and tests that must not guess.
    pub async fn settled(&self, limit: Duration) -> bool {
        let target = self.spool.stats().durable_seq;
        let deadline = Instant::now() + limit;
        while self.progress.applied.load(Ordering::Acquire) < target {
            if Instant::now() > deadline {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        true
    }

    /// Numbers for `/metrics`. Asks every partition file for its size. Blocks.
    pub fn report_metrics(&self) {
        let stats = self.spool.stats();
        gauge!("nazorat_spool_bytes").set(stats.bytes as f64);
        gauge!("nazorat_spool_records").set(stats.records as f64);
        gauge!("nazorat_spool_oldest_age_seconds").set(stats.oldest_age.unwrap_or_default().as_secs_f64());
        gauge!("nazorat_spool_damaged_records").set(stats.damaged as f64);
        let partitions = self.hub.stats();
        gauge!("nazorat_partitions").set(partitions.files as f64);
        gauge!("nazorat_partitions_quarantined").set(partitions.quarantined as f64);
        gauge!("nazorat_partition_bytes").set(partitions.bytes as f64);
        let waiting = stats.durable_seq.saturating_sub(self.progress.applied.load(Ordering::Acquire));
        gauge!("nazorat_apply_lag_batches").set(waiting as f64);
    }
}
