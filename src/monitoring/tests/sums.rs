//! A day, a top list and a summary say the same, stored or not.

use super::FRIDAY;
use super::MINUTE;
use super::Office;
use super::at;
use super::day;
use super::laptop;
use super::morning;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::monitoring::Bucket;
use crate::monitoring::By;
use crate::monitoring::Category;
use crate::monitoring::MonitoringError;
use crate::monitoring::Rule;
use crate::monitoring::Subject;
use crate::monitoring::Target;
use crate::monitoring::Totals;
use crate::people::DepartmentInput;
use crate::people::LinkInput;
use crate::policy::collection::AppliesTo;

const THURSDAY: &str = "2026-11-19";

fn minutes(ms: i64) -> i64 {
    ms * 1_000 / MINUTE
}

/// The sums of a person's days, one by one.
async fn days(office: &Office, employee: EmployeeId) -> Totals {
    let mut sum = Totals::default();
    for one in [THURSDAY, FRIDAY] {
        let found = office.monitoring.day(&office.hr(), office.organization, employee, day(one)).await.unwrap();
        sum.add(&found.timeline.totals);
    }
    sum
}

/// Holds every way to ask for the same time against each other.
async fn check(office: &Office, employees: &[EmployeeId]) -> Totals {
    let (actor, organization, range) = (office.hr(), office.organization, (day(THURSDAY), day(FRIDAY)));
    let mut all = Totals::default();
    for employee in employees {
        let own = days(office, *employee).await;
        let subject = Subject::Employee(*employee);
        let top = office.monitoring.top(&actor, organization, (subject, By::Application), range).await.unwrap();
        assert_eq!(top.active_ms, own.active_ms());
        assert_eq!(top.rows.iter().map(|row| row.ms).sum::<i64>(), own.active_ms());
        let by = |index: usize| top.rows.iter().map(|row| row.by_category[index]).sum::<i64>();
        assert_eq!([by(0), by(1), by(2)], Category::ALL.map(|category| own.of(category)));
        let week = office.monitoring.week(&actor, organization, *employee, day(FRIDAY)).await.unwrap();
        let mut strip = Totals::default();
        week.days.iter().for_each(|day| strip.add(&day.totals));
        assert_eq!(strip, own);
        let halves = week.days.iter().flat_map(|day| &day.half_hours).map(Totals::active_ms).sum::<i64>();
        assert_eq!(halves, own.active_ms());
        all.add(&own);
    }
    let department =
        office.monitoring.department_summary(&actor, organization, office.department, range).await.unwrap();
    assert_eq!(department.totals, all);
    assert_eq!(department.people, employees.len());
    for bucket in [Bucket::Day, Bucket::Week, Bucket::Month] {
        let found = office.monitoring.organization_summary(&actor, organization, range, bucket).await.unwrap();
        assert_eq!(found.totals, all);
        let mut sum = Totals::default();
        found.buckets.iter().for_each(|bucket| sum.add(&bucket.totals));
        assert_eq!(sum, all);
        assert_eq!(found.departments.len(), 1);
        assert_eq!(found.departments[0].totals, all);
        assert_eq!(found.completeness.as_of, None);
        assert_eq!(found.completeness.incomplete, []);
    }
    all
}

#[tokio::test]
async fn numbers_are_the_same_everywhere_before_and_after_the_roll_up() {
    let office = Office::new().await;
    let (desk, second) = (office.account("pc-1", "aziz").await, office.account("laptop-1", "aziz").await);
    let other = office.account("pc-2", "olga").await;
    let (aziz, olga) = (
        office.employee("Karimov", Some(office.department)).await,
        office.employee("Petrova", Some(office.department)).await,
    );
    office.link(desk, aziz).await;
    office.link(second, aziz).await;
    office.link(other, olga).await;
    for one in [THURSDAY, FRIDAY] {
        office.say(desk, one, morning());
        office.say(other, one, morning());
    }
    office.say(second, FRIDAY, laptop());
    let before = check(&office, &[aziz, olga]).await;
    assert_eq!(office.roll_up().await, 6);
    let after = check(&office, &[aziz, olga]).await;
    assert_eq!(before, after);
    // The second computer was in use while the first one was, and time counts once.
    let alone = days(&office, olga).await;
    let both = days(&office, aziz).await;
    assert_eq!(minutes(alone.active_ms()), 2 * 150);
    assert_eq!(minutes(both.active_ms()), 2 * 150 + 10);
    assert_eq!(office.roll_up().await, 0, "nothing has changed");
}

#[tokio::test]
async fn a_corrected_link_corrects_the_past() {
    let office = Office::new().await;
    let (desk, second) = (office.account("pc-1", "aziz").await, office.account("laptop-1", "aziz").await);
    let aziz = office.employee("Karimov", Some(office.department)).await;
    office.link(desk, aziz).await;
    office.say(desk, FRIDAY, morning());
    office.say(second, FRIDAY, laptop());
    office.roll_up().await;
    let before = check(&office, &[aziz]).await;
    office.link(second, aziz).await;
    let after = check(&office, &[aziz]).await;
    assert_eq!(minutes(after.active_ms() - before.active_ms()), 10);
    assert_eq!(office.roll_up().await, 2, "the day is resolved anew with both computers");
    assert_eq!(check(&office, &[aziz]).await, after);
}

/// What each of some departments adds up to, in minutes.
async fn minutes_of_departments(office: &Office, departments: [DepartmentId; 2]) -> [i64; 2] {
    let (actor, range) = (office.hr(), (day(THURSDAY), day(FRIDAY)));
    let found =
        office.monitoring.organization_summary(&actor, office.organization, range, Bucket::Month).await.unwrap();
    let parts = found.departments.iter().map(|one| one.totals.active_ms()).sum::<i64>();
    assert_eq!(parts, found.totals.active_ms());
    let mut sums = [0; 2];
    for (sum, department) in sums.iter_mut().zip(departments) {
        let own = office.monitoring.department_summary(&actor, office.organization, department, range).await.unwrap();
        let part = found.departments.iter().find(|one| one.department == department).unwrap();
        assert_eq!(part.totals, own.totals, "a department says of itself what the organization says of it");
        *sum = minutes(own.totals.active_ms());
    }
    sums
}

#[tokio::test]
async fn an_account_that_changed_hands_counts_for_each_in_their_days() {
    let office = Office::new().await;
    let desk = office.account("pc-1", "front").await;
    let input = DepartmentInput { name: "Ombor".to_owned(), parent: None };
    let stock = office.people.create_department(&office.hr(), office.organization, input).await.unwrap().id;
    let aziz = office.employee("Karimov", Some(office.department)).await;
    let olga = office.employee("Petrova", Some(stock)).await;
    office.link_until(desk, aziz, Some(at(FRIDAY, 0))).await;
    let since_friday = office.link(desk, olga).await;
    office.say(desk, THURSDAY, morning());
    office.say(desk, FRIDAY, laptop());
    let both = [office.department, stock];
    let before = minutes_of_departments(&office, both).await;
    assert_eq!(before, [150, 50]);
    office.roll_up().await;
    assert_eq!(minutes_of_departments(&office, both).await, before);
    // It was still his: what is stored counts for him from now on, without being computed anew.
    let his = LinkInput { employee: aziz, from: Some(at(FRIDAY, 0)), to: None };
    office.people.change_link(&office.hr(), office.organization, since_friday, his).await.unwrap();
    assert_eq!(minutes_of_departments(&office, both).await, [200, 0]);
    assert_eq!(minutes(days(&office, aziz).await.active_ms()), 200);
    // And it was nobody's.
    office.people.delete_link(&office.hr(), office.organization, since_friday).await.unwrap();
    assert_eq!(minutes_of_departments(&office, both).await, [150, 0]);
    assert_eq!(office.roll_up().await, 0, "sums are of accounts, whosever they are");
}

#[tokio::test]
async fn late_events_of_a_sealed_month_are_in_the_sums() {
    let office = Office::new().await;
    let desk = office.account("pc-1", "aziz").await;
    let aziz = office.employee("Karimov", Some(office.department)).await;
    office.link(desk, aziz).await;
    office.say(desk, FRIDAY, morning());
    office.roll_up().await;
    let before = check(&office, &[aziz]).await;
    for file in office.hub.partitions(office.organization.get()) {
        office.hub.seal(file.partition).unwrap();
    }
    office.say(desk, THURSDAY, morning());
    let after = check(&office, &[aziz]).await;
    assert_eq!(after.active_ms(), 2 * before.active_ms());
    assert_eq!(office.roll_up().await, 1);
    assert_eq!(check(&office, &[aziz]).await, after);
}

#[tokio::test]
async fn late_events_are_in_the_sums_at_once() {
    let office = Office::new().await;
    let desk = office.account("pc-1", "aziz").await;
    let aziz = office.employee("Karimov", Some(office.department)).await;
    office.link(desk, aziz).await;
    office.say(desk, FRIDAY, morning());
    office.roll_up().await;
    let before = check(&office, &[aziz]).await;
    office.say(desk, THURSDAY, morning());
    let after = check(&office, &[aziz]).await;
    assert_eq!(after.active_ms(), 2 * before.active_ms());
    assert_eq!(office.roll_up().await, 1);
    assert_eq!(check(&office, &[aziz]).await, after);
}

#[tokio::test]
async fn a_changed_rule_rates_the_past_anew() {
    let office = Office::new().await;
    let desk = office.account("pc-1", "aziz").await;
    let aziz = office.employee("Karimov", Some(office.department)).await;
    office.link(desk, aziz).await;
    office.say(desk, FRIDAY, morning());
    office.roll_up().await;
    let before = check(&office, &[aziz]).await;
    assert_eq!(minutes(before.distracting_ms), 50);
    let rule = Rule { target: Target::Site("youtube.com".to_owned()), category: Category::Useful };
    office.monitoring.use_rules(office.organization, &[(AppliesTo::Organization, rule)]);
    let after = check(&office, &[aziz]).await;
    assert_eq!((after.distracting_ms, after.active_ms()), (0, before.active_ms()));
    assert_eq!(after.useful_ms, before.useful_ms + before.distracting_ms);
}

#[tokio::test]
async fn the_rules_nearest_to_a_person_rate_their_time_everywhere() {
    let office = Office::new().await;
    let (desk, other) = (office.account("pc-1", "aziz").await, office.account("pc-2", "olga").await);
    let (aziz, olga) = (
        office.employee("Karimov", Some(office.department)).await,
        office.employee("Petrova", Some(office.department)).await,
    );
    office.link(desk, aziz).await;
    office.link(other, olga).await;
    for one in [THURSDAY, FRIDAY] {
        office.say(desk, one, morning());
        office.say(other, one, morning());
    }
    office.roll_up().await;
    let before = check(&office, &[aziz, olga]).await;
    assert_eq!(minutes(before.distracting_ms), 4 * 50);
    let rule = |site: &str, category| Rule { target: Target::Site(site.to_owned()), category };
    let (organization, department) = (AppliesTo::Organization, AppliesTo::Department(office.department));
    office.monitoring.use_rules(
        office.organization,
        &[
            (organization, rule("youtube.com", Category::Useful)),
            (department, rule("youtube.com", Category::Neutral)),
            (AppliesTo::Employee(olga), rule("youtube.com", Category::Distracting)),
        ],
    );
    // The department says neutral, whatever the organization says; one of its people has a rule of her own.
    let after = check(&office, &[aziz, olga]).await;
    assert_eq!((minutes(after.distracting_ms), after.useful_ms), (2 * 50, before.useful_ms));
    assert_eq!(days(&office, aziz).await.distracting_ms, 0);
    assert_eq!(minutes(days(&office, olga).await.distracting_ms), 2 * 50);
    // The running day is kept rated, and is rated anew by the next roll-up.
    assert_eq!(office.roll_up().await, 2);
    let now = office.monitoring.overview(&office.hr(), office.organization).await.unwrap();
    assert_eq!(minutes(now.totals.distracting_ms), 50);
    let (actor, range) = (office.hr(), (day(THURSDAY), day(FRIDAY)));
    let everybody = (Subject::Organization, By::Site);
    let top = office.monitoring.top(&actor, office.organization, everybody, range).await.unwrap();
    let youtube = top.rows.iter().find(|row| row.name == "youtube.com").unwrap();
    assert_eq!(youtube.by_category.map(minutes), [0, 100, 100], "one name, rated by whose time it was");
    office.monitoring.use_rules(office.organization, &[]);
    assert_eq!(check(&office, &[aziz, olga]).await, before);
}

#[tokio::test]
async fn a_question_covers_a_year_at_most() {
    let office = Office::new().await;
    let ask = async |from: &str, to: &str| {
        let range = (day(from), day(to));
        let found =
            office.monitoring.organization_summary(&office.hr(), office.organization, range, Bucket::Month).await;
        found.map(|summary| summary.buckets.len())
    };
    assert_eq!(ask("2026-01-01", "2026-12-31").await.unwrap(), 12);
    assert!(matches!(ask("2026-11-20", "2026-11-19").await, Err(MonitoringError::EmptyRange)));
    assert!(matches!(ask("2025-11-20", "2026-11-21").await, Err(MonitoringError::LongRange { days: 367, .. })));
}
