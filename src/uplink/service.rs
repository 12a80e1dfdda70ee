//! The loop: one batch at a time, until the next hop has it.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use metrics::counter;
use nazorat_wire::IngestAnswer;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::info;
use tracing::warn;

use crate::kernel::Clock;
use crate::uplink::UplinkError;
use crate::uplink::chance::Chance;
use crate::uplink::copies::Again;
use crate::uplink::hop::Hop;
use crate::uplink::hop::Reply;
use crate::uplink::judge::Judged;
use crate::uplink::judge::Tries;
use crate::uplink::judge::judge;
use crate::uplink::line::Line;
use crate::uplink::line::Outgoing;
use crate::uplink::line::Reason;
use crate::uplink::orders::Orders;
use crate::uplink::outbox::Outbox;
use crate::uplink::rules::Bucket;
use crate::uplink::rules::Pace;
use crate::uplink::rules::Verdict;
use crate::uplink::rules::pause;
use crate::uplink::status::Link;
use crate::uplink::status::Status;

/// So many waiting batches go at once, however short they have waited.
const ENOUGH: u64 = 500;
/// So often a batch is tried that is carried, cannot be made smaller, and is too slow on this line.
const SLOW_TRIES: u32 = 5;
/// After so long it is looked again whether it is known what may be passed on.
const UNJUDGED: Duration = Duration::from_secs(5);
/// How often it is looked at least, should a wake-up be missed by a defect.
const LOOK: Duration = Duration::from_secs(60);

/// Where to send, as whom and how fast.
#[derive(Debug, Clone)]
pub struct UplinkConfig {
    /// The next hop.
    pub hop: Hop,
    /// Our name in the names of batches: visible ASCII, no colon, at most 60 characters.
    pub source: String,
    /// How long the first event of a batch may wait for others.
    pub linger: Duration,
    /// The most bytes on the wire in a second; no limit if there is none.
    pub bytes_per_second: Option<u64>,
    /// What is a backlog, and how much goes at once.
    pub pace: Pace,
}

/// Sends what lies in an outbox.
pub struct Uplink {
    outbox: Outbox,
    orders: Orders,
    hop: Hop,
    linger: Duration,
    bucket: Option<Bucket>,
    clock: Clock,
    chance: Chance,
    status: watch::Sender<Status>,
    /// How often the copy at hand was tried.
    tries: Tries,
}

impl Uplink {
    /// Opens what lies beside the outbox. Blocks.
    pub fn open(config: UplinkConfig, outbox: Outbox, clock: Clock, chance: Chance) -> Result<Self, UplinkError> {
        let hop = config.hop;
        let line = Line::open(outbox.clone(), config.source, config.pace)?;
        let status = watch::Sender::new(Status::new(&hop.shown(), line.letters()));
        status.send_modify(|status| status.resend = line.resend());
        let bucket = config.bytes_per_second.map(Bucket::new);
        let orders = Orders {
            outbox: outbox.clone(),
            line: Arc::new(Mutex::new(line)),
            came: Arc::default(),
            status: status.clone(),
        };
        let (linger, tries) = (config.linger, Tries::default());
        Ok(Self { outbox, orders, hop, linger, bucket, clock, chance, status, tries })
    }

    /// Takes orders while it runs.
    pub fn orders(&self) -> Orders {
        self.orders.clone()
    }

    /// How the line is.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Sends until the token is cancelled. A batch that is on its way then is sent again after the next start, under the
    /// same name.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), UplinkError> {
        let mut failure = self.outbox.failure();
        tokio::select! {
            outcome = self.work(&stop) => outcome,
            () = stop.cancelled() => Ok(()),
            Ok(reason) = failure.wait_for(Option::is_some) => {
                Err(UplinkError::Failed(reason.clone().unwrap_or_else(|| "unknown".into())))
            }
        }
    }

    async fn work(&mut self, stop: &CancellationToken) -> Result<(), UplinkError> {
        let mut durable = self.outbox.spool.durable();
        let mut told = false;
        while !stop.is_cancelled() {
            let newest = *durable.borrow_and_update();
            let judges = match self.outbox.judges().await {
                Ok(judges) => judges,
                Err(problem) => {
                    if !std::mem::replace(&mut told, true) {
                        warn!("nothing is passed on until it is known what may be: {problem}");
                    }
                    tokio::time::sleep(UNJUDGED).await;
                    continue;
                }
            };
            told = false;
            let next = |line: &mut Line| {
                line.judge_by(judges);
                line.next()
            };
            match self.with_line(next).await? {
                Some(batch) => {
                    self.deliver(batch).await?;
                    // A backlog goes on at once; what merely trickles in waits for company.
                    let backlog = self.with_line(|line| line.has_backlog()).await;
                    self.status.send_modify(|status| status.catching_up = backlog);
                    if !backlog && (1..ENOUGH).contains(&self.outbox.stats().records) {
                        let newest = *durable.borrow_and_update();
                        self.gather(newest).await;
                    }
                }
                None => match self.with_line(Line::next_copy).await? {
                    Some(copy) => self.deliver_again(copy).await?,
                    None => {
                        let (resend, backlog) = self.with_line(|line| (line.resend(), line.has_backlog())).await;
                        self.status.send_modify(|status| (status.resend, status.catching_up) = (resend, backlog));
                        tokio::select! {
                            _ = durable.changed() => self.gather(newest).await,
                            () = self.orders.came.notified() => {}
                            () = tokio::time::sleep(LOOK) => {}
                        }
                    }
                },
            }
        }
        Ok(())
    }

    /// Lets others come along, for a while.
    async fn gather(&self, newest: u64) {
        tokio::select! {
            _ = self.outbox.spool.wait_for(newest + ENOUGH) => {}
            () = self.outbox.urgent.notified() => {}
            () = tokio::time::sleep(self.linger) => {}
        }
    }

    async fn with_line<T: Send + 'static>(&self, work: impl FnOnce(&mut Line) -> T + Send + 'static) -> T {
        self.orders.with_line(work).await
    }

    /// Sends a batch until it is gone, in one way or another.
    async fn deliver(&mut self, mut batch: Outgoing) -> Result<(), UplinkError> {
        let mut tries = Tries::default();
        loop {
            self.throttle(batch.packed.len()).await;
            let begun = Instant::now();
            let reply = self.hop.send(&batch.name, batch.packed.clone()).await;
            let judged = judge(reply.as_ref(), Some(&batch.name), tries);
            tries = judged.tries;
            match judged.verdict {
                Verdict::Taken => return self.taken(batch, reply.ok(), Some(begun.elapsed())).await,
                Verdict::NameTaken if batch.changed => {
                    warn!("the next hop has batch {} as it was before a part of it was given up", batch.name);
                    return self.taken(batch, None, None).await;
                }
                Verdict::NameTaken if self.with_line(Line::renew).await? => return Ok(()),
                Verdict::TooLarge | Verdict::TooSlow => {
                    let whole = batch.clone();
                    if let Some(half) = self.with_line(move |line| line.halve(&whole)).await? {
                        (batch, tries) = (half, Tries::default());
                        continue;
                    }
                    let hopeless = tries.all >= SLOW_TRIES && self.with_line(|line| line.is_carried()).await;
                    let too_large = judged.verdict == Verdict::TooLarge;
                    if (too_large || hopeless) && self.set_aside(&batch, &judged).await? {
                        return Ok(());
                    }
                }
                Verdict::NameTaken | Verdict::Refused => {
                    if self.set_aside(&batch, &judged).await? {
                        return Ok(());
                    }
                }
                Verdict::Locked | Verdict::Later => {}
            }
            self.rest(&judged).await;
        }
    }

    /// Tries a copy of what has left once; what came meanwhile goes before the next try.
    async fn deliver_again(&mut self, copy: Outgoing) -> Result<(), UplinkError> {
        self.throttle(copy.packed.len()).await;
        let reply = self.hop.send(&copy.name, copy.packed.clone()).await;
        let judged = judge(reply.as_ref(), Some(&copy.name), self.tries);
        self.tries = judged.tries;
        let answer = reply.ok().and_then(|reply| reply.answer);
        let life = life_of(answer.as_ref());
        let outcome = match judged.verdict {
            Verdict::Taken if answer.is_some_and(|answer| !answer.duplicate) => Again::Restored,
            Verdict::Taken if self.tries.all > 1 => Again::Unclear,
            Verdict::Taken => Again::Known,
            Verdict::NameTaken | Verdict::TooLarge | Verdict::Refused => {
                warn!("batch {} is not taken again: {}", copy.name, judged.detail);
                Again::Gone
            }
            Verdict::Locked | Verdict::Later | Verdict::TooSlow => {
                self.rest(&judged).await;
                return Ok(());
            }
        };
        self.tries = Tries::default();
        counter!("nazorat_uplink_resent_batches_total").increment(1);
        let resend = self.with_line(move |line| line.copied(outcome, life)).await?;
        let now = self.clock.now();
        self.status.send_modify(|status| {
            status.turn(Link::Up, now);
            status.next_try = None;
            status.resend = resend;
        });
        Ok(())
    }

    async fn throttle(&mut self, bytes: usize) {
        let now = self.clock.now().as_microsecond();
        let wait = self.bucket.as_mut().map(|bucket| bucket.take(now, bytes)).unwrap_or_default();
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// The next hop has it; `took` is how long it was on its way, if it was this time.
    async fn taken(&self, batch: Outgoing, reply: Option<Reply>, took: Option<Duration>) -> Result<(), UplinkError> {
        let (events, gaps) = (batch.events as u64, batch.gaps);
        let answer = reply.and_then(|reply| reply.answer);
        let life = life_of(answer.as_ref());
        let taken = move |line: &mut Line| {
            if let Some(took) = took {
                line.pace(batch.packed.len(), took);
            }
            line.taken(&batch, life)
        };
        self.with_line(taken).await?;
        let duplicate = answer.as_ref().is_none_or(|answer| answer.duplicate);
        let rejected = answer.map_or(0, |answer| answer.rejected.len() as u64);
        counter!("nazorat_uplink_batches_total").increment(1);
        counter!("nazorat_uplink_events_total").increment(events);
        counter!("nazorat_uplink_gaps_total").increment(gaps);
        let now = self.clock.now();
        self.status.send_modify(|status| {
            if status.turn(Link::Up, now) {
                info!("the line to {} is up", status.server);
            }
            status.last_upload = Some(now);
            status.next_try = None;
            status.batches += 1;
            status.events += events;
            status.duplicates += u64::from(duplicate);
            status.rejected += rejected;
            status.gaps += gaps;
        });
        Ok(())
    }

    async fn set_aside(&self, batch: &Outgoing, judged: &Judged) -> Result<bool, UplinkError> {
        let (batch, hop, at) = (batch.clone(), self.hop.shown(), self.clock.now());
        let (status, code, detail) = (judged.status, judged.code.clone(), judged.detail.clone());
        let (kept, count) = self
            .with_line(move |line| {
                let reason = Reason { hop: &hop, at, status, code: code.as_deref(), detail: &detail };
                (line.set_aside(&batch, reason), line.letters())
            })
            .await;
        let kept = kept?;
        counter!("nazorat_uplink_dead_letters_total").increment(u64::from(kept));
        self.status.send_modify(|status| status.dead_letters = count);
        Ok(kept)
    }

    /// Waits until the next try.
    async fn rest(&self, judged: &Judged) {
        let wait = pause(judged.verdict, judged.tries.all, judged.asked, self.chance.draw());
        let now = self.clock.now();
        counter!("nazorat_uplink_retries_total").increment(1);
        self.status.send_modify(|status| {
            let reason = judged.detail.clone();
            let link = match judged.verdict {
                Verdict::Locked => Link::Locked { reason },
                _ => Link::Down { reason },
            };
            if status.turn(link, now) {
                warn!("the line to {} is down, everything waits in the buffer: {}", status.server, judged.detail);
            }
            status.try_after(wait, now);
        });
        tokio::time::sleep(wait).await;
    }
}

/// In which of its lives the next hop has answered; zero if it tells none.
fn life_of(answer: Option<&IngestAnswer>) -> u64 {
    let life = answer.and_then(|answer| answer.life.as_deref());
    life.and_then(|life| u64::from_str_radix(life, 16).ok()).unwrap_or_default()
}
