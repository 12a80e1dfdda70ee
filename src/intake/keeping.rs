//! What may not be kept goes no further. Nothing has touched a disk when it is judged.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use metrics::counter;
use nazorat_wire::Accepted;
use nazorat_wire::Event;
use nazorat_wire::Identity;
use nazorat_wire::encode_event;
use nazorat_wire::policy::Cause;
use nazorat_wire::policy::Filter;
use nazorat_wire::policy::Ruling;

use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;

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

/// What is left of a batch.
pub(super) struct Kept<'a> {
    left: Vec<(Accepted<'a>, Option<String>)>,
    /// How many events are not.
    pub(super) withheld: u32,
}

impl<'a> Kept<'a> {
    /// Holds events against what is decided.
    pub(super) fn of(events: Vec<Accepted<'a>>, holding: &dyn Holding) -> Result<Self, String> {
        let all = events.len();
        let mut left = Vec::with_capacity(all);
        for accepted in events {
            left.extend(judge(holding, accepted)?);
        }
        let withheld = u32::try_from(all - left.len()).unwrap_or(u32::MAX);
        Ok(Self { left, withheld })
    }

    /// The events, each with the text that says no more than it does.
    pub(super) fn events(&self) -> Vec<Accepted<'_>> {
        self.left
            .iter()
            .map(|(accepted, text)| Accepted {
                index: accepted.index,
                event: accepted.event.clone(),
                raw: text.as_deref().unwrap_or(accepted.raw),
            })
            .collect()
    }
}

/// What is known of a screenshot before it is stored.
#[derive(Debug, Clone, Copy)]
pub struct ShotHead<'a> {
    /// Whose data.
    pub organization: OrganizationId,
    /// When it was taken.
    pub ts: Timestamp,
    /// Whose screen.
    pub identity: Identity<'a>,
    /// The program in front.
    pub app: Option<&'a str>,
    /// Its window's title.
    pub title: Option<&'a str>,
}

impl ShotHead<'_> {
    /// Whether the picture may not be kept.
    pub(super) fn is_withheld(&self, holding: &dyn Holding) -> Result<bool, String> {
        let at_us = self.ts.as_microsecond();
        let filter = holding.filter(self.identity, at_us)?;
        let cause = filter.and_then(|filter| filter.judge_screenshot(self.app, self.title, at_us));
        if let Some(cause) = cause {
            count("dropped", cause);
        }
        Ok(cause.is_some())
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
