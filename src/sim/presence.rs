//! How one person spends a day at each account: at work, without input, locked, away. Milliseconds after local midnight.

use jiff::civil::Date;

use crate::sim::calendar::Shift;
use crate::sim::calendar::day_number;
use crate::sim::chance::Chance;
use crate::sim::office::Desks;
use crate::sim::office::Office;
use crate::sim::office::Person;
use crate::sim::office::SHARERS;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// From login to logout at one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Presence {
    pub(super) account: usize,
    /// Without a gap and without overlap, in order of time.
    pub(super) stretches: Vec<Stretch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Active,
    Idle,
    Locked,
    /// Another account of the same person is in front.
    Disconnected,
}

pub(super) fn presences(office: &Office, person: &Person, shift: Shift, day: Date) -> Vec<Presence> {
    let mut chance = Chance::of(&[office.seed, 20, person.index as u64, day_number(day).unsigned_abs()]);
    let (comes, leaves) = (shift.comes * 1000, shift.leaves * 1000);
    let login = comes + chance.between(90_000, 9 * MINUTE);
    let lunch = lunch(person, (login, leaves), &mut chance);
    match person.desks {
        Desks::None => Vec::new(),
        Desks::Shared(account, turn) => turns(account, turn, (login, leaves), lunch, &mut chance),
        Desks::One(account) => {
            let appointments = appointments(person, (login, leaves), lunch, &mut chance);
            vec![desk(account, (login, leaves), &appointments, &mut chance)]
        }
        Desks::Two(account, laptop) => with_laptop((account, laptop), person, (login, leaves), lunch, &mut chance),
        Desks::TwoAccounts(account, second) => {
            with_second_account((account, second), person, (login, leaves), lunch, &mut chance)
        }
    }
}

fn lunch(person: &Person, (login, leaves): (i64, i64), chance: &mut Chance) -> Option<Stretch> {
    let from = chance.around(person.lunch * 1000, 20 * MINUTE);
    let to = from + chance.between(34 * MINUTE, 64 * MINUTE);
    let state = if chance.happens(850) { State::Locked } else { State::Idle };
    (from > login + HOUR && to < leaves - HOUR).then_some(Stretch { from, to, state })
}

/// Lunch and meetings, in order of time.
fn appointments(
    person: &Person,
    (login, leaves): (i64, i64),
    lunch: Option<Stretch>,
    chance: &mut Chance,
) -> Vec<Stretch> {
    let halves = match lunch {
        Some(lunch) => vec![(login, lunch.from), (lunch.to, leaves)],
        None => vec![(login, leaves)],
    };
    let mut found = Vec::new();
    for (from, to) in halves {
        let lasts = chance.between(22, 75) * MINUTE;
        let (first, last) = (from + 35 * MINUTE, to - lasts - 25 * MINUTE);
        if chance.happens(person.job.meetings) && first < last {
            let from = chance.between(first / (5 * MINUTE), last / (5 * MINUTE)) * 5 * MINUTE
                + chance.between(-90_000, 90_000);
            let state = if chance.happens(550) { State::Idle } else { State::Locked };
            found.push(Stretch { from, to: from + lasts, state });
        }
    }
    found.extend(lunch);
    found.sort_by_key(|stretch| stretch.from);
    found
}

/// A day at one desk: work between the appointments, with the pauses that people make.
fn desk(account: usize, (login, leaves): (i64, i64), appointments: &[Stretch], chance: &mut Chance) -> Presence {
    let mut stretches = Vec::with_capacity(40);
    let mut at = login;
    for appointment in appointments {
        work(&mut stretches, (at, appointment.from), chance);
        stretches.push(*appointment);
        at = appointment.to;
    }
    work(&mut stretches, (at, leaves), chance);
    if chance.happens(120) && leaves < 19 * HOUR {
        // Locked instead of switched off: the power plan does it in the evening.
        let to = 19 * HOUR + chance.between(0, 90) * MINUTE;
        stretches.push(Stretch { from: leaves, to, state: State::Locked });
    }
    Presence { account, stretches }
}

fn work(stretches: &mut Vec<Stretch>, (from, to): (i64, i64), chance: &mut Chance) {
    let mut at = from;
    while at < to {
        let end = (at + chance.around(32 * MINUTE, 28 * MINUTE)).min(to);
        stretches.push(Stretch { from: at, to: end, state: State::Active });
        at = end;
        if at == to {
            break;
        }
        let (state, lasts) = match chance.below(10) {
            0..5 => (State::Idle, chance.between(180_000, 7 * MINUTE)),
            5..7 => (State::Idle, chance.between(7 * MINUTE, 15 * MINUTE)),
            _ => (State::Locked, chance.between(4 * MINUTE, 14 * MINUTE)),
        };
        let end = (at + lasts).min(to);
        stretches.push(Stretch { from: at, to: end, state });
        at = end;
    }
}

/// The laptop comes along to meetings; on one day of seven it is the only computer.
fn with_laptop(
    (account, laptop): (usize, usize),
    person: &Person,
    day: (i64, i64),
    lunch: Option<Stretch>,
    chance: &mut Chance,
) -> Vec<Presence> {
    let appointments = appointments(person, day, lunch, chance);
    if chance.happens(140) {
        return vec![desk(laptop, day, &appointments, chance)];
    }
    let mut found = vec![desk(account, day, &appointments, chance)];
    for meeting in appointments.iter().filter(|&&appointment| Some(appointment) != lunch) {
        if chance.happens(800) {
            let (from, to) =
                (meeting.from + chance.between(30_000, 150_000), meeting.to - chance.between(30_000, 150_000));
            let mut stretches = Vec::new();
            work(&mut stretches, (from, to), chance);
            found.push(Presence { account: laptop, stretches });
        }
    }
    found
}

/// The everyday account gives way to the administrator's a few times a day.
fn with_second_account(
    (account, second): (usize, usize),
    person: &Person,
    day: (i64, i64),
    lunch: Option<Stretch>,
    chance: &mut Chance,
) -> Vec<Presence> {
    let mut appointments = appointments(person, day, lunch, chance);
    let mut found = Vec::new();
    for _ in 0..chance.between(2, 4) {
        let lasts = chance.between(8, 35) * MINUTE;
        let from = chance.between(day.0 + 10 * MINUTE, (day.1 - lasts - 10 * MINUTE).max(day.0 + 10 * MINUTE));
        let to = from + lasts;
        if to >= day.1 || appointments.iter().any(|taken| from < taken.to + MINUTE && taken.from < to + MINUTE) {
            continue;
        }
        appointments.push(Stretch { from, to, state: State::Disconnected });
        let mut stretches = Vec::new();
        work(&mut stretches, (from + 2_000, to - 2_000), chance);
        found.push(Presence { account: second, stretches });
    }
    appointments.sort_by_key(|stretch| stretch.from);
    found.insert(0, desk(account, day, &appointments, chance));
    found
}

/// Sharers of a computer have a quarter of every hour each, and rarely need all of it.
fn turns(
    account: usize,
    turn: usize,
    (login, leaves): (i64, i64),
    lunch: Option<Stretch>,
    chance: &mut Chance,
) -> Vec<Presence> {
    let quarter = HOUR / i64::try_from(SHARERS).unwrap_or(4);
    let mut found = Vec::new();
    for hour in login / HOUR..=leaves / HOUR {
        let place = (i64::try_from(turn).unwrap_or(0) + hour).rem_euclid(i64::try_from(SHARERS).unwrap_or(4));
        let from = hour * HOUR + place * quarter + chance.between(20_000, 3 * MINUTE);
        let to = from + chance.between(4 * MINUTE, quarter - 4 * MINUTE);
        let at_lunch = lunch.is_some_and(|lunch| from < lunch.to && lunch.from < to);
        if from < login || to > leaves || at_lunch || !chance.happens(720) {
            continue;
        }
        let mut stretches = Vec::new();
        work(&mut stretches, (from, to), chance);
        found.push(Presence { account, stretches });
    }
    found
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::presences;
    use crate::sim::calendar::Attendance;
    use crate::sim::calendar::attendance;
    use crate::sim::office::Office;

    #[test]
    fn stretches_follow_each_other_without_gap_or_overlap() {
        let office = Office::build(11, 60);
        for person in &office.people {
            for day in date(2026, 9, 1).series(1.day()).take(60) {
                let Attendance::At(shift) = attendance(&office, person, day) else { continue };
                for presence in presences(&office, person, shift, day) {
                    assert!(!presence.stretches.is_empty());
                    assert!(presence.stretches.iter().all(|stretch| stretch.from < stretch.to), "{presence:?}");
                    assert!(presence.stretches.windows(2).all(|pair| pair[0].to == pair[1].from), "{presence:?}");
                }
            }
        }
    }
}
