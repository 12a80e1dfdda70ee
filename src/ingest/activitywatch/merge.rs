//! Heartbeats become events, and events leave in parts. No clock, no I/O.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

/// The longest part: as long as an event of any agent may be.
const LONGEST_PART_US: i64 = 86_400_000_000;
/// After so long nobody expects that an event without a duration goes on.
const CLOSED_AFTER_US: i64 = 300_000_000;

/// What a client sent. Times are microseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Beat {
    pub(super) start: i64,
    pub(super) length: i64,
    pub(super) data: Value,
}

/// An event of a bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) id: i64,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) data: Value,
    /// Up to here it has left.
    sent: i64,
    /// Whether any part of it has left.
    left: bool,
}

impl Event {
    fn new(id: i64, beat: Beat) -> Self {
        let end = beat.start.saturating_add(beat.length.max(0));
        Self { id, start: beat.start, end, data: beat.data, sent: beat.start, left: false }
    }

    /// What is answered to whoever sent something that is not kept.
    pub(super) fn nothing(start: i64, length: i64) -> Self {
        Self::new(0, Beat { start, length, data: Value::Object(serde_json::Map::new()) })
    }

    /// The part of it that lies inside of a range.
    pub(super) fn clipped(&self, from: i64, to: i64) -> Self {
        Self { start: self.start.max(from), end: self.end.min(to), ..self.clone() }
    }

    /// True when nothing of it has to leave any more, unless it goes on.
    fn is_settled(&self) -> bool {
        self.left && self.end - self.sent < 1_000
    }
}

/// A stretch of an event that leaves.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) start: i64,
    pub(super) millis: u32,
    pub(super) data: Value,
    /// Whose it was and how that one stood before, should the part have to come back.
    undo: (Key, i64, bool),
}

/// Where an event stands in its bucket.
type Key = (i64, i64);

/// The events of one bucket, by time.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Timeline {
    events: BTreeMap<Key, Event>,
}

impl Timeline {
    pub(super) fn from_events(events: Vec<Event>) -> Self {
        Self { events: events.into_iter().map(|event| ((event.start, event.id), event)).collect() }
    }

    /// Lengthens the event before it when the data are the same and the gap is at most `pulse`, otherwise begins a new
    /// one under `id`. An event never gets shorter.
    pub(super) fn heartbeat(&mut self, beat: Beat, pulse: i64, id: i64) -> &Event {
        let neighbour = self.events.range(..=(beat.start, i64::MAX)).next_back();
        let merges =
            neighbour.filter(|(_, last)| last.data == beat.data && beat.start <= last.end.saturating_add(pulse));
        let Some(key) = merges.map(|(key, _)| *key) else { return self.insert(beat, id) };
        let end = beat.start.saturating_add(beat.length.max(0));
        let event = self.events.entry(key).or_insert_with(|| Event::new(id, beat));
        event.end = event.end.max(end);
        event
    }

    /// Begins a new event.
    pub(super) fn insert(&mut self, beat: Beat, id: i64) -> &Event {
        let key = (beat.start, id);
        self.events.entry(key).or_insert_with(|| Event::new(id, beat))
    }

    /// Gives every event other data, or lets go of it.
    pub(super) fn change<E>(&mut self, mut data: impl FnMut(&Event) -> Result<Option<Value>, E>) -> Result<(), E> {
        let mut gone = Vec::new();
        for (key, event) in &mut self.events {
            match data(event)? {
                Some(data) => event.data = data,
                None => gone.push(*key),
            }
        }
        gone.iter().for_each(|key| drop(self.events.remove(key)));
        Ok(())
    }

    /// All events, newest first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Event> {
        self.events.values().rev()
    }

    /// From the first begin to the last end.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        let first = self.events.keys().next()?.0;
        Some((first, self.events.values().map(|event| event.end).max()?))
    }

    /// Takes out at most `most` parts that have not left: of closed events what remains, of open ones what there is.
    pub(super) fn take_parts(&mut self, now: i64, most: usize) -> Vec<Part> {
        let newest = self.events.keys().next_back().copied();
        let mut parts = Vec::new();
        for (key, event) in &mut self.events {
            while parts.len() < most && !event.is_settled() {
                let length = (event.end - event.sent).clamp(0, LONGEST_PART_US) / 1_000;
                let closed = newest != Some(*key) || event.end.saturating_add(CLOSED_AFTER_US) < now;
                if length == 0 && (event.left || !closed) {
                    break;
                }
                parts.push(Part {
                    start: event.sent,
                    millis: u32::try_from(length).unwrap_or(0),
                    data: event.data.clone(),
                    undo: (*key, event.sent, event.left),
                });
                event.sent += length * 1_000;
                event.left = true;
            }
        }
        parts
    }

    /// The parts did not leave after all.
    pub(super) fn put_back(&mut self, parts: &[Part]) {
        for Part { undo: (key, sent, left), .. } in parts.iter().rev() {
            if let Some(event) = self.events.get_mut(key) {
                (event.sent, event.left) = (*sent, *left);
            }
        }
    }

    /// Forgets events of which everything has left, but for the newest.
    pub(super) fn forget(&mut self, keep: usize) {
        let Some(&oldest_kept) = self.events.keys().rev().nth(keep.saturating_sub(1)) else { return };
        self.events.retain(|key, event| *key >= oldest_kept || !event.is_settled());
    }

    /// What a restart needs: events that have not left entirely, and the newest, with which heartbeats merge.
    pub(super) fn remainder(&self, keep: usize) -> Vec<Event> {
        let oldest_kept = self.events.keys().rev().nth(keep.saturating_sub(1)).copied().unwrap_or((i64::MIN, 0));
        let wanted = self.events.iter().filter(|(key, event)| **key >= oldest_kept || !event.is_settled());
        wanted.map(|(_, event)| event.clone()).collect()
    }

    /// True when all time has left; a moment that may yet become longer counts for nothing.
    pub(super) fn has_left(&self) -> bool {
        self.events.values().all(|event| event.end - event.sent < 1_000)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::Strategy;
    use proptest::prelude::prop_assert;
    use proptest::prelude::prop_assert_eq;
    use serde_json::json;

    use super::Beat;
    use super::Event;
    use super::Timeline;

    const S: i64 = 1_000_000;

    fn beat(start: i64, length: i64, app: &str) -> Beat {
        Beat { start, length, data: json!({ "app": app, "title": "t" }) }
    }

    fn spans(timeline: &Timeline) -> Vec<(i64, i64)> {
        let mut spans: Vec<_> = timeline.newest_first().map(|event| (event.start / S, event.end / S)).collect();
        spans.reverse();
        spans
    }

    #[test]
    fn the_same_data_within_the_pulse_make_one_event() {
        let mut timeline = Timeline::default();
        timeline.heartbeat(beat(0, 0, "a"), 2 * S, 1);
        assert_eq!(timeline.heartbeat(beat(2 * S, 0, "a"), 2 * S, 2).id, 1);
        assert_eq!(timeline.heartbeat(beat(4 * S + 1, 0, "a"), 2 * S, 3).id, 3, "a microsecond too late");
        assert_eq!(timeline.heartbeat(beat(5 * S, 0, "b"), 2 * S, 4).id, 4, "other data");
        assert_eq!(spans(&timeline), [(0, 2), (4, 4), (5, 5)]);
        let turned = Beat { data: json!({ "title": "t", "app": "b" }), ..beat(6 * S, 0, "b") };
        assert_eq!(timeline.heartbeat(turned, 2 * S, 5).id, 4, "the order of keys does not count");
    }

    #[test]
    fn a_late_heartbeat_finds_its_neighbour_by_time() {
        let mut timeline = Timeline::default();
        timeline.heartbeat(beat(0, 10 * S, "a"), 2 * S, 1);
        timeline.heartbeat(beat(20 * S, 10 * S, "b"), 2 * S, 2);
        assert_eq!(timeline.heartbeat(beat(11 * S, 0, "a"), 2 * S, 3).id, 1);
        assert_eq!(timeline.heartbeat(beat(31 * S, 0, "b"), 2 * S, 4).id, 2, "the late one did not become the last");
        assert_eq!(spans(&timeline), [(0, 11), (20, 31)]);
    }

    #[test]
    fn an_open_event_leaves_in_parts_and_nothing_leaves_twice() {
        let mut timeline = Timeline::default();
        timeline.heartbeat(beat(0, 0, "a"), 2 * S, 1);
        assert!(timeline.take_parts(S, 9).is_empty(), "it may still become longer");
        timeline.heartbeat(beat(2 * S, 0, "a"), 2 * S, 2);
        let first = timeline.take_parts(2 * S, 9);
        assert_eq!(first.iter().map(|part| (part.start, part.millis)).collect::<Vec<_>>(), [(0, 2_000)]);
        assert!(timeline.take_parts(2 * S, 9).is_empty());
        timeline.heartbeat(beat(4 * S, 500, "a"), 2 * S, 3);
        timeline.heartbeat(beat(5 * S, 0, "b"), 2 * S, 4);
        timeline.heartbeat(beat(6 * S, 0, "c"), 2 * S, 5);
        let rest = timeline.take_parts(6 * S, 9);
        let rest: Vec<_> = rest.iter().map(|part| (part.start / S, part.millis)).collect();
        assert_eq!(rest, [(2, 2_000), (5, 0)], "one that is over leaves although it took no time");
        timeline.forget(1);
        assert_eq!(spans(&timeline), [(6, 6)]);
        assert_eq!(timeline.remainder(1).len(), 1);
        assert_eq!(timeline.take_parts(400 * S, 9).len(), 1);
        assert!(timeline.has_left());
    }

    #[test]
    fn an_event_of_days_leaves_day_by_day() {
        let mut timeline = Timeline::default();
        timeline.insert(beat(0, 200_000 * S, "a"), 1);
        let millis: Vec<_> = timeline.take_parts(0, 9).iter().map(|part| part.millis).collect();
        assert_eq!(millis, [86_400_000, 86_400_000, 27_200_000]);
    }

    /// What ActivityWatch itself makes of heartbeats.
    fn original(beats: &[Beat], pulse: i64) -> Vec<(i64, i64)> {
        let mut events: Vec<(i64, i64, serde_json::Value)> = Vec::new();
        for beat in beats {
            let end = beat.start + beat.length;
            match events.last_mut() {
                Some(last) if last.2 == beat.data && last.0 <= beat.start && beat.start <= last.1 + pulse => {
                    last.1 = last.1.max(end);
                }
                _ => events.push((beat.start, end, beat.data.clone())),
            }
        }
        events.into_iter().map(|(start, end, _)| (start, end)).collect()
    }

    fn beats() -> impl Strategy<Value = Vec<Beat>> {
        let one = (0_i64..20, 0_i64..5, 0_usize..3)
            .prop_map(|(start, length, app)| beat(start * S, length * S, ["a", "b", "c"][app]));
        proptest::collection::vec(one, 0..40)
    }

    fn run(beats: &[Beat]) -> Timeline {
        let mut timeline = Timeline::default();
        for (id, beat) in (0..).zip(beats) {
            timeline.heartbeat(beat.clone(), 2 * S, id);
        }
        timeline
    }

    proptest::proptest! {
        #[test]
        fn in_order_it_merges_exactly_like_the_original(mut beats in beats()) {
            beats.sort_by_key(|beat| beat.start);
            let mut ours: Vec<_> = run(&beats).newest_first().map(|event| (event.start, event.end)).collect();
            ours.reverse();
            prop_assert_eq!(ours, original(&beats, 2 * S));
        }

        #[test]
        fn an_event_never_gets_shorter_and_every_heartbeat_is_inside_one(beats in beats()) {
            let mut timeline = Timeline::default();
            for (id, beat) in (0..).zip(&beats) {
                let before: Vec<Event> = timeline.newest_first().cloned().collect();
                let merged = timeline.heartbeat(beat.clone(), 2 * S, id).clone();
                prop_assert!(merged.start <= beat.start && merged.end >= beat.start + beat.length && merged.data == beat.data);
                for old in before {
                    let now = timeline.newest_first().find(|event| event.id == old.id).unwrap();
                    prop_assert!(now.start == old.start && now.end >= old.end);
                }
            }
        }

        #[test]
        fn sending_the_last_heartbeat_again_changes_nothing(beats in beats()) {
            let once = run(&beats);
            if let Some(last) = beats.last() {
                let mut twice = once.clone();
                twice.heartbeat(last.clone(), 2 * S, 1_000);
                prop_assert_eq!(once, twice);
            }
        }

        #[test]
        fn the_parts_of_an_event_are_the_event(beats in beats(), cuts in proptest::collection::vec(0_usize..40, 0..6)) {
            let mut timeline = Timeline::default();
            let mut sum = 0;
            for (id, beat) in (0..).zip(&beats) {
                timeline.heartbeat(beat.clone(), 2 * S, id);
                if cuts.contains(&(id as usize)) {
                    let parts = timeline.take_parts(0, 3);
                    if id % 2 == 0 {
                        timeline.put_back(&parts);
                    } else {
                        sum += parts.iter().map(|part| i64::from(part.millis)).sum::<i64>();
                        timeline = Timeline::from_events(timeline.remainder(usize::MAX));
                    }
                }
            }
            sum += timeline.take_parts(i64::MAX, usize::MAX).iter().map(|part| i64::from(part.millis)).sum::<i64>();
            let whole: i64 = timeline.newest_first().map(|event| (event.end - event.start) / 1_000).sum();
            prop_assert_eq!(sum, whole);
            prop_assert!(timeline.has_left());
        }
    }
}
