//! What is known in memory: buckets, their events, and what has left. No I/O.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::buckets::Kept;
use super::facts::Kind;
use super::facts::fact;
use super::journal::Stamp;
use super::merge::Beat;
use super::merge::Event;
use super::merge::Part;
use super::merge::Timeline;
use super::records::Beats;
use super::records::Cut;
use super::records::Leaving;
use super::records::Record;
use crate::intake::Mark;
use crate::kernel::OrganizationId;

/// How many events of a bucket can be read back.
const READABLE: usize = 200;
/// With how many events of a bucket a late heartbeat can still be merged after a restart.
const MERGEABLE: usize = 16;
/// The most parts of one batch.
const MOST_PARTS: usize = 20_000;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) kept: Kept,
    pub(super) timelines: BTreeMap<String, Timeline>,
    /// Buckets of which the last heartbeat was not kept.
    pub(super) interrupted: BTreeSet<String>,
    /// The policy that everything here was judged by.
    pub(super) judged_by: Option<Mark>,
    next_id: i64,
    /// Events that came since the last cut.
    fresh: usize,
}

/// Of whom the events of a bucket are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who<'a> {
    /// The computer of buckets that do not name one.
    pub(super) host: &'a str,
    /// Wins over what buckets say.
    pub(super) stamp: Option<&'a Stamp>,
}

/// A cut that is not durable yet, and the way back.
pub(super) struct Taken {
    pub(super) cut: Cut<'static>,
    /// More is waiting than one batch takes.
    pub(super) more: bool,
    parts: Vec<(String, Vec<Part>)>,
    fresh: usize,
}

impl State {
    pub(super) fn new(kept: Kept) -> Self {
        Self { kept, next_id: 1, ..Self::default() }
    }

    pub(super) fn kind(&self, bucket: &str) -> Option<Kind> {
        self.kept.buckets.get(bucket).map(super::buckets::Bucket::kind)
    }

    pub(super) fn timeline(&self, bucket: &str) -> Option<&Timeline> {
        self.timelines.get(bucket)
    }

    /// Events that wait for the next cut.
    pub(super) fn fresh(&self) -> usize {
        self.fresh
    }

    pub(super) fn remove(&mut self, bucket: &str) {
        self.kept.buckets.remove(bucket);
        self.timelines.remove(bucket);
        self.interrupted.remove(bucket);
    }

    /// Takes in what a request brought; the events as they are now.
    pub(super) fn take(&mut self, bucket: &str, pulse: Option<i64>, beats: Vec<Beat>) -> Vec<Event> {
        self.fresh += beats.len();
        let timeline = match self.timelines.get_mut(bucket) {
            Some(timeline) => timeline,
            None => self.timelines.entry(bucket.to_owned()).or_default(),
        };
        let mut events = Vec::with_capacity(beats.len());
        for beat in beats {
            let id = self.next_id;
            self.next_id += 1;
            let event = match pulse {
                Some(pulse) => timeline.heartbeat(beat, pulse, id),
                None => timeline.insert(beat, id),
            };
            events.push(event.clone());
        }
        events
    }

    /// Takes out what may leave; `None` when nothing came since the last time and nothing waits.
    pub(super) fn cut(&mut self, now: i64, organization: OrganizationId, who: Who<'_>) -> Option<Taken> {
        let (mut leaving, mut taken, mut room) = (Vec::new(), Vec::new(), MOST_PARTS);
        for (name, timeline) in &mut self.timelines {
            let parts = timeline.take_parts(now, room);
            room -= parts.len();
            if let Some(bucket) = self.kept.buckets.get(name) {
                let computer = who.stamp.map_or_else(|| bucket.computer(who.host), |stamp| &stamp.computer_uid);
                let user = who.stamp.map(|stamp| &stamp.user_name);
                leaving.extend(parts.iter().filter_map(|part| {
                    let fact = fact(bucket.kind(), name, &part.data, part.millis)?;
                    let user_name = user.map(|name| name.clone().into());
                    Some(Leaving { ts: part.start, computer_uid: computer.to_owned().into(), user_name, fact })
                }));
            }
            taken.push((name.clone(), parts));
        }
        let fresh = std::mem::take(&mut self.fresh);
        if fresh == 0 && taken.iter().all(|(_, parts)| parts.is_empty()) {
            return None;
        }
        let ignored = MOST_PARTS - room - leaving.len();
        metrics::counter!("nazorat_activitywatch_ignored_events_total").increment(ignored as u64);
        let kinds = &self.kept.buckets;
        let known = |name: &str| kinds.get(name).is_some_and(|bucket| bucket.kind() != Kind::Other);
        let remainder = self.timelines.iter().filter(|(name, _)| known(name));
        let remainder = remainder.map(|(name, timeline)| (name.clone(), timeline.remainder(MERGEABLE))).collect();
        let organization = organization.get();
        let cut = Cut { at: now, organization, next_id: self.next_id, parts: leaving, remainder };
        Some(Taken { cut, more: room == 0, parts: taken, fresh })
    }

    /// The cut did not become durable.
    pub(super) fn put_back(&mut self, taken: &Taken) {
        self.fresh += taken.fresh.max(1);
        for (name, parts) in &taken.parts {
            if let Some(timeline) = self.timelines.get_mut(name) {
                timeline.put_back(parts);
            }
        }
    }

    /// Forgets old events of which everything has left.
    pub(super) fn tidy(&mut self) {
        self.timelines.values_mut().for_each(|timeline| timeline.forget(READABLE));
    }

    /// Does again what a record says.
    pub(super) fn replay(&mut self, record: Record<'_>) {
        match record {
            Record::Beats(Beats { bucket, pulse, beats }) => {
                if self.kept.buckets.contains_key(bucket.as_ref()) {
                    self.take(&bucket, pulse, beats);
                }
            }
            Record::Cut(cut) => {
                let remainder = cut.remainder.into_iter();
                self.timelines = remainder.map(|(name, events)| (name, Timeline::from_events(events))).collect();
                self.next_id = cut.next_id;
                self.fresh = 0;
            }
        }
    }
}
