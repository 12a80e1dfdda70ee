//! Day totals, what makes them stale, and the scan that they are computed from.

use std::fs;
use std::ops::ControlFlow;

use crate::AccountDays;
use crate::Dataset;
use crate::DayTotals;
use crate::Event;
use crate::GroupBy;
use crate::Hub;
use crate::PartitionId;
use crate::Scan;
use crate::TotalRow;
use crate::TotalsQuery;
use crate::tests::world::MINUTE;
use crate::tests::world::World;
use crate::tests::world::apply_windows;
use crate::tests::world::key;
use crate::tests::world::november;

const DAY: i32 = 20_000;

fn row(account: i64, name: &str, ms: i64) -> TotalRow<&str> {
    TotalRow { account, kind: 1, name, ms, count: 2, first_us: 10, last_us: 20 }
}

fn replace(hub: &Hub, day: i32, accounts: Option<&[i64]>, rows: &[TotalRow<&str>]) {
    hub.replace_totals(1, &[DayTotals { day, accounts, rows }]).unwrap();
}

fn query() -> TotalsQuery {
    TotalsQuery { organization: 1, from_day: DAY, to_day: DAY + 100, accounts: None, kinds: vec![] }
}

fn all() -> GroupBy {
    GroupBy::default()
}

type Sum = (Option<i32>, Option<i64>, Option<String>, i64);

fn sums(hub: &Hub, query: &TotalsQuery, group: GroupBy) -> Vec<Sum> {
    let [found] = hub.totals(query, [group]).unwrap();
    found.into_iter().map(|sum| (sum.day, sum.account, sum.name, sum.ms)).collect()
}

#[test]
fn totals_are_replaced_and_added_up() {
    let world = World::new();
    let hub = &world.hub;
    assert_eq!(sums(hub, &query(), all()), []);
    replace(hub, DAY, None, &[row(1, "writer", 5), row(2, "writer", 6), row(2, "chat", 1)]);
    replace(hub, DAY + 40, None, &[row(1, "writer", 100)]);
    replace(hub, DAY, Some(&[2]), &[row(2, "writer", 7)]);
    assert_eq!(sums(hub, &query(), all()), [(None, None, None, 112)]);
    let by_account = GroupBy { account: true, ..all() };
    assert_eq!(sums(hub, &query(), by_account), [(None, Some(1), None, 105), (None, Some(2), None, 7)]);
    let by_day = GroupBy { day: true, ..all() };
    assert_eq!(sums(hub, &query(), by_day), [(Some(DAY), None, None, 12), (Some(DAY + 40), None, None, 100)]);
    let days = |account, from_day, to_day| AccountDays { account, from_day, to_day, owner: 0, class: 0 };
    let some = TotalsQuery { accounts: Some(vec![days(1, DAY + 1, DAY + 50), days(2, 0, i32::MAX)]), ..query() };
    assert_eq!(sums(hub, &some, by_account), [(None, Some(1), None, 100), (None, Some(2), None, 7)]);
    assert_eq!(sums(hub, &TotalsQuery { accounts: Some(vec![]), ..query() }, all()), []);
    let (by_name, known) = (GroupBy { name: true, ..all() }, TotalsQuery { kinds: vec![1], ..query() });
    assert_eq!(sums(hub, &known, by_name), [(None, None, Some("writer".to_owned()), 112)]);
    assert_eq!(sums(hub, &TotalsQuery { kinds: vec![9], ..query() }, by_name), []);
    assert_eq!(sums(&world.restart().hub, &known, by_name), [(None, None, Some("writer".to_owned()), 112)]);
}

#[test]
fn what_was_written_makes_hours_stale_until_they_are_computed() {
    let world = World::new();
    assert!(world.hub.dirty(1).unwrap().hours.is_empty());
    world.windows("a", 1, november().start_us(), 90);
    let dirty = world.hub.dirty(1).unwrap();
    let hours: Vec<_> = dirty.hours.iter().map(|hour| (hour.account, hour.hour_us - november().start_us())).collect();
    assert_eq!(hours, [(1, 0), (1, 60 * MINUTE)]);
    // Written while the totals are being computed: stays stale.
    world.windows("b", 1, november().start_us(), 1);
    world.hub.computed(&dirty).unwrap();
    assert_eq!(world.hub.dirty(1).unwrap().hours.len(), 1);
    let world = world.restart();
    let dirty = world.hub.dirty(1).unwrap();
    assert_eq!(dirty.hours.len(), 1, "only what is behind the stored mark");
    world.hub.computed(&dirty).unwrap();
    let world = world.restart();
    assert!(world.hub.dirty(1).unwrap().hours.is_empty());
    assert!(world.hub.checkpoint().is_complete());
    world.hub.seal(PartitionId { key: key(), generation: 1 }).unwrap();
    assert!(world.restart().hub.dirty(1).unwrap().hours.is_empty());
}

#[test]
fn after_a_crash_everything_behind_the_mark_is_stale() {
    let world = World::new();
    world.windows("a", 1, november().start_us(), 10);
    let dirty = world.hub.dirty(1).unwrap();
    world.hub.computed(&dirty).unwrap();
    world.windows("b", 2, november().start_us(), 10);
    let world = world.crash(|_| {});
    let accounts: Vec<_> = world.hub.dirty(1).unwrap().hours.iter().map(|hour| hour.account).collect();
    assert_eq!(accounts, [2]);
}

#[test]
fn damaged_totals_are_set_aside_and_everything_is_stale() {
    let world = World::new();
    world.windows("a", 1, november().start_us(), 10);
    let day = (november().start_us() / 86_400_000_000) as i32;
    replace(&world.hub, day, None, &[row(1, "writer", 5)]);
    let dirty = world.hub.dirty(1).unwrap();
    world.hub.computed(&dirty).unwrap();
    let world = world.restart();
    let world = world.crash(|events| {
        fs::write(events.join("1/day_totals/2026-11.duckdb"), "not a database, and long enough").unwrap()
    });
    assert_eq!(world.hub.dirty(1).unwrap().hours.len(), 1);
    replace(&world.hub, day, None, &[row(1, "writer", 6)]);
    let one_day = TotalsQuery { from_day: day, to_day: day + 1, ..query() };
    assert_eq!(sums(&world.hub, &one_day, all()), [(None, None, None, 6)]);
}

#[test]
fn a_scan_gives_accounts_one_after_another_in_order_of_time() {
    let world = World::new();
    for (n, account) in [3, 1, 2].into_iter().enumerate() {
        apply_windows(&world.hub, &format!("late {n}"), account, november().next().start_us(), 40);
        world.windows(&format!("early {n}"), account, november().start_us(), 40);
    }
    let sessions = crate::Batches {
        rows: crate::Rows::UserSessions(vec![crate::Row {
            ts_us: november().start_us(),
            account: 2,
            batch: 0,
            idx: 0,
            event: crate::UserSession { action: 1 },
        }]),
        ledger: vec![crate::tests::world::ledger("s")],
        accounts: vec![],
    };
    world.hub.apply(&crate::PartitionKey { dataset: Dataset::UserSessions, ..key() }, &sessions).unwrap();
    let scan = |accounts| Scan {
        organization: 1,
        datasets: vec![Dataset::UserSessions, Dataset::ActiveWindows],
        from_us: november().start_us(),
        to_us: november().next().start_us() + 10 * MINUTE,
        accounts,
    };
    let mut rows = Vec::new();
    let problems = world.hub.scan(&scan(None), &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    });
    assert_eq!(problems.unwrap(), []);
    assert_eq!(rows.len(), 151);
    assert!(rows.windows(2).all(|pair| (pair[0].account, pair[0].ts_us) <= (pair[1].account, pair[1].ts_us)));
    assert!(matches!(rows[50].event, Event::UserSession(_)), "the first dataset comes first");
    let mut one = 0;
    world
        .hub
        .scan(&scan(Some(vec![2, 77])), &mut |_| {
            one += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(one, 51);
    assert_eq!(world.hub.accounts(&scan(None)).unwrap().into_iter().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_forgotten_organization_leaves_no_file_and_no_memory() {
    let world = World::new();
    world.windows("a", 1, november().start_us(), 10);
    world.windows("b", 1, november().end_us(), 10);
    world.hub.seal(world.hub.partitions(1)[0].partition).unwrap();
    replace(&world.hub, DAY, None, &[row(1, "writer", 5)]);
    assert_eq!(sums(&world.hub, &query(), all()).len(), 1);
    for _ in 0..2 {
        world.hub.forget(1).unwrap();
        assert!(!world.file("").exists() && world.hub.partitions(1).is_empty());
        assert_eq!(world.hub.dirty(1).unwrap().hours, []);
    }
    assert_eq!((world.count().rows, world.hub.organizations().len()), (0, 0));
    // The name of a batch is free again, and so is the folder.
    assert_eq!(world.windows("a", 1, november().start_us(), 3).rows, 3);
    assert_eq!(world.restart().count().rows, 3);
}
