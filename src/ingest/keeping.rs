//! What may not be kept goes no further: a sink before the sink. Nothing has touched a disk when it judges.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use metrics::counter;
use nazorat_wire::Accepted;
use nazorat_wire::Event;
use nazorat_wire::Identity;
use nazorat_wire::IngestAnswer;
use nazorat_wire::encode_event;
use nazorat_wire::policy::Cause;
use nazorat_wire::policy::Filter;
use nazorat_wire::policy::Ruling;

use crate::ingest::sink::ShotHead;
use crate::ingest::sink::Sink;
use crate::intake::AcceptError;
use crate::intake::NewBatch;
use crate::kernel::OrganizationId;

/// What holds in an organization at a moment.
pub trait Holding: Send + Sync {
    /// What judges what an account did at a time, in microseconds; `None` where nothing was decided. An error lets nothing
    /// through.
    fn filter(&self, account: Identity<'_>, at_us: i64) -> Result<Option<Arc<Filter>>, String>;
}

/// Who knows what holds.
pub trait Rules: Send + Sync {
    /// What holds in an organization just now; `None` where nothing was decided at all.
    fn holding(&self, organization: OrganizationId) -> BoxFuture<'_, Result<Option<Box<dyn Holding>>, String>>;
}

/// Judges batches, and hands on what is left of them.
pub struct Keeping {
    inner: Arc<dyn Sink>,
    rules: Arc<dyn Rules>,
}

impl Keeping {
    /// Stands before a sink.
    pub fn new(inner: Arc<dyn Sink>, rules: Arc<dyn Rules>) -> Self {
        Self { inner, rules }
    }

    async fn judge_batch(&self, batch: NewBatch<'_>) -> Result<IngestAnswer, AcceptError> {
        let holding = self.rules.holding(batch.organization).await.map_err(AcceptError::Unjudged)?;
        let Some(holding) = holding else { return self.inner.accept(batch).await };
        let NewBatch { organization, source, key, digest, received_at, events, rejected, screenshots } = batch;
        let all = events.len();
        let mut left = Vec::with_capacity(all);
        for accepted in events {
            left.extend(judge(&*holding, accepted).map_err(AcceptError::Unjudged)?);
        }
        let withheld = u32::try_from(all - left.len()).unwrap_or(u32::MAX);
        let events = left.iter().map(|(accepted, text)| Accepted {
            index: accepted.index,
            event: accepted.event.clone(),
            raw: text.as_deref().unwrap_or(accepted.raw),
        });
        let events = events.collect();
        let batch = NewBatch { organization, source, key, digest, received_at, events, rejected, screenshots };
        let answer = self.inner.accept(batch).await?;
        Ok(IngestAnswer { withheld, ..answer })
    }
}

impl Sink for Keeping {
    fn accept<'a>(&'a self, batch: NewBatch<'a>) -> BoxFuture<'a, Result<IngestAnswer, AcceptError>> {
        Box::pin(self.judge_batch(batch))
    }

    fn withholds<'a>(&'a self, shot: ShotHead<'a>) -> BoxFuture<'a, Result<bool, AcceptError>> {
        Box::pin(async move {
            let holding = self.rules.holding(shot.organization).await.map_err(AcceptError::Unjudged)?;
            let Some(holding) = holding else { return Ok(false) };
            let at_us = shot.ts.as_microsecond();
            let filter = holding.filter(shot.identity, at_us);
            let filter = filter.map_err(AcceptError::Unjudged)?;
            let cause = filter.and_then(|filter| filter.judge_screenshot(shot.app, shot.title, at_us));
            if let Some(cause) = cause {
                count("dropped", cause);
            }
            Ok(cause.is_some())
        })
    }
}

/// What is left of an event, with its text if that is another one now.
fn judge<'a>(holding: &dyn Holding, accepted: Accepted<'a>) -> Result<Option<(Accepted<'a>, Option<String>)>, String> {
    let Event { ts, computer_uid, user_sid, user_name, .. } = &accepted.event;
    let (user_sid, user_name) = (user_sid.as_deref(), user_name.as_deref());
    let identity = Identity { computer_uid, user_sid, user_name };
    let Some(filter) = holding.filter(identity, *ts)? else { return Ok(Some((accepted, None))) };
    let Accepted { index, event, raw } = accepted;
    Ok(match filter.judge(event.fact, event.ts) {
        Ruling::Keep(fact) => Some((Accepted { index, event: Event { fact, ..event }, raw }, None)),
        Ruling::Less(fact, cause) => {
            count("reduced", cause);
            let event = Event { fact, ..event };
            let text = encode_event(&event);
            Some((Accepted { index, event, raw }, Some(text)))
        }
        Ruling::Drop(cause) => {
            count("dropped", cause);
            None
        }
    })
}

fn count(what: &'static str, cause: Cause) {
    let cause = match cause {
        Cause::Kind => "kind",
        Cause::Hours => "hours",
        Cause::PrivateWindow => "private_window",
        Cause::Detail => "detail",
        Cause::Exclusion(_) => "exclusion",
    };
    counter!("nazorat_policy_events_total", "action" => what, "cause" => cause).increment(1);
}
