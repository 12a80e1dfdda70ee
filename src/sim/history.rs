//! The past, as fast as the server takes it: days in order, people in parallel, a few connections.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::TryStreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::kernel::Zone;
use crate::runtime::blocking;
use crate::sim::SimError;
use crate::sim::batch::Batch;
use crate::sim::batch::ShotNote;
use crate::sim::batch::pack;
use crate::sim::chance::Chance;
use crate::sim::day::Event;
use crate::sim::day::events;
use crate::sim::office::Office;
use crate::sim::screen::Shot;
use crate::sim::screen::draw;
use crate::sim::screen::shots;
use crate::sim::send::Sender;

/// Generators and connections at the same time.
const GENERATORS: usize = 2;
const CONNECTIONS: usize = 4;
/// Pictures cost far more than words, so the past has them for its last days only.
const DAYS_WITH_SCREENSHOTS: i32 = 5;

/// Which past: days from `first` to `last`, of the last one what is over at `until`.
#[derive(Debug, Clone)]
pub(super) struct Past {
    pub(super) first: Date,
    pub(super) last: Date,
    pub(super) until: Timestamp,
    pub(super) zone: Zone,
}

pub(super) async fn send(office: &Arc<Office>, past: &Past, sender: &Sender<'_>) -> Result<(), SimError> {
    let days = || past.first.series(1.day()).take_while(|&day| day <= past.last);
    let jobs: Vec<(Date, usize)> =
        days().flat_map(|day| (0..office.people.len()).map(move |person| (day, person))).collect();
    sender.progress().expect_days(jobs.len());
    stream::iter(jobs)
        .map(|(day, person)| {
            let (office, past) = (office.clone(), past.clone());
            blocking(move || batches(&office, person, day, &past))
        })
        .buffered(GENERATORS)
        .try_for_each_concurrent(CONNECTIONS, async |batches| {
            for batch in &batches {
                sender.logs(batch).await?;
            }
            sender.progress().day_done();
            Ok(())
        })
        .await
}

/// Screenshots of the last days, for the people that are given.
pub(super) async fn send_screenshots(
    office: &Arc<Office>,
    past: &Past,
    people: &[usize],
    sender: &Sender<'_>,
) -> Result<(), SimError> {
    let first = past.last.saturating_sub((DAYS_WITH_SCREENSHOTS - 1).days()).max(past.first);
    let jobs: Vec<Shot> = first
        .series(1.day())
        .take_while(|&day| day <= past.last)
        .flat_map(|day| people.iter().flat_map(move |&person| shots_of(office, person, day, past)))
        .collect();
    stream::iter(jobs)
        .map(|shot| {
            let office = office.clone();
            blocking(move || draw(&office, &shot).map(|jpeg| (shot, jpeg)))
        })
        .buffered(GENERATORS)
        .map_err(SimError::Draw)
        .try_for_each_concurrent(GENERATORS, async |(shot, jpeg)| {
            sender.screenshot(&shot_key(office, &shot), &ShotNote::new(office, &shot), jpeg).await
        })
        .await
}

/// A person's screenshots of a day; the same whoever asks.
pub(super) fn shots_of_day(office: &Office, person: usize, events: &[Event]) -> Vec<Shot> {
    let day = events.first().map_or(0, |event| event.start_ms / 86_400_000);
    shots(events, Chance::of(&[office.seed, 50, person as u64, day.unsigned_abs()]))
}

pub(super) fn shot_key(office: &Office, shot: &Shot) -> String {
    format!("sim:{}:shot:{}:{}", office.seed, shot.account, shot.at_ms)
}

fn shots_of(office: &Office, person: usize, day: Date, past: &Past) -> Vec<Shot> {
    let mut shots = shots_of_day(office, person, &events(office, &office.people[person], day, &past.zone));
    shots.retain(|shot| shot.at_ms <= past.until.as_millisecond());
    shots
}

/// One person's day, one or more batches for each agent that saw something of it.
fn batches(office: &Office, person: usize, day: Date, past: &Past) -> Result<Vec<Batch>, SimError> {
    let mut events = events(office, &office.people[person], day, &past.zone);
    let until = past.until.as_millisecond();
    let whole = events.last().is_none_or(|last| last.end_ms() <= until);
    events.truncate(events.partition_point(|event| event.end_ms() <= until));
    // A day that is not over has a name of its own: what follows comes later, under other names.
    let name = if whole { format!("{day}:{person}") } else { format!("{day}:{person}:{until}") };
    let mut found = Vec::new();
    for (computer, events) in by_computer(office, events) {
        found.extend(pack(office, &format!("{name}:{computer}"), &events).map_err(SimError::Encode)?);
    }
    Ok(found)
}

/// Index of the computer and what its agent reports, in the order of the events.
fn by_computer(office: &Office, events: Vec<Event>) -> Vec<(usize, Vec<Event>)> {
    let mut found: Vec<(usize, Vec<Event>)> = Vec::new();
    for event in events {
        let computer = office.accounts[event.account].computer;
        match found.iter_mut().find(|(known, _)| *known == computer) {
            Some((_, events)) => events.push(event),
            None => found.push((computer, vec![event])),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::Past;
    use super::batches;
    use crate::kernel::Zone;
    use crate::sim::day::events;
    use crate::sim::office::Office;

    #[test]
    fn a_day_that_is_not_over_is_sent_up_to_now_under_another_name() {
        let office = Office::build(1, 60);
        let zone = Zone::parse("UTC").unwrap();
        let (first, last) = (date(2026, 11, 17), date(2026, 11, 18));
        let noon = zone.at(last.at(12, 0, 0, 0));
        let past = Past { first, last, until: noon, zone: zone.clone() };
        let count = |day| batches(&office, 0, day, &past).unwrap().iter().map(|batch| batch.events).sum::<usize>();
        assert_eq!(count(first), events(&office, &office.people[0], first, &zone).len());
        let all = events(&office, &office.people[0], last, &zone);
        let over = all.iter().filter(|event| event.end_ms() <= noon.as_millisecond()).count();
        assert!(0 < over && over < all.len());
        assert_eq!(count(last), over);
        let later = Past { until: noon + jiff::SignedDuration::from_secs(60), ..past.clone() };
        let key = |past: &Past| batches(&office, 0, last, past).unwrap()[0].key.clone();
        assert_ne!(key(&past), key(&later));
    }
}
