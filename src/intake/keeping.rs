//! What may not be kept goes no further. Nothing has touched a disk when it is judged.
//!
//! The same on the appliance, on a gateway and on a computer: who knows what holds differs, how it is held against what
//! comes does not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

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

/// A version of what holds, in eight bytes.
pub type Mark = [u8; 8];

/// What holds in an organization at a moment.
pub trait Holding: Send + Sync {
    /// What judges what an account did at a time, in microseconds; `None` where nothing was decided. An error lets nothing
    /// through.
    fn filter(&self, account: Identity<'_>, at_us: i64) -> Result<Option<Arc<Filter>>, String>;

    /// Which version it is, where that can be told: what was judged by it needs no second look.
    fn mark(&self) -> Option<Mark> {
        None
    }
}

/// Who knows what holds.
pub trait Rules: Send + Sync {
    /// What holds in an organization just now; `None` where nothing was decided at all.
    fn holding(&self, organization: OrganizationId) -> BoxFuture<'_, Result<Option<Box<dyn Holding>>, String>>;

    /// What held before, the newest first, as far as it is still known.
    fn earlier(&self) -> Vec<Arc<dyn Holding>> {
        Vec::new()
    }
}

/// Events that were not kept as they came, by what was done and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<(&'static str, &'static str), u64>);

/// How many events were not kept as they came, since the process began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Not kept at all.
    pub dropped: u64,
    /// Kept with less in them.
    pub reduced: u64,
}

static DROPPED: AtomicU64 = AtomicU64::new(0);
static REDUCED: AtomicU64 = AtomicU64::new(0);

/// How many events were not kept as they came, since the process began.
pub fn counted() -> Counted {
    Counted { dropped: DROPPED.load(Ordering::Relaxed), reduced: REDUCED.load(Ordering::Relaxed) }
}

impl Tally {
    /// One more.
    pub fn note(&mut self, ruling: &Ruling<'_>) {
        let (action, cause) = match ruling {
            Ruling::Keep(_) => return,
            Ruling::Less(_, cause) => ("reduced", *cause),
            Ruling::Drop(cause) => ("dropped", *cause),
        };
        *self.0.entry((action, word(cause))).or_default() += 1;
    }

    /// Tells `/metrics`.
    pub fn count(&self) {
        for ((action, cause), count) in &self.0 {
            let total = if *action == "dropped" { &DROPPED } else { &REDUCED };
            total.fetch_add(*count, Ordering::Relaxed);
            counter!("nazorat_policy_events_total", "action" => *action, "cause" => *cause).increment(*count);
        }
    }

    /// Nothing was left out.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is left of a batch.
pub struct Kept<'a> {
    left: Vec<(Accepted<'a>, Option<String>)>,
    /// How many events are not.
    pub withheld: u32,
}

impl<'a> Kept<'a> {
    /// Holds events against what is decided.
    pub fn of(events: Vec<Accepted<'a>>, holding: &dyn Holding) -> Result<Self, String> {
        let (all, mut tally) = (events.len(), Tally::default());
        let mut left = Vec::with_capacity(all);
        for accepted in events {
            left.extend(judge(holding, accepted, &mut tally)?);
        }
        tally.count();
        let withheld = u32::try_from(all - left.len()).unwrap_or(u32::MAX);
        Ok(Self { left, withheld })
    }

    /// The events, each with the text that says no more than it does.
    pub fn events(&self) -> Vec<Accepted<'_>> {
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
    pub fn is_withheld(&self, holding: &dyn Holding) -> Result<bool, String> {
        let at_us = self.ts.as_microsecond();
        let filter = holding.filter(self.identity, at_us)?;
        let cause = filter.and_then(|filter| filter.judge_screenshot(self.app, self.title, at_us));
        if let Some(cause) = cause {
            let mut tally = Tally::default();
            tally.note(&Ruling::Drop(cause));
            tally.count();
        }
        Ok(cause.is_some())
    }
}

/// What is left of an event, with its text if that is another one now.
pub fn judge<'a>(
    holding: &dyn Holding,
    accepted: Accepted<'a>,
    tally: &mut Tally,
) -> Result<Option<(Accepted<'a>, Option<String>)>, String> {
    let Event { ts, computer_uid, user_sid, user_name, .. } = &accepted.event;
    let (user_sid, user_name) = (user_sid.as_deref(), user_name.as_deref());
    let identity = Identity { computer_uid, user_sid, user_name };
    let Some(filter) = holding.filter(identity, *ts)? else { return Ok(Some((accepted, None))) };
    let Accepted { index, event, raw } = accepted;
    let ruling = filter.judge(event.fact, event.ts);
    tally.note(&ruling);
    Ok(match ruling {
        Ruling::Keep(fact) => Some((Accepted { index, event: Event { fact, ..event }, raw }, None)),
        Ruling::Less(fact, _) => {
            let event = Event { fact, ..event };
            let text = encode_event(&event);
            Some((Accepted { index, event, raw }, Some(text)))
        }
        Ruling::Drop(_) => None,
    })
}

const fn word(cause: Cause) -> &'static str {
    match cause {
        Cause::Kind => "kind",
        Cause::Hours => "hours",
        Cause::PrivateWindow => "private_window",
        Cause::Detail => "detail",
        Cause::Exclusion(_) => "exclusion",
    }
}
