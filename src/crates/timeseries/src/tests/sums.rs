//! Sums of day totals against adding them up one by one.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::AccountDays;
use crate::DayTotals;
use crate::GroupBy;
use crate::TotalRow;
use crate::TotalSum;
use crate::TotalsQuery;
use crate::tests::world::World;

/// Two days before the end of a month, so that the totals are in two files.
const DAY: i32 = 20_483;
const DAYS: i32 = 6;
const ACCOUNTS: i64 = 4;

/// A stored total: day, account, kind, name and how long.
type Total = (i32, i64, u8, &'static str, i64);

type Key = (Option<i32>, Option<i64>, Option<i64>, Option<i64>, u8, Option<String>);

fn total() -> impl Strategy<Value = Total> {
    let name = prop_oneof![Just("writer"), Just("chat"), Just("")];
    (DAY..DAY + DAYS, 1..=ACCOUNTS, 1u8..4, name, 0i64..5_000_000_000)
}

/// An account that changes hands on a day; one of nobody is left out.
fn days_of(account: i64, (changes, before, after): (i32, i64, i64)) -> impl Iterator<Item = AccountDays> {
    let days = move |from_day, to_day, owner| AccountDays { account, from_day, to_day, owner, class: owner % 2 };
    [days(0, changes, before), days(changes, i32::MAX, after)].into_iter().filter(|days| days.owner > 0)
}

fn every_grouping() -> [GroupBy; 32] {
    std::array::from_fn(|bits| GroupBy {
        day: bits & 1 > 0,
        account: bits & 2 > 0,
        owner: bits & 4 > 0,
        name: bits & 8 > 0,
        class: bits & 16 > 0,
    })
}

fn added_up(totals: &[Total], query: &TotalsQuery, group: GroupBy) -> BTreeMap<Key, i64> {
    let owner = |day, account| match &query.accounts {
        None => Some(0),
        Some(all) => {
            let own = all.iter().find(|one| one.account == account && one.from_day <= day && day < one.to_day);
            own.map(|own| own.owner)
        }
    };
    let mut sums = BTreeMap::new();
    for (day, account, kind, name, ms) in totals.iter().copied() {
        let is_wanted = query.from_day <= day && day < query.to_day;
        let is_of_kind = query.kinds.is_empty() || query.kinds.contains(&kind);
        let Some(owner) = owner(day, account).filter(|_| is_wanted && is_of_kind) else { continue };
        let key = (
            group.day.then_some(day),
            group.account.then_some(account),
            group.owner.then_some(owner),
            group.class.then_some(owner % 2),
            kind,
            group.name.then(|| name.to_owned()),
        );
        *sums.entry(key).or_default() += ms;
    }
    sums
}

fn store(world: &World, totals: &[Total]) {
    let rows = |wanted: i32| {
        let own = totals.iter().filter(move |total| total.0 == wanted);
        own.map(|&(_, account, kind, name, ms)| TotalRow { account, kind, name, ms, count: 1, first_us: 0, last_us: 0 })
    };
    let rows: Vec<Vec<_>> = (DAY..DAY + DAYS).map(|day| rows(day).collect()).collect();
    let days: Vec<_> = (DAY..).zip(&rows).map(|(day, rows)| DayTotals { day, accounts: None, rows }).collect();
    world.hub.replace_totals(1, &days).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn each_grouping_says_what_adding_up_one_by_one_says(
        totals in proptest::collection::vec(total(), 0..60),
        hands in proptest::collection::vec((DAY - 1..DAY + DAYS + 1, 0i64..4, 0i64..4), ACCOUNTS as usize),
        (from_day, to_day) in (DAY - 1..DAY + DAYS, DAY..DAY + DAYS + 1),
        kinds in prop_oneof![Just(vec![]), Just(vec![1]), Just(vec![1, 3])],
    ) {
        let world = World::new();
        store(&world, &totals);
        let of_some = (1..).zip(hands).flat_map(|(account, hands)| days_of(account, hands)).collect();
        for accounts in [None, Some(of_some)] {
            let query = TotalsQuery { organization: 1, from_day, to_day, accounts, kinds: kinds.clone() };
            let lists = world.hub.totals(&query, every_grouping()).unwrap();
            for (group, list) in every_grouping().into_iter().zip(lists) {
                let [alone] = world.hub.totals(&query, [group]).unwrap();
                prop_assert_eq!(&list, &alone);
                let rows = list.len();
                let key = |sum: TotalSum| ((sum.day, sum.account, sum.owner, sum.class, sum.kind, sum.name), sum.ms);
                let found: BTreeMap<Key, i64> = list.into_iter().map(key).collect();
                prop_assert_eq!(found.len(), rows, "each sum is there once");
                prop_assert_eq!(found, added_up(&totals, &query, group));
            }
        }
    }
}
