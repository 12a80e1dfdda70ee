//! Who is at a computer now.

use nazorat_wire::InputState;
use nazorat_wire::SessionAction;

use super::FRIDAY;
use super::Office;
use super::Said;
use super::at;
use super::day;
use crate::monitoring::Presence;

#[tokio::test]
async fn presence_follows_the_newest_events() {
    let office = Office::new().await;
    let desk = office.account("pc-1", "aziz").await;
    let aziz = office.employee("Karimov", Some(office.department)).await;
    office.link(desk, aziz).await;
    let now = async |minute: i64| {
        office.clock.set(at(FRIDAY, minute));
        let found = office.monitoring.presence_now(&office.hr(), office.organization).await.unwrap();
        found.0[0].presence
    };
    assert_eq!(now(530).await, Presence::NotSeen);
    let inputs = vec![(540, 600, InputState::Active)];
    office.say(desk, FRIDAY, Said { inputs, sessions: vec![(540, SessionAction::Login)], ..Said::default() });
    office.clock.set(at(FRIDAY, 601));
    office.roll_up().await;
    assert_eq!(now(602).await, Presence::AtComputer(at(FRIDAY, 540)));
    office.say(desk, FRIDAY, Said { inputs: vec![(600, 606, InputState::Active)], ..Said::default() });
    assert_eq!(now(607).await, Presence::AtComputer(at(FRIDAY, 540)), "also before the next roll-up");
    office.say(desk, FRIDAY, Said { inputs: vec![(606, 610, InputState::Idle)], ..Said::default() });
    assert_eq!(now(611).await, Presence::NoInput(at(FRIDAY, 606)));
    let sessions = vec![(611, SessionAction::Lock)];
    office.say(desk, FRIDAY, Said { inputs: vec![(611, 613, InputState::Idle)], sessions, ..Said::default() });
    assert_eq!(now(614).await, Presence::Locked(at(FRIDAY, 611)));
    office.roll_up().await;
    // The lock is older than the last minutes, and still holds.
    office.say(desk, FRIDAY, Said { inputs: vec![(613, 640, InputState::Idle)], ..Said::default() });
    office.roll_up().await;
    office.say(desk, FRIDAY, Said { inputs: vec![(640, 644, InputState::Idle)], ..Said::default() });
    assert_eq!(now(645).await, Presence::Locked(at(FRIDAY, 611)));
    assert_eq!(now(700).await, Presence::SeenToday(at(FRIDAY, 644)));
    let sessions = vec![(701, SessionAction::Unlock), (702, SessionAction::Logout)];
    office.say(desk, FRIDAY, Said { sessions, ..Said::default() });
    assert_eq!(now(703).await, Presence::SeenToday(at(FRIDAY, 702)));
}

#[tokio::test]
async fn the_overview_counts_people_by_quarters_and_departments() {
    let office = Office::new().await;
    let aziz = office.employee("Karimov", Some(office.department)).await;
    let desk = office.account("pc-1", "aziz").await;
    office.employee("Petrova", Some(office.department)).await;
    office.link(desk, aziz).await;
    office.say(desk, FRIDAY, Said { windows: vec![(540, 600, "excel"), (600, 612, "steam")], ..Said::default() });
    office.clock.set(at(FRIDAY, 613));
    office.roll_up().await;
    let overview = office.monitoring.overview(&office.hr(), office.organization).await.unwrap();
    assert_eq!(overview.span.from, at(FRIDAY, 0));
    let quarters: Vec<_> = overview.quarters.iter().map(|one| (one.useful, one.distracting)).collect();
    assert_eq!(quarters.len(), 96);
    assert_eq!(&quarters[35..42], [(0, 0), (1, 0), (1, 0), (1, 0), (1, 0), (0, 1), (0, 0)]);
    let department = &overview.departments[0];
    assert_eq!((department.people, department.in_use), (2, 1));
    assert_eq!(department.first_input, Some(at(FRIDAY, 540)));
    assert_eq!((department.hours[9], department.hours[10]), (0.5, 0.1));
    let own = office.monitoring.day(&office.hr(), office.organization, aziz, day(FRIDAY)).await.unwrap();
    assert_eq!(overview.totals, own.timeline.totals);
    assert_eq!(overview.totals, department.totals);
}
