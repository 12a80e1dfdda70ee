use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::civil::date;
use nazorat_wire::InputState;
use nazorat_wire::SessionAction;

use super::Event;
use super::Fact;
use super::events;
use crate::kernel::Zone;
use crate::sim::calendar::Attendance;
use crate::sim::calendar::attendance;
use crate::sim::office::Desks;
use crate::sim::office::Office;
use crate::sim::office::Person;

/// Calls `look` with every person and day of ten weeks.
fn every_day(office: &Office, mut look: impl FnMut(&Person, Date, Vec<Event>)) {
    for person in &office.people {
        for day in date(2026, 9, 1).series(1.day()).take(70) {
            look(person, day, events(office, person, day, &Zone::default()));
        }
    }
}

fn accounts(office: &Office, person: &Person) -> impl Iterator<Item = usize> {
    office.accounts.iter().enumerate().filter(|(_, account)| account.employee == person.index).map(|(index, _)| index)
}

fn is_window(event: &Event) -> bool {
    matches!(event.fact, Fact::ActiveWindow { .. })
}

fn assert_apart(mut spans: Vec<(i64, i64)>, what: &str) {
    spans.sort_unstable();
    for pair in spans.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "{what} overlap: {pair:?}");
    }
}

#[test]
fn the_same_seed_person_and_day_give_the_same_events() {
    let (one, same, other) = (Office::build(4, 20), Office::build(4, 20), Office::build(5, 20));
    let day = date(2026, 11, 19);
    let of = |office: &Office| {
        office.people.iter().map(|person| events(office, person, day, &Zone::default())).collect::<Vec<_>>()
    };
    assert_eq!(of(&one), of(&same));
    assert_ne!(of(&one), of(&other));
    assert_eq!(of(&one)[3], events(&one, &one.people[3], day, &Zone::default()));
}

#[test]
fn windows_never_overlap_on_one_computer() {
    let office = Office::build(21, 60);
    let mut computers: BTreeMap<(usize, Date), Vec<(i64, i64)>> = BTreeMap::new();
    every_day(&office, |_, day, events| {
        for event in events.iter().filter(|event| is_window(event)) {
            let computer = office.accounts[event.account].computer;
            computers.entry((computer, day)).or_default().push((event.start_ms, event.end_ms()));
        }
    });
    for ((computer, day), spans) in computers {
        assert_apart(spans, &format!("windows of {} on {day}", office.computers[computer].uid));
    }
}

#[test]
fn there_are_no_events_on_days_of_absence_and_some_on_days_at_work() {
    let office = Office::build(21, 60);
    every_day(&office, |person, day, events| match attendance(&office, person, day) {
        Attendance::Away(_) => assert!(events.is_empty()),
        Attendance::At(_) if person.desks == Desks::None => assert!(events.is_empty()),
        // Who shares a computer may not need it on a short day.
        Attendance::At(_) if matches!(person.desks, Desks::Shared(..)) && events.is_empty() => {}
        Attendance::At(_) => {
            assert!(!events.is_empty(), "{} on {day}", person.employee.full_name());
            assert!(events.is_sorted_by_key(Event::end_ms));
            let own: Vec<usize> = accounts(&office, person).collect();
            assert!(events.iter().all(|event| own.contains(&event.account)));
        }
    });
}

#[test]
fn idle_and_active_cover_the_login_time_without_overlap() {
    let office = Office::build(22, 60);
    let (mut covered_days, mut days) = (0, 0);
    every_day(&office, |person, day, events| {
        for account in accounts(&office, person) {
            let of_account = || events.iter().filter(|event| event.account == account);
            let input: Vec<(i64, i64)> = of_account()
                .filter(|event| matches!(event.fact, Fact::InputActivity { .. }))
                .map(|event| (event.start_ms, event.end_ms()))
                .collect();
            let seen: i64 = input.iter().map(|(from, to)| to - from).sum();
            assert_apart(input, &format!("inputs of account {account} on {day}"));
            let mut logged_in = 0;
            for event in of_account() {
                let Fact::UserSession { action } = event.fact else { continue };
                logged_in += match action {
                    SessionAction::Login | SessionAction::Connect => -event.start_ms,
                    SessionAction::Logout | SessionAction::Disconnect => event.start_ms,
                    SessionAction::Lock | SessionAction::Unlock => 0,
                };
            }
            if logged_in != 0 {
                days += 1;
                covered_days += i64::from((logged_in - seen).abs() < 60_000);
            }
        }
    });
    // The rest are the days on which the agent was off for a while.
    assert!(covered_days * 100 / days >= 95 && covered_days < days, "{covered_days} of {days} days are covered");
}

#[test]
fn a_usual_day_has_four_to_nine_active_hours_and_some_hundred_windows() {
    let office = Office::build(23, 60);
    let (mut usual, mut all, mut windows, mut total) = (0, 0, 0, 0);
    every_day(&office, |person, day, events| {
        let weekday = !matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
        if !weekday || events.is_empty() || matches!(person.desks, Desks::Shared(..)) {
            return;
        }
        let active: i64 = events
            .iter()
            .filter(|event| event.fact == Fact::InputActivity { input: InputState::Active })
            .map(|event| event.duration_ms)
            .sum();
        all += 1;
        usual += usize::from((4 * 3_600_000..=9 * 3_600_000).contains(&active));
        windows += events.iter().filter(|event| is_window(event)).count();
        total += events.len();
    });
    assert!(usual * 100 / all >= 95, "{usual} of {all} days are usual");
    assert!((600..1500).contains(&(windows / all)), "{} windows a day", windows / all);
    assert!((1_000..2_500).contains(&(total / all)), "{} events a day", total / all);
}

#[test]
fn sites_are_visited_only_while_a_browser_is_in_front() {
    let office = Office::build(24, 25);
    every_day(&office, |_, _, events| {
        let windows: Vec<(i64, i64, &str)> = events
            .iter()
            .filter_map(|event| match &event.fact {
                Fact::ActiveWindow { app, .. } => Some((event.start_ms, event.end_ms(), *app)),
                _ => None,
            })
            .collect();
        for event in &events {
            if let Fact::VisitedSite { browser, url, .. } = &event.fact {
                assert!(url.starts_with("https://"));
                assert!(windows.contains(&(event.start_ms, event.end_ms(), *browser)), "{url} without a window");
            }
        }
    });
}
