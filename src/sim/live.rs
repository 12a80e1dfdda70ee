//! The present: each agent sends every 30 seconds what has ended since, as long as it takes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::TryStreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use jiff::civil::Date;
use tokio::time::MissedTickBehavior;

use crate::kernel::Clock;
use crate::kernel::Zone;
use crate::runtime::blocking;
use crate::sim::SimError;
use crate::sim::batch::ShotNote;
use crate::sim::batch::pack;
use crate::sim::chance::Chance;
use crate::sim::day::Event;
use crate::sim::day::events;
use crate::sim::follow::Followed;
use crate::sim::history::shot_key;
use crate::sim::history::shots_of_day;
use crate::sim::office::Office;
use crate::sim::screen::Shot;
use crate::sim::screen::draw;
use crate::sim::send::Sender;

const TICK: Duration = Duration::from_secs(1);
const SEND_EVERY_MS: i64 = 30_000;
const CONNECTIONS: usize = 4;

/// Simulated time: from a moment on `speed` times as fast as the clock, until it has caught up with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    pub(super) began: Timestamp,
    pub(super) from: Timestamp,
    pub(super) speed: u32,
}

impl Pace {
    pub(super) fn at(self, now: Timestamp) -> Timestamp {
        let passed = now.duration_since(self.began);
        let simulated = self.from.saturating_add(passed.saturating_mul(i32::try_from(self.speed).unwrap_or(i32::MAX)));
        simulated.unwrap_or(now).min(now)
    }
}

/// Where the time comes from.
#[derive(Debug, Clone)]
pub(super) struct Present {
    pub(super) clock: Clock,
    pub(super) pace: Pace,
    pub(super) zone: Zone,
    /// People whose screens are photographed.
    pub(super) watched: Vec<usize>,
}

/// Runs until it is dropped or the server refuses.
pub(super) async fn send(
    office: &Arc<Office>,
    (present, followed): (&Present, &Followed),
    sender: &Sender<'_>,
) -> Result<(), SimError> {
    let mut agents = Agents::new(office, present.pace.from);
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = present.pace.at(present.clock.now());
        let today = present.zone.day_of(now);
        if agents.day != Some(today) {
            let (staff, zone, watched) = (office.clone(), present.zone.clone(), present.watched.clone());
            let plan = blocking(move || Plan::of(&staff, today, &zone, &watched)).await;
            agents.take(office, today, plan);
        }
        let due = agents.due(now.as_millisecond());
        stream::iter(due.logs.into_iter().map(Ok))
            .try_for_each_concurrent(CONNECTIONS, async |report: Report| {
                let name = format!("live:{}:{}", report.computer, report.until_ms);
                let kept = followed.kept(office, report.events);
                for batch in pack(office, &name, &kept).map_err(SimError::Encode)? {
                    sender.logs(&batch).await?;
                }
                Ok(())
            })
            .await?;
        stream::iter(due.shots.into_iter().filter(|shot| followed.may_take(office, shot)))
            .map(|shot| {
                let office = office.clone();
                blocking(move || draw(&office, &shot).map(|jpeg| (shot, jpeg)))
            })
            .buffered(1)
            .map_err(SimError::Draw)
            .try_for_each(async |(shot, jpeg)| {
                sender.screenshot(&shot_key(office, &shot), &ShotNote::new(office, &shot), jpeg).await
            })
            .await?;
    }
}

/// What will happen on one day.
struct Plan {
    events: Vec<Event>,
    shots: Vec<Shot>,
}

impl Plan {
    fn of(office: &Office, day: Date, zone: &Zone, watched: &[usize]) -> Self {
        let mut plan = Self { events: Vec::new(), shots: Vec::new() };
        for person in &office.people {
            let events = events(office, person, day, zone);
            if watched.contains(&person.index) {
                plan.shots.extend(shots_of_day(office, person.index, &events));
            }
            plan.events.extend(events);
        }
        plan.events.sort_by_key(Event::end_ms);
        plan.shots.sort_by_key(|shot| shot.at_ms);
        plan
    }
}

/// Each agent's waiting events, in the order in which they end.
struct Agents {
    day: Option<Date>,
    since_ms: i64,
    agents: Vec<Agent>,
    shots: VecDeque<Shot>,
}

struct Agent {
    sends_at_ms: i64,
    waiting: VecDeque<Event>,
}

struct Report {
    computer: usize,
    until_ms: i64,
    events: Vec<Event>,
}

struct Due {
    logs: Vec<Report>,
    shots: Vec<Shot>,
}

impl Agents {
    /// Agents do not send in step: each has its own second of the half minute.
    fn new(office: &Office, since: Timestamp) -> Self {
        let since_ms = since.as_millisecond();
        let phase = |computer: usize| Chance::of(&[office.seed, 60, computer as u64]).between(0, SEND_EVERY_MS - 1);
        let agent = |computer| Agent { sends_at_ms: since_ms + phase(computer), waiting: VecDeque::new() };
        Self { day: None, since_ms, agents: (0..office.computers.len()).map(agent).collect(), shots: VecDeque::new() }
    }

    fn take(&mut self, office: &Office, day: Date, plan: Plan) {
        self.day = Some(day);
        for event in plan.events.into_iter().filter(|event| event.end_ms() > self.since_ms) {
            self.agents[office.accounts[event.account].computer].waiting.push_back(event);
        }
        self.shots.extend(plan.shots.into_iter().filter(|shot| shot.at_ms > self.since_ms));
    }

    fn due(&mut self, now_ms: i64) -> Due {
        let mut logs = Vec::new();
        for (computer, agent) in self.agents.iter_mut().enumerate().filter(|(_, agent)| agent.sends_at_ms <= now_ms) {
            agent.sends_at_ms += ((now_ms - agent.sends_at_ms) / SEND_EVERY_MS + 1) * SEND_EVERY_MS;
            let over = agent.waiting.iter().take_while(|event| event.end_ms() <= now_ms).count();
            if over > 0 {
                logs.push(Report { computer, until_ms: now_ms, events: agent.waiting.drain(..over).collect() });
            }
        }
        let over = self.shots.iter().take_while(|shot| shot.at_ms <= now_ms).count();
        Due { logs, shots: self.shots.drain(..over).collect() }
    }
}

/// Replaying begins before the first of them comes.
pub(super) fn dawn(day: Date, zone: &Zone) -> Timestamp {
    zone.at(day.at(5, 0, 0, 0))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::civil::date;

    use super::Agents;
    use super::Pace;
    use super::Plan;
    use super::SEND_EVERY_MS;
    use super::dawn;
    use crate::kernel::Zone;
    use crate::sim::office::Office;

    fn utc() -> Zone {
        Zone::parse("UTC").unwrap()
    }

    #[test]
    fn simulated_time_runs_faster_until_it_meets_the_clock() {
        let day = date(2026, 11, 18);
        let from = dawn(day, &utc());
        let began = from + SignedDuration::from_hours(2);
        let pace = Pace { began, from, speed: 60 };
        assert_eq!(pace.at(began), from);
        assert_eq!(pace.at(began + SignedDuration::from_secs(60)), from + SignedDuration::from_hours(1));
        let later = began + SignedDuration::from_hours(1);
        assert_eq!(pace.at(later), later);
    }

    #[test]
    fn agents_send_everything_of_a_day_once_in_order_and_twice_a_minute_at_most() {
        let office = Office::build(3, 30);
        let (day, zone) = (date(2026, 11, 18), utc());
        let from = dawn(day, &zone);
        let plan = Plan::of(&office, day, &zone, &[0, 1]);
        let (events, shots) = (plan.events.len(), plan.shots.len());
        assert!(events > 10_000 && shots > 10);
        let mut agents = Agents::new(&office, from);
        agents.take(&office, day, plan);
        let mut last = vec![0; office.computers.len()];
        let (mut sent, mut taken) = (0, 0);
        for second in 0..18 * 3600 {
            let now_ms = from.as_millisecond() + second * 1000;
            let due = agents.due(now_ms);
            taken += due.shots.len();
            for report in due.logs {
                assert!(now_ms - last[report.computer] > SEND_EVERY_MS - 1000);
                last[report.computer] = now_ms;
                assert!(
                    report
                        .events
                        .iter()
                        .all(|event| event.end_ms() <= now_ms && event.end_ms() > now_ms - SEND_EVERY_MS - 1000)
                );
                sent += report.events.len();
            }
        }
        assert_eq!((sent, taken), (events, shots));
    }
}
